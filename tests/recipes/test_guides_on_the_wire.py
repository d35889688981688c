"""What each guide's snippets send: method, full address, authentication, body."""

from __future__ import annotations

import runpy
from typing import Any

import pytest

from llmdocs import recipes
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.wire.server import MockedProviders
from tests.support.site_files import SNIPPETS

ASKED = [{"role": "user", "content": "Why is the sky blue?"}]
TEXTS = ["The sky is blue.", "Blue is the sky.", "Bread needs salt."]
AZURE = "https://your-resource.openai.azure.com/openai/deployments"
OPENAI_KEY = {"authorization": "Bearer your-openai-api-key"}
AZURE_KEY = {"api-key": "your-azure-api-key"}
# What litellm sends to a server of the reader's own where LLM_API_KEY is not set.
STAND_IN_KEY = {"authorization": "Bearer fake-api-key"}
ANTHROPIC_KEY = {"x-api-key": "your-anthropic-api-key"}
# Anthropic wants a limit, so litellm sends the most that the model can write.
ANTHROPIC_ASKED = {
    "model": "claude-haiku-5-5",
    "messages": [{"role": "user", "content": [{"type": "text", "text": "Why is the sky blue?"}]}],
    "max_tokens": 128_000,
}
OLLAMA_ASKED = [{"role": "user", "content": "Why is the sky blue?", "images": []}]
USAGE = {"include_usage": True}

# For each snippet: the address, the headers that authenticate, and the body.
EXPECTED: dict[str, tuple[str, dict[str, str], dict[str, Any]]] = {
    "openai/chat.py": (
        "https://api.openai.com/v1/chat/completions",
        OPENAI_KEY,
        {"model": "gpt-4.1-mini", "messages": ASKED},
    ),
    "openai/stream.py": (
        "https://api.openai.com/v1/chat/completions",
        OPENAI_KEY,
        {"model": "gpt-4.1-mini", "messages": ASKED, "stream": True, "stream_options": USAGE},
    ),
    "openai/embed.py": (
        "https://api.openai.com/v1/embeddings",
        OPENAI_KEY,
        {"model": "text-embedding-3-small", "input": TEXTS},
    ),
    "azure/chat.py": (
        f"{AZURE}/your-chat-deployment/chat/completions?api-version=2024-10-21",
        AZURE_KEY,
        {"model": "your-chat-deployment", "messages": ASKED},
    ),
    "azure/stream.py": (
        f"{AZURE}/your-chat-deployment/chat/completions?api-version=2024-10-21",
        AZURE_KEY,
        {
            "model": "your-chat-deployment",
            "messages": ASKED,
            "stream": True,
            "stream_options": USAGE,
        },
    ),
    "azure/embed.py": (
        f"{AZURE}/your-embedding-deployment/embeddings?api-version=2024-10-21",
        AZURE_KEY,
        {"model": "your-embedding-deployment", "input": TEXTS, "encoding_format": "base64"},
    ),
    "anthropic/chat.py": (
        "https://api.anthropic.com/v1/messages",
        ANTHROPIC_KEY,
        ANTHROPIC_ASKED,
    ),
    "anthropic/stream.py": (
        "https://api.anthropic.com/v1/messages",
        ANTHROPIC_KEY,
        {**ANTHROPIC_ASKED, "stream": True},
    ),
    "groq/chat.py": (
        "https://api.groq.com/openai/v1/chat/completions",
        {"authorization": "Bearer your-groq-api-key"},
        {"model": "openai/gpt-oss-20b", "messages": ASKED},
    ),
    "groq/stream.py": (
        "https://api.groq.com/openai/v1/chat/completions",
        {"authorization": "Bearer your-groq-api-key"},
        {
            "model": "openai/gpt-oss-20b",
            "messages": ASKED,
            "stream": True,
            "stream_options": USAGE,
        },
    ),
    "xai/chat.py": (
        "https://api.x.ai/v1/chat/completions",
        {"authorization": "Bearer your-xai-api-key"},
        {"model": "grok-4.3", "messages": ASKED},
    ),
    "xai/stream.py": (
        "https://api.x.ai/v1/chat/completions",
        {"authorization": "Bearer your-xai-api-key"},
        {"model": "grok-4.3", "messages": ASKED, "stream": True, "stream_options": USAGE},
    ),
    "ollama/chat.py": (
        "http://localhost:11434/api/chat",
        {},
        {"model": "llama3.2", "messages": OLLAMA_ASKED, "options": {}, "stream": False},
    ),
    "ollama/stream.py": (
        "http://localhost:11434/api/chat",
        {},
        {"model": "llama3.2", "messages": OLLAMA_ASKED, "options": {}, "stream": True},
    ),
    "ollama/embed.py": (
        "http://localhost:11434/api/embed",
        {},
        {"model": "nomic-embed-text", "input": TEXTS},
    ),
    "vllm/chat.py": (
        "http://localhost:8000/v1/chat/completions",
        STAND_IN_KEY,
        {"model": "Qwen/Qwen2.5-1.5B-Instruct", "messages": ASKED},
    ),
    "vllm/stream.py": (
        "http://localhost:8000/v1/chat/completions",
        STAND_IN_KEY,
        {
            "model": "Qwen/Qwen2.5-1.5B-Instruct",
            "messages": ASKED,
            "stream": True,
            "stream_options": USAGE,
        },
    ),
    "lm_studio/chat.py": (
        "http://localhost:1234/v1/chat/completions",
        STAND_IN_KEY,
        {"model": "qwen/qwen3-4b-2507", "messages": ASKED},
    ),
    "lm_studio/stream.py": (
        "http://localhost:1234/v1/chat/completions",
        STAND_IN_KEY,
        {
            "model": "qwen/qwen3-4b-2507",
            "messages": ASKED,
            "stream": True,
            "stream_options": USAGE,
        },
    ),
    "lm_studio/embed.py": (
        "http://localhost:1234/v1/embeddings",
        STAND_IN_KEY,
        {"model": "text-embedding-nomic-embed-text-v1.5", "input": TEXTS},
    ),
}


def test_every_snippet_that_guides_show_alike_is_expected() -> None:
    shown = {f"{name}/{verb}.py" for name in CATALOGUE for verb in ("chat", "stream", "embed")}

    assert {name for name in shown if (SNIPPETS / name).exists()} == set(EXPECTED)


@pytest.mark.parametrize("file", EXPECTED)
def test_a_guides_snippet_sends_exactly_this(
    file: str,
    cleared_environment: None,
    wire: MockedProviders,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, authentication, body = EXPECTED[file]
    for name, value in recipes.read(file.partition("/")[0]).items():
        monkeypatch.setenv(name, value)
    runpy.run_path(str(SNIPPETS / file))
    sent = [request for request in wire.requests if not request.url.endswith("/api/show")]

    assert [(request.method, request.url) for request in sent] == [("POST", url)]
    assert sent[0].json() == body
    names = {"authorization", "api-key", "x-api-key"} & set(sent[0].headers)
    assert {name: sent[0].headers[name] for name in names} == authentication
