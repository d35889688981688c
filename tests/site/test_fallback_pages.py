"""A page that a language lacks: shown in the default language, and said to be so."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.built_site import SITE_URL, Site, build
from tests.support.site_files import DOCS, ROOT

# Spanish has a home page and one guide. It comes first: what is default is not told by the order.
CONFIGURATION = [
    (r"(?<=\n)        - locale: (?!en\b|fr\b).*\n(?: {10}.*\n)*", ""),
    (r"^nav:\n(?:  .*\n)+", "nav: [index.md, {Uno: first.md}, {Dos: second.md}, 'q&a.md']\n"),
    # The menu of a complete language has the title of each page, and no other.
    (r"complete: \[fr\]", "complete: []"),
    (r"( +)languages:\n", r"\g<0>\1  - {locale: es, name: Español, build: true}\n"),
]
PAGES = {
    "en/index.md": "# Home {#home}\n\n[First](first.md)\n",
    "en/first.md": (
        "---\ndescription: What comes first.\n---\n\n# A first guide {#first}\n\n"
        "Attempts: {{ LLM_NUM_RETRIES.default }}.\n\n## The part {#part}\n\n"
        "[Second](second.md#other), [home](index.md), [here](#part).\n"
    ),
    "en/second.md": "# A second guide {#second}\n\n## Other {#other}\n\n[First](first.md)\n",
    "en/q&a.md": (
        '---\ndescription: \'"<i>& what follows.\'\n---\n\n# `</title><i>` & "answers" {#answers}\n'
    ),
    "es/index.md": "# Inicio {#home}\n\n[Primera](first.md)\n",
    "es/second.md": "# Segunda guía {#second}\n\n## Otra {#other}\n\n[Primera](first.md)\n",
    "fr/index.md": "# Accueil {#home}\n",
}
SPANISH = """
[untranslated]
title = "Sin traducir"
text = "Esta página aún no está traducida."
original = "La página en inglés"
translate = "Traducirla"
"""
# What would be markup if it were not escaped, before each word of the French interface.
MARKS = '"<i>& '
VOID = {"br", "hr", "img", "input", "link", "meta"}


class Spoken(HTMLParser):
    """Each text of a page with the language it is in, by the nearest `lang` around it."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.texts: dict[str, set[str | None]] = {}
        self._open: list[tuple[str, str | None]] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        around = self._open[-1][1] if self._open else None
        if tag not in VOID:
            self._open.append((tag, dict(attrs).get("lang") or around))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.setdefault(data.strip(), set()).add(self._open[-1][1])


def copied_repository(folder: Path, pages: dict[str, str]) -> Path:
    """The repository with these pages alone, and Spanish beside the languages that it has."""
    for name in ("overrides", "snippets"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "src").symlink_to(ROOT / "src")
    shutil.copytree(DOCS / "assets", folder / "docs/assets")
    configuration = (ROOT / "mkdocs.yml").read_text("utf-8")
    for pattern, replacement in CONFIGURATION:
        configuration, count = re.subn(pattern, replacement, configuration, flags=re.MULTILINE)
        assert count == 1 or not replacement, f"mkdocs.yml has no {pattern}"
    (folder / "mkdocs.yml").write_text(configuration, "utf-8")
    for name, text in pages.items():
        page = folder / "docs" / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, "utf-8")
    shutil.copy(DOCS / "en/strings.toml", folder / "docs/en")
    marks = MARKS.replace('"', r"\"")
    french = (DOCS / "fr/strings.toml").read_text("utf-8").replace('= "', f'= "{marks}')
    (folder / "docs/fr/strings.toml").write_text(french, "utf-8")
    (folder / "docs/es/strings.toml").write_text(SPANISH, "utf-8")
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("repository")
    return build(folder / "site", copied_repository(folder, PAGES))


@pytest.fixture(scope="module")
def markup(site: Site) -> str:
    """The guide that Spanish lacks, as its readers get it."""
    return (site.folder / "es/first/index.html").read_text("utf-8")


@pytest.fixture(scope="module")
def spoken(markup: str) -> Spoken:
    return Spoken(markup)


def test_the_build_ends_without_a_warning(site: Site) -> None:
    assert (site.build.returncode, site.build.stderr) == (0, "")


@pytest.mark.parametrize("text", ["A first guide", "Second", "The part", "A first guide - llmdocs"])
def test_what_is_not_translated_says_its_language(text: str, spoken: Spoken) -> None:
    assert spoken.texts[text] == {"en"}


def test_its_description_says_its_language(markup: str) -> None:
    assert '<meta name="description" lang="en" content="What comes first.">' in markup


@pytest.mark.parametrize(
    "text", ["Esta página aún no está traducida.", "Tabla de contenidos", "Uno"]
)
def test_what_is_around_it_is_in_the_language_of_its_reader(text: str, spoken: Spoken) -> None:
    assert spoken.texts[text] == {"es"}


def test_facts_are_written_in_its_language(markup: str) -> None:
    assert "Attempts: 8." in markup


def test_it_leads_to_the_page_itself(site: Site, spoken: Spoken) -> None:
    file = site.folder / "es/first/index.html"
    link = _link(site, file, "en", "article")

    assert spoken.texts["La página en inglés"] == {"es"}
    assert site.target(file, link) == site.folder / "first/index.html"


def test_search_engines_are_told_of_the_page_itself(markup: str) -> None:
    assert f'<link rel="canonical" href="{SITE_URL}first/">' in markup


def test_its_links_keep_to_the_language_of_its_reader(site: Site) -> None:
    file = site.folder / "es/first/index.html"
    links = [given["href"] for given in site.read(file).links if given.get("href")]

    targets = {site.target(file, link) for link in links if "second" in link}

    assert targets == {site.folder / "es/second/index.html"}


