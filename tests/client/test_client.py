"""The reference client at the wire: one retry layer, and errors a reader can act on."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest
import tenacity

from llmdocs import LLM, Settings, recipes
from llmdocs.catalogue.providers import CATALOGUE, OTHER_PREFIXES
from llmdocs.errors import (
    AuthenticationError,
    ConnectionFailedError,
    NotFoundError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitError,
    RequestError,
    ResponseError,
    SettingsError,
)
from llmdocs.wire.accounts import Account, Model
from llmdocs.wire.faults import Altered, ErrorAnswer, Exchange, Fault
from llmdocs.wire.server import MockedProviders
from tests.support.provider_groups import (
    EMBEDDING,
    EVERY,
    LIKE_OPENAI,
    OF_EACH_CLIENT,
    TWO_WAYS,
    WITHOUT_A_GUIDE,
)

KEY = "your-openai-api-key"

# The tests' own, so that none depends on the defaults.
PACE = {"num_retries": 8, "retry_min_wait": 15, "retry_max_wait": 120}

Call = Callable[[LLM], Any]


async def _collected(llm: LLM) -> list[Any]:
    return [chunk async for chunk in llm.astream("Hello")]


CALLS: dict[str, Call] = {
    "complete": lambda llm: llm.complete("Hello"),
    "acomplete": lambda llm: asyncio.run(llm.acomplete("Hello")),
    "stream": lambda llm: list(llm.stream("Hello")),
    "astream": lambda llm: asyncio.run(_collected(llm)),
    "embed": lambda llm: llm.embed("Hello"),
    "aembed": lambda llm: asyncio.run(llm.aembed("Hello")),
}

EMBEDDINGS = ("embed", "aembed")

every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
every_provider = pytest.mark.parametrize("provider", EVERY)


def every_provider_and_call(
    calls: Mapping[str, Any], providers: Iterable[str] = EVERY, parameter: str = "call"
) -> pytest.MarkDecorator:
    """Providers, with embeddings where the recipe has a model for them.

    A provider that litellm calls as it calls an earlier one is called in two of the ways.
    """
    cases = [
        pytest.param(provider, call, id=f"{provider}-{name}")
        for provider in providers
        for name, call in calls.items()
        if (name not in EMBEDDINGS or provider in EMBEDDING)
        and (provider in OF_EACH_CLIENT or name in TWO_WAYS)
    ]
    return pytest.mark.parametrize(("provider", parameter), cases)


every_chat = pytest.mark.parametrize(
    "call", [pytest.param(CALLS[name], id=name) for name in CALLS if name not in EMBEDDINGS]
)
every_stream = pytest.mark.parametrize("name", ["stream", "astream"])


def settings_of(provider: str, **changes: Any) -> Settings:
    variables = recipes.read(provider)
    values = {name.removeprefix("LLM_").lower(): value for name, value in variables.items()}
    return Settings(**{**values, **PACE, **changes})


def sent(wire: MockedProviders) -> int:
    """How many calls reached a provider; litellm's questions about Ollama's models are none."""
    return sum(not request.url.endswith("/api/show") for request in wire.requests)


@every_provider_and_call(CALLS)
def test_every_call_is_answered(wire: MockedProviders, provider: str, call: Call) -> None:
    answer = call(LLM(settings_of(provider)))

    assert answer
    assert sent(wire) == 1


def test_complete_returns_litellms_own_response(wire: MockedProviders) -> None:
    import litellm

    answer = LLM(settings_of("openai")).complete([{"role": "user", "content": "Hello"}])

    assert isinstance(answer, litellm.ModelResponse)


def test_a_server_error_that_stays_says_the_provider_is_in_trouble(wire: MockedProviders) -> None:
    wire.faults[:] = [ErrorAnswer(529)]

    with pytest.raises(ProviderUnavailableError, match="HTTP 529: Overloaded"):
        LLM(settings_of("openai", num_retries=0)).complete("Hello")


def test_a_failure_that_the_caller_is_handling_is_not_taken_for_the_calls_own(
    wire: MockedProviders,
) -> None:
    import httpx

    elsewhere = httpx.Response(401, request=httpx.Request("GET", "https://elsewhere.example"))
    nowhere = settings_of("openai", base_url="http://127.0.0.1:9", num_retries=0)
    try:
        elsewhere.raise_for_status()
    except httpx.HTTPStatusError:
        with pytest.raises(ConnectionFailedError):
            LLM(nowhere).complete("Hello")


def test_the_error_of_a_refusal_holds_the_providers_words_and_never_the_key(
    wire: MockedProviders,
) -> None:
    llm = LLM(settings_of("openai", api_key="sk-this-key-is-wrong"))

    with pytest.raises(AuthenticationError) as caught:
        llm.complete("Hello")

    assert "Incorrect API key provided" in str(caught.value)
    assert "Check LLM_API_KEY" in str(caught.value)
    assert "sk-this-key-is-wrong" not in str(caught.value)


def test_upstream_counts_attempts_where_we_count_retries(wire: MockedProviders) -> None:
    """OpenDevin's `stop_after_attempt(num_retries)` sends one request less for the same number."""
    import litellm

    settings = settings_of("openai", num_retries=5)
    wire.faults[:] = [ErrorAnswer(429)] * 20
    with pytest.raises(RateLimitError):
        LLM(settings, sleep=lambda _: None).complete("Hello")
    ours = sent(wire)
    wire.requests.clear()
    as_upstream = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(settings.num_retries), sleep=lambda _: None, reraise=True
    )
    with pytest.raises(litellm.exceptions.RateLimitError):
        as_upstream(
            lambda: litellm.completion(
                settings.model,
                [{"role": "user", "content": "Hello"}],
                api_key=KEY,
                num_retries=0,
                max_retries=0,
            )
        )

    assert (ours, sent(wire)) == (6, 5)


