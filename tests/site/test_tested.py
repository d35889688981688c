"""A guide says when it was tested: what the last run of all tests reported, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from llmdocs.errors import PageError
from llmdocs.pages.page import Page, read
from llmdocs.pages.strings import Strings
from llmdocs.site.tested import REPORT, with_note
from tests.support import last_run
from tests.support.site_files import DOCS, ROOT

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

    def __init__(self, root: Path, *, leave_report: bool) -> None:
        self.rootpath = root
        self.leave_report = leave_report

    def getoption(self, name: str) -> object:
        return getattr(self, name)


def report(root: Path, outcome: int, *, is_asked: bool) -> Mapping[str, object] | None:
    options: Any = Options(root, leave_report=is_asked)
    last_run.report({"passed": [1, 2]}, outcome, options)
    path = root / REPORT
    return json.loads(path.read_text()) if path.exists() else None


def test_a_run_that_passed_leaves_a_report_where_it_is_asked_to(tmp_path: Path) -> None:
    found = report(tmp_path, 0, is_asked=True)

    assert found
    assert found["passed"] == 2
    assert shown(tmp_path, read(DOCS, "en", "llms/azure.md")) != HTML


@pytest.mark.parametrize(("outcome", "is_asked"), [(1, True), (0, False)])
def test_no_other_run_leaves_one(tmp_path: Path, outcome: int, is_asked: bool) -> None:
    assert report(tmp_path, outcome, is_asked=is_asked) is None


def test_make_test_asks_for_the_report_and_its_parts_do_not() -> None:
    commands = [
        line for line in (ROOT / "Makefile").read_text().splitlines() if "-m pytest" in line
    ]

    assert [line for line in commands if "--leave-report" in line] == [
        "\t@$(RUN) -m pytest --numprocesses 3 --leave-report"
    ]
