"""Settings that are right, which somebody's doctor took for wrong ones; and the other way round."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmdocs import Settings
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.doctor import offline
from llmdocs.doctor.diagnosis import diagnose
from llmdocs.doctor.findings import Finding
from llmdocs.doctor.offline import examine
from llmdocs.errors import ConnectionFailedError, NoConnection

pytestmark = pytest.mark.usefixtures("cleared_environment")
PLAIN = "sk-of-this-provider-1"
LOCAL = "http://localhost:11434"
GOOGLE = "https://generativelanguage.googleapis.com"
ROUTER, GROQ, MINE = "https://openrouter.ai", "https://api.groq.com", "https://my.example/v1"
ANTHROPIC = "sk-ant-api03-0000000000000000"


@pytest.fixture(autouse=True)
def _bare_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(offline, "inside_container", lambda: False)


def found(
    monkeypatch: pytest.MonkeyPatch, model: str, address: str = "", key: str = "", **more: str
) -> list[Finding]:
    settings = {"LLM_MODEL": model, "LLM_BASE_URL": address, "LLM_API_KEY": key, **more}
    for name, value in settings.items():
        if value:
            monkeypatch.setenv(name, value)
        else:
            monkeypatch.delenv(name, raising=False)
    return examine().findings


@pytest.mark.parametrize(
    ("model", "address", "key"),
    [
        ("anthropic/m", "https://api.deepseek.com/anthropic", PLAIN),
        ("anthropic/m", "https://api.z.ai/api/anthropic", PLAIN),
        ("anthropic/m", "https://your-resource.services.ai.azure.com/anthropic", PLAIN),
        ("anthropic/m", "https://openrouter.ai/api", "sk-or-v1-0000000000000000"),
        ("openai/meta-llama/m", "https://ec2-1-2-3-4.compute.amazonaws.com:8000/v1", PLAIN),
        ("ollama_chat/m", "https://ec2-1-2-3-4.compute.amazonaws.com:11434", ""),
        ("openai/gpt-4", "https://your-resource.openai.azure.com/openai/v1", PLAIN),
        ("openai/gpt-4", "http://localhost:4000", PLAIN),
        ("dashscope/qwen-turbo", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", PLAIN),
        ("hosted_vllm/m", "http://vllm.models.svc:8000/v1", PLAIN),
        ("hosted_vllm/m", "http://gpu.tailnet.ts.net:8000/v1", PLAIN),
        ("hosted_vllm/m", "http://gpu.example.com:8000/v1", "EMPTY"),
        ("openai/m", "http://localhost:11434/v1", "ollama"),
        ("openai/m", "http://localhost:1234/v1", "none"),
        ("openai/m", "https://openrouter.ai/api/v1", "sk-or-v1-0000000000000000"),
        ("openai/m", "https://gpu.example:8000/v1", "changeme"),
        ("openai/m", "https://gateway.example/v1", "my-secret"),
        ("litellm_proxy/m", "https://proxy.example:4000", "sk-1234"),
        ("openai/m", "", "sk-12340000000000000000000000000000000000000000000000"),
        ("openai/m", "", "your-openai-api-key"),
        ("bedrock/anthropic.claude-3-haiku-20240307-v1:0", "", "none"),
        ("huggingface/a/m", "https://router.huggingface.co/v1", "hf_" + "0" * 34),
        ("chatgpt/m", "https://chatgpt.com/backend-api/codex", ""),
        ("openrouter/a/m", f"{ROUTER}/api/v1", "sk-or-v1-0000000000000000"),
        ("gemini/m", f"{GOOGLE}/v1beta", PLAIN),
        ("openai/m", f"{GOOGLE}/v1beta/openai/", PLAIN),
        ("ollama_chat/m", "https://ollama.com", PLAIN),
        ("openai/m", "https://models.inference.ai.azure.com", "ghp_" + "0" * 36),
    ],
)
def test_settings_that_work_are_no_finding(
    monkeypatch: pytest.MonkeyPatch, model: str, address: str, key: str
) -> None:
    assert found(monkeypatch, model, address, key) == []


def test_a_resource_of_azure_government_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    address, more = "https://your-resource.openai.azure.us/", {"LLM_API_VERSION": "2024-10-21"}

    assert found(monkeypatch, "azure/gpt-4o", address, "0" * 32, **more) == []


@pytest.mark.parametrize(
    "variables",
    [
        {"BASE_URL": "https://myapp.example.com"},
        {"BASE_URL": "/"},
        {"API_VERSION": "1.0"},
        {"BASE_MODEL": "resnet50"},
        {"EMBEDDING_MODEL": "BAAI/bge-m3"},
    ],
    ids=str,
)
def test_variables_of_another_program_are_not_taken_for_ours(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    assert found(monkeypatch, "openai/gpt-4.1-mini", key=PLAIN, **variables) == []


def test_the_key_of_another_program_goes_to_no_server_that_asks_for_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = {"model": "ollama_chat/m", "address": "http://localhost:11434"}

    assert found(monkeypatch, **settings, API_KEY="of-the-weather") == []


@pytest.mark.parametrize(
    ("model", "address", "key", "values"),
    [
        ("Groq/llama-3.3", "", "gsk_000000000000000000000", {"LLM_MODEL": "groq/llama-3.3"}),
        ("gorq/llama-3.3", "", "gsk_000000000000000000000", {"LLM_MODEL": "groq/llama-3.3"}),
        ("OpenAI/gpt-4o", "https://api.openai.com/v1", PLAIN, {"LLM_MODEL": "openai/gpt-4o"}),
        ("Azure/d", "https://x.openai.azure.com", PLAIN, {"LLM_MODEL": "azure/d"}),
        ("open-router/a/m", "", "sk-or-v1-00000000000000", {"LLM_MODEL": "openrouter/a/m"}),
        ("togetherai/a/m", "", PLAIN, {"LLM_MODEL": "together_ai/a/m"}),
        ("fireworks-ai/m", "", PLAIN, {"LLM_MODEL": "fireworks_ai/m"}),
        ("mistral:instruct", LOCAL, "", {"LLM_MODEL": "ollama_chat/mistral:instruct"}),
        ("gemini-9.9-pro", "", "AIzaSy" + "0" * 33, {"LLM_MODEL": "gemini/gemini-9.9-pro"}),
        ("gemini/m", f"{GOOGLE}/v1beta/openai", PLAIN, {"LLM_MODEL": "openai/m"}),
        ("openai/m", "https://x.openai.azure.us", PLAIN, {"LLM_MODEL": "azure/m"}),
        ("openai/m", LOCAL, PLAIN, {"LLM_BASE_URL": f"{LOCAL}/v1"}),
        ("openai/m", f"{LOCAL}/api", PLAIN, {"LLM_BASE_URL": f"{LOCAL}/v1"}),
        ("openai/m", "http://gpu:1234", PLAIN, {"LLM_BASE_URL": "http://gpu:1234/v1"}),
        ("openai/m", ROUTER, PLAIN, {"LLM_BASE_URL": f"{ROUTER}/api/v1"}),
        ("openrouter/a/m", ROUTER, PLAIN, {"LLM_BASE_URL": f"{ROUTER}/api/v1"}),
        ("openrouter/a/m", f"{ROUTER}/api", PLAIN, {"LLM_BASE_URL": f"{ROUTER}/api/v1"}),
        ("openai/m", GROQ, PLAIN, {"LLM_BASE_URL": f"{GROQ}/openai/v1"}),
        ("openai/m", f"{GROQ}/openai", PLAIN, {"LLM_BASE_URL": f"{GROQ}/openai/v1"}),
        ("openai/m", "", f"Bearer {PLAIN}", {"LLM_API_KEY": PLAIN}),
        ("openai/m", "", f"OPENAI_API_KEY={PLAIN}", {"LLM_API_KEY": PLAIN}),
        ("openai/m", "http://https://my.example/v1", PLAIN, {"LLM_BASE_URL": MINE}),
    ],
)  # fmt: skip
def test_what_is_beyond_doubt_is_proposed(
    monkeypatch: pytest.MonkeyPatch, model: str, address: str, key: str, values: dict[str, str]
) -> None:
    findings = found(monkeypatch, model, address, key)

    assert {n: v for it in findings for n, v in it.remedy.values.items()} == values


@pytest.mark.parametrize(
    ("model", "address", "key", "code"),
    [
        ("qwen3:8b", "", "sk-proj-00000000000000000000", "unknown-provider"),
        ("a-llama", "", ANTHROPIC, "unknown-provider"),
        ("opnai/gpt-4o", "https://gateway.example/v1", PLAIN, "unknown-provider"),
        ("openai/m", "https://api.openai.com/v1", ANTHROPIC, "mismatch"),
        ("azure/m", "https://x.openai.azure.com", ANTHROPIC, "mismatch"),
        ("openai/m", "https://${HOST}/v1", PLAIN, "quotes"),
        ("openai/m", "", "${OPENAI_API_KEY}", "quotes"),
        ("openai/m", "null", PLAIN, "quotes"),
        ("null", "", PLAIN, "quotes"),
        ("openai/m", "", "<your-api-key>", "quotes"),
        ("<provider/model>", "", PLAIN, "quotes"),
        ("openai/m", "", "your-api-key", "key"),
        ("openai/m", "https://api.openai.com/v1", "changeme", "key"),
        ("openai/m", GROQ + "/openai/v1", "sk-...", "key"),
        ("anthropic/m", "", "sk-ant-xxxxxxxx", "key"),
        ("openai/m", "", "INSERT_YOUR_KEY_HERE", "key"),
        ("groq/m", "", "none", "key"),
        ("openai/m", "", "sk-your-key-here", "key"),
        ("openai/m", "", "sk-proj-your_api_key", "key"),
        ("anthropic/m", "", "sk-ant-api03-your-key-here", "key"),
        ("groq/m", "", "gsk_your_groq_api_key_here", "key"),
        ("openai/m", "", "sk-1234", "key"),
        ("openai/m", "", "sk-1234567890", "key"),
        ("anthropic/m", "https://console.anthropic.com", ANTHROPIC, "base-url"),
        ("anthropic/m", "https://console.anthropic.com/settings/keys", ANTHROPIC, "base-url"),
        ("openai/m", "https://platform.openai.com/v1", PLAIN, "base-url"),
        ("openai/m", "https://aistudio.google.com/app/apikey", PLAIN, "base-url"),
        ("m", "https://huggingface.co/a/m", "hf_" + "0" * 34, "base-url"),
        ("azure/m", "https://ai.azure.com/resource", PLAIN, "base-url"),
    ],
)
def test_what_cannot_work_and_has_no_certain_remedy_is_told(
    monkeypatch: pytest.MonkeyPatch, model: str, address: str, key: str, code: str
) -> None:
    more = {"LLM_API_VERSION": "2024-10-21"} if model.startswith("azure") else {}
    (finding, *_) = found(monkeypatch, model, address, key, **more)

    assert (finding.code, finding.remedy.values) == (code, {})


@pytest.mark.parametrize("host", ["[::1]", "127.0.0.2", "localhost"])
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_an_exception_is_made_for_the_very_host_and_once(
    monkeypatch: pytest.MonkeyPatch, host: str, name: str
) -> None:
    settings = {"model": "ollama_chat/m", "address": f"http://{host}:11434"}
    more = {"HTTP_PROXY": "http://p.example:3128", name: "a.example"}
    (finding,) = found(monkeypatch, **settings, **more)

    assert [*finding.remedy.values] == [name]
    assert found(monkeypatch, **settings, **{**more, **finding.remedy.values}) == []


@pytest.mark.parametrize("entry", ["1", "0.1", "st", ".", "host.localhost"])
def test_an_exception_for_another_host_is_none_for_this_one(
    monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    more = {"HTTP_PROXY": "http://p.example:3128", "NO_PROXY": entry}
    (finding,) = found(monkeypatch, "ollama_chat/m", LOCAL, **more)

    assert finding.code == "proxy"


@pytest.mark.parametrize("address", ["http://[", "http://h:port/v1", "https://[::1", "http://"])
@pytest.mark.parametrize("model", ["openai/m", "azure/m", "vllm/m", "a/b", "m"])
def test_an_address_that_cannot_be_read_is_told_and_no_more(
    monkeypatch: pytest.MonkeyPatch, address: str, model: str
) -> None:
    assert "invalid-value" in [it.code for it in found(monkeypatch, model, address, PLAIN)]


def test_a_provider_that_is_named_beside_a_bare_model_is_its_prefix(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    more = {"LLM_PROVIDER": "azure", "LLM_API_VERSION": "2024-10-21"}
    (finding, *_) = found(monkeypatch, "gpt-4o", "https://x.openai.azure.com", PLAIN, **more)

    assert finding.remedy.values == {"LLM_MODEL": "azure/gpt-4o"}


@pytest.mark.parametrize(
    "variables",
    [
        {"LLM_HOST": "localhost"},
        {"LLM_API_KEYS": "sk-a,sk-b"},
        {"LLM_EMBEDDING_BASE_URL": "https://embeddings.example/v1"},
        {"LLM_NAME": "my-assistant"},
    ],
    ids=str,
)
def test_a_name_of_other_meaning_is_not_renamed(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    (finding, *_) = found(monkeypatch, "openai/gpt-4.1-mini", **variables)

    assert (finding.code, finding.remedy.values) == ("unknown-variable", {})


@pytest.mark.parametrize(
    ("address", "key", "proposed"),
    [
        ("https://gpu.example.com:8000/v1", PLAIN, {}),
        ("https://h.example:8000/v1", None, {"LLM_BASE_URL": "http://h.example:8000/v1"}),
        ("https://gpu.lan:8000/v1", PLAIN, {"LLM_BASE_URL": "http://gpu.lan:8000/v1"}),
    ],
)
def test_no_remedy_sends_a_key_in_the_clear(
    address: str, key: str | None, proposed: dict[str, str]
) -> None:
    """The remedy for TLS was http://, and the next for that https://."""
    settings = Settings(model="hosted_vllm/m", base_url=address, api_key=key)
    error = ConnectionFailedError("No TLS.")
    error.why = NoConnection.NO_TLS
    finding = diagnose(error, settings, CATALOGUE["vllm"], "completion")

    assert (finding.code, finding.remedy.values) == ("tls", proposed)


