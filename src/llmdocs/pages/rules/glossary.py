"""The glossary held to itself, language by language, and the pages held to the glossary.

A translation's glossary has the English term of each entry emphasised and marked `{:lang=en}`;
the English one has the translations, marked alike. A term whose heading is English is kept. What
else an entry emphasises, unmarked, is a translation turned down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from llmdocs.pages.masking import CODE, MARKUP, MaskedText
from llmdocs.pages.page import Heading, Page

NAME = "reference/glossary.md"
ORIGINAL = "en"
EMPHASIS = re.compile(
    r"(?<!\*)\*(?P<term>[^*\n]+(?:\n[^*\n]+)?)\*(?!\*)(?:\{: *lang=(?P<language>[\w-]+) *\})?"
)
QUOTED = re.compile(r"«(?P<term>[^«»]+)»|“(?P<inner>[^“”]+)”")
ARTICLE = re.compile(r"(?:an?|the) ", flags=re.IGNORECASE)
# The equivalents of a term stand before what is said of it.
END_OF_EQUIVALENTS = re.compile(r"[;.](?:\s|$)")


@dataclass(frozen=True)
class Entry:
    """A term, what the entry says of it, and the emphasised expressions of each language."""

    heading: Heading
    text: str

    @property
    def terms(self) -> list[str]:
        return [_plain(term) for term in self.heading.text.split(",")]

    @cached_property
    def equivalents(self) -> list[tuple[str, str | None]]:
        """The emphasised expressions that the entry begins with, each with its language."""
        return _emphasised(END_OF_EQUIVALENTS.split(self.text, maxsplit=1)[0])

    def emphasised(self, language: str | None) -> list[str]:
        return [term for term, marked in _emphasised(self.text) if marked == language]

    @property
    def quoted(self) -> set[str]:
        """What the entry quotes is said on pages."""
        return {_plain(match["term"] or match["inner"]) for match in QUOTED.finditer(self.text)}


@dataclass(frozen=True)
class Glossary:
    """A language's glossary: what comes before its entries, and those by their anchors."""

    page: Page

    @cached_property
    def lead(self) -> str:
        return self._sections[0][1] if self._sections else ""

    @cached_property
    def entries(self) -> dict[str, Entry]:
        # Below the title, and the headings of groups.
        return {
            heading.anchor: Entry(heading, text)
            for heading, text in self._sections
            if heading.level > 2 and heading.anchor
        }

    @cached_property
    def _sections(self) -> list[tuple[Heading, str]]:
        prose = self.page.prose
        starts = [heading.line for heading in self.page.headings]
        ends = [*starts[1:], self.page.lines[-1][0] + 1]
        return [
            (heading, "\n".join(line for number, line in prose if heading.line < number < end))
            for heading, end in zip(self.page.headings, ends, strict=True)
        ]

    def kept(self, original: Glossary) -> set[str]:
        """The terms that are the same as in English, by their words."""
        return {
            term
            for anchor, entry in self.entries.items()
            if anchor in original.entries
            for term in entry.terms
            if term in original.entries[anchor].terms
        }


def disagreements(original: Glossary, translation: Glossary) -> Iterator[tuple[Page, int, str]]:
    """Where a glossary and the English one contradict each other: page, line, message."""
    language = translation.page.language
    both = [anchor for anchor in translation.entries if anchor in original.entries]
    # A language that the English glossary never mentions is compared one way alone.
    mentioned = any(entry.emphasised(language) for entry in original.entries.values())
    for anchor in both:
        entry, english = translation.entries[anchor], original.entries[anchor]
        place = f"{original.page.path}:{english.heading.line}"
        found = [term for term, marked in entry.equivalents if marked == ORIGINAL]
        if found != english.terms:
            expected = ", ".join(f"*{term}*{{:lang={ORIGINAL}}}" for term in english.terms)
            said = f"gives {', '.join(map(repr, found))}" if found else "gives no English term"
            yield (
                translation.page,
                entry.heading.line,
                f"this entry {said}, and the heading of {place} is {english.heading.text!r}; "
                f"begin the entry with {expected}.",
            )
        missing = [term for term in entry.terms if term not in english.emphasised(language)]
        if mentioned and missing:
            yield (
                original.page,
                english.heading.line,
                f"this entry lacks {missing[0]!r}, the heading of {translation.page.path}:"
                f"{entry.heading.line}; write *{missing[0]}*{{:lang={language}}}, or fix that "
                "heading.",
            )
    kept = translation.kept(original)
    leads = (
        (translation.page, {term for term, mark in _emphasised(translation.lead) if not mark}),
        (original.page, {term for term, mark in _emphasised(original.lead) if mark == language}),
    )
    for page, named in leads:
        if named != kept and (mentioned or page is translation.page):
            yield (
                page,
                page.headings[0].line,
                f"the terms that stay English are {_listed(named)} here, and {_listed(kept)} by "
                f"the headings of {translation.page.path}; emphasise these and no others before "
                "the first entry.",
            )


def unsaid(original: Glossary, translation: Glossary) -> dict[str, tuple[Entry, str]]:
    """What pages do not say: each expression, the entry that it falls under, and why."""
    found: dict[str, tuple[Entry, str]] = {}
    kept = translation.kept(original)
    for anchor, entry in translation.entries.items():
        said = {*entry.terms, *entry.quoted, *kept}
        english = original.entries[anchor].terms if anchor in original.entries else []
        for term in [*english, *map(_without_article, entry.emphasised(ORIGINAL))]:
            if term not in said:
                found[term] = entry, "is left in English"
        for term in entry.emphasised(None):
            if term not in said:
                found[term] = entry, "is a translation that the glossary turns down"
    return found


def unsaid_words(
    text: MaskedText, glossary: Page, expressions: dict[str, tuple[Entry, str]]
) -> Iterator[tuple[int, str]]:
    """Where a text says what its glossary does not: outside code, emphasis and quotations."""
    if not expressions:
        return
    prose = QUOTED.sub(_masked, EMPHASIS.sub(_masked, text.prose))
    # Each form of a term leads to it. The longest come first: "tool call" is not a "tool".
    forms = {form: term for term in expressions for form in (term, _plural(term))}
    words = "|".join(
        re.escape(form).replace(r"\ ", r"\s+") for form in sorted(forms, key=len, reverse=True)
    )
    pattern = re.compile(rf"(?<![\w{CODE}-])(?:{words})(?![\w{CODE}-])", re.IGNORECASE)
    for match in pattern.finditer(prose):
        entry, why = expressions[forms[_plain(match[0])]]
        yield (
            text.line_of(match.start()),
            f"{match[0]!r} {why}; write {entry.terms[0]!r}, as the glossary has it "
            f"({glossary.path}:{entry.heading.line}, #{entry.heading.anchor}).",
        )


def _emphasised(text: str) -> list[tuple[str, str | None]]:
    return [(_plain(match["term"]), match["language"]) for match in EMPHASIS.finditer(text)]


def _plural(term: str) -> str:
    return f"{term[:-1]}ies" if re.search("[^aeiou]y$", term) else f"{term}s"


def _without_article(term: str) -> str:
    return ARTICLE.sub("", term, count=1) if ARTICLE.match(term) else term


def _plain(term: str) -> str:
    return " ".join(term.split()).casefold()


def _masked(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", MARKUP, match[0])


def _listed(terms: set[str]) -> str:
    return ", ".join(sorted(terms)) or "none"
