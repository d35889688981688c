"""HTML of a page, with what its Markdown cannot say: languages, and names for screen readers."""

from __future__ import annotations

import re
from html import escape, unescape
from itertools import chain, repeat

from llmdocs.pages.page import Page
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
TAG = re.compile(r"<[^<>]*>")


def named(html: str, words: Strings, page: Page) -> str:
    """The HTML of a page's content, whose links to sections, tabs and cells have names.

    The cells of a table say their column: on a phone they stand below one another.
    """
    section, formats = (_attribute(words, key) for key in ("section", "formats"))
    html = HEADER_LINK.sub(rf"\1 {section}", html)
    recipe = f' data-recipe="{page.recipe}"' if page.programs else ""
    # A page that is no provider's shows any provider's recipe.
    recipe += "" if page.name == f"llms/{page.recipe}.md" or not recipe else " data-picker"
    html = html.replace(TAB_SET, f'{TAB_SET} role="group" {formats}{recipe}')
    before, *tables = html.split("<table>")
    return "<table>".join([before, *map(_labelled, tables)])


def _attribute(words: Strings, key: str) -> str:
    name = f'aria-label="{escape(words.get("article", key))}"'
    language = words.language_of("article", key)
    return name if language == words.language else f'{name} lang="{language}"'


def _labelled(html: str) -> str:
    """What follows the opening tag of a table: each of its cells says its column."""
    table, end, rest = html.partition("</table>")
    headings = [
        escape(unescape(TAG.sub("", cell.partition(">")[2].partition("</th>")[0])))
        for cell in table.split("<th")
        if cell[:1] in (" ", ">")
    ]
    rows = []
    for row in table.split("<tr>"):
        first, *cells = row.split("<td")
        named = zip(cells, chain(headings, repeat("")), strict=False)
        rows.append("".join([first, *(f'<td data-label="{name}"{cell}' for cell, name in named)]))
    return "<tr>".join(rows) + end + rest
