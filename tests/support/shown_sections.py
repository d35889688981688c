"""Sections of the site as they are shown, with their blocks rendered."""

from __future__ import annotations

from functools import cache

from llmdocs.pages.documentation import Documentation
from llmdocs.pages.markdown import ANCHOR, HEADING
from llmdocs.pages.render.expand import expand
from llmdocs.pages.render.facts import Context
from tests.support.site_files import ROOT


def shown(guide: str, language: str) -> str:
    """What a section shows, on one line. `guide` is as a finding's: `guides/errors/#errors`."""
    page, _, anchor = guide.partition("/#")
    return " ".join(_sections(f"{page}.md", language)[anchor].split())


@cache
def _sections(name: str, language: str) -> dict[str, str]:
    """What a page shows, by the anchor of each of its sections."""
    site = Documentation.at(ROOT)
    text = expand(Context(site.pages[language][name], site.docs, site.snippets, ""))
    shown: dict[str, str] = {}
    anchor = ""
    for line in text.splitlines():
        if (heading := HEADING.fullmatch(line)) and (found := ANCHOR.search(heading["text"])):
            anchor = found["anchor"]
        shown[anchor] = f"{shown.get(anchor, '')}{line}\n"
    return shown
