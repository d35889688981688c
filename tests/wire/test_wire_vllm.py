"""What vLLM alone does, held to OpenAI's own SDK; test_compatible.py has what all do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from llmdocs import recipes
from llmdocs.wire.accounts import Account, Model, account_from
from llmdocs.wire.server import MockedProviders
from tests.support.openai_calls import (
    QUESTION,
    Ask,
    Operation,
    asking,
    chat_with,
    embed_with,
    refused,
)

URL = "http://localhost:8000/v1"
CHAT = "Qwen/Qwen2.5-1.5B-Instruct"
EMBEDDING = "BAAI/bge-m3"
KEY = "token-abc123"
pytestmark = pytest.mark.usefixtures("wire")


@pytest.fixture(params=["sync", "async"])
def ask(request: pytest.FixtureRequest, run_with: Ask) -> Ask:
    """Run an operation with the plain or the asynchronous client; a stream gives a list."""
    kind = {"sync": OpenAI, "async": AsyncOpenAI}[request.param]
    return asking(run_with, kind, api_key="EMPTY", base_url=URL)


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    """The address of a server that was started with `--api-key`."""
    account = Account(frozenset({KEY}), {CHAT: Model(CHAT, "chat")})
    with MockedProviders({"vllm": account}) as providers:
        yield f"{providers.url}/vllm"


@pytest.fixture(scope="module")
def embedder() -> Iterator[str]:
    """The address of a server that was started with a model for embeddings."""
    account = Account(served={EMBEDDING: Model(EMBEDDING, "embeddings")})
    with MockedProviders({"vllm": account}) as providers:
        yield f"{providers.url}/vllm"


def chat(**arguments: Any) -> Operation:
    return chat_with(arguments.pop("model", CHAT), **arguments)


def embed(**arguments: Any) -> Operation:
    return embed_with(arguments.pop("model", EMBEDDING), **arguments)


def invalid(error: openai.APIStatusError) -> Any:
    """The error object of a 400."""
    assert type(error) is openai.BadRequestError
    return error.response.json()["error"]


class TestChat:
    @pytest.mark.parametrize(
        "arguments",
        [
            {"extra_body": {"top_k": 50}},
            {"reasoning_effort": "low"},
            {"max_tokens": 1, "max_completion_tokens": 2},
            {"response_format": {"type": "json_object"}},
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "any", "strict": True, "schema": {"type": "object"}},
                }
            },
        ],
        ids=["its-own", "effort", "both-limits", "json", "strict"],
    )
    def test_what_openai_alone_refuses_is_answered(self, ask: Ask, arguments: Any) -> None:
        assert ask(chat(**arguments)).choices[0].message.content

    def test_the_newer_limit_of_tokens_counts(self, ask: Ask) -> None:
        answer = ask(chat(max_tokens=1, max_completion_tokens=2))

        assert answer.choices[0].message.content == f"{CHAT} (mocked)"
        assert answer.choices[0].finish_reason == "length"

    def test_the_model_may_go_unnamed(self) -> None:
        answer = httpx.post(f"{URL}/chat/completions", json={"messages": [QUESTION]})

        assert answer.json()["model"] == CHAT


class TestTheModel:
    def test_is_the_only_one_that_the_server_lists(self, ask: Ask) -> None:
        [model] = ask(lambda client: client.models.list()).data

        assert (model.id, model.owned_by) == (CHAT, "vllm")

    @pytest.mark.parametrize("name", ["qwen/qwen2.5-1.5b-instruct", "Qwen2.5-1.5B-Instruct"])
    def test_is_not_found_by_a_name_that_is_nearly_its_own(self, ask: Ask, name: str) -> None:
        assert type(refused(ask, chat(model=name))) is openai.NotFoundError


class TestEmbeddings:
    def test_come_one_for_each_text(self, ask: Ask, embedder: str) -> None:
        answer = ask(embed(input=["one", "two"]), base_url=f"{embedder}/v1")

        assert [len(item.embedding) for item in answer.data] == [768, 768]
        assert answer.usage.prompt_tokens == 2

    def test_have_no_path_at_a_server_for_chat(self, ask: Ask) -> None:
        error = refused(ask, embed(model=CHAT))

        assert type(error) is openai.NotFoundError
        assert error.response.json() == {"detail": "Not Found"}

    def test_leave_no_path_for_chat_at_their_server(self, ask: Ask, embedder: str) -> None:
        error = refused(ask, chat(model=EMBEDDING), base_url=f"{embedder}/v1")

        assert type(error) is openai.NotFoundError
        assert error.response.json() == {"detail": "Not Found"}

    def test_need_an_input(self, ask: Ask, embedder: str) -> None:
        error = refused(ask, embed(input=None), base_url=f"{embedder}/v1")

        assert invalid(error)["param"] == "body.input"

    def test_take_what_openai_does_not_know(self, ask: Ask, embedder: str) -> None:
        answer = ask(embed(extra_body={"truncate_prompt_tokens": 5}), base_url=f"{embedder}/v1")

        assert len(answer.data) == 1


class TestTheKey:
    def test_is_not_asked_for_by_default(self, ask: Ask) -> None:
        assert ask(chat(), api_key="any")
        assert httpx.get(f"{URL}/models").status_code == 200

    @pytest.mark.parametrize("path", ["/models", "/nowhere"])
    @pytest.mark.parametrize("header", [None, "Bearer wrong", "Bearer", f"Basic {KEY}"])
    def test_is_missed_on_every_path_under_v1(
        self, guarded: str, path: str, header: str | None
    ) -> None:
        headers = {"authorization": header} if header else {}
        answer = httpx.get(f"{guarded}/v1{path}", headers=headers)

        assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized"})

    @pytest.mark.parametrize(("path", "status"), [("/health", 200), ("/nowhere", 404)])
    def test_guards_no_other_path(self, guarded: str, path: str, status: int) -> None:
        assert httpx.get(guarded + path).status_code == status

    def test_is_missed_before_the_body_is_read(self, guarded: str) -> None:
        assert httpx.post(f"{guarded}/v1/chat/completions", content="{").status_code == 401


class TestTheAddress:
    @pytest.mark.parametrize("base", ["http://localhost:8000", f"{URL}/v1"])
    def test_ends_in_v1_once(self, ask: Ask, base: str) -> None:
        error = refused(ask, chat(), base_url=base)

        assert type(error) is openai.NotFoundError
        assert error.response.json() == {"detail": "Not Found"}

    def test_takes_one_method_alone(self) -> None:
        answer = httpx.get(f"{URL}/chat/completions")

        assert (answer.status_code, answer.json()) == (405, {"detail": "Method Not Allowed"})

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "host.docker.internal"])
    def test_may_name_the_machine_in_several_ways(self, host: str) -> None:
        assert httpx.get(f"http://{host}:8000/v1/models").status_code == 200


class TestTheBody:
    def test_needs_messages(self, ask: Ask) -> None:
        error = invalid(refused(ask, chat(messages=None)))

        assert error["message"].startswith("1 validation error:\n  {'type': 'missing', 'loc': ")
        assert (error["type"], error["param"], error["code"]) == (
            "Bad Request",
            "body.messages",
            400,
        )

    @pytest.mark.parametrize("content", ["{", "[1]", "NaN"])
    def test_is_one_json_object(self, content: str) -> None:
        answer = httpx.post(
            f"{URL}/chat/completions",
            content=content,
            headers={"content-type": "application/json"},
        )

        assert answer.status_code == 400
        assert "json_invalid" in answer.json()["error"]["message"]

    def test_is_labelled_as_json(self) -> None:
        answer = httpx.post(f"{URL}/chat/completions", content='{"messages": []}')

        assert answer.status_code == 400
        assert "Only 'application/json' is allowed" in answer.json()["error"]["message"]

    @pytest.mark.parametrize(
        "arguments",
        [
            {"messages": []},
            {"messages": [{"role": "nobody", "content": "Hello"}]},
            {"temperature": "warm"},
            {"max_tokens": 0},
            {"tools": [{"type": "function"}]},
            {"response_format": {"type": "json_schema"}},
        ],
        ids=["empty", "role", "type", "limit", "tool", "format"],
    )
    def test_is_refused_in_vllms_envelope(self, ask: Ask, arguments: Any) -> None:
        error = invalid(refused(ask, chat(**arguments)))

        assert error["message"]
        assert (error["type"], error["code"]) == ("BadRequestError", 400)


def test_the_recipe_opens_a_server_with_one_model_and_no_key() -> None:
    account = account_from(recipes.read("vllm"))

    assert (account.names(), account.keys) == ([CHAT], frozenset())