@pytest.mark.parametrize(
    ("provider", "missing"),
    [
        (name, need.removeprefix("LLM_").lower())
        for name in EVERY
        for need in CATALOGUE[name].needs
        if need != "LLM_MODEL"
    ],
)
def test_what_the_provider_needs_and_lacks_is_named_before_any_call(
    provider: str, missing: str
) -> None:
    with pytest.raises(SettingsError, match=f"LLM_{missing.upper()} is not set"):
        LLM(settings_of(provider, **{missing: None}))


# What the providers' own tools read, as their documentation has it.
OF_THEIR_TOOLS = {
    ("azure", "base_url", "AZURE_OPENAI_ENDPOINT"),
    ("azure", "api_version", "OPENAI_API_VERSION"),
    ("ollama", "base_url", "OLLAMA_HOST"),
    ("vllm", "api_key", "VLLM_API_KEY"),
    ("lm_studio", "api_key", "LM_API_TOKEN"),
    ("groq", "base_url", "GROQ_BASE_URL"),
}
OWN_VARIABLES = [
    (name, setting, own)
    for name in EVERY
    for setting in ("api_key", "base_url", "api_version")
    for own in CATALOGUE[name].own_variables(f"LLM_{setting.upper()}")
]


def test_the_variables_of_the_providers_tools_are_known() -> None:
    assert set(OWN_VARIABLES) >= OF_THEIR_TOOLS


@pytest.mark.parametrize(("provider", "missing", "own"), OWN_VARIABLES)
def test_a_providers_own_variable_is_never_read_and_the_error_says_so(
    monkeypatch: pytest.MonkeyPatch, provider: str, missing: str, own: str
) -> None:
    monkeypatch.setenv(own, "something")

    with pytest.raises(SettingsError, match=f"{own} is set, but llmdocs never reads it"):
        LLM(settings_of(provider, **{missing: None}))


