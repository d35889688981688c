"""Directives of mkdocstrings: those that a page may hold."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from mkdocs.exceptions import PluginError
from mkdocstrings import AutoDocProcessor

from llmdocs.pages.rules.active_content import OWN


class _OwnDocstrings(BlockProcessor):
    """Refuses any `:::` but one that shows this package's docstrings, where Markdown meets it.

    An option of mkdocstrings runs a file, and another object's docstring is its source too. What a
    page is made of may hold one that no line of it shows.
    """

    def test(self, parent: Element, block: str) -> bool:
        return bool(AutoDocProcessor.regex.search(block))

    def run(self, parent: Element, blocks: list[str]) -> bool:
        match = AutoDocProcessor.regex.search(blocks[0])
        assert match
        below = [blocks[0][match.end() :].strip(), *blocks[1:2]]
        has_options = bool(below[0]) or below[-1].startswith("    ")
        if has_options or match["heading"] or not OWN.fullmatch(match["name"]):
            raise PluginError(
                f"{match[0].strip()!r} is made of this page: ::: shows what this package's "
                "docstrings say, as in ::: llmdocs.LLM, without options. Write it alone "
                "on a line of the page, and code between backticks."
            )
        # The next processor's.
        return False


class Directives(Extension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  # Markdown's name
        # mkdocstrings' own has 75.
        md.parser.blockprocessors.register(_OwnDocstrings(md.parser), "llmdocs", 76)
