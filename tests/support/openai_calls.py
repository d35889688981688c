"""Requests in OpenAI's form, made with an official client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest

QUESTION: Any = {"role": "user", "content": "Which city has the oldest tram?"}
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "examples": ["Lyon, France"]}},
            "required": ["city"],
        },
    },
}

Operation = Callable[[Any], Any]
Ask = Callable[..., Any]


def asking(run_with: Ask, kind: type, **standard: Any) -> Ask:
    """Run operations with a client class and its options, any of which a call may change."""
    standard = {"max_retries": 0, **standard}
    return lambda operation, **options: run_with(kind, operation, {**standard, **options})


def chat_with(model: str, **arguments: Any) -> Operation:
    arguments = {"model": model, "messages": [QUESTION], **arguments}
    return lambda client: client.chat.completions.create(**arguments)


def embed_with(model: str, **arguments: Any) -> Operation:
    arguments = {"model": model, "input": "an old tram", **arguments}
    return lambda client: client.embeddings.create(**arguments)


def refused(
    ask: Ask, operation: Operation, kind: type[Exception] = openai.APIStatusError, **options: Any
) -> Any:
    """The SDK's exception for a refusal."""
    with pytest.raises(kind) as caught:
        ask(operation, **options)
    return caught.value
