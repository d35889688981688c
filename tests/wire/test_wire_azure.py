"""The mocked Azure OpenAI is believed because OpenAI's own SDK, unchanged, accepts what it says."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI
from openai.types import CreateEmbeddingResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from llmdocs import recipes
from llmdocs.wire.accounts import account_from
from llmdocs.wire.server import MockedProviders
from tests.support.openai_calls import QUESTION, WEATHER

RESOURCE = "https://your-resource.openai.azure.com"
KEY = "your-azure-api-key"
VERSION = "2024-10-21"
CHAT = "your-chat-deployment"
EMBEDDING = "your-embedding-deployment"
DEPLOYMENTS = f"{RESOURCE}/openai/deployments"

SAFE = {"filtered": False, "severity": "safe"}
CATEGORIES = {"hate": SAFE, "self_harm": SAFE, "sexual": SAFE, "violence": SAFE}

NOT_FOUND = {"error": {"code": "404", "message": "Resource not found"}}
DEPLOYMENT_NOT_FOUND = {
    "error": {
        "code": "DeploymentNotFound",
        "message": "The API deployment for this resource does not exist. If you created the "
        "deployment within the last 5 minutes, please wait a moment and try again.",
    }
}
ACCESS_DENIED = {
    "error": {
        "code": "401",
        "message": "Access denied due to invalid subscription key or wrong API endpoint. Make sure "
        "to provide a valid key for an active subscription and use a correct regional API endpoint "
        "for your resource.",
    }
}
NO_ENTRA_TOKEN = {
    "statusCode": 401,
    "message": "Unauthorized. Access token is missing, invalid, audience is incorrect "
    "(https://cognitiveservices.azure.com), or have expired.",
}
VERSION_NOT_SUPPORTED = {"error": {"code": "BadRequest", "message": "API version not supported"}}

Ask = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("wire")


@pytest.fixture(params=[AzureOpenAI, AsyncAzureOpenAI])
def classic(request: pytest.FixtureRequest, run_with: Ask) -> Ask:
    """Ask through the classic paths, as the SDK's Azure clients do."""
    standard = {"azure_endpoint": RESOURCE, "api_version": VERSION}
    return lambda operation, **options: run_with(
        request.param, operation, {"api_key": KEY, "max_retries": 0, **standard, **options}
    )


@pytest.fixture(params=[OpenAI, AsyncOpenAI])
def v1(request: pytest.FixtureRequest, run_with: Ask) -> Ask:
    """Ask through the v1 API, with the SDK's ordinary clients."""
    standard = {"base_url": f"{RESOURCE}/openai/v1"}
    return lambda operation, **options: run_with(
        request.param, operation, {"api_key": KEY, "max_retries": 0, **standard, **options}
    )


@pytest.fixture(params=[AzureOpenAI, AsyncAzureOpenAI, OpenAI, AsyncOpenAI])
def either(request: pytest.FixtureRequest, run_with: Ask) -> Ask:
    """Ask through the classic paths and through the v1 API."""
    standard = {"base_url": f"{RESOURCE}/openai/v1"}
    if issubclass(request.param, AzureOpenAI | AsyncAzureOpenAI):
        standard = {"azure_endpoint": RESOURCE, "api_version": VERSION}
    return lambda operation, **options: run_with(
        request.param, operation, {"api_key": KEY, "max_retries": 0, **standard, **options}
    )


def chat(**arguments: Any) -> Callable[[Any], Any]:
    arguments = {"model": CHAT, "messages": [QUESTION], **arguments}
    return lambda client: client.chat.completions.create(**arguments)


def embed(**arguments: Any) -> Callable[[Any], Any]:
    arguments = {"model": EMBEDDING, "input": "an old tram", **arguments}
    return lambda client: client.embeddings.create(**arguments)


def raw(
    url: str,
    body: Any = None,
    version: str | None = VERSION,
    headers: dict[str, str] | None = None,
    **arguments: Any,
) -> httpx.Response:
    return httpx.post(
        url,
        json=body,
        params={} if version is None else {"api-version": version},
        headers={"api-key": KEY} if headers is None else headers,
        **arguments,
    )


