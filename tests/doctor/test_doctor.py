"""`llmdocs doctor` as a person and a script use it; each mistake's verdict is in test_mistakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given

from llmdocs import Settings, recipes
from llmdocs.catalogue.addresses import for_provider, is_this_machine
from llmdocs.catalogue.models import retirement
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.cli import main
from llmdocs.doctor import offline
from llmdocs.doctor.calls import attempts
from llmdocs.doctor.diagnosis import diagnose
from llmdocs.doctor.offline import examine, inside_container
from llmdocs.errors import ConnectionFailedError
from llmdocs.settings.variables import VARIABLES
from llmdocs.wire import faults
from llmdocs.wire.server import MockedProviders
from tests.redaction.test_secrets import AWKWARD, holds, long_keys
from tests.support.provider_groups import WITHOUT_A_GUIDE

Doctor = Callable[..., Result]
KEY = "key-that-nobody-may-see"
OPENAI = {"LLM_MODEL": "openai/gpt-4.1-mini", "LLM_API_KEY": KEY}
TODAY = date(2026, 11, 22)
FAR = date(2100, 1, 1)

every_provider = pytest.mark.parametrize("provider", CATALOGUE)


@pytest.fixture
def doctor(cleared_environment: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """The command in this process, in a bare folder, which is no container."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(offline, "inside_container", lambda: False)
    return lambda *arguments, **variables: CliRunner().invoke(
        main, ["doctor", *arguments], env=variables
    )


def codes(result: Result) -> list[str]:
    return [finding["code"] for finding in json.loads(result.stdout)["findings"]]


