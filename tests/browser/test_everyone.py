"""The site without a mouse, without a script, enlarged, on a phone and on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage

PHONE = {"width": 390, "height": 844}
# A screen of 1280 pixels at 200 %.
ENLARGED = {"width": 640, "height": 450}
EACH_KIND = ("", "llms/azure/", "guides/troubleshooting/", "reference/settings/", "reference/api/")
MENU, SECTION = {"": "Menu", "fr/": "Menu"}, {"": "Link to this section", "fr/": "Lien vers cette"}
each_language = pytest.mark.parametrize("language", ["", "fr/"])
each_kind = pytest.mark.parametrize("path", EACH_KIND)

# What has the focus: its name, and whether it can be seen. What is drawn in place of a box or of a
# choice is its label.
FOCUSED = """
() => {
  const element = document.activeElement
  if (!element || element === document.body) return null
  const drawn = element.matches(".md-option") ? element.nextElementSibling
    : element.matches("input") ? element.labels[0] ?? element : element
  const options = {opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true}
  const {width, height, right, left} = drawn.getBoundingClientRect()
  const isSeen = width > 1 && height > 1 && right > 0 && left < innerWidth
    && drawn.checkVisibility(options)
  return [element.outerHTML.slice(0, 160), isSeen]
}
"""


def walk(page: Page, most: int = 400) -> Iterator[tuple[str, bool]]:
    """What gets the focus with one press of Tab after the other, up to the end of the page."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None:
            return
        yield focused[0], focused[1]


@each_kind
@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 900}], ids=["phone", "wide"])
def test_nothing_that_takes_the_focus_is_invisible(
    path: str, viewport: dict[str, int], open_page: OpenPage
) -> None:
    page = open_page(path, viewport=viewport)
    # Transitions would be looked at in the middle.
    page.emulate_media(reduced_motion="reduce")
    seen = [*walk(page)]

    assert len(seen) > 10
    assert [element for element, is_seen in seen if not is_seen] == []


class TestTheMenuOfANarrowScreen:
    @each_language
    def test_is_a_button_with_a_name_and_a_state(self, language: str, open_page: OpenPage) -> None:
        page = open_page(f"{language}llms/azure/", viewport=PHONE)
        menu = page.get_by_role("button", name=MENU[language], exact=True)
        expect(menu).to_have_attribute("aria-expanded", "false")
        menu.press("Enter")

        expect(menu).to_have_attribute("aria-expanded", "true")
        expect(page.get_by_role("link", name="Ollama", exact=True).first).to_be_in_viewport()

    def test_closes_with_escape_and_gives_the_focus_back(self, open_page: OpenPage) -> None:
        page = open_page(viewport=PHONE)
        menu = page.locator(".menu-button")
        menu.press(" ")
        expect(menu).to_have_attribute("aria-expanded", "true")
        page.get_by_role("link", name="Ollama", exact=True).first.focus()
        page.keyboard.press("Escape")

        expect(menu).to_have_attribute("aria-expanded", "false")
        expect(menu).to_be_focused()

    def test_alone_takes_the_focus_while_it_is_open(self, open_page: OpenPage) -> None:
        page = open_page("llms/azure/", viewport=PHONE)
        page.emulate_media(reduced_motion="reduce")
        page.locator(".menu-button").press("Enter")
        seen = [element for element, _ in walk(page)]

        assert any("md-nav__link" in element for element in seen)
        assert [element for element in seen if "md-code__button" in element] == []

    def test_shows_every_page_without_a_script(self, open_page: OpenPage) -> None:
        page = open_page("llms/azure/", viewport=PHONE, java_script_enabled=False)
        page.locator(".menu-label").click()
        for name in ("Ollama", "Troubleshooting", "Settings", "Translate the docs"):
            expect(page.get_by_role("link", name=name, exact=True).first).to_be_visible()

    def test_opens_with_the_keyboard_without_a_script(self, open_page: OpenPage) -> None:
        page = open_page(viewport=PHONE, java_script_enabled=False)
        page.get_by_role("checkbox", name="Menu").press(" ")

        expect(page.get_by_role("link", name="Ollama", exact=True).first).to_be_visible()


@each_language
def test_a_heading_is_read_without_the_mark_of_its_link(language: str, open_page: OpenPage) -> None:
    page = open_page(f"{language}llms/azure/")
    name = re.compile(re.escape(SECTION[language]))

    assert page.locator("article").get_by_role("link", name=name).count() > 10
    assert page.get_by_role("link", name="¶").count() == 0


@each_language
def test_the_formats_of_a_recipe_are_a_named_group(language: str, open_page: OpenPage) -> None:
    page = open_page(f"{language}llms/azure/")
    group = page.get_by_role("group", name="Format")

    assert [radio.is_checked() for radio in group.get_by_role("radio").all()] == [True] + 7 * [
        False
    ]
    group.get_by_role("radio").first.press("ArrowRight")
    expect(group.get_by_role("radio", name="Bash")).to_be_checked()


