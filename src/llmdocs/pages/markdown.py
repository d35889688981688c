"""The grammar of pages: the marks of Markdown and of our own, found in lines and in texts.

The ends of inline code, comments and elements are looked up: a regular expression looks for one
from each beginning anew, and where ends are missing its time grows with the square of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

# Where something stands: its start, and its end, which is past its last character.
Span = tuple[int, int]
# Gives the first of its kind that starts at a position or after it.
Finder = Callable[[int], Span | None]

BACKTICKS = re.compile("`+")
BLANK_LINE = re.compile(r"\n[ \t]*\n")
# An element that says its language, up to the end of its opening tag.
IN_A_LANGUAGE = re.compile(r"<(?P<tag>\w++)(?=[^<>]*\blang=)[^<>]*+>")
CLOSING_TAG = re.compile(r"</(?P<tag>\w+)>")
FENCE = re.compile(r"(?P<indent> *)(?P<marks>`{3,}|~{3,})(?P<info>.*)")
HEADING = re.compile(r"(?P<marks>#{1,6}) +(?P<text>.*)")
ANCHOR = re.compile(r"\{ *#(?P<anchor>[\w-]+) *\}")
EMBED = re.compile(r'(?P<indent> *)--8<-- +"(?P<target>[^"]+)"\s*')
# No repeat begins with what the one before it may end with: the time would grow with the square of
# what stands between braces.
FACT = re.compile(r"\{\{ *+(?P<name>(?:[^{} ]++(?: ++(?=[^{} ]))?+)*+) *+\}\}")
BLOCK = re.compile(rf"(?P<indent> *){FACT.pattern}\s*")
ITEM = re.compile(r" *(?:[-*+]|\d+[.)]) +(?P<text>.*)")
DEFINITION = re.compile(r" *: +(?P<text>.*)")
ADMONITION = re.compile(r" *(?P<marks>!!!|\?\?\?\+?) +(?P<kind>[\w-]+).*")
TAB = re.compile(r' *===[!+]? +".*')
DELIMITER = re.compile(r"(?=.*\|) *+(?:\| *+)?+:?+-++:?+ *+(?:\| *+:?+-++:?+ *+)*+(?:\| *+)?+")
REFERENCE = re.compile(r"^ {0,3}\[[^\[\]^]+\]:.*$", flags=re.MULTILINE)
# The title of a link and the words for an image are translated.
LINK_END = re.compile(
    r"\](?:\(\s*+(?:[^\s()]++|\([^\s()]*+\))*+(?P<title>\s++(?:\"[^\"]*\"|'[^']*'))?+\s*+\)"
    r"|\[[^\]]*\])"
)
ATTRIBUTES = re.compile(r"\{ *(?::|[#.])[^{}]*\}")
_TAG_ATTRIBUTE = r"""\s+(?:[\w-]+=(?:"[^"]*"|'[^']*'|[^\s"'<>]+)|markdown)"""
TAG = re.compile(rf"</?[A-Za-z][\w-]*(?:{_TAG_ATTRIBUTE})*\s*/?>")
ALT = re.compile(r"""\salt=(?:"([^"]*)"|'([^']*)')""")
LINK = re.compile(
    r"\]\(\s*+(?P<inline>(?:[^()\s]++|\([^()\s]*+\))*+)[^()]*+\)"
    r"|^ {0,3}\[[^\[\]^]+\]:\s*+(?P<reference>\S+)"
    r"""|\b(?:href|src)=["'](?P<html>[^"']*)["']"""
    r"|<(?P<auto>https?://[^<>\s]+)>",
    flags=re.MULTILINE,
)
IMAGE = re.compile(
    r"!\[(?P<alt>(?:[^]!]|!(?!\[))*+)\][(\[]|<img\b(?P<attributes>(?:[^<>]|<(?!img\b))*+)>"
)
QUOTED_ALT = re.compile(r"""\balt=(?P<quote>["'])(?P<alt>.*?)(?P=quote)""", flags=re.DOTALL)
EXTERNAL = re.compile(r"[A-Za-z][\w+.-]*:|//")


def language_of(info: str) -> str:
    """The language that a fence says: its first word, or the first class between braces."""
    first, _, rest = info.strip().partition(" ")
    return rest.split(" ")[0].removeprefix(".") if first == "{" else first


def code(text: str) -> Iterator[Span]:
    """Inline code, with its backticks: it ends with as many as it began with.

    It never reaches past a blank line.
    """
    yield from found(code_finder(text))


def comments(text: str) -> Iterator[Span]:
    """Comments, from `<!--` to the next `-->`."""
    yield from found(comment_finder(text))


def code_and_comments(text: str) -> Iterator[Span]:
    """Inline code and comments: whichever begins first holds the other."""
    yield from found(code_finder(text), comment_finder(text))


def in_a_language(text: str) -> Iterator[Span]:
    """Elements whose opening tag says their language, up to the next closing tag of their name."""
    yield from found(element_finder(text))


def found(*finders: Finder) -> Iterator[Span]:
    """What several finders find, from left to right; none begins within another."""
    here = 0
    ahead = [finder(here) for finder in finders]
    while spans := [span for span in ahead if span]:
        first = min(spans)
        yield first
        here = first[1]
        ahead = [
            finder(here) if span and span[0] < here else span
            for finder, span in zip(finders, ahead, strict=True)
        ]


def replaced(text: str, spans: Iterable[Span], replacement: Callable[[str], str]) -> str:
    """The text with each span put through a function."""
    parts, here = [], 0
    for start, end in spans:
        parts += [text[here:start], replacement(text[start:end])]
        here = end
    return "".join([*parts, text[here:]])


def matches(pattern: re.Pattern[str], text: str) -> Finder:
    def find(here: int) -> Span | None:
        match = pattern.search(text, here)
        return match.span() if match else None

    return find


def code_finder(text: str) -> Finder:
    runs = [match.span() for match in BACKTICKS.finditer(text)]
    starts = [start for start, _ in runs]
    by_length: dict[int, list[int]] = defaultdict(list)
    for start, end in runs:
        by_length[end - start].append(start)
    blank_lines = [match.start() for match in BLANK_LINE.finditer(text)]

    def find(here: int) -> Span | None:
        for index in range(bisect_left(starts, here), len(runs)):
            start, end = runs[index]
            closing = _first(by_length[end - start], end)
            if closing is not None and closing < (_first(blank_lines, end) or len(text)):
                return start, closing + end - start
        return None

    return find


def comment_finder(text: str) -> Finder:
    last = text.rfind("-->")
    closing = -1

    def find(here: int) -> Span | None:
        nonlocal closing
        start = text.find("<!--", here)
        if start < 0 or last < start + len("<!--"):
            return None
        if closing < start + len("<!--"):
            closing = text.index("-->", start + len("<!--"))
        return start, closing + len("-->")

    return find


def element_finder(text: str) -> Finder:
    endings: dict[str, list[int]] = defaultdict(list)
    for match in CLOSING_TAG.finditer(text):
        endings[match["tag"]].append(match.start())
    blank_lines = [match.start() for match in BLANK_LINE.finditer(text)]

    def find(here: int) -> Span | None:
        for match in IN_A_LANGUAGE.finditer(text, here):
            closing = _first(endings[match["tag"]], match.end())
            if closing is not None and closing < (_first(blank_lines, match.end()) or len(text)):
                return match.start(), closing + len(f"</{match['tag']}>")
        return None

    return find


def _first(places: list[int], least: int) -> int | None:
    """The first of sorted places that is not before another."""
    index = bisect_left(places, least)
    return places[index] if index < len(places) else None
