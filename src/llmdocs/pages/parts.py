"""The parts of a page that a translation must have too: what it is built of, and where it leads."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import urlsplit

from llmdocs.pages.blocks import BLOCKS
from llmdocs.pages.links import EXTERNAL, targets
from llmdocs.pages.page import BLOCK, FACT, Fence, Page
from llmdocs.pages.prose import ADMONITION, TAB, tables

TITLE = re.compile(r"""\btitle=(?P<quote>["']).*?(?P=quote)""")


@dataclass(frozen=True)
class Part:
    """A part of a page: its line, what messages call it, and what it is compared by."""

    line: int
    name: str
    key: str


def built_of(page: Page) -> list[Part]:
    """Headings, code, rendered blocks, notes, tabs and tables, in the order of the page."""
    found = [
        (item.line, "heading", f"{'#' * item.level} {{#{item.anchor}}}") for item in page.headings
    ]
    found += [(fence.line, "code block", _code(page, fence)) for fence in page.fences]
    for number, line in page.prose:
        if (block := BLOCK.fullmatch(line)) and block["name"] in BLOCKS:
            found.append((number, "block", line.rstrip()))
        elif ADMONITION.fullmatch(line):
            found.append((number, "note", line.partition('"')[0].rstrip()))
        elif TAB.fullmatch(line):
            # Tabs are tied by their labels: a reader's choice holds in every language.
            found.append((number, "tab", line.rstrip()))
    found += [(table[0][0], "table", _size(table)) for table in tables(page)]
    return [Part(line, f"the {kind} '{text}'", text) for line, kind, text in sorted(found)]


def leads_to(page: Page, codes: tuple[str, ...]) -> list[Part]:
    """The targets of links and images. `codes` are the languages that pages are compared in."""
    return [
        Part(
            item.line,
            f"the {'image' if item.image else 'link'} '{item.text}'",
            f"{item.image} {_in_no_language(item.text, codes)}",
        )
        for item in targets(page)
    ]


def facts_by_section(page: Page) -> dict[tuple[int, str], list[int]]:
    """The lines where each fact is named, by the number of its section and its name."""
    starts = [heading.line for heading in page.headings]
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    for number, line in page.lines:
        for match in FACT.finditer(line):
            if match["name"] not in BLOCKS:
                section = sum(start <= number for start in starts)
                found[section, match["name"]].append(number)
    return found


def _code(page: Page, fence: Fence) -> str:
    """A fence's first line and what it holds. A title may be translated; nothing else may."""
    opening = dict(page.lines)[fence.line]
    return " ".join([TITLE.sub('title="…"', opening).rstrip(), *map(str.strip, fence.lines)])


def _size(table: list[tuple[int, str]]) -> str:
    columns = len(table[1][1].strip().strip("|").split("|"))
    return f"columns: {columns}, rows: {len(table) - 2}"


def _in_no_language(target: str, codes: tuple[str, ...]) -> str:
    """A target without the language that it may name: each page links to its own.

    A file is `name.fr.svg` beside `name.svg`, an address has a folder `/fr/` or `/fr-fr/`, and
    below a host like `fr.wikipedia.org` the pages have names of their own.
    """
    code = f"(?:{'|'.join(map(re.escape, codes))})"
    if not EXTERNAL.match(target):
        return re.sub(rf"\.{code}(?=\.\w+$)", "", target)
    address = urlsplit(target)
    host = re.sub(rf"^{code}\.", "", address.netloc)
    if host != address.netloc:
        return host
    path = re.sub(rf"/{code}(?:-\w\w)?(?=/|$)", "", address.path, flags=re.IGNORECASE)
    return address._replace(path=path).geturl()
