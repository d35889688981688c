"""A page's prose cut up: its paragraphs, list items, table rows and blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from llmdocs.pages.markdown import (
    ADMONITION,
    BLOCK,
    DEFINITION,
    DELIMITER,
    ITEM,
    TAB,
    code,
    comments,
    replaced,
)
from llmdocs.pages.page import Page, is_block

Kind = Literal["paragraph", "item", "row", "definition", "heading", "title", "front matter"]


@dataclass(frozen=True)
class Paragraph:
    """Text that belongs together. `line` is its first, from 1; `text` lacks a list's marker."""

    line: int
    kind: Kind
    indent: int
    text: str


def indent_of(line: str) -> int:
    return len(line) - len(line.lstrip())


def paragraphs(page: Page) -> Iterator[Paragraph]:
    """The front matter's values and the prose, each list item and table row on its own."""
    rows = {number for table in tables(page) for number, _ in table}
    pending: list[tuple[int, Kind, int, list[str]]] = []
    previous = 0
    for number, raw in [*front_matter_lines(page), *page.prose]:
        line = raw.expandtabs(4)
        kind, text = _kind(page, number, line, number in rows)
        continues = kind == "paragraph" and number == previous + 1 and pending
        if text and continues and pending[-1][1] not in ("row", "heading", "title"):
            pending[-1][3].append(text)
        elif text:
            pending.append((number, kind, indent_of(line), [text]))
        previous = number if text else 0
    for start, kind, indent, texts in pending:
        yield Paragraph(start, kind, indent, "\n".join(texts))


def front_matter_lines(page: Page) -> list[tuple[int, str]]:
    """The front matter's lines without the marks around them, each with its number."""
    first = page.lines[0][0]
    return list(enumerate(page.text.split("\n")[1 : first - 2], start=2)) if first > 1 else []


def tables(page: Page) -> list[list[tuple[int, str]]]:
    """Tables typed into the page: the lines of each, the headings' first."""
    found: list[list[tuple[int, str]]] = []
    lines = page.prose
    end = 1
    for index, (_, line) in enumerate(lines):
        if index >= end and DELIMITER.fullmatch(line) and lines[index - 1][1].strip():
            end = index
            while end < len(lines) and lines[end][1].strip():
                end += 1
            found.append(lines[index - 1 : end])
    return found


def block_names(page: Page) -> list[tuple[int, str]]:
    """The names of the blocks that the page shows, each with its line."""
    matches = ((number, BLOCK.fullmatch(line)) for number, line in page.lines if "{{" in line)
    return [
        (number, match["name"]) for number, match in matches if match and is_block(match["name"])
    ]


def without_code(text: str) -> str:
    """The text with a dot for each inline code, and its line breaks kept."""
    return replaced(text, code(text), lambda found: "·" + "\n" * found.count("\n"))


def without_comments(text: str) -> str:
    return replaced(text, comments(text), lambda found: "\n" * found.count("\n"))


def _kind(page: Page, number: int, line: str, is_row: bool) -> tuple[Kind, str]:
    text = line.strip()
    if number < page.lines[0][0]:
        # A value may go on over further lines, which are indented.
        return ("paragraph" if line.startswith(" ") else "front matter"), text
    if is_row:
        return "row", text.strip("| ")
    if ADMONITION.fullmatch(line) or TAB.fullmatch(line):
        return "title", text
    if line.startswith("#"):
        return "heading", text
    if match := ITEM.fullmatch(line):
        return "item", match["text"]
    if match := DEFINITION.fullmatch(line):
        return "definition", match["text"]
    return "paragraph", text
