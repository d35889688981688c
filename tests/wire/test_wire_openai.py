"""The mocked OpenAI is believed because OpenAI's own SDK, unchanged, accepts what it says."""

from __future__ import annotations

import base64
import json
import logging
import math
import struct
from collections.abc import Callable
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types import CreateEmbeddingResponse, embedding_create_params
from openai.types import Model as ModelEntry
from openai.types.chat import ChatCompletion, ChatCompletionChunk, completion_create_params
from pydantic import BaseModel, Field
from starlette.testclient import TestClient

from llmdocs.wire.accounts import Account, Model
from llmdocs.wire.mock_model import MAXIMUM_DEPTH
from llmdocs.wire.openai import api as dialect
from llmdocs.wire.openai.chat_requests import CHAT_PARAMETERS
from llmdocs.wire.openai.requests import EMBEDDING_PARAMETERS
from llmdocs.wire.server import MockedProviders
from tests.support.openai_calls import (
    QUESTION,
    WEATHER,
    Ask,
    Operation,
    asking,
    chat_with,
    embed_with,
    refused,
)

URL = "https://api.openai.com/v1"
KEY = "your-openai-api-key"
CHAT = "gpt-4.1-mini"
EMBEDDING = "text-embedding-3-small"

TIME: Any = {"type": "function", "function": {"name": "get_time"}}
TOOL_CALL: Any = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": "{}"},
}
ASKS_FOR_TOOL: Any = {"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]}

NOT_FOUND = "In context={}, reference to component '{}' which was not found in the schema."

pytestmark = pytest.mark.usefixtures("wire")


@pytest.fixture(params=["sync", "async"])
def ask(request: pytest.FixtureRequest, run_with: Ask) -> Ask:
    """Run an operation with the plain or the asynchronous client; a stream gives a list."""
    kind = {"sync": OpenAI, "async": AsyncOpenAI}[request.param]
    return asking(run_with, kind, api_key=KEY, base_url=URL)


def chat(**arguments: Any) -> Operation:
    return chat_with(arguments.pop("model", CHAT), **arguments)


def embed(**arguments: Any) -> Operation:
    return embed_with(arguments.pop("model", EMBEDDING), **arguments)


def post(path: str, body: Any) -> Callable[[Any], Any]:
    """The SDK's way to send a body that its typed methods would not."""
    return lambda client: client.post(path, body=body, cast_to=object)


def raw(path: str, body: Any) -> httpx.Response:
    return httpx.post(URL + path, json=body, headers={"Authorization": f"Bearer {KEY}"})


def assert_refused(
    error: openai.APIStatusError,
    kind: type[openai.APIStatusError],
    status: int,
    message: str,
    param: str | None = None,
    code: str | None = None,
) -> None:
    assert type(error) is kind
    assert error.status_code == status
    assert error.response.json() == {
        "error": {
            "message": message,
            "type": "invalid_request_error",
            "param": param,
            "code": code,
        }
    }


class TestChat:
    def test_an_answer_says_what_was_asked(self, ask: Ask) -> None:
        answer = ask(chat())

        assert answer.choices[0].message.content == (
            "gpt-4.1-mini (mocked) was asked: Which city has the oldest tram?"
        )
        assert answer.choices[0].finish_reason == "stop"
        assert answer.model == CHAT

    def test_the_same_request_has_the_same_answer(self, ask: Ask) -> None:
        assert ask(chat()) == ask(chat())

    def test_usage_adds_up(self, ask: Ask) -> None:
        usage = ask(chat()).usage

        assert usage.prompt_tokens == 6
        assert usage.completion_tokens == 10
        assert usage.total_tokens == 16

    def test_the_key_arrives_as_a_bearer_token(self, ask: Ask, wire: MockedProviders) -> None:
        ask(chat())

        [request] = wire.requests
        assert request.provider == "openai"
        assert request.url == "https://api.openai.com/v1/chat/completions"
        assert request.headers["authorization"] == f"Bearer {KEY}"

    def test_content_may_be_a_list_of_parts(self, ask: Ask) -> None:
        parts = [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]

        answer = ask(chat(messages=[{"role": "user", "content": parts}]))

        assert answer.choices[0].message.content.endswith("one two")

    @pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
    def test_a_limit_of_tokens_cuts_the_answer(self, ask: Ask, limit: str) -> None:
        answer = ask(chat(**{limit: 2}))

        assert answer.choices[0].message.content == "gpt-4.1-mini (mocked)"
        assert answer.choices[0].finish_reason == "length"
        assert answer.usage.completion_tokens == 2

    def test_every_field_is_one_the_sdk_requires_or_knows(self) -> None:
        answer = ChatCompletion.model_validate_json(
            raw("/chat/completions", {"model": CHAT, "messages": [QUESTION]}).text, strict=True
        )

        assert not answer.model_extra
        assert not answer.choices[0].model_extra
        assert not answer.choices[0].message.model_extra
        assert answer.usage and not answer.usage.model_extra

    def test_stored_completions_are_listed_and_there_are_none(self, ask: Ask) -> None:
        assert ask(lambda client: client.chat.completions.list()).data == []


class TestStructuredOutput:
    def test_json_object_gives_a_json_object(self, ask: Ask) -> None:
        answer = ask(
            chat(
                messages=[{"role": "user", "content": "Reply in JSON."}],
                response_format={"type": "json_object"},
            )
        )

        assert isinstance(json.loads(answer.choices[0].message.content), dict)

    def test_a_schema_from_pydantic_is_kept(self, ask: Ask) -> None:
        class Line(BaseModel):
            number: int
            colour: str | None

        class Tram(BaseModel):
            city: str = Field(examples=["Lyon"])
            line: Line

        answer = ask(
            lambda client: client.chat.completions.parse(
                model=CHAT, messages=[QUESTION], response_format=Tram
            )
        )

        assert answer.choices[0].message.parsed == Tram(
            city="Lyon", line=Line(number=0, colour="text")
        )

    @pytest.mark.parametrize(
        ("response_format", "message", "param", "code"),
        [
            (
                {"type": "json_object"},
                "'messages' must contain the word 'json' in some form, to use 'response_format' of "
                "type 'json_object'.",
                "messages",
                None,
            ),
            (
                {"type": "json"},
                "Invalid value: 'json'. Supported values are: 'json_object', 'json_schema', and "
                "'text'.",
                "response_format.type",
                "invalid_value",
            ),
            (
                {"type": "json_schema"},
                "Missing required parameter: 'response_format.json_schema'.",
                "response_format.json_schema",
                "missing_required_parameter",
            ),
            (
                {
                    "type": "json_schema",
                    "json_schema": {"name": "tram", "strict": True, "schema": {"type": "object"}},
                },
                "Invalid schema for response_format 'tram': In context=(), 'additionalProperties' "
                "is required to be supplied and to be false.",
                "response_format",
                None,
            ),
        ],
    )
    def test_a_format_that_cannot_be_kept_is_refused(
        self, ask: Ask, response_format: Any, message: str, param: str, code: str | None
    ) -> None:
        error = refused(ask, chat(response_format=response_format))

        assert_refused(error, openai.BadRequestError, 400, message, param, code)

    @pytest.mark.parametrize(
        ("schema", "said"),
        [
            ({"$ref": "#/nope"}, NOT_FOUND.format("()", "#/nope")),
            ({"$ref": "#"}, NOT_FOUND.format("()", "#")),
            (
                {"properties": {"city": {"$ref": "#/$defs/City"}}},
                NOT_FOUND.format("('properties', 'city')", "#/$defs/City"),
            ),
            ({"$ref": 5}, "5 is not of type 'string'."),
            ({"anyOf": []}, "[] should be non-empty."),
            ({"anyOf": ["x"]}, "'x' is not of type 'object', 'boolean'."),
            ({"properties": {"city": {"anyOf": 5}}}, "5 is not of type 'array'."),
            ({"enum": []}, "[] should be non-empty."),
            ({"examples": 5}, "5 is not of type 'array'."),
            ({"properties": 5}, "5 is not of type 'object'."),
            ({"type": "text"}, "'text' is not valid under any of the given schemas."),
            ({"minLength": -1}, "-1 is less than the minimum of 0."),
            ({"pattern": 5}, "5 is not of type 'string'."),
            ({"required": [5]}, "5 is not of type 'string'."),
            ({"required": ["a", "a"]}, "['a', 'a'] has non-unique elements."),
            ({"not": 5}, "5 is not of type 'object', 'boolean'."),
        ],
    )
    def test_a_schema_that_is_none_is_refused_wherever_it_stands(
        self, schema: Any, said: str
    ) -> None:
        described = {"name": "tram", "schema": schema}
        tool = {"type": "function", "function": {"name": "tram", "parameters": schema}}

        for arguments, kind, param, code in (
            (
                {"response_format": {"type": "json_schema", "json_schema": described}},
                "response_format",
                "response_format",
                None,
            ),
            (
                {"tools": [tool]},
                "function",
                "tools[0].function.parameters",
                "invalid_function_parameters",
            ),
        ):
            answer = raw("/chat/completions", {"model": CHAT, "messages": [QUESTION], **arguments})

            assert answer.status_code == 400
            assert answer.json()["error"] == {
                "message": f"Invalid schema for {kind} 'tram': {said}",
                "type": "invalid_request_error",
                "param": param,
                "code": code,
            }

    @pytest.mark.parametrize(
        "schema",
        [
            {"type": "object", "properties": {"next": {"$ref": "#"}}},
            {
                "type": "object",
                "properties": {"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}},
            },
        ],
    )
    def test_a_recursive_schema_has_an_end(self, ask: Ask, schema: Any) -> None:
        described = {"name": "tram", "schema": schema}

        answer = ask(chat(response_format={"type": "json_schema", "json_schema": described}))

        assert json.loads(answer.choices[0].message.content) == {"next": None}

    def test_a_schema_as_deep_as_a_request_may_be_is_read(self) -> None:
        """The meta-schema is recursive, and so is what reads it."""
        schema: dict[str, Any] = {"type": "nothing"}
        for _ in range(MAXIMUM_DEPTH - 5):
            schema = {"items": schema}
        described = {"name": "tram", "schema": schema}
        response_format = {"type": "json_schema", "json_schema": described}

        body = {"model": CHAT, "messages": [QUESTION], "response_format": response_format}
        answer = raw("/chat/completions", body)

        assert "'nothing' is not valid" in answer.json()["error"]["message"]

    def test_a_strict_schema_refers_to_its_top_level_alone(self, ask: Ask) -> None:
        """dotnet/extensions#6918"""
        properties = {"one": {"type": "string"}, "two": {"$ref": "#/properties/one"}}
        schema = {"properties": properties, "required": ["one", "two"]}
        described = {"name": "tram", "strict": True, "schema": schema}

        error = refused(
            ask, chat(response_format={"type": "json_schema", "json_schema": described})
        )

        assert error.response.json()["error"]["message"] == (
            "Invalid schema for response_format 'tram': In context=('properties', 'two'), "
            "reference can only point to definitions defined at the top level of the schema."
        )


class TestChoices:
    def test_as_many_choices_as_asked_for(self, ask: Ask) -> None:
        one, three = ask(chat()), ask(chat(n=3))

        assert [choice.index for choice in three.choices] == [0, 1, 2]
        assert {choice.message.content for choice in three.choices} == {
            one.choices[0].message.content
        }
        assert three.usage.completion_tokens == 3 * one.usage.completion_tokens
        assert three.usage.prompt_tokens == one.usage.prompt_tokens

    def test_a_stream_has_them_all(self, ask: Ask) -> None:
        *chunks, last = ask(chat(n=3, stream=True, stream_options={"include_usage": True}))

        said = dict.fromkeys(range(3), "")
        for chunk in chunks:
            [choice] = chunk.choices
            said[choice.index] += choice.delta.content or ""
        assert set(said.values()) == {ask(chat()).choices[0].message.content}
        assert [chunk.choices[0].finish_reason for chunk in chunks[-3:]] == ["stop"] * 3
        assert last.usage == ask(chat(n=3)).usage


class TestChatStream:
    def test_the_pieces_join_to_the_whole_answer(self, ask: Ask) -> None:
        chunks = ask(chat(stream=True))

        pieces = [chunk.choices[0].delta.content or "" for chunk in chunks]
        assert "".join(pieces) == ask(chat()).choices[0].message.content

    def test_the_role_comes_first_and_the_finish_reason_last(self, ask: Ask) -> None:
        choices = [chunk.choices[0] for chunk in ask(chat(stream=True))]

        assert [choice.delta.role for choice in choices[:2]] == ["assistant", None]
        assert [choice.finish_reason for choice in choices[-2:]] == [None, "stop"]
        assert choices[-1].delta.content is None

    def test_all_chunks_have_one_id_and_one_time(self, ask: Ask) -> None:
        chunks = ask(chat(stream=True))

        assert len({(chunk.id, chunk.created, chunk.object) for chunk in chunks}) == 1

    def test_usage_comes_last_and_alone_when_asked_for(self, ask: Ask) -> None:
        *others, last = ask(chat(stream=True, stream_options={"include_usage": True}))

        assert last.choices == []
        assert last.usage == ask(chat()).usage
        assert {chunk.usage for chunk in others} == {None}

    def test_usage_is_not_mentioned_unless_asked_for(self) -> None:
        body = {"model": CHAT, "messages": [QUESTION], "stream": True}

        assert "usage" not in raw("/chat/completions", body).text

    def test_events_are_data_lines_and_the_last_says_done(self) -> None:
        body = {"model": CHAT, "messages": [QUESTION], "stream": True}

        response = raw("/chat/completions", body)

        *events, done, end = response.text.split("\n\n")
        assert response.headers["content-type"].startswith("text/event-stream")
        assert (done, end) == ("data: [DONE]", "")
        for event in events:
            ChatCompletionChunk.model_validate_json(event.removeprefix("data: "), strict=True)

    def test_a_refusal_comes_with_its_status_before_the_stream(self, ask: Ask) -> None:
        error = refused(ask, chat(model="gpt-9", stream=True))

        assert type(error) is openai.NotFoundError

    def test_stream_options_without_a_stream_are_refused(self, ask: Ask) -> None:
        error = refused(ask, chat(stream_options={"include_usage": True}))

        assert_refused(
            error,
            openai.BadRequestError,
            400,
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            "stream_options",
        )


class TestTools:
    def test_a_question_with_tools_is_answered_by_a_call(self, ask: Ask) -> None:
        [choice] = ask(chat(tools=[WEATHER])).choices

        [call] = choice.message.tool_calls
        assert choice.finish_reason == "tool_calls"
        assert choice.message.content is None
        assert call.type == "function"
        assert call.function.name == "get_weather"
        assert json.loads(call.function.arguments) == {"city": "Lyon, France"}

    def test_a_tools_result_is_answered_in_words(self, ask: Ask) -> None:
        asked = ask(chat(tools=[WEATHER])).choices[0].message
        result = {"role": "tool", "tool_call_id": asked.tool_calls[0].id, "content": "21 °C"}

        answer = ask(chat(tools=[WEATHER], messages=[QUESTION, asked, result]))

        assert answer.choices[0].message.content.endswith("told by the tool: 21 °C")
        assert answer.choices[0].finish_reason == "stop"

    def test_a_streamed_call_is_named_once_and_its_arguments_join(self, ask: Ask) -> None:
        chunks = ask(chat(tools=[WEATHER], stream=True))

        deltas = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []]
        first, *others = deltas
        assert first.id and first.type == "function" and first.function.name == "get_weather"
        assert others and {(call.id, call.function.name) for call in others} == {(None, None)}
        assert {call.index for call in deltas} == {0}
        assert json.loads("".join(call.function.arguments for call in deltas)) == {
            "city": "Lyon, France"
        }
        assert chunks[-1].choices[0].finish_reason == "tool_calls"

    def test_the_sdk_puts_a_streamed_call_together(self) -> None:
        with (
            OpenAI(api_key=KEY, base_url=URL, max_retries=0) as client,
            client.chat.completions.stream(
                model=CHAT, messages=[QUESTION], tools=[WEATHER]
            ) as stream,
        ):
            streamed = stream.get_final_completion()

        [call] = streamed.choices[0].message.tool_calls or []
        assert call.function.arguments == '{"city": "Lyon, France"}'

    def test_none_forbids_a_call(self, ask: Ask) -> None:
        message = ask(chat(tools=[WEATHER], tool_choice="none")).choices[0].message

        assert message.tool_calls is None
        assert message.content

    def test_auto_lets_the_model_call(self, ask: Ask) -> None:
        assert ask(chat(tools=[WEATHER], tool_choice="auto")).choices[0].message.tool_calls

    def test_required_makes_the_model_call_even_after_a_result(self, ask: Ask) -> None:
        result = {"role": "tool", "tool_call_id": "call_1", "content": "21 °C"}
        messages = [QUESTION, ASKS_FOR_TOOL, result]

        [choice] = ask(chat(tools=[WEATHER], tool_choice="required", messages=messages)).choices

        assert choice.message.tool_calls
        assert choice.finish_reason == "tool_calls"

    def test_a_named_function_is_the_one_called(self, ask: Ask) -> None:
        """Its finish reason is `stop`: vllm-project/vllm#25054."""
        named = {"type": "function", "function": {"name": "get_time"}}

        [choice] = ask(chat(tools=[WEATHER, TIME], tool_choice=named)).choices

        assert [call.function.name for call in choice.message.tool_calls] == ["get_time"]
        assert choice.finish_reason == "stop"

    def test_a_call_without_a_result_is_refused(self, ask: Ask) -> None:
        error = refused(ask, chat(messages=[QUESTION, ASKS_FOR_TOOL, QUESTION, QUESTION]))

        assert_refused(
            error,
            openai.BadRequestError,
            400,
            "An assistant message with 'tool_calls' must be followed by tool messages responding "
            "to each 'tool_call_id'. The following tool_call_ids did not have response messages: "
            "call_1",
            "messages.[2].role",
        )

    def test_a_call_without_a_result_at_the_end_is_refused(self, ask: Ask) -> None:
        error = refused(ask, chat(messages=[QUESTION, ASKS_FOR_TOOL]))

        assert "did not have response messages: call_1" in error.message

    def test_each_of_two_calls_needs_its_result(self, ask: Ask) -> None:
        calls = [TOOL_CALL, {**TOOL_CALL, "id": "call_2"}]
        asked = {"role": "assistant", "content": None, "tool_calls": calls}
        result = {"role": "tool", "tool_call_id": "call_2", "content": "21 °C"}

        error = refused(ask, chat(messages=[QUESTION, asked, result, QUESTION]))

        assert error.response.json()["error"]["message"].endswith("response messages: call_1")

    def test_a_result_that_nobody_asked_for_is_refused(self, ask: Ask) -> None:
        result = {"role": "tool", "tool_call_id": "call_1", "content": "21 °C"}

        error = refused(ask, chat(messages=[QUESTION, result]))

        assert_refused(
            error,
            openai.BadRequestError,
            400,
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding "
            "message with 'tool_calls'.",
            "messages.[1].role",
        )

    @pytest.mark.parametrize(
        ("arguments", "param"),
        [
            ({"tool_choice": "auto"}, "tool_choice"),
            ({"tools": []}, "tools"),
            ({"tools": [{"type": "function"}]}, "tools[0].function"),
            ({"tools": [{"function": {"name": "f"}}]}, "tools[0].type"),
            ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
            (
                {"tools": [{"type": "function", "function": {"name": "f", "parameters": "x"}}]},
                "tools[0].function.parameters",
            ),
            ({"tools": [WEATHER], "tool_choice": "get_weather"}, "tool_choice"),
            ({"tools": [WEATHER], "tool_choice": 5}, "tool_choice"),
            ({"functions": []}, "functions"),
            ({"functions": ["x"]}, "functions[0]"),
            ({"functions": [{"name": "f", "parameters": {"enum": []}}]}, "functions[0].parameters"),
            ({"function_call": "auto"}, "function_call"),
            ({"functions": [{"name": "f"}], "function_call": "f"}, "function_call"),
            ({"functions": [{"name": "f"}], "function_call": {}}, "function_call.name"),
            (
                {
                    "tools": [WEATHER],
                    "tool_choice": {"type": "function", "function": {"name": "f"}},
                },
                "tool_choice",
            ),
        ],
    )
    def test_tools_of_another_shape_are_refused(self, ask: Ask, arguments: Any, param: str) -> None:
        error = refused(ask, chat(**arguments))

        assert type(error) is openai.BadRequestError
        assert error.param == param

    @pytest.mark.parametrize(
        ("name", "message", "code"),
        [
            (
                "",
                "empty string. Expected a string with minimum length 1, but got an empty string "
                "instead.",
                "empty_string",
            ),
            (
                "bad name!",
                "string does not match pattern. Expected a string that matches the pattern "
                "'^[a-zA-Z0-9_-]+$'.",
                "invalid_value",
            ),
            (
                "x" * 65,
                "string too long. Expected a string with maximum length 64, but got a string with "
                "length 65 instead.",
                "string_above_max_length",
            ),
        ],
    )
    def test_a_name_that_is_none_is_refused(
        self, ask: Ask, name: str, message: str, code: str
    ) -> None:
        error = refused(ask, chat(tools=[{"type": "function", "function": {"name": name}}]))

        param = "tools[0].function.name"
        assert_refused(
            error, openai.BadRequestError, 400, f"Invalid '{param}': {message}", param, code
        )


class TestEmbeddings:
    def test_the_sdk_asks_for_base64_and_gives_floats(
        self, ask: Ask, wire: MockedProviders
    ) -> None:
        answer = ask(embed())

        assert wire.requests[0].json()["encoding_format"] == "base64"
        assert len(answer.data[0].embedding) == 1536
        assert math.isclose(math.hypot(*answer.data[0].embedding), 1, rel_tol=1e-6)

    def test_both_encodings_hold_the_same_numbers(self, ask: Ask) -> None:
        in_base64 = ask(embed(encoding_format="base64")).data[0].embedding
        floats = ask(embed(encoding_format="float")).data[0].embedding

        decoded = struct.unpack("<1536f", base64.b64decode(in_base64))
        assert decoded == pytest.approx(floats)

    def test_floats_are_the_default_on_the_wire(self) -> None:
        answer = raw("/embeddings", {"model": EMBEDDING, "input": "an old tram"}).text

        parsed = CreateEmbeddingResponse.model_validate_json(answer, strict=True)
        assert len(parsed.data[0].embedding) == 1536
        assert not parsed.model_extra

    def test_a_list_has_one_vector_for_each_text_in_order(self, ask: Ask) -> None:
        answer = ask(embed(input=["tram", "bus"]))

        alone = [ask(embed(input=text)).data[0].embedding for text in ("tram", "bus")]
        assert [item.index for item in answer.data] == [0, 1]
        assert [item.embedding for item in answer.data] == alone

    def test_usage_counts_the_tokens_of_all_texts(self, ask: Ask) -> None:
        usage = ask(embed(input=["an old tram", "bus"])).usage

        assert (usage.prompt_tokens, usage.total_tokens) == (4, 4)

    @pytest.mark.parametrize(("tokens", "vectors"), [([1, 2, 3], 1), ([[1, 2], [3]], 2)])
    def test_token_arrays_are_embedded(self, ask: Ask, tokens: Any, vectors: int) -> None:
        answer = ask(embed(input=tokens))

        assert len(answer.data) == vectors
        assert answer.usage.prompt_tokens == 3

    def test_dimensions_shorten_the_vector(self, ask: Ask) -> None:
        assert len(ask(embed(dimensions=64)).data[0].embedding) == 64

    def test_one_empty_text_is_embedded(self, ask: Ask) -> None:
        assert len(ask(embed(input="")).data[0].embedding) == 1536

    @pytest.mark.parametrize("given", [["tram", ""], [], ["tram", 1], [[]], {}, 7, ["x"] * 2049])
    def test_an_input_of_another_shape_is_refused(self, ask: Ask, given: Any) -> None:
        error = refused(ask, embed(input=given))

        assert_refused(
            error,
            openai.BadRequestError,
            400,
            "'$.input' is invalid. Please check the API reference: "
            "https://platform.openai.com/docs/api-reference.",
        )

    def test_a_missing_input_is_refused(self, ask: Ask) -> None:
        error = refused(ask, post("/embeddings", {"model": EMBEDDING}))

        assert_refused(
            error,
            openai.BadRequestError,
            400,
            "Missing required parameter: 'input'.",
            "input",
            "missing_required_parameter",
        )

    def test_another_encoding_is_refused(self, ask: Ask) -> None:
        error = refused(ask, embed(encoding_format="md5"))

        assert_refused(
            error,
            openai.BadRequestError,
            400,
            "Invalid value for 'encoding_format' = md5. Supported values: ['float', 'base64'].",
        )

    def test_an_unknown_argument_is_refused(self, ask: Ask) -> None:
        error = refused(ask, embed(extra_body={"truncate": True}))

        assert_refused(
            error,
            openai.BadRequestError,
            400,
            "Unrecognized request argument supplied: truncate",
        )

    @pytest.mark.parametrize("dimensions", [0, 1537])
    def test_dimensions_that_the_model_does_not_have_are_refused(
        self, ask: Ask, dimensions: int
    ) -> None:
        error = refused(ask, embed(dimensions=dimensions))

        assert type(error) is openai.BadRequestError
        assert f"'dimensions' = {dimensions}" in error.message


class TestModels:
    def test_the_accounts_models_are_listed(self, ask: Ask) -> None:
        listed = ask(lambda client: client.models.list())

        assert [model.id for model in listed.data] == [CHAT, EMBEDDING]

    def test_one_model_is_described(self, ask: Ask) -> None:
        model = ask(lambda client: client.models.retrieve(CHAT))

        strict = ModelEntry.model_validate(model.model_dump(exclude_unset=True), strict=True)
        assert strict.id == CHAT
        assert not strict.model_extra

    def test_an_unknown_model_is_not_found(self, ask: Ask) -> None:
        error = refused(ask, lambda client: client.models.retrieve("gpt-9"))

        assert type(error) is openai.NotFoundError
        assert error.code == "model_not_found"


class TestKey:
    NO_KEY = (
        "You didn't provide an API key. You need to provide your API key in an Authorization "
        "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field "
        "(with blank username) if you're accessing the API from your browser and are prompted for "
        "a username and password. You can obtain an API key from "
        "https://platform.openai.com/account/api-keys."
    )

    @pytest.mark.parametrize(
        "operation", [chat(), chat(stream=True), embed(), lambda client: client.models.list()]
    )
    def test_every_operation_wants_the_key(self, ask: Ask, operation: Any) -> None:
        error = refused(ask, operation, api_key="sk-proj-0123456789MxYA")

        assert_refused(
            error,
            openai.AuthenticationError,
            401,
            "Incorrect API key provided: sk-proj-**********MxYA. "
            "You can find your API key at https://platform.openai.com/account/api-keys.",
            code="invalid_api_key",
        )

    @pytest.mark.parametrize(
        ("key", "masked"),
        [
            ("key_8Tjw01234567rtUb", "key_8Tjw********rtUb"),
            ("ab7_01234567", "ab7*****4567"),
            ("short", "*****"),
        ],
    )
    def test_a_wrong_key_is_masked(self, ask: Ask, key: str, masked: str) -> None:
        error = refused(ask, chat(), api_key=key)

        assert f"provided: {masked}. " in error.message

    @pytest.mark.parametrize(
        "headers", [{}, {"Authorization": KEY}, {"Authorization": "Bearer"}, {"api-key": KEY}]
    )
    def test_a_key_that_is_not_a_bearer_token_is_no_key(self, headers: dict[str, str]) -> None:
        response = httpx.post(f"{URL}/chat/completions", json={}, headers=headers)

        assert response.status_code == 401
        assert response.json()["error"] == {
            "message": self.NO_KEY,
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        }

    def test_the_sdk_calls_a_missing_header_an_authentication_error(self, ask: Ask) -> None:
        error = refused(ask, chat(extra_headers={"Authorization": "Basic abc"}))

        assert_refused(error, openai.AuthenticationError, 401, self.NO_KEY)

    def test_an_account_without_keys_takes_any(self) -> None:
        account = Account(served={CHAT: Model(CHAT, "chat")})

        assert TestClient(dialect.application(account)).get("/v1/models").status_code == 200


class TestModelOfTheRequest:
    @pytest.mark.parametrize("operation", [chat(model="gpt-9"), embed(model="gpt-9")])
    def test_an_unknown_model_is_not_found(self, ask: Ask, operation: Any) -> None:
        assert_refused(
            refused(ask, operation),
            openai.NotFoundError,
            404,
            "The model `gpt-9` does not exist or you do not have access to it.",
            code="model_not_found",
        )

    def test_an_embedding_model_does_not_chat(self, ask: Ask) -> None:
        assert_refused(
            refused(ask, chat(model=EMBEDDING)),
            openai.PermissionDeniedError,
            403,
            "You are not allowed to sample from this model",
        )

    def test_a_chat_model_does_not_embed(self, ask: Ask) -> None:
        assert_refused(
            refused(ask, embed(model=CHAT)),
            openai.PermissionDeniedError,
            403,
            "You are not allowed to generate embeddings from this model",
        )

    @pytest.mark.parametrize("path", ["/chat/completions", "/embeddings"])
    @pytest.mark.parametrize("body", [{}, {"model": ""}, {"model": None}])
    def test_a_body_without_a_model_is_refused(self, ask: Ask, path: str, body: Any) -> None:
        assert_refused(
            refused(ask, post(path, body)),
            openai.BadRequestError,
            400,
            "you must provide a model parameter",
        )

    @pytest.mark.parametrize(
        ("model", "parameter", "code"),
        [
            ("o4-mini", {"max_tokens": 5}, "unsupported_parameter"),
            ("gpt-5-mini", {"max_tokens": 5}, "unsupported_parameter"),
            ("gpt-5-mini", {"temperature": 0}, "unsupported_value"),
            ("gpt-5-mini", {"reasoning_effort": "silly"}, "invalid_value"),
        ],
    )
    def test_a_reasoning_model_refuses_what_it_does_not_support(
        self, model: str, parameter: dict[str, Any], code: str
    ) -> None:
        client = TestClient(dialect.application(Account(served={model: Model(model, "chat")})))
        body = {"model": model, "messages": [QUESTION]}

        accepted = client.post("/v1/chat/completions", json=body)
        refused = client.post("/v1/chat/completions", json={**body, **parameter})

        assert accepted.status_code == 200
        assert refused.status_code == 400
        assert refused.json()["error"]["code"] == code

    def test_ada_does_not_support_dimensions(self) -> None:
        name = "text-embedding-ada-002"
        client = TestClient(dialect.application(Account(served={name: Model(name, "embeddings")})))

        answer = client.post("/v1/embeddings", json={"model": name, "input": "x", "dimensions": 8})

        assert answer.json()["error"]["message"] == (
            "This model does not support specifying dimensions."
        )


class TestUrl:
    @pytest.mark.parametrize("path", ["/v1", "/chat/completions"])
    def test_a_path_under_v1_that_does_not_exist(self, ask: Ask, path: str) -> None:
        error = refused(ask, chat(), base_url=URL + path)

        assert_refused(
            error,
            openai.NotFoundError,
            404,
            f"Invalid URL (POST /v1{path}/chat/completions)",
        )

    @pytest.mark.parametrize("base", ["", "/openai/v1", "/v2"])
    def test_a_path_that_is_not_under_v1(self, ask: Ask, base: str) -> None:
        error = refused(ask, chat(), base_url=f"https://api.openai.com{base}")

        assert_refused(
            error,
            openai.NotFoundError,
            404,
            f"Unknown request URL: POST {base}/chat/completions. Please check the URL for typos, "
            "or see the docs at https://platform.openai.com/docs/api-reference/.",
            code="unknown_url",
        )

    def test_the_prefix_of_the_mocks_own_address_is_not_part_of_the_path(
        self, ask: Ask, wire: MockedProviders
    ) -> None:
        error = refused(ask, chat(), base_url=f"{wire.url}/openai/v1/v1")

        assert "Invalid URL (POST /v1/v1/chat/completions)" in error.message

    @pytest.mark.parametrize("path", ["/v1/embeddings/", "/v1//embeddings"])
    def test_a_slash_too_many_is_another_path(self, path: str) -> None:
        response = httpx.post(f"https://api.openai.com{path}")

        assert response.json()["error"]["message"] == f"Invalid URL (POST {path})"

    @pytest.mark.parametrize(
        ("method", "path"), [("GET", "/embeddings"), ("PUT", "/chat/completions")]
    )
    def test_another_method_is_refused(self, method: str, path: str) -> None:
        response = httpx.request(method, URL + path)

        assert response.status_code == 405
        assert response.json()["error"] == {
            "message": "Only POST requests are accepted.",
            "type": "invalid_request_error",
            "param": None,
            "code": "method_not_supported",
        }

    def test_models_cannot_be_posted(self, ask: Ask) -> None:
        error = refused(ask, post("/models", {}))

        assert_refused(
            error,
            openai.APIStatusError,
            405,
            "Not allowed to POST on /v1/models. "
            "(HINT: Perhaps you meant to use a different HTTP method?)",
        )


class TestBody:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b'{"a": "\n"}',
            b"[]",
            b'"x"',
            b'{"a": NaN}',
            b'{"a": "\xff"}',
            b'{"a": "\\ud800"}',
            b'{"a": 1e999}',
            b'{"a": 1' + b"0" * 5000 + b"}",
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b'{"a":' + b"[" * 500 + b"]" * 500 + b"}",
        ],
        ids=lambda content: repr(content[:20]),
    )
    def test_what_is_not_a_json_object_is_refused(self, content: bytes) -> None:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}

        response = httpx.post(f"{URL}/chat/completions", content=content, headers=headers)

        assert response.status_code == 400
        assert response.json()["error"] == {
            "message": "We could not parse the JSON body of your request. (HINT: This likely means "
            "you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, "
            "but what was sent was not valid JSON. If you have trouble figuring out how to fix "
            "this, please contact us through our help center at help.openai.com.)",
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        }

    def test_another_content_type_is_refused(self) -> None:
        sent = "application/x-www-form-urlencoded"
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": sent}

        response = httpx.post(f"{URL}/embeddings", content=b"{}", headers=headers)

        assert response.status_code == 400
        assert response.json()["error"] == {
            "message": f"Unsupported content type: '{sent}'. This API method only accepts "
            "'application/json' requests, but you specified the header "
            f"'Content-Type: {sent}'. Please try again with a supported content type.",
            "type": "invalid_request_error",
            "param": None,
            "code": "unsupported_content_type",
        }

    def test_a_charset_after_the_content_type_is_taken(self) -> None:
        headers = {
            "Authorization": f"Bearer {KEY}",
            "Content-Type": "application/json; charset=utf-8",
        }
        body = json.dumps({"model": EMBEDDING, "input": "x"})

        assert httpx.post(f"{URL}/embeddings", content=body, headers=headers).status_code == 200

    @pytest.mark.parametrize(
        ("messages", "message", "param", "code"),
        [
            (
                None,
                "Missing required parameter: 'messages'.",
                "messages",
                "missing_required_parameter",
            ),
            (
                [],
                "Invalid 'messages': empty array. Expected an array with minimum length 1, but got "
                "an empty array instead.",
                "messages",
                "empty_array",
            ),
            (
                "hello",
                "Invalid type for 'messages': expected an array of objects, but got a string "
                "instead.",
                "messages",
                "invalid_type",
            ),
            (
                QUESTION,
                "Invalid type for 'messages': expected an array of objects, but got an object "
                "instead.",
                "messages",
                "invalid_type",
            ),
            (
                1,
                "Invalid type for 'messages': expected an array of objects, but got an integer "
                "instead.",
                "messages",
                "invalid_type",
            ),
            (
                ["hello"],
                "Invalid type for 'messages[0]': expected an object, but got a string instead.",
                "messages[0]",
                "invalid_type",
            ),
            (
                [{"content": "hello"}],
                "Missing required parameter: 'messages[0].role'.",
                "messages[0].role",
                "missing_required_parameter",
            ),
            (
                [QUESTION, {"role": "bot", "content": "hello"}],
                "Invalid value: 'bot'. Supported values are: 'system', 'assistant', 'user', "
                "'function', 'tool', and 'developer'.",
                "messages[1].role",
                "invalid_value",
            ),
            (
                [{**QUESTION, "name": 5}],
                "Invalid type for 'messages[0].name': expected a string, but got an integer "
                "instead.",
                "messages[0].name",
                "invalid_type",
            ),
            (
                [{"role": "user", "content": 5}],
                "Invalid type for 'messages[0].content': expected one of a string or array of "
                "objects, but got an integer instead.",
                "messages[0].content",
                "invalid_type",
            ),
            (
                [{"role": "user", "content": [{"type": "image"}]}],
                "Invalid value: 'image'. Supported values are: 'text', 'image_url', 'input_audio', "
                "'refusal', and 'file'.",
                "messages[0].content[0].type",
                "invalid_value",
            ),
            (
                [{"role": "user", "content": [{"type": "image_url", "text": 5}]}],
                "Missing required parameter: 'messages[0].content[0].image_url'.",
                "messages[0].content[0].image_url",
                "missing_required_parameter",
            ),
            (
                [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}],
                "Missing required parameter: 'messages[0].content[0].image_url.url'.",
                "messages[0].content[0].image_url.url",
                "missing_required_parameter",
            ),
            (
                [{"role": "user", "content": None}],
                "Invalid value for 'content': expected a string, got null.",
                "messages.[0].content",
                None,
            ),
            (
                [QUESTION, {"role": "assistant", "content": "", "tool_calls": []}],
                "Invalid 'messages[1].tool_calls': empty array. Expected an array with minimum "
                "length 1, but got an empty array instead.",
                "messages[1].tool_calls",
                "empty_array",
            ),
        ],
    )
    def test_messages_of_another_shape_are_refused(
        self, ask: Ask, messages: Any, message: str, param: str, code: str | None
    ) -> None:
        body = {"model": CHAT, **({} if messages is None else {"messages": messages})}

        error = refused(ask, post("/chat/completions", body))

        assert_refused(error, openai.BadRequestError, 400, message, param, code)

    @pytest.mark.parametrize(
        ("unknown", "named"),
        [
            ({"frequencyPenalty": 1}, "argument supplied: frequencyPenalty"),
            ({"a": 1, "b": 2}, "arguments supplied: a, b"),
        ],
    )
    def test_unknown_arguments_are_refused_by_name(
        self, ask: Ask, unknown: dict[str, int], named: str
    ) -> None:
        error = refused(ask, chat(extra_body=unknown))

        assert_refused(error, openai.BadRequestError, 400, f"Unrecognized request {named}")

    @pytest.mark.parametrize(
        ("parameter", "param"),
        [
            ({"temperature": "hot"}, "temperature"),
            ({"max_tokens": "5"}, "max_tokens"),
            ({"max_tokens": True}, "max_tokens"),
            ({"stream": "yes"}, "stream"),
        ],
    )
    def test_a_parameter_of_another_type_is_refused(
        self, ask: Ask, parameter: dict[str, Any], param: str
    ) -> None:
        error = refused(ask, chat(extra_body=parameter))

        assert type(error) is openai.BadRequestError
        assert (error.param, error.code) == (param, "invalid_type")

    @pytest.mark.parametrize(
        ("parameter", "message", "code"),
        [
            (
                {"temperature": 3},
                "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but "
                "got 3 instead.",
                "decimal_above_max_value",
            ),
            (
                {"max_tokens": 0},
                "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but "
                "got 0 instead.",
                "integer_below_min_value",
            ),
        ],
    )
    def test_a_parameter_out_of_its_limits_is_refused(
        self, ask: Ask, parameter: dict[str, Any], message: str, code: str
    ) -> None:
        error = refused(ask, chat(**parameter))

        [param] = parameter
        assert_refused(error, openai.BadRequestError, 400, message, param, code)

    @pytest.mark.parametrize(
        ("parameters", "message", "param", "code"),
        [
            (
                {"stop": 5},
                "Invalid type for 'stop': expected one of a string or array of strings, but got an "
                "integer instead.",
                "stop",
                "invalid_type",
            ),
            (
                {"stop": ["a", 5]},
                "Invalid type for 'stop[1]': expected a string, but got an integer instead.",
                "stop[1]",
                "invalid_type",
            ),
            (
                {"stop": list("abcde")},
                "Invalid 'stop': array too long. Expected an array with maximum length 4, but got "
                "an array with length 5 instead.",
                "stop",
                "array_above_max_length",
            ),
            (
                {"modalities": "text"},
                "Invalid type for 'modalities': expected an array of strings, but got a string "
                "instead.",
                "modalities",
                "invalid_type",
            ),
            (
                {"modalities": ["smell"]},
                "Invalid value: 'smell'. Supported values are: 'text' and 'audio'.",
                "modalities[0]",
                "invalid_value",
            ),
            (
                {"modalities": []},
                "Invalid 'modalities': empty array. Expected an array with minimum length 1, but "
                "got an empty array instead.",
                "modalities",
                "empty_array",
            ),
            (
                {"function_call": 5},
                "Invalid type for 'function_call': expected one of a string or object, but got an "
                "integer instead.",
                "function_call",
                "invalid_type",
            ),
            (
                {"top_logprobs": 2},
                "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
                "top_logprobs",
                None,
            ),
            (
                {"max_tokens": 2, "max_completion_tokens": 2},
                "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not "
                "supported.",
                "max_tokens",
                "invalid_parameter_combination",
            ),
            (
                {"service_tier": "x"},
                "Invalid value: 'x'. Supported values are: 'auto', 'default', 'flex', 'scale', "
                "'priority', and 'fast'.",
                "service_tier",
                "invalid_value",
            ),
            (
                {"reasoning_effort": "silly"},
                "Invalid value: 'silly'. Supported values are: 'none', 'minimal', 'low', 'medium', "
                "'high', 'xhigh', and 'max'.",
                "reasoning_effort",
                "invalid_value",
            ),
            (
                {"reasoning_effort": "low"},
                "Unrecognized request argument supplied: reasoning_effort",
                None,
                None,
            ),
            (
                {"metadata": {"a": 5}},
                "Invalid type for 'metadata.a': expected a string, but got an integer instead.",
                "metadata.a",
                "invalid_type",
            ),
            (
                {"stream": True, "stream_options": {"foo": 1}},
                "Unknown parameter: 'stream_options.foo'.",
                "stream_options.foo",
                "unknown_parameter",
            ),
            (
                {"stream": True, "stream_options": {"include_usage": 1}},
                "Invalid type for 'stream_options.include_usage': expected a boolean, but got an "
                "integer instead.",
                "stream_options.include_usage",
                "invalid_type",
            ),
        ],
    )
    def test_a_parameter_of_another_value_is_refused(
        self,
        ask: Ask,
        parameters: dict[str, Any],
        message: str,
        param: str | None,
        code: str | None,
    ) -> None:
        error = refused(ask, chat(**parameters))

        assert_refused(error, openai.BadRequestError, 400, message, param, code)

    @pytest.mark.parametrize(
        "parameters",
        [
            {"stop": list("abcd")},
            {"stop": "a"},
            {"modalities": ["text"]},
            {"functions": [{"name": "f"}], "function_call": {"name": "f"}},
            {"logprobs": True, "top_logprobs": 2},
            {"metadata": {"a": "5"}},
            {"service_tier": "flex"},
        ],
    )
    def test_what_is_documented_is_taken(self, ask: Ask, parameters: dict[str, Any]) -> None:
        assert ask(chat(**parameters)).choices

    def test_every_parameter_that_the_sdk_documents_is_known(self) -> None:
        documented = completion_create_params.CompletionCreateParamsBase.__annotations__
        embedding = embedding_create_params.EmbeddingCreateParams.__annotations__
        assert {*documented, "stream"} == set(CHAT_PARAMETERS)
        assert set(embedding) == set(EMBEDDING_PARAMETERS)


