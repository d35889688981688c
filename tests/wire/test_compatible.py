"""Every provider that speaks OpenAI's dialect, held to one conversation and to its refusals.

What a mock says is believed because the provider's official SDK takes it for what it is; what comes
of it is told by our error and the doctor's verdict. Bodies are written out here, as they were seen:
the table that a mock reads is no witness.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import groq
import httpx
import openai
import pytest
from pydantic import BaseModel

from llmdocs import LLM, Settings, recipes
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.doctor.diagnosis import diagnose
from llmdocs.errors import (
    AuthenticationError,
    NotFoundError,
    ProviderError,
    ProviderUnavailableError,
    QuotaError,
    RateLimitError,
    RequestError,
)
from llmdocs.wire.accounts import account_from
from llmdocs.wire.faults import named
from llmdocs.wire.server import MockedProviders
from tests.support.openai_calls import (
    WEATHER,
    Ask,
    asking,
    chat_with,
    embed_with,
    refused,
)
from tests.support.provider_groups import (
    COMPATIBLE,
    EMBEDDING,
    OF_ITS_SDK,
    model_of,
    own_name_of_model,
)

# What Groq's SDK adds to an address; providers without an SDK of their own document OpenAI's.
GROQS_PATH = "/openai/v1"
KEY = "token-abc123"
WRONG_KEY = "nabcdefys"
NO_MODEL = "no-such-model"

each_provider = pytest.mark.parametrize("provider", OF_ITS_SDK)
each_compatible = pytest.mark.parametrize("provider", COMPATIBLE)
pytestmark = pytest.mark.usefixtures("wire")


def sdk_of(provider: str) -> Any:
    return groq if provider == "groq" else openai


def address_of(provider: str) -> str:
    address = recipes.read(provider).get("LLM_BASE_URL") or CATALOGUE[provider].base_url
    assert address
    return address


def key_of(provider: str) -> str:
    return recipes.read(provider).get("LLM_API_KEY", "any")


def options(provider: str, address: str, key: str) -> dict[str, str]:
    if sdk_of(provider) is groq:
        address = address.removesuffix(GROQS_PATH)
    return {"base_url": address, "api_key": key}


@pytest.fixture(params=["", "Async"], ids=["sync", "async"])
def ask(request: pytest.FixtureRequest, run_with: Ask, provider: str) -> Ask:
    """Run an operation with the plain or the asynchronous client; a stream gives a list."""
    sdk = sdk_of(provider)
    kind = getattr(sdk, f"{request.param}{'Groq' if sdk is groq else 'OpenAI'}")
    return asking(run_with, kind, **options(provider, address_of(provider), key_of(provider)))


@pytest.fixture(scope="module")
def guarded() -> Iterator[Callable[[str], str]]:
    """Where a provider answers that asks for KEY: one's own server does not unless it is told."""
    accounts = {
        name: replace(account_from(recipes.read(name)), keys=frozenset({KEY}))
        for name in OF_ITS_SDK
    }
    with MockedProviders(accounts) as providers:
        yield lambda name: recipes.mock_variables(name, providers.url)["LLM_BASE_URL"]


def chat(provider: str, **arguments: Any) -> Callable[[Any], Any]:
    return chat_with(arguments.pop("model", model_of(provider)), **arguments)


