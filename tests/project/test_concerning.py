"""`make test PROVIDER=…` and `PAGE=…` run the tests that concern what they name."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.conftest import group_of
from tests.support import concerning
from tests.support.site_files import ROOT


def concerned(name: str, *ids: str) -> list[str]:
    found = concerning.chosen(name, ids)
    return [node for node in ids if node in found]


def test_a_providers_tests_are_those_that_name_it_as_a_word() -> None:
    own = ["tests/wire/test_a.py::test_b[groq-stream]", "tests/wire/test_groq.py::test_c"]
    others = [
        "tests/wire/test_a.py::test_b[xai-stream]",
        "tests/wire/test_a.py::test_b[groqs]",
        # That is its page's.
        "tests/built/test_site.py::test_a[en/llms/groq.md]",
    ]

    assert concerned("groq", *own, *others) == own


@pytest.mark.parametrize(
    "name",
    [
        "guides/retries",
        "guides/retries.md",
        "docs/fr/guides/retries.md",
        "./docs/en/guides/retries.md",
    ],
)
def test_a_pages_tests_are_those_of_it_and_its_snippets(name: str) -> None:
    ids = [
        "tests/built/test_site.py::test_a[en/guides/retries.md]",
        "tests/recipes/test_snippets.py::test_a[retries/give_up.py-openai]",
        "tests/built/test_site.py::test_a[en/guides/async.md]",
    ]

    assert concerned(name, *ids) == ids[:2]


@pytest.mark.parametrize(
    ("name", "nearest"), [("gorq", "groq"), ("guides/retry", "guides/retries.md")]
)
def test_what_is_neither_is_told(name: str, nearest: str) -> None:
    with pytest.raises(pytest.UsageError, match=f"{name}.*Did you mean {nearest}"):
        concerning.chosen(name, [])


def test_a_run_leaves_the_other_tests_out_and_keeps_ids_as_they_are() -> None:
    """`make test PROVIDER=xai`, of two files of which one looks at built pages."""
    ran = subprocess.run(
        [
            sys.executable, "-m", "pytest", "--collect-only", "-q", "--concerning", "xai",
            "tests/wire/test_tables.py", "tests/built/test_site_markdown.py",
        ],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    ids = [line for line in ran.stdout.splitlines() if "::" in line]
    assert ids == [
        "tests/wire/test_tables.py::TestTheTables::test_are_in_their_form[xai]",
        "tests/wire/test_tables.py::TestTheTables::"
        "test_say_the_words_of_a_fault_that_a_test_gives[xai]",
    ]


@pytest.mark.parametrize(
    ("command", "environment", "expected"),
    [
        (["PROVIDER=groq"], {}, "--concerning groq"),
        (["PAGE=llms/groq"], {}, "--concerning llms/groq"),
        ([], {}, None),
        # A shell may have such a name for something else.
        ([], {"PROVIDER": "aws", "PAGE": "1"}, None),
    ],
)
def test_make_takes_a_name_from_its_command_line_alone(
    command: list[str], environment: dict[str, str], expected: str | None
) -> None:
    printed = subprocess.run(
        ["make", "--dry-run", "test", *command],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=True,
    ).stdout.replace('"', "")  # fmt: skip

    assert (expected or "--numprocesses 3") in printed
    assert ("--concerning" in printed) is bool(expected)


def test_a_worker_gets_a_whole_file_unless_it_is_too_long_for_one() -> None:
    groups = [
        group_of(node)
        for node in (
            "tests/built/test_site.py::test_a[b]", "tests/built/test_site.py::test_c",
            "tests/wire/test_tables.py::test_a[x-y]", "tests/wire/test_tables.py::TestB::test_b",
            "tests/client/test_faults.py::test_a[x]", "tests/client/test_faults.py::test_b[x]",
        )
    ]  # fmt: skip

    assert [groups.index(group) for group in groups] == [0, 0, 2, 2, 4, 5]
