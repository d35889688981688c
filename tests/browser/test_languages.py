"""The language of a page: offered, switched to at the same section, and spoken by the 404."""

from __future__ import annotations

import re
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.browser.conftest import OpenPage, Traffic
from tests.support import programs
from tests.support.axe import barriers

OFFER = "Ce site existe aussi en français."


def switch(page: Page, language: str) -> None:
    """By the keyboard: before it clicks, Playwright may scroll what stands in a sticky header."""
    page.get_by_role("link", name=language, exact=True).press("Enter")


def open_missing(open_page: OpenPage, path: str) -> Page:
    """Open a missing address, and wait until its page speaks the language of the address."""
    page = open_page(path)
    language = "fr" if path.startswith("fr/") else "en"
    expect(page.locator("html.js")).to_have_attribute("lang", language)
    return page


class TestTheSwitcher:
    def test_keeps_the_section_that_the_address_names(
        self, address: str, open_page: OpenPage
    ) -> None:
        page = open_page("guides/errors/#quota")

        switch(page, "Français")

        expect(page).to_have_url(f"{address}fr/guides/errors/#quota")

    def test_keeps_the_section_that_the_reader_has_scrolled_to(
        self, address: str, open_page: OpenPage
    ) -> None:
        page = open_page("fr/guides/errors/#quota")
        page.locator("#connection").evaluate("element => element.scrollIntoView()")

        switch(page, "English")

        expect(page).to_have_url(f"{address}guides/errors/#connection")

    def test_names_no_section_at_the_top_of_a_page(self, address: str, open_page: OpenPage) -> None:
        page = open_page("guides/errors/")

        switch(page, "Français")

        expect(page).to_have_url(f"{address}fr/guides/errors/")

    def test_shows_the_section_once_there(self, open_page: OpenPage) -> None:
        page = open_page("guides/errors/#connection")

        switch(page, "Français")

        expect(page.locator("html")).to_have_attribute("lang", "fr")
        expect(page.locator("#connection")).to_be_in_viewport()

    def test_keeps_the_section_for_who_uses_the_mouse(
        self, address: str, open_page: OpenPage
    ) -> None:
        page = open_page("guides/errors/#quota")
        menu = page.get_by_role("button", name="Select language").bounding_box()
        assert menu
        page.mouse.move(menu["x"] + menu["width"] / 2, menu["y"] + menu["height"] / 2)
        expect(page.locator(".md-select__inner")).to_have_css("opacity", "1")
        link = page.get_by_role("link", name="Français", exact=True).bounding_box()
        assert link

        page.mouse.click(link["x"] + link["width"] / 2, link["y"] + link["height"] / 2)

        expect(page).to_have_url(f"{address}fr/guides/errors/#quota")


class TestTheOffer:
    def test_is_made_in_the_language_that_the_browser_prefers(self, open_page: OpenPage) -> None:
        page = open_page(locale="fr-CA")

        offer = page.get_by_role("complementary", name="Langue")

        expect(offer).to_contain_text(OFFER)
        expect(offer).to_have_attribute("lang", "fr")

    @pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
    def test_is_not_made_to_who_reads_the_page_or_no_language_of_the_site(
        self, locale: str, open_page: OpenPage
    ) -> None:
        page = open_page(locale=locale)

        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_text(OFFER)).to_have_count(0)

    @pytest.mark.parametrize("path", ["fr/", "quickstart/"])
    def test_is_made_at_the_root_alone(self, path: str, open_page: OpenPage) -> None:
        page = open_page(path, locale="fr-FR")

        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_text(OFFER)).to_have_count(0)

    def test_leads_to_the_language(self, address: str, open_page: OpenPage) -> None:
        page = open_page(locale="fr-FR")

        page.get_by_role("link", name="Lire en français").click()

        expect(page).to_have_url(f"{address}fr/")

    def test_is_not_made_again_once_taken(self, address: str, open_page: OpenPage) -> None:
        page = open_page(locale="fr-FR")
        page.get_by_role("link", name="Lire en français").click()
        expect(page).to_have_url(f"{address}fr/")

        page.goto(address)

        expect(page.get_by_text(OFFER)).to_have_count(0)

    def test_goes_away_with_a_key_and_is_not_made_again(self, open_page: OpenPage) -> None:
        page = open_page(locale="fr-FR")
        page.get_by_role("button", name="Non, merci").press("Enter")
        expect(page.get_by_text(OFFER)).to_have_count(0)

        page.reload()

        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_text(OFFER)).to_have_count(0)

    def test_is_not_made_again_once_ignored(self, open_page: OpenPage) -> None:
        page = open_page(locale="fr-FR")
        expect(page.get_by_text(OFFER)).to_be_visible()

        page.reload()

        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_text(OFFER)).to_have_count(0)

    def test_is_not_made_to_who_has_switched_languages(
        self, address: str, open_page: OpenPage
    ) -> None:
        page = open_page("fr/quickstart/", locale="fr-FR")
        switch(page, "English")
        expect(page).to_have_url(f"{address}quickstart/")

        page.goto(address)

        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_text(OFFER)).to_have_count(0)

    def test_keeps_the_page_in_sight(self, open_page: OpenPage) -> None:
        """It stands above the header and covers nothing."""
        page = open_page(locale="fr-FR")

        offer = page.get_by_role("complementary", name="Langue").bounding_box()
        header = page.get_by_role("banner").bounding_box()

        assert offer and header
        assert offer["y"] + offer["height"] <= header["y"] + 1

    def test_moves_nothing_that_was_painted(self, open_page: OpenPage) -> None:
        page = open_page(locale="fr-FR")
        expect(page.get_by_text(OFFER)).to_be_visible()

        shift = page.evaluate(
            """() => new Promise((told) => {
              new PerformanceObserver((list) => told(
                list.getEntries().map(({ value }) => value)
              )).observe({ type: "layout-shift", buffered: true })
              setTimeout(() => told([]), 500)
            })"""
        )

        assert sum(shift) < 0.01

    @pytest.mark.needs(programs.JAVASCRIPT)
    @pytest.mark.parametrize("color_scheme", ["light", "dark"])
    def test_has_no_barrier_that_axe_knows(self, color_scheme: str, open_page: OpenPage) -> None:
        page = open_page(locale="fr-FR", color_scheme=color_scheme)
        expect(page.get_by_text(OFFER)).to_be_visible()

        assert barriers(page) == []


