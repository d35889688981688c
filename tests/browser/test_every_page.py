"""Every page in a browser: it calls no other host, and a screen reader finds its way."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from llmdocs.pages.page import Page
from tests.browser.conftest import OpenPage, Traffic
from tests.support import concerning, programs
from tests.support.axe import barriers
from tests.support.built_site import SITE_URL, Site
from tests.support.site_files import pages

# One of each kind in one language or the other, and the widest choice of colours in the dark: axe
# takes seconds for each, and pages that are made alike pass or fail alike.
VIEWS = [
    ("", "light"),
    ("contributing/translate/", "light"),
    ("fr/guides/errors/", "light"),
    ("llms/ollama/", "light"),
    ("fr/reference/api/", "light"),
    ("reference/settings/", "light"),
    ("fr/", "dark"),
    ("fr/llms/ollama/", "dark"),
    ("reference/api/", "dark"),
]
# A wide screen, a phone, and a page at 400 % on a wide screen.
WIDTHS = (1280, 390, 320)
AT_A_TIME = 6
each_page = pytest.mark.parametrize(
    "page", pages(), ids=lambda page: f"{page.language}/{page.name}"
)


def path_of(page: Page, site: Site) -> str:
    return site.address_of(site.file_of(page)).removeprefix(SITE_URL)


@pytest.fixture(scope="module")
def views(
    request: pytest.FixtureRequest, browser: Browser, site: Site, address: str
) -> dict[Page, Traffic]:
    """What each page asks for until half a second passes without a request; several at a time."""
    to_show = concerning.to_run(request, test_a_view_asks_this_site_alone_and_is_answered.__name__)
    seen = {page: Traffic() for page in to_show}
    context = browser.new_context()
    tabs = [context.new_page() for _ in range(AT_A_TIME)]
    for start in range(0, len(to_show), AT_A_TIME):
        with ExitStack() as watches:
            shown = list(zip(tabs, to_show[start : start + AT_A_TIME], strict=False))
            for tab, page in shown:
                watches.enter_context(seen[page].watch(tab))
                tab.goto(address + path_of(page, site), wait_until="commit")
            for tab, _ in shown:
                tab.wait_for_load_state("networkidle")
    context.close()
    return seen


@each_page
def test_a_view_asks_this_site_alone_and_is_answered(
    page: Page, address: str, views: dict[Page, Traffic]
) -> None:
    traffic = views[page]

    assert len(traffic.addresses) > 1
    assert traffic.unexpected_requests(address) == []
    assert traffic.failures == []


@pytest.mark.needs(programs.JAVASCRIPT)
@pytest.mark.parametrize(("path", "color_scheme"), VIEWS)
def test_a_view_has_no_barrier_that_axe_knows_at_any_width(
    path: str, color_scheme: str, open_page: OpenPage
) -> None:
    shown = open_page(path, color_scheme=color_scheme)

    for width in WIDTHS:
        shown.set_viewport_size({"width": width, "height": 844})
        assert (width, barriers(shown)) == (width, [])


@pytest.mark.parametrize(("path", "color_scheme"), VIEWS)
def test_no_view_scrolls_sideways(path: str, color_scheme: str, open_page: OpenPage) -> None:
    shown = open_page(path, viewport={"width": 320, "height": 844}, color_scheme=color_scheme)

    assert shown.evaluate("document.documentElement.scrollWidth") == 320