def refused(ask: Ask, operation: Callable[[Any], Any], **options: Any) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as caught:
        ask(operation, **options)
    return caught.value


def assert_refused(
    error: openai.APIStatusError, kind: type[openai.APIStatusError], status: int, body: Any
) -> None:
    assert type(error) is kind
    assert error.status_code == status
    assert error.response.json() == body


class TestAnswers:
    def test_a_deployment_answers_under_its_models_name(self, either: Ask) -> None:
        answer = either(chat())

        assert answer.model == "gpt-4.1-mini"
        assert answer.choices[0].message.content == (
            "gpt-4.1-mini (mocked) was asked: Which city has the oldest tram?"
        )

    def test_prompt_and_answer_carry_their_filter_results(self, either: Ask) -> None:
        answer = either(chat()).model_dump()

        assert answer["choices"][0]["content_filter_results"] == CATEGORIES
        [prompt] = answer["prompt_filter_results"]
        assert prompt["prompt_index"] == 0
        assert prompt["content_filter_results"] == {
            **CATEGORIES,
            "jailbreak": {"filtered": False, "detected": False},
        }

    def test_filter_results_are_all_that_the_sdk_does_not_know(self) -> None:
        body = {"messages": [QUESTION]}

        response = raw(f"{DEPLOYMENTS}/{CHAT}/chat/completions", body)

        answer = ChatCompletion.model_validate_json(response.text, strict=True)
        assert set(answer.model_extra or {}) == {"prompt_filter_results"}
        assert set(answer.choices[0].model_extra or {}) == {"content_filter_results"}

    def test_a_tools_result_is_answered_in_words(self, either: Ask) -> None:
        asked = either(chat(tools=[WEATHER])).choices[0].message
        result = {"role": "tool", "tool_call_id": asked.tool_calls[0].id, "content": "21 °C"}

        answer = either(chat(tools=[WEATHER], messages=[QUESTION, asked, result]))

        assert answer.choices[0].message.content.endswith("told by the tool: 21 °C")

    def test_a_streamed_call_has_its_name_and_arguments(self, either: Ask) -> None:
        chunks = either(chat(tools=[WEATHER], stream=True))

        calls = [
            call
            for chunk in chunks
            for choice in chunk.choices
            for call in choice.delta.tool_calls or []
        ]
        assert calls[0].function.name == "get_weather"
        assert json.loads("".join(call.function.arguments for call in calls)) == {
            "city": "Lyon, France"
        }

    @pytest.mark.parametrize("encoding", [{}, {"encoding_format": "float"}])
    def test_an_embedding_deployment_embeds(self, either: Ask, encoding: dict[str, str]) -> None:
        answer = either(embed(**encoding))

        assert answer.model == "text-embedding-3-small"
        assert len(answer.data[0].embedding) == 1536

    def test_embeddings_hold_what_the_sdk_requires(self) -> None:
        response = raw(f"{DEPLOYMENTS}/{EMBEDDING}/embeddings", {"input": ["a", "b"]})

        answer = CreateEmbeddingResponse.model_validate_json(response.text, strict=True)
        assert [item.index for item in answer.data] == [0, 1]

    def test_the_v1_api_lists_models_not_deployments(self, v1: Ask) -> None:
        listed = v1(lambda client: client.models.list())

        assert [model.id for model in listed.data] == ["gpt-4.1-mini", "text-embedding-3-small"]


class TestStream:
    def test_the_first_chunk_is_about_the_prompt_and_has_no_choices(self, either: Ask) -> None:
        first, *others = either(chat(stream=True))

        assert first.choices == []
        assert (first.id, first.model, first.created) == ("", "", 0)
        assert first.prompt_filter_results[0]["content_filter_results"]["hate"] == SAFE
        assert all(chunk.choices for chunk in others)

    def test_the_pieces_join_to_the_whole_answer(self, either: Ask) -> None:
        chunks = either(chat(stream=True))

        pieces = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]
        assert "".join(pieces) == either(chat()).choices[0].message.content

    def test_each_piece_carries_its_filter_results(self, either: Ask) -> None:
        choices = [choice for chunk in either(chat(stream=True)) for choice in chunk.choices]

        filtered = [choice.content_filter_results for choice in choices if choice.delta.content]
        assert filtered == [CATEGORIES] * len(filtered)

    def test_usage_comes_last_and_alone_when_asked_for(self, either: Ask) -> None:
        last = either(chat(stream=True, stream_options={"include_usage": True}))[-1]

        assert last.choices == []
        assert last.usage == either(chat()).usage

    def test_all_but_the_first_event_hold_what_the_sdk_requires(self) -> None:
        body = {"messages": [QUESTION], "stream": True}

        response = raw(f"{DEPLOYMENTS}/{CHAT}/chat/completions", body)

        _, *events, done, end = response.text.split("\n\n")
        assert (done, end) == ("data: [DONE]", "")
        for event in events:
            ChatCompletionChunk.model_validate_json(event.removeprefix("data: "), strict=True)


