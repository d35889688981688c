"""Sections of a translation that have been left behind, and how much it matters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from llmdocs.pages.numerals import DIGITS, NUMBER_WORDS
from llmdocs.pages.page import Page
from llmdocs.pages.prose import indent_of, without_code
from llmdocs.pages.sections import (
    MADE_FROM,
    MASK,
    MEANT_AS_MADE_FROM,
    Section,
    sections,
)

# The kinds of admonition that keep a reader from harm, by Material's names and their aliases.
WARNING = re.compile(
    r" *(?:[-*+] +|\d+[.)] +)?(?:!!!|\?\?\?\+?) +(?:attention|caution|danger|error|warning)\b.*"
)
# A number keeps its sign and its unit, and a name its digits: -5, 1.5 ms, 10 %, gpt-4.
UNIT = r"%|(?:[kKMGT]i?B|[mµn]?s|min|h|seconds?|minutes?|hours?|days?)\b"
# It begins where a run of marks does, not at each of them.
NUMBER = re.compile(
    r"(?<!\w)(?:(?<![.,:/-])|(?<=\w[.,:/-])|(?=\+))"
    rf"[-+]?+(?:[.,:/-]*+\w++)++(?:[ \u00a0]?(?:{UNIT}))?"
)
MARKER = re.compile(r"^ *\d+[.)] +", flags=re.MULTILINE)
OFTEN = ("twice", "half")
EXAMPLE = "<!-- en: 3f2a9c1b -->"
NAME_IN_CAPITALS = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
# Between the digits of one number, in any language.
SEPARATORS = re.compile(r"(?<=\d)[.,\u00a0\u202f](?=\d)")


@dataclass(frozen=True)
class Originals:
    """The sections of every original page, cut once. `language` is the folder they are in."""

    docs: Path
    language: str
    originals: Sequence[Page]

    @cached_property
    def pages(self) -> dict[str, dict[str, Section]]:
        """By the page's name, then by anchor."""
        return {page.name: sections(page) for page in self.originals}

    def moved_to(self, translation: Section) -> Section | None:
        """Where the words that a section was made from stand now, if it is to follow them there.

        It is if its anchor is gone, or if the words have a new anchor on the same page. Elsewhere
        they may always have stood, with a translation of their own.
        """
        name, hash = translation.page.name, translation.made_from
        here = self.pages.get(name, {})
        new = [
            section
            for section in here.values()
            if section.hash == hash and section.anchor not in sections(translation.page)
        ]
        if new or translation.anchor in here:
            return new[0] if new else None
        found = (section for page in self.pages.values() for section in page.values())
        return next((section for section in found if section.hash == hash), None)


@dataclass(frozen=True)
class Stale:
    """A translated section whose original says something else than what it was made from.

    `original` is None if it is gone, and `has_page` says whether its page is there. `moved_to` is
    where the very words it was made from stand now: then it is to be moved, not translated anew.
    """

    translation: Section
    original: Section | None
    moved_to: Section | None
    has_page: bool


def stale_sections(translation: Page, originals: Originals) -> list[Stale]:
    """The sections whose original has another hash than their comment says, in order."""
    by_anchor = originals.pages.get(translation.name, {})
    return [
        Stale(section, original, originals.moved_to(section), translation.name in originals.pages)
        for section in sections(translation).values()
        if section.made_from
        and (not (original := by_anchor.get(section.anchor)) or section.made_from != original.hash)
    ]


def comment_for(original: Section) -> str:
    """What stands under the heading of a translation that says what the original says."""
    return f"<!-- {original.page.language}: {original.hash} -->"


def comment_problems(page: Page, originals: Originals) -> Iterator[tuple[int, str]]:
    """Comments that are missing, misspelt or misplaced: the line, and a message."""
    is_translation = page.language != originals.language
    expected = originals.pages.get(page.name, {}) if is_translation else {}
    found = sections(page)
    under_headings = {section.line + 1 for section in found.values()}
    for number, raw in page.prose:
        line = without_code(raw).rstrip()
        match = MADE_FROM.search(line)
        if match and not is_translation:
            yield number, "this comment belongs into translations alone; take it out."
        elif match and number not in under_headings:
            yield number, f"{match[0]} belongs on the line below its section's heading."
        elif match and not MADE_FROM.fullmatch(line):
            yield number, f"{match[0]} shares its line; put it on a line of its own."
        elif match and match["language"] != originals.language:
            yield number, f"{match[0]} names {match['language']}; write {originals.language}."
        elif not match and (meant := MEANT_AS_MADE_FROM.search(line)):
            yield number, f"{meant[0]} is no hash of a section; it has the form {EXAMPLE}."
    for anchor, section in found.items():
        if anchor in expected and not section.made_from:
            original = expected[anchor]
            yield (
                section.line,
                f"nothing says which version of {original.place} this section was made from; once "
                f"it says the same, run `{renewal(section)}`.",
            )


