"""The mocked LM Studio is believed because OpenAI's own SDK, which it documents, accepts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

from llmdocs.wire.accounts import Account, Model
from llmdocs.wire.server import MockedProviders

URL = "http://localhost:1234/v1"
CHAT = "qwen/qwen3-4b-2507"
EMBEDDING = "text-embedding-nomic-embed-text-v1.5"
TOKEN = "sk-lm-J9Fa6fbC:jkFcl7oqhmx5"
QUESTION: Any = {"role": "user", "content": "Which city has the oldest tram?"}
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "examples": ["Lyon, France"]}},
        },
    },
}

Ask = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("wire")


@pytest.fixture(params=["sync", "async"])
def ask(request: pytest.FixtureRequest, run_with: Ask) -> Ask:
    """Run an operation with the plain or the asynchronous client; a stream gives a list."""
    kind = {"sync": OpenAI, "async": AsyncOpenAI}[request.param]
    standard = {"api_key": "lm-studio", "base_url": URL, "max_retries": 0}
    return lambda operation, **options: run_with(kind, operation, {**standard, **options})


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    """The address of a server that requires authentication."""
    account = Account(frozenset({TOKEN}), {CHAT: Model(CHAT, "chat")})
    with MockedProviders({"lm_studio": account}) as providers:
        yield f"{providers.url}/lm_studio"


def chat(**arguments: Any) -> Callable[[Any], Any]:
    arguments = {"model": CHAT, "messages": [QUESTION], **arguments}
    return lambda client: client.chat.completions.create(**arguments)


def embed(**arguments: Any) -> Callable[[Any], Any]:
    arguments = {"model": EMBEDDING, "input": "an old tram", **arguments}
    return lambda client: client.embeddings.create(**arguments)


def refused(ask: Ask, operation: Callable[[Any], Any], **options: Any) -> Any:
    """The error of a 400's body: an object or, in older words, a text."""
    with pytest.raises(openai.BadRequestError) as caught:
        ask(operation, **options)
    return caught.value.response.json()["error"]


class TestChat:
    def test_an_answer_says_what_was_asked(self, ask: Ask) -> None:
        answer = ask(chat())

        assert answer.choices[0].message.content == (
            f"{CHAT} (mocked) was asked: Which city has the oldest tram?"
        )

    def test_a_stream_says_the_same_piece_by_piece(self, ask: Ask) -> None:
        whole = ask(chat())
        *chunks, last = ask(chat(stream=True, stream_options={"include_usage": True}))
        pieces = [chunk.choices[0].delta.content or "" for chunk in chunks]

        assert "".join(pieces) == whole.choices[0].message.content
        assert len([piece for piece in pieces if piece]) > 1
        assert last.usage == whole.usage

    def test_tools_are_called(self, ask: Ask) -> None:
        [call] = ask(chat(tools=[WEATHER])).choices[0].message.tool_calls

        assert (call.function.name, call.function.arguments) == (
            "get_weather",
            '{"city": "Lyon, France"}',
        )

    def test_tool_calls_are_streamed(self, ask: Ask) -> None:
        chunks = ask(chat(tools=[WEATHER], stream=True))
        deltas = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []]

        assert deltas[0].function.name == "get_weather"
        assert "".join(delta.function.arguments for delta in deltas) == '{"city": "Lyon, France"}'

    def test_a_schema_is_kept(self, ask: Ask) -> None:
        class Tram(BaseModel):
            line: int

        answer = ask(
            lambda client: client.chat.completions.parse(
                model=CHAT, messages=[QUESTION], response_format=Tram
            )
        )

        assert answer.choices[0].message.parsed == Tram(line=0)

    def test_a_time_to_live_is_no_unknown_argument(self, ask: Ask) -> None:
        assert ask(chat(extra_body={"ttl": 300}))

    def test_json_without_a_schema_is_refused(self, ask: Ask) -> None:
        error = refused(ask, chat(response_format={"type": "json_object"}))

        assert error == "'response_format.type' must be 'json_schema' or 'text'"

    def test_messages_are_needed(self, ask: Ask) -> None:
        assert refused(ask, chat(messages=None)) == "'messages' field is required"

    def test_a_body_that_is_no_json_lacks_messages(self) -> None:
        answer = httpx.post(f"{URL}/chat/completions", content="{")

        assert (answer.status_code, answer.json()) == (
            400,
            {"error": "'messages' field is required"},
        )

    def test_a_message_without_a_meaning_is_refused(self, ask: Ask) -> None:
        error = refused(ask, chat(messages=[{"role": "nobody", "content": "Hello"}]))

        assert (error["type"], error["param"]) == ("invalid_request_error", "messages[0].role")


