"""What the last run of the tests says on a guide: when, with which litellm, against what."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.errors import PageError
from llmdocs.pages.page import Page
from llmdocs.pages.strings import CODE_LANGUAGE, Strings

# Written by a run of all tests in which each passed; `tests/conftest.py` says what it holds.
REPORT = Path(".cache/test-report.json")
END_OF_TITLE = "</h1>"


def with_note(shown: str, page: Page, words: Strings, root: Path) -> str:
    """The HTML of a provider's guide with a line below its title; other pages stay as they are.

    So does every page where no run of the tests has left a report. Raises `PageError` for one that
    cannot be read.
    """
    report = _read(root / REPORT)
    provider = CATALOGUE.get(page.recipe or "")
    if report is None or provider is None or page.name != f"llms/{provider.name}.md":
        return shown
    text = html.escape(words.get("tested", "text")).format(
        date=html.escape(report["date"]),
        litellm=html.escape(report["litellm"]),
        provider=html.escape(provider.title),
    )
    language = words.language_of("tested", "text")
    mark = "" if language == page.language else f' lang="{CODE_LANGUAGE}"'
    note = f'\n<div class="tested"{mark} data-pagefind-ignore>{text}</div>'
    return shown.replace(END_OF_TITLE, END_OF_TITLE + note, 1)


def _read(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        report = json.loads(path.read_text("utf-8"))
        return {name: str(report[name]) for name in ("date", "litellm")}
    except (ValueError, KeyError, TypeError):
        raise PageError(f"{path}:1: this is no report of the tests; remove it.") from None
