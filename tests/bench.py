"""What running the snippets costs, against the same code compiled and executed in a plain loop.

`make bench` runs it: one warm process, user CPU, printed as a ratio.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import time
from pathlib import Path

import pytest

from llmdocs import recipes
from tests.snippet_runs import PYTHON

ROUNDS = 3


class InOneSession:
    """A pytest plugin that, among the run's own mocks, times the floor after the snippets."""

    def __init__(self) -> None:
        self.floor = 0.0
        self.snippets = 0.0
        self._started = 0.0

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> object:
        before = time.process_time()
        yield
        self.snippets += time.process_time() - before

    @pytest.fixture(scope="session", autouse=True)
    def _floor(self, _mocked_providers: object) -> None:
        run_plainly()
        before = time.process_time()
        for _ in range(ROUNDS):
            run_plainly()
        self.floor = (time.process_time() - before) / ROUNDS


def run_plainly() -> None:
    """Compile and execute every snippet, with its recipe in the environment."""
    for run in PYTHON.distinct:
        snippet = run.find()
        variables = recipes.read(run.recipe)
        os.environ.update(variables)
        lines = (f"{name}={value}\n" for name, value in variables.items())
        Path(".env").write_text("".join(lines))
        code = compile(snippet.source, str(snippet.path), "exec")
        with contextlib.redirect_stdout(io.StringIO()):
            exec(code, {"__name__": "__main__"})
        for name in variables:
            del os.environ[name]


def main() -> int:
    tests = str(Path(__file__).parent / "test_snippets.py")
    measured = InOneSession()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name in [name for name in os.environ if name.startswith("LLM_")]:
            del os.environ[name]
        root = Path(tests).parent.parent
        code = pytest.main(
            ["-q", f"--rootdir={root}", "-c", str(root / "pyproject.toml"), tests],
            plugins=[measured],
        )
    count = len(PYTHON.distinct)
    print(f"floor: {measured.floor:.3f} s of CPU for {count} snippets")
    print(f"with pytest-examples: {measured.snippets:.3f} s")
    print(f"ratio: {measured.snippets / measured.floor:.1f}")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