def test_our_variables_win_over_the_providers_own(
    wire: MockedProviders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "another-key")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://elsewhere.example/v1")
    LLM(settings_of("openai", base_url="https://api.openai.com/v1")).complete("Hello")

    assert wire.requests[0].url == "https://api.openai.com/v1/chat/completions"
    assert wire.requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("provider", "changes", "variable"),
    [
        ("openai", {"embedding_model": None}, "LLM_EMBEDDING_MODEL"),
        ("openai", {"embedding_model": "text-embedding-3-small"}, "LLM_EMBEDDING_MODEL"),
        ("openai", {"embedding_model": "ollama/nomic-embed-text"}, "LLM_EMBEDDING_MODEL"),
        (
            "openai",
            {"embedding_model": None, "embedding_deployment_name": "mine"},
            "LLM_EMBEDDING_DEPLOYMENT_NAME",
        ),
        ("azure", {"embedding_deployment_name": None}, "LLM_EMBEDDING_DEPLOYMENT_NAME"),
        ("ollama", {"embedding_model": "ollama_chat/nomic-embed-text"}, "LLM_EMBEDDING_MODEL"),
    ],
)
def test_embedding_settings_that_do_not_fit_name_the_variable(
    provider: str, changes: dict[str, Any], variable: str
) -> None:
    with pytest.raises(SettingsError, match=f"^{variable} is "):
        LLM(settings_of(provider, **changes)).embed("Hello")


def test_a_model_without_a_provider_is_an_error_that_shows_the_form(wire: MockedProviders) -> None:
    with pytest.raises(SettingsError, match=r"Write provider/model.* Did you mean openai"):
        LLM(Settings(model="opnai/gpt-4.1-mini", api_key=KEY))


def test_a_bare_model_that_litellm_knows_is_its_providers(wire: MockedProviders) -> None:
    LLM(Settings(model="gpt-4.1-mini", api_key=KEY)).complete("Hello")

    assert wire.requests[0].provider == "openai"


@pytest.mark.parametrize(
    "option", ["max_retries", "stream", "api_key", "timeout", "fallbacks", "retry_policy"]
)
def test_what_the_settings_or_the_method_decide_is_no_option_of_a_call(option: str) -> None:
    with pytest.raises(TypeError, match=option):
        LLM(settings_of("openai")).complete("Hello", **{option: True})


@pytest.mark.parametrize(
    ("messages", "problem"),
    [
        (None, "messages is NoneType; expected: a list"),
        (["hi"], r"messages\[0\] is str; expected: a mapping"),
        ([{"role": "user", "content": "a"}, None], r"messages\[1\] is NoneType"),
        ("\udc80", "messages contains values that JSON in UTF-8 cannot"),
        ([{"role": "user", "content": ...}], "messages contains values that JSON in UTF-8 cannot"),
    ],
)
def test_messages_that_cannot_be_sent_are_an_error_that_says_nothing_was(
    wire: MockedProviders, messages: Any, problem: str
) -> None:
    with pytest.raises(RequestError, match=f"^Nothing was sent to OpenAI: {problem}"):
        LLM(settings_of("openai")).complete(messages)

    assert wire.requests == []


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        (5, "texts is int; expected: a list"),
        ([1, 2], r"texts\[0\] is int; expected: a text"),
        ("\udc80", "texts contains values that JSON in UTF-8 cannot"),
    ],
)
def test_texts_that_cannot_be_sent_are_an_error_that_says_nothing_was(
    wire: MockedProviders, texts: Any, problem: str
) -> None:
    with pytest.raises(RequestError, match=f"^Nothing was sent to OpenAI: {problem}"):
        LLM(settings_of("openai")).embed(texts)

    assert wire.requests == []


def test_an_answers_message_can_be_sent_back_as_it_is(wire: MockedProviders) -> None:
    llm = LLM(settings_of("openai"))
    first = llm.complete("Hello").choices[0].message
    llm.complete([{"role": "user", "content": "Hello"}, first, {"role": "user", "content": "So?"}])

    assert wire.requests[1].json()["messages"][1]["content"] == first.content


