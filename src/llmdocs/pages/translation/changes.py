"""Every translated section that was left behind: since when, and what it does not say yet."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal

from llmdocs.pages.page import Page
from llmdocs.pages.sections import Section
from llmdocs.pages.translation.freshness import (
    Originals,
    Stale,
    likely_serious_changes,
    renewal,
    serious_changes,
    stale_sections,
)
from llmdocs.pages.translation.history import History

Change = Literal["same", "gone", "new"]
# By the page's name, then by anchor.
Sections = Mapping[str, Mapping[str, Section]]


@dataclass(frozen=True)
class LeftBehind:
    """A translated section whose original has changed or is gone.

    `base` is the original as it was when it was translated, and `since` when it ceased to be so;
    each is None if the history at hand does not tell.
    """

    stale: Stale
    base: Section | None
    since: datetime | None

    @property
    def translation(self) -> Section:
        return self.stale.translation

    @cached_property
    def changes(self) -> list[str]:
        """The serious changes, in English."""
        if self.stale.moved_to:
            return []
        if not self.stale.original:
            return [f"the original has no section {self.translation.anchor!r} any more"]
        if self.base:
            return serious_changes(self.base, self.stale.original)
        return likely_serious_changes(self.translation, self.stale.original)

    @property
    def days(self) -> int | None:
        """How many whole days it has been stale."""
        return (datetime.now(UTC) - self.since).days if self.since else None

    def difference(self) -> list[tuple[Change, str]]:
        """The original's words, those that are gone and those that are new; see `word_changes`."""
        now = self.stale.original.source if self.stale.original else ""
        return word_changes(self.base.source if self.base else now, now)

    @property
    def to_see(self) -> str:
        """The command that shows what has changed."""
        page = self.translation.page
        return f"llmdocs guide diff {self.translation.name} --lang {page.language}"

    @property
    def to_renew(self) -> str:
        """The command that records that it has been translated."""
        return renewal(self.translation)

    @property
    def summary(self) -> str:
        """One line: where it is, and what is the matter."""
        translation = self.translation
        where = f"{translation.place}: #{translation.anchor}"
        if self.stale.moved_to:
            name = self.stale.moved_to.name
            return f"{where} was made from words that are in {name} now; move it there."
        if not self.stale.original:
            what = "section" if self.stale.has_page else "page"
            return f"{where} is made from a {what} that is gone; take it out."
        serious = f", seriously ({'; '.join(self.changes)})" if self.changes else ""
        return f"{where} is stale {_since(self.days)}{serious}."

    def __str__(self) -> str:
        if self.stale.moved_to or not self.stale.original:
            return self.summary
        return f"{self.summary} `{self.to_see}` shows the change."


def left_behind(pages: Iterable[Page], originals: Originals, history: History) -> list[LeftBehind]:
    """What was left behind in these translated pages, in order."""
    folder = originals.docs / originals.language
    return [
        LeftBehind(
            stale,
            None if stale.moved_to else history.made_from(stale.translation, folder),
            None if stale.moved_to else history.stale_since(stale.translation, folder),
        )
        for page in pages
        for stale in stale_sections(page, originals)
    ]


def made_stale_since(
    revision: str, found: Iterable[LeftBehind], originals: Originals, history: History
) -> list[LeftBehind]:
    """Those of what is found that were not stale yet at a revision of git.

    Raises `PageError` if git knows no such revision.
    """
    history.require(revision)
    found = list(found)
    languages = {item.translation.page.language for item in found}
    docs = originals.docs
    before = {
        language: history.pages_at(revision, docs / language)
        for language in {*languages, originals.language}
    }
    return [
        item
        for item in found
        if not _was_stale(item, before[item.translation.page.language], before[originals.language])
    ]


def _was_stale(item: LeftBehind, translations: Sections, originals: Sections) -> bool:
    """Whether it was stale among the sections of a revision, under whatever name."""
    name, anchor = item.translation.page.name, item.translation.anchor
    same = [
        (page, section)
        for page, found in translations.items()
        for section in found.values()
        if section.made_from == item.translation.made_from
    ]
    own = [(page, section) for page, section in same if (page, section.anchor) == (name, anchor)]
    return any(
        not (original := originals.get(page, {}).get(section.anchor))
        or original.hash != section.made_from
        for page, section in own or same
    )


# White space, backticks, words, and each other mark.
TOKEN = re.compile(r"\s+|`+|\w+(?:[.'’-]\w+)*|[^\w\s`]")


def word_changes(before: str, now: str) -> list[tuple[Change, str]]:
    """Two texts as one: runs of words that are in both, gone or new.

    What is in both is written as it is now. Line breaks within a paragraph do not count.
    """
    old, new = TOKEN.findall(before), TOKEN.findall(now)
    changes: list[tuple[Change, str]] = []
    matcher = difflib.SequenceMatcher(None, [*map(_folded, old)], [*map(_folded, new)], False)
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        gone, here = "".join(old[old_start:old_end]), "".join(new[new_start:new_end])
        if kind == "equal":
            changes.append(("same", here))
            continue
        changes += [("gone", gone)] if gone else []
        changes += [("new", here)] if here else []
    return changes


def _folded(token: str) -> str:
    if not token.isspace():
        return token
    return "\n\n" if token.count("\n") > 1 else " "


def _since(days: int | None) -> str:
    if days is None:
        return "since when is unknown"
    return f"for {days} day{'' if days == 1 else 's'}" if days else "since today"