@each_provider
class TestAConversation:
    def test_has_an_answer_that_says_what_was_asked(self, ask: Ask, provider: str) -> None:
        answer = ask(chat(provider))

        assert answer.choices[0].message.content == (
            f"{own_name_of_model(provider)} (mocked) was asked: Which city has the oldest tram?"
        )
        assert answer.usage.total_tokens > 0

    def test_is_streamed_piece_by_piece(self, ask: Ask, provider: str) -> None:
        whole = ask(chat(provider))
        expected = {"stream_options": {"include_usage": True}}
        *chunks, last = ask(chat(provider, stream=True, extra_body=expected))
        pieces = [chunk.choices[0].delta.content or "" for chunk in chunks]

        assert "".join(pieces) == whole.choices[0].message.content
        assert len([piece for piece in pieces if piece]) > 1
        assert last.usage == whole.usage

    def test_calls_a_tool(self, ask: Ask, provider: str) -> None:
        [call] = ask(chat(provider, tools=[WEATHER])).choices[0].message.tool_calls

        assert (call.function.name, call.function.arguments) == (
            "get_weather",
            '{"city": "Lyon, France"}',
        )

    def test_streams_the_call_of_a_tool(self, ask: Ask, provider: str) -> None:
        chunks = ask(chat(provider, tools=[WEATHER], stream=True))
        deltas = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []]

        assert deltas[0].function.name == "get_weather"
        assert "".join(delta.function.arguments for delta in deltas) == '{"city": "Lyon, France"}'

    def test_keeps_to_a_schema(self, ask: Ask, provider: str) -> None:
        class Tram(BaseModel):
            line: int

        schema = {**Tram.model_json_schema(), "additionalProperties": False}
        described = {"name": "tram", "strict": True, "schema": schema}
        answer = ask(
            chat(provider, response_format={"type": "json_schema", "json_schema": described})
        )

        assert Tram.model_validate_json(answer.choices[0].message.content) == Tram(line=0)


@each_provider
class TestTheModels:
    def test_are_those_of_the_recipe(self, ask: Ask, provider: str) -> None:
        listed = [model.id for model in ask(lambda client: client.models.list()).data]
        named_in_recipe = {model_of(provider), model_of(provider, "embeddings")} - {""}

        assert sorted(listed) == sorted(named_in_recipe)


# Real entries of `GET /models`, but for the ids that are a recipe's: of openai/openai-openapi,
# anomalyco/models.dev#1276, docs.x.ai, eyalrot/ollama_openai#34 and modal-labs/modal-examples#843.
# Times and random ids are those of the moment.
ENTRIES: dict[str, dict[str, Any]] = {
    "openai": {"object": "model", "created": int, "owned_by": "system"},
    "groq": {
        "object": "model",
        "created": int,
        "owned_by": "OpenAI",
        "active": True,
        "context_window": 131_072,
        "public_apps": None,
        "max_completion_tokens": 65_536,
    },
    "xai": {"object": "model", "created": int, "owned_by": "xai"},
    "lm_studio": {"object": "model", "owned_by": "organization_owner"},
    "vllm": {
        "object": "model",
        "created": int,
        "owned_by": "vllm",
        "root": "Qwen/Qwen2.5-1.5B-Instruct",
        "parent": None,
        "max_model_len": 32_768,
        "permission": [
            {
                "id": str,
                "object": "model_permission",
                "created": int,
                "allow_create_engine": False,
                "allow_sampling": True,
                "allow_logprobs": True,
                "allow_search_indices": False,
                "allow_view": True,
                "allow_fine_tuning": False,
                "organization": "*",
                "group": None,
                "is_blocking": False,
            }
        ],
    },
}


def same(found: Any, expected: Any) -> bool:
    """Whether a JSON value is the expected one, no key more; a type stands for its values."""
    if isinstance(expected, type):
        return type(found) is expected
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(
            same(found[key], item) for key, item in expected.items()
        )
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    return type(found) is type(expected) and bool(found == expected)


@pytest.mark.parametrize(("provider", "entry"), ENTRIES.items())
def test_an_entry_of_the_models_has_the_fields_of_a_real_one(
    provider: str, entry: dict[str, Any]
) -> None:
    address = address_of(provider)
    headers = {"authorization": f"Bearer {key_of(provider)}"}
    entries = httpx.get(f"{address}/models", headers=headers).json()["data"]

    assert entries
    for found in entries:
        assert same(found, {"id": str, **entry}), found


@pytest.mark.parametrize("provider", [name for name in OF_ITS_SDK if name in EMBEDDING])
class TestEmbeddings:
    def test_come_one_for_each_text(self, ask: Ask, provider: str) -> None:
        model = model_of(provider, "embeddings")
        answer = ask(embed_with(model, input=["one", "two"]))

        assert len(answer.data) == 2
        assert all(len(item.embedding) > 100 for item in answer.data)
        assert answer.usage.prompt_tokens == 2


