"""The languages that `mkdocs.yml` declares, and the error for what cannot be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmdocs.errors import PageError
from llmdocs.pages.languages import Languages, site_languages
from tests.support.site_files import MKDOCS_YML

# MkDocs' own tags are among the settings, and a plugin without settings.
DECLARED = """\
site_url: !ENV [ADDRESS, "https://docs.test/llm/"]
plugins:
  - search
  - llmdocs:
      repository: !ENV [REPOSITORY, "https://code.test"]
      complete: [fr]
  - i18n:
      languages:
        - locale: de
        - locale: en
          default: true
        - locale: fr
          nav_translations:
            Home: Accueil
            Guides: Guides
            Retries: Nouvelles tentatives
nav:
  - Home: index.md
  - Guides:
      - guides/index.md
      - Retries: guides/retries.md
emoji: !!python/name:material.extensions.emoji.twemoji
"""


@pytest.fixture
def mkdocs_yml(tmp_path: Path) -> Path:
    path = tmp_path / "mkdocs.yml"
    path.write_text(DECLARED, "utf-8")
    return path


def test_languages_are_those_that_are_declared_in_their_order(mkdocs_yml: Path) -> None:
    assert site_languages(mkdocs_yml) == Languages(
        "en", ("de", "en", "fr"), ("fr",), ("https://docs.test/llm/",)
    )


def test_a_language_need_not_be_complete(mkdocs_yml: Path) -> None:
    mkdocs_yml.write_text(DECLARED.replace("      complete: [fr]\n", ""), "utf-8")

    assert site_languages(mkdocs_yml).complete == ()


def test_the_default_language_is_complete_by_itself(mkdocs_yml: Path) -> None:
    mkdocs_yml.write_text(DECLARED.replace("[fr]", "[en, fr]"), "utf-8")

    assert site_languages(mkdocs_yml).complete == ("fr",)


def test_french_is_complete_on_this_site() -> None:
    languages = site_languages(MKDOCS_YML)

    assert (languages.default, languages.complete) == ("en", ("fr",))


@pytest.mark.parametrize("address", ["https://docs.test/llm", "https://docs.test/llm/fr/#a"])
def test_the_sites_own_addresses_are_known(mkdocs_yml: Path, address: str) -> None:
    assert site_languages(mkdocs_yml).has(address)


@pytest.mark.parametrize("address", ["https://real.test/llm/fr/", "https://docs.test/llm/fr/"])
def test_the_address_that_the_environment_says_is_the_sites_too(
    mkdocs_yml: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADDRESS", "https://real.test/llm/")

    assert site_languages(mkdocs_yml).has(address)


def test_a_site_need_not_say_where_it_is(mkdocs_yml: Path) -> None:
    mkdocs_yml.write_text(DECLARED.partition("\n")[2], "utf-8")

    assert not site_languages(mkdocs_yml).has("https://docs.test/llm/")


@pytest.mark.parametrize("address", ["https://docs.test/llms/", "https://docs.test", "../index.md"])
def test_other_addresses_are_not_the_sites(mkdocs_yml: Path, address: str) -> None:
    assert not site_languages(mkdocs_yml).has(address)


def test_an_address_need_not_be_declared(mkdocs_yml: Path) -> None:
    mkdocs_yml.write_text(DECLARED.partition("\n")[2], "utf-8")

    assert not site_languages(mkdocs_yml).has("https://docs.test/llm/")


def test_a_language_that_is_not_complete_may_lack_titles_of_the_menu(mkdocs_yml: Path) -> None:
    declared = DECLARED.replace("      complete: [fr]\n", "")
    mkdocs_yml.write_text(declared.replace("            Home: Accueil\n", ""), "utf-8")

    assert site_languages(mkdocs_yml).default == "en"


# What to write in the place of what, and the line and words of the error.
WRONG = {
    "a complete language that is not declared": (
        ("[fr]", "[fr, fra]"),
        ":6: 'fra' must be complete and is not declared. Did you mean fr? The i18n plugin has: de, "
        "en, fr.",
    ),
    "complete is no list": (("[fr]", "fr"), ":6: complete is a list of languages"),
    "no default": (
        ("default: true", "default: false"),
        ":9: default: true is said of no language;",
    ),
    "two defaults": (
        ("- locale: fr", "- locale: fr\n          default: true"),
        ":9: default: true is said of en and fr; say it of the one",
    ),
    "a language without a name": (("locale: de", "name: Deutsch"), ":9: this language has no loc"),
    "no language": (("languages:", "lang:"), ":1: no language is declared"),
    "a title of the menu that is gone": (
        ("Retries: guides", "Waits: guides"),
        ":16: nav has no title 'Retries'. Rename or remove its translation.",
    ),
    "a translated title that is misspelt": (
        ("Home: Accueil", "Homes: Accueil"),
        ":14: nav has no title 'Homes'. Did you mean Home? Rename or remove its translation.",
    ),
    "a title of the menu that is not translated": (
        ("      - Retries", "      - Waits: guides/waits.md\n      - Retries"),
        ":21: 'Waits' has no translation into 'fr'; add it to nav_translations, even if it is a",
    ),
    "no YAML": (("plugins:", "plugins: ["), " is not YAML: "),
}


@pytest.mark.parametrize(("edit", "message"), WRONG.values(), ids=WRONG)
def test_a_declaration_that_cannot_be_meant_is_an_error(
    mkdocs_yml: Path, edit: tuple[str, str], message: str
) -> None:
    mkdocs_yml.write_text(DECLARED.replace(*edit), "utf-8")

    with pytest.raises(PageError) as error:
        site_languages(mkdocs_yml)

    assert str(error.value).startswith(f"{mkdocs_yml}{message}")


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PageError, match=r"mkdocs\.yml cannot be read: No such file"):
        site_languages(tmp_path / "mkdocs.yml")
