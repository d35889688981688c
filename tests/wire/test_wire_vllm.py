"""The mocked vLLM is believed because OpenAI's own SDK, which vLLM documents, accepts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

from llmdocs import recipes
from llmdocs.wire.accounts import Account, Model, account_from
from llmdocs.wire.server import MockedProviders

URL = "http://localhost:8000/v1"
CHAT = "Qwen/Qwen2.5-1.5B-Instruct"
EMBEDDING = "BAAI/bge-m3"
KEY = "token-abc123"
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
    standard = {"api_key": "EMPTY", "base_url": URL, "max_retries": 0}
    return lambda operation, **options: run_with(kind, operation, {**standard, **options})


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


def chat(**arguments: Any) -> Callable[[Any], Any]:
    arguments = {"model": CHAT, "messages": [QUESTION], **arguments}
    return lambda client: client.chat.completions.create(**arguments)


def embed(**arguments: Any) -> Callable[[Any], Any]:
    arguments = {"model": EMBEDDING, "input": "an old tram", **arguments}
    return lambda client: client.embeddings.create(**arguments)


def refused(ask: Ask, operation: Callable[[Any], Any], **options: Any) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as caught:
        ask(operation, **options)
    return caught.value


def invalid(error: openai.APIStatusError) -> Any:
    """The error object of a 400."""
    assert type(error) is openai.BadRequestError
    return error.response.json()["error"]


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

    @pytest.mark.parametrize(
        "name", ["nope", "qwen/qwen2.5-1.5b-instruct", "Qwen2.5-1.5B-Instruct"]
    )
    def test_is_not_found_by_another_name(self, ask: Ask, name: str) -> None:
        error = refused(ask, chat(model=name))

        assert type(error) is openai.NotFoundError
        assert error.response.json() == {
            "error": {
                "message": f"The model `{name}` does not exist.",
                "type": "NotFoundError",
                "param": "model",
                "code": 404,
            }
        }


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

    def test_is_taken_when_it_is_the_servers(self, ask: Ask, guarded: str) -> None:
        assert ask(chat(), api_key=KEY, base_url=f"{guarded}/v1")

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
