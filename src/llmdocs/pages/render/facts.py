"""Facts by name: `{{ LLM_NUM_RETRIES.default }}` in a page is what the code says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from llmdocs import recipes, retries
from llmdocs.catalogue import upstream
from llmdocs.catalogue.providers import Provider
from llmdocs.errors import RecipeError
from llmdocs.pages.page import Page
from llmdocs.pages.strings import Strings
from llmdocs.recipes.forms import in_container
from llmdocs.settings.settings import Settings
from llmdocs.settings.variables import VARIABLES, Variable

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Context:
    """What a page is expanded with: itself, where the site's files are, and its addresses."""

    page: Page
    docs: Path
    snippets: Path
    repository: str

    @property
    def strings(self) -> Strings:
        return Strings(self.docs, self.page.language)


Facts = dict[str, Callable[[], str]]


def facts(context: Context) -> Facts:
    """Every fact that a page may name, each computed when it is used.

    Those of the recipe are of the one that the page names.
    """
    opendevin = upstream.release("OpenDevin")
    return {
        "site.repository": lambda: context.repository,
        "provider.title": lambda: _provider(context).title,
        "provider.own_key": lambda: _provider(context).key[0],
        "recipe.name": lambda: _recipe_name(context),
        "recipe.address_in_container": lambda: _address_in_container(context),
        "retries.total": lambda: with_unit(f"{sum(retries.schedule(defaults())):g}", "s"),
        "opendevin.num_retries": lambda: str(opendevin.num_retries),
        "opendevin.retry_min_wait": lambda: with_unit(str(opendevin.retry_min_wait), "s"),
        "opendevin.retry_max_wait": lambda: with_unit(str(opendevin.retry_max_wait), "s"),
        **{
            f"{variable.name}.default": partial(default_of, variable)
            for variable in VARIABLES.values()
            if variable.default is not None
        },
    }


def recipe_of(context: Context) -> dict[str, str]:
    """The variables of the recipe that the page names. Raises `RecipeError`."""
    return recipes.read(context.page.recipe or "", context.snippets)


def _recipe_name(context: Context) -> str:
    recipe_of(context)
    return str(context.page.recipe)


def _provider(context: Context) -> Provider:
    if provider := recipes.provider_named_in(recipe_of(context)):
        return provider
    raise RecipeError(f"The recipe {context.page.recipe!r} is of no provider of the catalogue.")


def _address_in_container(context: Context) -> str:
    if address := in_container(recipe_of(context)).get("LLM_BASE_URL"):
        return address
    raise RecipeError(f"The recipe {context.page.recipe!r} has no LLM_BASE_URL.")


def default_of(variable: Variable) -> str:
    """A variable's default with its unit; nothing if it has none."""
    return with_unit(variable.default or "", variable.unit)


def with_unit(number: str, unit: str | None) -> str:
    """A number that no line break parts from its unit."""
    return f"{number}{NO_BREAK_SPACE}{unit}" if unit else number


def defaults() -> Settings:
    """Settings with every default in force; the model plays no part."""
    return Settings(model="unset")
