"""What is right for a report makes the call work: it is applied, and a mock answers."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from llmdocs import LLM, recipes
from llmdocs.catalogue.addresses import host_of
from llmdocs.catalogue.elsewhere import is_azure, prefix_of_host
from llmdocs.catalogue.providers import CATALOGUE, Provider, by_model, by_prefix
from llmdocs.client.litellm_module import litellm
from llmdocs.errors import LLMDocsError
from llmdocs.wire.accounts import account_from
from llmdocs.wire.server import MockedProviders, provider_app
from tests.support import reported
from tests.support.reported import Report

pytestmark = pytest.mark.usefixtures("cleared_environment")

# What is right of the others is outside the settings, or for the reader alone to say.
SETTLED = [
    it
    for it in reported.reports()
    if (it.right.values or it.right.removed) and not {*it.right.own} & {"LLM_MODEL", "LLM_API_KEY"}
]
# What litellm takes bare names for: it takes seconds to ask it, before any test has run.
BARE = {"gpt-4": "openai"}


def remedied(report: Report) -> dict[str, str]:
    """The environment of a report with what is right; `own` values are those of the recipe."""
    variables = {**report.variables, **report.right.values}
    for name in report.right.removed:
        variables.pop(name, None)
    if report.right.own and (provider := by_model(variables["LLM_MODEL"])):
        recipe = recipes.read(provider.name)
        variables |= {name: recipe[name] for name in report.right.own}
    return variables


def asked(report: Report) -> Provider | None:
    """Whom the remedied call asks, if a mock plays them.

    A host that is nobody's is a server of the reporter's own, of the kind that the prefix says.
    """
    variables = remedied(report)
    host = host_of(variables.get("LLM_BASE_URL", "")) or ""
    at = prefix_of_host(host) or ("azure" if is_azure(host) else None)
    return by_prefix(at) if at else by_model(written_out(variables["LLM_MODEL"]))


def written_out(model: str) -> str:
    return f"{BARE.get(model, 'unknown')}/{model}" if "/" not in model else model


CALLABLE = [it for it in SETTLED if asked(it)]


@pytest.fixture
def played(
    request: pytest.FixtureRequest, wire: MockedProviders, monkeypatch: pytest.MonkeyPatch
) -> Report:
    """A report whose server is played: what it refuses is what the mock of its kind does."""
    report: Report = request.param
    provider, variables = asked(report), remedied(report)
    assert provider
    model = written_out(variables["LLM_MODEL"])
    app = provider_app(provider, account_from({**variables, "LLM_MODEL": model}))
    monkeypatch.setitem(wire.router.providers, provider.name, app)
    for address in filter(None, [variables.get("LLM_BASE_URL"), provider.base_url]):
        parts = urlsplit(address)
        monkeypatch.setitem(
            wire.router.hosts, f"{parts.scheme}://{parts.netloc}".lower(), provider.name
        )
    return report


@pytest.mark.parametrize("played", CALLABLE, ids=str, indirect=True)
def test_what_is_right_for_a_report_is_answered(
    played: Report, wire: MockedProviders, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And without it the call fails, where the settings alone are what was wrong."""
    env_file = reported.make(played, monkeypatch, tmp_path)
    with reported.led_to_the_mocks(remedied(played), wire):
        if not (played.answer or played.answers) and played.network in (None, "no-tls"):
            with pytest.raises(LLMDocsError):
                LLM.from_env(env_file, num_retries=0).complete("Hi")
        for name in played.variables:
            monkeypatch.delenv(name, raising=False)
        for name, value in remedied(played).items():
            monkeypatch.setenv(name, value)
        # Whoever takes it out has a system that trusts the provider: here, that is the mocks' own.
        monkeypatch.setenv("SSL_CERT_FILE", str(wire.ca_file))

        # A client keeps whom it trusted when it was made.
        litellm().in_memory_llm_clients_cache.flush_cache()

        assert LLM.from_env(env_file, num_retries=0).complete("Hi")


def test_what_is_not_called_is_what_no_mock_plays() -> None:
    """Two thirds are: a report whose provider has a mock is never left out."""
    left = [it for it in SETTLED if it not in CALLABLE]
    mocked = {prefix for provider in CATALOGUE.values() for prefix in provider.prefixes}
    prefixes = {remedied(it)["LLM_MODEL"].partition("/")[0] for it in left}
    hosts = {host_of(remedied(it).get("LLM_BASE_URL", "")) for it in left} - {None}

    assert {prefix for prefix in prefixes if prefix in mocked} <= {"openai"}
    assert hosts & {host for provider in CATALOGUE.values() for host in provider.hosts} == set()
    assert len(CALLABLE) * 3 >= len(SETTLED) * 2