@pytest.mark.parametrize(
    ("provider", "model", "option", "value"),
    [
        ("ollama", None, "logit_bias", {"1": 1}),
        ("openai", "openai/gpt-5-mini", "temperature", 0),
        ("openai", "openai/gpt-5-mini", "top_p", 0.5),
    ],
)
def test_an_option_that_the_provider_does_not_take_is_named(
    wire: MockedProviders, provider: str, model: str | None, option: str, value: object
) -> None:
    llm = LLM(settings_of(provider, **({"model": model} if model else {})))
    with pytest.raises(
        RequestError, match=f"does not support the option {option} of this"
    ) as caught:
        llm.complete("Hello", **{option: value})

    assert caught.value.provider_message is None
    assert sent(wire) == 0


@pytest.mark.parametrize("provider", LIKE_OPENAI)
def test_a_stream_asks_for_usage_at_a_gateway_too(wire: MockedProviders, provider: str) -> None:
    """litellm asks by itself only at OpenAI's own address."""
    variables = recipes.mock_variables(provider, wire.url)
    llm = LLM(settings_of(provider, base_url=variables["LLM_BASE_URL"]))
    list(llm.stream("Hello"))

    assert wire.requests[0].json()["stream_options"] == {"include_usage": True}


def test_the_own_variables_of_a_provider_without_a_guide_go_unread_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (name, *_) = OTHER_PREFIXES[WITHOUT_A_GUIDE]["key"]
    monkeypatch.setenv(name, "something")

    with pytest.raises(SettingsError, match=f"{name} is set, but llmdocs never reads it"):
        LLM(Settings(model=f"{WITHOUT_A_GUIDE}/any"))


def test_a_missing_key_of_a_provider_without_a_guide_asks_for_the_key() -> None:
    with pytest.raises(SettingsError, match=f"LLM_API_KEY is not set, and {WITHOUT_A_GUIDE} "):
        LLM(Settings(model=f"{WITHOUT_A_GUIDE}/any"))


def test_a_server_of_ones_own_needs_its_address() -> None:
    message = "LLM_BASE_URL is not set, and LiteLLM's proxy needs it"
    with pytest.raises(SettingsError, match=message):
        LLM(Settings(model="litellm_proxy/gpt-4o", api_key=KEY))


def test_missing_credentials_of_a_providers_own_are_told_as_such(wire: MockedProviders) -> None:
    with pytest.raises(AuthenticationError, match=r"was not called. Check LLM_API_KEY"):
        LLM(Settings(model="oci/cohere.command-a")).complete("Hello")

    assert wire.requests == []


@every_provider
def test_the_variables_that_the_mock_prints_reach_it_under_its_own_address(
    wire: MockedProviders, provider: str
) -> None:
    variables = recipes.mock_variables(provider, wire.url)
    values = {name.removeprefix("LLM_").lower(): value for name, value in variables.items()}
    LLM(Settings(**values)).complete("Hello")

    # litellm asks for the details of an Ollama model after the answer, when it likes.
    [request] = [request for request in wire.requests if not request.url.endswith("/api/show")]

    assert request.url.startswith(f"{wire.url}/{provider}/")
    assert request.provider == provider


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RequestError),
        (401, AuthenticationError),
        (403, AuthenticationError),
        (404, NotFoundError),
        (422, RequestError),
    ],
)
@every_provider
def test_a_refusal_is_not_retried(
    wire: MockedProviders, provider: str, status: int, kind: type[ProviderError]
) -> None:
    wire.faults[:] = [ErrorAnswer(status)]

    with pytest.raises(kind) as caught:
        LLM(settings_of(provider)).complete("Hello")

    assert caught.value.status == status
    assert type(caught.value.__cause__).__module__.startswith("litellm")
    assert sent(wire) == 1


