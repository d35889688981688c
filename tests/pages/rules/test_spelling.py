"""Each word of a checked language is in hunspell's dictionary or in the list of the field."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from llmdocs.pages.documentation import Documentation
from llmdocs.pages.rules.spelling import (
    DICTIONARIES,
    PROGRAM,
    WORD_LIST,
    Dictionary,
    Misspelt,
    misspellings,
)
from tests.pages.conftest import Site
from tests.support.site_files import DOCS, ROOT

FRENCH = "docs/fr/llms/openai.md"
LIST = f"docs/fr/{WORD_LIST}"


def needs(language: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.needs(PROGRAM), pytest.mark.needs(DICTIONARIES[language].package)]


@pytest.mark.parametrize(
    "language", [pytest.param(language, marks=needs(language)) for language in DICTIONARIES]
)
def test_every_word_is_spelt_right(language: str) -> None:
    found = misspellings(Documentation.at(ROOT), language, DICTIONARIES[language].misspelt)

    assert list(map(str, found)) == []


def test_every_checked_language_has_pages_and_a_list() -> None:
    assert [
        language for language in DICTIONARIES if not (DOCS / language / WORD_LIST).is_file()
    ] == []


class TestTheDictionary:
    pytestmark = needs("fr")

    def test_knows_elisions_hyphens_and_capitals(self) -> None:
        right = ["l’adresse", "l'adresse", "aujourd’hui", "elle-même", "Retenté", "œuvre", "qu’ont"]

        assert DICTIONARIES["fr"].misspelt(right) == {}

    def test_names_each_wrong_word_with_suggestions(self) -> None:
        found = DICTIONARIES["fr"].misspelt(["juste", "fournisseurr", "tentatve", "deux", "xqzt"])

        assert list(found) == ["fournisseurr", "tentatve", "xqzt"]
        assert "fournisseur" in found["fournisseurr"]
        assert "tentative" in found["tentatve"]

    def test_that_is_not_there_says_what_to_install(self) -> None:
        with pytest.raises(FileNotFoundError, match=r"no dictionary xx_XX; .* install hunspell-xx"):
            Dictionary("xx_XX", "hunspell-xx").misspelt(["mot"])
        assert not Dictionary("xx_XX", "hunspell-xx").is_installed()


def test_without_hunspell_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: None)

    with pytest.raises(FileNotFoundError, match=r"hunspell is not .* install hunspell hunspell-fr"):
        DICTIONARIES["fr"].misspelt(["mot"])


class Asked:
    """Stands in for hunspell: it keeps what it is asked and finds the words that it is given."""

    def __init__(self, *wrong: str) -> None:
        self.wrong = wrong
        self.times = 0
        self.words: list[str] = []

    def misspelt(self, words: Iterable[str]) -> Misspelt:
        self.times += 1
        self.words += words
        return {word: ["juste", "justesse"] for word in self.words if word in self.wrong}

    def find(self, site: Site) -> list[tuple[Path, int, str]]:
        found = misspellings(Documentation.at(site.root), "fr", self.misspelt)
        return [(problem.path, problem.line, problem.message) for problem in found]


class TestWhatIsAsked:
    def test_is_asked_once_for_all_pages(self, site: Site) -> None:
        asked = Asked()
        asked.find(site)

        assert asked.times == 1
        assert len(asked.words) == len(set(asked.words)) > 400
        # Of a page, of another, of the interface, and of the titles.
        assert {"demander", "passerelle", "nécessaire", "erreurs"} <= set(
            map(str.lower, asked.words)
        )

    @pytest.mark.parametrize(
        "text",
        [
            "Le `xqzt`.",
            "```text\nxqzt\n```",
            "Voir [là](xqzt.md) et <https://xqzt.example/xqzt>.",
            'Un <span lang="en">xqzt</span>, un *xqzt*{:lang=en}.',
            "Un <b title='xqzt'>mot</b>.<!-- xqzt -->",
            "Un {{ LLM_TIMEOUT.default }}, un LLM_xqzt, un xqzt9, un gpt-4-xqzt, un xqzt.toml.",
            "::: llmdocs.xqzt",
            "## Titre {#xqzt}",
        ],
    )
    def test_is_prose_alone(self, site: Site, text: str) -> None:
        site.append(FRENCH, text)
        asked = Asked()
        asked.find(site)

        assert [word for word in asked.words if "xqzt" in word] == []

    @pytest.mark.parametrize(
        ("name", "old", "new"),
        [
            (FRENCH, "description: ", "description: Xqzt "),
            (FRENCH, "# OpenAI {", "# Xqzt OpenAI {"),
            ("docs/fr/strings.toml", 'type = "Type"', 'type = "Xqzt"'),
            ("mkdocs.yml", "Errors: Erreurs", "Errors: Xqzt"),
        ],
        ids=["front matter", "a heading", "a word of the interface", "a title"],
    )
    def test_is_all_that_readers_are_told(self, site: Site, name: str, old: str, new: str) -> None:
        line = site.replace(name, old, new)

        ((path, found, message),) = Asked("Xqzt").find(site)
        assert (path, found) == (site.root / name, line)
        assert message.startswith("'Xqzt' is not in the dictionary. Did you mean juste or ")


class TestAWrongWord:
    def test_is_told_with_what_to_do(self, site: Site) -> None:
        line = site.append(FRENCH, "Un mot.\nUn xqzt ici.") + 1

        assert Asked("xqzt").find(site) == [
            (
                site.root / FRENCH,
                line,
                "'xqzt' is not in the dictionary. Did you mean juste or justesse? If it is right, "
                f"add it to {site.root / LIST}; if it is English, mark it: *word*{{:lang=en}}.",
            )
        ]

    def test_is_told_at_each_place(self, site: Site) -> None:
        first = site.append(FRENCH, "Un xqzt.\nUn xqzt.")

        assert [line for _, line, _ in Asked("xqzt").find(site)] == [first, first + 1]


class TestTheList:
    @pytest.mark.parametrize("form", ["zzqx", "Zzqx", "l’zzqx", "qu’zzqx"])
    def test_holds_a_word_and_its_forms(self, site: Site, form: str) -> None:
        site.append(FRENCH, f"Un {form}.")
        site.replace(LIST, "zsh\n", "zsh\nzzqx\n")

        assert Asked(form).find(site) == []

    def test_holds_no_word_that_is_used_nowhere(self, site: Site) -> None:
        line = site.replace(LIST, "zsh\n", "zsh\nzzqx\n") + 1

        ((path, found, message),) = Asked().find(site)
        assert (path, found) == (site.root / LIST, line)
        assert "no text of fr has 'zzqx'; take it out" in message

    def test_is_in_order(self, site: Site) -> None:
        line = site.replace(LIST, "vLLM\n", "zsh\n")
        site.replace(LIST, "zsh\nWSL\nxAI\nzsh\n", "zsh\nvLLM\nWSL\nxAI\n")

        ((path, found, message),) = Asked().find(site)
        assert (path, found) == (site.root / LIST, line + 1)
        assert "'vLLM' stands after 'zsh'; list each word once, in alphabetical order" in message

    def test_holds_each_word_once(self, site: Site) -> None:
        line = site.replace(LIST, "vLLM\n", "vLLM\nvLLM\n") + 1

        ((path, found, message),) = Asked().find(site)
        assert (path, found) == (site.root / LIST, line)
        assert "list each word once" in message


@pytest.mark.needs(PROGRAM)
@pytest.mark.needs(DICTIONARIES["fr"].package)
def test_a_wrong_word_of_a_page_is_found_by_hunspell(site: Site) -> None:
    line = site.append(FRENCH, "Une adrese et une nouvele tentative.")

    found = misspellings(Documentation.at(site.root), "fr", DICTIONARIES["fr"].misspelt)
    # The words of the interface are the site's own.
    told = [
        (problem.line, problem.message.partition(".")[0])
        for problem in found
        if problem.path == site.root / FRENCH
    ]
    assert told == [
        (line, "'adrese' is not in the dictionary"), (line, "'nouvele' is not in the dictionary"),
    ]  # fmt: skip
