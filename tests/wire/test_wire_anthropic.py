"""The mocked Anthropic is believed because Anthropic's own SDK, unchanged, accepts what it says."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable
from typing import Any, get_args, get_type_hints

import anthropic
import httpx
import pytest
from anthropic import Anthropic, AsyncAnthropic, types
from anthropic.types import message_create_params
from pydantic import BaseModel, TypeAdapter
from starlette.testclient import TestClient

from llmdocs.wire.accounts import Account, Model
from llmdocs.wire.anthropic import models
from llmdocs.wire.anthropic.api import application
from llmdocs.wire.server import MockedProviders

URL = "https://api.anthropic.com"
KEY = "your-anthropic-api-key"
CHAT = "claude-haiku-5-5"
OLDER = "claude-haiku-4-5"
HEADERS = {"x-api-key": KEY, "anthropic-version": "2023-06-01"}
QUESTION: Any = {"role": "user", "content": "Which city has the oldest tram?"}
SAID = f"{CHAT} (mocked) was asked: Which city has the oldest tram?"
WEATHER: Any = {
    "name": "get_weather",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string", "examples": ["Lyon, France"]}},
        "required": ["city"],
    },
}
TIME: Any = {"name": "get_time", "input_schema": {"type": "object"}}
TOOL_USE: Any = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {}}
ASKS_FOR_TOOL: Any = {"role": "assistant", "content": [TOOL_USE]}
TOOL_RESULT: Any = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "Rain."}

Ask = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("wire")


@pytest.fixture(autouse=True)
def _without_own_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK reads variables of its own, which a developer may have set."""
    for name in os.environ:
        if name.startswith("ANTHROPIC_"):
            monkeypatch.delenv(name)


@pytest.fixture(params=["sync", "async"])
def ask(request: pytest.FixtureRequest, run_with: Ask) -> Ask:
    """Run an operation with the plain or the asynchronous client; a stream gives a list."""
    kind = {"sync": Anthropic, "async": AsyncAnthropic}[request.param]
    standard = {"api_key": KEY, "base_url": URL, "max_retries": 0}
    return lambda operation, **options: run_with(kind, operation, {**standard, **options})


def chat(**arguments: Any) -> Callable[[Any], Any]:
    arguments = {"model": CHAT, "max_tokens": 1000, "messages": [QUESTION], **arguments}
    return lambda client: client.messages.create(**arguments)


def raw(body: Any, **headers: str) -> httpx.Response:
    return httpx.post(f"{URL}/v1/messages", json=body, headers={**HEADERS, **headers})


def body_with(**changes: Any) -> dict[str, Any]:
    return {"model": CHAT, "max_tokens": 1000, "messages": [QUESTION], **changes}


def refused(ask: Ask, operation: Callable[[Any], Any], **options: Any) -> anthropic.APIStatusError:
    with pytest.raises(anthropic.APIStatusError) as caught:
        ask(operation, **options)
    return caught.value


def assert_refused(
    error: anthropic.APIStatusError, kind: type[anthropic.APIStatusError], type_: str, message: str
) -> None:
    assert type(error) is kind
    assert (error.type, error.api_message) == (type_, message)
    assert error.request_id
    assert error.response.json() == {
        "type": "error",
        "error": {"type": type_, "message": message},
        "request_id": error.request_id,
    }


