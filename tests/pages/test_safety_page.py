"""The page on safety names the test of each promise, and the test exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.site_files import ROOT

ROW = re.compile(r"^\| (?!\w+ \| Test|---)(?P<promise>.+?) \| (?P<tests>.+) \|$", re.MULTILINE)
TEST = re.compile(
    r"\[(?P<name>test_\w+\.py)\]\(\{\{ site\.repository \}\}/blob/main/(?P<path>[^)]+)\)"
)


def promises(language: str) -> list[tuple[str, str]]:
    page = Path(ROOT, "docs", language, "guides/safety.md").read_text("utf-8")
    return [(match["promise"], match["tests"]) for match in ROW.finditer(page)]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_promise_names_tests_that_exist(language: str) -> None:
    for promise, cell in promises(language):
        tests = [*TEST.finditer(cell)]

        assert tests, promise
        assert [test["name"] for test in tests] == [Path(test["path"]).name for test in tests]
        assert all(Path(ROOT, test["path"]).is_file() for test in tests), cell
        # Nothing else stands in the cell.
        assert TEST.sub("", cell).strip(", ") == ""


def test_both_languages_promise_as_much() -> None:
    assert len(promises("en")) == len(promises("fr")) > 10
