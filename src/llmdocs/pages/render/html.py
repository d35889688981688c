"""HTML of a page, with what its Markdown cannot say: languages, and names for screen readers."""

from __future__ import annotations

import re
from html import escape

from llmdocs.pages.strings import CODE_LANGUAGE, Strings

# The class of the paragraphs that the doctor printed.
VERDICT = "verdict"
# What a program prints, in a block of the language `text` or a verdict; and what comes out of a
# docstring.
ENGLISH_PARTS = re.compile(
    r'<(?P<tag>div(?= class="(?:language-text(?: [^"]*)?|doc doc-object(?: [^"]*)?)")'
    rf'|p(?= class="{VERDICT}"))(?! lang=)'
)


def marked(html: str, language: str) -> str:
    """The HTML of a page's content, in which English parts say so if the page is not English."""
    if language == CODE_LANGUAGE:
        return html
    return ENGLISH_PARTS.sub(rf'<\g<tag> lang="{CODE_LANGUAGE}"', html)


# As Python-Markdown and pymdownx write them.
HEADER_LINK = re.compile(r'(<a class="headerlink" href="[^"]*")(?: title="")?')
TAB_SET = '<div class="tabbed-set tabbed-alternate"'
TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
HEADING_CELL = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
CELL = re.compile(r"<td\b")
TAGS = re.compile(r"<[^>]*>")


def named(html: str, words: Strings) -> str:
    """The HTML of a page's content, whose links to sections, tabs and cells have names.

    The cells of a table say their column: on a phone they stand below one another.
    """
    section, formats = (_attribute(words, key) for key in ("section", "formats"))
    html = HEADER_LINK.sub(rf"\1 {section}", html)
    html = html.replace(TAB_SET, f'{TAB_SET} role="group" {formats}')
    return TABLE.sub(lambda table: _labelled(table[0]), html)


def _attribute(words: Strings, key: str) -> str:
    name = f'aria-label="{escape(words.get("article", key))}"'
    language = words.language_of("article", key)
    return name if language == words.language else f'{name} lang="{language}"'


def _labelled(table: str) -> str:
    headings = [
        TAGS.sub("", heading).replace('"', "&quot;") for heading in HEADING_CELL.findall(table)
    ]

    def labelled(row: re.Match[str]) -> str:
        labels = iter(headings)
        return CELL.sub(lambda _: f'<td data-label="{next(labels, "")}"', row[0])

    return ROW.sub(labelled, table)
