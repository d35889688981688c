"""The guard of a call's traffic: one timeout, no redirect, bounded answers, known hosts.

litellm and the SDKs make their HTTP clients in many places, some of them with `follow_redirects`,
some at import, some anew for a call; below them is httpcore, or for async calls aiohttp. What all
of them pass is httpx's method that sends one request. Tried before: event hooks have to be put on
each client, and a client that litellm makes later has none; `litellm.client_session` is read by
some providers alone; `send` sees a redirect only once it is followed, or raises for its Location.
A request is guarded only while `calling` is open: httpx is as it was for anything else.
"""

from __future__ import annotations

import codecs
import functools
import re
import threading
import zlib
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from fnmatch import fnmatchcase
from traceback import walk_tb
from typing import Any

import httpx

# What is read of the body of an error, decoded, in bytes. The rest is never asked for.
LARGEST_ERROR_BODY = 64 * 1024
# How much a decoder may write at once, in bytes: a few kilobytes of gzip can hold gigabytes.
PIECE = 64 * 1024
# The encodings that calls ask for. Those that further packages teach httpx cannot be bounded.
ACCEPTED_ENCODINGS = "gzip, deflate"
BYTES_PER_MEGABYTE = 1_000_000
# The OpenAI SDK copies an event of a stream anew for each of its lines: a megabyte of short lines
# takes it seconds, and a hundred of them hours. Real events have a line or two.
LONGEST_EVENT = 16_000_000
MOST_LINES = 1_000
BLANK_LINE = re.compile(rb"\n\n|\r\r|\r\n\r\n")
# A backslash before another letter than `u` makes a codec of escapes warn.
PRINTABLE = bytes(sorted({*range(0x20, 0x7F)} - {ord("\\")})) + b"\r\n\\u0041+AEE-"
DEFAULT_PORTS = {"http": 80, "https": 443}


class TransportError(Exception):
    """What the guard refuses to do."""


class RedirectedError(TransportError):
    """A 3xx came. `location` is where it points, or None if it does not say."""

    def __init__(self, request: httpx.URL, status: int, location: httpx.URL | None) -> None:
        super().__init__(f"HTTP {status}")
        self.request_url = request
        self.status = status
        self.location = location


class TooLargeError(TransportError):
    """An answer has more than `limit` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"an answer of more than {limit} bytes")
        self.limit = limit


class EndlessEventError(TransportError):
    """An event of a stream has more than `LONGEST_EVENT` bytes or `MOST_LINES` lines."""


class UnknownEncodingError(TransportError):
    """An answer came in a `Content-Encoding` that the call did not ask for."""


class UnreadableHeadError(TransportError):
    """An answer came whose headers cannot be read. `status` is its status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}, with headers that cannot be read")
        self.status = status


class StrangeHostError(TransportError):
    """A request was about to go to a host that is none of the call's. Nothing was sent."""

    def __init__(self, host: str) -> None:
        super().__init__(f"a request to {host}")
        self.host = host


class ForeignCredentialError(TransportError):
    """A request was about to carry a credential that was not set for it. Nothing was sent.

    `variable` is the one that holds it.
    """

    def __init__(self, variable: str) -> None:
        super().__init__(f"a request with what {variable} holds")
        self.variable = variable


@dataclass
class Call:
    """The bounds of one call, and the last answer that it received."""

    timeout: float
    max_size: int
    origins: Collection[str] | None
    foreign: Mapping[str, str]
    response: httpx.Response | None = None
    open: bool = True

    def prepare(self, request: httpx.Request) -> None:
        """Bound a request before it is sent.

        Raises `StrangeHostError` or `ForeignCredentialError`.
        """
        if self.origins is not None and not _is_one_of(request.url, self.origins):
            raise StrangeHostError(request.url.host)
        carriers = [str(request.url), *request.headers.values()]
        for value, variable in self.foreign.items():
            if any(value in carrier for carrier in carriers):
                raise ForeignCredentialError(variable)
        # litellm sends Ollama's embeddings, and some questions, without the call's timeout.
        names = ("connect", "read", "write", "pool")
        timeout = dict.fromkeys(names, self.timeout)
        request.extensions = {**request.extensions, "timeout": timeout}
        request.headers["accept-encoding"] = ACCEPTED_ENCODINGS

    def receive(self, response: httpx.Response) -> _Body:
        """Take the head of an answer; its body is to be read through what this returns.

        Raises `RedirectedError`, which is not to be followed.
        """
        self.response = response
        if 300 <= response.status_code <= 399:
            url = response.request.url
            raise RedirectedError(url, response.status_code, _location(response))
        response.encoding = _encoding(response.charset_encoding)
        is_error = response.status_code >= 400
        encoding = response.headers.pop("content-encoding", "identity").strip().lower()
        limit = LARGEST_ERROR_BODY if is_error else self.max_size
        events = _Events() if _is_event_stream_of_the_sdk(response) else None
        return _Body(encoding, limit, is_error, events)


