"""Many calls at once, and calls that are cancelled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from llmdocs import LLM, recipes
from llmdocs.wire.faults import ErrorAnswer, Exchange, Hang, named
from llmdocs.wire.server import MockedProviders
from tests.client.test_client import every_provider_and_call, sent, settings_of

CALLS = 1000


async def no_wait(_: float) -> None:
    """Let other tasks run, as a wait would."""
    await asyncio.sleep(0)


def test_a_thousand_calls_at_once_all_come_back_though_a_third_is_refused(
    wire: MockedProviders,
) -> None:
    """Of 1499 requests every third is answered 429: that leaves a thousand answers."""
    wire.faults[:] = [None, None, ErrorAnswer(429)] * (CALLS // 2)
    address = recipes.mock_variables("openai", wire.url)["LLM_BASE_URL"]
    llm = LLM(settings_of("openai", base_url=address, num_retries=1000), sleep=no_wait)

    async def ask_all() -> list[Any]:
        return await asyncio.gather(*(llm.acomplete(f"Question {n}") for n in range(CALLS)))

    answers = [answer.choices[0].message.content for answer in asyncio.run(ask_all())]

    assert answers == [f"gpt-4.1-mini (mocked) was asked: Question {n}" for n in range(CALLS)]
    assert sent(wire) == CALLS + 499
    assert (llm.usage.calls, llm.usage.retries) == (CALLS, 499)


class SilentUntilLeft(Hang):
    """Silence; tells when a request has come, and when its client has gone."""

    def __init__(self) -> None:
        self.met = threading.Event()
        self.left = threading.Event()

    async def apply(self, exchange: Exchange) -> None:
        self.met.set()
        await super().apply(exchange)
        self.left.set()


async def _drain(llm: LLM) -> None:
    async for _ in llm.astream("Hello"):
        pass


ASYNC_CALLS: dict[str, Callable[[LLM], Coroutine[Any, Any, Any]]] = {
    "acomplete": lambda llm: llm.acomplete("Hello"),
    "astream": _drain,
    "aembed": lambda llm: llm.aembed("Hello"),
}
every_async_call = every_provider_and_call(ASYNC_CALLS)


@every_async_call
def test_cancelling_a_call_closes_its_connection_and_ends_the_retries(
    wire: MockedProviders, provider: str, call: Callable[[LLM], Coroutine[Any, Any, Any]]
) -> None:
    silence = SilentUntilLeft()
    wire.faults[:] = [silence]

    async def cancel_when_sent() -> None:
        task = asyncio.create_task(call(LLM(settings_of(provider))))
        await asyncio.to_thread(silence.met.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel_when_sent())

    assert silence.left.wait(timeout=5)
    assert sent(wire) == 1


@every_async_call
def test_cancelling_a_call_that_waits_for_its_retry_ends_the_retries(
    wire: MockedProviders, provider: str, call: Callable[[LLM], Coroutine[Any, Any, Any]]
) -> None:
    wire.faults[:] = [named("503")]

    async def cancel_while_waiting() -> None:
        waiting = asyncio.Event()

        async def wait_for_ever(_: float) -> None:
            waiting.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(call(LLM(settings_of(provider), sleep=wait_for_ever)))
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel_while_waiting())

    assert sent(wire) == 1


def test_a_call_that_is_bounded_in_time_is_cancelled(wire: MockedProviders) -> None:
    wire.faults[:] = [named("hang")]

    async def ask() -> None:
        async with asyncio.timeout(0.2):
            await LLM(settings_of("openai")).acomplete("Hello")

    with pytest.raises(TimeoutError):
        asyncio.run(ask())

    assert sent(wire) == 1