class TestMessages:
    def test_an_answer_says_what_was_asked(self, ask: Ask) -> None:
        answer = ask(chat())

        assert [(block.type, block.text) for block in answer.content] == [("text", SAID)]
        assert (answer.role, answer.model, answer.stop_reason) == ("assistant", CHAT, "end_turn")
        assert answer._request_id

    def test_the_same_request_has_the_same_answer(self, ask: Ask) -> None:
        assert ask(chat()) == ask(chat())

    def test_usage_counts_the_system_prompt_too(self, ask: Ask) -> None:
        alone, told = ask(chat()).usage, ask(chat(system="Be brief.")).usage

        assert (alone.input_tokens, alone.output_tokens) == (6, 10)
        assert (told.input_tokens, told.output_tokens) == (8, 10)

    def test_the_key_arrives_as_a_bearer_token(self, ask: Ask, wire: MockedProviders) -> None:
        ask(chat())

        [request] = wire.requests
        assert (request.provider, request.url) == ("anthropic", f"{URL}/v1/messages")
        assert request.headers["authorization"] == f"Bearer {KEY}"

    def test_content_may_be_a_list_of_blocks(self, ask: Ask) -> None:
        blocks = [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]

        answer = ask(chat(messages=[{"role": "user", "content": blocks}]))

        assert answer.content[0].text.endswith("was asked: one two")

    def test_a_conversation_goes_on(self, ask: Ask) -> None:
        first = ask(chat())

        answer = ask(
            chat(
                messages=[
                    QUESTION,
                    {"role": "assistant", "content": first.content},
                    {"role": "user", "content": "Really?"},
                ]
            )
        )

        assert answer.content[0].text.endswith("was asked: Really?")

    def test_a_limit_of_tokens_cuts_the_answer(self, ask: Ask) -> None:
        answer = ask(chat(max_tokens=2))

        assert answer.content[0].text == f"{CHAT} (mocked)"
        assert answer.stop_reason == "max_tokens"
        assert answer.usage.output_tokens == 2

    def test_no_tokens_at_all_only_fill_the_cache(self, ask: Ask) -> None:
        assert ask(chat(max_tokens=0)).content == []

    def test_a_schema_from_pydantic_is_kept(self, ask: Ask) -> None:
        class Tram(BaseModel):
            city: str
            line: int

        answer = ask(
            lambda client: client.messages.parse(
                model=CHAT, max_tokens=1000, messages=[QUESTION], output_format=Tram
            )
        )

        assert answer.parsed_output == Tram(city="text", line=0)

    def test_the_former_name_of_the_format_needs_its_beta(self) -> None:
        schema = {"type": "object", "properties": {"city": {"type": "string"}}}
        body = body_with(output_format={"type": "json_schema", "schema": schema})

        without = raw(body)
        answer = raw(body, **{"anthropic-beta": "structured-outputs-2025-11-13"})

        assert without.json()["error"]["message"] == "output_format: Extra inputs are not permitted"
        assert json.loads(answer.json()["content"][0]["text"]) == {"city": "text"}

    def test_every_field_is_one_the_sdk_requires_or_knows(self) -> None:
        answer = types.Message.model_validate_json(raw(body_with()).text, strict=True)

        assert not answer.model_extra
        assert not answer.content[0].model_extra
        assert not answer.usage.model_extra

    def test_tokens_are_counted_as_an_answer_counts_them(self, ask: Ask) -> None:
        count = ask(lambda client: client.messages.count_tokens(model=CHAT, messages=[QUESTION]))

        assert count.input_tokens == ask(chat()).usage.input_tokens


class TestStream:
    def test_the_pieces_join_to_the_whole_answer(self, ask: Ask) -> None:
        deltas = [event.delta for event in ask(chat(stream=True)) if "block_delta" in event.type]

        assert "".join(delta.text for delta in deltas) == SAID
        assert len(deltas) > 1

    def test_events_come_in_the_documented_order(self, ask: Ask) -> None:
        names = [event.type for event in ask(chat(stream=True, max_tokens=1))]

        # The SDK keeps the ping to itself.
        assert names == [
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop",
        ]

    def test_the_tokens_of_the_prompt_come_first_and_those_of_the_answer_last(
        self, ask: Ask
    ) -> None:
        first, *_, last_but_one, _ = ask(chat(stream=True))

        assert first.message.usage.input_tokens == 6
        assert last_but_one.usage.output_tokens == 10
        assert last_but_one.delta.stop_reason == "end_turn"

    def test_the_sdk_puts_a_stream_together_to_the_same_answer(self, ask: Ask) -> None:
        with Anthropic(api_key=KEY).messages.stream(
            model=CHAT, max_tokens=1000, messages=[QUESTION], tools=[WEATHER]
        ) as stream:
            streamed = stream.get_final_message()
        whole = ask(chat(tools=[WEATHER]))

        assert streamed.content[0].to_dict() == whole.content[0].to_dict()
        assert (streamed.id, streamed.stop_reason) == (whole.id, "tool_use")
        assert streamed.usage.output_tokens == whole.usage.output_tokens

    def test_each_event_is_named_and_none_says_done(self) -> None:
        response = raw(body_with(stream=True))

        *events, end = response.text.split("\n\n")
        assert response.headers["content-type"].startswith("text/event-stream")
        assert end == ""
        adapter: TypeAdapter[Any] = TypeAdapter(types.RawMessageStreamEvent)
        kinds = set()
        for event in events:
            name, data = event.split("\n")
            document = json.loads(data.removeprefix("data: "))
            assert name == f"event: {document['type']}"
            kinds.add(document["type"])
            if document["type"] != "ping":
                adapter.validate_json(data.removeprefix("data: "), strict=True)
        assert "ping" in kinds

    def test_a_refusal_comes_with_its_status_before_the_stream(self, ask: Ask) -> None:
        error = refused(ask, chat(model="claude-9", stream=True))

        assert type(error) is anthropic.NotFoundError


