"""What running the snippets costs, against the same code compiled and executed in a plain loop.

`make bench` runs it. This module is also the pytest plugin that measures: both are timed in one
warm process, among the same mocks, in seconds of CPU.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmdocs import recipes
from tests.site_files import ROOT
from tests.snippet_runs import PYTHON

ROUNDS = 3
seconds = {"floor": 0.0, "snippets": 0.0}


@pytest.fixture(scope="session", autouse=True)
def _floor(mocked_providers: object, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Time the plain loop before the first test; its first round warms what both use."""
    with contextlib.chdir(tmp_path_factory.mktemp("reader")):
        run_plainly()
        before = time.process_time()
        for _ in range(ROUNDS):
            run_plainly()
    seconds["floor"] = (time.process_time() - before) / ROUNDS


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    before = time.process_time()
    result = yield
    seconds["snippets"] += time.process_time() - before
    return result


def run_plainly() -> None:
    """Compile and execute every snippet, with its recipe in the environment."""
    for run in PYTHON.distinct:
        snippet = run.find()
        variables = recipes.read(run.recipe)
        os.environ.update(variables)
        Path(".env").write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(snippet.source, str(snippet.path), "exec"), {"__name__": "__main__"})
        for name in variables:
            del os.environ[name]


def main() -> int:
    for name in [name for name in os.environ if name.startswith("LLM_")]:
        del os.environ[name]
    tests = str(ROOT / "tests/test_snippets.py")
    code = pytest.main(["-q", "-p", "no:xdist", tests], plugins=[sys.modules[__name__]])
    if code == 0:
        print(f"{len(PYTHON.distinct)} snippets, seconds of CPU in one warm process:")
        print(f"  plain loop            {seconds['floor']:.3f}")
        print(f"  with pytest-examples  {seconds['snippets']:.3f}")
        print(f"  ratio                 {seconds['snippets'] / seconds['floor']:.2f}")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
