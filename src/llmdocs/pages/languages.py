"""A page and its translation side by side: what is not prose is the same in both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import zip_longest

from llmdocs.pages.blocks import BLOCKS
from llmdocs.pages.links import links
from llmdocs.pages.page import BLOCK, EMBED, FACT, Page
from llmdocs.pages.prose import ADMONITION, front_matter_lines, tables

# Each thing found, with its line.
Found = list[tuple[int, str]]


def key_line(page: Page, key: str) -> int:
    """The line of a key of the front matter, or 1 if it is not there."""
    lines = front_matter_lines(page)
    return next((number for number, line in lines if line.startswith(f"{key}:")), 1)


def differences(original: Page, translation: Page) -> Iterator[tuple[int, str]]:
    """What a translation has otherwise than its original: its line, and a message on both."""
    for what, find in IN_ORDER.items():
        yield from _first_difference(what, find(original), find(translation), original, translation)
    yield from _facts(original, translation)
    yield from _front_matter(original, translation)


def _first_difference(
    what: str, ours: Found, theirs: Found, original: Page, translation: Page
) -> Iterator[tuple[int, str]]:
    """One message at most: what follows the first difference often only follows from it."""
    ends = (original.lines[-1][0], "nothing"), (translation.lines[-1][0], "nothing")
    for left, right in zip_longest(ours, theirs):
        (number, wanted), (line, found) = left or ends[0], right or ends[1]
        if wanted != found:
            yield (
                line,
                f"the next {what} is {found} here, and {wanted} in {original.path}:{number}; "
                "both languages have the same, in the same order.",
            )
            return


def _facts(original: Page, translation: Page) -> Iterator[tuple[int, str]]:
    ours, theirs = _facts_of(original), _facts_of(translation)
    counts = Counter(name for _, name in ours), Counter(name for _, name in theirs)
    for name in sorted({*counts[0], *counts[1]}):
        if counts[0][name] != counts[1][name]:
            yield (
                _line_of(name, theirs, translation),
                f"the fact {name!r} is named {counts[1][name]} times here, and {counts[0][name]} "
                f"in {original.path}:{_line_of(name, ours, original)}; both languages name the "
                "same facts.",
            )


def _front_matter(original: Page, translation: Page) -> Iterator[tuple[int, str]]:
    ours, theirs = original.front_matter, translation.front_matter
    for key in sorted({*ours} ^ {*theirs}, key=str):
        has, lacks = ("here", "there") if key in theirs else ("there", "here")
        yield (
            key_line(translation, key),
            f"the front matter has {key!r} {has} and not {lacks}, in "
            f"{original.path}:{key_line(original, key)}; both languages have the same keys.",
        )
    if original.recipe and translation.recipe and original.recipe != translation.recipe:
        yield (
            key_line(translation, "recipe"),
            f"the recipe is {translation.recipe!r} here, and {original.recipe!r} in "
            f"{original.path}:{key_line(original, 'recipe')}; both languages name the same.",
        )


def _headings(page: Page) -> Found:
    return [(item.line, f"'{'#' * item.level} {{#{item.anchor}}}'") for item in page.headings]


def _embeds_and_blocks(page: Page) -> Found:
    return [
        (number, f"'{line.strip()}'")
        for number, line in page.lines
        if EMBED.fullmatch(line) or ((block := BLOCK.fullmatch(line)) and block["name"] in BLOCKS)
    ]


def _links(page: Page) -> Found:
    return [(line, f"'{target}'") for line, target in links(page)]


def _admonitions(page: Page) -> Found:
    matches = ((number, ADMONITION.fullmatch(line)) for number, line in page.prose)
    return [(number, f"'{match['marks']} {match['kind']}'") for number, match in matches if match]


def _tables(page: Page) -> Found:
    return [
        (table[0][0], f"of {len(table[1][1].strip().strip('|').split('|'))} columns")
        for table in tables(page)
    ]


IN_ORDER: dict[str, Callable[[Page], Found]] = {
    "heading": _headings,
    "embed or block": _embeds_and_blocks,
    "internal link": _links,
    "admonition": _admonitions,
    "table": _tables,
}


def _facts_of(page: Page) -> Found:
    return [
        (number, match["name"])
        for number, line in page.lines
        for match in FACT.finditer(line)
        if match["name"] not in BLOCKS
    ]


def _line_of(name: str, facts: Found, page: Page) -> int:
    return next((line for line, fact in facts if fact == name), page.lines[-1][0])