@every_provider
def test_a_stream_asks_for_usage_and_gets_it(wire: MockedProviders, provider: str) -> None:
    chunks = list(LLM(settings_of(provider)).stream("Hello"))
    # Other dialects tell it unasked.
    asked = {"include_usage": True} if provider in LIKE_OPENAI else None

    assert wire.requests[0].json().get("stream_options") == asked
    assert chunks[-1].usage.total_tokens > 0


@every_provider_and_call(CALLS)
def test_waits_follow_the_schedule_and_each_retry_sends_one_request(
    wire: MockedProviders, provider: str, call: Call
) -> None:
    wire.faults[:] = [ErrorAnswer(503), ErrorAnswer(429), ErrorAnswer(500)]
    waits: list[float] = []

    assert call(LLM(settings_of(provider), sleep=waits.append))
    assert waits == [15, 30, 60]
    assert sent(wire) == 4


def test_retry_after_is_honoured_up_to_the_maximum_wait(wire: MockedProviders) -> None:
    wire.faults[:] = [
        ErrorAnswer(429, {"retry-after": "40"}),
        ErrorAnswer(429, {"retry-after": "900"}),
        ErrorAnswer(429, {"retry-after": "soon"}),
    ]
    waits: list[float] = []

    LLM(settings_of("openai"), sleep=waits.append).complete("Hello")

    assert waits == [40, 120, 60]


@pytest.mark.parametrize(
    "answer",
    [
        ErrorAnswer(429, {"retry-after": "86400"}),
        ErrorAnswer(429, {"retry-after": "961"}),
        ErrorAnswer(429, message="Request too large for m on tokens per min (TPM): Limit 3, …"),
    ],
    ids=["a day", "beyond all retries", "one request too large"],
)
def test_a_limit_that_no_retry_outlasts_is_not_retried(
    wire: MockedProviders, answer: ErrorAnswer
) -> None:
    wire.faults[:] = [answer]
    with pytest.raises(RateLimitError) as caught:
        LLM(settings_of("openai")).complete("Hello")

    assert sent(wire) == 1
    assert "LLM_NUM_RETRIES" not in str(caught.value)


def test_each_wait_is_announced_with_what_failed(
    wire: MockedProviders, caplog: pytest.LogCaptureFixture
) -> None:
    wire.faults[:] = [ErrorAnswer(503)]
    with caplog.at_level(logging.WARNING, logger="llmdocs"):
        LLM(settings_of("openai", num_retries=3), sleep=lambda _: None).complete("Hello")

    messages = [record.getMessage() for record in caplog.records if record.name == "llmdocs"]
    assert len(messages) == 1
    assert messages[0].startswith("OpenAI answered HTTP 503: Service Unavailable.")
    assert messages[0].endswith("Retry 1 of 3 in 15 s.")


def test_an_async_sleep_is_awaited(wire: MockedProviders) -> None:
    wire.faults[:] = [ErrorAnswer(503)]
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    asyncio.run(LLM(settings_of("openai"), sleep=sleep).acomplete("Hello"))

    assert waits == [15]


def test_an_async_sleep_is_refused_by_a_plain_call(wire: MockedProviders) -> None:
    wire.faults[:] = [ErrorAnswer(503)]

    async def sleep(seconds: float) -> None:
        pass

    with pytest.raises(TypeError, match="this sleep is async"):
        LLM(settings_of("openai"), sleep=sleep).complete("Hello")