_call: ContextVar[Call | None] = ContextVar("llmdocs_call", default=None)


@contextmanager
def calling(
    *,
    timeout: float,
    max_size: int,
    origins: Collection[str] | None = None,
    foreign: Mapping[str, str] | None = None,
) -> Iterator[Call]:
    """Guard every request that is sent in the block, by whatever client of httpx.

    `timeout` bounds each silence, in seconds, and `max_size` each answer, in bytes once decoded: of
    an error `LARGEST_ERROR_BODY` bytes are read at most, and the rest is left. `origins` are the
    only ones that a request may go to, such as `https://api.openai.com` or
    `https://*.openai.azure.com`; None stands for any. `foreign` are credentials that no request may
    carry, in its address or a header, each with the name of its variable. What is against that
    raises a `TransportError`, from within httpx: litellm's own exception has it in its chain.
    """
    install()
    call = Call(timeout, max_size, origins, foreign or {})
    token = _call.set(call)
    try:
        yield call
    finally:
        _call.reset(token)
        # A task that litellm has started keeps this context: it outlives the call.
        call.open = False


_installation = threading.Lock()


def install() -> None:
    """Let the guard see what httpx's clients send, once for the process."""
    with _installation:
        for client, guarded in ((httpx.Client, _guarded), (httpx.AsyncClient, _guarded_async)):
            send: Any = client._send_single_request
            if not hasattr(send, "llmdocs_guard"):
                wrapper: Any = functools.wraps(send)(guarded(send))
                wrapper.llmdocs_guard = True
                client._send_single_request = wrapper  # type: ignore[method-assign]


def _guarded(
    send: Callable[[httpx.Client, httpx.Request], httpx.Response],
) -> Callable[[httpx.Client, httpx.Request], httpx.Response]:
    def guarded(client: httpx.Client, request: httpx.Request) -> httpx.Response:
        call = _call.get()
        if call is None or not call.open:
            return send(client, request)
        call.prepare(request)
        response = send(client, request)
        try:
            body = call.receive(response)
        except TransportError:
            response.close()
            raise
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = _Stream(response.stream, body)
        return response

    return guarded


