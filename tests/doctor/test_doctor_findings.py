"""What the doctor makes of odd settings, and what it never prints."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from llmdocs import Settings, recipes
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.cli import main
from llmdocs.client.failures import ErrorTranslator
from llmdocs.doctor.diagnosis import diagnose
from llmdocs.doctor.findings import Finding
from llmdocs.doctor.offline import examine
from llmdocs.errors import ConnectionFailedError, NoConnection
from tests.cli.test_cli import LLMDOCS, PLAIN

KEY = "sk-a-key-that-nobody-may-see"
PASSWORD = "hunter2"

pytestmark = pytest.mark.usefixtures("cleared_environment")


def said(*options: str) -> str:
    """Everything that the doctor prints, without a call."""
    return CliRunner().invoke(main, ["doctor", "--offline", *options]).output


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["words", "json"])
@pytest.mark.parametrize(
    "variables",
    [
        {"LLM_MODEL": f"'openai/{KEY}'", "LLM_API_KEY": KEY},
        {"LLM_MODEL": f"opena/{KEY}", "LLM_API_KEY": KEY},
        {"LLM_MODEL": "openai/m", "LLM_API_KEY": KEY, "LLM_BASE_URL": KEY},
        {"LLM_MODEL": "openai/m", "LLM_API_KEY": KEY, "LLM_BASE_URL": f"https://{KEY}@h/v1/chat"},
        {"LLM_MODEL": "openai/m", "LLM_API_KEY": KEY, "LLM_EMBEDDING_MODEL": KEY},
        {"LLM_MODEL": "openai/m", f"LLM_API_KEY{KEY}": "1"},
        {"LLM_MODEL": "openai/m", f"LLM_API_KEY_{KEY}": "1"},
        {"LLM_TOKEN": KEY},
        {"LLM_MODEL_KEY": KEY},
        {"LLM_MODEL": "openai/m", "LLM_PASSWORD": KEY},
    ],
    ids=str,
)
def test_no_key_is_printed_wherever_it_stands(
    variables: dict[str, str], options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    output = said(*options)

    assert KEY not in output
    assert "roblem" in output


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["words", "json"])
@pytest.mark.parametrize(
    "variables",
    [
        {"LLM_BASE_URL": f"https://user:{PASSWORD}@h/v1/chat"},
        {"LLM_BASE_URL": f"'https://user:{PASSWORD}@h/v1'"},
        {"LLM_BASE_URL": f"user:{PASSWORD}@h/v1"},
        {
            "LLM_MODEL": "ollama_chat/m",
            "LLM_API_KEY": "",
            "LLM_BASE_URL": f"http://u:{PASSWORD}@h/v1",
        },
        {"LLM_BASE_URL": f"http://user:{PASSWORD}@localhost:1/v1"},
        {"OPENAI_BASE_URL": f"https://user:{PASSWORD}@h/v1"},
    ],
    ids=str,
)
def test_no_password_of_an_address_is_printed(
    variables: dict[str, str], options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmdocs.doctor.offline.inside_container", lambda: True)
    for name, value in {"LLM_MODEL": "openai/m", "LLM_API_KEY": KEY, **variables}.items():
        monkeypatch.setenv(name, value)
    output = said(*options)

    assert PASSWORD not in output
    assert "roblem" in output


def test_a_remedy_that_holds_a_password_is_none_for_scripts_and_whole_for_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {
        "LLM_MODEL": "openai/m",
        "LLM_API_KEY": KEY,
        "LLM_BASE_URL": f"https://user:{PASSWORD}@h/v1/chat",
    }.items():
        monkeypatch.setenv(name, value)
    (finding,) = examine(container=False).findings
    (printed,) = json.loads(said("--json"))["findings"]

    assert finding.remedy.values == {"LLM_BASE_URL": f"https://user:{PASSWORD}@h/v1"}
    assert printed["set"] == {"LLM_BASE_URL": None}


def test_a_stand_in_for_a_key_garbles_no_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_MODEL", "ollama_chat/m")
    monkeypatch.setenv("LLM_API_KEY", "ollama")

    assert "LLM_BASE_URL is not set, and Ollama needs it." in said()


def test_a_provider_without_a_model_is_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_MODEL", "openai")
    monkeypatch.setenv("LLM_API_KEY", KEY)

    assert [finding.code for finding in examine(container=False).findings] == ["unknown-provider"]


@pytest.mark.parametrize("host", [".localhost", "a..localhost", f"{'a' * 300}.localhost"])
def test_a_host_that_no_name_server_takes_listens_nowhere(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_MODEL", "hosted_vllm/m")
    monkeypatch.setenv("LLM_BASE_URL", f"http://{host}/v1")

    assert [finding.code for finding in examine(container=True).findings] == ["containers"]


@pytest.mark.parametrize(
    ("why", "code"),
    [
        (NoConnection.UNTRUSTED, "certificate"),
        (NoConnection.NO_TLS, "tls"),
        (NoConnection.REFUSED, "proxy"),
        (None, "proxy"),
    ],
)
def test_a_proxy_is_blamed_for_what_comes_before_tls_alone(
    why: NoConnection | None, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    error = ConnectionFailedError("OpenAI gave no HTTP answer.")
    error.why = why
    settings = Settings(model="openai/m", api_key=KEY)

    assert diagnose(error, settings, CATALOGUE["openai"], "completion").code == code


@pytest.mark.parametrize("error", [FileNotFoundError(2, "x"), IsADirectoryError(21, "x")])
def test_a_file_of_certificates_that_is_none_is_no_bad_answer(error: OSError) -> None:
    settings, openai = Settings(model="openai/m", api_key=KEY), CATALOGUE["openai"]
    failure = ErrorTranslator(settings, openai).explain(error, None, None)[0]
    finding = diagnose(failure, settings, openai, "completion")

    assert finding.problem.startswith("Nothing was sent to OpenAI: SSL_CERT_FILE")
    assert finding.reason == "The request could not be built."


def codes(**variables: str) -> list[str]:
    return [finding.code for finding in found(**variables)]


def found(**variables: str) -> list[Finding]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        return examine(container=False, today=date(2026, 11, 22)).findings


AZURE = recipes.read("azure")


class TestAzure:
    @pytest.mark.parametrize("path", ["/v1", "/deployments/d", "/openai/deployments/d?x=1"])
    def test_no_path_is_right_at_its_own_hosts(self, path: str) -> None:
        address = AZURE["LLM_BASE_URL"]
        (finding,) = found(**AZURE | {"LLM_BASE_URL": f"{address}{path}"})

        assert finding.remedy.values == {"LLM_BASE_URL": address}

    def test_a_deployment_with_the_name_of_a_retired_model_is_no_finding(self) -> None:
        assert codes(**AZURE | {"LLM_MODEL": "azure/gpt-4"}) == []
        assert codes(**AZURE | {"LLM_BASE_MODEL": "azure/gpt-4"}) == ["retired"]


class TestNames:
    @pytest.mark.parametrize("name", ["LLM_TOKEN", "LLM_MODEL_KEY", "LLM_PASSWORD"])
    def test_what_looks_like_a_key_is_never_taken_for_another_setting(self, name: str) -> None:
        (finding,) = found(LLM_MODEL="openai/m", LLM_API_KEY=KEY, **{name: "x"})

        assert (finding.remedy.values, finding.remedy.removed) == ({}, (name,))

    @pytest.mark.parametrize(
        ("name", "meant"),
        [("LLM_API_BASE", "LLM_BASE_URL"), ("LLM_MAX_RETRIES", "LLM_NUM_RETRIES")],
    )
    def test_what_other_libraries_call_a_setting_leads_to_ours(self, name: str, meant: str) -> None:
        value = {"LLM_BASE_URL": "https://h/v1"}.get(meant, "3")
        (finding,) = found(LLM_MODEL="openai/m", LLM_API_KEY=KEY, **{name: value})

        assert finding.remedy.values == {meant: value}

    def test_a_misspelt_key_is_the_keys(self) -> None:
        (finding,) = found(LLM_MODEL="openai/m", LLM_API_KYE=KEY)

        assert finding.remedy.values == {"LLM_API_KEY": KEY}

    def test_a_provider_and_a_slash_name_no_model(self) -> None:
        (finding,) = found(LLM_MODEL="openai/", LLM_API_KEY=KEY)

        assert finding.problem == "LLM_MODEL is 'openai/', without the name of a model."

    def test_the_prefix_of_chat_is_mended_in_an_embedding_model(self) -> None:
        recipe = recipes.read("ollama")
        (finding,) = found(**recipe | {"LLM_EMBEDDING_MODEL": "ollama_chat/nomic-embed-text"})

        assert finding.remedy.values == {"LLM_EMBEDDING_MODEL": "ollama/nomic-embed-text"}


class TestTheProvidersOwnVariables:
    @pytest.mark.parametrize(
        ("host", "address"),
        [
            ("0.0.0.0", "http://localhost:11434"),
            ("0.0.0.0:11500", "http://localhost:11500"),
            ("http://0.0.0.0:11434", "http://localhost:11434"),
            ("[::]:11434", "http://localhost:11434"),
            ("gpu.local", "http://gpu.local:11434"),
            ("192.168.1.50:11434", "http://192.168.1.50:11434"),
        ],
    )
    def test_where_a_server_listens_is_no_address_to_call(self, host: str, address: str) -> None:
        (finding,) = found(LLM_MODEL="ollama_chat/m", OLLAMA_HOST=host)

        assert finding.remedy.values == {"LLM_BASE_URL": address}
        assert finding.fix == f"LLM_BASE_URL={address}"

    def test_one_that_an_env_file_holds_is_noticed_where_ours_is_needed(
        self, tmp_path: Path
    ) -> None:
        file = tmp_path / ".env"
        file.write_text(f"LLM_MODEL=openai/m\nOPENAI_API_KEY={KEY}\nOPENAI_BASE_URL=https://h/v1\n")
        (finding,) = examine(env_file=file, container=False).findings

        assert finding.problem == f"{file}:2: LLM_API_KEY is not set, but OPENAI_API_KEY is."
        assert finding.remedy.values == {"LLM_API_KEY": KEY}

    def test_quotes_are_not_taken_over(self) -> None:
        (finding,) = found(LLM_MODEL="openai/m", OPENAI_API_KEY=f"' {KEY}'")

        assert finding.remedy.values == {"LLM_API_KEY": KEY}


class TestFiles:
    def test_a_line_that_cannot_be_read_does_not_hide_the_environment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / ".env").write_text("LLM_MODEL\n")
        monkeypatch.setenv("LLM_TIMEOUT", "7")
        report = json.loads(said("--json", "--env-file", str(tmp_path / ".env")))

        assert [finding["code"] for finding in report["findings"]] == ["file-form"]
        assert report["settings"]["LLM_TIMEOUT"]["value"] == "7"

    def test_an_env_file_that_nobody_named_is_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / ".env").write_text("LLM_MODEL=openai/m\n")
        (finding,) = examine(container=True).findings

        assert finding.code == "missing"
        assert "llmdocs doctor --env-file .env" in finding.fix

    @pytest.mark.parametrize("line", ["api_version = 2024-10-21", "api_key = 12345"])
    def test_a_text_without_quotes_in_toml_is_told_so(self, tmp_path: Path, line: str) -> None:
        config = tmp_path / "llm.toml"
        config.write_text(f'[llm]\nmodel = "bedrock/m"\n{line}\n')
        (finding,) = examine(config=config, container=False).findings

        assert finding.fix.startswith("Put the value in quotes")

    def test_an_address_that_is_a_number_has_no_scheme_to_be_mended(self, tmp_path: Path) -> None:
        config = tmp_path / "llm.toml"
        config.write_text('[llm]\nmodel = "bedrock/m"\nbase_url = 5\n')
        (finding,) = examine(config=config, container=False).findings

        assert (finding.code, finding.remedy.values) == ("invalid-value", {})


def test_an_output_that_is_not_utf_8_is_no_traceback() -> None:
    run = subprocess.run(
        [LLMDOCS, "doctor", "--offline"],
        env={**PLAIN, "PYTHONIOENCODING": "latin-1", "LLM_MODEL": "☃"},
        capture_output=True, timeout=60,
    )  # fmt: skip

    assert run.returncode == 1
    assert rb"\u2603" in run.stdout


@pytest.mark.parametrize("name", ["num_retries", "num_retires", "model", "base_url"])
def test_a_number_that_python_does_not_write_is_a_finding(name: str, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f"[llm]\n{name} = 0x{'f' * 5000}\n", "utf-8")

    assert "Problem 1" in said("--config", str(config))