class TestWhatIsPrinted:
    def test_each_setting_with_its_value_and_its_source(self, doctor: Doctor) -> None:
        result = doctor("--offline", **OPENAI)
        rows = {line.split()[0]: line.split()[1:] for line in result.stdout.splitlines() if line}

        assert rows["LLM_MODEL"] == ["openai/gpt-4.1-mini", "environment"]
        assert rows["LLM_API_KEY"] == ["set", "environment"]
        assert {*VARIABLES} <= {*rows}

    def test_a_variable_that_is_set_to_nothing_as_that(self, doctor: Doctor) -> None:
        result = doctor("--offline", **{**OPENAI, "LLM_API_KEY": "", "LLM_TIMEOUT": ""})
        lines = result.stdout.partition("Problem")[0].split("\n")
        rows = {line.split()[0]: line.split()[1:] for line in lines if line}

        assert rows["LLM_API_KEY"] == ["-", "environment,", "empty"]
        assert rows["LLM_TIMEOUT"] == ["300", "environment,", "empty"]
        assert rows["LLM_BASE_URL"] == ["-", "unset"]

    def test_what_a_value_shadows(self, doctor: Doctor) -> None:
        Path(".env").write_text("LLM_MODEL=openai/file\n")
        Path("llm.toml").write_text('[llm]\nmodel = "openai/table"\n')
        result = doctor("--offline", "--env-file", ".env", "--config", "llm.toml", **OPENAI)

        assert "environment (shadows .env:1, llm.toml, table [llm])" in result.stdout

    def test_each_finding_says_what_why_and_the_fix_and_where_it_is_explained(
        self, doctor: Doctor
    ) -> None:
        result = doctor("--offline", LLM_MODEL="openai/gpt-4.1-mini", LLM_APIKEY=KEY)

        assert result.stdout.split("Problem 1 of 1\n")[1] == (
            "LLM_APIKEY is not a setting.\n"
            "  Why: Unknown names are an error, so that a misspelt name is not silently ignored.\n"
            "  Fix: Rename it to LLM_API_KEY.\n"
            "  See: guides/troubleshooting/#unknown-variable\n"
            "\n"
            "No call was made: fix the settings first.\n"
        )

    def test_an_address_of_the_site_where_it_is_known(self, doctor: Doctor) -> None:
        result = doctor("--offline", LLMDOCS_SITE_URL="https://docs.test/")

        assert "See: https://docs.test/guides/troubleshooting/#missing" in result.stdout

    def test_the_line_of_a_file_that_is_to_be_mended(self, doctor: Doctor) -> None:
        Path(".env").write_text("LLM_MODEL=openai/gpt-4.1-mini\nAPI_KEY=k\nLLM_BASE_URL=a.test\n")
        result = doctor("--offline", "--env-file", ".env")

        assert ".env:2: API_KEY is set, but LLM_API_KEY is not." in result.stdout
        assert ".env:3: LLM_BASE_URL is 'a.test', without http://" in result.stdout

    def test_no_colour_where_the_output_is_no_terminal(self, doctor: Doctor) -> None:
        assert "\x1b" not in doctor("--offline").stdout

    @pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
    def test_colour_on_a_terminal_unless_it_is_unwanted(
        self, doctor: Doctor, variables: dict[str, str], coloured: bool
    ) -> None:
        result = CliRunner().invoke(main, ["doctor", "--offline"], env=variables, color=True)

        assert ("\x1b" in result.stdout) == coloured

    @pytest.mark.parametrize("options", [[], ["--json"]], ids=["text", "json"])
    @pytest.mark.usefixtures("cleared_environment")
    @given(key=long_keys)
    @example(key=AWKWARD)
    def test_no_key_wherever_it_stands(self, options: list[str], key: str) -> None:
        pasted = dict.fromkeys(("LLM_MODEL", "LLM_BASE_URL", "LLM_API_VERSION", "API_KEY"), key)
        for variables in (
            {**OPENAI, **pasted, "LLM_API_KEY": key},
            {**OPENAI, "LLM_API_KEY": key, "LLM_BASE_URL": f"https://me:{key}@a.test/v1/chat"},
            {"LLM_MODEL": "openai/a", "LLM_APIKEY": key},
            {"LLM_MODEL": "openai/a", "OPENAI_API_KEY": key},
        ):
            result = CliRunner().invoke(main, ["doctor", "--offline", *options], env=variables)

            assert isinstance(result.exception, SystemExit)
            assert not holds(result.stdout + result.stderr, key)

    def test_no_password_of_an_address(self, doctor: Doctor) -> None:
        address = {"LLM_BASE_URL": "https://me:pass-word@gate.test/v1/models"}
        text, report = doctor("--offline", **OPENAI | address), doctor("--json", **OPENAI | address)

        assert "Fix: LLM_BASE_URL=https://***@gate.test/v1\n" in text.stdout
        assert json.loads(report.stdout)["findings"][0]["set"] == {"LLM_BASE_URL": None}
        assert "pass-word" not in text.stdout + report.stdout


class TestExitCodes:
    @every_provider
    def test_a_recipe_is_well_and_one_call_of_each_kind_is_made(
        self, doctor: Doctor, wire: MockedProviders, provider: str
    ) -> None:
        recipe = recipes.read(provider)
        result = doctor("--json", **recipe)
        report = json.loads(result.stdout)
        embeds = "LLM_EMBEDDING_MODEL" in recipe
        asked = [request for request in wire.requests if request.method == "POST"]
        about = [request for request in asked if request.url.endswith("/api/show")]

        assert (result.exit_code, report["findings"]) == (0, [])
        assert [call["operation"] for call in report["calls"]] == (
            ["completion", "embedding"] if embeds else ["completion"]
        )
        assert len(asked) - len(about) == len(report["calls"])

    @every_provider
    def test_offline_nothing_is_sent(
        self, doctor: Doctor, wire: MockedProviders, provider: str
    ) -> None:
        result = doctor("--offline", **recipes.read(provider))

        assert result.exit_code == 0
        assert "No call was made." in result.stdout
        assert wire.requests == []

    def test_one_for_a_finding(self, doctor: Doctor) -> None:
        assert doctor("--offline").exit_code == 1

    @pytest.mark.parametrize("option", ["--env-file", "--config"])
    def test_two_for_a_file_that_cannot_be_read(self, doctor: Doctor, option: str) -> None:
        result = doctor(option, "missing", **OPENAI)

        assert (result.exit_code, result.stdout) == (2, "")
        assert "missing: this file cannot be read: no such file" in result.stderr

    @pytest.mark.parametrize(
        "arguments", [["--timeout", "0"], ["--timeout", "soon"], ["--onlin"], ["extra"]]
    )
    def test_two_for_wrong_usage(self, doctor: Doctor, arguments: list[str]) -> None:
        assert doctor(*arguments).exit_code == 2


