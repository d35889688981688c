"""One set of mocked providers for the whole run, with every connection redirected to it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Iterator
from typing import Any

import hypothesis
import pytest

from llmdocs import client, recipes
from llmdocs.errors import PageError
from llmdocs.pages import spelling
from llmdocs.providers import CATALOGUE
from llmdocs.wire import child
from llmdocs.wire.accounts import account_from
from llmdocs.wire.redirect import sitecustomize as redirect
from llmdocs.wire.server import MockedProviders
from tests import built_site, programs, pytest_examples_fixes, site_files, snippet_runs

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


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(program): runs where the program is found")
    config.addinivalue_line("markers", "xdist_group(name): tests that one worker runs")
    pytest_examples_fixes.install()
    # The same examples in every run, as many as seconds allow; nothing is kept between runs.
    hypothesis.settings.register_profile(
        "llmdocs", derandomize=True, deadline=None, max_examples=40, database=None
    )
    hypothesis.settings.load_profile("llmdocs")
    # A test that imports litellm itself must not make it fetch a price list.
    os.environ.update(CONSTANT)


# These import litellm, which takes seconds: one worker of a parallel run has them all.
CALLING = {
    "test_any_environment.py",
    "test_client.py",
    "test_concurrency.py",
    "test_credentials.py",
    "test_doctor.py",
    "test_doctor_findings.py",
    "test_forms_on_the_wire.py",
    "test_guides_on_the_wire.py",
    "test_mistakes.py",
    "test_networking.py",
    "test_secrets.py",
    "test_snippets.py",
    "test_spending.py",
    "test_tool_calling.py",
    "test_what_is_shown.py",
}


# These look at the built site: one worker builds it.
SITE = {"test_site.py", "test_site_markdown.py", "browser"}


# Before pytest-xdist names the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests in one worker, and those that call litellm together.

    A test may name a group of its own.
    """
    for item in items:
        if item.get_closest_marker("xdist_group"):
            continue
        group = item.path.name
        if group in CALLING:
            group = "litellm"
        elif SITE & {group, item.path.parent.name}:
            group = "site"
        item.add_marker(pytest.mark.xdist_group(group))


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
        advice = f"{program} is not installed; on Debian: apt-get install {program}"
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


def pytest_terminal_summary(terminalreporter: Any) -> None:
    snippet_runs.report(terminalreporter)
    # Pages that cannot be read are for the tests to tell of.
    with contextlib.suppress(PageError):
        for stale in site_files.stale_translations():
            terminalreporter.write_line(f"warning: {stale}", yellow=True)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> built_site.Site:
    return built_site.build(tmp_path_factory.mktemp("site"))


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
    strangers = [request.url for request in mocked_providers.requests if not request.provider]
    assert strangers == []


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
        pytest.fail(f"the client wanted to wait {seconds:g} s", pytrace=False)

    monkeypatch.setattr(client, "default_sleep", refuse)
    monkeypatch.setattr(client, "default_async_sleep", refuse)
