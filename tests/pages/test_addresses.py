"""Where pages are, and what is said of their languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmdocs.pages.addresses import SiteLanguages, View, in_language, titles, view, views

# The default language is neither the first nor English.
LANGUAGES = SiteLanguages({"en": "English", "de": "Deutsch", "fr": "Français"}, "de")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    for name, text in {
        "de/index.md": "---\ntitle: Zuhause\n---\n\n# Hier {#home}\n",
        "de/llms/index.md": "---\ntitle: LLM-Anbieter\n---\n\n# `LLM` <b>{{ x }}</b> {#llms}\n",
        "en/index.md": "---\ntitle: Home\n---\n\n# Here {#home}\n",
        "en/own.md": "No title\n",
    }.items():
        page = tmp_path / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("language", "name", "address"),
    [
        ("de", "index.md", ""),
        ("fr", "index.md", "fr/"),
        ("de", "llms/index.md", "llms/"),
        ("fr", "llms/azure.md", "fr/llms/azure/"),
    ],
)
def test_an_address_names_every_language_but_the_default(
    language: str, name: str, address: str
) -> None:
    assert LANGUAGES.address(language, name) == address


class TestAPageThatIsTranslated:
    def test_is_its_own_original(self, docs: Path) -> None:
        page = view(docs, LANGUAGES, "en", "index.md")

        assert (page.written_in, page.is_fallback, page.canonical) == ("en", False, "en/")

    def test_is_announced_in_the_languages_that_have_it(self, docs: Path) -> None:
        assert view(docs, LANGUAGES, "en", "index.md").announced == {
            "en": "en/",
            "de": "",
            "x-default": "",
        }

    def test_has_no_default_version_if_the_default_language_lacks_it(self, docs: Path) -> None:
        assert view(docs, LANGUAGES, "en", "own.md").announced == {"en": "en/own/"}


class TestAPageThatIsNotTranslated:
    @pytest.fixture
    def page(self, docs: Path) -> View:
        return view(docs, LANGUAGES, "fr", "llms/index.md")

    def test_is_a_copy_of_the_default_languages(self, page: View) -> None:
        assert (page.written_in, page.is_fallback, page.canonical) == ("de", True, "llms/")

    def test_is_at_the_address_of_its_readers(self, page: View) -> None:
        assert page.address == "fr/llms/"

    def test_is_announced_nowhere(self, page: View) -> None:
        assert page.announced == {}


@pytest.mark.parametrize(("name", "exists"), [("index.md", True), ("own.md", False)])
def test_a_page_exists_for_a_language_if_it_or_the_default_has_it(
    name: str, exists: bool, docs: Path
) -> None:
    assert view(docs, LANGUAGES, "fr", name).exists is exists


def test_every_page_is_viewed_once_in_each_language_that_has_it(docs: Path) -> None:
    assert sorted(page.address for page in views(docs, LANGUAGES)) == [
        "",
        "en/",
        "en/own/",
        "llms/",
    ]


def test_titles_are_those_of_the_front_matter_and_a_fallbacks_its_own(docs: Path) -> None:
    assert titles(docs, LANGUAGES) == {
        "en": {"en/": "Home", "en/llms/": "LLM-Anbieter", "en/own/": "own.md"},
        "de": {"": "Zuhause", "llms/": "LLM-Anbieter"},
        "fr": {"fr/": "Zuhause", "fr/llms/": "LLM-Anbieter"},
    }


def test_a_part_in_another_language_is_marked() -> None:
    assert in_language("<p>x</p>", "en") == '<div lang="en">\n<p>x</p>\n</div>'
