"""Ollama's mock holds if the official clients of both its APIs cannot tell it from the server."""

from __future__ import annotations

import asyncio
import base64
import json
import math
import struct
from collections.abc import AsyncIterator, Iterator
from inspect import isawaitable
from typing import Any

import httpx
import ollama
import openai
import pytest

from llmdocs.wire.accounts import Account, Model
from llmdocs.wire.ollama.api import application
from llmdocs.wire.server import MockedProviders

HOST = "http://localhost:11434"
CHAT = "llama3.2"
EMBEDDING = "nomic-embed-text"
HELLO = [{"role": "user", "content": "Say hello"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "enum": ["Paris"]}},
            "required": ["city"],
        },
    },
}
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
}

pytestmark = pytest.mark.usefixtures("wire")


class Calls:
    """The official clients, plain or async, called from plain tests."""

    def __init__(self, asynchronous: bool, runner: asyncio.Runner) -> None:
        self._asynchronous = asynchronous
        self._runner = runner
        self._clients: list[Any] = []

    def ollama(self, host: str = HOST, **options: Any) -> Any:
        return self._kept((ollama.Client, ollama.AsyncClient), host=host, **options)

    def openai(self, base_url: str = f"{HOST}/v1", api_key: str = "ollama") -> Any:
        return self._kept(
            (openai.OpenAI, openai.AsyncOpenAI), base_url=base_url, api_key=api_key, max_retries=0
        )

    def _kept(self, kinds: tuple[Any, Any], **options: Any) -> Any:
        self._clients.append(kinds[self._asynchronous](**options))
        return self._clients[-1]

    def __call__(self, call: Any) -> Any:
        """What a call gives: awaited if need be, and a stream as the list of its parts."""

        async def finished() -> Any:
            value = await call if isawaitable(call) else call
            return [part async for part in value] if isinstance(value, AsyncIterator) else value

        value = self._runner.run(finished())
        return list(value) if isinstance(value, Iterator) else value

    def close(self) -> None:
        for client in self._clients:
            self(client.close())


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def calls(request: pytest.FixtureRequest) -> Iterator[Calls]:
    with asyncio.Runner() as runner:
        calls = Calls(request.param, runner)
        yield calls
        calls.close()


def post(path: str, body: Any) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(HOST + path, content=content)


def lines_of(response: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(line) for line in response.text.splitlines()]


def events_of(response: httpx.Response) -> list[str]:
    assert response.text.endswith("\n\n")
    return [event.removeprefix("data: ") for event in response.text[:-2].split("\n\n")]


def length_of(vector: Any) -> float:
    return math.sqrt(sum(value * value for value in vector))


class TestChat:
    def test_a_chat_is_answered_by_its_last_message(self, calls: Calls) -> None:
        answer = calls(calls.ollama().chat(CHAT, HELLO))

        assert answer.message.role == "assistant"
        assert answer.message.content == "llama3.2 (mocked) was asked: Say hello"
        assert (answer.model, answer.done, answer.done_reason) == (CHAT, True, "stop")

    def test_a_chat_says_how_many_tokens_it_took(self, calls: Calls) -> None:
        answer = calls(calls.ollama().chat(CHAT, HELLO))

        assert (answer.prompt_eval_count, answer.eval_count) == (2, 6)
        assert answer.total_duration > answer.eval_duration > 0

    def test_the_pieces_of_a_stream_are_the_whole_answer(self, calls: Calls) -> None:
        whole = calls(calls.ollama().chat(CHAT, HELLO))
        parts = calls(calls.ollama().chat(CHAT, HELLO, stream=True))

        assert len(parts) > 2
        assert "".join(part.message.content for part in parts) == whole.message.content

    def test_only_the_last_part_of_a_stream_is_done_and_measured(self, calls: Calls) -> None:
        *parts, last = calls(calls.ollama().chat(CHAT, HELLO, stream=True))

        assert {(part.done, part.done_reason, part.eval_count) for part in parts} == {
            (False, None, None)
        }
        assert (last.done, last.done_reason, last.eval_count) == (True, "stop", 6)

    def test_the_same_request_has_the_same_answer(self, calls: Calls) -> None:
        first = calls(calls.ollama().chat(CHAT, HELLO, tools=[WEATHER]))
        second = calls(calls.ollama().chat(CHAT, HELLO, tools=[WEATHER]))

        assert first == second

    def test_num_predict_cuts_the_answer(self, calls: Calls) -> None:
        answer = calls(calls.ollama().chat(CHAT, HELLO, options={"num_predict": 3}))

        assert answer.message.content == "llama3.2 (mocked) was"
        assert (answer.done_reason, answer.eval_count) == ("length", 3)

    def test_num_predict_below_one_does_not_cut(self, calls: Calls) -> None:
        answer = calls(calls.ollama().chat(CHAT, HELLO, options={"num_predict": -1}))

        assert answer.done_reason == "stop"

    def test_a_tool_is_called_with_an_object_of_arguments(self, calls: Calls) -> None:
        answer = calls(calls.ollama().chat(CHAT, HELLO, tools=[WEATHER]))

        (call,) = answer.message.tool_calls
        assert (call.function.name, call.function.arguments) == ("weather", {"city": "Paris"})
        assert (answer.message.content, answer.done_reason) == ("", "stop")

    def test_a_tools_result_is_answered_in_words(self, calls: Calls) -> None:
        asked = calls(calls.ollama().chat(CHAT, HELLO, tools=[WEATHER]))
        result = {"role": "tool", "tool_name": "weather", "content": "18 degrees"}
        messages = [*HELLO, asked.message, result]
        answer = calls(calls.ollama().chat(CHAT, messages, tools=[WEATHER]))

        assert answer.message.content == "llama3.2 (mocked) was told by the tool: 18 degrees"
        assert answer.message.tool_calls is None

    def test_a_streamed_tool_call_comes_whole_before_the_last_part(self, calls: Calls) -> None:
        call, last = calls(calls.ollama().chat(CHAT, HELLO, tools=[WEATHER], stream=True))

        assert call.message.tool_calls[0].function.arguments == {"city": "Paris"}
        assert (call.done, last.done, last.message.tool_calls) == (False, True, None)

    def test_a_schema_shapes_the_answer(self, calls: Calls) -> None:
        answer = calls(calls.ollama().chat(CHAT, HELLO, format=PERSON))

        assert json.loads(answer.message.content) == {"name": "text", "age": 0}

    def test_format_json_answers_with_an_object(self, calls: Calls) -> None:
        answer = calls(calls.ollama().chat(CHAT, HELLO, format="json"))

        assert json.loads(answer.message.content) == {}

    def test_no_messages_load_the_model(self, calls: Calls) -> None:
        answer = calls(calls.ollama().chat(CHAT, []))

        assert (answer.message.content, answer.done_reason) == ("", "load")

    def test_no_messages_and_no_time_to_live_unload_the_model(self, calls: Calls) -> None:
        answer = calls(calls.ollama().chat(CHAT, [], keep_alive=0))

        assert answer.done_reason == "unload"


