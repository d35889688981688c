"""A page and its translation side by side: what is not prose is the same in both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from llmdocs.pages.links import images
from llmdocs.pages.page import Page
from llmdocs.pages.parts import Part, built_of, facts_by_section, leads_to
from llmdocs.pages.prose import front_matter_lines

# What the front matter says in the language of the page.
PROSE_KEYS = ("title", "description")

# A line of the translation, and a message that names a line of the original too.
Differences = Iterator[tuple[int, str]]


def key_line(page: Page, key: str) -> int:
    """The line of a key of the front matter, or 1 if it is not there."""
    lines = front_matter_lines(page)
    return next((number for number, line in lines if line.startswith(f"{key}:")), 1)


def differences(original: Page, translation: Page) -> Differences:
    """What a translation has otherwise than its original: its line, and what to do about it."""
    codes = (original.language, translation.language)
    for ours, theirs in (
        (built_of(original), built_of(translation)),
        (leads_to(original, codes), leads_to(translation, codes)),
    ):
        yield from _first_difference(ours, theirs, original, translation)
    yield from _facts(original, translation)
    yield from _front_matter(original, translation)
    yield from _untranslated_images(original, translation)


def _first_difference(
    ours: list[Part], theirs: list[Part], original: Page, translation: Page
) -> Differences:
    """One message at most: what follows the first difference often only follows from it."""
    for index, (wanted, found) in enumerate(zip_longest(ours, theirs)):
        if not wanted or not found or wanted.key != found.key:
            line = found.line if found else translation.lines[-1][0]
            there = f"{original.path}:{wanted.line if wanted else original.lines[-1][0]}"
            yield line, _advice(wanted, found, ours[index:], theirs[index:], there)
            return


def _advice(
    wanted: Part | None, found: Part | None, ours: list[Part], theirs: list[Part], there: str
) -> str:
    """What comes next in each page, and what to do; `ours` and `theirs` are the rest of each."""
    lacking = wanted if _exceeds(wanted, ours, theirs) else None
    surplus = found if _exceeds(found, theirs, ours) else None
    if lacking and surplus:
        return f"{surplus.name} is here, and {lacking.name} in {there}; write the same here."
    if lacking:
        return f"{lacking.name} is in {there} and not here; add it."
    if surplus:
        return f"{surplus.name} is here and not in {there}; remove it, or add it there."
    return (
        f"{found.name if found else ''} comes here, and {wanted.name if wanted else ''} in "
        f"{there}; put both in the same order."
    )


def _exceeds(part: Part | None, among: list[Part], others: list[Part]) -> bool:
    """Whether a page has a part more often than the other page has it."""
    counts = [sum(part.key == item.key for item in parts) for parts in (among, others) if part]
    return bool(counts) and counts[0] > counts[1]


def _facts(original: Page, translation: Page) -> Differences:
    """Facts are counted in each section: the order of words is a language's own."""
    if len(original.headings) != len(translation.headings):
        return
    ours, theirs = facts_by_section(original), facts_by_section(translation)
    for section, name in sorted({*ours, *theirs}):
        wanted, found = ours.get((section, name), []), theirs.get((section, name), [])
        if len(wanted) != len(found):
            line = [*found, _first_line(translation, section)][0]
            there = f"{original.path}:{[*wanted, _first_line(original, section)][0]}"
            yield (
                line,
                f"this section names the fact {name!r} {len(found)} times, and {len(wanted)} in "
                f"{there}; name it as often.",
            )


def _first_line(page: Page, section: int) -> int:
    return page.headings[section - 1].line if section else page.lines[0][0]


def _front_matter(original: Page, translation: Page) -> Differences:
    ours, theirs = original.front_matter, translation.front_matter
    for key in sorted({*ours, *theirs}, key=str):
        line, there = key_line(translation, key), f"{original.path}:{key_line(original, key)}"
        if key not in theirs:
            yield line, f"the front matter has {key!r} in {there} and not here; add it."
        elif key not in ours:
            yield (
                line,
                f"the front matter has {key!r} here and not in {there}; remove it, or add it "
                "there.",
            )
        elif key not in PROSE_KEYS and ours[key] != theirs[key]:
            yield (
                line,
                f"{key!r} is {theirs[key]!r} here, and {ours[key]!r} in {there}; write the same "
                "here.",
            )


def _untranslated_images(original: Page, translation: Page) -> Differences:
    """A name is the same in every language; words that are not all a name say nothing here."""
    for ours, theirs in zip(images(original), images(translation), strict=False):
        if theirs.alt == ours.alt and _is_phrase(theirs.alt):
            yield (
                theirs.line,
                f"the text alternative {theirs.alt!r} is that of {original.path}:{ours.line}; "
                "say in the language of the page what the image shows.",
            )


def _is_phrase(text: str) -> bool:
    """Whether a text is more than a name or one word: some of its words begin in lower case."""
    words = re.findall(r"[^\W\d_][\w'’-]*", text)
    return len(words) > 1 and any(word[0].islower() for word in words)
