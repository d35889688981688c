"""The matrix: every fault, in every kind of call, at one provider of each dialect.

Each cell states how many requests reach the provider, which waits are asked for, and what comes of
it: the answer, or one error. `once` is a fault that passes. `always` is one that stays, in a cell
more for one fault of each kind that is retried.

The dialect decides how a fault is played. What a table decides for one more provider are the words
of those in OWN_WORDS, and what litellm decides is how it reads them and a stream: those cells are
every provider's, in two of the ways to call where litellm calls it as it calls an earlier one, so
that one more costs a twelfth of the whole.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import json
import socket
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest

from llmdocs import LLM, Settings, recipes
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.client.spending import Usage
from llmdocs.errors import (
    ConnectionFailedError,
    ProviderError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    QuotaError,
    RateLimitError,
    RedirectError,
    RequestError,
    ResponseError,
)
from llmdocs.wire.accounts import account_from
from llmdocs.wire.dialect import phrase
from llmdocs.wire.faults import (
    ASKED_WAIT,
    CREDIT_MESSAGE,
    ELSEWHERE,
    FAULTS,
    QUOTA_MESSAGE,
    BrokenOff,
    ErrorAnswer,
    Exchange,
    Fault,
    Slow,
    named,
)
from llmdocs.wire.server import MockedProviders, provider_app
from tests.support import concerning
from tests.support.provider_groups import (
    EMBEDDING,
    EVERY,
    OF_EACH_CLIENT,
    OF_EACH_DIALECT,
    TWO_WAYS,
    own_name_of_model,
)

OWN_WORDS = ("429", "413", "503", "quota")
STREAMS = ("stream", "astream")
EMBEDDINGS = ("embed", "aembed")
RETRIES = 1
WAITS = (1.0,)
PACE = {"num_retries": RETRIES, "retry_min_wait": WAITS[0], "retry_max_wait": 60}
# Seconds: long enough for a mock under load to answer.
PATIENT = 2.5
# The same for a client to read a chunk.
PATIENCE = 30
# Its pauses are shorter than the timeout, and longer in all.
SLOW = Slow(0.14 * PATIENT)
TIMED = ("hang", "hang-midway", "slow")
AT_ONCE = 20

Received = list[Any]
Run = Callable[[Coroutine[Any, Any, None]], Any]
Call = Callable[[LLM, Run, Received], Any]


def _stream(llm: LLM, received: Received) -> None:
    for chunk in llm.stream("Hello", max_tokens=2):
        received.append(chunk)


async def _acomplete(llm: LLM, received: Received) -> None:
    received.append(await llm.acomplete("Hello", max_tokens=2))


async def _astream(llm: LLM, received: Received) -> None:
    async for chunk in llm.astream("Hello", max_tokens=2):
        received.append(chunk)


async def _aembed(llm: LLM, received: Received) -> None:
    received.append(await llm.aembed("Hello"))


CALLS: dict[str, Call] = {
    "complete": lambda llm, _, received: received.append(llm.complete("Hello", max_tokens=2)),
    "acomplete": lambda llm, run, received: run(_acomplete(llm, received)),
    "stream": lambda llm, _, received: _stream(llm, received),
    "astream": lambda llm, run, received: run(_astream(llm, received)),
    "embed": lambda llm, _, received: received.append(llm.embed("Hello")),
    "aembed": lambda llm, run, received: run(_aembed(llm, received)),
}


@dataclass(frozen=True)
class BrokenOffOnceRead(BrokenOff):
    """The same, after the client has been handed a chunk.

    aiohttp, which litellm's async clients use, forgets what has come and was not read yet when it
    learns of the loss: aiohttp/streams.py, `readany`.
    """

    received: Received

    async def apply(self, exchange: Exchange) -> None:
        await super().apply(exchange)
        async with asyncio.timeout(PATIENCE):
            while not self.received:
                await asyncio.sleep(0.005)


@dataclass(frozen=True)
class Outcome:
    """What comes of a fault: how many requests, which waits, and an error or the answer.

    `says` is the provider's own message, `words` are ours, and `begun` is a stream that has handed
    out a chunk before it fails.
    """

    requests: int
    waits: tuple[float, ...] = ()
    error: type[ProviderError] | None = None
    words: str = ""
    says: str | None = None
    begun: bool = False


@dataclass(frozen=True)
class Row:
    """One fault of the matrix: what comes of it once, and always where that differs."""

    once: Outcome | None
    always: Outcome | None = None


def retried(error: type[ProviderError], says: str | None, words: str) -> Row:
    """A fault that is worth another try, until there is none left."""
    return Row(Outcome(2, WAITS), Outcome(1 + RETRIES, WAITS, error=error, says=says, words=words))


def given_up(
    error: type[ProviderError], says: str | None = None, words: str = "", begun: bool = False
) -> Row:
    """A fault that no other try fixes."""
    return Row(Outcome(1, error=error, says=says, words=words, begun=begun))


PASSING = Row(Outcome(2, WAITS))
PASSING_AFTER_20_S = Row(Outcome(2, (ASKED_WAIT,)))
UNREADABLE = given_up(ResponseError)
SILENT = Outcome(1 + RETRIES, WAITS, ProviderTimeoutError, words="timed out: no data arrived for")

MATRIX: dict[str, Row] = {
    "429": retried(RateLimitError, phrase(429), "answered HTTP 429"),
    "429-seconds": PASSING_AFTER_20_S,
    "429-ms": PASSING_AFTER_20_S,
    "429-date": PASSING_AFTER_20_S,
    "429-unreadable": PASSING,
    "quota": given_up(QuotaError, QUOTA_MESSAGE, "answered HTTP 429"),
    "credit": given_up(QuotaError, CREDIT_MESSAGE, "answered HTTP 400"),
    "408": PASSING,
    "413": given_up(RequestError, phrase(413), "answered HTTP 413"),
    "409": given_up(RequestError, "Conflict", "answered HTTP 409"),
    "500": PASSING,
    "502": PASSING,
    "503": retried(ProviderUnavailableError, phrase(503), "answered HTTP 503"),
    "529": PASSING,
    "redirect": given_up(RedirectError, words=f"answered HTTP 307, a redirect to {ELSEWHERE}."),
    "refused": Row(
        Outcome(1, WAITS),
        Outcome(0, WAITS, ConnectionFailedError, words="gave no HTTP answer"),
    ),
    "untrusted-certificate": Row(
        Outcome(1, WAITS),
        Outcome(0, WAITS, ConnectionFailedError, words="gave no HTTP answer"),
    ),
    "dropped": retried(ConnectionFailedError, None, "gave no HTTP answer"),
    "broken-off": given_up(
        ResponseError, words="closed the connection in the middle of its answer"
    ),
    "hang": Row(None, SILENT),
    "hang-midway": PASSING,
    "slow": Row(Outcome(1)),
    "malformed": UNREADABLE,
    "html": UNREADABLE,
    "misshapen": UNREADABLE,
    "blank": UNREADABLE,
    "empty": UNREADABLE,
    "no-choices": UNREADABLE,
}


@dataclass(frozen=True)
class Cell:
    """One fault at one provider in one kind of call, once or always."""

    fault: str
    provider: str
    call: str
    persistence: str

    def __str__(self) -> str:
        return f"{self.fault}-{self.provider}-{self.call}-{self.persistence}"

    def script(self, received: Received) -> list[Fault | None]:
        """What its requests meet; `received` is what the client has been handed."""
        fault = SLOW if self.fault == "slow" else named(self.fault)
        if (self.fault, self.call) == ("broken-off", "astream"):
            fault = BrokenOffOnceRead(received)
        return [fault] * (1 if self.persistence == "once" else 1 + RETRIES)

    @property
    def outcome(self) -> Outcome | None:
        """What is to come of it; None where always is as once, or there is no such call."""
        if self.call in EMBEDDINGS and self.provider not in EMBEDDING:
            return None
        row = self._row()
        outcome = row.once if self.persistence == "once" else row.always
        if outcome and outcome.says and self.fault in OWN_WORDS:
            return replace(outcome, says=words_of(self.provider, self.fault)[0])
        return outcome

    @property
    def is_played(self) -> bool:
        """Whether it is one of the cells that its provider has."""
        if self.provider in OF_EACH_DIALECT:
            return True
        if self.provider not in OF_EACH_CLIENT and self.call not in TWO_WAYS:
            return False
        breaks_off = self.fault == "broken-off" and self.call in STREAMS
        return breaks_off or self.fault in OWN_WORDS

    def _row(self) -> Row:
        streamed = self.call in STREAMS
        if self.fault == "untrusted-certificate" and not _has_tls(self.provider):
            # It has no certificate to show.
            return Row(None)
        if self.fault == "quota" and not words_of(self.provider, self.fault)[1]:
            # Its errors have no code, so this quota looks like any other limit.
            return PASSING
        if streamed and self.fault == "hang-midway":
            # The first chunk was handed out: another try might give another answer.
            return given_up(
                ProviderTimeoutError, words="timed out: no data arrived for", begun=True
            )
        if streamed and self.fault == "broken-off":
            return given_up(ResponseError, words="closed the connection in the middle", begun=True)
        return MATRIX[self.fault]


def _has_tls(provider: str) -> bool:
    return any(origin.startswith("https://") for origin in CATALOGUE[provider].origins)


@functools.cache
def words_of(provider: str, fault: str) -> tuple[str, bool]:
    """What a provider says at a fault, and whether its error tells a quota from another limit."""
    error = named(fault)
    assert isinstance(error, ErrorAnswer)
    played = provider_app(CATALOGUE[provider], account_from(recipes.read(provider)))
    body = played.error_body(error.status, error.message, error.code)
    told = body["error"]
    said = told if isinstance(told, str) else told["message"]
    return said, said != error.message or str(error.code) in json.dumps(body)


CELLS = [
    cell
    for values in itertools.product(MATRIX, EVERY, CALLS, ("once", "always"))
    if (cell := Cell(*values)).is_played and cell.outcome
]


def cells(which: Callable[[Cell], bool]) -> pytest.MarkDecorator:
    """Those cells."""
    return pytest.mark.parametrize("cell", [cell for cell in CELLS if which(cell)], ids=str)


def settings_of(provider: str, **changes: Any) -> Settings:
    variables = recipes.read(provider)
    values = {name.removeprefix("LLM_").lower(): value for name, value in variables.items()}
    return Settings(**{**values, **PACE, **changes})


@dataclass
class Report:
    """What came of a cell."""

    usage: Usage
    waits: list[float]
    requests: int
    received: Received
    error: ProviderError | None


def play(
    cell: Cell,
    wire: MockedProviders,
    run: Run,
    received: Received,
    sleep: Callable[[float], Any] = lambda _: None,
    **changes: Any,
) -> Report:
    """Make the call of a cell, which adds to `received`; `changes` are settings."""
    waits: list[float] = []
    error = None

    def wait(seconds: float) -> None:
        waits.append(seconds)
        sleep(seconds)

    llm = LLM(settings_of(cell.provider, **changes), sleep=wait)
    try:
        CALLS[cell.call](llm, run, received)
    except ProviderError as raised:
        error = raised
    # litellm's questions about Ollama's models are no calls.
    requests = sum(not request.url.endswith("/api/show") for request in wire.requests)
    return Report(llm.usage, waits, requests, received, error)


def judge(cell: Cell, report: Report) -> None:
    """See that what came of a cell is what the matrix says."""
    outcome = cell.outcome
    assert outcome
    text = "".join(_texts(report.received)) if cell.call not in EMBEDDINGS else ""
    if outcome.error is None:
        assert report.error is None
        if cell.call in EMBEDDINGS:
            assert [len(item["embedding"]) > 0 for item in report.received[0].data] == [True]
        else:
            # What the mocks say when they may say two words. Short streams are fast; half of a
            # shorter one of Anthropic's would hold no word.
            assert text == f"{own_name_of_model(cell.provider)} (mocked)"
    else:
        assert type(report.error) is outcome.error
        assert report.error.provider_message == outcome.says
        assert str(report.error).startswith(CATALOGUE[cell.provider].title)
        assert outcome.words in str(report.error)
        # That of the class, or of the provider's own words.
        assert report.error.advice
        assert str(report.error).endswith(report.error.advice)
        assert bool(text) == outcome.begun
    assert report.waits == list(outcome.waits)
    assert report.requests == outcome.requests
    assert (report.usage.calls, report.usage.retries) == (1, len(outcome.waits))


def _texts(received: Received) -> Iterator[str]:
    for item in received:
        for choice in item.choices:
            said = getattr(choice, "delta", None) or choice.message
            yield said.content or ""


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for all cells, as in a program."""
    with asyncio.Runner() as runner:
        yield runner