class TestGenerate:
    def test_a_prompt_is_answered(self, calls: Calls) -> None:
        answer = calls(calls.ollama().generate(CHAT, "Say hello"))

        assert answer.response == "llama3.2 (mocked) was asked: Say hello"
        assert (answer.done_reason, answer.prompt_eval_count) == ("stop", 2)

    def test_a_system_prompt_is_counted(self, calls: Calls) -> None:
        answer = calls(calls.ollama().generate(CHAT, "Say hello", system="Be brief."))

        assert answer.prompt_eval_count == 4

    def test_the_pieces_of_a_stream_are_the_whole_answer(self, calls: Calls) -> None:
        *parts, last = calls(calls.ollama().generate(CHAT, "Say hello", stream=True))

        text = "".join(part.response for part in [*parts, last])
        assert text == "llama3.2 (mocked) was asked: Say hello"
        assert [part.done for part in parts] == [False] * len(parts)
        assert last.context

    def test_a_schema_shapes_the_answer(self, calls: Calls) -> None:
        answer = calls(calls.ollama().generate(CHAT, "Who?", format=PERSON))

        assert json.loads(answer.response) == {"name": "text", "age": 0}

    def test_an_empty_prompt_loads_the_model(self, calls: Calls) -> None:
        answer = calls(calls.ollama().generate(CHAT, ""))

        assert (answer.response, answer.done_reason) == ("", "load")

    def test_an_empty_prompt_with_no_time_to_live_unloads_the_model(self, calls: Calls) -> None:
        answer = calls(calls.ollama().generate(CHAT, "", keep_alive="0s"))

        assert answer.done_reason == "unload"


class TestEmbed:
    def test_a_string_gives_one_unit_vector(self, calls: Calls) -> None:
        answer = calls(calls.ollama().embed(EMBEDDING, "The sky is blue"))

        (vector,) = answer.embeddings
        assert (len(vector), answer.prompt_eval_count) == (768, 4)
        assert length_of(vector) == pytest.approx(1)

    def test_a_list_gives_a_vector_for_each_string_in_order(self, calls: Calls) -> None:
        texts = ["The sky is blue", "Grass is green"]
        answer = calls(calls.ollama().embed(EMBEDDING, texts))
        alone = [calls(calls.ollama().embed(EMBEDDING, text)).embeddings[0] for text in texts]

        assert answer.embeddings == alone

    def test_no_input_gives_no_vectors(self, calls: Calls) -> None:
        assert calls(calls.ollama().embed(EMBEDDING, "")).embeddings == []

    def test_an_empty_string_in_a_list_is_embedded(self, calls: Calls) -> None:
        assert len(calls(calls.ollama().embed(EMBEDDING, [""])).embeddings) == 1

    def test_dimensions_shorten_the_vector_to_a_unit_vector(self, calls: Calls) -> None:
        answer = calls(calls.ollama().embed(EMBEDDING, "The sky is blue", dimensions=64))

        assert len(answer.embeddings[0]) == 64
        assert length_of(answer.embeddings[0]) == pytest.approx(1)

    def test_more_dimensions_than_the_model_has_are_ignored(self, calls: Calls) -> None:
        answer = calls(calls.ollama().embed(EMBEDDING, "The sky is blue", dimensions=9999))

        assert len(answer.embeddings[0]) == 768

    def test_what_exceeds_the_context_is_cut_off(self, calls: Calls) -> None:
        answer = calls(calls.ollama().embed(EMBEDDING, "word " * 3000))

        assert answer.prompt_eval_count == 2048

    def test_a_chat_model_embeds_too(self, calls: Calls) -> None:
        assert len(calls(calls.ollama().embed(CHAT, "The sky")).embeddings) == 1

    def test_the_older_operation_gives_the_same_vector(self, calls: Calls) -> None:
        older = calls(calls.ollama().embeddings(EMBEDDING, "The sky is blue"))
        newer = calls(calls.ollama().embed(EMBEDDING, "The sky is blue"))

        assert older.embedding == newer.embeddings[0]

    def test_the_older_operation_gives_nothing_for_an_empty_prompt(self, calls: Calls) -> None:
        assert calls(calls.ollama().embeddings(EMBEDDING, "")).embedding == []


