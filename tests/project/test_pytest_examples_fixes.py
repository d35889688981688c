"""A failing example is one failing test, at the snippet's own line, on every Python."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.site_files import ROOT

TEST = """
from pathlib import Path
from pytest_examples import CodeExample, EvalExample

def test_example(eval_example: EvalExample):
    path = Path("snippet.py")
    example = CodeExample.create(path.read_text(), path=path)
    eval_example.run_print_check(example)
"""
FIX = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.support import pytest_examples_fixes

def pytest_configure():
    pytest_examples_fixes.install()
"""


@pytest.fixture
def failing_example(pytester: pytest.Pytester) -> pytest.Pytester:
    Path("snippet.py").write_text("first = 1\nraise ValueError('the snippet fails')\n")
    pytester.makepyfile(test_it=TEST)
    return pytester


def test_a_failing_example_is_one_failing_test_at_its_own_line(
    failing_example: pytest.Pytester,
) -> None:
    failing_example.makeconftest(FIX)
    result = failing_example.runpytest_subprocess("-p", "no:xdist")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*snippet.py:2: ValueError"])


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the defect is Python 3.11's alone")
def test_pytest_examples_still_needs_the_fix(failing_example: pytest.Pytester) -> None:
    """When this fails, the defect is gone: remove tests/support/pytest_examples_fixes.py."""
    result = failing_example.runpytest_subprocess("-p", "no:xdist")

    assert "INTERNALERROR" in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize(
    ("printed", "outcome"),
    [("one two", "passed"), ("one  two", "failed"), ("two", "failed")],
)
def test_pieces_that_end_without_a_line_end_are_one_line(
    pytester: pytest.Pytester, printed: str, outcome: str
) -> None:
    Path("snippet.py").write_text(
        f'print("one", end="")\nprint(" ", end="")\nprint("two")\n#> {printed}\nprint(3)\n#> 3\n'
    )
    pytester.makepyfile(test_it=TEST)
    pytester.makeconftest(FIX)
    result = pytester.runpytest_subprocess("-p", "no:xdist")

    result.assert_outcomes(**{outcome: 1})
