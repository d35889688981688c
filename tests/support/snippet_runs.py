"""What pages show, snippets and forms of recipes, each to be run, and the count in the report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.pages import snippets
from llmdocs.pages.snippets import Snippet
from llmdocs.recipes.forms import FORMS
from tests.support.site_files import SNIPPETS, pages


@dataclass(frozen=True, order=True)
class Run:
    """A distinct snippet: a file, its section, and the recipe that it runs with."""

    file: str
    section: str
    recipe: str

    def __str__(self) -> str:
        section = f":{self.section}" if self.section else ""
        return f"{self.file}{section}-{self.recipe}"

    def find(self) -> Snippet:
        return snippets.find(SNIPPETS, self.file, self.section or None, str(self))


def _shown(ending: str) -> list[Run]:
    return [
        Run(embed.file, embed.section or "", page.recipe or "")
        for page in pages()
        for embed in page.embeds
        if embed.file.endswith(ending)
    ]


@dataclass
class Kind:
    """The blocks of one kind: on how many places of pages, which are distinct, which were run."""

    title: str
    ending: str
    run: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        shown = _shown(self.ending)
        self.blocks = len(shown)
        self.distinct = sorted(set(shown))

    def report(self) -> str:
        return (
            f"{self.title} on pages: {self.blocks}, distinct snippets: {len(self.distinct)}, "
            f"run: {len(self.run)}"
        )


PYTHON, SHELL = Kind("blocks", ".py"), Kind("shell blocks", ".sh")
KINDS = (SHELL, PYTHON)
# Shell commands that a recording stub stood in for, because they cannot run offline.
STUBBED: set[str] = set()
# The printed forms of recipes that were executed or parsed, each as `provider/form`.
FORMS_RUN: set[str] = set()
# What was taken out of a recipe, or out of a form of it, to see that it is missed.
REMOVALS: set[str] = set()


def _collected() -> dict[str, set[str]]:
    sets = {"stubbed": STUBBED, "forms": FORMS_RUN, "removals": REMOVALS}
    return {**{kind.ending: kind.run for kind in KINDS}, **sets}


def runs_so_far() -> dict[str, list[str]]:
    """What a worker of a parallel run tells the process that reports."""
    return {name: sorted(items) for name, items in _collected().items()}


def add_runs(told: dict[str, list[str]]) -> None:
    for name, items in _collected().items():
        items.update(told[name])


def report(terminalreporter: Any) -> None:
    """Say how many blocks pages show and how many were run, if any were."""
    if STUBBED:
        terminalreporter.write_line(f"commands met by a stub: {', '.join(sorted(STUBBED))}")
    for kind in KINDS:
        if kind.run:
            terminalreporter.write_line(kind.report())
    if FORMS_RUN:
        providers, forms = len(CATALOGUE), len(FORMS)
        terminalreporter.write_line(
            f"recipe forms: providers {providers} × forms {forms} = {providers * forms}, "
            f"executed: {len(FORMS_RUN)}; removals tried: {len(REMOVALS)}"
        )
