"""The form of a recipe that a reader chooses."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage


def test_the_tab_that_a_reader_chooses_is_shown_on_other_pages_and_in_other_languages(
    address: str, open_page: OpenPage
) -> None:
    page = open_page("llms/ollama/")
    page.locator(".tabbed-labels label", has_text="Compose").click()

    for path in ("llms/azure/", "fr/llms/openai/", "fr/guides/recipes/"):
        page.goto(address + path)
        chosen = page.locator(".tabbed-set").first.locator("input:checked")
        label = page.locator(f"label[for={chosen.get_attribute('id')}]")
        expect(label).to_have_text("Compose")
