"""Notices to the readers of a translation that no longer says what the original says."""

from __future__ import annotations

from llmdocs.pages.page import Page
from llmdocs.pages.sections import TOP
from llmdocs.pages.strings import Strings
from llmdocs.pages.translation.freshness import Originals, stale_sections


def stale_notices(
    page: Page, originals: Originals, words: Strings, address: str
) -> dict[int, list[str]]:
    """A notice for each stale section, in Markdown, by the line below the section's heading.

    `address` is the original page's, and a whole one: MkDocs takes a relative one for that of a
    page in the same language. A section that has only moved has no notice.
    """
    notices = {}
    for stale in stale_sections(page, originals):
        if not stale.moved_to:
            is_there = stale.original and stale.translation.anchor != TOP
            target = f"{address}#{stale.translation.anchor}" if is_there else address
            link = _link(words, target, originals.language) if stale.has_page else []
            notices[stale.translation.line + 1] = _in_its_language(words, _notice(words, link))
    return notices


def _notice(words: Strings, link: list[str]) -> list[str]:
    return [
        f'!!! info stale "{words.get("notice", "title")}"',
        "",
        f"    {words.get('notice', 'text')}",
        *link,
    ]


def _link(words: Strings, address: str, language: str) -> list[str]:
    return [f"    [{words.get('notice', 'link')}]({address}){{: hreflang={language} }}"]


def _in_its_language(words: Strings, notice: list[str]) -> list[str]:
    """The words may be English, for want of others."""
    language = words.language_of("notice", "text")
    lines = ["", *notice, ""]
    return lines if language == words.language else in_language(lines, language)


def in_language(lines: list[str], language: str) -> list[str]:
    """Markdown whose language is not the page's."""
    return ["", f'<div lang="{language}" markdown>', *lines, "</div>", ""]
