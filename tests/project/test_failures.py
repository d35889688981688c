"""The last lines of a run say which failures concern what was changed, and what load may be."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support import failures
from tests.support.site_files import ROOT

PLUGIN = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.support import failures

def pytest_configure(config):
    config.pluginmanager.register(failures)
"""
# One failure each: by the file of its own, by what it imports, by what it names, by its id; and
# one that has to do with none of these.
TESTS = {
    "test_own.py": "def test_own(): assert 0",
    "test_importing.py": "import helper\ndef test_importing(): assert 0",
    "test_naming.py": "def test_naming(): raise ValueError('docs/xx/a.md:3: two spaces')",
    "test_id.py": (
        "import pytest\n@pytest.mark.parametrize('name', ['groq'])\ndef test_id(name): assert 0"
    ),
    "test_other.py": "def test_other(): assert 0\ndef test_passing(): pass",
}
HEADING = "failures and what was changed"


def git(*arguments: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True)


def write(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


@pytest.fixture
def checkout(pytester: pytest.Pytester) -> pytest.Pytester:
    """A checkout with nothing changed, in which five tests fail."""
    pytester.makeconftest(PLUGIN)
    for name, text in {
        **TESTS,
        "helper.py": "",
        "docs/xx/a.md": "",
        ".gitignore": "*.pyc\nstd*\nrunpytest*",
    }.items():
        write(name, text + "\n")
    git("init", "--initial-branch=main")
    git("add", ".")
    git("commit", "--message=First")
    return pytester


def last_lines(pytester: pytest.Pytester, *options: str) -> list[str]:
    """What stands under the heading: after pytest's own summary."""
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)
    lines = result.outlines
    headings = [number for number, line in enumerate(lines) if HEADING in line]
    if not headings:
        return []
    assert all("short test summary" not in line for line in lines[headings[0] :])
    return lines[headings[0] + 1 : -1]


