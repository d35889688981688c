"""`llms.txt` and `llms-full.txt`: the pages of a language for a language model, listed and whole.

<https://llmstxt.org> describes the first: a name, a summary, and lists of links below headings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from llmdocs.pages.strings import Strings


@dataclass(frozen=True)
class Entry:
    """A page of the navigation: `address` is its twin's, `language` that of its text."""

    title: str
    address: str
    description: str
    language: str


@dataclass(frozen=True)
class Section:
    """Pages under one title of the navigation, or without one."""

    title: str | None
    entries: Sequence[Entry]


@dataclass(frozen=True)
class Site:
    """A site in one language. `home` is its address, with a slash at the end."""

    name: str
    description: str
    home: str
    strings: Strings

    @property
    def _head(self) -> list[str]:
        return [f"# {self.name}", "", f"> {self.description}", ""]

    def index(self, sections: Iterable[Section]) -> str:
        """The text of `llms.txt`: every page by its section, in the navigation's order."""
        full = self.strings.get("markdown", "full").format(address=f"{self.home}llms-full.txt")
        lines = [*self._head, full, ""]
        for section in sections:
            lines += [f"## {section.title or self.strings.get('markdown', 'pages')}", ""]
            lines += [*map(self._line, section.entries), ""]
        return "\n".join(lines)

    def full(self, twins: Iterable[str]) -> str:
        """The text of `llms-full.txt`: each page whole, with its address before it."""
        return "\n".join([*self._head, *twins])

    def _line(self, entry: Entry) -> str:
        foreign = entry.language != self.strings.language
        notes = [
            *([entry.description] if entry.description else []),
            *([self.strings.get("markdown", "untranslated")] if foreign else []),
        ]
        return f"- [{entry.title}]({entry.address})" + (f": {' '.join(notes)}" if notes else "")
