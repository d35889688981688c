"""A guide says when it was tested: what the last run of all tests reported, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from llmdocs.errors import PageError
from llmdocs.pages.page import Page, read
from llmdocs.pages.strings import Strings
from llmdocs.site.tested import REPORT, with_note
from tests.support import last_run
from tests.support.site_files import DOCS

HTML = "<h1>Azure OpenAI</h1>\n<p>Text.</p>"


def shown(root: Path, page: Page) -> str:
    return with_note(HTML, page, Strings(DOCS, page.language), root)


def write(root: Path, text: str) -> Path:
    path = root / REPORT
    path.parent.mkdir()
    path.write_text(text)
    return root


@pytest.fixture
def reported(tmp_path: Path) -> Path:
    return write(tmp_path, json.dumps({"date": "2026-11-02", "litellm": "1.2.3<", "passed": 9}))


def test_a_guide_says_when_and_with_what_below_its_title(reported: Path) -> None:
    assert shown(reported, read(DOCS, "en", "llms/azure.md")) == (
        '<h1>Azure OpenAI</h1>\n<div class="tested" data-pagefind-ignore>Tested on 2026-11-02 with '
        "litellm 1.2.3&lt;, against a mock of Azure OpenAI; never live.</div>\n<p>Text.</p>"
    )


def test_a_translation_says_it_in_its_language(reported: Path) -> None:
    text = shown(reported, read(DOCS, "fr", "llms/azure.md"))

    assert "Testé le 2026-11-02" in text
    assert "lang=" not in text


def test_a_page_of_no_provider_says_nothing(reported: Path) -> None:
    assert shown(reported, read(DOCS, "en", "guides/errors.md")) == HTML


def test_nothing_is_said_without_a_report(tmp_path: Path) -> None:
    assert shown(tmp_path, read(DOCS, "en", "llms/azure.md")) == HTML


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"date": "2026-11-02"}', "3"])
def test_what_is_no_report_is_an_error_that_says_what_to_do(tmp_path: Path, text: str) -> None:
    with pytest.raises(PageError, match=r"test-report\.json:1: .*remove it"):
        shown(write(tmp_path, text), read(DOCS, "en", "llms/azure.md"))


class Options:
    """As much of pytest's configuration as the report asks for."""

    def __init__(self, root: Path, args: tuple[str, ...] = ("tests",), **chosen: object) -> None:
        self.rootpath = root
        self.args = [*args]
        self.chosen = chosen

    def getoption(self, name: str, default: object) -> object:
        return self.chosen.get(name, default)

    def getini(self, _: str) -> list[str]:
        return ["tests"]


def report(root: Path, outcome: int = 0, **options: object) -> Mapping[str, object] | None:
    last_run.report({"passed": [1, 2]}, outcome, Options(root, **options))  # type: ignore[arg-type]
    path = root / REPORT
    return json.loads(path.read_text()) if path.exists() else None


def test_a_run_of_all_tests_that_passed_is_reported(tmp_path: Path) -> None:
    found = report(tmp_path)

    assert found
    assert found["passed"] == 2
    assert shown(tmp_path, read(DOCS, "en", "llms/azure.md")) != HTML


@pytest.mark.parametrize(
    "given",
    [
        {"outcome": 1},
        {"concerning": "groq"},
        {"keyword": "azure"},
        {"markexpr": "needs"},
        {"args": ["tests/site"]},
        {"lf": True},
        {"collectonly": True},
    ],
    ids=lambda given: next(iter(given)),
)
def test_no_other_run_is_reported(tmp_path: Path, given: Mapping[str, object]) -> None:
    assert report(tmp_path, **given) is None  # type: ignore[arg-type]