def _guarded_async(
    send: Callable[[httpx.AsyncClient, httpx.Request], Coroutine[Any, Any, httpx.Response]],
) -> Callable[[httpx.AsyncClient, httpx.Request], Coroutine[Any, Any, httpx.Response]]:
    async def guarded(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        call = _call.get()
        if call is None or not call.open:
            return await send(client, request)
        call.prepare(request)
        try:
            response = await send(client, request)
        except UnicodeEncodeError as error:
            _check_head(error)
            raise
        try:
            body = call.receive(response)
        except TransportError:
            await response.aclose()
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _AsyncStream(response.stream, body)
        return response

    return guarded


def _check_head(error: UnicodeEncodeError) -> None:
    """Raise `UnreadableHeadError` if an answer had come.

    litellm hands the headers that aiohttp has decoded to httpx, which takes texts in ASCII alone.
    """
    import aiohttp

    for frame, _ in walk_tb(error.__traceback__):
        response = frame.f_locals.get("response")
        if isinstance(response, aiohttp.ClientResponse):
            response.close()
            raise UnreadableHeadError(response.status) from None


class _Body:
    """Decodes a body piece by piece, and counts.

    That of an error ends early, at its bound or where it breaks: the status has said enough.
    """

    def __init__(
        self, encoding: str, limit: int, is_error: bool, events: _Events | None = None
    ) -> None:
        self._limit = limit
        self._events = events
        self._left = limit
        # A body of gzip can go on for ever and decode to nothing.
        self._raw_left = 2 * limit
        self.ended = False
        self.forgiven = (httpx.HTTPError, httpx.StreamError, TransportError) if is_error else ()
        self._is_error = is_error
        self._decode = _decoder(encoding)

    def pieces(self, raw: bytes) -> Iterator[bytes]:
        """What a piece of the body decodes to. Raises `TransportError` or `DecodingError`."""
        self._raw_left -= len(raw)
        for piece in self._decode(raw):
            self._left -= len(piece)
            if self._left < 0:
                self._end()
                piece = piece[: self._left]
            if self._events:
                self._events.add(piece)
            yield piece
            if self.ended:
                return
        if self._raw_left < 0:
            self._end()

    def _end(self) -> None:
        self.ended = True
        if not self._is_error:
            raise TooLargeError(self._limit)


def _decoder(encoding: str) -> Callable[[bytes], Iterator[bytes]]:
    """What decodes the pieces of a body, in pieces of `PIECE` bytes at most."""
    if encoding in ("", "identity"):
        return lambda raw: iter((raw,))
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _Inflater().inflate
    return functools.partial(_refuse, encoding)


def _refuse(encoding: str, raw: bytes) -> Iterator[bytes]:
    raise UnknownEncodingError(f"an answer in the encoding {encoding[:40]!r}")


class _Inflater:
    """gzip, and deflate with its header or without, as servers send it."""

    def __init__(self) -> None:
        self._decompressor = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._has_begun = False

    def inflate(self, raw: bytes) -> Iterator[bytes]:
        while True:
            try:
                piece = self._decompressor.decompress(raw, PIECE)
            except zlib.error as error:
                if self._has_begun:
                    raise httpx.DecodingError(str(error)) from error
                self._has_begun = True
                self._decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
                continue
            self._has_begun = True
            raw = self._decompressor.unconsumed_tail
            if piece:
                yield piece
            if len(piece) < PIECE:
                return


class _Events:
    """Measures each event of a stream. What stands at the seam of two pieces may count twice."""

    def __init__(self) -> None:
        self._seam = b""
        self._size = 0
        self._lines = 0

    def add(self, piece: bytes) -> None:
        """Raises `EndlessEventError`."""
        text = self._seam + piece
        self._seam = text[-3:]
        first, *others = BLANK_LINE.split(text)
        self._grow(first)
        for part in others:
            self._size = self._lines = 0
            self._grow(part)

    def _grow(self, part: bytes) -> None:
        self._size += len(part)
        self._lines += part.count(b"\n") + part.count(b"\r")
        if self._size > LONGEST_EVENT or self._lines > MOST_LINES:
            raise EndlessEventError("an event of a stream that has no end")


class _Stream(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, body: _Body) -> None:
        self._stream = stream
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        try:
            for raw in self._stream:
                yield from self._body.pieces(raw)
                if self._body.ended:
                    return
        except self._body.forgiven:
            return

    def close(self) -> None:
        self._stream.close()


class _AsyncStream(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream, body: _Body) -> None:
        self._stream = stream
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for raw in self._stream:
                for piece in self._body.pieces(raw):
                    yield piece
                if self._body.ended:
                    return
        except self._body.forgiven:
            return

    async def aclose(self) -> None:
        await self._stream.aclose()


def _is_event_stream_of_the_sdk(response: httpx.Response) -> bool:
    """Whether the OpenAI SDK may read it as events: it takes anything that is not JSON for them."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind != "application/json" and "x-stainless-lang" in response.request.headers


def _location(response: httpx.Response) -> httpx.URL | None:
    """Where a redirect points; None if it does not say, or not in a way that can be read."""
    location = response.headers.get("location")
    if not location:
        return None
    try:
        return response.request.url.join(location)
    except (httpx.InvalidURL, ValueError):
        return None


@functools.lru_cache(maxsize=64)
def _encoding(charset: str | None) -> str:
    """The charset of a text, if it is one that holds ASCII as ASCII does; otherwise UTF-8.

    Python has codecs that raise for any text (`undefined`), that know no error handler (`idna`) or
    that decode to bytes (`hex`).
    """
    if charset:
        try:
            if codecs.lookup(charset).name == "utf-8":
                return "utf-8"
            if PRINTABLE.decode(charset, "replace") == PRINTABLE.decode("ascii"):
                return charset
        except (LookupError, ValueError, TypeError):
            pass
    return "utf-8"


def _is_one_of(url: httpx.URL, origins: Collection[str]) -> bool:
    scheme, host, port = _origin(url)
    for origin in origins:
        known_scheme, known_host, known_port = _origin(httpx.URL(origin))
        if (scheme, port) == (known_scheme, known_port) and fnmatchcase(host, known_host):
            return True
    return False


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    host = url.raw_host.decode("ascii").lower().rstrip(".")
    return url.scheme, host, url.port or DEFAULT_PORTS.get(url.scheme)
