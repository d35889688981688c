"""Faults of a provider, scripted: each meets one request."""

from __future__ import annotations

import asyncio
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llmdocs.suggestions import did_you_mean

# How long an account asks to wait in the named faults, in seconds, and a slow answer pauses.
ASKED_WAIT = 20
PAUSE = 0.5
SLICES = 8

HTML = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in</body></html>"
QUOTA_MESSAGE = (
    "You exceeded your current quota, please check your plan and billing details. For more "
    "information on this error, read the docs: "
    "https://platform.openai.com/docs/guides/error-codes/api-errors."
)
# Where a redirect leads: no mock answers there.
ELSEWHERE = "https://gateway.example/v1/chat/completions"

# What Anthropic answers with status 400: anthropics/claude-code#66314.
CREDIT_MESSAGE = (
    "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to "
    "upgrade or purchase credits."
)

# Writes a dialect's error body, JSON or a text: of a status, a message, in the provider's own words
# where it is empty, and a code if the error has one.
ErrorBody = Callable[[int, str, str | None], Any]


@dataclass(frozen=True)
class Answer:
    """A provider's answer: the ASGI message that starts it, and its body in the pieces sent."""

    start: Message
    pieces: list[bytes]

    def unsized(self) -> Answer:
        """The answer without a length: it is sent in chunks then."""
        headers = [item for item in self.start["headers"] if item[0] != b"content-length"]
        return replace(self, start={**self.start, "headers": headers})


@dataclass(frozen=True)
class Exchange:
    """One request on its way to a provider's application, and what a fault may do to it."""

    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send
    error_body: ErrorBody
    drop_connection: Callable[[], None]

    async def answer(self) -> Answer:
        """What the provider answers."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(self.scope, self.receive, keep)
        start, *rest = messages
        return Answer(start, [message["body"] for message in rest if message.get("body")])

    async def send_pieces(self, answer: Answer, pause: float = 0) -> None:
        """Send the start of an answer, and its body, with a pause before each piece."""
        await self.send(answer.start)
        for piece in answer.pieces:
            await asyncio.sleep(pause)
            await self.send({"type": "http.response.body", "body": piece, "more_body": True})

    async def end(self) -> None:
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})


class Fault(ABC):
    """What one request meets in place of the provider's answer."""

    def __str__(self) -> str:
        names = (name for name, (_, fault) in FAULTS.items() if fault is self)
        return next(names, type(self).__name__)

    @abstractmethod
    async def apply(self, exchange: Exchange) -> None: ...


