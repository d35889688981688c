"""Words of the interface: each is one that pages ask for, and a complete language has them all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from llmdocs.errors import PageError
from llmdocs.pages.languages import site_languages
from llmdocs.pages.rules.strings import wrong_strings
from llmdocs.pages.strings import Strings
from tests.pages.conftest import Site
from tests.support.site_files import ROOT

WORDS = "docs/fr/strings.toml"
ENGLISH = "docs/en/strings.toml"


def found(site: Site, language: str = "fr") -> list[str]:
    """What is wrong with a language's words: each line and message."""
    languages = site_languages(site.root / "mkdocs.yml")
    problems = wrong_strings(site.root / "docs", language, languages)
    return [f"{line}: {message}".replace(f"{site.root}/", "") for line, message in problems]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The words and the languages, without any page."""
    site = Site(tmp_path)
    for name in (ENGLISH, WORDS, "mkdocs.yml"):
        site.write(name, (ROOT / name).read_text("utf-8"))
    return site


# What stands in the French file and what takes its place, the line that is at fault by its first
# words, and the message.
WRONG = {
    "a key that no page asks for": (
        ("meaning = ", "meanings = "),
        "meanings",
        "no page asks for the words 'table.meanings'. Did you mean table.meaning? Rename or remove",
    ),
    "a table that no page asks for": (
        ("[expected]", "[expecteds]"),
        "text = ",
        "no page asks for the words 'expecteds.text'. Did you mean expected.text? Rename or",
    ),
    "a setting that is none": (
        ("[settings.LLM_MODEL]", "[settings.LLM_MODLE]"),
        "description = ",
        "no page asks for the words 'settings.LLM_MODLE.description'. Did you mean settings.LLM_",
    ),
    "a word of the file that is missing": (
        ('type = "Type"\n', ""),
        "[table]",
        "the words 'table.type' are missing; translate 'Type'.",
    ),
    "a word of the code that is missing": (
        ('text = "du texte"\n', ""),
        "[expected]",
        "the words 'expected.text' are missing; translate 'text'.",
    ),
    "no text": (
        ('yes = "oui"', "yes = true"),
        "yes",
        "the words 'table.yes' are True, which is no",
    ),
    "an empty text": (('yes = "oui"', 'yes = ""'), "yes", "the words 'table.yes' are '', which is"),
    "a text between single quotes": (
        ('yes = "oui"', "yes = 'oui'"),
        "yes",
        "the words 'table.yes' are in a form whose typography and spelling are not checked; write "
        'them on a line of their own: yes = "…".',
    ),
    "a text of several lines": (
        ('yes = "oui"', 'yes = """\noui"""'),
        "yes",
        "the words 'table.yes' are in a form whose typography and spelling are not checked;",
    ),
    "what is put in is missing": (
        ("; utilisez {now}", ""),
        "renamed",
        "the words 'upstream.renamed' hold nothing between braces, and {now} in docs/en/strings.to",
    ),
    "what is put in is unknown": (
        ("passez {now}", "passez {nom}"),
        "request",
        "the words 'upstream.request' hold {nom}, and {now} in docs/en/strings.toml:",
    ),
    "a limit that is typed": (
        ('de 0 à {maximum}"', 'de 0 à 1000"'),
        "count",
        "the words 'expected.count' hold nothing between braces, and {maximum} in",
    ),
    "a brace alone": (
        ("passez {now}", "passez {now"),
        "request",
        "the words 'upstream.request' hold {a brace without its pair}, and {now} in",
    ),
    "no TOML": (("[upstream]", "[upstream"), "[upstream", "is not TOML: Expected ']' at the end"),
}


@pytest.mark.parametrize(("edit", "at", "message"), WRONG.values(), ids=WRONG)
def test_words_that_pages_cannot_use_are_found(
    site: Site, edit: tuple[str, str], at: str, message: str
) -> None:
    text = (site.root / WORDS).read_text("utf-8")
    assert edit[0] in text
    site.write(WORDS, text.replace(*edit, 1))
    lines = (site.root / WORDS).read_text("utf-8").split("\n")
    numbers = [number for number, line in enumerate(lines, start=1) if line.startswith(at)]

    assert [
        item for item in found(site) if item.startswith(tuple(f"{n}: {message}" for n in numbers))
    ]


def test_nothing_is_wrong_with_the_words_as_they_are(site: Site) -> None:
    assert found(site) == []


def test_a_language_may_write_its_own_name_or_have_it_put_in(site: Site) -> None:
    site.replace(WORDS, "Lire en français", "Lire en {language}")

    assert "{language}" in (site.root / ENGLISH).read_text("utf-8")
    assert found(site) == []


def test_a_language_that_is_not_complete_may_lack_words(site: Site) -> None:
    site.replace("mkdocs.yml", "complete: [fr]", "complete: []")
    site.write(WORDS, '[table]\nyes = "oui"\n')

    assert found(site) == []


def test_a_language_that_is_not_complete_may_have_no_words_at_all(site: Site) -> None:
    site.replace("mkdocs.yml", "complete: [fr]", "complete: []")
    (site.root / WORDS).unlink()

    assert found(site) == []


def test_a_complete_language_without_words_lacks_each(site: Site) -> None:
    (site.root / WORDS).unlink()

    assert "1: the words 'table.variable' are missing; translate 'Variable'." in found(site)


def test_words_that_are_missing_are_english(site: Site) -> None:
    site.write(WORDS, '[table]\nyes = "oui"\n')
    strings = Strings(site.root / "docs", "fr")

    assert (strings.get("table", "yes"), strings.get("table", "no")) == ("oui", "no")


def test_words_are_read_again_when_they_change(site: Site) -> None:
    strings = Strings(site.root / "docs", "fr")
    before = strings.get("table", "yes")
    site.replace(WORDS, 'yes = "oui"', 'yes = "si"')
    os.utime(site.root / WORDS, ns=(1, 1))

    assert (before, strings.get("table", "yes")) == ("oui", "si")


def test_a_file_of_words_that_is_no_toml_is_an_error(site: Site) -> None:
    site.write(WORDS, "[table\n")

    with pytest.raises(PageError, match=r"docs/fr/strings\.toml is not TOML: .*line 1"):
        Strings(site.root / "docs", "fr").get("table", "yes")


@pytest.mark.parametrize(
    ("key", "words", "language"), [("accept", "Sí", "es"), ("dismiss", "No", "en")]
)
def test_words_that_a_language_lacks_are_english_and_said_to_be_so(
    key: str, words: str, language: str, tmp_path: Path
) -> None:
    for name, text in {
        "es": '[x]\naccept = "Sí"\n',
        "en": '[x]\naccept = "Yes"\ndismiss = "No"\n',
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "strings.toml").write_text(text, "utf-8")

    strings = Strings(tmp_path, "es")

    assert (strings.get("x", key), strings.language_of("x", key)) == (words, language)
