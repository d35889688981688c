"""Tool calls, at every provider and in every kind of completion."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from llmdocs import LLM
from llmdocs.errors import RequestError
from llmdocs.wire.accounts import Account, Model
from llmdocs.wire.server import MockedProviders
from tests.client.test_client import (
    every_provider,
    every_provider_and_call,
    sent,
    settings_of,
)
from tests.support.provider_groups import dialect

TOOL = {
    "type": "function",
    "function": {
        "name": "temperature",
        "description": "The temperature in a city now.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "examples": ["Paris"]}},
            "required": ["city"],
        },
    },
}
QUESTION = [{"role": "user", "content": "How warm is it in Paris?"}]
RESULT = "21 °C in Paris"

# A message of the model, and a function that asks for one.
Message = Any
Ask = Callable[[LLM, list[Any]], Message]


def _complete(llm: LLM, messages: list[Any]) -> Message:
    return llm.complete(messages, tools=[TOOL]).choices[0].message


def _acomplete(llm: LLM, messages: list[Any]) -> Message:
    return asyncio.run(llm.acomplete(messages, tools=[TOOL])).choices[0].message


def _stream(llm: LLM, messages: list[Any]) -> Message:
    return put_together(llm.stream(messages, tools=[TOOL]))


def _astream(llm: LLM, messages: list[Any]) -> Message:
    async def collected() -> list[Any]:
        return [chunk async for chunk in llm.astream(messages, tools=[TOOL])]

    return put_together(asyncio.run(collected()))


def put_together(chunks: Iterable[Any]) -> Message:
    """The message whose pieces a stream has sent, as the guide puts it together."""
    text, calls = "", list[dict[str, Any]]()
    for chunk in chunks:
        delta = chunk.choices[0].delta if chunk.choices else None
        text += (delta and delta.content) or ""
        for piece in (delta and delta.tool_calls) or []:
            if piece.id:
                function = {"name": piece.function.name, "arguments": ""}
                calls.append({"id": piece.id, "type": "function", "function": function})
            calls[-1]["function"]["arguments"] += piece.function.arguments or ""
    said = {"content": text} if text else {"tool_calls": calls}
    return {"role": "assistant", **said}


def plain(message: Message) -> dict[str, Any]:
    return message if isinstance(message, dict) else message.model_dump()


ASKS: dict[str, Ask] = {
    "complete": _complete,
    "acomplete": _acomplete,
    "stream": _stream,
    "astream": _astream,
}

every_ask = pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
every_provider_and_ask = every_provider_and_call(ASKS, parameter="ask")


@every_provider_and_ask
def test_a_tool_call_comes_back_with_its_name_and_arguments(
    wire: MockedProviders, provider: str, ask: Ask
) -> None:
    (call,) = plain(ask(LLM(settings_of(provider)), QUESTION))["tool_calls"]

    assert call["id"]
    assert call["function"]["name"] == "temperature"
    assert json.loads(call["function"]["arguments"]) == {"city": "Paris"}


@every_provider_and_ask
def test_the_second_request_of_a_round_trip_holds_the_result(
    wire: MockedProviders, provider: str, ask: Ask
) -> None:
    llm = LLM(settings_of(provider))

    called = ask(llm, QUESTION)
    (call,) = plain(called)["tool_calls"]
    result = {"role": "tool", "tool_call_id": call["id"], "content": RESULT}
    answer = ask(llm, [*QUESTION, called, result])

    assert sent(wire) == 2
    assert plain(answer)["content"].endswith(f"was told by the tool: {RESULT}")
    asked, called_at_wire, told = wire.requests[-1].json()["messages"]
    if dialect(provider) == "anthropic":
        assert asked["content"] == [{"type": "text", "text": QUESTION[0]["content"]}]
        assert [made["name"] for made in called_at_wire["content"]] == ["temperature"]
        [result] = told["content"]
        assert (result["type"], result["tool_use_id"]) == ("tool_result", call["id"])
    else:
        assert asked["content"] == QUESTION[0]["content"]
        made = [made["function"]["name"] for made in called_at_wire["tool_calls"]]
        assert made == ["temperature"]
        assert (told["role"], told["tool_call_id"], told["content"]) == ("tool", call["id"], RESULT)


@every_provider
def test_tool_choice_is_sent_except_to_ollama(wire: MockedProviders, provider: str) -> None:
    """litellm leaves it out there: the guide says so."""
    LLM(settings_of(provider)).complete(QUESTION, tools=[TOOL], tool_choice="required")

    expected = {"ollama": None, "anthropic": {"type": "any"}}.get(dialect(provider), "required")
    assert wire.requests[-1].json().get("tool_choice") == expected


@every_ask
def test_ollama_refuses_tools_for_a_model_that_calls_none(ask: Ask) -> None:
    account = Account(served={"gemma2": Model("gemma2", "chat")})
    with MockedProviders({"ollama": account}) as own:
        settings = settings_of("ollama", model="ollama_chat/gemma2", base_url=f"{own.url}/ollama")

        with pytest.raises(RequestError, match="does not support tools") as caught:
            ask(LLM(settings), QUESTION)

    assert caught.value.status == 400
