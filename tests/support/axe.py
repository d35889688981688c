"""Barriers that axe-core finds on a page as it is shown: the release that `make javascript` has."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tests.support import programs

if TYPE_CHECKING:
    from playwright.sync_api import Page

RUN = """
axe.run({resultTypes: ["violations"]}).then(({violations}) => violations.flatMap(
  ({id, help, nodes}) => nodes.map(({html}) => `${id}: ${help}: ${html}`)))
"""


@cache
def _source() -> str:
    path = programs.JAVASCRIPT_FOLDER / "node_modules/axe-core/axe.min.js"
    return path.read_text("utf-8")


def barriers(page: Page) -> list[str]:
    """Each element in which axe-core finds a fault, with the rule and the element's HTML."""
    page.evaluate(_source())
    found: list[str] = page.evaluate(RUN)
    return found