@cells(lambda cell: cell.fault not in TIMED and cell.fault != "refused")
def test_cell(cell: Cell, wire: MockedProviders, runner: asyncio.Runner) -> None:
    received: Received = []
    wire.faults[:] = cell.script(received)
    if cell.fault == "untrusted-certificate":
        # Only a new connection meets it.
        wire.close_connections()

    judge(cell, play(cell, wire, runner.run, received))


@functools.cache
def reports_of(timed: tuple[Cell, ...]) -> dict[Cell, Report]:
    """What comes of cells that take time, played side by side.

    Async ones share one event loop, as litellm's own async clients do not live in two.
    """
    with asyncio.Runner() as runner, ThreadPoolExecutor(AT_ONCE + 1) as threads:
        loop = runner.get_loop()
        threads.submit(loop.run_forever)

        def run(call: Coroutine[Any, Any, None]) -> None:
            asyncio.run_coroutine_threadsafe(call, loop).result()

        def play_alone(cell: Cell) -> Report:
            with MockedProviders({cell.provider: account_from(recipes.read(cell.provider))}) as own:
                address = recipes.mock_variables(cell.provider, own.url)["LLM_BASE_URL"]
                received: Received = []
                own.faults[:] = cell.script(received)
                return play(cell, own, run, received, base_url=address, timeout=PATIENT)

        def warm(cell: Cell) -> None:
            """litellm loads much at the first call of each kind."""
            CALLS[cell.call](LLM(settings_of(cell.provider)), run, [])

        kinds = {(cell.provider, cell.call): cell for cell in timed}
        try:
            for cell in kinds.values():
                warm(cell)
            return dict(zip(timed, threads.map(play_alone, timed), strict=True))
        finally:
            # The thread would else never end.
            loop.call_soon_threadsafe(loop.stop)


@pytest.mark.usefixtures("wire")
@cells(lambda cell: cell.fault in TIMED)
def test_cell_that_takes_time(cell: Cell, request: pytest.FixtureRequest) -> None:
    timed = concerning.to_run(request, test_cell_that_takes_time.__name__)
    judge(cell, reports_of(tuple(timed))[cell])


@pytest.mark.usefixtures("wire")
@cells(lambda cell: cell.fault == "refused")
def test_cell_of_a_server_that_is_not_there(cell: Cell, runner: asyncio.Runner) -> None:
    """The system itself refuses: nothing listens on the port until the first wait is over."""
    with ExitStack() as stack:
        closed = stack.enter_context(socket.socket())
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        server = MockedProviders({cell.provider: account_from(recipes.read(cell.provider))}, port)

        def start(_: float) -> None:
            if cell.persistence == "once":
                closed.close()
                stack.enter_context(server)

        address = recipes.mock_variables(cell.provider, f"http://127.0.0.1:{port}")["LLM_BASE_URL"]

        judge(cell, play(cell, server, runner.run, [], start, base_url=address))


def test_every_named_fault_has_a_row() -> None:
    assert set(FAULTS) - {"ok"} <= set(MATRIX)
