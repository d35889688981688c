"""Where the site's files are, and its pages."""

from __future__ import annotations

from pathlib import Path

from llmdocs.pages.freshness import Originals
from llmdocs.pages.history import History
from llmdocs.pages.page import Page, languages, read_all
from llmdocs.pages.site_languages import site_languages
from llmdocs.pages.translations import LeftBehind, left_behind

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SNIPPETS = ROOT / "snippets"
MKDOCS_YML = ROOT / "mkdocs.yml"


def pages() -> list[Page]:
    return [page for language in languages(DOCS) for page in read_all(DOCS, language)]


def stale_translations() -> list[LeftBehind]:
    """The sections that this site's translations have not brought up to date."""
    default = site_languages(MKDOCS_YML).default
    translated = [page for page in pages() if page.language != default]
    return left_behind(translated, Originals(DOCS, default), History(ROOT))