class TestKey:
    def test_the_classic_path_takes_the_key_in_its_own_header(
        self, classic: Ask, wire: MockedProviders
    ) -> None:
        classic(chat())

        [request] = wire.requests
        assert request.provider == "azure"
        assert request.url == f"{DEPLOYMENTS}/{CHAT}/chat/completions?api-version={VERSION}"
        assert request.headers["api-key"] == KEY
        assert "authorization" not in request.headers

    def test_the_v1_api_takes_the_key_as_a_bearer_token(
        self, v1: Ask, wire: MockedProviders
    ) -> None:
        v1(chat())

        [request] = wire.requests
        assert request.url == f"{RESOURCE}/openai/v1/chat/completions"
        assert request.headers["authorization"] == f"Bearer {KEY}"

    def test_the_v1_api_takes_the_key_in_azures_header_too(self) -> None:
        body = {"model": CHAT, "messages": [QUESTION]}

        response = raw(f"{RESOURCE}/openai/v1/chat/completions", body, version=None)

        assert response.status_code == 200

    @pytest.mark.parametrize("operation", [chat(), chat(stream=True), embed()])
    def test_a_wrong_key_is_refused(self, either: Ask, operation: Any) -> None:
        error = refused(either, operation, api_key="wrong-key")

        assert_refused(error, openai.AuthenticationError, 401, ACCESS_DENIED)
        assert error.code == "401"

    def test_the_v1_models_want_the_key(self, v1: Ask) -> None:
        error = refused(v1, lambda client: client.models.list(), api_key="wrong-key")

        assert_refused(error, openai.AuthenticationError, 401, ACCESS_DENIED)

    @pytest.mark.parametrize(
        ("url", "version"),
        [
            (f"{DEPLOYMENTS}/{CHAT}/chat/completions", VERSION),
            (f"{DEPLOYMENTS}/{EMBEDDING}/embeddings", VERSION),
            (f"{RESOURCE}/openai/v1/chat/completions", None),
        ],
    )
    def test_no_key_is_refused_like_a_wrong_one(self, url: str, version: str | None) -> None:
        response = raw(url, {}, version, headers={})

        assert response.status_code == 401
        assert response.json() == ACCESS_DENIED

    @pytest.mark.parametrize("token", [KEY, "eyJ0eXAi.not.entra"])
    def test_the_classic_path_takes_no_bearer_token_but_an_entra_one(
        self, classic: Ask, token: str
    ) -> None:
        error = refused(classic, chat(), api_key=None, azure_ad_token=token)

        assert_refused(error, openai.AuthenticationError, 401, NO_ENTRA_TOKEN)