class TestAnErrorWithAStatusOfSuccess:
    @pytest.mark.parametrize("provider", LIKE_OPENAI)
    @every_chat
    @pytest.mark.parametrize("as_object", [True, False], ids=["object", "text"])
    def test_is_told_in_the_providers_words_without_the_key(
        self, wire: MockedProviders, provider: str, call: Call, as_object: bool
    ) -> None:
        key = recipes.read(provider).get("LLM_API_KEY", "a-key-that-goes-unread")
        words = f"No slot is free for {key}."
        body = json.dumps({"error": {"message": words} if as_object else words})
        wire.faults[:] = [Altered(lambda _: body)]

        with pytest.raises(ResponseError) as caught:
            call(LLM(settings_of(provider, api_key=key)))

        assert caught.value.provider_message == "No slot is free for [LLM_API_KEY]."
        assert "sent an error with a success status: No slot is free" in str(caught.value)
        assert sent(wire) == 1

    @every_call
    def test_comes_of_lm_studio_for_an_address_without_v1(
        self, wire: MockedProviders, call: Call
    ) -> None:
        with pytest.raises(ResponseError, match="LLM_BASE_URL"):
            call(LLM(settings_of("lm_studio", base_url="http://localhost:1234")))

        assert sent(wire) == 1

    @every_chat
    def test_names_the_path_that_lm_studio_does_not_know(
        self, wire: MockedProviders, call: Call
    ) -> None:
        with pytest.raises(ResponseError) as caught:
            call(LLM(settings_of("lm_studio", base_url="http://localhost:1234")))

        assert caught.value.provider_message == (
            "Unexpected endpoint or method. (POST /chat/completions)"
        )


class LabelledAsJson(Fault):
    """The right answer, with the content type of a single JSON document."""

    async def apply(self, exchange: Exchange) -> None:
        answer = (await exchange.answer()).unsized()
        start = {**answer.start, "headers": [(b"content-type", b"application/json")]}
        await exchange.send_pieces(replace(answer, start=start))
        await exchange.end()


@every_stream
def test_a_stream_that_a_gateway_labels_as_json_is_read_all_the_same(
    wire: MockedProviders, name: str
) -> None:
    wire.faults[:] = [LabelledAsJson()]

    chunks = CALLS[name](LLM(settings_of("openai")))
    said = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]

    assert "".join(filter(None, said)) == "gpt-4.1-mini (mocked) was asked: Hello"


def test_the_words_of_a_web_framework_are_the_providers_too(wire: MockedProviders) -> None:
    """FastAPI, which vLLM is built on, says `detail` for message."""
    with pytest.raises(NotFoundError) as caught:
        LLM(settings_of("vllm", base_url="http://localhost:8000")).complete("Hello")

    assert caught.value.provider_message == "Not Found"


class TestEmbeddingsOfVllm:
    def test_do_not_come_from_the_server_for_chat(self, wire: MockedProviders) -> None:
        llm = LLM(settings_of("vllm", embedding_model="hosted_vllm/BAAI/bge-m3"))

        with pytest.raises(NotFoundError):
            llm.embed("Hello")

    def test_come_from_a_second_server_that_arguments_name(
        self, wire: MockedProviders, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in recipes.read("vllm").items():
            monkeypatch.setenv(name, value)
        account = Account(served={"BAAI/bge-m3": Model("BAAI/bge-m3", "embeddings")})
        with MockedProviders({"vllm": account}) as second:
            embedder = LLM.from_env(
                base_url=f"{second.url}/vllm/v1", embedding_model="hosted_vllm/BAAI/bge-m3"
            )

            assert embedder.embed("Hello").data
            assert LLM.from_env().complete("Hello")
            assert (len(second.requests), len(wire.requests)) == (1, 1)


def test_options_of_vllm_alone_reach_it_in_the_extra_body(wire: MockedProviders) -> None:
    LLM(settings_of("vllm")).complete("Hello", extra_body={"top_k": 50})

    assert wire.requests[0].json()["top_k"] == 50


def test_lm_studio_calls_the_stand_in_for_a_missing_key_malformed(wire: MockedProviders) -> None:
    account = Account(keys=frozenset({"sk-lm-token"}), served={"m": Model("m", "chat")})
    with MockedProviders({"lm_studio": account}) as guarded:
        settings = settings_of(
            "lm_studio", model="lm_studio/m", base_url=f"{guarded.url}/lm_studio/v1"
        )
        with pytest.raises(AuthenticationError, match="token provided: fake-api-k"):
            LLM(settings).complete("Hello")
