"""One set of mocked providers for the whole run, with every connection redirected to it."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from llmdocs import recipes
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.client import llm as client
from llmdocs.errors import PageError
from llmdocs.pages.rules import spelling
from llmdocs.wire import child
from llmdocs.wire.accounts import account_from
from llmdocs.wire.redirect import sitecustomize as redirect
from llmdocs.wire.server import MockedProviders
from tests.support import (
    built_site,
    concerning,
    failures,
    last_run,
    programs,
    pytest_examples_fixes,
    site_files,
    snippet_runs,
)

pytest_plugins = ["pytester"]

# What the cleared environment of a snippet keeps or sets, besides the recipe's variables.
KEPT = ("PATH", "HOME", "SSL_CERT_FILE", "PYTEST_CURRENT_TEST")
CONSTANT = {
    "LANG": "C.UTF-8",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MODE": "PRODUCTION",
}


# What a program reads, by its Debian package: hunspell is of no use without a dictionary.
DICTIONARIES = {dictionary.package: dictionary for dictionary in spelling.DICTIONARIES.values()}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--concerning",
        metavar="NAME",
        help="run the tests that concern a provider, as groq, or a page, as guides/retries.md",
    )
    parser.addoption(
        "--leave-report",
        action="store_true",
        help="if each test passes, leave a report from which guides say when they were tested",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(program): runs where the program is found")
    pytest_examples_fixes.install()
    config.pluginmanager.register(failures)
    # The same examples in every run, as many as seconds allow; nothing is kept between runs.
    hypothesis.settings.register_profile(
        "llmdocs", derandomize=True, deadline=None, max_examples=40, database=None
    )
    hypothesis.settings.load_profile("llmdocs")
    # A test that imports litellm itself must not make it fetch a price list.
    os.environ.update(CONSTANT)
    # litellm's own redaction is a third of the time of a call that fails, and would hide what ours
    # overlooks. Readers have it: `test_secrets.py` and `test_mistakes.py` have a run with it.
    os.environ.setdefault("LITELLM_DISABLE_REDACT_SECRETS", "true")


# Files that are too long for one worker: each test of theirs is by itself, with all its cells.
DIVIDED = {"test_faults.py"}


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist is untyped
    """Gives a worker all tests of a file.

    Unlike xdist's own groups it leaves the ids of tests as they are: each can be run again by it.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """What one worker runs together with the test of an id."""
    path, _, test = nodeid.partition("::")
    divided = PurePosixPath(path).name in DIVIDED
    return f"{path}::{test.partition('[')[0]}" if divided else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    # Else files of few tests come last: the browser's, which wait longest.
    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the files out whose tests would be: reading them takes seconds."""
    name = config.getoption("concerning")
    path = collection_path.relative_to(config.rootpath).as_posix()
    return True if name in CATALOGUE and concerning.BUILT.search(path) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests that concern a provider or a page, if one is named."""
    if name := config.getoption("concerning"):
        chosen = concerning.chosen(name, (item.nodeid for item in items))
        config.hook.pytest_deselected(items=[it for it in items if it.nodeid not in chosen])
        items[:] = [item for item in items if item.nodeid in chosen]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the collector of garbage from going through all tests again and again."""
    gc.disable()
    collected = yield
    gc.enable()
    gc.collect()
    gc.freeze()
    return collected


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what needs a program that is not here; where CI is set, that is a failure."""
    for marker in item.iter_markers("needs"):
        (program,) = marker.args
        if (
            DICTIONARIES[program].is_installed()
            if program in DICTIONARIES
            else programs.find(program)
        ):
            continue
        advice = programs.advice(program)
        if os.environ.get("CI"):
            pytest.fail(advice, pytrace=False)
        pytest.skip(advice)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a worker of a parallel run report what was printed, though UTF-8 cannot hold it."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections
    ]
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["snippet_runs"] = snippet_runs.runs_so_far()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker of a parallel run has ended: take over what it has run."""
    told = getattr(node, "workeroutput", {}).get("snippet_runs")
    if told:
        snippet_runs.add_runs(told)


def pytest_terminal_summary(
    terminalreporter: Any, exitstatus: pytest.ExitCode, config: pytest.Config
) -> None:
    snippet_runs.report(terminalreporter)
    last_run.report(terminalreporter.stats, exitstatus, config)
    # Pages that cannot be read are for the tests to tell of.
    with contextlib.suppress(PageError):
        for stale in site_files.stale_translations():
            terminalreporter.write_line(f"warning: {stale}", yellow=True)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> built_site.Site:
    """The site, which the first worker that asks for it builds for all."""
    folder = tmp_path_factory.getbasetemp()
    return built_site.shared(folder if worker_id == "master" else folder.parent)


@pytest.fixture(scope="session")
def mocked_providers() -> Iterator[MockedProviders]:
    accounts = {name: account_from(recipes.read(name)) for name in CATALOGUE}
    with MockedProviders(accounts) as providers:
        os.environ.pop("SSL_CERT_DIR", None)
        os.environ["SSL_CERT_FILE"] = str(providers.ca_file)
        redirect.install(providers.port, providers.http_only_port, child.local_ports())
        yield providers
        redirect.uninstall()


@pytest.fixture
def wire(mocked_providers: MockedProviders) -> Iterator[MockedProviders]:
    """The mocked providers, with nothing recorded yet; a call to any other host fails the test."""
    mocked_providers.requests.clear()
    mocked_providers.faults.clear()
    yield mocked_providers
    unexpected_requests = [
        request.url for request in mocked_providers.requests if not request.provider
    ]
    assert unexpected_requests == []


# The folders whose tests call litellm.
CALLING = {"catalogue", "client", "doctor", "recipes", "redaction"}


@pytest.fixture(autouse=True)
def _trusted_from_the_first_call(request: pytest.FixtureRequest) -> None:
    """litellm keeps its clients, and with them whom they trust when they are made."""
    if request.path.parent.name in CALLING:
        request.getfixturevalue("mocked_providers")


@pytest.fixture
def cleared_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's own environment: a snippet must not run thanks to it."""
    for name in os.environ.keys() - set(KEPT):
        monkeypatch.delenv(name)
    for name, value in CONSTANT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def _never_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's own sleep fails the test: a wrong address would be retried for minutes."""

    def refuse(seconds: float) -> None:
        pytest.fail(f"the client expected to wait {seconds:g} s", pytrace=False)

    monkeypatch.setattr(client, "default_sleep", refuse)
    monkeypatch.setattr(client, "default_async_sleep", refuse)
