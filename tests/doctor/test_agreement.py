"""Provider, model, key and address agree, or that is the finding: what people really have."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmdocs.catalogue import elsewhere
from llmdocs.catalogue.providers import by_prefix, unlisted
from llmdocs.client.lookup import listed_prefixes
from llmdocs.doctor.findings import Finding
from llmdocs.doctor.offline import Examination, examine

pytestmark = pytest.mark.usefixtures("cleared_environment")
GATEWAY = "https://gateway.example/v1"
SILICONFLOW = "https://api.siliconflow.cn/v1"
KEYS = {
    "openrouter": "sk-or-v1-0000000000000000",
    "anthropic": "sk-ant-api03-0000000000000000",
    "groq": "gsk_00000000000000000000",
    "gemini": "AIzaSy00000000000000000000000000000000",
    "xai": "xai-00000000000000000000",
    "huggingface": "hf_0000000000000000000000000000000000",
    "nvidia_nim": "nvapi-00000000000000000000",
    "perplexity": "pplx-0000000000000000000000",
    "fireworks_ai": "fw_00000000000000000000",
    "openai": "sk-proj-00000000000000000000",
}


@pytest.fixture(autouse=True)
def _bare_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def examined(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Examination:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return examine(container=False)


def found(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[Finding]:
    return examined(monkeypatch, **variables).findings


@pytest.mark.parametrize(
    ("model", "address", "meant"),
    [
        ("Qwen/QwQ-32B", SILICONFLOW, "openai/Qwen/QwQ-32B"),
        ("meta-llama/Llama-3.3-70B-Instruct", GATEWAY, "openai/meta-llama/Llama-3.3-70B-Instruct"),
        ("deepseek-ai/DeepSeek-V3", SILICONFLOW, "openai/deepseek-ai/DeepSeek-V3"),
        ("Qwen/QwQ-32B", "https://api.groq.com/openai/v1", "groq/Qwen/QwQ-32B"),
        ("x-ai/grok-4", "https://api.x.ai/v1", "xai/grok-4"),
        ("qwen3:8b", "http://localhost:11434", "ollama_chat/qwen3:8b"),
        ("some-model", "http://192.168.1.50:1234/v1", "lm_studio/some-model"),
        ("some-model", "http://192.168.1.50:8080/v1", "openai/some-model"),
        ("some-model", "https://your-resource.openai.azure.com", "azure/some-model"),
        ("some-model", "https://your-resource.openai.azure.us", "azure/some-model"),
        ("groq:llama-3.3-70b-versatile", None, "groq/llama-3.3-70b-versatile"),
        ("openai:gpt-4.1-mini", None, "openai/gpt-4.1-mini"),
        ("google_genai:gemini-2.5-flash", None, "gemini/gemini-2.5-flash"),
        ("models/gemini-pro", None, "gemini/gemini-pro"),
        ("x-ai/grok-4", SILICONFLOW, "openai/x-ai/grok-4"),
        ("opanai/gpt-4.1-mini", None, "openai/gpt-4.1-mini"),
    ],
)
def test_a_model_without_a_prefix_is_one_where_it_is_beyond_doubt(
    monkeypatch: pytest.MonkeyPatch, model: str, address: str | None, meant: str
) -> None:
    (finding, *_) = found(monkeypatch, LLM_MODEL=model, LLM_BASE_URL=address or "")

    assert (finding.code, finding.remedy.values) == ("unknown-provider", {"LLM_MODEL": meant})


@pytest.mark.parametrize(
    ("key", "meant"), [("openrouter", "openrouter/x-ai/grok-4"), ("xai", "xai/grok-4")]
)
def test_the_key_may_say_whose_a_makers_name_is(
    monkeypatch: pytest.MonkeyPatch, key: str, meant: str
) -> None:
    (finding,) = found(monkeypatch, LLM_MODEL="x-ai/grok-4", LLM_API_KEY=KEYS[key])

    assert finding.remedy.values == {"LLM_MODEL": meant}


@pytest.mark.parametrize(
    ("model", "asked"),
    [
        ("x-ai/grok-4", "xai/grok-4"),
        ("google/gemini-2.5-flash", "gemini/gemini-2.5-flash"),
        ("meta-llama/Llama-3.3-70B-Instruct", "meta_llama/Llama-3.3-70B-Instruct"),
        ("opanai/a-model-of-mine", "openai/a-model-of-mine"),
        ("qwen3:8b", "ollama_chat/qwen3:8b"),
    ],
)
def test_where_there_is_doubt_it_is_a_question(
    monkeypatch: pytest.MonkeyPatch, model: str, asked: str
) -> None:
    (finding, *_) = found(monkeypatch, LLM_MODEL=model)

    assert finding.remedy.values == {}
    assert finding.fix == f"Write provider/model. Did you mean {asked}?"


@pytest.mark.parametrize("of", KEYS)
@pytest.mark.parametrize("prefix", KEYS)
def test_a_key_of_another_provider_is_the_finding_and_its_own_is_none(
    monkeypatch: pytest.MonkeyPatch, prefix: str, of: str
) -> None:
    findings = found(monkeypatch, LLM_MODEL=f"{prefix}/some-model", LLM_API_KEY=KEYS[of])

    assert [finding.code for finding in findings] == ([] if of == prefix else ["mismatch"])
    for finding in findings:
        assert (finding.remedy.values, finding.remedy.own) == ({}, ("LLM_MODEL", "LLM_API_KEY"))


@pytest.mark.parametrize("prefix", ["openai", "hosted_vllm", "litellm_proxy", "anthropic"])
def test_a_gateway_may_take_any_key(monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    address = "https://gateway.example" + ("" if prefix == "anthropic" else "/v1")
    for key in KEYS.values():
        settings = {"LLM_MODEL": f"{prefix}/m", "LLM_BASE_URL": address, "LLM_API_KEY": key}
        assert found(monkeypatch, **settings) == []


def test_a_model_of_one_provider_at_the_address_of_another_is_the_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (finding,) = found(
        monkeypatch,
        LLM_MODEL="claude-sonnet-4-5",
        LLM_BASE_URL="https://openrouter.ai/api/v1",
        LLM_API_KEY=KEYS["openrouter"],
    )

    assert finding.code == "mismatch"
    assert "LLM_MODEL=openrouter/" in finding.fix
    assert finding.remedy.values == {}


@pytest.mark.parametrize(
    "address",
    [
        "https://openrouter.ai/api/v1",
        "https://api.groq.com/openai/v1",
        "https://api.anthropic.com/v1",
    ],
)
def test_openais_api_is_spoken_at_the_address_of_any_provider(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    settings = {"LLM_MODEL": "openai/some-model", "LLM_API_KEY": "sk-of-theirs"}

    assert found(monkeypatch, LLM_BASE_URL=address, **settings) == []


@pytest.mark.parametrize(
    ("model", "key", "meant"),
    [
        ("gemini-2.5-flash", KEYS["gemini"], "gemini/gemini-2.5-flash"),
        ("gpt-4.1-mini", KEYS["openrouter"], None),
        ("us.anthropic.claude-3-7-sonnet-20250219-v1:0", KEYS["anthropic"], None),
    ],
)
def test_a_bare_name_whose_provider_the_key_does_not_suit_is_the_finding(
    monkeypatch: pytest.MonkeyPatch, model: str, key: str, meant: str | None
) -> None:
    (finding,) = found(monkeypatch, LLM_MODEL=model, LLM_API_KEY=key)

    assert finding.code == "mismatch"
    assert finding.remedy.values == ({"LLM_MODEL": meant} if meant else {})
    assert "litellm treats" in finding.problem


def test_the_provider_of_a_bare_name_is_said_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    examination = examined(monkeypatch, LLM_MODEL="gpt-4.1-mini", LLM_API_KEY="sk-some-key")

    assert examination.findings == []
    assert "set LLM_MODEL=openai/gpt-4.1-mini." in examination.notes[0]


FOUNDRY = "https://your-resource.services.ai.azure.com"


@pytest.mark.parametrize(
    ("model", "address", "values"),
    [
        (
            "openai/Phi-4",
            f"{FOUNDRY}/models/chat/completions?api-version=2024-05-01-preview",
            {"LLM_MODEL": "azure_ai/Phi-4", "LLM_BASE_URL": FOUNDRY},
        ),
        ("azure/gpt-4.1-mini", f"{FOUNDRY}/models", {"LLM_MODEL": "azure_ai/gpt-4.1-mini"}),
        ("azure_ai/Phi-4", f"{FOUNDRY}/api/projects/x", {"LLM_BASE_URL": FOUNDRY}),
        ("azure/d", f"{FOUNDRY}/api/projects/x", {"LLM_BASE_URL": FOUNDRY}),
        ("openai/d", "https://x.cognitiveservices.azure.com/", {"LLM_MODEL": "azure/d"}),
        ("openai/d", "https://eastus.api.cognitive.microsoft.com/", {"LLM_MODEL": "azure/d"}),
        ("gpt-4.1-mini", "https://x.openai.azure.com", {"LLM_MODEL": "azure/gpt-4.1-mini"}),
    ],
)
def test_azures_hosts_are_known_and_which_prefix_calls_them(
    monkeypatch: pytest.MonkeyPatch, model: str, address: str, values: dict[str, str]
) -> None:
    settings = {"LLM_API_KEY": "0" * 32, "LLM_API_VERSION": "2024-10-21"}
    findings = found(monkeypatch, LLM_MODEL=model, LLM_BASE_URL=address, **settings)
    proposed = {name: value for it in findings for name, value in it.remedy.values.items()}

    assert values.items() <= proposed.items()


@pytest.mark.parametrize(
    ("model", "address"),
    [
        ("azure/d", "https://x.openai.azure.com"),
        ("azure/d", "https://x.cognitiveservices.azure.com"),
        ("azure/d", FOUNDRY),
        ("azure_ai/Phi-4", FOUNDRY),
        ("openai/d", "https://x.openai.azure.com/openai/v1"),
    ],
)
def test_a_resource_of_azures_that_is_called_rightly_is_no_finding(
    monkeypatch: pytest.MonkeyPatch, model: str, address: str
) -> None:
    settings = {"LLM_API_KEY": "0" * 32, "LLM_API_VERSION": "2024-10-21"}

    assert found(monkeypatch, LLM_MODEL=model, LLM_BASE_URL=address, **settings) == []


def test_a_model_is_not_loaded_into_the_program_where_a_server_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    findings = found(monkeypatch, LLM_MODEL="vllm/Qwen/QwQ", LLM_BASE_URL="http://localhost:8000")
    proposed = {name: value for it in findings for name, value in it.remedy.values.items()}

    assert proposed == {
        "LLM_MODEL": "hosted_vllm/Qwen/QwQ",
        "LLM_BASE_URL": "http://localhost:8000/v1",
    }


@pytest.mark.parametrize("begins", elsewhere.NOT_KEYS)
def test_what_looks_like_a_key_and_opens_no_model_is_told(
    monkeypatch: pytest.MonkeyPatch, begins: str
) -> None:
    prefix = "openai" if "ant" not in begins else "anthropic"
    (finding, *_) = found(
        monkeypatch, LLM_MODEL=f"{prefix}/m", LLM_API_KEY=f"{begins}01-0000000000000000000"
    )

    assert finding.code == "key"
    assert finding.remedy.own == ("LLM_API_KEY",)


class TestTheTables:
    def test_name_prefixes_that_litellm_lists(self) -> None:
        named = {*elsewhere.KEYS.values(), *elsewhere.PREFIXES.values(), *elsewhere.PORTS.values()}
        named |= {*elsewhere.AGGREGATORS, *elsewhere.ANY_SERVER, *elsewhere.BARE}
        named |= {*elsewhere.MAKERS.values(), *elsewhere.PAGES.values(), *elsewhere.PACKAGES}

        assert named - {*listed_prefixes()} == set()

    def test_have_no_alias_that_litellm_lists_itself(self) -> None:
        assert {*elsewhere.PREFIXES} & {*listed_prefixes()} == set()

    def test_have_keys_of_providers_whose_hosts_are_known(self) -> None:
        keyed = {*elsewhere.KEYS.values()}

        assert [it for it in keyed if not (by_prefix(it) or unlisted(it)).hosts] == []

    def test_have_the_ports_at_which_the_catalogues_servers_answer(self) -> None:
        for port, prefix in elsewhere.PORTS.items():
            provider = by_prefix(prefix)
            assert provider
            assert f"http://localhost:{port}" in provider.origins


LASTING, TEMPORARY = "AKIA0000000000000000", "ASIA0000000000000000"


@pytest.mark.parametrize(
    ("key", "variables", "removed", "own"),
    [
        (LASTING, {"AWS_SESSION_TOKEN": "t" * 40}, ("AWS_SESSION_TOKEN",), ()),
        (TEMPORARY, {}, (), ("AWS_SESSION_TOKEN",)),
    ],
)
def test_a_session_token_goes_with_a_temporary_key_alone(
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    variables: dict[str, str],
    removed: tuple[str, ...],
    own: tuple[str, ...],
) -> None:
    signing = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": "0" * 40, **variables}
    (finding,) = found(monkeypatch, LLM_MODEL="bedrock/m", **signing)

    assert finding.code == "mismatch"
    assert (finding.remedy.removed, finding.remedy.own) == (removed, own)


@pytest.mark.parametrize(
    "variables",
    [
        {"AWS_ACCESS_KEY_ID": LASTING},
        {"AWS_ACCESS_KEY_ID": LASTING, "AWS_SESSION_TOKEN": ""},
        {"AWS_ACCESS_KEY_ID": TEMPORARY, "AWS_SESSION_TOKEN": "t" * 40},
        {"AWS_SESSION_TOKEN": "t" * 40},
        {"AWS_ACCESS_KEY_ID": TEMPORARY, "AWS_PROFILE_NAME": "mine"},
        {"AWS_ACCESS_KEY_ID": TEMPORARY, "AWS_BEARER_TOKEN_BEDROCK": "t" * 40},
        {"AWS_ACCESS_KEY_ID": TEMPORARY, "LLM_API_KEY": "t" * 40},
        {"AWS_ACCESS_KEY_ID": TEMPORARY, "LLM_MODEL": "openai/m", "LLM_API_KEY": "sk-" + "0" * 40},
    ],
    ids=str,
)
def test_keys_that_sign_and_what_goes_before_them_are_no_finding(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    assert found(monkeypatch, **{"LLM_MODEL": "bedrock/m", **variables}) == []
