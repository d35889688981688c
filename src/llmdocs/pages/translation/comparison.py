"""A page and its translation side by side: what is not prose is the same in both."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest

from llmdocs.pages.links import images
from llmdocs.pages.page import TRANSLATED_KEYS, Page
from llmdocs.pages.prose import front_matter_lines
from llmdocs.pages.translation.structure import Part, built_of, facts_by_section, links_by_section

# A line of the translation, and a message that names a line of the original too.
Differences = Iterator[tuple[int, str]]


def key_line(page: Page, key: str) -> int:
    """The line of a key of the front matter, or 1 if it is not there."""
    lines = front_matter_lines(page)
    return next((number for number, line in lines if line.startswith(f"{key}:")), 1)


def differences(original: Page, translation: Page) -> Differences:
    """What a translation has otherwise than its original: its line, and what to do about it."""
    ends = (original.lines[-1][0], translation.lines[-1][0])
    yield from _first_difference(built_of(original), built_of(translation), original, ends)
    yield from _links(original, translation)
    yield from _facts(original, translation)
    yield from _front_matter(original, translation)
    yield from _untranslated_images(original, translation)


def _first_difference(
    ours: list[Part], theirs: list[Part], original: Page, ends: tuple[int, int]
) -> Differences:
    """One message at most: what follows the first difference often only follows from it.

    `ends` are the lines where what is compared ends in the original and in the translation.
    """
    for index, (expected, found) in enumerate(zip_longest(ours, theirs)):
        if not expected or not found or expected.key != found.key:
            line = found.line if found else ends[1]
            there = f"{original.path}:{expected.line if expected else ends[0]}"
            yield line, _advice(expected, found, ours[index:], theirs[index:], there)
            return


def _advice(
    expected: Part | None, found: Part | None, ours: list[Part], theirs: list[Part], there: str
) -> str:
    """What comes next in each page, and what to do; `ours` and `theirs` are the rest of each."""
    lacking = expected if _exceeds(expected, ours, theirs) else None
    surplus = found if _exceeds(found, theirs, ours) else None
    if lacking and surplus:
        return f"{surplus.name} is here, and {lacking.name} in {there}; write the same here."
    if lacking:
        return f"{lacking.name} is in {there} and not here; add it."
    if surplus:
        return f"{surplus.name} is here and not in {there}; remove it, or add it there."
    return (
        f"{found.name if found else ''} comes here, and {expected.name if expected else ''} in "
        f"{there}; put both in the same order."
    )


def _exceeds(part: Part | None, among: list[Part], others: list[Part]) -> bool:
    """Whether a page has a part more often than the other page has it."""
    counts = [sum(part.key == item.key for item in parts) for parts in (among, others) if part]
    return bool(counts) and counts[0] > counts[1]


def _links(original: Page, translation: Page) -> Differences:
    """Links are the same in each section: the order of words is a language's own."""
    if len(original.headings) != len(translation.headings):
        return
    codes = (original.language, translation.language)
    ours, theirs = links_by_section(original, codes), links_by_section(translation, codes)
    for section in sorted({*ours, *theirs}):
        expected, found = ours.get(section, []), theirs.get(section, [])
        ends = (_last_line(original, section), _last_line(translation, section))
        lacking, surplus = _without(expected, found), _without(found, expected)
        if lacking or surplus:
            yield from _first_difference(lacking, surplus, original, ends)
            return


def _without(parts: list[Part], others: list[Part]) -> list[Part]:
    """The parts that the others do not have, or not as often."""
    counts = Counter(part.key for part in others)
    rest = []
    for part in parts:
        if counts[part.key]:
            counts[part.key] -= 1
        else:
            rest.append(part)
    return rest


def _facts(original: Page, translation: Page) -> Differences:
    """Facts are counted in each section, as links are."""
    if len(original.headings) != len(translation.headings):
        return
    ours, theirs = facts_by_section(original), facts_by_section(translation)
    for section, name in sorted({*ours, *theirs}):
        expected, found = ours.get((section, name), []), theirs.get((section, name), [])
        if len(expected) != len(found):
            line = [*found, _first_line(translation, section)][0]
            there = f"{original.path}:{[*expected, _first_line(original, section)][0]}"
            yield (
                line,
                f"this section names the fact {name!r} {len(found)} times, and {len(expected)} in "
                f"{there}; name it as often.",
            )


def _first_line(page: Page, section: int) -> int:
    return page.headings[section - 1].line if section else page.lines[0][0]


def _last_line(page: Page, section: int) -> int:
    following = page.headings[section : section + 1]
    return following[0].line - 1 if following else page.lines[-1][0]


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
        elif key not in TRANSLATED_KEYS and ours[key] != theirs[key]:
            yield (
                line,
                f"{key!r} is {theirs[key]!r} here, and {ours[key]!r} in {there}; write the same "
                "here.",
            )


def _untranslated_images(original: Page, translation: Page) -> Differences:
    """A name is the same in every language; words that are not all a name say nothing here."""
    ours = {image.alt: image.line for image in reversed(images(original))}
    for image in images(translation):
        if image.alt in ours and _is_phrase(image.alt):
            yield (
                image.line,
                f"the text alternative {image.alt!r} is that of {original.path}:{ours[image.alt]}; "
                "say in the language of the page what the image shows.",
            )


def _is_phrase(text: str) -> bool:
    """Whether a text is more than a name or one word: some of its words begin in lower case."""
    words = re.findall(r"[^\W\d_][\w'’-]*", text)
    return len(words) > 1 and any(word[0].islower() for word in words)
