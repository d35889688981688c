"""Which sections of a translation have been left behind, and how much it matters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from llmdocs.pages.numbers import DIGITS, NUMBER_WORDS
from llmdocs.pages.page import Page, read, read_all
from llmdocs.pages.prose import ADMONITION, indent_of, without_code, without_comments
from llmdocs.pages.sections import (
    MADE_FROM,
    MEANT_AS_MADE_FROM,
    Section,
    code_and_text,
    sections,
    without_what_is_shared,
)

# The kinds of admonition that keep a reader from harm, by Material's names and their aliases.
WARNINGS = {"attention", "caution", "danger", "error", "warning"}
VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
# Between the digits of one number, in any language.
SEPARATORS = re.compile(r"(?<=\d)[.,\u00a0\u202f](?=\d)")


@dataclass(frozen=True)
class Originals:
    """The sections of every original page, read once. `language` is the folder they are in."""

    docs: Path
    language: str

    @cached_property
    def pages(self) -> dict[str, dict[str, Section]]:
        """By the page's name, then by anchor."""
        return {page.name: sections(page) for page in read_all(self.docs, self.language)}

    def now_at(self, translation: Section) -> Section | None:
        """Where the words that a section was made from stand now, if nothing translates them there.

        Other pages may say the same, each with a translation of its own.
        """
        for found in self.pages.values():
            for section in found.values():
                if section.hash == translation.made_from:
                    page = read(self.docs, translation.page.language, section.page.name)
                    there = sections(page).get(section.anchor) if page.path.is_file() else None
                    if not there or there.made_from != section.hash:
                        return section
        return None


@dataclass(frozen=True)
class Stale:
    """A translated section whose original says something else than what it was made from.

    `original` is None if it is gone. `moved_to` is where the very words it was made from stand
    now, under another anchor: then it is to be moved, not translated anew.
    """

    translation: Section
    original: Section | None
    moved_to: Section | None


def stale_sections(translation: Page, originals: Originals) -> list[Stale]:
    """The sections whose original has another hash than their comment says, in order."""
    by_anchor = originals.pages.get(translation.name, {})
    return [
        Stale(section, original, originals.now_at(section))
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
        line = without_code(raw)
        match = MADE_FROM.search(line)
        if match and not is_translation:
            yield number, "this comment belongs into translations alone; take it out."
        elif match and number not in under_headings:
            yield number, f"{match[0]} belongs on the line below its section's heading."
        elif match and not MADE_FROM.fullmatch(line):
            yield number, f"{match[0]} shares its line; put it on a line of its own."
        elif not match and (meant := MEANT_AS_MADE_FROM.search(line)):
            yield number, f"{meant[0]} is no hash of a section; it has the form {_form(expected)}."
    for anchor, section in found.items():
        if anchor in expected and not section.made_from:
            wanted = expected[anchor]
            yield (
                section.line,
                f"nothing says which version of {wanted.place} this section was made from; once "
                f"it says the same, run `{renewal(section)}`.",
            )


def _form(originals: dict[str, Section]) -> str:
    example = next(iter(originals.values()), None)
    return comment_for(example) if example else "<!-- en: 3f2a9c1b -->"


def renewal(section: Section) -> str:
    """The command that records that a section has been translated."""
    return f"llmdocs guide renew {section.name} --lang {section.page.language}"


def renewed(section: Section, original: Section) -> str:
    """The text of the translation's file, with a comment that says it is made from `original`."""
    lines = section.page.text.split("\n")
    has_comment = section.line < len(lines) and MADE_FROM.fullmatch(lines[section.line])
    lines[section.line : section.line + bool(has_comment)] = [comment_for(original)]
    return "\n".join(lines)


def serious_changes(before: Section, now: Section) -> list[str]:
    """What makes a change of a section serious: its variables, commands, numbers and warnings.

    Each is said in English: `the number 8 is gone`, `` `llmdocs doctor` is new ``. Inline code
    stands for variables and commands.
    """
    return [
        *_gone_and_new("", _code(before), _code(now)),
        *_gone_and_new("the number ", _numbers(before), _numbers(now)),
        *(["a warning has changed"] if _warnings(before) != _warnings(now) else []),
    ]


def likely_serious_changes(translation: Section, now: Section) -> list[str]:
    """The same where no history tells what the original said before.

    Inline code and digits are the same in every language, but for placeholders that a reader
    replaces; words are not.
    """
    return [
        *_gone_and_new("", _code(translation), _code(now)),
        *_gone_and_new("the number ", _digits(translation), _digits(now)),
    ]


def _gone_and_new(kind: str, before: Counter[str], now: Counter[str]) -> Iterator[str]:
    yield from (f"{kind}{what} is gone" for what in sorted((before - now).keys()))
    yield from (f"{kind}{what} is new" for what in sorted((now - before).keys()))


def _code(section: Section) -> Counter[str]:
    pieces = list(code_and_text(without_comments(section.prose)))
    code = [" ".join(piece.strip("`").split()) for is_code, piece in pieces if is_code]
    variables = [
        name
        for is_code, piece in pieces
        if not is_code
        for name in VARIABLE.findall(without_what_is_shared(piece))
    ]
    return Counter(f"`{name}`" for name in (*code, *variables))


def _text(section: Section) -> str:
    pieces = code_and_text(without_comments(section.prose))
    text = " ".join(without_what_is_shared(piece) for is_code, piece in pieces if not is_code)
    return SEPARATORS.sub("", text)


def _digits(section: Section) -> Counter[str]:
    return Counter(found.rstrip(".,") for found in re.findall(DIGITS, _text(section)))


def _numbers(section: Section) -> Counter[str]:
    words = {*NUMBER_WORDS.get(section.page.language, "").split()}
    spelled = (word for word in re.findall(r"\w+", _text(section).lower()) if word in words)
    return _digits(section) + Counter(spelled)


def _warnings(section: Section) -> list[str]:
    """The words of each warning, its title's first."""
    warnings: list[list[str]] = []
    outer: int | None = None
    for line in section.prose.split("\n"):
        title = ADMONITION.fullmatch(line)
        if line.strip() and outer is not None and indent_of(line) <= outer:
            outer = None
        if title and outer is None and title["kind"] in WARNINGS:
            outer = indent_of(line)
            warnings.append([])
        if outer is not None:
            warnings[-1].append(without_what_is_shared(line))
    return [" ".join(" ".join(lines).split()) for lines in warnings]
