"""The official clients of the providers, and what they send: each with nobody to answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import anthropic
import groq
import httpx
import httpx2
import ollama
import openai
import pytest

from tests.client.test_every_prefix import source

MESSAGES = [{"role": "user", "content": "Hi"}]
KEY = "a-key-that-is-seen"
NOWHERE = "https://gateway.example"
# What no client asks for any more, and litellm's source still does.
OLD_PATHS = {"anthropic": r'"https://api\.anthropic\.com(/v1/complete)"'}

Operation = Callable[[Any], Any]
# The operations whose addresses readers paste, by the official client that asks for them.
COMPATIBLE: list[Operation] = [
    lambda sdk: sdk.chat.completions.create(model="m", messages=MESSAGES),
    lambda sdk: sdk.completions.create(model="m", prompt="Hi"),
    lambda sdk: sdk.embeddings.create(model="m", input=["Hi"]),
    lambda sdk: sdk.models.list(),
    lambda sdk: sdk.responses.create(model="m", input="Hi"),
]
ANTHROPIC: list[Operation] = [
    lambda sdk: sdk.messages.create(model="m", max_tokens=1, messages=MESSAGES),
    lambda sdk: sdk.models.list(),
]
OLLAMA: list[Operation] = [
    lambda sdk: sdk.chat("m", MESSAGES),
    lambda sdk: sdk.generate("m", "Hi"),
    lambda sdk: sdk.embed("m", ["Hi"]),
    lambda sdk: sdk.embeddings("m", "Hi"),
    lambda sdk: sdk.list(),
]


class Sent:
    """What a client sends, with nobody to answer. `http` is its httpx, or the one after that."""

    def __init__(self, http: Any = httpx) -> None:
        self.requests: list[Any] = []

        def refuse(request: Any) -> Any:
            self.requests.append(request)
            return http.Response(400, json={"error": {"message": "no"}})

        self.transport = http.MockTransport(refuse)
        self.client = http.Client(transport=self.transport)


def of_openai(address: str | None, key: str | None, sent: Sent) -> Any:
    return openai.OpenAI(base_url=address, api_key=key, max_retries=0, http_client=sent.client)


def of_azure(address: str | None, key: str | None, sent: Sent) -> Any:
    own = {"azure_endpoint": address} if address else {}
    options: dict[str, Any] = {"api_key": key, "max_retries": 0, "http_client": sent.client, **own}
    return openai.AzureOpenAI(**options)


def of_anthropic(address: str | None, key: str | None, sent: Sent) -> Any:
    client = Sent(httpx2)
    sent.requests = client.requests
    return anthropic.Anthropic(
        base_url=address, api_key=key, max_retries=0, http_client=client.client
    )


def of_groq(address: str | None, key: str | None, sent: Sent) -> Any:
    return groq.Groq(base_url=address, api_key=key, max_retries=0, http_client=sent.client)


def of_ollama(address: str | None, key: str | None, sent: Sent) -> Any:
    headers = {"authorization": f"Bearer {key}"} if key else None
    return ollama.Client(address, headers=headers, transport=sent.transport)


Maker = Callable[[str | None, str | None, Sent], Any]
# The official clients of a provider, below which path of its address, and their operations; those
# without a line are OpenAI's clients alone.
CLIENTS: dict[str, list[tuple[Maker, str, list[Operation]]]] = {
    "azure": [(of_azure, "", COMPATIBLE), (of_openai, "/openai/v1", COMPATIBLE)],
    "anthropic": [(of_anthropic, "", ANTHROPIC)],
    "ollama": [(of_ollama, "", OLLAMA), (of_openai, "/v1", COMPATIBLE[:-1])],
}
ANY_CLIENT: list[tuple[Maker, str, list[Operation]]] = [(of_openai, "", COMPATIBLE)]
# The clients that read the provider's own variables, and where their source is.
OWN_SDKS: dict[str, tuple[Maker, Any]] = {
    "openai": (of_openai, openai),
    "azure": (of_azure, openai),
    "anthropic": (of_anthropic, anthropic),
    "groq": (of_groq, groq),
    "ollama": (of_ollama, ollama),
}


def sent_by(make: Maker, operation: Operation, address: str | None, key: str | None) -> list[Any]:
    """What an official client sends for an operation."""
    sent = Sent()
    with suppress(Exception):
        operation(make(address, key, sent))
    return sent.requests


def asked(name: str) -> Iterator[str]:
    """The paths that the official clients ask for below an address, that of a chat first."""
    for make, below, operations in CLIENTS.get(name, ANY_CLIENT):
        for operation in operations:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("OPENAI_API_VERSION", "2024-10-21")
                [request] = sent_by(make, operation, f"{NOWHERE}{below}", KEY)
            yield request.url.path
    yield from re.findall(OLD_PATHS[name], source()) if name in OLD_PATHS else ()