class TestCallingAnyway:
    """A finding stops the calls, and may be a false alarm."""

    def test_calls_with_the_settings_unchanged_and_tells_the_problems(
        self, doctor: Doctor, wire: MockedProviders
    ) -> None:
        variables = {**recipes.read("openai"), "LLM_TIMEOUTS": "3"}

        assert json.loads(doctor("--json", **variables).stdout)["calls"] == []
        result = doctor("--call-anyway", "--json", **variables)
        assert [call["ok"] for call in json.loads(result.stdout)["calls"]] == [True, True]
        assert (codes(result), result.exit_code) == (["unknown-variable"], 1)
        printed = doctor("--call-anyway", **variables).stdout
        assert printed.endswith("The provider answered anyway.\n")

    def test_tells_why_that_call_failed_too(self, doctor: Doctor, wire: MockedProviders) -> None:
        variables = {**OPENAI, "LLM_API_KEY": "changeme", "LLM_TIMEOUTS": "3"}

        result = doctor("--call-anyway", "--json", **variables)
        assert codes(result) == ["unknown-variable", "key", "key"]

    @pytest.mark.parametrize(
        "variables",
        [
            {},
            {"LLM_MODEL": "qwen/m"},
            {"LLM_MODEL": "azure/m", "LLM_API_KEY": KEY},
            {**OPENAI, "LLM_TIMEOUT": "soon"},
            {**OPENAI, "LLM_EMBEDDING_MODEL": "ollama/m"},
        ],
        ids=str,
    )
    def test_makes_no_call_where_none_can_be_made(
        self, doctor: Doctor, wire: MockedProviders, variables: dict[str, str]
    ) -> None:
        variables = {**variables, "LLM_TIMEOUTS": "3"}

        assert json.loads(doctor("--call-anyway", "--json", **variables).stdout)["calls"] == []
        printed = doctor("--call-anyway", **variables).stdout
        assert printed.endswith("No call can be made: fix the settings first.\n")
        assert wire.requests == []

    def test_is_no_matter_where_nothing_is_found(
        self, doctor: Doctor, wire: MockedProviders
    ) -> None:
        assert doctor("--call-anyway", **recipes.read("openai")).exit_code == 0

    def test_is_not_asked_for_together_with_no_call(self, doctor: Doctor) -> None:
        result = doctor("--offline", "--call-anyway", **OPENAI)

        assert result.exit_code == 2
        assert "use only one of them" in result.stderr


