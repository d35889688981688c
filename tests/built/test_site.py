"""The built site: complete in each language, with no loose link, and calling no other host."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from mkdocs.config import load_config
from mkdocs.exceptions import PluginError

from llmdocs.errors import LLMDocsError
from llmdocs.pages.languages import site_languages
from llmdocs.pages.markdown import TAB
from llmdocs.pages.page import MISTAKE, PROGRAM, Page
from llmdocs.pages.partials import facts_shown, in_folder
from llmdocs.pages.render.blocks import rendered
from llmdocs.pages.render.facts import Context
from llmdocs.recipes.forms import FORMS
from llmdocs.settings.variables import VARIABLES
from llmdocs.site.plugin import LlmdocsPlugin
from tests.support.built_site import (
    CSS_ADDRESS,
    DEFAULT_LANGUAGE,
    REPOSITORY,
    SITE_URL,
    Site,
    build,
    copy_repository,
)
from tests.support.site_files import (
    COMPLETE_LANGUAGES,
    DOCS,
    MKDOCS_YML,
    NEW_LANGUAGE,
    ROOT,
    SNIPPETS,
    pages,
)

PAGES = pages()
LANGUAGES = site_languages(MKDOCS_YML).all
SCOPE = re.compile(r'__md_scope=new URL\("([^"]*)",location\)')

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.language}/{page.name}")


class TestTheBuild:
    def test_ends_without_a_warning(self, site: Site) -> None:
        outcome = (site.build.returncode, site.build.stderr)

        assert outcome == (0, "")

    def test_does_without_litellm(self, site: Site) -> None:
        imported = site.build.stdout.split()

        assert "mkdocs" in imported
        assert "litellm" not in imported

    def test_publishes_pages_and_no_words_files(self, site: Site) -> None:
        words = {path.name for path in DOCS.glob("*/*") if path.suffix in (".toml", ".txt")}
        published = [path.name for path in site.folder.rglob("*") if path.name in words]

        assert words >= {"strings.toml", "words.txt"}

        assert published == []

    def test_makes_one_html_file_of_each_page_in_each_language(self, site: Site) -> None:
        """A page that is not translated is there all the same."""
        pages = {
            site.file_of(Page(page.path, language, page.name))
            for page in PAGES
            for language in LANGUAGES
        }
        expected = pages | set(_missing(site))

        assert set(site.html_files) == expected


def test_the_navigation_and_the_pages_are_the_same(tmp_path: Path) -> None:
    """MkDocs finds a page that nobody is led to, and an entry that leads nowhere."""
    root = copy_repository(tmp_path)
    (root / "docs/en/new.md").write_text("# New {#new}\n", "utf-8")
    mkdocs_yml = root / "mkdocs.yml"
    declared = mkdocs_yml.read_text("utf-8")
    mkdocs_yml.write_text(declared.replace("\nnav:\n", "\nnav:\n  - gone.md\n"), "utf-8")
    result = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=root, capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    assert result.returncode != 0
    assert 'not included in the "nav" configuration:\n  - en/new.md' in result.stderr
    assert "A reference to 'gone.md' is included in the 'nav' configuration" in result.stderr


class TestAPage:
    @each_page
    def test_says_its_language(self, page: Page, site: Site) -> None:
        assert site.read(site.file_of(page)).language == page.language

    @each_page
    def test_shows_as_many_code_blocks_as_its_source_has_fences_and_forms(
        self, page: Page, site: Site
    ) -> None:
        document = site.read(site.file_of(page))
        shown = [name for _, name in facts_shown(page, in_folder(DOCS, page.language))]
        context = Context(page, DOCS, SNIPPETS, REPOSITORY)
        of_blocks = sum(
            line.strip() == "```"
            for name in shown
            if name.startswith((MISTAKE, PROGRAM)) or name == "recipe.forms"
            for line in rendered(name, context) or []
        )

        assert document.code_blocks == len(page.fences) + of_blocks
        assert document.tabs == list(_tabs(page))

    @each_page
    def test_keeps_what_its_reader_chooses_for_the_whole_site(self, page: Page, site: Site) -> None:
        """The theme stores a chosen tab under this address."""
        file = site.file_of(page)
        (scope,) = SCOPE.findall(file.read_text("utf-8"))

        assert urljoin(site.address_of(file), scope) == SITE_URL

    @each_page
    def test_leaves_nothing_unexpanded(self, page: Page, site: Site) -> None:
        html = site.file_of(page).read_text("utf-8")

        assert "{{" not in html
        assert "--8&lt;--" not in html
        assert "--8<--" not in html

    @each_page
    def test_has_no_loose_link(self, page: Page, site: Site) -> None:
        assert list(site.loose_links(site.file_of(page))) == []

    @each_page
    def test_switches_to_itself_in_every_language(self, page: Page, site: Site) -> None:
        file = site.file_of(page)
        counterparts = {
            language: site.file_of(Page(page.path, language, page.name)) for language in LANGUAGES
        }
        document = site.read(file)

        switches = {name: site.target(file, link) for name, link in document.switches.items()}

        assert switches == counterparts

    @each_page
    def test_names_every_language_in_that_language(self, page: Page, site: Site) -> None:
        links = site.read(site.file_of(page)).links
        menu = [link for link in links if "md-select__link" in link.get("class", "")]

        assert [link.get("lang") for link in menu] == [link["hreflang"] for link in menu]
        assert len(menu) == len(LANGUAGES)

    @each_page
    def test_names_its_translations_by_their_whole_address(self, page: Page, site: Site) -> None:
        expected = {
            language: site.address_of(site.file_of(Page(page.path, language, page.name)))
            for language in LANGUAGES
            if (DOCS / language / page.name).exists()
        }
        default = expected[DEFAULT_LANGUAGE]

        announced = site.read(site.file_of(page)).alternates

        assert announced == {**expected, "x-default": default}

    @each_page
    def test_is_in_the_site_map_with_its_translations(self, page: Page, site: Site) -> None:
        file = site.file_of(page)

        assert _site_map(site)[site.address_of(file)] == site.read(file).alternates


class TestEveryHtmlFile:
    def test_loads_nothing_from_another_host(self, site: Site) -> None:
        unexpected_requests = [
            (file.name, address)
            for file in site.html_files
            for address in site.read(file).loads
            if urlsplit(address).netloc
        ]

        assert unexpected_requests == []

    def test_hides_its_translations_from_the_themes_script(self, site: Site) -> None:
        """That script asks for a missing sitemap.xml beside every `[rel=alternate]`."""
        seen = [file for file in site.html_files if 'rel="alternate"' in file.read_text("utf-8")]

        assert seen == []


def test_style_sheets_load_nothing_from_another_host(site: Site) -> None:
    unexpected_requests = [
        (file.name, address)
        for file in site.folder.rglob("*.css")
        for address in CSS_ADDRESS.findall(file.read_text("utf-8"))
        if urlsplit(address).netloc
    ]

    assert unexpected_requests == []


def test_the_site_map_has_nothing_else(site: Site) -> None:
    assert set(_site_map(site)) == {site.address_of(site.file_of(page)) for page in PAGES}


def _site_map(site: Site) -> dict[str, dict[str, str]]:
    """Each address, with those of its translations by their languages."""
    namespaces = {
        "map": "http://www.sitemaps.org/schemas/sitemap/0.9",
        "html": "http://www.w3.org/1999/xhtml",
    }
    root = ElementTree.parse(site.folder / "sitemap.xml").getroot()
    return {
        entry.findtext("map:loc", "", namespaces): {
            link.attrib["hreflang"]: link.attrib["href"]
            for link in entry.findall("html:link", namespaces)
        }
        for entry in root.findall("map:url", namespaces)
    }


def test_other_projects_links_lead_to_the_default_language(site: Site) -> None:
    """What Sphinx and mkdocstrings read of another project: four lines, then zlib."""
    *_, packed = (site.folder / "objects.inv").read_bytes().split(b"\n", 4)
    (address,) = re.findall(
        r"^llmdocs\.LLM \S+ \S+ (\S+)", zlib.decompress(packed).decode(), re.MULTILINE
    )

    assert address == "reference/api/#$"


def _missing(site: Site) -> list[Path]:
    """The page for missing addresses in each language; a host looks for that at the root."""
    folders = ("" if language == DEFAULT_LANGUAGE else language for language in LANGUAGES)
    return [site.folder / folder / "404.html" for folder in folders]


def test_the_pages_for_missing_addresses_have_no_loose_link(site: Site) -> None:
    assert [link for file in _missing(site) for link in site.loose_links(file)] == []


def test_the_pages_for_missing_addresses_switch_to_the_home_of_each_language(site: Site) -> None:
    """Not to another page that was built before."""
    homes = {language: site.file_of(Page(DOCS, language, "index.md")) for language in LANGUAGES}

    for file in _missing(site):
        switches = site.read(file).switches
        assert {name: site.target(file, link) for name, link in switches.items()} == homes


def test_a_page_shown_in_another_language_than_its_sites_is_out_of_the_search(
    tmp_path: Path,
) -> None:
    root, folder = tmp_path / "repository", tmp_path / "site"
    shutil.copytree(DOCS, root / "docs")
    for name in ("overrides", "snippets"):
        shutil.copytree(ROOT / name, root / name)
    (root / "src").symlink_to(ROOT / "src")
    home = "---\ntitle: Inicio\ndescription: Inicio\n---\n\n# Inicio {#home}\n\nHola.\n"
    (root / "docs" / NEW_LANGUAGE).mkdir()
    (root / "docs" / NEW_LANGUAGE / "index.md").write_text(home, "utf-8")
    configuration = (ROOT / "mkdocs.yml").read_text("utf-8")
    french = "        - locale: fr\n"
    another = f"        - locale: {NEW_LANGUAGE}\n          name: Another\n          build: true\n"
    assert configuration.count(french) == 1
    (root / "mkdocs.yml").write_text(configuration.replace(french, another + french), "utf-8")

    site = build(folder, root)

    assert (site.build.returncode, site.build.stderr) == (0, "")
    assert (folder / NEW_LANGUAGE / "quickstart" / "index.html").is_file()
    index = json.loads((folder / "pagefind" / "pagefind-entry.json").read_text("utf-8"))
    counts = {language: of["page_count"] for language, of in index["languages"].items()}
    assert counts == {NEW_LANGUAGE: 1, **Counter(page.language for page in PAGES)}


def test_a_site_that_cannot_be_indexed_is_an_error(tmp_path: Path) -> None:
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(tmp_path))

    with pytest.raises(PluginError, match="Pagefind could not make the search index"):
        LlmdocsPlugin()._index(config=config)


def _tabs(page: Page) -> Iterator[str]:
    """The labels of a page's tabs, its own and those of the recipe's forms."""
    forms = {
        number
        for number, name in facts_shown(page, in_folder(DOCS, page.language))
        if name == "recipe.forms" or name.startswith(PROGRAM)
    }
    for number, line in page.prose:
        if number in forms:
            yield from (form.label for form in FORMS.values())
        elif TAB.fullmatch(line):
            yield line.partition('"')[2].rstrip('"')


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_variable_is_the_target_of_a_link(language: str, site: Site) -> None:
    file = site.file_of(Page(DOCS, language, "reference/settings.md"))

    assert set(VARIABLES) <= site.read(file).ids


@pytest.mark.parametrize("language", LANGUAGES)
def test_readers_install_from_the_repository_that_the_environment_names(
    language: str, site: Site
) -> None:
    html = site.file_of(Page(DOCS, language, "quickstart.md")).read_text("utf-8")

    assert f"git+{REPOSITORY}" in html
    assert "llmdocs.example" not in html


def _errors(kind: type[LLMDocsError] = LLMDocsError) -> Iterator[type[LLMDocsError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _errors(child)


@pytest.mark.parametrize("kind", list(_errors()), ids=lambda kind: str(kind.__name__))
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_of_each_error_is_a_section_that_names_it(
    site: Site, kind: type[LLMDocsError], language: str
) -> None:
    path, _, anchor = kind.guide.partition("#")
    file = site.folder / ("" if language == DEFAULT_LANGUAGE else language) / path / "index.html"
    _, found, after = file.read_text("utf-8").partition(f'id="{anchor}"')
    section = re.split("<h[1-6]", after)[0]

    assert found, f"{file} has no section {anchor}"
    assert kind.__name__ in section


VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Languages(HTMLParser):
    """The language in force at each element of a page's article, with the element's class."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.found: list[tuple[str, str | None]] = []
        self.marks: list[str | None] = []
        self._open: list[tuple[str, str | None]] = []
        self.feed(file.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        language = given.get("lang") or (self._open[-1][1] if self._open else None)
        if tag not in VOID:
            self._open.append((tag, language))
        if "article" in (name for name, _ in self._open):
            self.found.append((given.get("class") or "", language))
            self.marks += [given["lang"]] if "lang" in given else []

    def handle_endtag(self, tag: str) -> None:
        # The theme ends some elements twice.
        if tag in (name for name, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def of(self, kind: str) -> list[str | None]:
        """The language of each element that has a class."""
        return [language for classes, language in self.found if kind in classes.split()]


@pytest.mark.parametrize("language", COMPLETE_LANGUAGES)
class TestWhatStaysEnglish:
    def read(self, site: Site, language: str, name: str) -> Languages:
        return Languages(site.file_of(Page(DOCS, language, name)))

    def test_each_docstring_is_english(self, site: Site, language: str) -> None:
        found = self.read(site, language, "reference/api.md").of("doc-contents")

        assert len(found) > 20
        assert set(found) == {"en"}

    def test_the_prose_around_docstrings_is_the_languages(self, site: Site, language: str) -> None:
        found = self.read(site, language, "reference/api.md").found

        assert found[1] == ("", language)

    @pytest.mark.parametrize("name", ["guides/troubleshooting.md", "llms/azure.md"])
    def test_each_message_is_english(self, site: Site, language: str, name: str) -> None:
        found = self.read(site, language, name).of("language-text")

        assert len(found) > 10
        assert set(found) == {"en"}

    def test_other_code_is_of_the_page(self, site: Site, language: str) -> None:
        found = self.read(site, language, "guides/troubleshooting.md").of("wrong")

        assert len(found) > 10
        assert set(found) == {language}

    def test_an_english_page_marks_no_part_as_english(self, site: Site, language: str) -> None:
        marks = [
            mark
            for page in PAGES
            if page.language == language
            for mark in self.read(site, language, page.name).marks
        ]

        assert ("en" in marks) == (language != "en")


POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class TestThePolicyOfEveryHtmlFile:
    def test_stands_before_all_that_loads_or_runs(self, site: Site) -> None:
        head = r'\s*<!doctype html>\s*<html[^>]*>\s*<head>\s*<meta charset="utf-8">\s*'
        first = re.compile(head + POLICY.pattern)

        late = [file for file in site.html_files if not first.match(file.read_text("utf-8"))]

        assert late == []

    def test_lets_no_script_run_but_those_of_the_file(self, site: Site) -> None:
        """`frame-ancestors` is not there: browsers heed it in a header alone."""
        for file in site.html_files:
            html = file.read_text("utf-8")
            (policy,) = POLICY.findall(html)
            given = {name: rest for name, *rest in (part.split() for part in policy.split("; "))}
            digests = {
                base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
                for script in SCRIPT.findall(html)
            }

            assert len(digests) >= 4
            assert {*given.pop("script-src")} == {
                "'self'",
                "'wasm-unsafe-eval'",
                *(f"'sha256-{digest}'" for digest in digests),
            }
            assert given.pop("img-src") == ["'self'", "data:"]
            assert {name for name, sources in given.items() if sources == ["'none'"]} == {
                *("default-src", "base-uri", "form-action", "object-src"),
            }
            assert {*map(tuple, given.values())} == {("'none'",), ("'self'",)}

    def test_links_to_other_sites_cannot_reach_back(self, site: Site) -> None:
        elsewhere = [
            link
            for file in site.html_files
            for link in site.read(file).links
            if urlsplit(urljoin(SITE_URL, link.get("href", ""))).netloc != urlsplit(SITE_URL).netloc
        ]

        assert len(elsewhere) > len(site.html_files)
        assert [link for link in elsewhere if "noopener" not in link.get("rel", "").split()] == []
