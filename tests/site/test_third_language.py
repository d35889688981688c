"""A third language is a folder and an entry in `mkdocs.yml`: no line of code knows its name."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from textwrap import indent

import pytest

from llmdocs.pages.documentation import Documentation
from llmdocs.pages.languages import site_languages
from llmdocs.pages.page import Page, read, read_all
from llmdocs.pages.render.expand import expand
from llmdocs.pages.render.facts import Context
from llmdocs.pages.sections import sections
from llmdocs.pages.translation.freshness import renewed
from llmdocs.settings.fields import MOST_RETRIES
from tests.support.built_site import REPOSITORY, Site, build, copy_repository
from tests.support.site_files import DOCS, MKDOCS_YML, NEW_LANGUAGE, ROOT, SNIPPETS, problems_of

LANGUAGE = NEW_LANGUAGE
# The entry as the guide to translating shows it, for a language that is not there yet.
SHOWN = (SNIPPETS / "translate/languages.yaml").read_text("utf-8")
ENTRY = re.sub(r"(?<=locale: )\w+", LANGUAGE, SHOWN)
TITLE = "Hablar con cualquier proveedor de LLM"
HOME = {
    r"^title: .*": "title: Inicio",
    r"^description: .*": "description: Recetas y fragmentos probados.",
    r"^# .*(?= \{#home\})": f"# {TITLE}",
}
PAGES = [page for page in read_all(DOCS, site_languages(MKDOCS_YML).default) if not page.is_partial]
TRANSLATED = "index.md"
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))


def translate(root: Path, name: str, edits: dict[str, str]) -> None:
    """Write a page of the new language: the original with some of its prose in other words."""
    text = read(root / "docs", site_languages(root / "mkdocs.yml").default, name).text
    for pattern, words in edits.items():
        text, count = re.subn(pattern, words, text, flags=re.MULTILINE)
        assert count == 1, pattern
    path = root / "docs" / LANGUAGE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    original, translation = (
        read(root / "docs", language, name)
        for language in (site_languages(root / "mkdocs.yml").default, LANGUAGE)
    )
    for anchor, section in sections(original).items():
        path.write_text(renewed(sections(translation)[anchor], section), "utf-8")
        translation = read(root / "docs", LANGUAGE, name)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return copy(tmp_path)


def copy(folder: Path) -> Path:
    """The repository with the new language declared and its home page written."""
    root = copy_repository(folder)
    declared = (root / "mkdocs.yml").read_text("utf-8")
    before, languages, after = declared.partition("      languages:\n")
    (root / "mkdocs.yml").write_text(
        before + languages + indent(ENTRY, "        ") + after, "utf-8"
    )
    translate(root, TRANSLATED, HOME)
    return root


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("third")
    return build(folder / "site", copy(folder))


def translation_of(page: Page) -> Page:
    return Page(page.path, LANGUAGE, page.name)


def title_of(html: str) -> str:
    match = re.search(r"<h1.*?>(.*?)<a class", html, flags=re.DOTALL)
    return " ".join(match[1].split()) if match else ""


def test_the_site_is_built_without_a_warning(built: Site) -> None:
    assert (built.build.returncode, built.build.stderr) == (0, "")


def test_the_home_page_is_in_the_language(built: Site) -> None:
    home = built.folder / LANGUAGE / "index.html"

    assert built.read(home).language == LANGUAGE
    assert title_of(home.read_text("utf-8")) == TITLE


@each_page
def test_other_pages_are_those_of_the_default_language(built: Site, page: Page) -> None:
    shown, original = (
        title_of(built.file_of(item).read_text("utf-8")) for item in (translation_of(page), page)
    )

    assert original
    assert shown == (TITLE if page.name == TRANSLATED else original)


@each_page
def test_no_link_is_loose(built: Site, page: Page) -> None:
    assert list(built.loose_links(built.file_of(translation_of(page)))) == []


@each_page
def test_every_page_offers_itself_in_the_language(built: Site, page: Page) -> None:
    file = built.file_of(page)

    assert built.target(file, built.read(file).switches[LANGUAGE]) == built.file_of(
        translation_of(page)
    )


def test_the_themes_own_words_are_in_the_language(built: Site) -> None:
    home = (built.folder / LANGUAGE / "index.html").read_text("utf-8")
    words = files("material") / f"templates/partials/languages/{LANGUAGE}.html"
    chooser = re.search(r'"select\.language": "(.*)"', words.read_text("utf-8"))

    assert chooser
    assert f'aria-label="{chooser[1]}"' in home


def test_nothing_is_wrong_with_a_language_of_one_page(repository: Path) -> None:
    documentation = Documentation.at(repository)

    assert LANGUAGE in documentation.languages.all
    # What is wrong with the pages that were there is theirs.
    assert problems_of(repository) == problems_of(ROOT)


def test_a_few_words_are_enough_and_the_others_are_english(repository: Path) -> None:
    (repository / "docs" / LANGUAGE / "strings.toml").write_text(
        '[table]\nmeaning = "Significado"\n\n'
        '[settings.LLM_MODEL]\ndescription = "El modelo de todo."\n\n'
        '[expected]\ncount = "un número entero de 0 a {maximum}"\n',
        "utf-8",
    )
    translate(repository, "reference/settings.md", {r"^title: .*": "title: Ajustes"})
    page = read(repository / "docs", LANGUAGE, "reference/settings.md")
    shown = expand(Context(page, repository / "docs", repository / "snippets", REPOSITORY))

    assert problems_of(repository) == problems_of(ROOT)
    assert "| Variable | Type | Default | Significado |" in shown
    assert "El modelo de todo." in shown
    assert f"un número entero de 0 a {MOST_RETRIES}" in shown
    assert "The provider's key. It is never printed." in shown
