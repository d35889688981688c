"""Addresses of each page on the site, in the languages that it is written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path, PurePosixPath

from llmdocs.pages.page import Page, read_all

# What search engines call the version for readers of any other language.
ANY_LANGUAGE = "x-default"


@dataclass(frozen=True)
class SiteLanguages:
    """The languages that the site is built in, each with its own name, as in `Français`."""

    names: Mapping[str, str]
    default: str

    def address(self, language: str, name: str) -> str:
        """Where a page is below the site's address, as in `fr/llms/azure/`."""
        path = PurePosixPath(name).with_suffix("")
        path = path.parent if path.name == "index" else path
        folder = () if language == self.default else (language,)
        return "".join(f"{part}/" for part in (*folder, *path.parts))


@dataclass(frozen=True)
class View:
    """A page as the readers of one language see it: translated, or in the language it is kept in.

    `versions` are the addresses of the page in the languages that it is written in.
    """

    language: str
    written_in: str
    address: str
    versions: Mapping[str, str]
    default: str

    @property
    def is_fallback(self) -> bool:
        return self.language != self.written_in

    @property
    def exists(self) -> bool:
        return self.written_in in self.versions

    @property
    def canonical(self) -> str:
        """The address that search engines are told: a fallback is a copy of another page."""
        return self.versions[self.written_in]

    @property
    def announced(self) -> dict[str, str]:
        """What search engines are told of the page's languages: only a page of its own tells it."""
        if self.is_fallback:
            return {}
        found = dict(self.versions)
        if self.default in found:
            found[ANY_LANGUAGE] = found[self.default]
        return found


def view(docs: Path, languages: SiteLanguages, language: str, name: str) -> View:
    """How a language shows a page that it has, or that the default language has."""
    versions = {
        other: languages.address(other, name)
        for other in languages.names
        if (docs / other / name).is_file()
    }
    written_in = language if language in versions else languages.default
    address = languages.address(language, name)
    return View(language, written_in, address, versions, languages.default)


def views(docs: Path, languages: SiteLanguages) -> Iterator[View]:
    """Every page in every language that it is written in: the site without its fallbacks."""
    for language in languages.names:
        for page in read_all(docs, language):
            if not page.is_partial:
                yield view(docs, languages, language, page.name)


def titles(docs: Path, languages: SiteLanguages) -> dict[str, dict[str, str]]:
    """The title of each page that a language shows, by its address: of a fallback, its own."""
    originals = {page.name: page for page in read_all(docs, languages.default)}
    return {
        language: {
            languages.address(language, name): title_of(page)
            for name, page in {
                **originals,
                **{page.name: page for page in read_all(docs, language)},
            }.items()
            if not page.is_partial
        }
        for language in languages.names
    }


def title_of(page: Page) -> str:
    """The title of the front matter, which is plain text; the page's name if it has none."""
    return str(page.front_matter.get("title") or page.name)


def in_language(html: str, language: str) -> str:
    """A part of a page whose language is not the page's."""
    return f'<div lang="{escape(language)}">\n{html}\n</div>'
