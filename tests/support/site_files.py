"""Where the site's files are, and its pages."""

from __future__ import annotations

from pathlib import Path

from llmdocs.pages.documentation import Documentation
from llmdocs.pages.languages import site_languages
from llmdocs.pages.page import Page
from llmdocs.pages.rules.checks import check
from llmdocs.pages.translation.changes import LeftBehind, left_behind
from llmdocs.pages.translation.history import History

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SNIPPETS = ROOT / "snippets"
MKDOCS_YML = ROOT / "mkdocs.yml"
_LANGUAGES = site_languages(MKDOCS_YML)
# Those that have every page; another language may have one page alone.
COMPLETE_LANGUAGES = (_LANGUAGES.default, *_LANGUAGES.complete)
# One that the site does not have yet.
NEW_LANGUAGE = next(code for code in ("es", "it", "pt", "de", "nl") if code not in _LANGUAGES.all)


def pages() -> list[Page]:
    """Every page that the site publishes."""
    site = Documentation.at(ROOT)
    return [page for code in site.pages for page in site.pages_in(code) if not page.is_partial]


def problems_of(root: Path) -> set[str]:
    """What the checks find in a documentation, without the folder that it is in."""
    return {str(problem).replace(f"{root}/", "") for problem in check(Documentation.at(root))}


def stale_translations() -> list[LeftBehind]:
    """The sections that this site's translations have not brought up to date."""
    site = Documentation.at(ROOT)
    translated = [
        page
        for code in site.pages
        if code != site.languages.default
        for page in site.pages_in(code)
    ]
    return left_behind(translated, site.originals, History(ROOT))