def change(name: str) -> None:
    with Path(name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")


@pytest.mark.parametrize(
    ("changed", "failure", "option"),
    [
        ("test_own.py", "test_own.py::test_own", "-pno:xdist"),
        ("helper.py", "test_importing.py::test_importing", "-pno:xdist"),
        ("docs/xx/a.md", "test_naming.py::test_naming", "-pno:xdist"),
        ("docs/xx/a.md", "test_naming.py::test_naming", "-n1"),
        ("src/llmdocs/wire/compatible/groq.toml", "test_id.py::test_id[groq]", "-pno:xdist"),
    ],
)
def test_a_failure_is_named_with_the_changed_file_that_it_concerns(
    checkout: pytest.Pytester, changed: str, failure: str, option: str
) -> None:
    write(changed, TESTS.get(changed, "") + "\n# changed\n")

    named, again, others, elsewhere = last_lines(checkout, option)

    assert named == f"{failure}: concerns {changed}"
    quoted = f"'{failure}'" if "[" in failure else failure
    assert again.startswith("run these again: ")
    # A path with a space stands in quotes.
    assert again.replace("python' -m", "python -m").endswith(f"python -m pytest {quoted}")
    assert others == (
        "4 failures concern nothing that changed; look whether they fail without your change:"
    )
    assert "test_other.py::test_other" in elsewhere
    assert failure not in elsewhere
    assert elsewhere.count("::") == 4


@pytest.mark.parametrize("is_committed", [True, False], ids=["committed", "not committed"])
@pytest.mark.parametrize("is_new", [True, False], ids=["new", "known"])
def test_what_the_main_branch_does_not_have_is_changed(
    checkout: pytest.Pytester, is_committed: bool, is_new: bool
) -> None:
    git("switch", "--create=mine")
    write("test_new.py" if is_new else "test_own.py", "def test_changed(): assert 0\n")
    if is_committed:
        git("add", ".")
        git("commit", "--message=Second")
    name = "test_new.py" if is_new else "test_own.py"

    assert failures.changed_files(checkout.path) == [name]


def test_what_others_changed_meanwhile_is_not_what_was_changed(checkout: pytest.Pytester) -> None:
    git("switch", "--create=mine")
    change("helper.py")
    git("switch", "main", "--merge")
    git("stash")
    change("test_other.py")
    git("commit", "--all", "--message=Others'")
    git("switch", "mine")
    git("stash", "pop")

    assert failures.changed_files(checkout.path) == ["helper.py"]


def test_where_nothing_changed_or_nothing_failed_or_git_is_not_nothing_is_said(
    checkout: pytest.Pytester, pytester: pytest.Pytester
) -> None:
    unchanged = last_lines(checkout)
    change("test_other.py")
    passed = last_lines(checkout, "test_other.py::test_passing")
    Path(".git").rename("elsewhere")

    assert (unchanged, passed, last_lines(checkout)) == ([], [], [])


def test_of_many_failures_the_files_are_named(checkout: pytest.Pytester) -> None:
    many = "@pytest.mark.parametrize('number', range(25))\ndef test_many(number): assert 0\n"
    write("test_own.py", f"import pytest\n{many}")

    lines = last_lines(checkout, "test_own.py")

    assert len([line for line in lines if ": concerns test_own.py" in line]) == 20
    assert lines[20] == "… and 5 more"
    again = lines[21].replace("python' -m", "python -m")
    assert again.endswith("python -m pytest --lf test_own.py")
    assert len(lines) == 22


@pytest.mark.parametrize(
    ("file", "node", "expected"),
    [
        ("docs/fr/guides/retries.md", "tests/built/test_site.py::test_a[en/guides/retries.md]", 1),
        ("docs/fr/guides/retries.md", "tests/recipes/test_a.py::test_b[retries/give_up.py-a]", 1),
        ("docs/fr/guides/retries.md", "tests/built/test_site.py::test_a[en/guides/async.md]", 0),
        ("snippets/retries/give_up.py", "tests/recipes/test_a.py::test_b[retries/give_up.py-a]", 1),
        ("snippets/groq/chat.py", "tests/wire/test_tables.py::test_a[groq]", 1),
        ("snippets/retries/give_up.py", "tests/recipes/test_a.py::test_b[async/one.py-openai]", 0),
        ("src/llmdocs/wire/faults.py", "tests/wire/test_loops.py::test_a", 1),
        ("src/llmdocs/wire/faults.py", "tests/pages/test_page.py::test_a", 0),
        ("tests/wire/conftest.py", "tests/wire/test_loops.py::test_a", 1),
        ("tests/wire/conftest.py", "tests/pages/test_page.py::test_a", 0),
        ("docs/assets/search.js", "tests/browser/test_search.py::test_a", 1),
        ("mkdocs.yml", "tests/wire/test_loops.py::test_a", 0),
        ("docs/en/guides/that-is-gone.md", "tests/wire/test_loops.py::test_a", 0),
    ],
)
def test_where_a_file_is_says_what_it_concerns(file: str, node: str, expected: int) -> None:
    report = pytest.TestReport(node, ("", 0, ""), {}, "failed", "it failed", "call")

    assert failures.concern(report, [file], ROOT) == (file if expected else None)


WAITS = {
    "import subprocess\nsubprocess.run(['sleep', '9'], timeout=0.5)": "waited 0.5 s",
    "from playwright.sync_api import TimeoutError\n"
    "raise TimeoutError('Page.click: Timeout 30000ms exceeded.')": "waited 30 s",
    "raise AssertionError('Locator expected to be visible\\n"
    '  - Expect \\"to_be_visible\\" with timeout 5000ms\')'.replace('\\"', '"'): "waited 5 s",
    "from llmdocs.errors import ProviderTimeoutError as E\nraise E('silent')": "time was up",
    "try: raise TimeoutError\nexcept TimeoutError: raise ValueError('no answer')": "time was up",
}


@pytest.mark.parametrize(
    ("load", "meaning"),
    [
        (9.2, "; the machine's load was 9 on 2 cores: it may be that alone"),
        (1.0, "; the machine's load was 1 on 2 cores"),
    ],
    ids=["busy", "idle"],
)
def test_a_wait_in_vain_is_told_with_the_machines_load(
    checkout: pytest.Pytester, load: float, meaning: str
) -> None:
    machine = f"import os\nos.getloadavg = lambda: ({load}, 0, 0)\nos.cpu_count = lambda: 2\n"
    write("conftest.py", machine + PLUGIN)
    tests = [
        f"def test_{number}():\n    " + wait.replace("\n", "\n    ")
        for number, wait in enumerate(WAITS)
    ]
    write("test_waits.py", "\n".join([*tests, "def test_no_wait(): assert 0\n"]))

    result = checkout.runpytest_subprocess("test_waits.py")

    told = [line.strip() for line in result.outlines if "load was" in line]
    expected = [f"{waited}{meaning}" for waited in WAITS.values()]
    # With each failure, and again in the last lines.
    assert told == expected * 2
    result.assert_outcomes(failed=len(WAITS) + 1)
