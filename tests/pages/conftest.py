"""A small site of the tests' own, and a copy of the real one, to break one thing in."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from llmdocs.pages.documentation import Documentation
from llmdocs.pages.page import Page, read
from llmdocs.pages.render.expand import expand
from llmdocs.pages.render.facts import Context
from llmdocs.pages.rules.checks import check
from llmdocs.pages.rules.problem import Problem
from tests.support.site_files import DOCS, MKDOCS_YML, SNIPPETS

SMALL = Path(__file__).parent / "small_site"


@dataclass(frozen=True)
class Site:
    """Pages, snippets and `mkdocs.yml` under `root`.

    Names are paths below it, as in `docs/en/index.md`.
    """

    root: Path

    def append(self, name: str, text: str) -> int:
        """Add text to the end of a file, after a blank line. The line where it begins."""
        before = self._read(name).rstrip("\n") + "\n\n"
        self.write(name, before + text + "\n")
        return before.count("\n") + 1

    def replace(self, name: str, old: str, new: str) -> int:
        """Put text in the place of what stands once in a file. The line where it begins."""
        before = self._read(name)
        assert before.count(old) == 1, f"{name} does not hold {old!r} once"
        self.write(name, before.replace(old, new))
        return before.count("\n", 0, before.index(old)) + 1

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def line(self, name: str, text: str) -> int:
        """The first line that holds a text."""
        lines = self._read(name).split("\n")
        return next(number for number, line in enumerate(lines, start=1) if text in line)

    def check(self) -> list[Problem]:
        return check(Documentation.at(self.root))

    def problems(self, name: str) -> list[Problem]:
        """What the checks find in one file."""
        path = self.root / name
        return check(Documentation.at(self.root), lambda other: other == path)

    def page(self, name: str) -> Page:
        _, language, rest = name.split("/", 2)
        return read(self.root / "docs", language, rest)

    def expand(self, name: str) -> str:
        return expand(self.context(name))

    def context(self, name: str) -> Context:
        page = self.page(name)
        return Context(page, self.root / "docs", self.root / "snippets", "https://git.test/llmdocs")

    def _read(self, name: str) -> str:
        return (self.root / name).read_text("utf-8")


def small_site(folder: Path) -> Site:
    """A copy of `small_site/`, of few pages with nothing wrong in them, whatever is with ours.

    Its snippets, pictures and words of the interface are those of the site.
    """
    shutil.copytree(SMALL, folder, dirs_exist_ok=True, copy_function=shutil.copyfile)
    for words in DOCS.glob("*/strings.toml"):
        shutil.copyfile(words, folder / "docs" / words.relative_to(DOCS))
    shutil.copytree(DOCS / "assets", folder / "docs/assets", copy_function=shutil.copyfile)
    shutil.copytree(SNIPPETS, folder / "snippets", copy_function=shutil.copyfile)
    return Site(folder)


def copy_site(folder: Path) -> Site:
    """A copy of the site, for what is told of all its pages."""
    shutil.copytree(DOCS, folder / "docs", copy_function=shutil.copyfile)
    shutil.copytree(SNIPPETS, folder / "snippets", copy_function=shutil.copyfile)
    shutil.copyfile(MKDOCS_YML, folder / MKDOCS_YML.name)
    return Site(folder)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return small_site(tmp_path)
