"""What calls cost is counted, and the call that there is no money left for is not sent."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from llmdocs import LLM, Settings
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.errors import BudgetError, ProviderError, ResponseError, SettingsError
from llmdocs.wire.faults import Altered, BrokenOff, ErrorAnswer, Exchange, HangAfterStart, named
from llmdocs.wire.server import MockedProviders
from tests.client.test_client import (
    CALLS,
    Call,
    every_provider,
    every_provider_and_call,
    sent,
    settings_of,
)
from tests.support.provider_groups import FREE, PAID, dialect

MODELS = {"base_model": "gpt-4.1-mini", "embedding_model": "text-embedding-3-small"}
# US dollars for a token, from OpenAI's price list; Azure's differs for embeddings alone.
ASKED, ANSWERED, EMBEDDED = 0.4e-6, 1.6e-6, 0.02e-6
EMBEDDED_AT_AZURE = 0.022e-6
# The mock counts words: `Hello`, and `gpt-4.1-mini (mocked) was asked: Hello`.
ANSWER = ASKED + 5 * ANSWERED


def client(provider: str = "openai", **changes: Any) -> LLM:
    models = MODELS if dialect(provider) == "azure" else {}
    return LLM(settings_of(provider, **{**models, **changes}), sleep=lambda _: None)


# The same from the providers' own price lists, for an answer and an embedding.
LISTED = {
    "openai": (ANSWER, EMBEDDED),
    "azure": (ANSWER, EMBEDDED_AT_AZURE),
    "anthropic": (0.1e-6 + 5 * 0.5e-6, None),
    "groq": (0.075e-6 + 5 * 0.3e-6, None),
    "xai": (1.25e-6 + 5 * 2.5e-6, None),
}


@every_provider_and_call(CALLS, PAID)
def test_each_kind_of_call_costs_what_the_price_list_says(
    wire: MockedProviders, provider: str, call: Call
) -> None:
    llm = client(provider)
    call(llm)
    embeds = call in (CALLS["embed"], CALLS["aembed"])

    assert llm.usage.prompt_tokens == 1
    assert llm.usage.completion_tokens == (0 if embeds else 5)
    assert llm.usage.cost
    if provider in LISTED:
        assert llm.usage.cost == pytest.approx(LISTED[provider][embeds])


@every_provider_and_call(CALLS, PAID)
def test_the_call_after_the_limit_is_not_sent(
    wire: MockedProviders, provider: str, call: Call
) -> None:
    llm = client(provider, max_budget=EMBEDDED / 2)
    call(llm)

    with pytest.raises(BudgetError):
        call(llm)

    assert sent(wire) == 1
    assert llm.usage.calls == 1


def test_a_budget_is_shared_by_all_kinds_of_calls(wire: MockedProviders) -> None:
    llm = client(max_budget=ANSWER)
    llm.complete("Hello")

    for call in CALLS.values():
        with pytest.raises(BudgetError):
            call(llm)

    assert sent(wire) == 1


def test_the_error_says_what_was_spent_and_what_the_limit_is(wire: MockedProviders) -> None:
    llm = client(max_budget=0.000001)
    llm.complete("Hello")

    with pytest.raises(BudgetError) as caught:
        llm.complete("Hello")

    assert (caught.value.spent, caught.value.limit) == (llm.usage.cost, 0.000001)
    assert "$0.0000084 are spent, and LLM_MAX_BUDGET is $0.000001." in str(caught.value)


def test_a_budget_is_one_objects_own(wire: MockedProviders) -> None:
    spender = client(max_budget=ANSWER)
    spender.complete("Hello")

    assert client(max_budget=ANSWER).complete("Hello")


def test_a_budget_of_nothing_sends_nothing(wire: MockedProviders) -> None:
    with pytest.raises(BudgetError):
        client(max_budget=0).complete("Hello")

    assert wire.requests == []


def test_a_retry_is_not_sent_once_the_budget_is_spent(wire: MockedProviders) -> None:
    """Another call spends the rest while the first one waits for its retry."""
    wire.faults[:] = [ErrorAnswer(503)]
    callers: list[LLM] = []
    llm = LLM(
        settings_of("openai", max_budget=ANSWER), sleep=lambda _: callers[0].complete("Hello")
    )
    callers.append(llm)

    with pytest.raises(BudgetError):
        llm.complete("Hello")

    assert sent(wire) == 2
    assert (llm.usage.calls, llm.usage.retries) == (2, 0)


def test_calls_in_flight_go_over_by_less_than_their_own_price(wire: MockedProviders) -> None:
    llm = client(max_budget=10 * ANSWER)
    at_once = 4

    def ask_until_the_end(_: int) -> None:
        with contextlib.suppress(BudgetError):
            while True:
                llm.complete("Hello")

    with ThreadPoolExecutor(at_once) as threads:
        list(threads.map(ask_until_the_end, range(at_once)))

    assert llm.usage.cost is not None
    assert 10 * ANSWER <= llm.usage.cost + 1e-12 < (10 + at_once) * ANSWER
    assert llm.usage.calls == sent(wire)


@every_provider_and_call(CALLS, FREE)
def test_a_server_of_ones_own_counts_as_nothing_and_is_never_stopped(
    wire: MockedProviders, provider: str, call: Call
) -> None:
    llm = client(provider, max_budget=0)
    call(llm)
    call(llm)

    assert llm.usage.cost == 0
    assert llm.usage.prompt_tokens == 2


def test_an_empty_answer_has_been_paid_for(wire: MockedProviders) -> None:
    wire.faults[:] = [named("empty")]
    llm = client()

    with pytest.raises(ResponseError):
        llm.complete("Hello")

    assert llm.usage.cost == pytest.approx(ANSWER)


@every_provider
def test_a_failed_attempt_costs_nothing_and_counts_as_a_retry(
    wire: MockedProviders, provider: str
) -> None:
    wire.faults[:] = [ErrorAnswer(429), ErrorAnswer(500)]
    llm = client(provider)
    llm.complete("Hello")

    assert (llm.usage.calls, llm.usage.retries, llm.usage.completion_tokens) == (1, 2, 5)


def _says_something(chunk: Any) -> bool:
    return bool(chunk.choices and chunk.choices[0].delta.content)


async def _leave_astream(llm: LLM) -> None:
    async with contextlib.aclosing(llm.astream("Why is the sky blue?")) as chunks:
        async for chunk in chunks:
            if _says_something(chunk):
                break


def _leave_stream(llm: LLM) -> None:
    with contextlib.closing(llm.stream("Why is the sky blue?")) as chunks:
        next(filter(_says_something, chunks))


LEAVE = {"stream": _leave_stream, "astream": lambda llm: asyncio.run(_leave_astream(llm))}


@every_provider
@pytest.mark.parametrize("leave", LEAVE.values(), ids=LEAVE)
def test_a_stream_that_is_left_counts_as_an_estimate(
    wire: MockedProviders, provider: str, leave: Call
) -> None:
    llm = client(provider)
    leave(llm)

    assert llm.usage.prompt_tokens > 5
    assert llm.usage.completion_tokens > 0
    assert llm.usage.cost is not None
    assert (llm.usage.cost > 0) == (not CATALOGUE[provider].free)


def test_a_stream_that_breaks_off_counts_as_an_estimate(wire: MockedProviders) -> None:
    wire.faults[:] = [BrokenOff()]
    llm = client()

    with pytest.raises(ProviderError):
        list(llm.stream("Why is the sky blue?"))

    assert llm.usage.prompt_tokens > 5
    assert llm.usage.completion_tokens > 0


class SilentUntilLeft(HangAfterStart):
    """Half of the answer, and then silence; notes when the client has closed the connection."""

    def __init__(self) -> None:
        self.left = threading.Event()

    async def apply(self, exchange: Exchange) -> None:
        await super().apply(exchange)
        self.left.set()


@every_provider
def test_a_stream_that_is_left_closes_its_connection(wire: MockedProviders, provider: str) -> None:
    """The provider writes for as long as the connection lives, and charges for it."""
    fault = SilentUntilLeft()
    wire.faults[:] = [fault]
    _leave_stream(client(provider))

    assert fault.left.wait(timeout=5)


@every_provider
def test_an_async_stream_that_is_left_closes_its_connection_while_the_loop_runs(
    wire: MockedProviders, provider: str
) -> None:
    fault = SilentUntilLeft()
    wire.faults[:] = [fault]

    async def leave() -> bool:
        await _leave_astream(client(provider))
        return await asyncio.to_thread(fault.left.wait, 5)

    assert asyncio.run(leave())


ODD_TOOL = {
    "type": "function",
    "function": {
        "name": "add",
        "parameters": {"type": "object", "properties": {"numbers": {"type": "array"}}},
    },
}


def test_a_request_that_litellm_cannot_count_is_estimated_too(wire: MockedProviders) -> None:
    llm = client("ollama")
    with contextlib.closing(llm.stream("Add one and two.", tools=[ODD_TOOL])) as chunks:
        next(chunks)

    assert llm.usage.prompt_tokens > 10


def test_a_service_tier_that_litellm_does_not_know_does_not_hide_the_cost(
    wire: MockedProviders,
) -> None:
    wire.faults[:] = [Altered(lambda text: json.dumps({**json.loads(text), "service_tier": 3}))]
    llm = client(max_budget=ANSWER)
    llm.complete("Hello")

    assert llm.usage.cost == pytest.approx(ANSWER)


def test_a_count_below_nothing_is_no_count(wire: MockedProviders) -> None:
    usage = {"prompt_tokens": -1000, "completion_tokens": 5, "total_tokens": -995}
    wire.faults[:] = [Altered(lambda text: json.dumps({**json.loads(text), "usage": usage}))]
    llm = client()
    llm.complete("Hello")

    assert llm.usage.prompt_tokens > 0


@pytest.mark.parametrize(
    ("provider", "changes", "call", "problem"),
    [
        ("azure", {"base_model": None}, "complete", "LLM_BASE_MODEL is not. Set LLM_BASE_MODEL"),
        ("azure", {"base_model": "gpt-4.1-mni"}, "stream", "Did you mean azure/gpt-4.1-mini?"),
        ("azure", {"embedding_model": None}, "embed", "LLM_EMBEDDING_MODEL is not. Set LLM_EMB"),
        ("openai", {"model": "openai/my-own"}, "acomplete", "LLM_MODEL, 'openai/my-own'."),
        ("openai", {"base_model": "openai/my-own"}, "complete", "LLM_BASE_MODEL, 'openai/my-own'"),
        ("openai", {"embedding_model": "openai/my-own"}, "aembed", "LLM_EMBEDDING_MODEL, 'openai"),
    ],
)
def test_a_budget_without_a_price_is_an_error_that_names_the_variable(
    wire: MockedProviders, provider: str, changes: dict[str, Any], call: str, problem: str
) -> None:
    llm = client(provider, max_budget=1, **changes)

    with pytest.raises(SettingsError, match=r"^LLM_MAX_BUDGET is set, but ") as caught:
        CALLS[call](llm)

    assert problem in str(caught.value)
    assert wire.requests == []


def test_without_a_budget_an_unknown_price_makes_the_cost_unknown(wire: MockedProviders) -> None:
    llm = client("azure", base_model=None)
    llm.embed("Hello")
    assert llm.usage.cost == pytest.approx(EMBEDDED_AT_AZURE)

    llm.complete("Hello")
    assert llm.usage.cost is None
    assert llm.usage.completion_tokens == 5


@pytest.mark.parametrize(
    "base_model", ["gpt-4.1-mini", "azure/gpt-4.1-mini", "openai/gpt-4.1-mini"]
)
def test_a_base_model_is_written_with_its_provider_or_without(
    wire: MockedProviders, base_model: str
) -> None:
    llm = client("azure", base_model=base_model, max_budget=1)
    llm.complete("Hello")

    assert llm.usage.cost == pytest.approx(ANSWER)


def test_a_model_behind_a_gateway_has_the_price_of_its_base_model(wire: MockedProviders) -> None:
    llm = client(base_model="openai/gpt-4.1", max_budget=1)
    llm.complete("Hello")

    assert llm.usage.cost == pytest.approx(5 * ANSWER)


def test_usage_is_a_snapshot(wire: MockedProviders) -> None:
    llm = client()
    before = llm.usage
    llm.complete("Hello")

    assert (before.calls, llm.usage.calls) == (0, 1)
    assert llm.usage.total_tokens - before.total_tokens == 6


def test_a_missing_price_is_no_matter_for_calls_of_another_kind(wire: MockedProviders) -> None:
    """A program that only embeds need not say what its chat deployment holds."""
    assert client("azure", base_model=None, max_budget=1).embed("Hello")


def test_settings_take_no_budget_below_nothing() -> None:
    with pytest.raises(SettingsError, match=r"LLM_MAX_BUDGET is '-1'; expected: an amount"):
        Settings(model="openai/a", max_budget=-1)
