"""What LM Studio alone does, held to OpenAI's own SDK; test_compatible.py has what all do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from llmdocs.wire.accounts import Account, Model
from llmdocs.wire.server import MockedProviders
from tests.support.openai_calls import Ask, Operation, asking, chat_with, embed_with, refused

URL = "http://localhost:1234/v1"
CHAT = "qwen/qwen3-4b-2507"
EMBEDDING = "text-embedding-nomic-embed-text-v1.5"
TOKEN = "sk-lm-J9Fa6fbC:jkFcl7oqhmx5"
pytestmark = pytest.mark.usefixtures("wire")


@pytest.fixture(params=["sync", "async"])
def ask(request: pytest.FixtureRequest, run_with: Ask) -> Ask:
    """Run an operation with the plain or the asynchronous client; a stream gives a list."""
    kind = {"sync": OpenAI, "async": AsyncOpenAI}[request.param]
    return asking(run_with, kind, api_key="lm-studio", base_url=URL)


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    """The address of a server that requires authentication."""
    account = Account(frozenset({TOKEN}), {CHAT: Model(CHAT, "chat")})
    with MockedProviders({"lm_studio": account}) as providers:
        yield f"{providers.url}/lm_studio"


def chat(**arguments: Any) -> Operation:
    return chat_with(arguments.pop("model", CHAT), **arguments)


def embed(**arguments: Any) -> Operation:
    return embed_with(arguments.pop("model", EMBEDDING), **arguments)


def error_of(ask: Ask, operation: Operation) -> Any:
    """The error of a 400's body: an object or, in older words, a text."""
    return refused(ask, operation, openai.BadRequestError).response.json()["error"]


class TestChat:
    def test_a_time_to_live_is_no_unknown_argument(self, ask: Ask) -> None:
        assert ask(chat(extra_body={"ttl": 300}))

    def test_json_without_a_schema_is_refused(self, ask: Ask) -> None:
        error = error_of(ask, chat(response_format={"type": "json_object"}))

        assert error == "'response_format.type' must be 'json_schema' or 'text'"

    def test_messages_are_needed(self, ask: Ask) -> None:
        assert error_of(ask, chat(messages=None)) == "'messages' field is required"

    def test_a_body_that_is_no_json_lacks_messages(self) -> None:
        answer = httpx.post(f"{URL}/chat/completions", content="{")

        assert (answer.status_code, answer.json()) == (
            400,
            {"error": "'messages' field is required"},
        )

    def test_a_message_without_a_meaning_is_refused(self, ask: Ask) -> None:
        error = error_of(ask, chat(messages=[{"role": "nobody", "content": "Hello"}]))

        assert (error["type"], error["param"]) == ("invalid_request_error", "messages[0].role")


class TestEmbeddings:
    def test_come_of_the_model_for_them_where_none_is_named(self) -> None:
        answer = httpx.post(f"{URL}/embeddings", json={"input": "Hello"})

        assert answer.json()["model"] == EMBEDDING

    def test_need_an_input(self, ask: Ask) -> None:
        assert error_of(ask, embed(input=None)) == "'input' field is required"

    def test_do_not_come_of_a_model_for_chat(self, ask: Ask) -> None:
        error = error_of(ask, embed(model=CHAT))

        assert error == {
            "message": f'Failed to load model "{CHAT}". Error: Model is not embedding.',
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        }


def test_a_model_for_embeddings_cannot_chat(ask: Ask) -> None:
    error = error_of(ask, chat(model=EMBEDDING))

    assert error["message"].startswith(f'Invalid model identifier "{EMBEDDING}". Please specify a')
    assert error["code"] == "model_not_found"


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
