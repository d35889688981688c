"""Code as a reader sees it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage


@pytest.mark.parametrize("width", [390, 1280])
def test_code_in_an_item_keeps_its_lines(width: int, open_page: OpenPage) -> None:
    page = open_page("contributing/translate/", viewport={"width": width, "height": 900})

    expect(page.locator("li pre code").first).to_have_css("white-space", "pre")