def test_every_link_of_every_page_leads_somewhere(site: Site) -> None:
    loose = {file: list(site.loose_links(file)) for file in site.html_files}

    assert loose == {file: [] for file in site.html_files}


def test_no_page_is_announced_in_a_language_that_lacks_it(site: Site) -> None:
    assert site.read(site.folder / "first/index.html").alternates == {
        "en": f"{SITE_URL}first/",
        "x-default": f"{SITE_URL}first/",
    }
    assert site.read(site.folder / "es/second/index.html").alternates == {
        "en": f"{SITE_URL}second/",
        "es": f"{SITE_URL}es/second/",
        "x-default": f"{SITE_URL}second/",
    }


def test_a_copy_of_a_page_announces_nothing(site: Site) -> None:
    assert site.read(site.folder / "es/first/index.html").alternates == {}


def test_the_site_map_has_no_copies(site: Site) -> None:
    assert addresses_in(site.folder / "sitemap.xml") == {
        SITE_URL + address
        for address in ("", "first/", "second/", "q&a/", "es/", "es/second/", "fr/")
    }


def test_the_language_menu_leads_to_the_page_that_a_language_shows(site: Site) -> None:
    file = site.folder / "first/index.html"

    switches = {name: site.target(file, link) for name, link in site.read(file).switches.items()}

    assert switches == {
        "en": file,
        "es": site.folder / "es/first/index.html",
        "fr": site.folder / "fr/first/index.html",
    }


@pytest.mark.parametrize("page", ["index.html", "es/index.html", "es/second/index.html"])
def test_a_page_that_is_translated_carries_no_notice(page: str, site: Site) -> None:
    text = (site.folder / page).read_text("utf-8")

    assert "traducida" not in text
    assert '<div lang="en">' not in text


class TestWordsThatALanguageLacks:
    def test_are_said_in_english_and_marked_so(self, site: Site) -> None:
        missing = Spoken((site.folder / "es/404.html").read_text("utf-8"))

        assert missing.texts["This page does not exist"] == {"en"}

    def test_do_not_hide_the_language_from_who_misses_a_page(self, site: Site) -> None:
        text = (site.folder / "404.html").read_text("utf-8")
        missing = Spoken(text[text.index("<article") :])

        assert missing.texts["Español"] == {"es"}

    def test_are_not_said_twice_to_who_misses_a_page(self, site: Site) -> None:
        text = (site.folder / "es/404.html").read_text("utf-8")

        assert text.count(">This page does not exist</h") == 1

    def test_still_offer_the_language(self, site: Site) -> None:
        home = Spoken((site.folder / "index.html").read_text("utf-8"))

        assert home.texts["Español"] == {"es"}
        assert "This site is also in Español." not in home.texts

    @pytest.mark.parametrize(
        "text",
        [
            "Copy page as Markdown",
            "View as Markdown",
            "Copied",
            "The page could not be copied. Open it here and copy it yourself:",
        ],
    )
    def test_are_marked_beside_each_page(self, text: str, site: Site) -> None:
        home = Spoken((site.folder / "es/index.html").read_text("utf-8"))

        assert home.texts[text] == {"en"}

    def test_are_marked_where_the_search_fails(self, site: Site) -> None:
        assert 'data-failed-language="en"' in (site.folder / "es/index.html").read_text("utf-8")


class TestMarksOfMarkup:
    def test_in_words_titles_and_descriptions_are_no_markup(self, site: Site) -> None:
        marked = [file for file in site.html_files if "<i>" in file.read_text("utf-8")]

        assert marked == []

    @pytest.mark.parametrize("page", ["q&a", "es/q&a", "fr/q&a"])
    def test_are_read_in_a_title(self, page: str, site: Site) -> None:
        shown = Spoken((site.folder / page / "index.html").read_text("utf-8"))

        assert '</title><i> & "answers" - llmdocs' in shown.texts

    def test_are_read_in_words(self, site: Site) -> None:
        home = Spoken((site.folder / "fr/index.html").read_text("utf-8"))

        assert f"{MARKS}Voir en Markdown" in home.texts

    def test_do_not_end_an_attribute(self, site: Site) -> None:
        home = (site.folder / "index.html").read_text("utf-8")

        assert 'lang="fr" aria-label="&#34;&lt;i&gt;&amp; Langue">' in home

    def test_leave_the_names_of_pages_in_their_addresses(self, site: Site) -> None:
        page = (site.folder / "q&a/index.html").read_text("utf-8")

        assert f'<link rel="canonical" href="{SITE_URL}q&amp;a/">' in page


def test_a_page_on_translating_is_named_once_there_is_one(tmp_path: Path) -> None:
    guide = "# Translate {#translate}\n"
    root = copied_repository(tmp_path, {**PAGES, "en/contributing/translate.md": guide})
    configuration = root / "mkdocs.yml"
    text = configuration.read_text("utf-8")
    configuration.write_text(
        text.replace("second.md}, ", "second.md}, contributing/translate.md, ")
    )

    built = build(tmp_path / "site", root)

    page = built.folder / "es/first/index.html"
    assert 'href="../contributing/translate/" hreflang="en">Traducirla</a>' in page.read_text()


def test_a_page_on_translating_is_not_named_while_there_is_none(markup: str) -> None:
    assert "Traducirla" not in markup


def addresses_in(sitemap: Path) -> set[str]:
    root = ElementTree.parse(sitemap).getroot()
    return {
        found.text or "" for found in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    }


def _link(site: Site, file: Path, language: str, part: str) -> str:
    article = file.read_text("utf-8").partition(f"<{part} ")[2].partition(f"</{part}>")[0]
    links: list[str] = re.findall(rf'href="([^"]*)" hreflang="{language}"', article)
    assert len(links) == 1
    return links[0]
