"""The official clients, each made once for a module: a new one is a new TLS handshake."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import groq
import openai
import pytest


@pytest.fixture(scope="module")
def run_with() -> Iterator[Callable[..., Any]]:
    """Run an operation with a client class and its options; a stream gives a list."""
    clients: dict[str, Any] = {}

    async def in_loop(operation: Callable[[Any], Any], client: Any) -> Any:
        result = await operation(client)
        if isinstance(result, openai.AsyncStream | anthropic.AsyncStream | groq.AsyncStream):
            return [event async for event in result]
        return result

    with asyncio.Runner() as runner:

        def run(kind: type, operation: Callable[[Any], Any], options: dict[str, Any]) -> Any:
            key = f"{kind.__name__} {options}"
            if key not in clients:
                clients[key] = kind(**options)
            client = clients[key]
            if kind.__name__.startswith("Async"):
                return runner.run(in_loop(operation, client))
            result = operation(client)
            streams = (openai.Stream, anthropic.Stream, groq.Stream)
            return list(result) if isinstance(result, streams) else result

        yield run
        for client in clients.values():
            closing = client.close()
            if closing is not None:
                runner.run(closing)
