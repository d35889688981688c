"""The clone of the repository that a command is run in, and what is documented in it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from llmdocs.cli.output import EXIT_USAGE, fail

if TYPE_CHECKING:
    from llmdocs.pages.documentation import Documentation
    from llmdocs.pages.languages import Languages
    from llmdocs.pages.page import Page
    from llmdocs.pages.translation.changes import LeftBehind
    from llmdocs.pages.translation.freshness import Originals
    from llmdocs.pages.translation.history import History


@dataclass(frozen=True)
class Clone:
    """The documentation in the folder that a command is run in, or in one above."""

    root: Path
    documentation: Documentation
    history: History

    @property
    def docs(self) -> Path:
        return self.documentation.docs

    @property
    def languages(self) -> Languages:
        return self.documentation.languages

    @property
    def originals(self) -> Originals:
        return self.documentation.originals

    @property
    def translations(self) -> list[str]:
        return [language for language in self.languages.all if language != self.languages.default]

    @property
    def pages(self) -> list[Page]:
        """The pages and partials of every language."""
        return [
            page
            for language in self.documentation.pages
            for page in self.documentation.pages_in(language)
        ]

    def left_behind(self, pages: Iterable[Page]) -> list[LeftBehind]:
        """The sections of these translated pages that are stale."""
        from llmdocs.pages.translation.changes import left_behind

        return left_behind(pages, self.originals, self.history)


def read_clone() -> Clone:
    """The clone; ends the command where there is none, or a file that must not be read."""
    from llmdocs.pages.documentation import Documentation
    from llmdocs.pages.rules.published import wrong_files
    from llmdocs.pages.translation.history import History

    root = root_of_clone()
    here = Path(os.path.relpath(root))
    if wrong := wrong_files(here):
        fail("\n".join(f"{path}:{line}: {message}" for path, line, message in wrong), EXIT_USAGE)
    return Clone(root, Documentation.at(here), History(root))


def root_of_clone() -> Path:
    """The folder with `mkdocs.yml`: the one that the command is run in, or one above."""
    here = Path.cwd()
    roots = [folder for folder in (here, *here.parents) if (folder / "mkdocs.yml").is_file()]
    if not roots:
        fail(f"{here} is in no clone of the documentation: there is no mkdocs.yml.", EXIT_USAGE)
    return roots[0]


def require_known(kind: str, name: str, names: list[str], where: str = "") -> None:
    """End the command unless a name is one of these."""
    from llmdocs.suggestions import did_you_mean

    if name not in names:
        nearest = did_you_mean(name, names) or f" There are: {', '.join(names)}."
        fail(f"there is no {kind} {name!r}{where}.{nearest}", EXIT_USAGE)