class TestTools:
    def test_a_question_with_tools_is_answered_by_a_call_of_the_first(self, ask: Ask) -> None:
        answer = ask(chat(tools=[WEATHER, TIME]))

        [call] = answer.content
        assert (call.type, call.name, call.input) == (
            "tool_use",
            "get_weather",
            {"city": "Lyon, France"},
        )
        assert answer.stop_reason == "tool_use"
        assert call.id.startswith("toolu_")

    def test_a_tools_result_is_answered_in_words(self, ask: Ask) -> None:
        first = ask(chat(tools=[WEATHER]))
        result = {"type": "tool_result", "tool_use_id": first.content[0].id, "content": "Rain."}

        answer = ask(
            chat(
                tools=[WEATHER],
                messages=[
                    QUESTION,
                    {"role": "assistant", "content": first.content},
                    {"role": "user", "content": [result]},
                ],
            )
        )

        assert answer.content[0].text == f"{CHAT} (mocked) was told by the tool: Rain."

    def test_a_result_may_be_blocks_and_text_may_follow_it(self, ask: Ask) -> None:
        result = {**TOOL_RESULT, "content": [{"type": "text", "text": "Rain."}]}
        said = [result, {"type": "text", "text": "And tomorrow?"}]

        answer = ask(chat(messages=[QUESTION, ASKS_FOR_TOOL, {"role": "user", "content": said}]))

        assert answer.content[0].text.endswith("was told by the tool: Rain. And tomorrow?")

    @pytest.mark.parametrize(
        ("choice", "called"),
        [
            ({"type": "auto"}, "get_weather"),
            ({"type": "any"}, "get_weather"),
            ({"type": "tool", "name": "get_time"}, "get_time"),
            ({"type": "none"}, None),
        ],
    )
    def test_a_choice_is_obeyed(self, ask: Ask, choice: Any, called: str | None) -> None:
        [block] = ask(chat(tools=[WEATHER, TIME], tool_choice=choice)).content

        assert getattr(block, "name", None) == called

    @pytest.mark.parametrize(
        ("choice", "kind"), [({"type": "auto"}, "text"), ({"type": "any"}, "tool_use")]
    )
    def test_a_tool_that_must_be_called_is_called_after_a_result_too(
        self, ask: Ask, choice: Any, kind: str
    ) -> None:
        messages = [QUESTION, ASKS_FOR_TOOL, {"role": "user", "content": [TOOL_RESULT]}]

        [block] = ask(chat(tools=[WEATHER], tool_choice=choice, messages=messages)).content

        assert block.type == kind

    def test_a_call_streams_its_arguments_in_pieces(self, ask: Ask) -> None:
        events = ask(chat(tools=[WEATHER], stream=True))

        [start] = [event for event in events if event.type == "content_block_start"]
        pieces = [e.delta.partial_json for e in events if e.type == "content_block_delta"]
        assert (start.content_block.name, start.content_block.input) == ("get_weather", {})
        assert json.loads("".join(pieces)) == {"city": "Lyon, France"}

    def test_anthropics_own_tools_are_taken_and_not_called(self, ask: Ask) -> None:
        answer = ask(chat(tools=[{"type": "web_search_20260318", "name": "web_search"}]))

        assert answer.content[0].text == SAID


