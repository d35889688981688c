"""The doctor on environments in which the real values of two providers are mixed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmdocs import recipes
from llmdocs.catalogue.addresses import host_of
from llmdocs.catalogue.elsewhere import is_azure, prefix_at_port, prefix_of_host
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.cli import main
from llmdocs.doctor import offline
from llmdocs.doctor.calls import attempts
from llmdocs.doctor.findings import Remedy
from llmdocs.doctor.offline import examine
from llmdocs.settings.variables import VARIABLES
from llmdocs.wire.accounts import account_from
from llmdocs.wire.server import MockedProviders

pytestmark = pytest.mark.usefixtures("cleared_environment")

# Keys as these providers hand them out, for accounts that the mocks keep.
KEYS = {
    "openai": "sk-proj-0000000000000000000000000000000a",
    "anthropic": "sk-ant-api03-0000000000000000000000000b",
    "groq": "gsk_000000000000000000000000000000000c",
    "xai": "xai-0000000000000000000000000000000000d",
    "azure": "0000000000000000000000000000000e",
    "vllm": "token-of-this-server-0000f",
}
RECIPES = {
    name: {**recipes.read(name), **({"LLM_API_KEY": KEYS[name]} if name in KEYS else {})}
    for name in CATALOGUE
}
NAMES = sorted({variable for recipe in RECIPES.values() for variable in recipe})


def damaged(value: str) -> st.SearchStrategy[str]:
    ways = [value] * 20 + ["", f'"{value}"', f"{value} # mine", f"{value}\r", f" {value}"]
    return st.sampled_from(ways)


@st.composite
def mixtures(draw: st.DrawFn) -> dict[str, str]:
    """Each variable as one of two providers' recipes has it, whole or damaged, or absent."""
    two = draw(st.permutations(sorted(RECIPES)))[:2]
    mixed = {}
    for name in NAMES:
        values = [RECIPES[one][name] for one in two if name in RECIPES[one]]
        if values and draw(st.sampled_from([True] * 9 + [False])):
            mixed[name] = draw(damaged(draw(st.sampled_from(values))))
    for one in two:
        own = CATALOGUE[one].own_variables("LLM_API_KEY")
        if own and draw(st.sampled_from([False] * 4 + [True])):
            mixed[own[0]] = RECIPES[one].get("LLM_API_KEY", "some-key-of-its-own")
    return mixed


@pytest.fixture(scope="module")
def played(mocked_providers: MockedProviders) -> Iterator[MockedProviders]:
    """The mocks, with accounts that have keys of the providers' real forms."""
    with MockedProviders({name: account_from(recipe) for name, recipe in RECIPES.items()}) as mocks:
        yield mocks


def put(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    for name in {*NAMES, *(own for it in CATALOGUE.values() for own in it.key)}:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def applied(variables: Mapping[str, str], remedies: list[Remedy]) -> dict[str, str]:
    changed = dict(variables)
    for remedy in remedies:
        for name in remedy.removed:
            changed.pop(name, None)
        changed |= remedy.values
    return changed


several = settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@several
@given(variables=mixtures())
def test_a_remedy_that_was_applied_is_not_followed_by_another_for_its_variable(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
    variables: dict[str, str],
) -> None:
    monkeypatch.chdir(tmp_path_factory.getbasetemp())
    put(monkeypatch, variables)
    first = [finding.remedy for finding in examine(container=False).findings]
    put(monkeypatch, applied(variables, first))
    second = [finding.remedy for finding in examine(container=False).findings]

    given_first = {name for remedy in first for name in remedy.values}
    assert given_first & {name for remedy in second for name in remedy.values} == set()


@several
@given(variables=mixtures())
def test_no_credential_is_printed_of_any_mixture(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
    variables: dict[str, str],
) -> None:
    monkeypatch.chdir(tmp_path_factory.getbasetemp())
    monkeypatch.setattr(offline, "inside_container", lambda: False)
    put(monkeypatch, variables)
    printed = [
        CliRunner().invoke(main, ["doctor", "--offline", *options]).output
        for options in ([], ["--json"])
    ]

    assert [key for key in KEYS.values() for text in printed if key in text] == []
    assert json.loads(printed[1])["version"] == 1


# What a value tells by itself, wherever the call goes.
WRONG_IN_THEMSELVES = {
    "empty", "mismatch", "missing", "no-scheme", "own-variables", "quotes", "unknown-provider",
    "unknown-variable",
}  # fmt: skip


@several
@given(variables=mixtures())
def test_what_fits_is_refused_for_no_reason_that_could_be_known(
    mocked_providers: MockedProviders,
    played: MockedProviders,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
    variables: dict[str, str],
) -> None:
    monkeypatch.chdir(tmp_path_factory.getbasetemp())
    monkeypatch.setattr(mocked_providers.router, "providers", played.router.providers)
    put(monkeypatch, variables)
    fitting = examine(container=False).settings
    if fitting is None:
        return
    findings = [it for it in (attempt.make() for attempt in attempts(fitting, 5)) if it]

    address = fitting.base_url or ""
    host = host_of(address) or ""
    known = prefix_of_host(host) or is_azure(host) or prefix_at_port(address)
    assert [finding for finding in findings if finding.code in WRONG_IN_THEMSELVES] == []
    if address and not known:
        # Whatever answers at an address that is nobody's, it alone knows.
        return
    for finding in findings:
        # A key of one's own making tells nothing of where it comes from.
        assert finding.code == "key", finding
        assert fitting.api_key
        assert fitting.api_key.get_secret_value() in (KEYS["azure"], KEYS["vllm"])


def test_the_mixtures_hold_all_that_recipes_do() -> None:
    assert {*NAMES} >= {"LLM_MODEL", "LLM_API_KEY", "LLM_BASE_URL", "LLM_API_VERSION"}
    assert {*NAMES} <= {*VARIABLES}