class TestModels:
    def test_the_accounts_models_are_listed_with_their_tags(self, calls: Calls) -> None:
        models = calls(calls.ollama().list()).models

        assert [model.model for model in models] == ["llama3.2:latest", "nomic-embed-text:latest"]
        assert {len(model.digest) for model in models} == {64}

    def test_the_accounts_models_are_loaded(self, calls: Calls) -> None:
        models = calls(calls.ollama().ps()).models

        assert [model.name for model in models] == ["llama3.2:latest", "nomic-embed-text:latest"]
        assert models[0].expires_at

    @pytest.mark.parametrize(
        ("model", "capabilities"), [(CHAT, ["completion", "tools"]), (EMBEDDING, ["embedding"])]
    )
    def test_a_model_shows_what_it_can_do(
        self, calls: Calls, model: str, capabilities: list[str]
    ) -> None:
        shown = calls(calls.ollama().show(model))

        assert shown.capabilities == capabilities
        assert shown.details.format == "gguf"

    @pytest.mark.parametrize(
        ("model", "own", "loaded"), [(CHAT, 131_072, 4096), (EMBEDDING, 2048, 2048)]
    )
    def test_a_model_shows_the_context_of_its_file_and_is_loaded_with_less(
        self, calls: Calls, model: str, own: int, loaded: int
    ) -> None:
        """A program that takes the one for the other refuses the model, or cuts its prompts."""
        info = calls(calls.ollama().show(model)).modelinfo
        in_memory = {item.name: item for item in calls(calls.ollama().ps()).models}

        assert [value for key, value in info.items() if "context_length" in key] == [own]
        assert in_memory[f"{model}:latest"].context_length == loaded

    @pytest.mark.parametrize(
        ("model", "family", "parameters", "quantization", "size", "lengths"),
        [
            # ollama/ollama docs/api.md, ollama/ollama#7907
            (CHAT, "llama", "3.2B", "Q4_K_M", 2_019_393_189, (131_072, 3072)),
            # zammad/zammad#6281
            (EMBEDDING, "nomic-bert", "137M", "F16", 274_302_450, (2048, 768)),
        ],
    )
    def test_a_model_is_what_its_real_file_is(
        self,
        model: str,
        family: str,
        parameters: str,
        quantization: str,
        size: int,
        lengths: tuple[int, int],
    ) -> None:
        everywhere = {
            "parent_model": "",
            "format": "gguf",
            "family": family,
            "families": [family],
            "parameter_size": parameters,
            "quantization_level": quantization,
        }
        shown = httpx.post(f"{HOST}/api/show", json={"model": model}).json()
        listed, in_memory = (
            next(
                item
                for item in httpx.get(f"{HOST}/api/{path}").json()["models"]
                if item["name"] == f"{model}:latest"
            )
            for path in ("tags", "ps")
        )

        assert shown["details"] == in_memory["details"] == everywhere
        assert listed["details"] == {
            **everywhere,
            "context_length": lengths[0],
            "embedding_length": lengths[1],
        }
        info = shown["model_info"]
        assert info["general.architecture"] == family
        assert (info[f"{family}.context_length"], info[f"{family}.embedding_length"]) == lengths
        assert (f"{family}.pooling_type" in info) == (model == EMBEDDING)
        assert listed["size"] == in_memory["size"] == size
        assert f"\n# FROM {model}:latest\n" in shown["modelfile"]

    def test_an_embedding_model_shows_the_length_of_its_vectors(self, calls: Calls) -> None:
        info = calls(calls.ollama().show(EMBEDDING)).modelinfo

        assert [value for key, value in info.items() if "embedding_length" in key] == [768]

    @pytest.mark.parametrize(
        "name",
        [
            "llama3.2:latest",
            "Llama3.2",
            "library/llama3.2",
            "registry.ollama.ai/library/llama3.2:latest",
        ],
    )
    def test_a_model_answers_to_each_spelling_of_its_name(self, calls: Calls, name: str) -> None:
        answer = calls(calls.ollama().chat(name, HELLO))

        assert answer.model == name
        assert answer.message.content == "llama3.2 (mocked) was asked: Say hello"

    def test_pulling_a_model_that_is_here_succeeds(self, calls: Calls) -> None:
        assert calls(calls.ollama().pull(CHAT)).status == "success"

    def test_pulling_a_model_streams_its_steps(self, calls: Calls) -> None:
        statuses = [step.status for step in calls(calls.ollama().pull(CHAT, stream=True))]

        assert (statuses[0], statuses[-1]) == ("pulling manifest", "success")

    def test_pulling_an_unknown_model_fails(self, calls: Calls) -> None:
        with pytest.raises(ollama.ResponseError) as failure:
            calls(calls.ollama().pull("absent"))

        assert failure.value.error == "pull model manifest: file does not exist"
        assert failure.value.status_code == 500

    def test_pulling_an_unknown_model_fails_within_a_stream(self, calls: Calls) -> None:
        with pytest.raises(ollama.ResponseError) as failure:
            calls(calls.ollama().pull("absent", stream=True))

        assert failure.value.error == "pull model manifest: file does not exist"
        assert failure.value.status_code == -1


class TestConnection:
    @pytest.mark.parametrize(
        "host",
        [
            "http://localhost:11434",
            "http://127.0.0.1:11434",
            "http://[::1]:11434",
            "http://host.docker.internal:11434",
        ],
    )
    def test_each_of_its_addresses_is_answered(
        self, calls: Calls, host: str, wire: MockedProviders
    ) -> None:
        calls(calls.ollama(host).chat(CHAT, HELLO))

        assert [request.url for request in wire.requests] == [f"{host}/api/chat"]

    def test_the_openai_client_arrives_under_v1(self, calls: Calls, wire: MockedProviders) -> None:
        calls(calls.openai().chat.completions.create(model=CHAT, messages=HELLO))

        assert [request.url for request in wire.requests] == [f"{HOST}/v1/chat/completions"]

    @pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer anything"}])
    def test_any_key_or_none_will_do(self, calls: Calls, headers: dict[str, str]) -> None:
        assert calls(calls.ollama(headers=headers).chat(CHAT, HELLO)).done

    @pytest.mark.parametrize("base_url", [f"{HOST}/v1", f"{HOST}/v1/chat"])
    def test_a_base_url_with_a_path_of_the_other_api_leads_nowhere(
        self, calls: Calls, base_url: str
    ) -> None:
        with pytest.raises(ollama.ResponseError) as refusal:
            calls(calls.ollama(base_url).chat(CHAT, HELLO))

        assert (refusal.value.error, refusal.value.status_code) == ("404 page not found", 404)

    @pytest.mark.parametrize("path", ["", "/api", "/openai/v1", "/v1/v1"])
    def test_a_base_url_that_does_not_end_at_v1_leads_nowhere(
        self, calls: Calls, path: str
    ) -> None:
        with pytest.raises(openai.NotFoundError) as refusal:
            client = calls.openai(HOST + path)
            calls(client.chat.completions.create(model=CHAT, messages=HELLO))

        assert refusal.value.response.text == "404 page not found"

    def test_a_refusal_is_logged_with_what_would_do(
        self, calls: Calls, caplog: pytest.LogCaptureFixture
    ) -> None:
        with pytest.raises(ollama.ResponseError):
            calls(calls.ollama().chat("absent", HELLO))

        assert "Chat models: llama3.2; embedding models: nomic-embed-text." in caplog.text


