"""The documentation in a folder: its pages, each read once, their languages, and its snippets."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from llmdocs.pages import partials
from llmdocs.pages.languages import Languages, site_languages
from llmdocs.pages.page import Page, languages, read_all
from llmdocs.pages.strings import CODE_LANGUAGE
from llmdocs.pages.translation.freshness import Originals


@dataclass(frozen=True)
class Documentation:
    """Where pages and snippets are, and the `languages` that `mkdocs.yml` declares.

    Whatever asks for a page gets the same one, whose text is read when it is first needed.
    """

    docs: Path
    snippets: Path
    languages: Languages

    @classmethod
    def at(cls, root: Path) -> Documentation:
        """The documentation in a folder, whose paths are relative if `root` is.

        An editor opens places that are printed so. Raises `PageError` for languages that cannot be
        meant.
        """
        docs, snippets, mkdocs_yml = (
            root / name if root.is_absolute() else Path(os.path.relpath(root / name))
            for name in ("docs", "snippets", "mkdocs.yml")
        )
        return cls(docs, snippets, site_languages(mkdocs_yml))

    @property
    def root(self) -> Path:
        """The folder that `docs` is in, also where that is written as a way upwards."""
        return Path(os.path.normpath(self.docs / os.pardir))

    @cached_property
    def pages(self) -> dict[str, dict[str, Page]]:
        """The pages and partials of each language that has any, by name."""
        return {
            language: {page.name: page for page in read_all(self.docs, language)}
            for language in languages(self.docs)
        }

    def pages_in(self, language: str) -> list[Page]:
        """The pages and partials of a language, sorted by name."""
        return [*self.pages.get(language, {}).values()]

    def partials_in(self, language: str) -> dict[str, Page]:
        """The partials that pages of a language show, by their blocks."""
        return partials.by_block(self.pages_in(CODE_LANGUAGE), self.pages_in(language))

    @cached_property
    def originals(self) -> Originals:
        """The sections that translations are made from."""
        default = self.languages.default
        return Originals(self.docs, default, self.pages_in(default))