@each_compatible
class TestTheKey:
    def test_is_taken_where_it_is_the_servers(
        self, ask: Ask, provider: str, guarded: Callable[[str], str]
    ) -> None:
        assert ask(chat(provider), **options(provider, guarded(provider), KEY))

    @pytest.mark.parametrize("header", [{}, {"authorization": f"Basic {KEY}"}], ids=["no", "basic"])
    def test_is_missed_where_none_is_sent_as_a_bearer_token(
        self, provider: str, header: dict[str, str], guarded: Callable[[str], str]
    ) -> None:
        answer = httpx.get(f"{guarded(provider)}/models", headers=header)

        assert answer.status_code == 401
        assert KEY not in answer.text


@dataclass(frozen=True)
class Refused:
    """What a refusal is to the SDK, to us and to the doctor."""

    sdk: str
    ours: type[ProviderError]
    verdict: str


@dataclass(frozen=True)
class Cause:
    """What is wrong with a request, or at the provider, and what most providers make of it."""

    usual: Refused
    key: str = KEY
    model: str = ""
    fault: str = ""


CAUSES = {
    "wrong key": Cause(Refused("AuthenticationError", AuthenticationError, "key"), key=WRONG_KEY),
    "unknown model": Cause(Refused("NotFoundError", NotFoundError, "model"), model=NO_MODEL),
    "rate limit": Cause(Refused("RateLimitError", RateLimitError, "rate-limit"), fault="429"),
    "too large": Cause(Refused("APIStatusError", RequestError, "request"), fault="413"),
    "overload": Cause(
        Refused("InternalServerError", ProviderUnavailableError, "unavailable"), fault="503"
    ),
    "quota": Cause(Refused("RateLimitError", QuotaError, "quota"), fault="quota"),
}
OTHERWISE = {
    # continuedev/continue#10778
    ("xai", "wrong key"): Refused("BadRequestError", AuthenticationError, "key"),
    # assafelovic/gpt-researcher#1556
    ("lm_studio", "unknown model"): Refused("BadRequestError", RequestError, "model"),
    # assafelovic/gpt-researcher#985
    ("groq", "too large"): Refused("APIStatusError", RequestError, "too-large"),
}
# Bodies as they were seen, `<model>` for the model's name; IDs are invented.
SEEN: dict[tuple[str, str], Any] = {
    # ag5826000/resume-commentor#4
    ("groq", "wrong key"): {
        "error": {
            "message": "Invalid API Key",
            "type": "invalid_request_error",
            "code": "invalid_api_key",
        }
    },
    # continuedev/continue#10832; type and code are inferred.
    ("groq", "unknown model"): {
        "error": {
            "message": "The model `<model>` does not exist or you do not have access to it.",
            "type": "invalid_request_error",
            "code": "model_not_found",
        }
    },
    # Aider-AI/aider#3265
    ("groq", "rate limit"): {
        "error": {
            "message": "Rate limit reached for model `<model>` in organization `org_01` service "
            "tier `on_demand` on tokens per minute (TPM): Limit 15000, Used 11972, Requested 4351. "
            "Please try again in 5.289s. Visit https://console.groq.com/docs/rate-limits for more "
            "information.",
            "type": "tokens",
            "code": "rate_limit_exceeded",
        }
    },
    # assafelovic/gpt-researcher#985
    ("groq", "too large"): {
        "error": {
            "message": "Request too large for model `<model>` in organization `org_01` service "
            "tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 14368, please "
            "reduce your message size and try again.",
            "type": "tokens",
            "code": "rate_limit_exceeded",
        }
    },
    # A log that three repositories quote.
    ("groq", "overload"): {
        "error": {
            "message": "<model> is currently over capacity. Please try again and back off "
            "exponentially. Visit https://groqstatus.com to see if there is an active incident.",
            "type": "internal_server_error",
        }
    },
    # continuedev/continue#10778; the code is inferred.
    ("xai", "wrong key"): {
        "code": "Client specified an invalid argument",
        "error": "Incorrect API key provided: na***ys. You can obtain an API key from "
        "https://console.x.ai.",
    },
    # yihong0618/bilingual_book_maker#464
    ("xai", "unknown model"): {
        "code": "Some requested entity was not found",
        "error": "The model <model> does not exist or your team "
        "00000000-0000-0000-0000-000000000000 does not have access to it. Please ensure you're "
        "using the correct API key. If you believe this is a mistake, please contact support and "
        "quote your team ID and the model name.",
    },
    # continuedev/continue#10373; the code is inferred.
    ("xai", "quota"): {
        "code": "Some resource has been exhausted",
        "error": "Your team 00000000-0000-0000-0000-000000000000 has either used all available "
        "credits or reached its monthly spending limit. To continue making API requests, please "
        "purchase more credits or raise your spending limit.",
    },
    # vllm/entrypoints/openai/server_utils.py
    ("vllm", "wrong key"): {"error": "Unauthorized"},
    ("vllm", "unknown model"): {
        "error": {
            "message": "The model `<model>` does not exist.",
            "type": "NotFoundError",
            "param": "model",
            "code": 404,
        }
    },
    # assafelovic/gpt-researcher#1556
    ("lm_studio", "unknown model"): {
        "error": {
            "message": 'Invalid model identifier "<model>". Please specify a valid downloaded '
            "model (e.g., qwen/qwen3-4b-2507).",
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        }
    },
}
# Whether a quota can be told from a limit depends on the words of the one whose it is: elsewhere
# the matrix of faults plays it.
PAIRS = [
    (provider, cause)
    for provider in COMPATIBLE
    for cause in CAUSES
    if cause != "quota" or (provider, cause) in SEEN
]


