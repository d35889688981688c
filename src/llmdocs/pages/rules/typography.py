"""Typography that a language has rules for: what breaks them, and what fixes it for certain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from llmdocs.pages.masking import CODE, MARKUP, WALL, MaskedText

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
FIX = "llmdocs guide typography --fix"
# How much of a line a message shows on each side.
CONTEXT = 20

GAP = r"(?P<gap>[^\S\n]*)"
# What may follow a mark that has a space before it.
END = rf"(?=[\s)\]»”\"*_|,.…{MARKUP}{WALL}]|$)"
LETTER = r"[^\W\d_]"


@dataclass(frozen=True)
class Rule:
    """What a pattern finds is wrong.

    `replaced` has what each of its groups is to be; without it, a person decides.
    """

    pattern: re.Pattern[str]
    expected: str
    replaced: dict[str, str] | None = None

    def edits(self, match: re.Match[str]) -> list[Edit]:
        return [
            Edit(*match.span(group), text)
            for group, text in (self.replaced or {}).items()
            if match[group] != text
        ]


@dataclass(frozen=True, order=True)
class Edit:
    """What is put in the place of a part of the text."""

    start: int
    end: int
    text: str


def _rule(pattern: str, expected: str, **replaced: str) -> Rule:
    return Rule(re.compile(pattern, flags=re.MULTILINE), expected, replaced or None)


# French, as the Imprimerie nationale sets it. One no-break space serves for all: U+202F, narrow,
# is missing in some fonts, and pages that mix the two can be neither searched nor compared.
FRENCH = (
    _rule(
        rf"(?<=[^\s(\[|#>{WALL}]){GAP}(?:(?<![!?])[!?]++|[;:»]){END}",
        "put a no-break space (U+00A0) before this mark",
        gap=NO_BREAK_SPACE,
    ),
    _rule(
        rf"«{GAP}(?=\S)",
        "put a no-break space (U+00A0) after «",
        gap=NO_BREAK_SPACE,
    ),
    _rule(
        r"^[^\S\n]*[;!?»]|«[^\S\n]*$",
        "keep this mark on the line of the word it belongs to",
    ),
    _rule(
        rf"(?:(?<={LETTER})(?P<mark>''?|[‘ʼ´])(?=[\w*_«\"“\[{CODE}]))",
        "write the apostrophe ’ (U+2019)",
        mark="’",
    ),
    _rule(
        rf"(?<![\w*_])['‘]|['‘](?![\w*_«\"“\[{CODE}])|(?<!{LETTER})['‘]",
        "write ’ (U+2019) for an apostrophe, and « » for quotation marks",
    ),
    _rule(
        r"(?<![^\s(\[*_'’—–])(?P<open>[\"“„][^\S\n]*)(?=[^\s\"”])"
        rf"(?:(?!\n[ ]*(?:\n|[-*+>#|:]|\d+[.)]))[^\"“”„|{WALL}])*?"
        rf"(?<=[^\s])(?P<close>[^\S\n]*[\"”])(?![\w{CODE}])",
        "write « » with no-break spaces (U+00A0) inside",
        open=f"«{NO_BREAK_SPACE}",
        close=f"{NO_BREAK_SPACE}»",
    ),
    _rule(r"[\"“”„]", "write « » with no-break spaces (U+00A0) inside"),
    _rule(r"(?<!\.)(?P<dots>\.\.\.)(?!\.)", "write the ellipsis … (U+2026)", dots="…"),
    _rule(
        rf"(?<=[\d{CODE}]){GAP}%",
        "put a no-break space (U+00A0) before %",
        gap=NO_BREAK_SPACE,
    ),
    _rule(
        r"(?<![\w.,])\d+(?:[.,]\d+)?(?P<gap>[ \t\u2009\u202f])"
        r"(?=[€$]|(?:m?s|min|h|[KMGT]i?o)\b(?!’))",
        "put a no-break space (U+00A0) between a number and its unit",
        gap=NO_BREAK_SPACE,
    ),
)

# A language without an entry has no rules here.
RULES: dict[str, tuple[Rule, ...]] = {"fr": FRENCH}


def problems(text: MaskedText) -> Iterator[tuple[int, str]]:
    """What breaks a rule of the text's language: its line, and what is expected."""
    # A rule that fixes says more than one that only finds: it comes first at each place.
    seen: set[int] = set()
    for rule, match in _found(text):
        edits = rule.edits(match)
        places = {edit.start for edit in edits} or {match.start()}
        if (rule.replaced and not edits) or places & seen:
            continue
        seen |= {place for edit in edits for place in range(edit.start, edit.end)} | places
        remedy = f"; `{FIX}` does it" if edits else ""
        start = min(places)
        yield text.line_of(start), f"{_context(text, start)!r}: {rule.expected}{remedy}."


def fixed(text: MaskedText) -> str:
    """The text with all fixed that is certain. Fixing twice is fixing once."""
    whole, end = [], 0
    for edit in edits(text):
        whole += [text.text[end : edit.start], edit.text]
        end = edit.end
    return "".join([*whole, text.text[end:]])


def edits(text: MaskedText) -> list[Edit]:
    """What fixes the text, in order; no two touch the same place."""
    kept: list[Edit] = []
    for edit in sorted({edit for rule, match in _found(text) for edit in rule.edits(match)}):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


def _found(text: MaskedText) -> Iterator[tuple[Rule, re.Match[str]]]:
    for rule in RULES.get(text.language, ()):
        for match in rule.pattern.finditer(text.prose):
            yield rule, match


def _context(text: MaskedText, place: int) -> str:
    """What stands around a place, on its line."""
    start = text.text.rfind("\n", 0, place) + 1
    end = text.text.find("\n", place)
    line_end = len(text.text) if end < 0 else end
    return text.text[max(start, place - CONTEXT) : min(line_end, place + CONTEXT)].strip(" ")
