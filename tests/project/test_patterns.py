"""No pattern of the package takes time that grows faster than what it is given."""

from __future__ import annotations

import ast
import re

import pytest

from llmdocs.catalogue.causes import rows
from llmdocs.redaction import spellings
from tests.support.growth import is_steep
from tests.support.patterns import Case, calls, cases, hard_texts

# What names of a function stand for at run time, where a pattern is made of them.
NAMES: dict[str, dict[str, object]] = {
    "llmdocs.doctor.diagnosis._not_found": {"name": "a.a.gpt-4"},
    "llmdocs.pages.rules.built_page.scripts_of": {"parts": ["var a = ", ";"]},
    "llmdocs.pages.rules.glossary.unsaid_words": {"words": r"tool\s+calls|tool\s+call|tools|tool"},
    "llmdocs.pages.rules.numbers._pattern": {"named": r"|\b(?:two|three|ten)s?\b"},
    "llmdocs.pages.rules.numbers.typed_defaults": {"spellings": ["8", "eight"]},
    "llmdocs.pages.translation.structure._in_no_language": {"code": "(?:en|fr)"},
    "llmdocs.pages.languages.has": {"homes": re.escape("https://docs.example/llmdocs")},
    "llmdocs.pages.rules.strings._line": {"name": "title"},
    "llmdocs.pages.rules.svg.problems": {"name": "rect"},
}
# Keys whose characters repeat, in each way that a key is escaped.
KEYS = [
    "a" * 40,
    "ab" * 20,
    "sk-" + "0" * 30,
    "\\" * 12,
    '"&' * 8,
    "%25" * 8,
    "  aaaa  ",
    "a a a a a",
    "a\\" * 15,
    "\\a\\\\" * 8,
    '"\\' * 10,
]
BUILT = {
    "llmdocs.catalogue.causes.match": [
        re.compile(text, re.IGNORECASE) for row in rows() for text in (row.says, row.server) if text
    ],
    "llmdocs.redaction.spellings.pattern": [spellings.pattern(key) for key in KEYS],
    # The module holds what it makes.
    "llmdocs.pages.rules.typography._rule": [],
}
CASES = cases(NAMES, BUILT)


def test_every_pattern_is_found() -> None:
    unknown = [
        f"{call.place}: {ast.unparse(call.node)}"
        for call in calls()
        if call.place not in BUILT and not call.pattern(NAMES.get(call.place, {}))
    ]

    assert unknown == []
    assert len(CASES) > 140
    # In a constant, a dictionary, a list, an object, a function, and under another module's name.
    assert {
        "llmdocs.recipes.forms.NOT_BARE",
        "llmdocs.pages.rules.numbers.TOPICS",
        "llmdocs.pages.masking.MARKDOWN",
        "llmdocs.pages.rules.typography.FRENCH",
        "llmdocs.redaction.spellings.pattern",
    } <= {case.name for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_time_of_a_pattern_grows_no_faster_than_its_text(case: Case) -> None:
    steep = [text for text in hard_texts(case.pattern) if is_steep(case.run, text)]

    assert [text(60) for text in steep] == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"<!--[\s\S]*?-->",
        r"\{\{ *(?P<name>[^{}]*?) *\}\}",
        r"(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)",
        r"\s*\n\s*\n\s*",
        r"^ {0,3}\[[^\]^]+\]:",
        r"<\w+\b[^<>]*\bmarkdown\b[^<>]*>",
        r"!\[[^\]]*\][(\[]",
        r"\b[a-z][a-z.-]*://",
    ],
)
def test_a_pattern_whose_time_grows_faster_is_found(pattern: str) -> None:
    case = Case("", re.compile(pattern, re.MULTILINE))

    assert any(is_steep(case.run, text) for text in hard_texts(case.pattern))