class TestVersion:
    def test_the_accounts_version_is_the_recipes(self) -> None:
        assert account_from(recipes.read("azure")).api_versions == {VERSION}

    # The first three are those that programs fall back on: instructor, OpenHands, litellm.
    @pytest.mark.parametrize(
        "version",
        ["2024-02-01", "2024-12-01-preview", "2025-02-01-preview", "2024-10-22",
         "2023-11-01-preview", "2024-10", "2024-10-21 ", "v1", "preview"],
    )  # fmt: skip
    @pytest.mark.parametrize("operation", [chat(), embed()])
    def test_another_version_is_not_found(self, classic: Ask, operation: Any, version: str) -> None:
        # The Azure clients leave the deployment out of the path for `preview`; a base URL keeps it.
        error = refused(
            classic,
            operation,
            azure_endpoint=None,
            base_url=f"{DEPLOYMENTS}/{CHAT}",
            api_version=version,
        )

        assert_refused(error, openai.NotFoundError, 404, NOT_FOUND)
        assert error.code == "404"

    @pytest.mark.parametrize("version", [None, ""])
    def test_a_missing_version_is_not_found(self, version: str | None) -> None:
        response = raw(f"{DEPLOYMENTS}/{CHAT}/chat/completions", {}, version)

        assert response.status_code == 404
        assert response.json() == NOT_FOUND

    @pytest.mark.parametrize("version", ["preview", "latest", "v1"])
    def test_the_v1_api_takes_a_version_without_a_date(self, v1: Ask, version: str) -> None:
        answer = v1(chat(), default_query={"api-version": version})

        assert answer.choices

    @pytest.mark.parametrize("version", [VERSION, "2025-04-01-preview", "1"])
    @pytest.mark.parametrize("operation", [chat(), embed(), lambda client: client.models.list()])
    def test_the_v1_api_refuses_a_dated_version(
        self, v1: Ask, operation: Any, version: str
    ) -> None:
        error = refused(v1, operation, default_query={"api-version": version})

        assert_refused(error, openai.BadRequestError, 400, VERSION_NOT_SUPPORTED)


class TestDeployment:
    @pytest.mark.parametrize("operation", [chat(model="gpt-4.1-mini"), embed(model="no-such")])
    def test_an_unknown_deployment_is_not_found(self, either: Ask, operation: Any) -> None:
        """A model's own name is no deployment."""
        error = refused(either, operation)

        assert_refused(error, openai.NotFoundError, 404, DEPLOYMENT_NOT_FOUND)
        assert error.code == "DeploymentNotFound"

    @pytest.mark.parametrize(
        ("operation", "name", "model"),
        [
            (chat(model=EMBEDDING), "chatCompletion", "text-embedding-3-small"),
            (embed(model=CHAT), "embeddings", "gpt-4.1-mini"),
        ],
    )
    def test_a_deployment_of_the_other_kind_is_refused_by_its_models_name(
        self, either: Ask, operation: Any, name: str, model: str
    ) -> None:
        error = refused(either, operation)

        message = (
            f"The {name} operation does not work with the specified model, {model}. Please choose "
            "different model and try again. You can learn more about which models can be used with "
            "each operation here: https://go.microsoft.com/fwlink/?linkid=2197993."
        )
        body = {"error": {"code": "OperationNotSupported", "message": message}}
        assert_refused(error, openai.BadRequestError, 400, body)

    def test_the_classic_path_alone_names_the_deployment(self) -> None:
        body = {"model": "anything", "messages": [QUESTION]}

        assert raw(f"{DEPLOYMENTS}/{CHAT}/chat/completions", body).status_code == 200


class TestPath:
    @pytest.mark.parametrize(
        "base_url",
        [
            f"{RESOURCE}/openai/v1/openai/deployments/{CHAT}",
            f"{RESOURCE}/deployments/{CHAT}",
            f"{DEPLOYMENTS}/{CHAT}/v1",
            f"{RESOURCE}//openai/deployments/{CHAT}",
            f"{RESOURCE}/openai",
            f"{RESOURCE}/v1",
            RESOURCE,
        ],
    )
    def test_a_path_that_does_not_exist_is_not_found(self, v1: Ask, base_url: str) -> None:
        error = refused(
            v1,
            chat(extra_headers={"api-key": KEY}),
            base_url=base_url,
            default_query={"api-version": VERSION},
        )

        assert_refused(error, openai.NotFoundError, 404, NOT_FOUND)

    def test_an_endpoint_that_holds_the_v1_path_already_is_not_found(self, classic: Ask) -> None:
        error = refused(classic, chat(), azure_endpoint=f"{RESOURCE}/openai/v1")

        assert_refused(error, openai.NotFoundError, 404, NOT_FOUND)

    @pytest.mark.parametrize("path", ["", "/openai", f"/openai/deployments/{CHAT}/completions"])
    def test_the_path_is_looked_at_before_the_key(self, path: str) -> None:
        response = raw(RESOURCE + path, {}, headers={})

        assert response.status_code == 404
        assert response.json() == NOT_FOUND

    def test_another_method_is_not_found(self) -> None:
        response = httpx.get(f"{DEPLOYMENTS}/{CHAT}/chat/completions?api-version={VERSION}")

        assert response.status_code == 404
        assert response.json() == NOT_FOUND


