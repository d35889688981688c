"""What running the snippets costs, against the same code compiled and executed in a plain loop,
and what a call of the client costs, against the same call of litellm.

`make bench` runs it. This module is also the pytest plugin that measures: both are timed in one
warm process, among the same mocks, in seconds of CPU. Calls are timed by the clock, one of each in
turn.
"""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llmdocs import LLM, Settings, recipes
from llmdocs.client.litellm_module import litellm
from tests.support.site_files import ROOT
from tests.support.snippet_runs import PYTHON

ROUNDS = 3
CALLS = 300
WARM_UP = 20
seconds = {"floor": 0.0, "snippets": 0.0, "litellm": 0.0, "client": 0.0}


@pytest.fixture(scope="session", autouse=True)
def _floor(mocked_providers: object, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Time the plain loop before the first test; its first round warms what both use."""
    with contextlib.chdir(tmp_path_factory.mktemp("reader")):
        run_plainly()
        before = time.process_time()
        for _ in range(ROUNDS):
            run_plainly()
    seconds["floor"] = (time.process_time() - before) / ROUNDS
    seconds["litellm"], seconds["client"] = time_calls()


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


def time_calls() -> tuple[float, float]:
    """The median seconds of litellm's completion, and of the client's with all that it adds."""
    variables = recipes.read("openai")
    values = {name.removeprefix("LLM_").lower(): value for name, value in variables.items()}
    llm = LLM(Settings(**values, max_budget=1000))
    messages = [{"role": "user", "content": "Hello"}]
    arguments = {
        "model": values["model"],
        "api_key": values["api_key"],
        "timeout": 300,
        "num_retries": 0,
        "max_retries": 0,
    }
    calls: tuple[Callable[[], Any], ...] = (
        lambda: litellm().completion(messages=messages, **arguments),
        lambda: llm.complete(messages),
    )
    timed: tuple[list[float], ...] = ([], [])
    for _ in range(WARM_UP + CALLS):
        for call, times in zip(calls, timed, strict=True):
            before = time.perf_counter()
            call()
            times.append(time.perf_counter() - before)
    alone, client = (statistics.median(times[WARM_UP:]) for times in timed)
    return alone, client


def report_calls() -> None:
    added = (seconds["client"] - seconds["litellm"]) * 1000
    print(f"A completion at the same server, median of {CALLS}, in milliseconds:")
    print(f"  litellm alone         {seconds['litellm'] * 1000:.2f}")
    print(f"  the client            {seconds['client'] * 1000:.2f}")
    print(f"  added                 {added:.2f}")
    print(f"  ratio                 {seconds['client'] / seconds['litellm']:.2f}")


def main() -> int:
    for name in [name for name in os.environ if name.startswith("LLM_")]:
        del os.environ[name]
    tests = str(ROOT / "tests/recipes/test_snippets.py")
    code = pytest.main(["-q", "-p", "no:xdist", tests], plugins=[sys.modules[__name__]])
    if code == 0:
        print(f"{len(PYTHON.distinct)} snippets, seconds of CPU in one warm process:")
        print(f"  plain loop            {seconds['floor']:.3f}")
        print(f"  with pytest-examples  {seconds['snippets']:.3f}")
        print(f"  ratio                 {seconds['snippets'] / seconds['floor']:.2f}")
        report_calls()
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
