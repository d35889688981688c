"""A reader searches, with the keyboard or on a phone, and finds sections in their language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Route, TimeoutError, expect

from tests.browser.conftest import OpenPage, Traffic, serve
from tests.support import programs, reported
from tests.support.axe import barriers
from tests.support.built_site import DEFAULT_LANGUAGE, Site

# Asks the search itself for each text, one after the other: it keeps a page with where it was last
# found. Gives the addresses of the sections.
SEARCH = """async texts => {
    const script = document.querySelector("[data-pagefind]").dataset.pagefind
    const pagefind = await import(new URL("pagefind.js", new URL(script, location)))
    const found = []
    for (const text of texts) {
        const sections = []
        for (const result of (await pagefind.search(text)).results.slice(0, 10)) {
            sections.push(...(await result.data()).sub_results.map(part => part.url))
        }
        found.push(sections)
    }
    return found
}"""

# Queries that people type, with what answers each: a page, or a section of it.
QUERIES = tomllib.loads((Path(__file__).parent / "queries.toml").read_text("utf-8"))

# A result is written once it is in view. Its address says what is to be marked on the page.
AMONG_THE_FIRST_THREE = """answers =>
    [...document.querySelectorAll("pagefind-results a")]
        .slice(0, 3)
        .some(link => answers.includes(link.getAttribute("href").replace(/[?][^#]*/, "")))
"""

each_language = pytest.mark.parametrize("language", ["", "fr/"])


@pytest.fixture
def new_address(site: Site) -> Iterator[str]:
    """The site at an address of its own: a script of another may be in the browser's memory."""
    with serve(site.folder) as address:
        yield address


@pytest.fixture
def address_without_search(site: Site) -> Iterator[str]:
    """The site on a server that has nothing of the search."""
    with serve(site.folder, missing="pagefind") as address:
        yield address


def search(page: Page, words: str) -> Locator:
    """Open the search with the keyboard and look for words. The dialog, once it tells a number."""
    page.keyboard.press("/")
    page.keyboard.type(words)
    dialog = page.get_by_role("dialog")
    summary = dialog.locator("pagefind-summary")
    expect(summary).to_have_text(re.compile(rf"^[1-9]\d* .* {words}$"))
    return dialog


def paths(dialog: Locator) -> list[str]:
    """Where the results lead that are shown so far."""
    links = dialog.get_by_role("link")
    expect(links.first).to_be_visible()
    addresses = [link.get_attribute("href") or "" for link in links.all()]
    return [urlsplit(address).path for address in addresses]


def first_result(dialog: Locator) -> Locator:
    """The link to the first page found, which may come after those to others."""
    link = dialog.locator("[data-pf-result-index='0']").get_by_role("link").first
    expect(link).to_be_visible()
    return link


def try_until_told(page: Page, message: Locator) -> None:
    """Ask for the search until the message is there: it goes away by itself after two seconds."""
    for _ in range(10):
        page.keyboard.press("/")
        with suppress(TimeoutError):
            message.wait_for(timeout=1500)
            return


class TestAQueryFinds:
    def test_english_pages_alone_on_english_pages(self, address: str, open_page: OpenPage) -> None:
        found = paths(search(open_page("quickstart/"), "Ollama"))

        french = urlsplit(address).path + "fr/"
        assert [path for path in found if path.startswith(french)] == []

    def test_french_pages_alone_on_french_pages(self, address: str, open_page: OpenPage) -> None:
        found = paths(search(open_page("fr/quickstart/"), "Ollama"))

        french = urlsplit(address).path + "fr/"
        assert [path for path in found if not path.startswith(french)] == []

    def test_words_with_accents_by_letters_without(self, open_page: OpenPage) -> None:
        dialog = search(open_page("fr/"), "requete")

        expect(dialog.locator("mark", has_text="requêtes").first).to_be_visible()

    @pytest.mark.parametrize(
        ("language", "plural", "singular"),
        [("", "endpoints", "endpoint"), ("fr/", "fournisseurs", "fournisseur")],
    )
    def test_a_singular_by_its_plural(
        self, language: str, plural: str, singular: str, open_page: OpenPage
    ) -> None:
        dialog = search(open_page(language), plural)

        forms = re.compile(rf"^{singular}\W*$", re.IGNORECASE)
        expect(dialog.locator("mark", has_text=forms).first).to_be_visible()

    def test_a_variable_by_its_name(self, address: str, open_page: OpenPage) -> None:
        dialog = search(open_page(), "LLM_MAX_BUDGET")

        guide = urlsplit(address).path + "guides/spending/"
        expect(dialog.locator(f"a[href*='{guide}']").first).to_be_visible()

    @each_language
    def test_no_page_for_missing_addresses(self, language: str, open_page: OpenPage) -> None:
        found = paths(search(open_page(language), "404"))

        assert [path for path in found if "404" in path] == []

    def test_a_section_and_leads_to_it(self, open_page: OpenPage) -> None:
        page = open_page("fr/")
        dialog = search(page, "requete refusee")

        dialog.get_by_role("link", name="Autre 4xx : requête refusée").click()

        expect(page).to_have_url(re.compile("/fr/guides/errors/#request$"))
        expect(page.get_by_role("heading", name="Autre 4xx : requête refusée")).to_be_in_viewport()

    def test_a_section_of_the_same_page_and_shows_it(self, open_page: OpenPage) -> None:
        page = open_page("fr/guides/errors/")
        dialog = search(page, "requete refusee")

        dialog.get_by_role("link", name="Autre 4xx : requête refusée").click()

        expect(dialog).to_be_hidden()
        expect(page.get_by_role("heading", name="Autre 4xx : requête refusée")).to_be_in_viewport()

    @each_language
    def test_the_section_of_a_cause_by_what_people_paste(
        self, language: str, open_page: OpenPage
    ) -> None:
        """The words of each report lead to a section that the doctor would name."""
        pasted = [(report, words) for report in reported.reports() for words in report.words]
        found = open_page(language).evaluate(SEARCH, [words for _, words in pasted])

        lost = [
            (report.name, words)
            for (report, words), sections in zip(pasted, found, strict=True)
            if not {section.partition("#")[2] for section in sections} & {*report.right.findings}
        ]
        assert lost == []

    @pytest.mark.parametrize(("language", "queries"), QUERIES.items(), ids=QUERIES)
    def test_what_answers_among_its_first_three_results(
        self, address: str, language: str, queries: dict[str, list[str]], open_page: OpenPage
    ) -> None:
        folder = "" if language == DEFAULT_LANGUAGE else f"{language}/"
        home = urlsplit(address).path + folder
        page = open_page(folder)
        page.keyboard.press("/")
        field = page.get_by_role("searchbox")

        lost = []
        for words, answers in queries.items():
            field.fill(words)
            expect(page.locator("pagefind-summary")).to_have_text(
                re.compile(f" {re.escape(words)}$")
            )
            try:
                page.wait_for_function(
                    AMONG_THE_FIRST_THREE, arg=[home + answer for answer in answers], timeout=10_000
                )
            except TimeoutError:
                lost.append(words)
        assert lost == []


class TestTheKeyboard:
    @pytest.mark.parametrize("keys", ["/", "Control+k", "Meta+k"])
    def test_opens_the_search(self, keys: str, open_page: OpenPage) -> None:
        page = open_page()

        page.keyboard.press(keys)

        expect(page.get_by_role("searchbox")).to_be_focused()

    def test_opens_the_search_with_no_letter_alone(self, open_page: OpenPage) -> None:
        """Who dictates would open it by any word."""
        page = open_page()

        page.keyboard.type("sf")

        # A dialog would take the key, and what was typed before it.
        page.keyboard.press("/")
        expect(page.get_by_role("searchbox")).to_have_value("")
        expect(page.get_by_role("dialog")).to_be_visible()

    @each_language
    def test_chooses_a_result_with_an_arrow_and_opens_it(
        self, language: str, open_page: OpenPage
    ) -> None:
        page = open_page(language)
        first = first_result(search(page, "streaming"))
        chosen = first.get_attribute("href")

        page.keyboard.press("ArrowDown")
        expect(first).to_be_focused()
        page.keyboard.press("Enter")

        page.wait_for_url(f"**{chosen}")

    def test_goes_on_typing_from_a_result(self, open_page: OpenPage) -> None:
        page = open_page()
        first = first_result(search(page, "toke"))
        page.keyboard.press("ArrowDown")
        expect(first).to_be_focused()

        page.keyboard.type("n")

        expect(page.get_by_role("searchbox")).to_have_value("token")

    def test_means_nothing_to_the_page_while_the_search_is_open(self, open_page: OpenPage) -> None:
        """`n` is the theme's shortcut to the next page."""
        page = open_page()
        here = page.url
        search(page, "token").locator("pagefind-summary").click()

        page.keyboard.type("n")
        # A navigation would have begun before this is answered.
        page.keyboard.press("Escape")

        expect(page.get_by_role("dialog")).to_be_hidden()
        assert page.url == here

    @pytest.mark.parametrize(("language", "name"), [("", "Search"), ("fr/", "Recherche")])
    def test_leaves_with_escape_and_is_back_where_it_was(
        self, language: str, name: str, open_page: OpenPage
    ) -> None:
        page = open_page(language)
        button = page.get_by_role("banner").get_by_role("button", name=name)
        button.press("Enter")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()

        page.keyboard.type("token")
        page.keyboard.press("Escape")

        expect(dialog).to_be_hidden()
        expect(button).to_be_focused()

    def test_loses_nothing_that_is_typed_before_the_dialog_is_there(
        self, new_address: str, open_page: OpenPage
    ) -> None:
        held: list[Route] = []
        page = open_page(routes={"**/pagefind-component-ui.js": lambda route: held.append(route)})
        page.goto(new_address)

        with page.expect_request("**/pagefind-component-ui.js"):
            page.keyboard.press("/")
        page.keyboard.type("nexs")
        page.keyboard.press("Backspace")
        page.keyboard.type("t")
        held[0].continue_()

        expect(page.get_by_role("searchbox")).to_have_value("next")
        assert page.url == new_address

    def test_writes_letters_where_a_reader_writes(self, open_page: OpenPage) -> None:
        page = open_page()
        page.keyboard.press("/")
        expect(page.get_by_role("searchbox")).to_be_focused()

        page.keyboard.type("s/f")

        expect(page.get_by_role("searchbox")).to_have_value("s/f")


class TestTheReader:
    def test_is_told_in_their_language_that_nothing_was_found(self, open_page: OpenPage) -> None:
        page = open_page("fr/")
        page.keyboard.press("/")
        page.keyboard.type("zzzz")

        # The announcement stands for less than half a second, in a place that is read aloud.
        page.wait_for_function(
            """() => [...document.querySelectorAll("dialog[open] [aria-live]")]
                .some(region => region.textContent === "Pas de résultat pour zzzz")""",
            polling="raf",
        )
        summary = page.locator("pagefind-summary")
        expect(summary).to_have_text("Pas de résultat pour zzzz")

    @pytest.mark.parametrize(
        ("language", "words"),
        [("", ["Clear", "navigate", "close"]), ("fr/", ["Effacer", "naviguer", "fermer"])],
    )
    def test_reads_the_dialog_in_their_language(
        self, language: str, words: list[str], open_page: OpenPage
    ) -> None:
        dialog = search(open_page(language), "token")

        for word in words:
            expect(dialog.get_by_text(word).first).to_be_visible()

    @pytest.mark.parametrize(
        ("language", "message"),
        [
            ("", "The search could not be loaded."),
            ("fr/", "La recherche n’a pas pu être chargée."),
        ],
    )
    def test_is_told_in_their_language_that_the_search_is_out_of_reach(
        self, language: str, message: str, address_without_search: str, open_page: OpenPage
    ) -> None:
        page = open_page()
        page.goto(address_without_search + language)

        told = page.get_by_text(message)
        try_until_told(page, told)

        expect(told).to_be_in_viewport()

    def test_is_told_so_in_a_language_that_the_message_names(
        self, address_without_search: str, open_page: OpenPage
    ) -> None:
        page = open_page()
        page.goto(address_without_search)
        page.locator("[data-pagefind]").evaluate("it => it.dataset.failedLanguage = 'fr'")

        told = page.locator("[lang=fr]", has_text="The search could not be loaded.")
        try_until_told(page, told)

        expect(told).to_be_in_viewport()

    def test_searches_on_a_phone(self, open_page: OpenPage) -> None:
        width = 390
        page = open_page("fr/", viewport={"width": width, "height": 800}, has_touch=True)

        page.get_by_role("button", name="Recherche").tap()
        page.get_by_role("searchbox").fill("requete")

        expect(first_result(page.get_by_role("dialog"))).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth") == width

    @pytest.mark.parametrize("color_scheme", ["light", "dark"])
    def test_sees_the_dialog_in_the_colours_of_the_page(
        self, color_scheme: str, open_page: OpenPage
    ) -> None:
        dialog = search(open_page(color_scheme=color_scheme), "token")

        colour = "element => getComputedStyle(element).backgroundColor"
        page_colour = dialog.page.locator("body").evaluate(colour)
        assert dialog.evaluate(colour) == page_colour

    @pytest.mark.needs(programs.JAVASCRIPT)
    @each_language
    @pytest.mark.parametrize("color_scheme", ["light", "dark"])
    def test_meets_no_barrier_that_axe_knows(
        self, language: str, color_scheme: str, open_page: OpenPage
    ) -> None:
        page = open_page(language, color_scheme=color_scheme)
        paths(search(page, "token"))

        assert barriers(page) == []

    def test_without_scripts_is_offered_no_search(self, open_page: OpenPage) -> None:
        page = open_page(java_script_enabled=False)

        expect(page.locator("[data-pagefind]")).to_be_hidden()


class TestTheTraffic:
    @each_language
    def test_of_a_search_stays_on_the_site_and_is_answered(
        self, language: str, address: str, open_page: OpenPage
    ) -> None:
        page = open_page(language)
        traffic = Traffic()

        with traffic.watch(page):
            paths(search(page, "token"))
            page.wait_for_load_state("networkidle")

        assert [url for url in traffic.addresses if "/pagefind/fragment/" in url] != []
        assert traffic.unexpected_requests(address) == []
        assert traffic.failures == []

    def test_has_nothing_of_the_search_before_a_reader_searches(self, open_page: OpenPage) -> None:
        page = open_page()
        traffic = Traffic()

        with traffic.watch(page):
            page.reload(wait_until="networkidle")

        assert [url for url in traffic.addresses if "pagefind" in url] == []