class TestBody:
    @pytest.mark.parametrize("content", [b"", b"{", b"[]"])
    @pytest.mark.parametrize(
        ("url", "version"),
        [
            (f"{DEPLOYMENTS}/{CHAT}/chat/completions", VERSION),
            (f"{DEPLOYMENTS}/{EMBEDDING}/embeddings", VERSION),
            (f"{RESOURCE}/openai/v1/chat/completions", None),
        ],
    )
    def test_what_is_not_a_json_object_is_refused(
        self, url: str, version: str | None, content: bytes
    ) -> None:
        headers = {"api-key": KEY, "Content-Type": "application/json"}

        response = raw(url, None, version, headers, content=content)

        assert response.status_code == 400
        assert response.json()["error"] == {
            "message": "Invalid request body.",
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        }

    @pytest.mark.parametrize(
        ("operation", "message", "param", "code"),
        [
            (
                chat(extra_body={"frequencyPenalty": 1, "topP": 1}),
                "Unrecognized request arguments supplied: frequencyPenalty, topP",
                None,
                None,
            ),
            (
                chat(messages=[]),
                "Invalid 'messages': empty array. Expected an array with minimum length 1, but got "
                "an empty array instead.",
                "messages",
                "empty_array",
            ),
            (
                chat(stop=list("abcde")),
                "Invalid 'stop': array too long. Expected an array with maximum length 4, but got "
                "an array with length 5 instead.",
                "stop",
                "array_above_max_length",
            ),
            (
                chat(
                    response_format={
                        "type": "json_schema",
                        "json_schema": {"name": "tram", "schema": {"enum": []}},
                    }
                ),
                "Invalid schema for response_format 'tram': [] should be non-empty.",
                "response_format",
                None,
            ),
            (
                embed(input=["tram", ""]),
                "'$.input' is invalid. Please check the API reference: "
                "https://platform.openai.com/docs/api-reference.",
                None,
                None,
            ),
        ],
    )
    def test_the_models_own_refusals_have_openais_four_fields(
        self, either: Ask, operation: Any, message: str, param: str | None, code: str | None
    ) -> None:
        error = refused(either, operation)

        fields = {
            "message": message,
            "type": "invalid_request_error",
            "param": param,
            "code": code,
        }
        assert_refused(error, openai.BadRequestError, 400, {"error": fields})

    def test_the_v1_api_wants_a_model_in_the_body(self) -> None:
        response = raw(f"{RESOURCE}/openai/v1/embeddings", {"input": "x"}, version=None)

        assert response.status_code == 400
        assert response.json()["error"]["message"] == "you must provide a model parameter"

    def test_azures_own_parameters_are_known(self, either: Ask) -> None:
        context = {"application_name": "trams"}

        assert either(chat(extra_body={"user_security_context": context})).choices


class TestLog:
    @pytest.mark.parametrize(
        ("operation", "options", "hint"),
        [
            (chat(), {"api_key": "wrong-key"}, f"The recipe's LLM_API_KEY is {KEY}"),
            (chat(), {"api_version": "2020-01-01"}, f"sent as api-version, is {VERSION};"),
            (chat(model="no"), {}, f"This resource's deployments: {CHAT}, {EMBEDDING}."),
            (chat(model=EMBEDDING), {}, f"Deployments for this operation: {CHAT}."),
            (chat(), {"azure_endpoint": f"{RESOURCE}/v1"}, "LLM_BASE_URL is the resource's"),
        ],
    )
    def test_a_refusal_is_logged_with_what_would_have_been_accepted(
        self,
        classic: Ask,
        caplog: pytest.LogCaptureFixture,
        operation: Any,
        options: dict[str, str],
        hint: str,
    ) -> None:
        caplog.set_level(logging.WARNING, "llmdocs.wire")

        refused(classic, operation, **options)

        assert hint in caplog.text
