"""A mistake: what to change in a recipe so that it fails as readers' own programs do.

What is a mistake with every provider of a dialect is written once, in `snippets/<dialect>/`, and
captured for each provider whose guide explains it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, fields, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import ConfigDict, ValidationError
from pydantic.dataclasses import dataclass

from llmdocs import local_files, recipes
from llmdocs.catalogue.providers import CATALOGUE, Provider
from llmdocs.errors import RecipeError
from llmdocs.suggestions import did_you_mean

FOLDER = "mistakes"
PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, config=ConfigDict(strict=True))
class Mistake:
    """One TOML file of `snippets/<recipe>/mistakes/`, named `recipe/name`, or of its dialect's.

    `finding` is the code of what the doctor finds. `variables` are set, or taken out where they
    are empty. `config` is a TOML file that the program reads too. `operation` is what fails.
    `emptied` are set to nothing. `fault` is one of the mock's, and `answer` what a provider refuses
    with in its own form: a `status`, a `message` and a `code`. `container` says that the program
    runs in a container, `unresolved` that the host is unknown, `refused` that nothing listens
    there. `elsewhere` says that what fixes it is in none of the settings.

    A dialect's has the name of its finding, and is one for those of its providers whose guides
    explain that, and that need the variable `needs`, if it says one. It may hold `{origin}`, of
    the provider's address, `{own_key}`, its own variable for the key, and `{NAME}`, a value of its
    recipe.
    """

    name: str
    finding: str
    variables: Mapping[str, str] = field(default_factory=dict)
    config: str | None = None
    operation: Literal["completion", "embedding"] = "completion"
    emptied: Sequence[str] = ()
    fault: str | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)
    container: bool = False
    unresolved: bool = False
    refused: bool = False
    elsewhere: bool = False
    needs: str | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def recipe(self) -> str:
        return self.name.partition("/")[0]

    def changed(self, recipe: Mapping[str, str]) -> dict[str, str]:
        """The recipe's variables with the mistake made."""
        changed = {name: value for name, value in {**recipe, **self.variables}.items() if value}
        return changed | dict.fromkeys(self.emptied, "")

    def wrong(self) -> Iterator[str]:
        """The lines of an env file that are wrong."""
        yield from (f"{name}={value}" for name, value in self.variables.items() if value)
        yield from (f"{name}=" for name in self.emptied)

    def right(self, recipe: Mapping[str, str]) -> Iterator[str]:
        """The lines of the recipe that stand in the place of wrong ones, or are missing."""
        changed = (*self.variables, *self.emptied)
        yield from (f"{name}={recipe[name]}" for name in changed if name in recipe)


def names(snippets: Path | None = None) -> list[str]:
    """Every mistake, as `recipe/name`, sorted: of providers' own, and those of their dialects."""
    folder = snippets or recipes.folder()
    known = recipes.names(folder)
    own = [name for name in _files(folder) if name.partition("/")[0] in known]
    return sorted({*own, *_of_dialects(folder)})


def is_known(name: str, snippets: Path) -> bool:
    """Whether `recipe/name` is a mistake of these snippets, without listing the others."""
    recipe, _, code = name.partition("/")
    path = file_of(name, "toml", snippets)
    if not path.is_file() or not (snippets / recipe / recipes.FILE_NAME).is_file():
        return False
    return path.parents[1].name == recipe or _takes(CATALOGUE[recipe], code, snippets)


def shared(snippets: Path | None = None) -> list[str]:
    """The mistakes that are in no recipe's folder, as `dialect/name`, sorted."""
    folder = snippets or recipes.folder()
    known = recipes.names(folder)
    return sorted(name for name in _files(folder) if name.partition("/")[0] not in known)


def _files(folder: Path) -> list[str]:
    files = folder.glob(f"*/{FOLDER}/*.toml")
    return [f"{path.parent.parent.name}/{path.stem}" for path in files]


def _of_dialects(folder: Path) -> Iterator[str]:
    providers = [CATALOGUE[name] for name in recipes.providers(folder)]
    for name in shared(folder):
        dialect, _, code = name.partition("/")
        for provider in providers:
            if provider.dialect == dialect and _takes(provider, code, folder):
                yield f"{provider.name}/{code}"


def _takes(provider: Provider, code: str, folder: Path) -> bool:
    """Whether a mistake of its dialect's is one for a provider."""
    return code in provider.explains and _needed(f"{provider.dialect}/{code}", folder) in (
        None,
        *provider.needs,
    )


def _needed(name: str, folder: Path) -> str | None:
    try:
        return read(name, folder).needs
    except RecipeError:
        # Told where the mistake is read: all that is done here is to list names.
        return None


def file_of(name: str, ending: str, snippets: Path | None = None) -> Path:
    """The file that says what a mistake is (`toml`), or one of what it leads to (`error.txt`, …).

    What it is, its dialect says where its provider has no file of that name.
    """
    folder = snippets or recipes.folder()
    recipe, _, stem = name.partition("/")
    own = folder / recipe / FOLDER / f"{stem}.{ending}"
    if ending == "toml" and not own.is_file() and recipe in CATALOGUE:
        theirs = folder / CATALOGUE[recipe].dialect / FOLDER / own.name
        return theirs if theirs.is_file() else own
    return own


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
            raise RecipeError(
                f"{path}: {key!r} is not a key of a mistake.{did_you_mean(key, known)}"
            )
    if "finding" not in document:
        raise RecipeError(f"{path}: the key finding is missing: the code of the doctor's finding.")
    try:
        mistake = Mistake(name=name, **document)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        key = ".".join(map(str, problem["loc"]))
        raise RecipeError(f"{path}: {key} is {problem['input']!r}: {problem['msg']}.") from None
    recipe = mistake.recipe
    return mistake if path.is_relative_to(path.parents[2] / recipe) else _filled(mistake, path)


def _filled(mistake: Mistake, path: Path) -> Mistake:
    """A dialect's mistake, with what it takes from the provider and its recipe."""
    provider, recipe = CATALOGUE[mistake.recipe], recipes.read(mistake.recipe, path.parents[2])
    address = urlsplit(recipe.get("LLM_BASE_URL") or provider.base_url or "")
    known = {
        **recipe,
        "origin": f"{address.scheme}://{address.netloc}",
        "own_key": provider.key[0],
    }

    def fill(text: str) -> str:
        return PLACEHOLDER.sub(lambda match: value(match[1]), text)

    def value(name: str) -> str:
        if name in known:
            return known[name]
        raise RecipeError(
            f"{path}: {mistake.name} has nothing to put in place of {{{name}}}."
            f"{did_you_mean(name, known)}"
        )

    variables = {fill(name): fill(text) for name, text in mistake.variables.items()}
    return replace(mistake, variables=variables)