def test_a_defect_of_the_mock_is_called_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Under its own name, lest a client try again what will break down again."""
    monkeypatch.setattr(dialect, "check_chat", lambda *_: 1 / 0)

    answer = raw("/chat/completions", {"model": CHAT, "messages": [QUESTION]})

    assert answer.status_code == 501
    assert answer.headers["x-should-retry"] == "false"
    said = answer.json()["error"]["message"]
    assert said.startswith("A defect of llmdocs mock, not of your program: its openai broke down")
    [record] = [record for record in caplog.records if record.name == "llmdocs.wire"]
    assert (record.levelname, record.getMessage()) == ("ERROR", said)
    assert record.exc_info and record.exc_info[0] is ZeroDivisionError


class TestLog:
    @pytest.mark.parametrize(
        ("operation", "options", "hint"),
        [
            (chat(), {"api_key": "sk-wrong"}, f"The recipe's LLM_API_KEY is {KEY}"),
            (chat(model="gpt-9"), {}, f"This account's models: {CHAT}, {EMBEDDING}."),
            (chat(model=EMBEDDING), {}, f"Models for this path: {CHAT}."),
            (chat(), {"base_url": "https://api.openai.com"}, "The base URL ends in /v1, once"),
        ],
    )
    def test_a_refusal_is_logged_with_what_would_have_been_accepted(
        self,
        ask: Ask,
        caplog: pytest.LogCaptureFixture,
        operation: Any,
        options: dict[str, Any],
        hint: str,
    ) -> None:
        caplog.set_level(logging.WARNING, "llmdocs.wire")

        refused(ask, operation, **options)

        assert hint in caplog.text
