"""What the reader of a translation is told where it no longer says what the original says."""

from __future__ import annotations

from html import escape

from llmdocs.pages.freshness import Originals, stale_sections
from llmdocs.pages.page import Page
from llmdocs.pages.sections import TOP
from llmdocs.pages.strings import Strings


def stale_notices(
    page: Page, originals: Originals, words: Strings, address: str
) -> dict[int, list[str]]:
    """A notice for each stale section, in Markdown, by the line below the section's heading.

    `address` is that of the original page, from the page. A section that has only moved is none.
    """
    return {
        stale.translation.line + 1: _notice(
            words, address if stale.translation.anchor == TOP or not stale.original
            else f"{address}#{stale.translation.anchor}", originals.language
        )
        for stale in stale_sections(page, originals)
        if not stale.moved_to
    }  # fmt: skip


def _notice(words: Strings, address: str, language: str) -> list[str]:
    """A note whose link is HTML: MkDocs would take it for one to a page of the same language."""
    link = f'<a href="{escape(address)}" hreflang="{language}">{words.get("notice", "link")}</a>'
    return [
        "",
        f'!!! info stale "{words.get("notice", "title")}"',
        "",
        f"    {words.get('notice', 'text')} {link}",
        "",
    ]
