"""The page as Markdown: copied by a button, with a link beside it that needs no script."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage
from tests.support.built_site import Site

COPY = {"": "Copy page as Markdown", "fr/": "Copier la page en Markdown"}
VIEW = {"": "View as Markdown", "fr/": "Voir en Markdown"}
COPIED = {"": "Copied", "fr/": "Page copiée"}
FAILED = {"": "The page could not be copied.", "fr/": "La page n’a pas pu être copiée."}
CLIPBOARD: dict[str, Any] = {"permissions": ["clipboard-read", "clipboard-write"]}

each_language = pytest.mark.parametrize("language", ["", "fr/"])


def copied(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


@each_language
def test_the_button_copies_the_twin_and_says_so(
    language: str, open_page: OpenPage, site: Site
) -> None:
    page = open_page(f"{language}llms/azure/", **CLIPBOARD)
    twin = (site.folder / f"{language}llms/azure.md").read_text("utf-8")

    page.get_by_role("button", name=COPY[language]).click()

    expect(page.locator(".markdown-actions").get_by_role("status")).to_have_text(COPIED[language])
    assert copied(page) == twin


def test_the_button_is_reached_and_pressed_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("quickstart/", **CLIPBOARD)
    button = page.get_by_role("button", name=COPY[""])

    page.get_by_role("link", name=VIEW[""]).focus()
    page.keyboard.press("Shift+Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator(".markdown-actions").get_by_role("status")).to_have_text(COPIED[""])


def missing(route: Route) -> None:
    route.fulfill(status=404, body="Not found")


@each_language
def test_a_failure_is_told_with_the_link(language: str, open_page: OpenPage) -> None:
    page = open_page(f"{language}llms/azure/", routes={"**/azure.md": missing}, **CLIPBOARD)

    page.get_by_role("button", name=COPY[language]).click()

    status = page.locator(".markdown-actions").get_by_role("status")
    expect(status).to_contain_text(FAILED[language])
    expect(status.get_by_role("link", name=VIEW[language])).to_have_attribute("href", "../azure.md")


def test_a_copy_works_after_a_failure(open_page: OpenPage, site: Site) -> None:
    page = open_page("llms/azure/", routes={"**/azure.md": missing}, **CLIPBOARD)
    button = page.get_by_role("button", name=COPY[""])
    status = page.locator(".markdown-actions").get_by_role("status")
    button.click()
    expect(status).to_contain_text(FAILED[""])
    page.unroute("**/azure.md")

    button.click()

    expect(status).to_have_text(COPIED[""])
    assert copied(page) == (site.folder / "llms/azure.md").read_text("utf-8")


@each_language
def test_without_a_script_the_link_alone_is_shown(language: str, open_page: OpenPage) -> None:
    page = open_page(f"{language}llms/azure/", java_script_enabled=False)

    expect(page.get_by_role("link", name=VIEW[language])).to_be_visible()
    expect(page.get_by_role("button", name=COPY[language])).to_be_hidden()


@each_language
def test_a_phone_shows_both_without_scrolling_sideways(language: str, open_page: OpenPage) -> None:
    page = open_page(f"{language}guides/upgrading/", viewport={"width": 390, "height": 800})

    page.get_by_role("button", name=COPY[language]).scroll_into_view_if_needed()
    expect(page.get_by_role("button", name=COPY[language])).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("link", name=VIEW[language])).to_be_in_viewport(ratio=1)


def test_the_page_for_a_missing_address_offers_nothing(open_page: OpenPage) -> None:
    page = open_page("404.html")

    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".markdown-actions")).to_have_count(0)