class TestModels:
    def test_the_accounts_models_are_listed(self, ask: Ask) -> None:
        page = ask(lambda client: client.models.list())

        assert [model.id for model in page.data] == [CHAT]
        assert not page.has_next_page()

    def test_a_model_is_described(self, ask: Ask) -> None:
        model = ask(lambda client: client.models.retrieve(CHAT))

        assert (model.id, model.type, model.lifecycle) == (CHAT, "model", "active")
        assert model.created_at.year == 2026

    def test_a_model_has_the_figures_of_its_page(self, ask: Ask) -> None:
        """platform.claude.com, Claude Haiku 5.5: its context, its output, its kinds of thinking."""
        model = ask(lambda client: client.models.retrieve(CHAT))

        assert (model.display_name, model.line) == ("Claude Haiku 5.5", "haiku")
        assert (model.max_input_tokens, model.max_tokens) == (1_000_000, 128_000)
        thinking = model.capabilities.thinking.types
        assert (thinking.adaptive.supported, thinking.enabled.supported) == (True, False)

    def test_an_older_model_has_its_own_figures(self) -> None:
        """simonw/llm-anthropic#72"""
        name = "claude-haiku-4-5-20251001"
        account = Account(served={name: Model(name, "chat")})
        model = TestClient(application(account)).get(f"/v1/models/{name}", headers=HEADERS)

        described = types.ModelInfo.model_validate(model.json())
        assert described.display_name == "Claude Haiku 4.5"
        assert (described.max_input_tokens, described.max_tokens) == (200_000, 64_000)

    def test_a_model_has_each_field_that_the_official_package_knows(self) -> None:
        """The package fills in what a response lacks, so that its own objects do not tell."""
        answer = httpx.get(f"{URL}/v1/models/{CHAT}", headers=HEADERS).json()

        assert answer.keys() == types.ModelInfo.model_fields.keys()
        assert answer["capabilities"].keys() == types.ModelCapabilities.model_fields.keys()

    def test_a_model_that_is_unknown_is_not_found(self, ask: Ask) -> None:
        error = refused(ask, lambda client: client.models.retrieve("claude-9"))

        assert_refused(error, anthropic.NotFoundError, "not_found_error", "model: claude-9")


class TestRefusedHeaders:
    def test_a_wrong_key(self, ask: Ask) -> None:
        error = refused(ask, chat(), api_key="wrong")

        assert_refused(
            error, anthropic.AuthenticationError, "authentication_error", "Invalid bearer token"
        )

    def test_a_wrong_key_in_a_header_of_its_own(self, ask: Ask) -> None:
        error = refused(ask, chat(), default_headers={"x-api-key": "wrong"})

        assert_refused(
            error, anthropic.AuthenticationError, "authentication_error", "invalid x-api-key"
        )

    @pytest.mark.parametrize(
        ("headers", "status", "message"),
        [
            ({"anthropic-version": "2023-06-01"}, 401, "x-api-key header is required"),
            ({"x-api-key": ""}, 401, "x-api-key header is required"),
            ({"authorization": f"Basic {KEY}"}, 401, "x-api-key header is required"),
            ({"x-api-key": KEY}, 400, "anthropic-version: header is required"),
            (
                {"x-api-key": KEY, "anthropic-version": "2020-01-01"},
                400,
                'anthropic-version: "2020-01-01" is not a valid version',
            ),
        ],
    )
    @pytest.mark.parametrize(
        ("method", "path"), [("POST", "messages"), ("GET", "models"), ("GET", f"models/{CHAT}")]
    )
    def test_a_missing_header(
        self, headers: dict[str, str], status: int, message: str, method: str, path: str
    ) -> None:
        body = body_with() if method == "POST" else None
        answer = httpx.request(method, f"{URL}/v1/{path}", json=body, headers=headers)

        assert (answer.status_code, answer.json()["error"]["message"]) == (status, message)
        assert answer.headers["request-id"] == answer.json()["request_id"]

    def test_the_log_says_which_key_would_do(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.WARNING, logger="llmdocs.wire"):
            raw(body_with(), **{"x-api-key": "wrong"})

        assert f"LLM_API_KEY is {KEY}, sent in x-api-key or" in caplog.text

    @pytest.mark.parametrize("path", ["/v1/v1/messages", "/messages", "/", "/v1/embeddings"])
    def test_a_path_that_does_not_exist(self, path: str) -> None:
        answer = httpx.post(f"{URL}{path}", json=body_with(), headers=HEADERS)

        assert answer.status_code == 404
        assert answer.json()["error"] == {"type": "not_found_error", "message": "Not Found"}

    def test_a_method_that_a_path_does_not_have(self) -> None:
        answer = httpx.get(f"{URL}/v1/messages", headers=HEADERS)

        assert (answer.status_code, answer.json()) == (405, {"detail": "Method Not Allowed"})


NESTED = {"type": "text", "text": "deep"}
DOCUMENT = {"type": "document", "source": {"type": "text", "data": "A tram."}}
FOREIGN_TOOL = {"type": "function", "function": {"name": "get_weather"}}