class TestTheCalls:
    def test_the_smallest_completion_is_asked_for(
        self, doctor: Doctor, wire: MockedProviders
    ) -> None:
        doctor(**recipes.read("openai"))

        assert wire.requests[0].json()["max_tokens"] == 1
        assert wire.requests[1].json()["input"] == ["Hi"]

    def test_a_model_that_refuses_so_small_a_limit_is_asked_without_one(
        self, doctor: Doctor, wire: MockedProviders
    ) -> None:
        wire.faults.append(faults.named("400"))
        result = doctor(**recipes.read("openai"))

        assert result.exit_code == 0
        assert "max_tokens" not in wire.requests[1].json()

    def test_nothing_is_tried_again(self, doctor: Doctor, wire: MockedProviders) -> None:
        wire.faults.append(faults.named("503"))
        result = doctor("--json", **recipes.read("openai"))

        assert codes(result) == ["unavailable"]
        assert len(wire.requests) == 1

    def test_after_a_failure_no_other_call_is_made(
        self, doctor: Doctor, wire: MockedProviders
    ) -> None:
        result = doctor("--json", **recipes.read("openai") | {"LLM_API_KEY": "other"})

        assert [call["ok"] for call in json.loads(result.stdout)["calls"]] == [False]
        assert len(wire.requests) == 1

    @pytest.mark.parametrize(("own", "given", "used"), [(300, 60, 60), (5, 60, 5), (300, 0.1, 0.1)])
    def test_neither_the_option_nor_llm_timeout_is_waited_beyond(
        self, monkeypatch: pytest.MonkeyPatch, own: float, given: float, used: float
    ) -> None:
        waits: list[float] = []
        monkeypatch.setattr(
            "llmdocs.doctor.calls.LLM.complete",
            lambda llm, *_, **__: waits.append(llm.settings.timeout),
        )
        settings = Settings(model="openai/a", api_key="k", timeout=own)
        for attempt in attempts(settings, given):
            attempt.make()

        assert waits == [used]

    @pytest.mark.parametrize(
        ("provider", "variables", "reason"),
        [
            ("openai", {"LLM_API_KEY": "your-azure-api-key"}, "The key still begins with your-"),
            ("openai", {"LLM_API_KEY": "other"}, "OpenAI does not know this key."),
            ("azure", {"LLM_API_KEY": "other"}, "Each resource has its own keys"),
            ("vllm", {}, "No key was sent"),
        ],
    )
    def test_why_a_key_is_refused(
        self,
        doctor: Doctor,
        wire: MockedProviders,
        provider: str,
        variables: dict[str, str],
        reason: str,
    ) -> None:
        if not variables:
            wire.faults.append(faults.named("401"))
        result = doctor("--json", **recipes.read(provider) | variables)
        (finding,) = json.loads(result.stdout)["findings"]

        assert finding["reason"].startswith(reason)

    @pytest.mark.parametrize(
        ("variables", "code"),
        [
            ({"HTTPS_PROXY": "http://p.invalid:1"}, "proxy"),
            ({"ALL_PROXY": "http://p.invalid:1"}, "proxy"),
            ({"HTTP_PROXY": "http://p.invalid:1"}, "no-connection"),
            ({"HTTPS_PROXY": "http://p.invalid:1", "NO_PROXY": "api.openai.com"}, "no-connection"),
        ],
        ids=str,
    )
    @pytest.mark.usefixtures("cleared_environment")
    def test_a_proxy_is_blamed_where_the_connection_goes_through_one(
        self, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], code: str
    ) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        settings = Settings(model="openai/a", api_key="k")
        found = diagnose(ConnectionFailedError("x"), settings, CATALOGUE["openai"], "completion")

        assert found.code == code

    def test_a_slash_at_the_end_of_the_address_does_no_harm(
        self, doctor: Doctor, wire: MockedProviders
    ) -> None:
        recipe = recipes.read("ollama")

        assert doctor(**recipe | {"LLM_BASE_URL": recipe["LLM_BASE_URL"] + "/"}).exit_code == 0

    def test_ollamas_context_length_is_told(self, doctor: Doctor, wire: MockedProviders) -> None:
        result = doctor(**recipes.read("ollama"))

        assert "Note: Ollama's current context length is 4096 tokens." in result.stdout

    def test_an_ollama_that_does_not_tell_it_is_well_all_the_same(
        self, doctor: Doctor, wire: MockedProviders
    ) -> None:
        wire.faults.extend([None, None, None, None, faults.named("404")])
        result = doctor("--json", **recipes.read("ollama"))

        assert result.exit_code == 0


