"""The tests that concern a provider or a page: their ids name it, or a snippet of the page."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from typing import Any

import pytest

from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.errors import PageError
from llmdocs.suggestions import did_you_mean
from tests.support.site_files import pages

# Whose tests look at built sites, which take seconds each: a page's are among them.
BUILT = re.compile(r"tests/(?:browser|built|site)/|test_stale_sections")


def chosen(name: str, ids: Iterable[str]) -> set[str]:
    """The ids of tests that concern a provider or a page. Raises `pytest.UsageError` for neither.

    What is built of a provider's pages concerns the page.
    """
    found = pattern(name)
    return {
        node
        for node in ids
        if found.search(node) and not (name in CATALOGUE and BUILT.search(node.partition("::")[0]))
    }


def to_run(request: pytest.FixtureRequest, test: str) -> list[Any]:
    """With which values of its one parameter a test of the asking file is to be run."""
    return [
        value
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and (item.path, item.originalname) == (request.path, test)
        for value in item.callspec.params.values()
    ]


def pattern(name: str) -> re.Pattern[str]:
    """What finds the ids of tests. Raises `pytest.UsageError` for what is no provider or page."""
    words = [name] if name in CATALOGUE else _words_of_page(name)
    named = "|".join(map(re.escape, words))
    return re.compile(rf"(?<![a-z0-9])(?:{named})(?![a-z0-9])", flags=re.IGNORECASE)


def _words_of_page(name: str) -> list[str]:
    """The page's path and its snippets'; `name` may be as an editor or a shell names the file."""
    found = [page for page in pages() if name in (page.name, page.name.removesuffix(".md"))]
    found = found or [page for page in pages() if name.endswith(f"{page.language}/{page.name}")]
    if not found:
        known = [*CATALOGUE, *{page.name for page in pages()}]
        raise pytest.UsageError(
            f"there is no provider or page {name!r}.{did_you_mean(name, known)} "
            f"The providers are: {', '.join(CATALOGUE)}."
        )
    words = {page.name for page in found}
    for page in found:
        # The tests of all pages tell of one that cannot be read.
        with contextlib.suppress(PageError):
            words |= {embed.file for embed in page.embeds}
    return sorted(words)
