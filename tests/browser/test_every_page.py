"""Every page in a browser: it calls no other host, and a screen reader finds its way."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from llmdocs.pages.page import Page
from tests.browser.conftest import OpenPage, Traffic
from tests.support import concerning
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


@pytest.mark.parametrize(("path", "color_scheme"), VIEWS)
def test_a_view_has_no_barrier_that_axe_knows(
    path: str, color_scheme: str, open_page: OpenPage
) -> None:
    shown = open_page(path, color_scheme=color_scheme)

    found = Axe().run(shown, options={"resultTypes": ["violations"]}).response["violations"]

    assert [_told(violation) for violation in found] == []


def _told(violation: dict[str, Any]) -> str:
    places = [node["html"] for node in violation["nodes"]]
    return f"{violation['id']}: {violation['help']}: {places}"