REFUSED_BY_OLLAMA: list[tuple[str, dict[str, Any], int, str]] = [
    ("chat", {"model": "absent", "messages": HELLO}, 404, "model 'absent' not found"),
    ("chat", {"model": "llama3.2:1b", "messages": HELLO}, 404, "model 'llama3.2:1b' not found"),
    ("chat", {"model": "ollama/llama3.2"}, 404, "model 'ollama/llama3.2' not found"),
    ("chat", {"model": "no spaces", "messages": HELLO}, 400, "invalid model name"),
    ("chat", {"model": EMBEDDING, "messages": HELLO}, 400, f'"{EMBEDDING}" does not support chat'),
    (
        "chat",
        {"model": EMBEDDING, "messages": HELLO, "tools": [WEATHER]},
        400,
        f'"{EMBEDDING}" does not support chat',
    ),
    (
        "chat",
        {"model": CHAT, "messages": HELLO, "think": True},
        400,
        f'"{CHAT}" does not support thinking',
    ),
    (
        "chat",
        {"model": CHAT, "messages": HELLO, "options": {"num_ctx": "4096"}},
        500,
        'option "num_ctx" must be of type integer',
    ),
    (
        "chat",
        {"model": CHAT, "messages": HELLO, "options": {"stop": "."}},
        500,
        'option "stop" must be of type array',
    ),
    (
        "chat",
        {"model": CHAT, "messages": HELLO, "top_logprobs": 21},
        400,
        "top_logprobs must be between 0 and 20",
    ),
    (
        "chat",
        {"model": CHAT, "messages": HELLO, "keep_alive": "10"},
        400,
        'time: missing unit in duration "10"',
    ),
    (
        "chat",
        {"model": CHAT, "messages": HELLO, "keep_alive": "soon"},
        400,
        'time: invalid duration "soon"',
    ),
    ("generate", {"model": "absent", "prompt": "Hi"}, 404, "model 'absent' not found"),
    ("generate", {"model": "no spaces", "prompt": "Hi"}, 400, "invalid model name"),
    (
        "generate",
        {"model": EMBEDDING, "prompt": "Hi"},
        400,
        f'"{EMBEDDING}" does not support generate',
    ),
    (
        "generate",
        {"model": CHAT, "prompt": "Hi", "think": "high"},
        400,
        f'"{CHAT}" does not support thinking',
    ),
    (
        "generate",
        {"model": CHAT, "prompt": "Hi", "suffix": "end"},
        400,
        "registry.ollama.ai/library/llama3.2:latest does not support insert",
    ),
    (
        "generate",
        {"model": CHAT, "prompt": "Hi", "raw": True, "system": "Be brief."},
        400,
        "raw mode does not support template, system, or context",
    ),
    (
        "embed",
        {"model": "absent", "input": "Hi"},
        404,
        'model "absent" not found, try pulling it first',
    ),
    ("embed", {"model": "no spaces", "input": "Hi"}, 400, "invalid model name"),
    (
        "embed",
        {"model": EMBEDDING, "input": "word " * 3000, "truncate": False},
        400,
        "the input length exceeds the context length",
    ),
    (
        "embeddings",
        {"model": "absent", "prompt": "Hi"},
        404,
        'model "absent" not found, try pulling it first',
    ),
    ("show", {"model": "absent"}, 404, "model 'absent:latest' not found"),
    ("show", {"model": "library/absent:1b"}, 404, "model 'absent:1b' not found"),
    ("show", {"model": "no spaces"}, 400, "invalid model name"),
    ("pull", {"model": "no spaces"}, 400, "invalid model name"),
]


@pytest.mark.parametrize(("operation", "request_", "status", "message"), REFUSED_BY_OLLAMA)
def test_the_ollama_client_raises_what_the_server_refuses(
    calls: Calls, operation: str, request_: dict[str, Any], status: int, message: str
) -> None:
    with pytest.raises(ollama.ResponseError) as refusal:
        calls(getattr(calls.ollama(), operation)(**request_))

    assert (refusal.value.status_code, refusal.value.error) == (status, message)


@pytest.mark.parametrize("operation", ["chat", "generate"])
def test_a_refusal_before_the_first_byte_of_a_stream_has_its_status(
    calls: Calls, operation: str
) -> None:
    with pytest.raises(ollama.ResponseError) as refusal:
        calls(getattr(calls.ollama(), operation)("absent", stream=True))

    assert refusal.value.status_code == 404


# What the clients would not send.
REFUSED_BODIES: list[tuple[str, Any, int, str]] = [
    *(
        (f"/api/{name}", body, 400, "missing request body")
        for name in ("chat", "generate", "embed", "embeddings", "show", "pull")
        for body in (b"", b" \n")
    ),
    ("/api/chat", {"messages": HELLO}, 400, "model is required"),
    ("/api/chat", {"model": "", "messages": HELLO}, 400, "model is required"),
    ("/api/chat", {"model": None, "messages": HELLO}, 400, "model is required"),
    ("/api/generate", {"prompt": "Hi"}, 404, "model '' not found"),
    ("/api/embed", {"input": "Hi"}, 404, "model '' not found"),
    ("/api/embeddings", {"prompt": "Hi"}, 400, "model is required"),
    ("/api/show", {}, 400, "model is required"),
    ("/api/pull", {}, 400, "invalid model name"),
    ("/api/embed", {"model": EMBEDDING, "input": 3}, 400, "invalid input type"),
    ("/api/embed", {"model": EMBEDDING, "input": ["a", 3]}, 400, "invalid input type"),
    ("/api/embed", {"model": EMBEDDING, "input": [[1, 2]]}, 400, "invalid input type"),
    ("/api/embed", {"model": EMBEDDING, "input": {"a": 1}}, 400, "invalid input type"),
    (
        "/api/chat",
        {"model": CHAT, "messages": HELLO, "format": "xml"},
        500,
        r'invalid format: "\"xml\""; expected "json" or a valid JSON Schema object',
    ),
    (
        "/api/chat",
        {"model": CHAT, "messages": HELLO, "keep_alive": True},
        400,
        "Unsupported type: 'bool'",
    ),
    (
        "/api/chat",
        {"model": CHAT, "messages": HELLO, "think": 1},
        400,
        'think must be a boolean or string ("high", "medium", "low", true, or false)',
    ),
    (
        "/api/chat",
        {"model": CHAT, "messages": HELLO, "options": {"stop": [1]}},
        500,
        'option "stop" must be of an array of strings',
    ),
]


@pytest.mark.parametrize(("path", "body", "status", "message"), REFUSED_BODIES)
def test_a_body_that_will_not_do_is_refused(
    path: str, body: Any, status: int, message: str
) -> None:
    response = post(path, body)

    assert (response.status_code, response.json()) == (status, {"error": message})
    assert response.headers["content-type"] == "application/json; charset=utf-8"


NOT_JSON = [
    (b"model=llama3.2", "invalid character 'm' looking for beginning of value"),
    (b"{'model': 'x'}", r"invalid character '\'' looking for beginning of object key string"),
    (b'{"model": "x",}', "invalid character '}' looking for beginning of object key string"),
    (b'{"model" "x"}', "invalid character '\"' after object key"),
    (b'{"model": "x" "y"}', "invalid character '\"' after object key:value pair"),
    (b'{"messages": [{"a": "]"} 2]}', "invalid character '2' after array element"),
    (b'{"model": "a\nb"}', r"invalid character '\n' in string literal"),
    (b'{"model": "\\x"}', "invalid character 'x' in string escape code"),
    (b'{"model": NaN}', "invalid character 'N' looking for beginning of value"),
    (b'\xef\xbb\xbf{"model": "x"}', "invalid character '\xef' looking for beginning of value"),
    (b'{"model": "llama3.2"', "unexpected EOF"),
    (b'{"model": "llama', "unexpected EOF"),
    (b"[]", "json: cannot unmarshal array into Go value of type api.ChatRequest"),
    (b"[" * 100_000, "invalid character '[' exceeded max depth"),
    (b'{"a":' * 100_000, "invalid character '{' exceeded max depth"),
    (b'{"format":' + b"[" * 500 + b"]" * 500 + b"}", "invalid character '[' exceeded max depth"),
    (b'{"model": "\\u12x4"}', "invalid character 'x' in \\u hexadecimal character escape"),
    (b'"\\u12', "unexpected EOF"),
    (
        b'{"options": {"seed": 1' + b"0" * 5000 + b"}}",
        f"json: cannot unmarshal number 1{'0' * 5000} into Go value of type float64",
    ),
    (
        b'{"options": {"num_predict": 1e999}}',
        "json: cannot unmarshal number 1e999 into Go value of type float64",
    ),
]


