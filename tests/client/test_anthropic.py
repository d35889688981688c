"""What the guide to Anthropic says of the client, in every kind of call."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest

from llmdocs import LLM
from llmdocs.errors import (
    AuthenticationError,
    NotFoundError,
    ProviderUnavailableError,
    QuotaError,
    RequestError,
    SettingsError,
)
from llmdocs.wire.faults import CREDIT_MESSAGE, ErrorAnswer
from llmdocs.wire.server import MockedProviders
from tests.client.test_client import CALLS as ALL_CALLS
from tests.client.test_client import Call, settings_of
from tests.client.test_tool_calling import QUESTION, RESULT, TOOL, Ask, every_ask, plain

CALLS = {name: call for name, call in ALL_CALLS.items() if "embed" not in name}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
# US dollars for a token, from Anthropic's price list.
ASKED, ANSWERED = 0.1e-6, 0.5e-6


def client(**changes: Any) -> LLM:
    return LLM(settings_of("anthropic", **changes), sleep=lambda _: None)


@every_call
def test_each_kind_of_call_costs_what_the_price_list_says(
    wire: MockedProviders, call: Call
) -> None:
    llm = client()
    call(llm)

    # The mock counts words: `Hello`, and `claude-haiku-5-5 (mocked) was asked: Hello`.
    assert (llm.usage.prompt_tokens, llm.usage.completion_tokens) == (1, 5)
    assert llm.usage.cost == pytest.approx(ASKED + 5 * ANSWERED)


@every_ask
def test_a_tool_is_called_and_told(wire: MockedProviders, ask: Ask) -> None:
    llm = client()
    called = plain(ask(llm, QUESTION))
    [call] = called["tool_calls"]
    told = {"role": "tool", "tool_call_id": call["id"], "content": RESULT}
    answer = plain(ask(llm, [*QUESTION, called, told]))

    assert json.loads(call["function"]["arguments"]) == {"city": "Paris"}
    assert [message["role"] for message in wire.requests[-1].json()["messages"]] == [
        "user",
        "assistant",
        "user",
    ]
    assert answer["content"].endswith(f"was told by the tool: {RESULT}")


def test_a_system_message_becomes_the_system_prompt(wire: MockedProviders) -> None:
    client().complete([{"role": "system", "content": "Be brief."}, *QUESTION])

    body = wire.requests[0].json()
    assert [block["text"] for block in body["system"]] == ["Be brief."]
    assert [message["role"] for message in body["messages"]] == ["user"]


def test_a_schema_is_asked_for_without_fetching_anything(
    wire: MockedProviders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """litellm would fetch a list of headers from another host: `wire` fails a test for that.

    It does so once in a process, and looks at the environment only then.
    """
    client().complete("Hello")
    headers = importlib.import_module("litellm.anthropic_beta_headers_manager")
    monkeypatch.setattr(headers, "_BETA_HEADERS_CONFIG", None)
    monkeypatch.delenv("LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS", raising=False)
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    }
    expected = {"type": "json_schema", "json_schema": {"name": "tram", "schema": schema}}

    answer = client().complete("Hello", response_format=expected)

    assert json.loads(answer.choices[0].message.content) == {"city": "text"}


@every_call
def test_an_address_with_v1_is_not_found(wire: MockedProviders, call: Call) -> None:
    with pytest.raises(NotFoundError, match="answered HTTP 404: Not Found"):
        call(client(base_url="https://api.anthropic.com/v1"))

    assert wire.requests[0].url == "https://api.anthropic.com/v1/v1/messages"


@pytest.mark.parametrize("name", ["embed", "aembed"])
@pytest.mark.parametrize("model", [None, "openai/text-embedding-3-small"])
def test_there_are_no_embeddings(wire: MockedProviders, name: str, model: str | None) -> None:
    llm = client(embedding_model=model)

    with pytest.raises(
        SettingsError,
        match=r"^Anthropic has no embeddings, and LLM_EMBEDDING_MODEL cannot be a model of another",
    ):
        ALL_CALLS[name](llm)

    assert wire.requests == []


@every_call
def test_a_wrong_key_is_an_authentication_error(wire: MockedProviders, call: Call) -> None:
    with pytest.raises(AuthenticationError, match="answered HTTP 401: invalid x-api-key"):
        call(client(api_key="wrong"))

    assert len(wire.requests) == 1


@every_call
def test_an_unknown_model_is_named_in_anthropics_words(wire: MockedProviders, call: Call) -> None:
    with pytest.raises(NotFoundError) as caught:
        call(client(model="anthropic/claude-9"))

    assert caught.value.provider_message == "model: claude-9"


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, CREDIT_MESSAGE),
        (400, "You have reached your specified API usage limits. You will regain access soon."),
        (402, "Payment required"),
    ],
)
@every_call
def test_a_used_up_credit_is_a_quota_error_without_a_retry(
    wire: MockedProviders, call: Call, status: int, message: str
) -> None:
    wire.faults[:] = [ErrorAnswer(status, message=message)]

    with pytest.raises(QuotaError) as caught:
        call(client())

    assert (caught.value.status, caught.value.provider_message) == (status, message)
    assert len(wire.requests) == 1


@every_call
def test_an_overload_is_retried(wire: MockedProviders, call: Call) -> None:
    wire.faults[:] = [ErrorAnswer(529)] * 3
    llm = client(num_retries=2)

    with pytest.raises(ProviderUnavailableError, match="answered HTTP 529: Overloaded"):
        call(llm)

    assert llm.usage.retries == 2


@pytest.mark.parametrize("option", ["temperature", "top_p"])
def test_an_option_that_the_model_does_not_take_is_refused_before_anything_is_sent(
    wire: MockedProviders, option: str
) -> None:
    with pytest.raises(RequestError, match=f"does not support the option {option} of this call"):
        client().complete("Hello", **{option: 0.5})

    assert wire.requests == []


def test_a_limit_of_the_callers_own_is_sent(wire: MockedProviders) -> None:
    client().complete("Hello", max_tokens=7)

    assert wire.requests[0].json()["max_tokens"] == 7


def test_an_answer_that_was_begun_is_not_continued(wire: MockedProviders) -> None:
    with pytest.raises(RequestError, match="does not support assistant message prefill"):
        client().complete([*QUESTION, {"role": "assistant", "content": "It is"}])


def test_the_tools_reach_anthropic_in_its_own_form(wire: MockedProviders) -> None:
    client().complete(QUESTION, tools=[TOOL], tool_choice="required")

    body = wire.requests[0].json()
    function: Any = TOOL["function"]
    assert body["tools"][0]["input_schema"] == function["parameters"]
    assert body["tool_choice"] == {"type": "any"}
