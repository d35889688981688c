"""The parts of a page that a translation must have too: what it is built of, and where it leads."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import urlsplit

from llmdocs.pages.links import targets
from llmdocs.pages.markdown import ADMONITION, BLOCK, EXTERNAL, FACT, TAB
from llmdocs.pages.page import Fence, Heading, Page, is_block
from llmdocs.pages.prose import tables, without_code

TITLE = re.compile(r"""\btitle=(?P<quote>["']).*?(?P=quote)""")


@dataclass(frozen=True)
class Part:
    """A part of a page: its line, what messages call it, and what it is compared by."""

    line: int
    name: str
    key: str


def built_of(page: Page) -> list[Part]:
    """Headings, code, rendered blocks, notes, tabs and tables, in the order of the page."""
    found = [(fence.line, "code block", _code(page, fence)) for fence in page.fences]
    for number, line in page.prose:
        if (block := BLOCK.fullmatch(line)) and is_block(block["name"]):
            found.append((number, "block", line.rstrip()))
        elif ADMONITION.fullmatch(line):
            found.append((number, "note", line.partition('"')[0].rstrip()))
        elif TAB.fullmatch(line):
            # Tabs are tied by their labels: a reader's choice holds in every language.
            found.append((number, "tab", line.rstrip()))
    found += [(table[0][0], "table", _size(table)) for table in tables(page)]
    parts = [Part(line, f"the {kind} '{text}'", text) for line, kind, text in found]
    return sorted([*map(_heading, page.headings), *parts], key=lambda part: part.line)


def links_by_section(page: Page, codes: tuple[str, ...]) -> dict[int, list[Part]]:
    """The targets of links and images. `codes` are the languages that pages are compared in."""
    found: dict[int, list[Part]] = defaultdict(list)
    for item in targets(page):
        part = Part(
            item.line,
            f"the {'image' if item.image else 'link'} '{item.text}'",
            f"{item.image} {_in_no_language(item.text, codes)}",
        )
        found[_section(page, item.line)].append(part)
    return found


def facts_by_section(page: Page) -> dict[tuple[int, str], list[int]]:
    """The lines where each fact is named, by the number of its section and its name."""
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    for number, line in page.lines:
        for match in FACT.finditer(line):
            if not is_block(match["name"]):
                found[_section(page, number), match["name"]].append(number)
    return found


def _section(page: Page, line: int) -> int:
    """The number of the section of a line: of its heading, from 1; 0 is before the first."""
    return bisect_right(page.headings, line, key=lambda heading: heading.line)


def _heading(heading: Heading) -> Part:
    marks = "#" * heading.level
    if heading.anchor is None:
        return Part(heading.line, f"the heading '{marks} {heading.text}' without an anchor", marks)
    text = f"{marks} {{#{heading.anchor}}}"
    return Part(heading.line, f"the heading '{text}'", text)


def _code(page: Page, fence: Fence) -> str:
    """A fence's first line and what it holds. A title may be translated; nothing else may."""
    _, opening = page.lines[fence.line - page.lines[0][0]]
    return " ".join([TITLE.sub('title="…"', opening).rstrip(), *map(str.strip, fence.lines)])


def _size(table: list[tuple[int, str]]) -> str:
    """How many columns the delimiters make, how many rows there are, and which do not fit."""
    headings, columns, *rows = (_cells(line) for _, line in table)
    uneven = [f", cells of the headings: {headings}"] * (headings != columns) + [
        f", cells of row {number}: {cells}"
        for number, cells in enumerate(rows, start=1)
        if cells != columns
    ]
    return f"columns: {columns}, rows: {len(rows)}{''.join(uneven)}"


def _cells(row: str) -> int:
    """A bar in inline code or behind a backslash parts no cells."""
    bars = re.sub(r"\\.", "", without_code(row)).strip()
    return len(bars.removeprefix("|").removesuffix("|").split("|"))


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