@pytest.mark.parametrize(
    ("body", "message"), NOT_JSON, ids=[repr(body[:30]) for body, _ in NOT_JSON]
)
def test_what_is_not_json_is_refused_in_the_words_of_gos_decoder(body: bytes, message: str) -> None:
    response = post("/api/chat", body)

    assert (response.status_code, response.json()) == (400, {"error": message})


@pytest.mark.parametrize("path", ["/api/chat", "/v1/chat/completions"])
def test_half_a_surrogate_pair_is_replaced(path: str) -> None:
    message = b'{"role": "user", "content": "a \\ud800 b"}'
    body = b'{"model": "llama3.2", "stream": false, "messages": [' + message + b"]}"

    response = post(path, body)

    assert response.status_code == 200
    assert "a \ufffd b" in response.text


SCHEMAS = [{"$ref": "#/nope"}, {"$ref": "#"}, {"enum": []}, {"anyOf": []}, {"anyOf": 5}]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_schema_that_is_none_is_still_answered(schema: Any) -> None:
    """Ollama does not check what it is given; what a model then says is anyone's guess."""
    tool = {"type": "function", "function": {"name": "f", "parameters": schema}}
    nested = {"type": "object", "properties": {"a": schema}}
    asked = {"model": CHAT, "messages": HELLO}
    described = {"type": "json_schema", "json_schema": {"schema": schema}}

    answers = [
        post("/api/chat", {**asked, "format": schema}),
        post("/api/chat", {**asked, "tools": [tool]}),
        post("/api/chat", {**asked, "format": nested}),
        post("/v1/chat/completions", {**asked, "tools": [tool]}),
        post("/v1/chat/completions", {**asked, "response_format": described}),
    ]

    assert [answer.status_code for answer in answers] == [200] * 5


def test_what_follows_the_first_json_value_is_not_read() -> None:
    assert post("/api/chat", b'{"model": "llama3.2", "messages": []} and more').is_success


WRONG_TYPES: list[tuple[str, dict[str, Any], str]] = [
    ("chat", {"messages": "Hi"}, "string … ChatRequest.messages of type []api.Message"),
    (
        "chat",
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]},
        "array … ChatRequest.messages.content of type string",
    ),
    (
        "chat",
        {"messages": [{"tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}]},
        "string … ChatRequest.messages.tool_calls.function.arguments"
        " of type api.ToolCallFunctionArguments",
    ),
    ("chat", {"tools": WEATHER}, "object … ChatRequest.tools of type []api.Tool"),
    ("chat", {"stream": "false"}, "string … ChatRequest.stream of type bool"),
    ("chat", {"options": [1]}, "array … ChatRequest.options of type map[string]interface {}"),
    ("chat", {"top_logprobs": 1.5}, "number 1.5 … ChatRequest.top_logprobs of type int"),
    (
        "chat",
        {"top_logprobs": 2**63},
        "number 9223372036854775808 … ChatRequest.top_logprobs of type int",
    ),
    ("generate", {"prompt": ["Hi"]}, "array … GenerateRequest.prompt of type string"),
    ("embed", {"model": 3}, "number … EmbedRequest.model of type string"),
    ("embed", {"dimensions": "64"}, "string … EmbedRequest.dimensions of type int"),
    ("embeddings", {"prompt": True}, "bool … EmbeddingRequest.prompt of type string"),
]


@pytest.mark.parametrize(("operation", "body", "message"), WRONG_TYPES)
def test_a_field_of_a_wrong_type_is_refused_in_the_words_of_gos_decoder(
    operation: str, body: dict[str, Any], message: str
) -> None:
    response = post(f"/api/{operation}", body)

    expected = "json: cannot unmarshal " + message.replace("…", "into Go struct field")
    assert (response.status_code, response.json()) == (400, {"error": expected})


class TestProtocol:
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_the_root_says_that_ollama_is_running(self, method: str) -> None:
        response = httpx.request(method, f"{HOST}/")

        assert response.status_code == 200
        assert response.text == ("Ollama is running" if method == "GET" else "")

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_the_version_is_told(self, method: str) -> None:
        response = httpx.request(method, f"{HOST}/api/version")

        assert response.status_code == 200
        assert method == "HEAD" or set(response.json()) == {"version"}

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/api/chat", {"model": CHAT, "messages": HELLO}),
            ("/api/generate", {"model": CHAT, "prompt": "Hi"}),
            ("/api/pull", {"model": CHAT}),
        ],
    )
    def test_an_answer_is_streamed_unless_asked_otherwise(
        self, path: str, body: dict[str, Any]
    ) -> None:
        streamed, whole = post(path, body), post(path, {**body, "stream": False})

        assert streamed.headers["content-type"] == "application/x-ndjson"
        assert len(lines_of(streamed)) > 2
        assert whole.headers["content-type"] == "application/json; charset=utf-8"

    def test_each_line_of_a_chat_holds_one_part(self) -> None:
        first, *_, last = lines_of(post("/api/chat", {"model": CHAT, "messages": HELLO}))

        assert first == {
            "model": CHAT,
            "created_at": "2026-01-01T00:00:00Z",
            "message": {"role": "assistant", "content": "llama3.2"},
            "done": False,
        }
        assert last["message"] == {"role": "assistant", "content": ""}
        assert {"done_reason", "total_duration", "eval_count"} < set(last)

    def test_a_tool_call_has_an_id_of_eight_characters(self) -> None:
        body = {"model": CHAT, "messages": HELLO, "tools": [WEATHER]}
        call = lines_of(post("/api/chat", body))[0]["message"]["tool_calls"][0]

        assert call["id"].startswith("call_") and len(call["id"]) == 13
        assert call["function"] == {"index": 0, "name": "weather", "arguments": {"city": "Paris"}}

    def test_a_load_is_one_object_even_when_streaming(self) -> None:
        response = post("/api/chat", {"model": CHAT})

        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert response.json() == {
            "model": CHAT,
            "created_at": "2026-01-01T00:00:00Z",
            "message": {"role": "assistant", "content": ""},
            "done": True,
            "done_reason": "load",
        }

    def test_a_failed_pull_has_status_200_and_an_error_in_its_last_line(self) -> None:
        response = post("/api/pull", {"model": "absent"})

        assert response.status_code == 200
        assert lines_of(response) == [
            {"status": "pulling manifest"},
            {"error": "pull model manifest: file does not exist"},
        ]

    def test_a_zero_is_left_out(self) -> None:
        answer = post("/api/embed", {"model": EMBEDDING, "input": [""]}).json()

        assert "total_duration" in answer and "prompt_eval_count" not in answer

    def test_the_content_type_is_not_checked(self) -> None:
        body = json.dumps({"model": CHAT, "messages": HELLO})
        response = httpx.post(
            f"{HOST}/api/chat", content=body, headers={"content-type": "text/plain"}
        )

        assert response.status_code == 200

    def test_an_unknown_field_and_an_unknown_option_are_ignored(self) -> None:
        body = {"model": CHAT, "messages": HELLO, "temprature": 0, "options": {"tempo": "fast"}}

        assert post("/api/chat", body).status_code == 200

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/v1/api/chat"),
            ("POST", "/chat/completions"),
            ("POST", "/v1/chat"),
            ("POST", "/openai/v1/chat/completions"),
            ("POST", "/v1/v1/chat/completions"),
            ("GET", "/api"),
            ("GET", "/v1"),
        ],
    )
    def test_a_wrong_path_is_not_found(self, method: str, path: str) -> None:
        response = httpx.request(method, HOST + path)

        assert (response.status_code, response.text) == (404, "404 page not found")
        assert response.headers["content-type"] == "text/plain"

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/"),
            ("GET", "/api/chat"),
            ("GET", "/api/embed"),
            ("POST", "/api/tags"),
            ("HEAD", "/api/ps"),
            ("GET", "/v1/chat/completions"),
            ("HEAD", "/v1/models"),
        ],
    )
    def test_a_wrong_method_is_not_allowed(self, method: str, path: str) -> None:
        response = httpx.request(method, HOST + path)

        assert response.status_code == 405
        assert method == "HEAD" or response.text == "405 method not allowed"

    def test_a_trailing_slash_is_redirected_with_its_method(self) -> None:
        response = post("/api/chat/", {"model": CHAT})

        assert (response.status_code, response.headers["location"]) == (307, f"{HOST}/api/chat")