def renewal(section: Section) -> str:
    """The command that records that a section has been translated."""
    return f"llmdocs guide renew {section.name} --lang {section.page.language}"


def renewed(section: Section, original: Section) -> str:
    """The text of the translation's file, with a comment that says it is made from `original`.

    It takes the place of any that the section has, wherever that stands.
    """
    lines = section.page.text.split("\n")
    end = min(
        (other.line for other in sections(section.page).values() if other.line > section.line),
        default=len(lines) + 1,
    )
    kept = [line for line in lines[section.line : end - 1] if not MADE_FROM.fullmatch(line.strip())]
    lines[section.line : end - 1] = [comment_for(original), *kept]
    return "\n".join(lines)


def serious_changes(before: Section, now: Section) -> list[str]:
    """What makes a change of a section serious: its variables, commands, numbers and warnings.

    Each is said in English: `the number 8 is gone`, `` `llmdocs doctor` is new ``. Inline code
    stands for variables and commands, and an admonition for a warning.
    """
    old, new = _numbers(before), _numbers(now)
    moved = old != new and sorted(old) == sorted(new)
    return [
        *_gone_and_new("", _code(before), _code(now)),
        *_gone_and_new("the number ", old, new),
        *(["the numbers are in another order"] if moved else []),
        *(["a warning has changed"] if _warnings(before) != _warnings(now) else []),
    ]


def likely_serious_changes(translation: Section, now: Section) -> list[str]:
    """The same where no history tells what the original said before.

    Variables, commands and digits are the same in every language; other inline code may hold what
    a reader replaces, and other words are not.
    """
    return [
        *_gone_and_new("", _commands(translation), _commands(now)),
        *_gone_and_new("the number ", _digits(translation), _digits(now)),
    ]


def _gone_and_new(kind: str, before: list[str], now: list[str]) -> Iterator[str]:
    old, new = Counter(before), Counter(now)
    yield from (f"{kind}{what} is gone" for what in sorted((old - new).keys()))
    yield from (f"{kind}{what} is new" for what in sorted((new - old).keys()))


def _code(section: Section) -> list[str]:
    """Inline code, and variables outside it, each between backticks."""
    code = (" ".join(found.strip("`").split()) for found in section.code)
    return [f"`{name}`" for name in (*code, *NAME_IN_CAPITALS.findall(section.text))]


def _commands(section: Section) -> list[str]:
    """Each variable, and each inline code of several words that are the same in every language."""
    return sorted(
        {
            found
            for found in _code(section)
            if NAME_IN_CAPITALS.search(found)
            or re.fullmatch(r"`(?:llmdocs|make|pip) [\w -]+`", found)
        }
    )


def _text(section: Section) -> str:
    """What is neither code nor the number of an item of a list."""
    return MASK.sub(" ", MARKER.sub("", section.text))


def _digits(section: Section) -> list[str]:
    """The numbers in digits, once each, however a language parts the digits."""
    text = SEPARATORS.sub("", _text(section))
    return sorted({found.rstrip(".,") for found in re.findall(DIGITS, text)})


def _numbers(section: Section) -> list[str]:
    """What holds a digit, with its sign and unit, and the words that are numbers, in order."""
    words = {*NUMBER_WORDS.get(section.page.language, "").split(), *OFTEN}
    found = NUMBER.findall(_text(section))
    return [
        " ".join(number.split())
        for number in found
        if any(letter.isdigit() for letter in number) or number.lower() in words
    ]


def _warnings(section: Section) -> list[str]:
    """The words of each warning, its title's first."""
    warnings: list[list[str]] = []
    outer: int | None = None
    for line in section.text.split("\n"):
        title = WARNING.fullmatch(line)
        if line.strip() and outer is not None and indent_of(line) <= outer:
            outer = None
        if title and outer is None:
            outer = indent_of(line)
            warnings.append([])
        if outer is not None:
            warnings[-1].append(MASK.sub("", line))
    return [" ".join(" ".join(lines).split()) for lines in warnings]
