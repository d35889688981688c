"""The built site: complete in each language, with no loose link, and calling no other host."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from llmdocs.errors import LLMDocsError
from llmdocs.forms import FORMS
from llmdocs.pages.blocks import BLOCKS, MISTAKE
from llmdocs.pages.facts import Context
from llmdocs.pages.page import Page, languages
from llmdocs.pages.prose import TAB, blocks
from llmdocs.settings import VARIABLES
from tests.site_files import DOCS, ROOT, SNIPPETS, pages

PAGES = pages()
LANGUAGES = languages(DOCS)
DEFAULT_LANGUAGE = "en"
# The path in it shows a link that would work at the root of a host alone.
SITE_URL = "https://docs.example/llm/"
REPOSITORY = "https://code.example/x"

# mkdocs as the command line runs it, then what that has imported.
BUILD = """
import sys
from mkdocs.__main__ import cli
cli(["build", "--strict", "--quiet", "--site-dir", sys.argv[1]], standalone_mode=False)
print(*sys.modules, sep="\\n")
"""

# Links that a browser does not follow by itself.
NEVER_LOADED = {"alternate", "canonical", "next", "prev"}
SCOPE = re.compile(r'__md_scope=new URL\("([^"]*)",location\)')
CSS_ADDRESS = re.compile(r"""(?:url\(|@import\s+(?!url))\s*["']?([^"')\s]+)""")


class Document(HTMLParser):
    """What a page says of itself, what it loads, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.language: str | None = None
        self.ids: set[str] = set()
        self.loads: list[str] = []
        self.links: list[dict[str, str]] = []
        self.switches: dict[str, str] = {}
        self.alternates: dict[str, str] = {}
        self.dialogs: list[dict[str, str]] = []
        self.code_blocks = 0
        self.tabs: list[str] = []
        self._in_tab = False
        self._in_signature = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        self.loads += CSS_ADDRESS.findall(given.get("style", ""))
        if given.get("role") == "dialog":
            self.dialogs.append(given)
        if tag == "html":
            self.language = given.get("lang")
        elif tag == "link":
            self._link(given)
        elif tag == "a":
            self.links.append(given)
            if "md-select__link" in given.get("class", ""):
                self.switches[given["hreflang"]] = given["href"]
        elif tag == "label" and given.get("for", "").startswith("__tabbed_"):
            self._in_tab = True
        elif tag == "div" and "doc-signature" in given.get("class", ""):
            # mkdocstrings writes a signature as a block of code.
            self._in_signature = True
        elif tag == "pre":
            self.code_blocks += not self._in_signature
            self._in_signature = False
        else:
            self.loads += [given[name] for name in ("src", "srcset", "data") if name in given]

    def handle_data(self, data: str) -> None:
        if self._in_tab:
            self.tabs.append(data)
        self._in_tab = False

    def _link(self, given: dict[str, str]) -> None:
        kinds = set(given.get("rel", "").split())
        if "alternate" in kinds:
            self.alternates[given["hreflang"]] = given["href"]
        if not kinds <= NEVER_LOADED:
            self.loads.append(given["href"])


@dataclass
class Site:
    """A built site, and how building it went."""

    folder: Path
    build: subprocess.CompletedProcess[str]
    _documents: dict[Path, Document] = field(default_factory=dict)

    def file_of(self, page: Page) -> Path:
        name = PurePosixPath(page.name).with_suffix("")
        folder = name.parent if name.name == "index" else name
        language = "" if page.language == DEFAULT_LANGUAGE else page.language
        return self.folder / language / folder / "index.html"

    def read(self, file: Path) -> Document:
        if file not in self._documents:
            self._documents[file] = Document(file.read_text("utf-8"))
        return self._documents[file]

    @cached_property
    def html_files(self) -> list[Path]:
        return sorted(self.folder.rglob("*.html"))

    def address_of(self, file: Path) -> str:
        path = file.relative_to(self.folder).as_posix()
        return SITE_URL + path.removesuffix("index.html")

    def target(self, file: Path, link: str) -> Path | None:
        """The file that a link of `file` leads to, or None if it leaves the site."""
        address = urljoin(self.address_of(file), link)
        if not address.startswith(SITE_URL):
            return None
        path = unquote(urlsplit(address).path).removeprefix(urlsplit(SITE_URL).path)
        return self.folder / (path + "index.html" if path.endswith("/") or not path else path)

    def loose_links(self, file: Path) -> Iterator[str]:
        for link in (given["href"] for given in self.read(file).links if "href" in given):
            target, fragment = self.target(file, link), unquote(urlsplit(link).fragment)
            if target is None:
                continue
            if not target.is_file() or (fragment and fragment not in self.read(target).ids):
                yield link


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("site")
    environment = {
        **os.environ,
        "LLMDOCS_REPOSITORY": REPOSITORY,
        "LLMDOCS_SITE_URL": SITE_URL,
        "NO_MKDOCS_2_WARNING": "1",
    }
    build = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Site(folder, build)


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
        published = [path.name for path in site.folder.rglob("*.toml")]

        assert published == []

    def test_makes_one_html_file_of_each_page(self, site: Site) -> None:
        expected = {site.file_of(page) for page in PAGES} | {site.folder / "404.html"}

        assert set(site.html_files) == expected


class TestAPage:
    @each_page
    def test_says_its_language(self, page: Page, site: Site) -> None:
        assert site.read(site.file_of(page)).language == page.language

    @each_page
    def test_shows_as_many_code_blocks_as_its_source_has_fences_and_forms(
        self, page: Page, site: Site
    ) -> None:
        document = site.read(site.file_of(page))
        shown = [name for _, name in blocks(page)]
        tab_sets = shown.count("recipe.forms")
        context = Context(page, DOCS, SNIPPETS, REPOSITORY)
        of_mistakes = sum(
            BLOCKS[name](context).count("```") for name in shown if name.startswith(MISTAKE)
        )

        assert document.code_blocks == len(page.fences) + len(FORMS) * tab_sets + of_mistakes
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
    def test_names_its_translations_by_their_whole_address(self, page: Page, site: Site) -> None:
        expected = {
            language: site.address_of(site.file_of(Page(page.path, language, page.name)))
            for language in LANGUAGES
        }

        assert site.read(site.file_of(page)).alternates == expected


class TestEveryHtmlFile:
    def test_loads_nothing_from_another_host(self, site: Site) -> None:
        strangers = [
            (file.name, address)
            for file in site.html_files
            for address in site.read(file).loads
            if urlsplit(address).netloc
        ]

        assert strangers == []

    def test_hides_its_translations_from_the_themes_script(self, site: Site) -> None:
        """That script asks for a missing sitemap.xml beside every `[rel=alternate]`."""
        seen = [file for file in site.html_files if 'rel="alternate"' in file.read_text("utf-8")]

        assert seen == []

    def test_names_its_dialogs(self, site: Site) -> None:
        dialogs = [dialog for file in site.html_files for dialog in site.read(file).dialogs]

        assert dialogs
        assert all(dialog.get("aria-label") for dialog in dialogs)


def test_style_sheets_load_nothing_from_another_host(site: Site) -> None:
    strangers = [
        (file.name, address)
        for file in site.folder.rglob("*.css")
        for address in CSS_ADDRESS.findall(file.read_text("utf-8"))
        if urlsplit(address).netloc
    ]

    assert strangers == []


def test_the_page_for_a_missing_address_has_no_loose_link(site: Site) -> None:
    assert list(site.loose_links(site.folder / "404.html")) == []


# Clicks tabs on one page until the theme's script is there and has stored the choice, and tells the
# server which tab other pages show then.
CHOOSE = """<!doctype html><iframe width="1000" height="900"></iframe><script>
const frame = document.querySelector("iframe")
const open = (address) => new Promise((opened) => {
  frame.onload = () => opened(frame.contentDocument)
  frame.src = address
})
const stored = () => Object.entries(localStorage).some(
  ([key, value]) => key.endsWith(".__tabs") && JSON.parse(value)[0] === "Compose")
const click = async (page, name) => {
  const labels = [...page.querySelectorAll(".tabbed-labels label")]
  const label = labels.find((item) => item.innerText.trim() === name)
  label.scrollIntoView()
  label.click()
  await new Promise((later) => setTimeout(later, 100))
}
const choose = async () => {
  const first = await open("/llms/ollama/")
  while (!stored()) {
    await click(first, "Bash")
    await click(first, "Compose")
  }
  const shown = []
  for (const address of ["/llms/azure/", "/fr/llms/openai/", "/fr/guides/recipes/"]) {
    const page = await open(address)
    const input = page.querySelector(".tabbed-set input:checked")
    shown.push([address, page.querySelector(`label[for=${input.id}]`).innerText.trim()])
  }
  await fetch("/shown", { method: "POST", body: JSON.stringify(shown) })
}
choose()
</script>"""


class SiteHandler(SimpleHTTPRequestHandler):
    """Serves a built site, and beside it the page that chooses a tab and what that page tells."""

    def __init__(self, told: queue.Queue[Any], *args: Any, **options: Any) -> None:
        self.told = told
        super().__init__(*args, **options)

    def do_GET(self) -> None:
        if self.path == "/choose.html":
            self._answer(CHOOSE.encode())
        else:
            super().do_GET()

    def do_POST(self) -> None:
        self.told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer(b"")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """A line for each request would bury what matters."""


@pytest.mark.needs("chromium")
def test_the_tab_that_a_reader_chooses_is_shown_on_other_pages_and_in_other_languages(
    site: Site, tmp_path: Path
) -> None:
    told: queue.Queue[Any] = queue.Queue()
    handler = partial(SiteHandler, told, directory=str(site.folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/choose.html"
        with subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", f"--user-data-dir={tmp_path}",
             "--remote-debugging-port=0", address],
            stderr=subprocess.DEVNULL, start_new_session=True,
        ) as browser:  # fmt: skip
            try:
                shown = told.get(timeout=90)
            finally:
                # Its helpers are in its session.
                os.killpg(browser.pid, signal.SIGKILL)
        server.shutdown()

    assert shown == [
        ["/llms/azure/", "Compose"],
        ["/fr/llms/openai/", "Compose"],
        ["/fr/guides/recipes/", "Compose"],
    ]


def _tabs(page: Page) -> Iterator[str]:
    """The labels of a page's tabs, its own and those of the recipe's forms."""
    forms = {number for number, name in blocks(page) if name == "recipe.forms"}
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
