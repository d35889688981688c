"""Active content in a page's source: what would act in a reader's browser, as its lines show it.

The built page is held to the same list; what Markdown makes of a page, the source cannot show.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from html import unescape

from llmdocs.pages.links import targets, text_of
from llmdocs.pages.page import Page, control_problem
from llmdocs.pages.rules.html_policy import (
    ARTICLE,
    COMMENT,
    IN_SOURCE,
    IN_TITLE,
    TAG,
    address_problem,
    problems,
    tag_problem,
)
from llmdocs.pages.translation.comparison import key_line

# The theme reads others too, as `template`, and one of its templates leads readers elsewhere.
KEYS = ("title", "description", "recipe")
# What docstrings may be shown of.
OWN = re.compile(r"llmdocs(?:\.\w++)*+", re.ASCII)
DOCSTRINGS = re.compile(rf"::: {OWN.pattern} *+", re.ASCII)
AUTOLINK = re.compile(r"<(?:https?://[^<>\s]++|[^<>\s@:/]++@[^<>\s@]++)>")
OPENING = re.compile(r"<(?=[A-Za-z/!?])[^<>]*+>?+")
ATTRIBUTE_LIST = re.compile(r"\{:?+(?P<inside>[^{}\n]*+)\}")
NAME = re.compile(r"""(?<![^\s=:"'{}#.])(?P<name>[^\s=:"'{}#.]++)\s*+=""")
# Markdown looks for the end of each, again and again: a few thousand take it minutes.
UNCLOSED = re.compile(r"(?:\[[^\[\]]*+){30}")
ATTRIBUTES = frozenset().union(*ARTICLE.values())


def active_content(page: Page) -> Iterator[tuple[int, str]]:
    """Each line with what is not on the allow-list, and what is expected."""
    for number, line in enumerate(page.text.split("\n"), start=1):
        if problem := control_problem(line):
            yield number, f"the line {problem}"
    yield from _front_matter(page)
    yield from _docstrings(page)
    text = text_of(page)
    first = page.lines[0][0]
    line_ends = [match.start() for match in re.finditer("\n", text)]
    if unclosed := UNCLOSED.search(text):
        yield (
            first + bisect_left(line_ends, unclosed.start()),
            "30 brackets [ begin here and none ends: Markdown takes minutes for many; close them, "
            "or write code between backticks.",
        )
    for offset, problem in (*_tags(text), *_attribute_lists(text)):
        yield first + bisect_left(line_ends, offset), problem
    for item in targets(page, text):
        # What a fact says is the code's.
        if item.text.startswith("fact:"):
            continue
        if told := address_problem(unescape(item.text).strip("<>"), loaded=item.image):
            yield item.line, f"{told[0].upper()}{told[1:]}"


def _docstrings(page: Page) -> Iterator[tuple[int, str]]:
    """What mkdocstrings would act on: it looks into fences too, and its options run files."""
    previous = ""
    for number, line in page.lines:
        options = ":::" in previous and line[:1].isspace() and line.strip()
        if options or (":::" in line and not DOCSTRINGS.fullmatch(line)):
            yield (
                number,
                "::: shows what this package's docstrings say, without options; write it alone "
                "on its line, as in ::: llmdocs.LLM, and indent nothing below it.",
            )
        previous = line if line.strip() else previous


def _front_matter(page: Page) -> Iterator[tuple[int, str]]:
    for key, value in page.front_matter.items():
        line = key_line(page, str(key))
        if key not in KEYS:
            yield line, f"{key!r} is no key of the front matter; the keys are: {', '.join(KEYS)}."
        elif isinstance(value, str):
            for problem in problems(value, IN_TITLE):
                yield line, f"{key}: {problem}"


def _tags(text: str) -> Iterator[tuple[int, str]]:
    for match in OPENING.finditer(text):
        tag = match[0]
        if AUTOLINK.fullmatch(tag) or COMMENT.match(text, match.start()):
            continue
        if not TAG.fullmatch(tag):
            yield (
                match.start(),
                f'{tag[:60]!r} is no tag in the form that is allowed: <name attribute="value">; '
                "write code between backticks, and a less-than sign as &lt;.",
            )
        elif problem := tag_problem(tag, IN_SOURCE):
            yield match.start(), problem


def _attribute_lists(text: str) -> Iterator[tuple[int, str]]:
    for match in ATTRIBUTE_LIST.finditer(text):
        for name in NAME.findall(match["inside"]):
            if name.lower() not in ATTRIBUTES:
                yield (
                    match.start(),
                    f"{match[0]!r} gives the attribute {name!r}, which pages do not have; take "
                    "it out.",
                )
