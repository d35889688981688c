"""A recipe: the variables that a reader pastes, one `NAME=value` a line of `recipe.env`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from llmdocs import local_files
from llmdocs.catalogue.providers import CATALOGUE, PAGE_EXTRAS, Provider, by_model
from llmdocs.errors import RecipeError
from llmdocs.suggestions import did_you_mean

FILE_NAME = "recipe.env"
# Bare values alone: a shell, an env file and Docker read them alike.
LINE = re.compile(r"(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>[A-Za-z0-9_./:@%+,=-]+)")


def folder() -> Path:
    """Where the snippets are: beside the package in a wheel, at the top of a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "snippets"
    return installed if installed.is_dir() else package.parents[1] / "snippets"


def names(snippets: Path | None = None) -> list[str]:
    """Every recipe, sorted: one for each provider, and one for each other page that has its own."""
    return sorted(path.parent.name for path in (snippets or folder()).glob(f"*/{FILE_NAME}"))


def providers(snippets: Path | None = None) -> list[str]:
    """The catalogue's providers that have a recipe, in the catalogue's order."""
    known = names(snippets)
    return [name for name in CATALOGUE if name in known]


def read(name: str, snippets: Path | None = None) -> dict[str, str]:
    """A recipe's variables in the order they are printed. Raises `RecipeError`."""
    snippets = snippets or folder()
    path = snippets / str(name) / FILE_NAME
    try:
        text = local_files.read_text(snippets, f"{name}/{FILE_NAME}")
    except local_files.FileRefused as error:
        known = names(snippets)
        if name in known:
            raise RecipeError(f"{path}: {error}") from None
        raise RecipeError(
            f"There is no recipe {name!r}.{did_you_mean(str(name), known)} "
            f"The recipes are: {', '.join(known)}."
        ) from None
    variables: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        match = LINE.fullmatch(line)
        place = f"{path}:{number}"
        if not match:
            raise RecipeError(
                f"{place}: {line!r} is not NAME=value with a plain value: without quotes, white "
                "space or characters that a shell expands."
            )
        if match["name"] in variables:
            raise RecipeError(f"{place}: {match['name']} is set twice.")
        variables[match["name"]] = match["value"]
    return variables


def check(name: str, snippets: Path | None = None) -> None:
    """Raise `RecipeError` unless a recipe holds what its provider needs, and its extras, exactly.

    Running it cannot tell: litellm fills in some of what is missing.
    """
    path = (snippets or folder()) / name / FILE_NAME
    for line, message in problems(name, snippets):
        raise RecipeError(f"{path}:{line}: {message}")


def problems(name: str, snippets: Path | None = None) -> Iterator[tuple[int, str]]:
    """What a recipe lacks or has too much: its line, and a message. Raises `RecipeError`."""
    # Imported here: the settings take longer than all that reading a recipe needs.
    from llmdocs.settings.sources import PREFIX
    from llmdocs.settings.variables import VARIABLES

    variables = read(name, snippets)
    provider = provider_named_in(variables)
    if provider is None:
        yield _unknown_model(variables)
        return
    extras = provider.extras if name == provider.name else PAGE_EXTRAS.get(name, ())
    expected = (*provider.needs, *extras)
    for number, variable in enumerate(variables, start=1):
        if variable.startswith(PREFIX) and variable not in VARIABLES:
            yield number, f"{variable} is not a setting.{did_you_mean(variable, VARIABLES)}"
        elif variable not in expected:
            yield (
                number,
                f"{variable} is neither a variable that {provider.title} needs nor an extra in "
                f"providers.toml.{did_you_mean(variable, expected)}",
            )
    for variable in expected:
        if variable not in variables:
            yield 1, f"{variable} is missing; providers.toml lists it for this recipe."


def _unknown_model(variables: dict[str, str]) -> tuple[int, str]:
    if "LLM_MODEL" not in variables:
        return 1, "LLM_MODEL is missing; it selects the provider of the recipe."
    prefix = variables["LLM_MODEL"].partition("/")[0]
    known = [prefix for provider in CATALOGUE.values() for prefix in provider.prefixes]
    return (
        list(variables).index("LLM_MODEL") + 1,
        f"LLM_MODEL begins with {prefix!r}, which is not a prefix in "
        f"providers.toml.{did_you_mean(prefix, known)}",
    )


def provider_named_in(variables: dict[str, str]) -> Provider | None:
    """The catalogue's provider of the model that a recipe names."""
    return by_model(variables.get("LLM_MODEL", ""))


def mock_variables(name: str, url: str) -> dict[str, str]:
    """The recipe of a provider, with a base URL that reaches its mock under `url`."""
    variables = read(name)
    provider = CATALOGUE[name]
    address = variables.get("LLM_BASE_URL") or provider.base_url or ""
    path = address.partition("://")[2].partition("/")[2]
    return {**variables, "LLM_BASE_URL": f"{url}/{name}/{path}".rstrip("/")}
