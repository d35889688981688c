"""The glossaries agree with each other, and the pages say what the glossary says."""

from __future__ import annotations

import pytest

from llmdocs.pages.documentation import Documentation
from llmdocs.pages.page import read
from llmdocs.pages.rules.checks import wrong_terms
from llmdocs.pages.rules.glossary import NAME, Glossary, unsaid
from llmdocs.pages.rules.problem import Problem
from tests.pages.conftest import Site
from tests.support.site_files import COMPLETE_LANGUAGES, DOCS

ENGLISH, FRENCH = f"docs/en/{NAME}", f"docs/fr/{NAME}"
PAGE = "docs/fr/llms/openai.md"
STRINGS = "docs/fr/strings.toml"
N = "\N{NO-BREAK SPACE}"


@pytest.fixture
def site(site: Site) -> Site:
    """The small site, with one word of the interface."""
    site.write(STRINGS, '[failures]\nretry = "Nouvelle tentative"\n')
    return site


def found(site: Site) -> list[Problem]:
    documentation = Documentation.at(site.root)
    pages = [page for code in documentation.pages for page in documentation.pages_in(code)]
    return list(wrong_terms(pages, pages, documentation))


def assert_only(site: Site, name: str, line: int, *parts: str) -> None:
    """One problem is found: in this file, at this line, and with these words."""
    problems = found(site)

    assert [(problem.path, problem.line) for problem in problems] == [(site.root / name, line)]
    for part in parts:
        assert part in problems[0].message


def test_nothing_is_wrong_with_the_glossary_and_its_use(site: Site) -> None:
    assert found(site) == []


def test_every_entry_is_read() -> None:
    """Anchors of groups are no entries; every other heading is."""
    for language in COMPLETE_LANGUAGES:
        page = read(DOCS, language, NAME)
        entries = Glossary(page).entries

        assert len(entries) == sum(heading.level == 3 for heading in page.headings) > 25
        assert all(entry.text.strip() for entry in entries.values())


# What stands in the French glossary, what is put in its place, the heading of the entry that is
# at fault, and words of the message.
ENTRIES = {
    "another English term": (
        "*retry*{:lang=en}",
        "*retries*{:lang=en}",
        "{#retry}",
        "gives 'retries'",
        "is 'Retry'; begin the entry with *retry*{:lang=en}",
    ),
    "no English term": (f"En anglais{N}: *key*{{:lang=en}}. ", "", "{#key}", "no English term"),
    "an English term that is not marked": (
        "*gateway*{:lang=en}",
        "*gateway*",
        "{#gateway}",
        "gives no English term",
        "*gateway*{:lang=en}",
    ),
    "one of two English terms": (
        "*tool*{:lang=en}, *tool call*{:lang=en}",
        "*tool*{:lang=en}",
        "{#tool}",
        "gives 'tool'",
        "*tool*{:lang=en}, *tool call*{:lang=en}",
    ),
    "an English term that comes too late": (
        "*dialect*{:lang=en}.",
        "dialecte. *dialect*{:lang=en}.",
        "{#dialect}",
        "gives no English term",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ENTRIES.values(), ids=ENTRIES)
def test_an_entry_begins_with_the_heading_of_the_english_one(
    site: Site, case: tuple[str, ...]
) -> None:
    old, new, heading, *parts = case
    site.replace(FRENCH, old, new)

    assert_only(site, FRENCH, site.line(FRENCH, heading), *parts)


def test_the_english_entry_gives_the_heading_of_the_translation(site: Site) -> None:
    site.replace(FRENCH, "### Passerelle {", "### Relais {")

    assert_only(
        site, ENGLISH, site.line(ENGLISH, "{#gateway}"),
        "lacks 'relais'", f"{site.root / FRENCH}:", "*relais*{:lang=fr}",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "mark"), [(ENGLISH, "{:lang=fr}"), (FRENCH, "")], ids=["English", "French"]
)
def test_the_lead_names_the_terms_that_stay_english(site: Site, name: str, mark: str) -> None:
    site.replace(name, f"*prompt*{mark}, *embedding*{mark}", f"*embedding*{mark}")

    assert_only(
        site, name, site.line(name, "{#glossary}"),
        "are embedding, quota, streaming here, and embedding, prompt, quota, streaming",
    )  # fmt: skip


def test_a_term_whose_heading_is_translated_no_longer_stays_english(site: Site) -> None:
    site.append(PAGE, "Un quota s’épuise.")
    site.replace(FRENCH, "### Quota {", "### Contingent {")
    site.replace(
        ENGLISH,
        "French: *quota*{:lang=fr}, unchanged, masculine.",
        "French: *contingent*{:lang=fr}.",
    )

    messages = [problem.message for problem in found(site)]
    assert sum("by the headings of" in message for message in messages) == 2
    assert any("is left in English; write 'contingent'" in message for message in messages)