def test_what_was_copied_is_announced(open_page: OpenPage) -> None:
    page = open_page("llms/azure/", permissions=["clipboard-read", "clipboard-write"])
    page.locator(".md-code__button").first.click()

    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_attached()


COVERED = """
() => [...document.querySelectorAll("pre:has(> .md-code__nav)")].flatMap(pre => {
  if (!pre.checkVisibility()) return []
  const [code, button] = [".md-code__content, code", ".md-code__button"].map(
    part => pre.querySelector(part).getBoundingClientRect())
  const small = button.width < 24 || button.height < 24
  return small || code.right > button.left ? [`${pre.textContent} ${button.width}`] : []
})
"""


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_a_copy_button_is_large_enough_and_covers_no_code(width: int, open_page: OpenPage) -> None:
    page = open_page("llms/azure/", viewport={"width": width, "height": 844})
    expect(page.locator(".md-code__button").first).to_be_visible()

    assert page.evaluate(COVERED) == []


@each_kind
def test_a_page_at_twice_its_size_is_read_without_scrolling_sideways(
    path: str, open_page: OpenPage
) -> None:
    page = open_page(path, viewport=ENLARGED, device_scale_factor=2)

    assert page.evaluate("document.documentElement.scrollWidth") == ENLARGED["width"]
    expect(page.locator("h1")).to_be_in_viewport()


def test_on_a_phone_each_value_of_a_table_says_its_column(open_page: OpenPage) -> None:
    page = open_page("reference/settings/", viewport=PHONE)
    cell = page.get_by_role("row").filter(has_text="LLM_TIMEOUT").get_by_role("cell").nth(2)

    assert cell.evaluate("cell => getComputedStyle(cell, '::before').content").startswith(
        '"Default'
    )


@pytest.mark.parametrize("selector", ["table:not([class]) td", ".admonition p", "details p"])
def test_nothing_that_is_read_is_smaller_than_14_pixels(selector: str, open_page: OpenPage) -> None:
    page = open_page("guides/troubleshooting/" if "details" in selector else "guides/recipes/")
    if "td" in selector:
        page = open_page("reference/settings/")
    sizes = page.locator(f"article {selector}").evaluate_all(
        "elements => elements.map(element => parseFloat(getComputedStyle(element).fontSize))"
    )

    assert sizes
    assert min(sizes) >= 14


class TestPaper:
    def test_is_light_and_has_nothing_to_press(self, open_page: OpenPage) -> None:
        page = open_page("llms/azure/", color_scheme="dark")
        expect(page.locator(".md-code__button").first).to_be_attached()
        page.emulate_media(media="print", color_scheme="dark")
        colours = page.evaluate("getComputedStyle(document.body).backgroundColor")
        shown = page.locator("button:visible").evaluate_all("all => all.map(one => one.outerHTML)")

        assert colours == "rgb(255, 255, 255)"
        assert shown == []

    def test_shows_what_is_folded_and_the_address_of_a_link(self, open_page: OpenPage) -> None:
        page = open_page("llms/azure/")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        link = page.locator("article").get_by_role("link", name="Install llmdocs")

        assert page.locator("details.outcome:not([open])").count() == 0
        assert link.evaluate("link => getComputedStyle(link, '::after').content").endswith(
            '/quickstart/#install)"'
        )


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_each_scheme_is_there_without_a_script(
    scheme: str, is_dark: bool, open_page: OpenPage
) -> None:
    page = open_page("llms/azure/", color_scheme=scheme, java_script_enabled=False)
    lightness = page.locator("body").evaluate(
        "body => getComputedStyle(body).backgroundColor.match(/\\d+/g).map(Number)[0]"
    )

    assert (lightness < 128) == is_dark


def test_a_reader_finds_a_provider_copies_and_looks_an_error_up_by_keyboard(
    open_page: OpenPage,
) -> None:
    page = open_page(viewport=PHONE, permissions=["clipboard-read", "clipboard-write"])
    page.locator(".menu-button").press("Enter")
    page.get_by_role("link", name="Azure OpenAI", exact=True).first.press("Enter")
    page.wait_for_url("**/llms/azure/")
    docker = page.get_by_role("radio", name="Docker")
    page.get_by_role("radio", name=".env").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(docker).to_be_checked()
    page.locator(".tabbed-block:visible .md-code__button").last.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    copied = page.evaluate("navigator.clipboard.readText()")
    page.keyboard.press("/")
    page.keyboard.type("DeploymentNotFound")
    result = page.get_by_role("link", name=re.compile("deployment", re.IGNORECASE)).first
    expect(result).to_be_visible()

    assert copied.startswith("docker run --rm --env-file .env")
