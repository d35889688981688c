"""Every Python block of every page runs, with its recipe alone, and prints what the page says."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from inspect import FrameInfo
from pathlib import Path

import pytest
from pytest_examples import CodeExample, EvalExample

from llmdocs import recipes
from llmdocs.wire.server import MockedProviders
from tests.support.snippet_runs import PYTHON, Run

OUTPUT = re.compile(r"^ *#> ", flags=re.MULTILINE)


def example_of(run: Run) -> CodeExample:
    """The snippet as pytest-examples knows it; failures and updates then name its own file."""
    snippet = run.find()
    example: CodeExample = CodeExample.create(
        snippet.source,
        path=snippet.path,
        start_line=snippet.first_line - 1,
        start_index=snippet.start_index,
        end_index=snippet.end_index,
    )
    return example


@pytest.fixture
def reader(
    run: Run,
    cleared_environment: None,
    wire: MockedProviders,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The recipe in the environment and in `.env`, in a folder of its own, as the page says."""
    variables = recipes.read(run.recipe)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    lines = (f"{name}={value}\n" for name, value in variables.items())
    (tmp_path / ".env").write_text("".join(lines))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("run", PYTHON.distinct, ids=str)
def test_snippet_runs_and_prints_what_the_page_shows(run: Run, eval_example: EvalExample) -> None:
    example = example_of(run)
    prints: list[str] = []
    eval_example.set_config(line_length=100)

    def count_print(path: Path, frame: FrameInfo, arguments: Sequence[object]) -> bool:
        prints.append(frame.filename)
        return path.samefile(frame.filename)

    eval_example.include_print = count_print
    PYTHON.run.add(str(run))
    if eval_example.update_examples and run == first_run_of(run):
        eval_example.run_print_update(example, module_globals={"__name__": "__main__"})
        return
    changed = None
    try:
        eval_example.run_print_check(example, module_globals={"__name__": "__main__"})
    except pytest.fail.Exception as failure:
        changed = f"{example.path}:{changed_line(example, str(failure))}: {failure}"
    # Not where it is caught, or pytest shows the difference twice.
    if changed:
        pytest.fail(f"{changed}\nIf that is what it should print: make update", pytrace=False)

    assert len(OUTPUT.findall(example.source)) <= len(prints), (
        f"{example.path}: a #> line stands under a print that never ran"
    )


def first_run_of(run: Run) -> Run:
    """The run that updates a snippet: pytest-examples refuses two for one file."""
    return next(
        other for other in PYTHON.distinct if (other.file, other.section) == (run.file, run.section)
    )


def changed_line(example: CodeExample, diff: str) -> int:
    """The first line of the snippet's file that a unified diff changes."""
    hunk = re.search(r"@@ -(\d+)", diff)
    if not hunk:
        return example.start_line + 1
    line = int(hunk[1])
    for text in diff[hunk.end() :].splitlines()[1:]:
        if text.lstrip().startswith(("+", "-")):
            break
        line += 1
    return example.start_line + line
