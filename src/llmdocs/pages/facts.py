"""Facts by name: `{{ LLM_NUM_RETRIES.default }}` in a page is what the code says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from llmdocs import retries
from llmdocs.pages import upstream
from llmdocs.pages.page import Page
from llmdocs.pages.strings import Strings
from llmdocs.settings import VARIABLES, Settings, Variable

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
    """Every fact that a page may name, each computed when it is used."""
    opendevin = upstream.release("OpenDevin")
    return {
        "site.repository": lambda: context.repository,
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


def default_of(variable: Variable) -> str:
    """A variable's default with its unit; nothing if it has none."""
    return with_unit(variable.default or "", variable.unit)


def with_unit(number: str, unit: str | None) -> str:
    """A number that no line break parts from its unit."""
    return f"{number}{NO_BREAK_SPACE}{unit}" if unit else number


def defaults() -> Settings:
    """Settings with every default in force; the model plays no part."""
    return Settings(model="unset")