class TestAMissingAddress:
    @pytest.mark.parametrize(
        ("path", "language", "title"),
        [
            ("nowhere/", "en", "This page does not exist"),
            ("fr/nowhere/", "fr", "Cette page n’existe pas"),
            ("de/nowhere/", "en", "This page does not exist"),
        ],
    )
    def test_is_answered_in_its_language(
        self, path: str, language: str, title: str, open_page: OpenPage
    ) -> None:
        page = open_page(path)

        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page).to_have_title(f"{title} - llmdocs")

    @pytest.mark.parametrize(
        ("path", "name", "home"),
        [("fr/nowhere/", "Go to the home page", ""), ("nowhere/", "Aller à l’accueil", "fr/")],
    )
    def test_offers_the_home_of_the_other_language(
        self, path: str, name: str, home: str, address: str, open_page: OpenPage
    ) -> None:
        page = open_missing(open_page, path)

        page.get_by_role("link", name=name).click()

        expect(page).to_have_url(address + home)

    def test_lets_a_reader_go_before_it_speaks_their_language(
        self, address: str, open_page: OpenPage
    ) -> None:
        held: list[Route] = []
        hold = dict.fromkeys(("**/fr/404.html", address), lambda route: held.append(route))
        page = open_page("fr/nowhere/", routes=hold)

        with page.expect_request(address):
            page.get_by_role("link", name="Go to the home page").dispatch_event("click")
        for route in held:
            with suppress(Error):  # The page may have called it off.
                route.continue_()
            page.wait_for_timeout(100)

        expect(page).to_have_url(address)

    @pytest.mark.parametrize(
        ("path", "nearest"),
        [
            ("fr/guides/erors/", "fr/guides/errors/"),
            ("fr/errors.html", "fr/guides/errors/"),
            ("LLMS/", "llms/"),
            ("en/llms/azure/", "llms/azure/"),
            ("en/llms/vlm/", "llms/vllm/"),
            ("fr/guides/%65%72%72%6F%72%73.html", "fr/guides/errors/"),
            ("guides/%FFrrors/", "guides/errors/"),
            ("troubleshoot", "guides/troubleshooting/"),
            ("fr/troubleshoting/", "fr/guides/troubleshooting/"),
        ],
    )
    def test_names_the_nearest_page_of_its_language(
        self, path: str, nearest: str, address: str, open_page: OpenPage
    ) -> None:
        page = open_page(path)

        link = page.get_by_role("main").locator("[data-nearest] a:visible").first

        expect(link).to_have_attribute("href", urlsplit(address + nearest).path)

    def test_names_the_nearest_page_of_the_other_language(
        self, address: str, open_page: OpenPage
    ) -> None:
        page = open_missing(open_page, "fr/guides/erors/")

        page.get_by_role("article").get_by_role("link", name="Errors", exact=True).click()

        expect(page).to_have_url(f"{address}guides/errors/")

    def test_names_no_page_when_none_is_near(self, open_page: OpenPage) -> None:
        page = open_missing(open_page, "fr/xylophone/")

        expect(page.locator("[data-nearest]:visible")).to_have_count(0)

    @pytest.mark.parametrize("path", ["nowhere/", "fr/nowhere/"])
    def test_starts_the_scripts_of_a_page(self, path: str, open_page: OpenPage) -> None:
        """The theme's script fits the navigation to the window."""
        page = open_page(path)

        expect(page.locator(".md-sidebar__scrollwrap").first).to_have_attribute(
            "style", re.compile("height")
        )

    def test_switches_to_the_home_of_each_language(self, address: str, open_page: OpenPage) -> None:
        page = open_missing(open_page, "fr/nowhere/")

        switch(page, "English")

        expect(page).to_have_url(address)

    @pytest.mark.parametrize("path", ["nowhere/", "fr/nowhere/"])
    def test_is_read_in_every_language_without_scripts(
        self, path: str, open_page: OpenPage
    ) -> None:
        page = open_page(path, java_script_enabled=False)

        expect(page.locator("[lang=en]", has_text="This page does not exist").last).to_be_visible()
        expect(page.locator("[lang=fr]", has_text="Cette page n’existe pas").last).to_be_visible()

    @pytest.mark.parametrize("path", ["nowhere/", "fr/nowhere/"])
    def test_asks_this_site_alone_and_is_answered(
        self, path: str, address: str, open_page: OpenPage
    ) -> None:
        page = open_page()
        page.wait_for_load_state("networkidle")
        traffic = Traffic()

        with traffic.watch(page):
            page.goto(address + path, wait_until="networkidle")

        assert traffic.unexpected_requests(address) == []
        assert traffic.failures == [f"404 {address}{path}"]

    @pytest.mark.needs(programs.JAVASCRIPT)
    @pytest.mark.parametrize("color_scheme", ["light", "dark"])
    def test_has_no_barrier_that_axe_knows(self, color_scheme: str, open_page: OpenPage) -> None:
        page = open_page("fr/guides/erors/", color_scheme=color_scheme)
        expect(page.get_by_text("La page la plus proche")).to_be_visible()

        assert barriers(page) == []
