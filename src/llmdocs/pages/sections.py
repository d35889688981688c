"""A page cut into sections, and for each the hash by which a translation knows its original.

Under each translated heading a comment records the hash of the section that it was made from:
`<!-- en: 3f2a9c1b -->`. What all languages share is no part of the hash: fences, embeds, blocks,
facts, the targets of links, anchors and HTML tags. Nor is the way the lines are broken. So a
changed default or a reflowed paragraph makes no translation stale.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from llmdocs.pages.markdown import (
    ALT,
    ATTRIBUTES,
    DELIMITER,
    FACT,
    LINK_END,
    REFERENCE,
    TAG,
    code_and_comments,
    replaced,
)
from llmdocs.pages.page import TRANSLATED_KEYS, Page
from llmdocs.pages.prose import front_matter_lines

# The section that holds the title, the description and the lead.
TOP = "top"
MADE_FROM = re.compile(r"<!-- *(?P<language>[a-z]{2,3}(?:-\w+)?): *(?P<hash>[0-9a-f]{8}) *-->")
# What someone may have meant as such a comment.
MEANT_AS_MADE_FROM = re.compile(r"<!-- *[A-Za-z]{2,3}(?:-\w+)? *: *[0-9A-Za-z]+ *-->")
# Stand in for inline code while the rest is looked at, each with its number.
MASK = re.compile("\ue000(\\d+)\ue001")

# What all languages share, and what stays of it.
SHARED: dict[re.Pattern[str], str | Callable[[re.Match[str]], str]] = {
    FACT: "",
    REFERENCE: "",
    LINK_END: lambda link: f"]{link['title'] or ''}",
    ATTRIBUTES: "",
    TAG: lambda tag: " ".join(found for alt in ALT.findall(tag[0]) for found in alt),
}


@dataclass(frozen=True)
class Section:
    """From a heading to the next, of any level. `line` is the heading's, from 1.

    `source` is its Markdown as it stands in the file, `prose` the part outside fences.
    """

    page: Page
    anchor: str
    line: int
    source: str
    prose: str

    @property
    def name(self) -> str:
        """As commands take it: `guides/retries.md#schedule`."""
        return f"{self.page.name}#{self.anchor}"

    @property
    def place(self) -> str:
        return f"{self.page.path}:{self.line}"

    @cached_property
    def code(self) -> list[str]:
        """Each inline code, with its backticks."""
        spans = code_and_comments(self.prose)
        return [self.prose[start:end] for start, end in spans if self.prose[start] == "`"]

    @cached_property
    def text(self) -> str:
        """What is translated, line by line, with `MASK` for each inline code."""
        numbers = itertools.count()
        text = replaced(
            self.prose,
            code_and_comments(self.prose),
            lambda found: f"\ue000{next(numbers)}\ue001" if found.startswith("`") else "",
        )
        for pattern, kept in SHARED.items():
            text = pattern.sub(kept, text)
        return text.lstrip("#")

    @cached_property
    def words(self) -> str:
        """What a translator has translated, white space folded."""
        lines = (line for line in self.text.split("\n") if not DELIMITER.fullmatch(line))
        text = MASK.sub(lambda match: self.code[int(match[1])], " ".join(lines))
        return " ".join(text.split())

    @cached_property
    def hash(self) -> str:
        """The first eight hexadecimal digits of the SHA-256 of the words, in UTF-8."""
        return hashlib.sha256(self.words.encode()).hexdigest()[:8]

    @cached_property
    def made_from(self) -> str | None:
        """The hash of the original that this translation was made from, if a comment says so."""
        below = self.line - self.page.lines[0][0] + 1
        lines = self.page.lines[below : below + 1]
        match = MADE_FROM.fullmatch(lines[0][1].rstrip()) if lines else None
        return match["hash"] if match else None


def sections(page: Page) -> dict[str, Section]:
    """The sections of a page by anchor, in order. But for the first, a heading has to have one."""
    found = {}
    starts = [heading.line for heading in page.headings]
    first = page.lines[0][0]
    prose_numbers = [number for number, _ in page.prose]
    for index, heading in enumerate(page.headings):
        end = starts[index + 1] if index + 1 < len(starts) else page.lines[-1][0] + 1
        name = heading.anchor if index else TOP
        if name:
            head = [] if index else [*_translated_front_matter(page)]
            source = [line for _, line in page.lines[heading.line - first : end - first]]
            part = slice(*(bisect_left(prose_numbers, number) for number in (heading.line, end)))
            prose = [line for _, line in page.prose[part]]
            found[name] = Section(
                page,
                name,
                heading.line,
                "\n".join(head + source).strip("\n"),
                "\n".join(head + prose),
            )
    return found


def _translated_front_matter(page: Page) -> Iterator[str]:
    """The lines of the title and the description, which may go on over indented lines."""
    translated = False
    for _, line in front_matter_lines(page):
        if not line.startswith(" "):
            translated = line.partition(":")[0] in TRANSLATED_KEYS
        if translated:
            yield line