@dataclass(frozen=True)
class ErrorAnswer(Fault):
    """An error status, with the dialect's own error body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    code: str | None = None

    def __str__(self) -> str:
        name = super().__str__()
        return str(self.status) if name == type(self).__name__ else name

    async def apply(self, exchange: Exchange) -> None:
        body = exchange.error_body(self.status, self.message, self.code)
        kind = PlainTextResponse if isinstance(body, str) else JSONResponse
        response = kind(body, self.status, dict(self.headers))
        await response(exchange.scope, exchange.receive, exchange.send)


@dataclass(frozen=True)
class WaitUntil(ErrorAnswer):
    """An error status that names a date in Retry-After, `seconds` after its own Date."""

    seconds: float = ASKED_WAIT

    async def apply(self, exchange: Exchange) -> None:
        now = datetime.now(UTC)
        until = now + timedelta(seconds=self.seconds)
        dates = {
            "date": format_datetime(now, usegmt=True),
            "retry-after": format_datetime(until, usegmt=True),
        }
        await ErrorAnswer(self.status, dates, self.message, self.code).apply(exchange)


class Refused(Fault):
    """No connection: it is hung up on before a byte of it is read.

    The listener of the mocks does that. Here a request has come on a connection that was open.
    """

    async def apply(self, exchange: Exchange) -> None:
        exchange.drop_connection()


class UntrustedCertificate(Fault):
    """A certificate of an authority that no client knows, at the next TLS connection.

    The listener of the mocks does that. A request on a connection that was open is lost with that
    connection, and the fault waits for the next one; what comes over plain HTTP passes it by.
    """

    async def apply(self, exchange: Exchange) -> None:
        exchange.drop_connection()


# What meets a connection and no request. A kept connection would lead past it.
CONNECTION_FAULTS = (Refused, UntrustedCertificate)


class Dropped(Fault):
    """The connection is lost when the request has been read, before any answer."""

    async def apply(self, exchange: Exchange) -> None:
        exchange.drop_connection()


class BrokenOff(Fault):
    """The first half of the answer, sent in chunks, and then the connection is lost."""

    async def apply(self, exchange: Exchange) -> None:
        answer = (await exchange.answer()).unsized()
        pieces = _sliced(answer.pieces)
        # The server closes the connection of an answer that is left without its end.
        await exchange.send_pieces(replace(answer, pieces=pieces[: len(pieces) // 2]))


class Hang(Fault):
    """Silence, until the client goes away."""

    async def apply(self, exchange: Exchange) -> None:
        while (await exchange.receive())["type"] != "http.disconnect":
            pass


class HangAfterStart(Fault):
    """The first half of the answer, and then silence until the client goes away."""

    async def apply(self, exchange: Exchange) -> None:
        answer = (await exchange.answer()).unsized()
        pieces = _sliced(answer.pieces)
        await exchange.send_pieces(replace(answer, pieces=pieces[: len(pieces) // 2]))
        await Hang().apply(exchange)


@dataclass(frozen=True)
class Slow(Fault):
    """The right answer in slices, with a pause of `pause` seconds before each."""

    pause: float = PAUSE

    async def apply(self, exchange: Exchange) -> None:
        answer = (await exchange.answer()).unsized()
        slices = _slices(b"".join(answer.pieces))
        await exchange.send_pieces(replace(answer, pieces=slices), self.pause)
        await exchange.end()


@dataclass(frozen=True)
class Page(Fault):
    """Status 200 with a page for people, or with nothing at all, as a proxy or a portal sends."""

    text: str

    async def apply(self, exchange: Exchange) -> None:
        headers = [(b"content-type", b"text/html; charset=utf-8")]
        start = {"type": "http.response.start", "status": 200, "headers": headers}
        await exchange.send_pieces(Answer(start, [self.text.encode()]))
        await exchange.end()


@dataclass(frozen=True)
class Altered(Fault):
    """The right answer, each JSON document of its body changed by `change`."""

    change: Callable[[str], str]

    async def apply(self, exchange: Exchange) -> None:
        answer = (await exchange.answer()).unsized()
        pieces = [_alter(piece, self.change) for piece in answer.pieces]
        await exchange.send_pieces(replace(answer, pieces=pieces))
        await exchange.end()


# What stands before the JSON of a server-sent event; Anthropic's have names.
EVENT_LEAD = re.compile(r"(event: \w+\n)?data: ")
# Where the answers are: chat completions, Anthropic's messages, OpenAI's embeddings, Ollama's.
ANSWERS = ("choices", "content", "data", "embeddings")


def _malformed(document: str) -> str:
    return document[: len(document) // 2]


def _misshapen(document: str) -> str:
    return '{"unexpected": true}'


def _without_choices(document: str) -> str:
    """No choices, no message, no vectors: whatever the dialect calls its answers."""
    body = json.loads(document)
    body.pop("message", None)
    return json.dumps({key: [] if key in ANSWERS else value for key, value in body.items()})


def _silent(document: str) -> str:
    """An answer of the right shape whose text, or vector, is empty."""
    return json.dumps(_emptied(json.loads(document)))


def _emptied(value: Any, key: str | None = None) -> Any:
    if key in ("content", "text") and isinstance(value, str):
        return ""
    if key == "embedding":
        return []
    if key == "embeddings":
        return [[] for _ in value]
    if isinstance(value, dict):
        return {name: _emptied(item, name) for name, item in value.items()}
    return [_emptied(item) for item in value] if isinstance(value, list) else value


FAULTS: dict[str, tuple[str, Fault | None]] = {
    "ok": ("no fault: the provider answers", None),
    "429-seconds": (
        f"429, Retry-After: {ASKED_WAIT}",
        ErrorAnswer(429, {"retry-after": str(ASKED_WAIT)}),
    ),
    "429-ms": (
        f"429, retry-after-ms: {ASKED_WAIT * 1000}",
        ErrorAnswer(429, {"retry-after-ms": str(ASKED_WAIT * 1000)}),
    ),
    "429-date": (f"429, Retry-After: the date {ASKED_WAIT} s later", WaitUntil(429)),
    "429-unreadable": ("429, Retry-After: soon", ErrorAnswer(429, {"retry-after": "soon"})),
    "quota": (
        "429, quota exhausted",
        ErrorAnswer(429, message=QUOTA_MESSAGE, code="insufficient_quota"),
    ),
    "credit": (
        "400, credit exhausted, with Anthropic's message",
        ErrorAnswer(400, message=CREDIT_MESSAGE),
    ),
    "redirect": (
        f"307, and {ELSEWHERE} for its Location",
        ErrorAnswer(307, {"location": ELSEWHERE}),
    ),
    "refused": ("no connection", Refused()),
    "untrusted-certificate": (
        "a certificate that no client trusts, at the next TLS connection",
        UntrustedCertificate(),
    ),
    "dropped": ("the connection is lost before the answer", Dropped()),
    "broken-off": ("the connection is lost in the middle of the answer", BrokenOff()),
    "hang": ("silence", Hang()),
    "hang-midway": ("silence in the middle of the answer", HangAfterStart()),
    "slow": (f"the answer in slices, one every {PAUSE} s", Slow()),
    "malformed": ("an answer that is not JSON, cut in half", Altered(_malformed)),
    "html": ("a page of HTML with status 200", Page(HTML)),
    "misshapen": ("JSON of another shape", Altered(_misshapen)),
    "blank": ("status 200 with nothing in it", Page("")),
    "empty": ("an answer whose text or vectors are empty", Altered(_silent)),
    "no-choices": ("an answer without choices, message or vectors", Altered(_without_choices)),
}
SCRIPT = re.compile(r"(?P<name>[^:]*)(:(?P<count>[1-9]\d{0,5}))?")


def named(name: str) -> Fault | None:
    """The fault of a name in `FAULTS`, or of an error status; None for `ok`.

    Raises ValueError, whose text is for the reader, if there is none.
    """
    if name in FAULTS:
        return FAULTS[name][1]
    if re.fullmatch(r"[45]\d\d", name):
        return ErrorAnswer(int(name))
    raise ValueError(
        f"{name!r} is not a fault; expected: a status from 400 to 599, or a name such as "
        f"dropped.{did_you_mean(name, FAULTS)}"
    )


def scripted(texts: Iterable[str]) -> Iterator[Fault | None]:
    """The faults that `NAME` or `NAME:COUNT` ask for, in order. Raises ValueError."""
    for text in texts:
        match = SCRIPT.fullmatch(text)
        if match is None:
            raise ValueError(
                f"{text!r} is not a fault; expected: NAME or NAME:COUNT, such as 429:2."
            )
        for _ in range(int(match["count"] or 1)):
            yield named(match["name"])


def _sliced(pieces: list[bytes]) -> list[bytes]:
    """The pieces of a stream as they are, and any other body in slices."""
    return _slices(pieces[0]) if len(pieces) == 1 else pieces


def _slices(body: bytes) -> list[bytes]:
    size = max(1, -(-len(body) // SLICES))
    return [body[start : start + size] for start in range(0, len(body), size)]


def _alter(piece: bytes, change: Callable[[str], str]) -> bytes:
    """A piece of a body with its JSON changed: an event, a line, or a whole document."""
    text = piece.decode()
    match = EVENT_LEAD.match(text)
    lead = match[0] if match else ""
    document = text.removeprefix(lead).rstrip("\n")
    end = "\n" * (len(text) - len(lead) - len(document))
    return piece if document == "[DONE]" else f"{lead}{change(document)}{end}".encode()