# For each body what is wrong with it, in Anthropic's words.
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"max_tokens": None}, "max_tokens: Input should be a valid integer"),
    ({"max_tokens": "9"}, "max_tokens: Input should be a valid integer"),
    ({"max_tokens": True}, "max_tokens: Input should be a valid integer"),
    ({"max_tokens": -1}, "max_tokens: Input should be greater than or equal to 0"),
    (
        {"max_tokens": 128_001},
        "max_tokens: 128001 > 128000, which is the maximum allowed number of output tokens for "
        "claude-haiku-5-5",
    ),
    ({"model": ""}, "model: String should have at least 1 character"),
    ({"model": 5}, "model: Input should be a valid string"),
    ({"stream": "yes"}, "stream: Input should be a valid boolean"),
    ({"stop_sequences": "END"}, "stop_sequences: Input should be a valid list"),
    ({"stop_sequences": [5]}, "stop_sequences.0: Input should be a valid string"),
    ({"response_format": {}}, "response_format: Extra inputs are not permitted"),
    ({"temperature": 1}, "temperature: Extra inputs are not permitted"),
    ({"top_p": 0.5}, "top_p: Extra inputs are not permitted"),
    ({"top_k": 5}, "top_k: Extra inputs are not permitted"),
    (
        {"messages": [QUESTION, {"role": "assistant", "content": [NESTED, DOCUMENT]}, QUESTION]},
        "messages.1.content.1: `document` blocks are not permitted in `assistant` messages",
    ),
    (
        {"messages": [{"role": "user", "content": [{**NESTED, "citations": [{}]}]}]},
        "messages.0.content.0.text.citations: Extra inputs are not permitted",
    ),
    ({"messages": []}, "messages: at least one message is required"),
    ({"messages": "Hello"}, "messages: Input should be a valid list"),
    (
        {"messages": ["Hello"]},
        "messages.0: Input should be a valid dictionary or object to extract fields from",
    ),
    ({"messages": [{"role": "user"}]}, "messages.0.content: Field required"),
    ({"messages": [{"content": "Hello"}]}, "messages.0.role: Field required"),
    (
        {"messages": [{**QUESTION, "name": "Ada"}]},
        "messages.0.name: Extra inputs are not permitted",
    ),
    (
        {"messages": [{"role": "user", "content": 5}]},
        "messages.0.content: Input should be a valid list",
    ),
    (
        {"messages": [{"role": "user", "content": ""}]},
        "messages.0: all messages must have non-empty content except for the optional final "
        "assistant message",
    ),
    (
        {"messages": [QUESTION, {"role": "assistant", "content": []}, QUESTION]},
        "messages.1: all messages must have non-empty content except for the optional final "
        "assistant message",
    ),
    (
        {"messages": [{"role": "user", "content": [NESTED, {**NESTED, "text": ""}]}]},
        "messages: text content blocks must be non-empty",
    ),
    (
        {"messages": [{"role": "user", "content": " \n"}]},
        "messages: text content blocks must contain non-whitespace text",
    ),
    (
        {"messages": [{"role": "user", "content": [{**NESTED, "text": None}]}]},
        "messages.0.content.0.text.text: Input should be a valid string",
    ),
    (
        {"messages": [{"role": "tool", "content": "Rain."}]},
        'messages: Unexpected role "tool". Allowed roles are "user" or "assistant". For '
        "instructions on how to use tools, see https://docs.anthropic.com/en/docs/tool-use",
    ),
    (
        {"messages": [QUESTION, {"role": "assistant", "content": "The oldest is"}]},
        "This model does not support assistant message prefill. The conversation must end with a "
        "user message.",
    ),
    (
        {"messages": [QUESTION, ASKS_FOR_TOOL, QUESTION]},
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: "
        "toolu_1. Each `tool_use` block must have a corresponding `tool_result` block in the next "
        "message.",
    ),
    (
        {"messages": [QUESTION, QUESTION, {"role": "user", "content": [NESTED, TOOL_RESULT]}]},
        "messages.2.content.1: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1. "
        "Each `tool_result` block must have a corresponding `tool_use` block in the previous "
        "message.",
    ),
    ({"system": ""}, "system: text content blocks must be non-empty"),
    ({"system": {"text": "Be brief."}}, "system: Input should be a valid list"),
    ({"tools": [{"name": "get_time"}]}, "tools.0.custom.input_schema: Field required"),
    (
        {"tools": [{**TIME, "input_schema": {}}]},
        "tools.0.custom.input_schema.type: Field required",
    ),
    (
        {"tools": [{**TIME, "input_schema": {"type": "array"}}]},
        "tools.0.custom.input_schema.type: Input should be 'object'",
    ),
    (
        {"tools": [TIME, {**WEATHER, "name": "get.weather"}]},
        "tools.1.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
    ),
    ({"tools": [TIME, TIME]}, "tools: Tool names must be unique."),
    (
        {"tools": [{**TIME, "input_schema": {"type": "object", "properties": {"a": 5}}}]},
        "tools.0.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft "
        "2020-12 (https://json-schema.org/draft/2020-12). Learn more about tool use at "
        "https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview.",
    ),
    (
        {"tools": [{**TIME, "input_schema": {"type": "object", "anyOf": [{}]}}]},
        "tools.0.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the "
        "top level",
    ),
    (
        {"tool_choice": {"type": "any"}},
        "tool_choice.any may only be specified while providing tools",
    ),
    (
        {"tools": [TIME], "tool_choice": {"type": "tool", "name": "get_weather"}},
        "Tool 'get_weather' not found in provided tools",
    ),
    (
        {"tools": [TIME], "tool_choice": "auto"},
        "tool_choice: Input should be a valid dictionary or object to extract fields from",
    ),
    (
        {"thinking": {"type": "enabled", "budget_tokens": 1000}},
        "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
    ),
    (
        {"thinking": {"type": "enabled", "budget_tokens": 2000}},
        "`max_tokens` must be greater than `thinking.budget_tokens`.",
    ),
]