@pytest.mark.parametrize(("provider", "cause"), PAIRS)
class TestARefusal:
    @pytest.fixture
    def place(
        self, wire: MockedProviders, provider: str, cause: str, guarded: Callable[[str], str]
    ) -> dict[str, str]:
        """The address and the key of a request that is refused."""
        why = CAUSES[cause]
        if not why.fault:
            return {"LLM_BASE_URL": guarded(provider), "LLM_API_KEY": why.key}
        wire.faults[:] = [named(why.fault)]
        return {"LLM_BASE_URL": address_of(provider), "LLM_API_KEY": key_of(provider)}

    @pytest.fixture
    def model(self, provider: str, cause: str) -> str:
        return CAUSES[cause].model or model_of(provider)

    def test_is_what_the_official_sdk_takes_it_for(
        self, ask: Ask, provider: str, cause: str, model: str, place: dict[str, str]
    ) -> None:
        sdk = sdk_of(provider)
        expected = OTHERWISE.get((provider, cause), CAUSES[cause].usual)
        at = options(provider, place["LLM_BASE_URL"], place["LLM_API_KEY"])
        error = refused(ask, chat_with(model), sdk.APIStatusError, **at)
        body = error.response.json()

        assert type(error) is getattr(sdk, expected.sdk)
        if (provider, cause) in SEEN:
            seen = json.dumps(SEEN[provider, cause]).replace("<model>", model)
            assert body == json.loads(seen)

    def test_is_our_error_and_the_doctors_verdict(
        self, provider: str, cause: str, model: str, place: dict[str, str]
    ) -> None:
        expected = OTHERWISE.get((provider, cause), CAUSES[cause].usual)
        settings = Settings(
            model=f"{CATALOGUE[provider].prefixes[0]}/{model}",
            base_url=place["LLM_BASE_URL"],
            api_key=place["LLM_API_KEY"],
            num_retries=0,
        )
        with pytest.raises(ProviderError) as caught:
            LLM(settings).complete("Hello")
        found = diagnose(caught.value, settings, CATALOGUE[provider], "completion")

        assert (type(caught.value), found.code) == (expected.ours, expected.verdict)


def test_what_was_seen_is_of_a_provider_and_a_cause_that_there_are() -> None:
    assert {*SEEN, *OTHERWISE} <= {*PAIRS}
