"""A mistake: what to change in a recipe so that it fails as readers' own programs do."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from llmdocs import local_files, recipes
from llmdocs.errors import RecipeError, did_you_mean

FOLDER = "mistakes"


@dataclass(frozen=True)
class Mistake:
    """One TOML file of `snippets/<recipe>/mistakes/`, named `recipe/name`.

    `finding` is the code of what the doctor finds. `variables` are set, or taken out where they
    are empty. `config` is a TOML file that the program reads too. `operation` is what fails.
    `fault` is one of the mock's; `container` says that the program runs in a container,
    `unresolved` that the host is unknown, `refused` that nothing listens there. `elsewhere` says
    that what mends it is in none of the settings.
    """

    name: str
    finding: str
    variables: Mapping[str, str] = field(default_factory=dict)
    config: str | None = None
    operation: Literal["completion", "embedding"] = "completion"
    fault: str | None = None
    container: bool = False
    unresolved: bool = False
    refused: bool = False
    elsewhere: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def recipe(self) -> str:
        return self.name.partition("/")[0]

    def changed(self, recipe: Mapping[str, str]) -> dict[str, str]:
        """The recipe's variables with the mistake made."""
        return {name: value for name, value in {**recipe, **self.variables}.items() if value}

    def difference(self, recipe: Mapping[str, str]) -> Iterator[str]:
        """The lines that change, as a diff: `-` before those of the recipe, `+` before others."""
        for name, value in self.variables.items():
            if name in recipe:
                yield f"-{name}={recipe[name]}"
            if value:
                yield f"+{name}={value}"


def names(snippets: Path | None = None) -> list[str]:
    """Every mistake, as `recipe/name`, sorted."""
    files = (snippets or recipes.folder()).glob(f"*/{FOLDER}/*.toml")
    return sorted(f"{path.parent.parent.name}/{path.stem}" for path in files)


def file_of(name: str, ending: str, snippets: Path | None = None) -> Path:
    """A mistake's own file (`toml`), or one of what it leads to (`error.txt`, `doctor.txt`)."""
    recipe, _, stem = name.partition("/")
    return (snippets or recipes.folder()) / recipe / FOLDER / f"{stem}.{ending}"


def text(name: str, ending: str, snippets: Path | None = None) -> str:
    """What one of a mistake's files holds. Raises `RecipeError` if it is none of `snippets`."""
    folder = snippets or recipes.folder()
    path = file_of(name, ending, folder)
    try:
        return local_files.read_text(folder, path.relative_to(folder).as_posix())
    except local_files.FileRefused as error:
        raise RecipeError(f"{path}: {error}") from None


def read(name: str, snippets: Path | None = None) -> Mistake:
    """A mistake by its name. Raises `RecipeError`."""
    path = file_of(name, "toml", snippets)
    try:
        document: dict[str, Any] = tomllib.loads(text(name, "toml", snippets))
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{path}: this file is not TOML: {error}.") from None
    known = {item.name for item in fields(Mistake)} - {"name"}
    for key in document:
        if key not in known:
            raise RecipeError(f"{path}: {key!r} is no key of a mistake.{did_you_mean(key, known)}")
    if "finding" not in document:
        raise RecipeError(f"{path}: the key finding is missing: the code of what the doctor says.")
    return Mistake(name=name, **document)