class TestV1:
    """The OpenAI-compatible API, by the official OpenAI client."""

    def test_a_chat_is_answered(self, calls: Calls) -> None:
        answer = calls(calls.openai().chat.completions.create(model=CHAT, messages=HELLO))

        (choice,) = answer.choices
        assert choice.message.content == "llama3.2 (mocked) was asked: Say hello"
        assert (choice.finish_reason, choice.message.tool_calls) == ("stop", None)
        assert (answer.model, answer.system_fingerprint) == (CHAT, "fp_ollama")
        assert answer.usage.model_dump(exclude_none=True) == {
            "prompt_tokens": 2,
            "completion_tokens": 6,
            "total_tokens": 8,
        }

    def test_max_tokens_cuts_the_answer(self, calls: Calls) -> None:
        answer = calls(
            calls.openai().chat.completions.create(model=CHAT, messages=HELLO, max_tokens=3)
        )

        assert answer.choices[0].message.content == "llama3.2 (mocked) was"
        assert answer.choices[0].finish_reason == "length"

    def test_max_completion_tokens_and_tool_choice_are_ignored(self, calls: Calls) -> None:
        answer = calls(
            calls.openai().chat.completions.create(
                model=CHAT, messages=HELLO, max_completion_tokens=3, tool_choice="required"
            )
        )

        assert answer.choices[0].finish_reason == "stop"

    def test_the_pieces_of_a_stream_are_the_whole_answer(self, calls: Calls) -> None:
        *chunks, last = calls(
            calls.openai().chat.completions.create(model=CHAT, messages=HELLO, stream=True)
        )

        text = "".join(chunk.choices[0].delta.content for chunk in chunks)
        assert text == "llama3.2 (mocked) was asked: Say hello"
        assert last.choices[0].finish_reason == "stop"
        assert {chunk.id for chunk in chunks} == {last.id}

    def test_a_stream_ends_with_its_usage_when_asked(self, calls: Calls) -> None:
        *chunks, last = calls(
            calls.openai().chat.completions.create(
                model=CHAT, messages=HELLO, stream=True, stream_options={"include_usage": True}
            )
        )

        assert (last.choices, last.usage.total_tokens) == ([], 8)
        assert not any("usage" in chunk.model_fields_set for chunk in chunks)

    def test_a_tool_is_called_with_written_arguments(self, calls: Calls) -> None:
        answer = calls(
            calls.openai().chat.completions.create(model=CHAT, messages=HELLO, tools=[WEATHER])
        )

        (call,) = answer.choices[0].message.tool_calls
        assert (call.type, call.function.name) == ("function", "weather")
        assert json.loads(call.function.arguments) == {"city": "Paris"}
        assert answer.choices[0].finish_reason == "tool_calls"

    def test_a_tools_result_is_answered_in_words(self, calls: Calls) -> None:
        create = calls.openai().chat.completions.create
        asked = calls(create(model=CHAT, messages=HELLO, tools=[WEATHER])).choices[0].message
        result = {"role": "tool", "tool_call_id": asked.tool_calls[0].id, "content": "18 degrees"}
        answer = calls(create(model=CHAT, messages=[*HELLO, asked, result], tools=[WEATHER]))

        assert (
            answer.choices[0].message.content
            == "llama3.2 (mocked) was told by the tool: 18 degrees"
        )

    def test_a_streamed_tool_call_comes_whole_in_one_chunk(self, calls: Calls) -> None:
        chunk, last = calls(
            calls.openai().chat.completions.create(
                model=CHAT, messages=HELLO, tools=[WEATHER], stream=True
            )
        )

        (call,) = chunk.choices[0].delta.tool_calls
        assert (call.index, call.type, call.function.name) == (0, "function", "weather")
        assert json.loads(call.function.arguments) == {"city": "Paris"}
        assert last.choices[0].finish_reason == "tool_calls"

    @pytest.mark.parametrize(
        ("response_format", "expected"),
        [
            ({"type": "json_object"}, {}),
            (
                {"type": "json_schema", "json_schema": {"name": "person", "schema": PERSON}},
                {"name": "text", "age": 0},
            ),
            ({"type": "text"}, None),
        ],
    )
    def test_a_response_format_shapes_the_answer(
        self, calls: Calls, response_format: dict[str, Any], expected: Any
    ) -> None:
        answer = calls(
            calls.openai().chat.completions.create(
                model=CHAT, messages=HELLO, response_format=response_format
            )
        )

        text = answer.choices[0].message.content
        assert expected == (None if text.startswith(CHAT) else json.loads(text))

    def test_parts_of_text_and_an_image_are_taken(self, calls: Calls) -> None:
        pixel = base64.b64encode(b"not looked at").decode()
        image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{pixel}"}}
        content = [image, {"type": "text", "text": "What is this?"}]
        messages = [{"role": "user", "content": content}]
        answer = calls(calls.openai().chat.completions.create(model=CHAT, messages=messages))

        assert answer.choices[0].message.content == "llama3.2 (mocked) was asked: What is this?"

    def test_no_reasoning_is_taken_by_any_model(self, calls: Calls) -> None:
        answer = calls(
            calls.openai().chat.completions.create(
                model=CHAT, messages=HELLO, reasoning_effort="none"
            )
        )

        assert answer.choices[0].finish_reason == "stop"

    def test_a_prompt_is_completed(self, calls: Calls) -> None:
        answer = calls(calls.openai().completions.create(model=CHAT, prompt="Say hello"))

        assert answer.choices[0].text == "llama3.2 (mocked) was asked: Say hello"
        assert (answer.choices[0].finish_reason, answer.usage.total_tokens) == ("stop", 8)

    def test_a_streamed_completion_counts_nothing_before_its_end(self, calls: Calls) -> None:
        *chunks, last = calls(
            calls.openai().completions.create(
                model=CHAT, prompt="Hi", stream=True, stream_options={"include_usage": True}
            )
        )

        assert {chunk.usage.total_tokens for chunk in chunks} == {0}
        assert chunks[-1].choices[0].finish_reason == "stop"
        assert (last.choices, last.usage.prompt_tokens) == ([], 1)

    @pytest.mark.parametrize("encoding", ["base64", "float"])
    def test_embeddings_are_those_of_the_native_api(self, calls: Calls, encoding: str) -> None:
        texts = ["The sky is blue", ""]
        answer = calls(
            calls.openai().embeddings.create(model=EMBEDDING, input=texts, encoding_format=encoding)
        )
        vectors = [
            struct.unpack("<768f", base64.b64decode(item.embedding))
            if encoding == "base64"
            else item.embedding
            for item in answer.data
        ]

        native = calls(calls.ollama().embed(EMBEDDING, texts)).embeddings
        for vector, expected in zip(vectors, native, strict=True):
            assert list(vector) == pytest.approx(expected)
        assert answer.usage.prompt_tokens == 4

    @pytest.mark.parametrize("text", ["The sky is blue", ""])
    def test_one_string_is_embedded_by_default(self, calls: Calls, text: str) -> None:
        (item,) = calls(calls.openai().embeddings.create(model=EMBEDDING, input=text)).data

        assert len(item.embedding) == 768

    def test_dimensions_shorten_the_vector(self, calls: Calls) -> None:
        answer = calls(
            calls.openai().embeddings.create(model=EMBEDDING, input="The sky", dimensions=64)
        )

        assert len(answer.data[0].embedding) == 64

    def test_the_accounts_models_are_listed(self, calls: Calls) -> None:
        models = calls(calls.openai().models.list()).data

        assert [(model.id, model.owned_by) for model in models] == [
            ("llama3.2:latest", "library"),
            ("nomic-embed-text:latest", "library"),
        ]

    def test_one_model_is_found_by_its_name(self, calls: Calls) -> None:
        model = calls(calls.openai().models.retrieve(CHAT))

        assert (model.id, model.object, model.owned_by) == (CHAT, "model", "library")


