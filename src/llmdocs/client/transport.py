"""The guard of a call's traffic: one timeout, no redirect, bounded answers, known hosts.

litellm and the SDKs make their HTTP clients in many places, some of them with `follow_redirects`,
some at import, some anew for a call; below them is httpcore, or for async calls aiohttp. What all
of them pass is httpx's method that sends one request. Tried before: event hooks have to be put on
each client, and a client that litellm makes later has none; `litellm.client_session` is read by
some providers alone; `send` sees a redirect only once it is followed, or raises for its Location.
A request is guarded only while `calling` is open: httpx is as it was for anything else.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from fnmatch import fnmatchcase
from traceback import walk_tb
from typing import Any

import httpx

from llmdocs.client.bounded_bodies import (
    ACCEPTED_ENCODINGS,
    LARGEST_ERROR_BODY,
    BoundedBody,
    Events,
    TransportError,
    readable_charset,
)
from llmdocs.client.http_clients import install as install_beside_httpx
from llmdocs.client.http_clients import silence_in_task_of, silence_of, wrap

BYTES_PER_MEGABYTE = 1_000_000
CUSTOM_HEADERS = "OPENAI_CUSTOM_HEADERS"
DEFAULT_PORTS = {"http": 80, "https": 443}


class RedirectedError(TransportError):
    """A 3xx came. `location` is where it points, or None if it does not say."""

    def __init__(self, request: httpx.URL, status: int, location: httpx.URL | None) -> None:
        super().__init__(f"HTTP {status}")
        self.request_url = request
        self.status = status
        self.location = location


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


class OtherClientError(TransportError):
    """A request was about to be sent by another client than httpx. Nothing was sent."""


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
    other_clients: bool
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
        sent = {(name.lower(), value) for name, value in request.headers.multi_items()}
        if any((name.lower(), value) in sent for name, value in _custom_headers()):
            raise ForeignCredentialError(CUSTOM_HEADERS)
        # litellm sends Ollama's embeddings, and some questions, without the call's timeout.
        names = ("connect", "read", "write", "pool")
        timeout = dict.fromkeys(names, self.timeout)
        request.extensions = {**request.extensions, "timeout": timeout}
        request.headers["accept-encoding"] = ACCEPTED_ENCODINGS

    def receive(self, response: httpx.Response) -> BoundedBody:
        """Take the head of an answer; its body is to be read through what this returns.

        Raises `RedirectedError`, which is not to be followed.
        """
        self.response = response
        if 300 <= response.status_code <= 399:
            url = response.request.url
            raise RedirectedError(url, response.status_code, _location(response))
        response.encoding = readable_charset(response.charset_encoding)
        is_error = response.status_code >= 400
        encoding = response.headers.pop("content-encoding", "identity").strip().lower()
        limit = LARGEST_ERROR_BODY if is_error else self.max_size
        events = Events() if _is_event_stream_of_the_sdk(response) else None
        return BoundedBody(encoding, limit, is_error, events)


_call: ContextVar[Call | None] = ContextVar("llmdocs_call", default=None)


@contextmanager
def calling(
    *,
    timeout: float,
    max_size: int,
    origins: Collection[str] | None = None,
    foreign: Mapping[str, str] | None = None,
    other_clients: bool = False,
) -> Iterator[Call]:
    """Guard every request that is sent in the block, by whatever client of httpx.

    `timeout` bounds each silence, in seconds: until the head of an answer and until each piece of
    it, whatever else the server sends meanwhile. `max_size` bounds each answer, in bytes once
    decoded: of an error `LARGEST_ERROR_BODY` bytes are read at most, and the rest is left.
    `origins` are the only ones that a request may go to, such as `https://api.openai.com` or
    `https://*.openai.azure.com`; None stands for any. `foreign` are credentials that no request may
    carry, in its address or a header, each with the name of its variable. `other_clients` lets
    requests and aiohttp send as well, without a guard. What is against that raises a
    `TransportError`, from within httpx: litellm's own exception has it in its chain.
    """
    install()
    call = Call(timeout, max_size, origins, foreign or {}, other_clients)
    token = _call.set(call)
    try:
        yield call
    finally:
        _call.reset(token)
        # A task that litellm has started keeps this context: it outlives the call.
        call.open = False


def install() -> None:
    """Let the guard see what httpx's clients send, and other clients, once for the process."""
    wrap(httpx.Client, "_send_single_request", _guarded)
    wrap(httpx.AsyncClient, "_send_single_request", _guarded_async)
    install_beside_httpx(_refuse_other_clients)


def _refuse_other_clients() -> None:
    call = _call.get()
    if call is not None and call.open and not call.other_clients:
        raise OtherClientError("a request by another client than httpx")


def _guarded(
    send: Callable[[httpx.Client, httpx.Request], httpx.Response],
) -> Callable[[httpx.Client, httpx.Request], httpx.Response]:
    def guarded(client: httpx.Client, request: httpx.Request) -> httpx.Response:
        call = _call.get()
        if call is None or not call.open:
            return send(client, request)
        call.prepare(request)
        with silence_of(call.timeout):
            response = send(client, request)
        try:
            body = call.receive(response)
        except TransportError:
            response.close()
            raise
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = _Stream(response.stream, body, call.timeout)
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
            with silence_of(call.timeout):
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
        response.stream = _AsyncStream(response.stream, body, call.timeout)
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


class _Stream(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, body: BoundedBody, timeout: float) -> None:
        self._stream = stream
        self._body = body
        self._timeout = timeout

    def __iter__(self) -> Iterator[bytes]:
        try:
            for raw in self._raw_pieces():
                yield from self._body.pieces(raw)
                if self._body.ended:
                    return
        except self._body.forgiven:
            return

    def _raw_pieces(self) -> Iterator[bytes]:
        pieces = iter(self._stream)
        while True:
            with silence_of(self._timeout):
                raw = next(pieces, None)
            if raw is None:
                return
            yield raw

    def close(self) -> None:
        self._stream.close()


class _AsyncStream(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream, body: BoundedBody, timeout: float) -> None:
        self._stream = stream
        self._body = body
        self._timeout = timeout

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for raw in self._raw_pieces():
                for piece in self._body.pieces(raw):
                    yield piece
                if self._body.ended:
                    return
        except self._body.forgiven:
            return

    async def _raw_pieces(self) -> AsyncIterator[bytes]:
        pieces = aiter(self._stream)
        while True:
            async with silence_in_task_of(self._timeout):
                raw = await anext(pieces, None)
            if raw is None:
                return
            yield raw

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


def _custom_headers() -> Iterator[tuple[str, str]]:
    """What the OpenAI SDK adds to its requests, and puts in the place of ours: its `_client.py`."""
    for line in os.environ.get(CUSTOM_HEADERS, "").split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip(), value.strip()


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
