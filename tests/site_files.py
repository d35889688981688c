"""Where the site's files are, and its pages."""

from __future__ import annotations

from pathlib import Path

from llmdocs.pages.page import Page, languages, read_all

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SNIPPETS = ROOT / "snippets"
MKDOCS_YML = ROOT / "mkdocs.yml"


def pages() -> list[Page]:
    return [page for language in languages(DOCS) for page in read_all(DOCS, language)]