class TestNoFalseAlarm:
    """Settings that are unusual and right."""

    @pytest.mark.parametrize(
        "changes",
        [
            {"LLM_BASE_URL": "https://api.openai.com/v1/"},
            {"LLM_BASE_URL": "https://gateway.test/openai/v1"},
            {"LLM_BASE_URL": "https://gateway.test/team/llm"},
            {"LLM_BASE_URL": "http://[::1]:8080/v1"},
            {"LLM_MODEL": "gpt-4.1-mini"},
            {"LLM_MODEL": f"{WITHOUT_A_GUIDE}/any"},
            {"LLM_MODEL": "azure/any", "LLM_BASE_URL": "https://x.azure-api.net/team",
             "LLM_API_VERSION": "2025-03-01-preview"},
            {"LLM_MODEL": "azure/any", "LLM_BASE_URL": "https://x.openai.azure.com/",
             "LLM_API_VERSION": "latest"},
            {"LLM_MODEL": "ollama_chat/llama3.2", "LLM_BASE_URL": "https://gpu.test/ollama/"},
            {"MODEL": "other", "TIMEOUT": "3"},
            {"NUM_RETRIES": "3", "LLM_NUM_RETRIES": "4"},
        ],
        ids=str,
    )  # fmt: skip
    def test_nothing_is_found(self, doctor: Doctor, changes: dict[str, str]) -> None:
        result = doctor("--offline", "--json", **OPENAI | changes)

        assert codes(result) == []

    def test_a_server_in_the_same_container_is_right(
        self, doctor: Doctor, wire: MockedProviders, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(offline, "inside_container", lambda: True)

        assert codes(doctor("--offline", "--json", **recipes.read("ollama"))) == []


class TestSeveralFindings:
    def test_each_sees_the_settings_as_the_fixes_before_it_leave_them(self, doctor: Doctor) -> None:
        result = doctor(
            "--offline", "--json",
            LLM_MODEL='"ollama_chat/llama3.2"', LLM_BASE_URI=" localhost:11434/v1 ",
        )  # fmt: skip
        findings = json.loads(result.stdout)["findings"]
        last = {name: value for finding in findings for name, value in finding["set"].items()}

        assert codes(result) == ["quotes", "unknown-variable", "quotes", "no-scheme"]
        assert last == {
            "LLM_MODEL": "ollama_chat/llama3.2",
            "LLM_BASE_URL": "http://localhost:11434",
        }

    def test_a_variable_that_the_reader_has_to_give_is_asked_for_once(self, doctor: Doctor) -> None:
        result = doctor("--offline", "--json", LLM_MODEL="azure/x", LLM_API_VERSION="soon")

        assert codes(result) == ["missing", "missing", "api-version"]

    def test_a_variable_stays_asked_for_whatever_else_is_found(self, doctor: Doctor) -> None:
        result = doctor(
            "--offline", "--json",
            LLM_MODEL="azure/x", LLM_BASE_URL="ftp://x.test/openai/v1", LLM_API_VERSION="v1",
        )  # fmt: skip

        assert codes(result) == ["invalid-value", "missing"]

    def test_an_unknown_name_does_not_take_the_place_of_one_that_is_set(
        self, doctor: Doctor
    ) -> None:
        result = doctor("--offline", "--json", **OPENAI, LLM_MODEL_NAME="openai/other")
        (finding,) = json.loads(result.stdout)["findings"]

        assert (finding["set"], finding["unset"]) == ({}, ["LLM_MODEL_NAME"])


class TestModels:
    def test_the_day_of_a_retirement_is_of_the_models_own_provider(self) -> None:
        assert retirement("openai/gpt-4") == date(2026, 10, 23)
        assert retirement("azure/gpt-4") == date(2025, 6, 6)
        assert retirement("gpt-4", "openai") == date(2026, 10, 23)
        assert retirement("groq/gpt-4") is None

    @pytest.mark.usefixtures("cleared_environment")
    @pytest.mark.parametrize(("today", "found"), [(date(2026, 10, 22), 0), (date(2026, 10, 23), 1)])
    def test_a_model_is_retired_from_that_day_on(
        self, monkeypatch: pytest.MonkeyPatch, today: date, found: int
    ) -> None:
        monkeypatch.setenv("LLM_MODEL", "openai/gpt-4")
        monkeypatch.setenv("LLM_API_KEY", KEY)

        assert len(examine(today=today).findings) == found

    @pytest.mark.usefixtures("cleared_environment")
    def test_the_models_of_embeddings_and_prices_are_looked_up_too(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in recipes.read("azure").items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("LLM_BASE_MODEL", "azure/gpt-4.1-mini")
        found = [finding.problem.split()[0] for finding in examine(today=FAR).findings]

        assert found == ["LLM_EMBEDDING_MODEL", "LLM_BASE_MODEL"]


class TestAddresses:
    @pytest.mark.parametrize(
        ("provider", "address", "expected"),
        [
            ("ollama", "localhost:11434", "http://localhost:11434"),
            ("ollama", "gpu:11434", "http://gpu:11434"),
            ("ollama", "host.docker.internal:11434", "http://host.docker.internal:11434"),
            ("ollama", "192.168.1.7:11434/v1", "http://192.168.1.7:11434"),
            ("ollama", "https://gpu.test/ollama/api/chat", "https://gpu.test/ollama"),
            ("azure", "x.openai.azure.com", "https://x.openai.azure.com"),
            ("azure", "https://x.openai.azure.com/openai/v1/", "https://x.openai.azure.com"),
            ("anthropic", "https://api.anthropic.com/v1/messages", "https://api.anthropic.com"),
            ("openai", "https://api.openai.com", "https://api.openai.com/v1"),
            ("openai", "https://me:pw@gate.test/v1/models?x=1", "https://me:pw@gate.test/v1"),
            ("vllm", "http://localhost:8000/", "http://localhost:8000/v1"),
            ("lm_studio", "localhost:1234/v1/chat/completions", "http://localhost:1234/v1"),
        ],
    )
    def test_an_address_takes_the_form_of_its_provider(
        self, provider: str, address: str, expected: str
    ) -> None:
        assert for_provider(address, CATALOGUE[provider]) == expected
        assert for_provider(expected, CATALOGUE[provider]) == expected

    @pytest.mark.parametrize(
        ("address", "expected"),
        [
            ("http://localhost:1", True), ("http://LOCALHOST./v1", True),
            ("http://ollama.localhost", True), ("http://127.9.9.9", True), ("http://[::1]:8", True),
            ("http://0.0.0.0:11434", True), ("http://host.docker.internal", False),
            ("http://192.168.0.1", False), ("https://[bad", False),
        ],
    )  # fmt: skip
    def test_this_machine_is_known_by_its_names_and_numbers(
        self, address: str, expected: bool
    ) -> None:
        assert is_this_machine(address) == expected


class TestContainers:
    def test_a_container_with_some_variables_is_asked_for_the_model_alone(
        self, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(offline, "inside_container", lambda: True)

        assert codes(doctor("--offline", "--json", LLM_API_KEY=KEY)) == ["missing"]

    @pytest.mark.parametrize(
        "mark", [".dockerenv", "run/.containerenv", "var/run/secrets/kubernetes.io"]
    )
    def test_a_container_is_known_by_what_its_makers_leave_there(
        self, tmp_path: Path, mark: str
    ) -> None:
        assert not inside_container(tmp_path)
        (tmp_path / mark).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / mark).touch()

        assert inside_container(tmp_path)


def test_it_changes_nothing(doctor: Doctor) -> None:
    text = 'LLM_MODEL="openai/a\n" \nAPI_KEY=k\n'
    Path(".env").write_text(text)
    doctor("--env-file", ".env", "--offline")

    assert [path.name for path in Path().iterdir()] == [".env"]
    assert Path(".env").read_text() == text