def chat_with(content: Any, **others: Any) -> dict[str, Any]:
    return {"model": CHAT, "messages": [{"role": "user", "content": content}], **others}


REFUSED_BY_V1: list[tuple[str, dict[str, Any], type[openai.APIStatusError], str]] = [
    (
        "chat.completions",
        {"model": "absent", "messages": HELLO},
        openai.NotFoundError,
        "model 'absent' not found",
    ),
    (
        "chat.completions",
        {"model": "", "messages": HELLO},
        openai.BadRequestError,
        "model is required",
    ),
    (
        "chat.completions",
        {"model": "no spaces", "messages": HELLO},
        openai.BadRequestError,
        "invalid model name",
    ),
    (
        "chat.completions",
        {"model": "absent", "messages": []},
        openai.BadRequestError,
        "[] is too short - 'messages'",
    ),
    (
        "chat.completions",
        {"model": EMBEDDING, "messages": HELLO},
        openai.BadRequestError,
        f'"{EMBEDDING}" does not support chat',
    ),
    (
        "chat.completions",
        {"model": CHAT, "messages": HELLO, "reasoning_effort": "high"},
        openai.BadRequestError,
        f'"{CHAT}" does not support thinking',
    ),
    (
        "chat.completions",
        {"model": CHAT, "messages": HELLO, "reasoning_effort": "hard"},
        openai.BadRequestError,
        'invalid reasoning value: "hard" (must be "minimal", "low", "medium", "high", "xhigh",'
        ' "ultra", "max", or "none")',
    ),
    (
        "chat.completions",
        {"model": CHAT, "messages": "Hi"},
        openai.BadRequestError,
        "json: cannot unmarshal string into Go struct field ChatCompletionRequest.messages"
        " of type []openai.Message",
    ),
    (
        "chat.completions",
        {"model": CHAT, "messages": HELLO, "max_tokens": "9"},
        openai.BadRequestError,
        "json: cannot unmarshal string into Go struct field ChatCompletionRequest.max_tokens"
        " of type int",
    ),
    (
        "chat.completions",
        chat_with(3),
        openai.BadRequestError,
        "invalid message content type: float64",
    ),
    (
        "chat.completions",
        chat_with(None),
        openai.BadRequestError,
        "invalid message content type: <nil>",
    ),
    (
        "chat.completions",
        chat_with([{"type": "input_audio"}]),
        openai.BadRequestError,
        "invalid message format",
    ),
    (
        "chat.completions",
        chat_with([{"type": "image_url", "image_url": {"url": "https://a.test/b.png"}}]),
        openai.BadRequestError,
        "image URLs are not currently supported, please use base64 encoded data instead",
    ),
    (
        "chat.completions",
        chat_with([{"type": "image_url", "image_url": {"url": "data:text/plain,hi"}}]),
        openai.BadRequestError,
        "invalid image input",
    ),
    (
        "chat.completions",
        {
            "model": CHAT,
            "messages": [
                {
                    "role": "assistant",
                    "tool_calls": [{"function": {"name": "f", "arguments": "city"}}],
                }
            ],
        },
        openai.BadRequestError,
        "invalid tool call arguments",
    ),
    (
        "completions",
        {"model": "absent", "prompt": "Hi"},
        openai.NotFoundError,
        "model 'absent' not found",
    ),
    ("completions", {"model": "", "prompt": "Hi"}, openai.NotFoundError, "model '' not found"),
    (
        "completions",
        {"model": CHAT, "prompt": ["Hi"]},
        openai.BadRequestError,
        "json: cannot unmarshal array into Go struct field CompletionRequest.prompt of type string",
    ),
    (
        "embeddings",
        {"model": "absent", "input": "Hi"},
        openai.NotFoundError,
        'model "absent" not found, try pulling it first',
    ),
    ("embeddings", {"model": "", "input": "Hi"}, openai.NotFoundError, "model '' not found"),
    ("embeddings", {"model": EMBEDDING, "input": []}, openai.BadRequestError, "invalid input"),
    (
        "embeddings",
        {"model": EMBEDDING, "input": [1, 2]},
        openai.BadRequestError,
        "invalid input type",
    ),
    (
        "embeddings",
        {"model": EMBEDDING, "input": "Hi", "encoding_format": "hex"},
        openai.BadRequestError,
        "Invalid value for 'encoding_format' = hex. Supported values: ['float', 'base64'].",
    ),
]