@pytest.mark.parametrize(
    ("model", "page", "removed", "own"),
    [
        ("openai/m", "https://chat.openai.com/", ("LLM_BASE_URL",), ()),
        ("openai/m", "https://openai.com", ("LLM_BASE_URL",), ()),
        ("ollama_chat/m", "https://ollama.com/library/m", (), ("LLM_BASE_URL",)),
        ("github/m", "https://github.com/marketplace/models", ("LLM_BASE_URL",), ()),
        ("openrouter/a/m", "https://openrouter.ai/settings/keys", ("LLM_BASE_URL",), ()),
        (
            "huggingface/a/m",
            "https://api-inference.huggingface.co/models/a/m",
            ("LLM_BASE_URL",),
            (),
        ),
        ("openai/a/m", "https://api-inference.huggingface.co/v1", (), ("LLM_BASE_URL",)),
        ("openai/m", "https://console.groq.com/keys", (), ("LLM_BASE_URL",)),
        ("azure/m", "https://portal.azure.com", (), ("LLM_BASE_URL",)),
    ],
)
def test_a_page_is_taken_out_where_the_providers_own_address_is_known(
    monkeypatch: pytest.MonkeyPatch, model: str, page: str, removed: tuple[str], own: tuple[str]
) -> None:
    (finding, *_) = found(monkeypatch, model, page, PLAIN, LLM_API_VERSION="2024-10-21")

    assert (finding.remedy.removed, finding.remedy.own) == (removed, own)


@pytest.mark.parametrize(
    ("model", "package"),
    [("vertex_ai/gemini-2.5-flash", "google-auth"), ("gemini-2.5-flash", "google-auth")],
)
def test_a_package_that_a_provider_is_called_with_is_told(
    monkeypatch: pytest.MonkeyPatch, model: str, package: str
) -> None:
    (finding,) = found(monkeypatch, model)

    assert (finding.code, finding.fix) == ("request", f"python -m pip install {package}")
    assert found(monkeypatch, "bedrock/anthropic.claude-3-haiku-20240307-v1:0") == []


@pytest.mark.parametrize(("key", "notes"), [("your-openai-api-key", 1), (PLAIN, 0)])
def test_the_placeholder_of_a_recipe_is_noted_but_under_the_mock(
    monkeypatch: pytest.MonkeyPatch, key: str, notes: int
) -> None:
    found(monkeypatch, "openai/m", key=key)

    assert len(examine().notes) == notes
    monkeypatch.setenv("LLMDOCS_MOCK_PORT", "1")
    assert examine().notes == ()
