"""A key by plain HTTP: a finding to the world, a note nearby, nothing on this machine."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from llmdocs.cli import main
from llmdocs.doctor import offline
from llmdocs.doctor.findings import Finding
from llmdocs.doctor.offline import examine

KEY = "key-that-nobody-may-see"
OPENAI = {"LLM_MODEL": "openai/gpt-4.1-mini", "LLM_API_KEY": KEY}
FAR = [
    "gate.example", "gate.example.", "GATE.example:8000", "8.8.8.8", "[2001:4860:4860::8888]:8000",
    "[::ffff:8.8.8.8]", "localhost.evil.example", "127.0.0.1.evil.example", "10.evil.example",
    "local.example", "internal.example",
]  # fmt: skip
NEARBY = [
    "10.1.2.3", "172.16.0.1:8000", "192.168.1.20", "169.254.1.1", "100.64.0.1", "[fe80::1]",
    "[fd00::1]:8000", "[::ffff:10.0.0.1]", "gpu", "gpu:8000", "gpu.local", "gpu.corp.internal",
    "host.docker.internal:8000", "GPU.Local.",
]  # fmt: skip
HERE = ["localhost", "localhost:80", "api.localhost", "127.0.0.1", "127.1.2.3", "[::1]", "0.0.0.0"]
# Nobody calls the others: a server listens to them.
CALLED_HERE = [host for host in HERE if host not in ("0.0.0.0", "[::]")]

pytestmark = pytest.mark.usefixtures("cleared_environment")


@pytest.fixture(autouse=True)
def _no_container(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offline, "inside_container", lambda: False)


def findings(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[Finding]:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return examine().findings


def notes(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[str]:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    report = json.loads(CliRunner().invoke(main, ["doctor", "--offline", "--json"]).stdout)
    assert report["findings"] == []
    told: list[str] = report["notes"]
    return told


@pytest.mark.parametrize("host", FAR)
def test_a_key_that_goes_to_another_machine_in_the_clear_is_found(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (finding,) = findings(monkeypatch, **OPENAI, LLM_BASE_URL=f"http://{host}/v1")

    assert (finding.code, finding.guide) == (
        "plain-http",
        "guides/troubleshooting/#plain-http",
    )
    assert "unencrypted" in finding.problem
    assert finding.fix.startswith(f"LLM_BASE_URL=https://{host}/v1, if the server supports TLS")
    assert finding.remedy.values == {"LLM_BASE_URL": f"https://{host}/v1"}


@pytest.mark.parametrize("host", NEARBY)
def test_to_a_private_address_it_is_a_note_and_no_finding(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (note,) = notes(monkeypatch, **OPENAI, LLM_BASE_URL=f"http://{host}/v1")

    assert "unencrypted" in note
    assert "private address" in note


def test_a_note_is_printed_in_words_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**OPENAI, "LLM_BASE_URL": "http://gpu:8000/v1"}.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(main, ["doctor", "--offline"])

    assert result.exit_code == 0
    assert "Note: The key is sent to gpu unencrypted." in result.stdout


@pytest.mark.parametrize(
    "variables",
    [
        *({"LLM_BASE_URL": f"http://{host}/v1"} for host in CALLED_HERE),
        {"LLM_BASE_URL": "https://gate.example/v1"},
        {"LLM_BASE_URL": "https://gpu/v1"},
        {},
    ],
    ids=str,
)
def test_on_this_machine_and_over_tls_nothing_is_said(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert notes(monkeypatch, **OPENAI, **variables) == []


def test_without_a_key_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"LLM_MODEL": "hosted_vllm/m", "LLM_BASE_URL": "http://gate.example/v1"}

    assert notes(monkeypatch, **variables) == []


@pytest.mark.parametrize("credential", ["a-token@", "me:a-password@"])
def test_a_credential_in_the_address_is_one(
    credential: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"http://{credential}gate.example/v1"
    (finding,) = findings(monkeypatch, LLM_MODEL="hosted_vllm/m", LLM_BASE_URL=address)

    assert finding.code == "plain-http"
    assert finding.fix.startswith("LLM_BASE_URL=https://***@gate.example/v1, if")


def test_at_the_providers_own_host_the_fix_is_certain(monkeypatch: pytest.MonkeyPatch) -> None:
    (finding,) = findings(monkeypatch, **OPENAI, LLM_BASE_URL="http://api.openai.com/v1")

    assert finding.fix == "LLM_BASE_URL=https://api.openai.com/v1"


def test_the_port_of_plain_http_goes_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    (finding,) = findings(monkeypatch, **OPENAI, LLM_BASE_URL="HTTP://gate.example:80/v1")

    assert finding.remedy.values == {"LLM_BASE_URL": "https://gate.example/v1"}


def test_the_fix_of_another_finding_is_looked_at_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each check sees the settings as the remedies before it would leave them."""
    found = findings(monkeypatch, **OPENAI, LLM_BASE_URL="http://gate.example/v1/models")

    assert [finding.code for finding in found] == ["base-url", "plain-http"]
    assert found[-1].remedy.values == {"LLM_BASE_URL": "https://gate.example/v1"}