class TestRefusedBodies:
    @pytest.mark.parametrize(("changes", "message"), WRONG)
    def test_a_wrong_body_is_a_bad_request(
        self, ask: Ask, changes: dict[str, Any], message: str
    ) -> None:
        """Sent by the SDK's way for what its typed methods would not send."""
        error = refused(
            ask,
            lambda client: client.post("/v1/messages", body=body_with(**changes), cast_to=object),
        )

        assert_refused(error, anthropic.BadRequestError, "invalid_request_error", message)

    @pytest.mark.parametrize("name", ["model", "messages", "max_tokens"])
    def test_what_is_missing_is_named(self, name: str) -> None:
        body = body_with()
        del body[name]

        answer = raw(body)

        assert answer.status_code == 400
        assert answer.json()["error"]["message"] == f"{name}: Field required"

    @pytest.mark.parametrize(
        ("changes", "start"),
        [
            ({"tools": [FOREIGN_TOOL]}, "tools.0: Input tag 'function' found using 'type' "),
            (
                {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
                "messages.0.content.0: Input tag 'image_url' found using 'type' ",
            ),
        ],
    )
    def test_the_parts_of_another_api_are_refused(
        self, changes: dict[str, Any], start: str
    ) -> None:
        message = raw(body_with(**changes)).json()["error"]["message"]

        assert message.startswith(f"{start}does not match any of the expected tags: ")

    @pytest.mark.parametrize("name", ["temperature", "top_p", "top_k"])
    def test_the_former_version_takes_no_sampling_for_newer_models(self, name: str) -> None:
        message = raw(body_with(**{name: 0.5 if name != "top_k" else 5})).json()["error"]["message"]

        assert message == f"`{name}` is deprecated for this model."

    @pytest.mark.parametrize(
        "changes",
        [
            {"temperature": 1},
            {"messages": [{"role": "user", "content": [{**NESTED, "citations": [{}]}]}]},
            {"messages": [QUESTION, {"role": "assistant", "content": [DOCUMENT]}, QUESTION]},
        ],
    )
    def test_the_former_version_takes_what_the_newer_one_does_not(
        self, changes: dict[str, Any]
    ) -> None:
        assert raw(body_with(**changes)).status_code == 200

    def test_an_unknown_model(self, ask: Ask) -> None:
        error = refused(ask, chat(model="claude-9"))

        assert_refused(error, anthropic.NotFoundError, "not_found_error", "model: claude-9")

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"model=x",
            b'{"max_tokens": NaN}',
            b'{"model": "\\ud800"}',
            b"\xff",
            b'{"a":' * 5000,
            b'{"messages":' + b"[" * 500 + b"]" * 500 + b"}",
        ],
    )
    def test_what_is_not_json(self, content: bytes) -> None:
        answer = httpx.post(f"{URL}/v1/messages", content=content, headers=HEADERS)

        assert answer.status_code == 400
        said = answer.json()["error"]["message"]
        assert said.startswith("The request body is not valid JSON: ")

    @pytest.mark.parametrize("content", [b"[]", b'"text"', b"null", b"5"])
    def test_json_that_is_no_object(self, content: bytes) -> None:
        answer = httpx.post(f"{URL}/v1/messages", content=content, headers=HEADERS)

        assert answer.status_code == 400
        assert answer.json()["error"]["message"] == "Input should be a valid dictionary"

    def test_a_count_of_tokens_refuses_what_an_answer_refuses(self, ask: Ask) -> None:
        error = refused(ask, lambda client: client.messages.count_tokens(model=CHAT, messages=[]))

        assert_refused(
            error,
            anthropic.BadRequestError,
            "invalid_request_error",
            "messages: at least one message is required",
        )


