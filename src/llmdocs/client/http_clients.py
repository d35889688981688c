"""The guard below httpx and beside it: silence by the clock, no netrc, and no other client.

`httpcore` and `aiohttp` count a silence anew with each byte, whatever it says: a server that sends
heads of 1xx, empty lines or the extension of a chunk for ever is never silent to them.
"""

from __future__ import annotations

import asyncio
import functools
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

import httpcore
import httpx
from httpcore._backends.anyio import AnyIOStream
from httpcore._backends.sync import SyncStream, TLSinTLSStream

_silence: ContextVar[Silence | None] = ContextVar("llmdocs_silence", default=None)


class Silence:
    """How long nothing of an answer has come, in seconds, from the first wait for it."""

    def __init__(self, most: float) -> None:
        self.most = most
        self._end: float | None = None

    def left(self) -> float:
        """The seconds until it is over. Raises `httpcore.ReadTimeout` where it is."""
        now = time.monotonic()
        if self._end is None:
            self._end = now + self.most
        if now >= self._end:
            raise httpcore.ReadTimeout("nothing of an answer came in time")
        return self._end - now


@contextmanager
def silence_of(seconds: float) -> Iterator[None]:
    """Let no client that reads in the block wait longer for the head or a piece of an answer."""
    token = _silence.set(Silence(seconds))
    try:
        yield
    finally:
        _silence.reset(token)


@asynccontextmanager
async def silence_in_task_of(seconds: float) -> AsyncIterator[None]:
    """`silence_of`, for a piece that a task awaits: aiohttp reads in no context of the caller's.

    Raises `httpx.ReadTimeout`.
    """
    with silence_of(seconds):
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError as error:
            raise httpx.ReadTimeout("nothing of an answer came in time") from error


_installation = threading.Lock()
# How many guarded requests go through a session of aiohttp's now.
_without_netrc: WeakKeyDictionary[Any, int] = WeakKeyDictionary()


def install(refuse: Callable[[], None]) -> None:
    """Let the guard see what lies below httpx and beside it, once for the process.

    `refuse` raises where nothing but httpx may send.
    """
    # litellm imports both.
    import aiohttp
    import requests

    def guarded_read(read: Any) -> Any:
        def guarded(stream: Any, max_bytes: int, timeout: float | None = None) -> Any:
            silence = _silence.get()
            return read(stream, max_bytes, timeout if silence is None else silence.left())

        return guarded

    def guarded_start(start: Any) -> Any:
        async def guarded(response: Any, connection: Any) -> Any:
            silence = _silence.get()
            if silence is None:
                return await start(response, connection)
            starting = asyncio.ensure_future(start(response, connection))
            try:
                sent = _sent(response, connection)
                while not (await asyncio.wait({starting}, timeout=silence.most))[0]:
                    # A request may take long to write: as long as the server needs to read it.
                    before, sent = sent, _sent(response, connection)
                    if before is None or before == sent:
                        raise aiohttp.SocketTimeoutError("no head of an answer came in time")
                return starting.result()
            finally:
                if not starting.done():
                    starting.cancel()
                    await asyncio.wait({starting})

        return guarded

    def guarded_request(request: Any) -> Any:
        async def guarded(session: Any, *arguments: Any, **options: Any) -> Any:
            # Within a silence it is httpx that asks, through litellm's transport.
            if _silence.get() is None:
                refuse()
                return await request(session, *arguments, **options)
            _without_netrc[session] = _without_netrc.get(session, 0) + 1
            try:
                return await request(session, *arguments, **options)
            finally:
                _without_netrc[session] -= 1

        return guarded

    def guarded_netrc(read: Any) -> Any:
        def guarded(session: Any, host: str) -> Any:
            return None if _without_netrc.get(session) else read(session, host)

        return guarded

    def guarded_send(send: Any) -> Any:
        def guarded(*arguments: Any, **options: Any) -> Any:
            refuse()
            return send(*arguments, **options)

        return guarded

    with _installation:
        for kind in (SyncStream, TLSinTLSStream, AnyIOStream):
            wrap(kind, "read", guarded_read)
        wrap(aiohttp.ClientResponse, "start", guarded_start)
        wrap(aiohttp.ClientSession, "_request", guarded_request)
        wrap(aiohttp.ClientSession, "_get_netrc_auth", guarded_netrc)
        wrap(requests.Session, "send", guarded_send)
        # The OpenAI SDK takes clients of it, where it is installed.
        if httpx2 := sys.modules.get("httpx2"):
            wrap(httpx2.Client, "_send_single_request", guarded_send)
            wrap(httpx2.AsyncClient, "_send_single_request", guarded_send)


def _sent(response: Any, connection: Any) -> int | None:
    """How many bytes of a request aiohttp has sent, while it writes it; None afterwards."""
    writer, transport = response._stream_writer, connection.protocol.transport
    if writer is None or transport is None:
        return None
    return int(writer.output_size - transport.get_write_buffer_size())


def wrap(kind: type, name: str, guard: Callable[[Any], Any]) -> None:
    """Put a guard around a method of a class, unless it has one."""
    method = getattr(kind, name)
    if not hasattr(method, "llmdocs_guard"):
        guarded: Any = functools.wraps(method)(guard(method))
        guarded.llmdocs_guard = True
        setattr(kind, name, guarded)