# A sentence of a French page, the word that is found in it, and the anchor of the entry.
UNSAID = {
    "a term": ("Un retry suit.", "retry", "retry"),
    "a plural": ("Les tokens se paient.", "tokens", "token"),
    "a plural in -ies": ("Les retries suivent.", "retries", "retry"),
    "a capital": ("Timeout atteint.", "Timeout", "timeout"),
    "two words": ("Un rate limit arrive.", "rate limit", "rate-limit"),
    "two words on two lines": ("Un rate\nlimit arrive.", "rate\\nlimit", "rate-limit"),
    "the longer of two terms": ("Un tool call arrive.", "tool call", "tool"),
    "a term in bold": ("Un **backend** répond.", "backend", "backend"),
    "a term in a link": ("Voyez [ce snippet](openai.md).", "snippet", "snippet"),
    "a term after an apostrophe": ("C’est l’env file.", "env file", "environment"),
    "an expression with an article": ("Le stream finit.", "stream", "streaming"),
    "a translation turned down": ("Un plongement est un vecteur.", "plongement", "embedding"),
    "another one": ("Un réessai suit.", "réessai", "retry"),
    "a translation of two words": ("Le délai d’expiration passe.", "délai d’expiration", "timeout"),
}


@pytest.mark.parametrize(("text", "word", "anchor"), UNSAID.values(), ids=UNSAID)
def test_a_page_says_the_glossarys_term(site: Site, text: str, word: str, anchor: str) -> None:
    line = site.append(PAGE, text)

    heading = site.line(FRENCH, f"{{#{anchor}}}")
    place = f"({site.root / FRENCH}:{heading}, #{anchor})"
    assert_only(site, PAGE, line, f"'{word}' is ", "; write '", place)


SAID = {
    "code": "Le champ `token` et la page `retry`.",
    "emphasis": "Le mot *retry* est anglais.",
    "a quotation": f"Le message «{N}rate limit{N}» le dit.",
    "English that is marked": 'Le mot <span lang="en">token</span>.',
    "a target": "[Voyez](https://x.example/retry/token).",
    "a term that stays English": "Le prompt, les embeddings, le streaming et le quota.",
    "a word that the glossary quotes": "L’usage est libre.",
    "a part of a word": "Les tokenisations.",
    "a name": "Le paquet auto-retry-token.",
}


@pytest.mark.parametrize("text", SAID.values(), ids=SAID)
def test_a_page_may_say_what_is_no_such_term(site: Site, text: str) -> None:
    site.append(PAGE, text)

    assert found(site) == []


def test_words_of_the_interface_keep_to_the_glossary(site: Site) -> None:
    line = site.replace(STRINGS, 'retry = "Nouvelle tentative"', 'retry = "Retry"')

    assert_only(site, STRINGS, line, "'Retry' is left in English; write 'nouvelle tentative'")


def test_titles_keep_to_the_glossary(site: Site) -> None:
    line = site.replace("mkdocs.yml", "Timeouts: Délais d’attente", "Timeouts: Les timeouts")

    assert_only(site, "mkdocs.yml", line, "write 'délai d’attente'")


def test_wrong_terms_are_problems_of_the_site(site: Site) -> None:
    line = site.append(PAGE, "Un retry suit.")

    assert [problem.line for problem in site.problems(PAGE)] == [line]


class TestAThirdLanguage:
    def glossary(self, site: Site) -> None:
        site.write(
            f"docs/es/{NAME}",
            "# Glosario {#glossary}\n\nSe conserva *prompt*.\n\n## Uno {#exchanging}\n\n"
            "### Prompt {#prompt}\n\nEn inglés: *prompt*{:lang=en}.\n\n"
            "### Reintento {#retry}\n\nEn inglés: *retry*{:lang=en}.\n",
        )

    def test_is_held_to_its_own_glossary(self, site: Site) -> None:
        self.glossary(site)
        site.write("docs/es/index.md", "# Inicio {#home}\n\nUn retry.\n")

        assert_only(site, "docs/es/index.md", 3, "'retry' is left in English; write 'reintento'")

    def test_needs_no_word_in_the_english_glossary(self, site: Site) -> None:
        self.glossary(site)

        assert found(site) == []

    def test_without_a_glossary_says_what_it_likes(self, site: Site) -> None:
        site.write("docs/es/index.md", "# Inicio {#home}\n\nUn retry.\n")

        assert found(site) == []


def test_the_terms_that_are_looked_for_are_those_of_the_entries() -> None:
    original, translation = (Glossary(read(DOCS, language, NAME)) for language in ("en", "fr"))
    kept = translation.kept(original)

    expected = {
        term for anchor in translation.entries for term in original.entries[anchor].terms
    } - kept - {"usage"}  # fmt: skip
    assert expected <= {*unsaid(original, translation)}
    assert not kept & {*unsaid(original, translation)}