class TestEmbeddings:
    def test_come_one_for_each_text(self, ask: Ask) -> None:
        answer = ask(embed(input=["one", "two"]))

        assert [len(item.embedding) for item in answer.data] == [768, 768]
        assert answer.usage.prompt_tokens == 2

    def test_come_of_the_model_for_them_where_none_is_named(self) -> None:
        answer = httpx.post(f"{URL}/embeddings", json={"input": "Hello"})

        assert answer.json()["model"] == EMBEDDING

    def test_need_an_input(self, ask: Ask) -> None:
        assert refused(ask, embed(input=None)) == "'input' field is required"

    def test_do_not_come_of_a_model_for_chat(self, ask: Ask) -> None:
        error = refused(ask, embed(model=CHAT))

        assert error == {
            "message": f'Failed to load model "{CHAT}". Error: Model is not embedding.',
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        }


class TestTheModels:
    def test_are_all_listed(self, ask: Ask) -> None:
        models = ask(lambda client: client.models.list()).data

        assert [model.id for model in models] == [CHAT, EMBEDDING]

    @pytest.mark.parametrize("name", ["nope", EMBEDDING])
    def test_that_cannot_chat_are_refused_with_one_that_can(self, ask: Ask, name: str) -> None:
        error = refused(ask, chat(model=name))

        assert error == {
            "message": f'Invalid model identifier "{name}". Please specify a valid downloaded '
            f"model (e.g., {CHAT}).",
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        }


class TestTheAddress:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/chat/completions"),
            ("POST", "/v1/v1/chat/completions"),
            ("GET", "/v1/chat/completions"),
            ("GET", "/"),
        ],
    )
    def test_that_is_unknown_is_answered_with_success_and_an_error(
        self, method: str, path: str
    ) -> None:
        answer = httpx.request(method, f"http://localhost:1234{path}")

        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert answer.headers["x-powered-by"] == "Express"
        assert answer.json() == {"error": f"Unexpected endpoint or method. ({method} {path})"}

    def test_without_v1_gives_the_sdk_an_answer_that_is_none(self, ask: Ask) -> None:
        assert ask(chat(), base_url="http://localhost:1234").choices is None

    def test_without_v1_gives_the_sdk_a_stream_without_chunks(self, ask: Ask) -> None:
        assert ask(chat(stream=True), base_url="http://localhost:1234") == []

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "host.docker.internal"])
    def test_may_name_the_machine_in_several_ways(self, host: str) -> None:
        assert len(httpx.get(f"http://{host}:1234/v1/models").json()["data"]) == 2


class TestTheToken:
    def test_is_not_asked_for_by_default(self) -> None:
        assert "data" in httpx.get(f"{URL}/models").json()

    def test_is_taken_when_it_is_one_of_the_servers(self, ask: Ask, guarded: str) -> None:
        assert ask(chat(), api_key=TOKEN, base_url=f"{guarded}/v1")

    @pytest.mark.parametrize(
        ("header", "words"),
        [
            (None, "An LM Studio API token is required to make requests to this server, but none"),
            (f"Basic {TOKEN}", "An LM Studio API token is required"),
            ("Bearer wrong", "Malformed LM Studio API token provided: wrong Ensure"),
            ("Bearer 22aac52a7183", "Malformed LM Studio API token provided: 22aac52a71... Ensure"),
        ],
    )
    def test_is_missed_where_it_is_required(
        self, guarded: str, header: str | None, words: str
    ) -> None:
        headers = {"authorization": header} if header else {}
        answer = httpx.get(f"{guarded}/v1/models", headers=headers)
        error = answer.json()["error"]

        assert answer.status_code == 401
        assert error.pop("message").startswith(words)
        assert error == {"type": "invalid_request", "code": "invalid_api_key"}
