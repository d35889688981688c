"""Which addresses a provider's API has, and which it cannot have."""

from __future__ import annotations

import pytest

from llmdocs import recipes
from llmdocs.catalogue.addresses import for_provider
from llmdocs.catalogue.providers import CATALOGUE, unlisted
from tests.support.provider_groups import WITHOUT_A_GUIDE

RIGHT = {
    "openai": (
        "https://api.openai.com/v1",
        "HTTPS://api.openai.com/v1",
        "https://eu.api.openai.com/v1",
        "https://api.deepseek.com",
        "https://api.perplexity.ai",
        "https://models.github.ai/inference",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "https://gateway.example/models/v1",
        "https://gateway.example/chat/v1",
        "https://your-resource.openai.azure.com/openai/v1",
    ),
    "azure": (
        "https://your-resource.openai.azure.com",
        "https://gateway.example/my-api",
        "https://gateway.example/openai/production",
        "https://gateway.example/v1/account/gateway/azure-openai/resource/deployment",
    ),
    "anthropic": (
        "https://api.anthropic.com",
        "https://gateway.example/v1/account/gateway/anthropic",
        "https://api.deepseek.com/anthropic",
    ),
    "ollama": (
        "http://localhost:11434",
        "https://gateway.example/ollama",
        "https://gateway.example/api/ollama",
        "https://gateway.example/v1/ollama",
    ),
    "vllm": (
        "http://localhost:8000/v1",
        "https://gateway.example/models/qwen/v1",
        "https://gateway.example/serving/models/openai/v1",
    ),
    "lm_studio": ("http://[::1]:1234/v1",),
}
WRONG = {
    "openai": {
        "https://api.openai.com": "https://api.openai.com/v1",
        "https://api.openai.com/v1/chat/completions": "https://api.openai.com/v1",
        "https://api.openai.com/v1/engines/davinci": "https://api.openai.com/v1",
        "https://gateway.example/proxy/v1/embeddings/": "https://gateway.example/proxy/v1",
        "http:/gateway.example/v1": "http://gateway.example/v1",
        "https;//gateway.example/v1": "https://gateway.example/v1",
        "https:gateway.example/v1": "https://gateway.example/v1",
        "//gateway.example/v1": "https://gateway.example/v1",
        "localhost:8000/v1": "http://localhost:8000/v1",
    },
    "azure": {
        "https://a.example/openai": "https://a.example",
        "https://a.example/OpenAI/v1": "https://a.example",
        "https://a.example/my-api/openai/deployments/d/chat/completions?api-version=v1": (
            "https://a.example/my-api"
        ),
    },
    "anthropic": {
        "https://api.anthropic.com/messages": "https://api.anthropic.com",
        "https://gateway.example/anthropic/v1/messages": "https://gateway.example/anthropic",
    },
    "ollama": {
        "https://gateway.example/ollama/api/chat": "https://gateway.example/ollama",
        "http://localhost:11434/v1/": "http://localhost:11434",
    },
    "vllm": {"http://localhost:8000": "http://localhost:8000/v1"},
    "lm_studio": {"http://localhost:1234/chat/completions": "http://localhost:1234/v1"},
}


@pytest.mark.parametrize(
    ("name", "address"), [(name, address) for name, all_ in RIGHT.items() for address in all_]
)
def test_an_address_that_may_be_right_is_left_as_it_is(name: str, address: str) -> None:
    assert for_provider(address, CATALOGUE[name]) == address


@pytest.mark.parametrize(
    ("name", "address", "expected"),
    [(name, *pair) for name, pairs in WRONG.items() for pair in pairs.items()],
)
def test_an_address_that_cannot_be_right_is_mended(name: str, address: str, expected: str) -> None:
    assert for_provider(address, CATALOGUE[name]) == expected


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_provider_has_a_right_address_from_which_no_path_of_its_api_is_left(
    name: str,
) -> None:
    provider = CATALOGUE[name]
    right = recipes.read(name).get("LLM_BASE_URL") or provider.base_url
    assert right
    paths = [path for path in provider.api_paths if "*" not in path]

    assert paths
    assert for_provider(right, provider) == right
    assert {for_provider(f"{right}/{path}", provider) for path in ["", *paths]} == {right}


def test_a_provider_beyond_the_catalogue_may_have_any_path_and_a_slash_at_its_end() -> None:
    assert for_provider("https://gateway.example/any/v1/", unlisted(WITHOUT_A_GUIDE)) == (
        "https://gateway.example/any/v1"
    )
