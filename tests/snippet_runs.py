"""The snippets that pages show, each to be run once, and the count at the end of the report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from llmdocs.pages import snippets
from llmdocs.pages.snippets import Snippet
from tests.site_files import SNIPPETS, pages


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


@dataclass
class Count:
    """How many blocks pages show, and which runs took place."""

    blocks: int = 0
    run: set[Run] = field(default_factory=set)


PYTHON, SHELL = Count(), Count()


def on_pages(ending: str, count: Count) -> list[Run]:
    """Every distinct snippet of a kind that some page shows, sorted."""
    shown = [
        Run(embed.file, embed.section or "", page.recipe or "")
        for page in pages()
        for embed in page.embeds
        if embed.file.endswith(ending)
    ]
    count.blocks = len(shown)
    return sorted(set(shown))


PYTHON_RUNS = on_pages(".py", PYTHON)
SHELL_RUNS = on_pages(".sh", SHELL)


def report(terminalreporter: Any) -> None:
    """Say how many blocks pages show and how many were run, if any were."""
    if SHELL.run:
        terminalreporter.write_line(
            f"shell blocks on pages: {SHELL.blocks}, distinct snippets: {len(SHELL_RUNS)}, "
            f"run: {len(SHELL.run)}"
        )
    if PYTHON.run:
        terminalreporter.write_line(
            f"blocks on pages: {PYTHON.blocks}, distinct snippets: {len(PYTHON_RUNS)}, "
            f"run: {len(PYTHON.run)}"
        )