class TestOlderModels:
    """What an older model takes and a newer one does not, and the other way round."""

    @pytest.mark.parametrize(
        "changes",
        [
            {"temperature": 0.5, "top_k": 5},
            {"messages": [QUESTION, {"role": "assistant", "content": "The oldest is"}]},
            {"messages": [QUESTION, {"role": "assistant", "content": ""}]},
        ],
    )
    def test_it_takes(self, changes: dict[str, Any]) -> None:
        assert asyncio.run(ask_older(body_with(**changes))).status_code == 200

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"temperature": 1.2}, "temperature: range: 0..1"),
            ({"temperature": None}, "temperature: Input should be a valid number"),
            ({"top_p": -1}, "top_p: range: 0..1"),
            (
                {"max_tokens": 64_001},
                "max_tokens: 64001 > 64000, which is the maximum allowed number of output tokens "
                "for claude-haiku-4-5",
            ),
            (
                {"messages": [{"role": "system", "content": "Be brief."}, QUESTION]},
                'messages: Unexpected role "system". The Messages API accepts a top-level `system` '
                'parameter, not "system" as an input message role.',
            ),
        ],
    )
    def test_it_refuses(self, changes: dict[str, Any], message: str) -> None:
        answer = asyncio.run(ask_older(body_with(**changes)))

        assert answer.status_code == 400
        assert answer.json()["error"]["message"] == message

    def test_a_newer_one_takes_system_messages(self, ask: Ask) -> None:
        system = {"role": "system", "content": "Be brief."}

        assert ask(chat(messages=[QUESTION, system, QUESTION])).content[0].text == SAID


async def ask_older(body: dict[str, Any]) -> httpx.Response:
    """Ask an account's older model, without a network."""
    transport = httpx.ASGITransport(application(Account(served={OLDER: Model(OLDER, "chat")})))
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        return await client.post("/v1/messages", json={**body, "model": OLDER}, headers=HEADERS)


class TestKnownToTheSdk:
    """The lists of the mock are those of the SDK: a new version of it shows what is missing."""

    def test_parameters(self) -> None:
        sent = get_type_hints(message_create_params.MessageCreateParamsBase).keys() | {"stream"}
        # They travel as headers.
        sent -= {"user_profile_id", "workspace_id"}
        # litellm sends the first three; the last is the former name of `output_config.format`.
        more = {"temperature", "top_p", "top_k", "output_format"}

        assert models.Question.model_fields.keys() == sent | more

    def test_tools(self) -> None:
        known = {kind for tool in get_args(types.ToolUnionParam) for kind in kinds_of(tool)}

        assert kinds_of(models.KnownTool) == known - {"custom"}

    def test_blocks(self) -> None:
        sdk = {kind for block in get_args(types.ContentBlockParam) for kind in kinds_of(block)}
        mock = {kind for block in OUR_BLOCKS for kind in kinds_of(block)}

        assert mock == sdk | {"tool_reference"}


OUR_BLOCKS = (
    models.Document,
    models.Image,
    models.RedactedThinking,
    models.ServersOwn,
    models.Text,
    models.Thinking,
    models.ToolResult,
    models.ToolUse,
)


def kinds_of(part: type) -> set[str]:
    """The values of its `type`."""

    def literals(hint: Any) -> set[str]:
        inner = get_args(hint)
        return {text for item in inner for text in literals(item)} if inner else {hint}

    return {text for text in literals(get_type_hints(part)["type"]) if isinstance(text, str)}