@pytest.mark.parametrize(("resource", "request_", "error", "message"), REFUSED_BY_V1)
def test_the_openai_client_raises_what_the_server_refuses(
    calls: Calls,
    resource: str,
    request_: dict[str, Any],
    error: type[openai.APIStatusError],
    message: str,
) -> None:
    target: Any = calls.openai()
    for name in resource.split("."):
        target = getattr(target, name)

    with pytest.raises(error) as refusal:
        calls(target.create(**request_))

    types = {400: "invalid_request_error", 404: "not_found_error"}
    assert refusal.value.response.json() == {
        "error": {
            "message": message,
            "type": types[refusal.value.status_code],
            "param": None,
            "code": None,
        }
    }


def test_the_openai_client_raises_for_an_unknown_model_before_a_stream(calls: Calls) -> None:
    with pytest.raises(openai.NotFoundError):
        calls(calls.openai().chat.completions.create(model="absent", messages=HELLO, stream=True))


def test_the_openai_client_does_not_find_an_unknown_model_by_name(calls: Calls) -> None:
    with pytest.raises(openai.NotFoundError) as refusal:
        calls(calls.openai().models.retrieve("absent"))

    assert "model 'absent:latest' not found" in refusal.value.message


class TestV1Protocol:
    @pytest.mark.parametrize("path", ["chat/completions", "completions", "embeddings"])
    @pytest.mark.parametrize(
        ("body", "message"),
        [
            (b"", "EOF"),
            (b"model=x", "invalid character 'm' looking for beginning of value"),
            (b'{"model": ', "unexpected EOF"),
        ],
    )
    def test_what_is_not_json_is_refused(self, path: str, body: bytes, message: str) -> None:
        response = post(f"/v1/{path}", body)

        assert (response.status_code, response.json()["error"]["message"]) == (400, message)
        assert response.json()["error"]["type"] == "invalid_request_error"

    @pytest.mark.parametrize("body", [{"model": CHAT}, {"messages": []}, {}, {"messages": None}])
    def test_messages_are_checked_before_the_model(self, body: dict[str, Any]) -> None:
        error = post("/v1/chat/completions", body).json()["error"]

        assert error["message"] == "[] is too short - 'messages'"

    def test_a_missing_input_is_refused(self) -> None:
        error = post("/v1/embeddings", {"model": EMBEDDING}).json()["error"]

        assert error["message"] == "invalid input"

    def test_an_answer_is_whole_unless_a_stream_is_asked_for(self) -> None:
        body = {"model": CHAT, "messages": HELLO}
        whole = post("/v1/chat/completions", body)
        streamed = post("/v1/chat/completions", {**body, "stream": True})

        assert whole.headers["content-type"] == "application/json"
        assert streamed.headers["content-type"] == "text/event-stream"

    def test_a_stream_is_made_of_events_and_ends_with_done(self) -> None:
        body = {"model": CHAT, "messages": HELLO, "stream": True}
        *events, end = events_of(post("/v1/chat/completions", body))

        assert end == "[DONE]"
        chunks = [json.loads(event) for event in events]
        assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
        assert len({(chunk["id"], chunk["created"]) for chunk in chunks}) == 1

    def test_the_role_comes_first_and_the_finish_reason_alone(self) -> None:
        body = {"model": CHAT, "messages": HELLO, "stream": True}
        events = events_of(post("/v1/chat/completions", body))[:-1]

        first, *middle, last = (json.loads(event)["choices"][0] for event in events)
        assert first["delta"] == {"role": "assistant", "content": "llama3.2"}
        assert {tuple(choice["delta"]) for choice in middle} == {("content",)}
        assert (last["delta"], last["finish_reason"]) == ({}, "stop")


class TestOtherAccounts:
    """Accounts that the recipe does not make."""

    def test_tools_are_refused_by_a_model_without_them(self) -> None:
        client = _client_of("llama3:8b")

        with pytest.raises(ollama.ResponseError) as refusal:
            asyncio.run(client.chat("llama3:8b", HELLO, tools=[WEATHER]))

        assert refusal.value.status_code == 400
        assert refusal.value.error == "registry.ollama.ai/library/llama3:8b does not support tools"

    def test_a_model_with_a_tag_has_no_other(self) -> None:
        client = _client_of("llama3:8b")

        with pytest.raises(ollama.ResponseError) as refusal:
            asyncio.run(client.chat("llama3", HELLO))

        assert refusal.value.error == "model 'llama3' not found"

    @pytest.mark.parametrize(
        ("model", "family"), [("qwen3:0.6b", "qwen"), ("7b-chat", "b"), ("4:1", "llama")]
    )
    def test_a_model_without_a_known_file_has_the_family_of_its_name(
        self, model: str, family: str
    ) -> None:
        info = asyncio.run(_client_of(model).show(model)).modelinfo

        assert info is not None
        assert info["general.architecture"] == family
        assert f"{family}.context_length" in info

    def test_a_server_without_models_lists_none(self) -> None:
        client = _client_of()

        assert asyncio.run(client.list()).models == []

    def test_a_server_without_models_lists_null_under_v1(self) -> None:
        async def models() -> Any:
            transport = httpx.ASGITransport(application(Account()))
            async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
                return (await client.get("/v1/models")).json()

        assert asyncio.run(models()) == {"object": "list", "data": None}


def _client_of(*chat_models: str) -> ollama.AsyncClient:
    """An official client of a server with these models, without a network."""
    served = {name: Model(name, "chat") for name in chat_models}
    transport = httpx.ASGITransport(application(Account(served=served)))
    return ollama.AsyncClient(HOST, transport=transport)
