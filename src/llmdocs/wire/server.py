"""The mocked providers on real HTTP and HTTPS, behind one address that is also a proxy."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import trustme
import uvicorn
from starlette.types import Scope

from llmdocs.providers import CATALOGUE
from llmdocs.wire import anthropic, anthropic_requests, azure, lm_studio, ollama, openai, vllm
from llmdocs.wire.accounts import Account
from llmdocs.wire.child import local_ports
from llmdocs.wire.faults import Fault, Refused, UntrustedCertificate
from llmdocs.wire.log import log
from llmdocs.wire.redirect.sitecustomize import LOCALHOST, own_address, resolves
from llmdocs.wire.switchboard import (
    REFUSED,
    UNRESOLVED,
    Played,
    RecordedRequest,
    Switchboard,
    host_and_port,
)

DIALECTS = {
    "anthropic": (anthropic.application, anthropic_requests.error_body),
    "azure": (azure.application, azure.error_body),
    "lm_studio": (lm_studio.application, openai.error_body),
    "ollama": (ollama.application, ollama.error_body),
    "openai": (openai.application, openai.error_body),
    "vllm": (vllm.application, vllm.error_body),
}
IDLE_SECONDS = 75
TLS_HANDSHAKE = b"\x16"
MOST_TUNNELS = 2
# Of a line, and of all that stands before the end of a CONNECT, in bytes.
LONGEST_HEAD = 32 * 1024
LOOPBACK = "127.0.0.1"


class MockedProviders:
    """Every known provider, played by one server in a thread of its own.

    One address takes plain HTTP, TLS for any host name (certificates come from a throw-away
    authority, `ca_file`) and a proxy's `CONNECT` and absolute targets. Another, `http_only_port`,
    knows no TLS, as a local server knows none. `requests` records what arrived, unless
    `keep_requests` is false: then it stays empty. A connection that says nothing for `idle_seconds`
    is closed. Use it as a context manager.
    """

    def __init__(
        self,
        accounts: Mapping[str, Account],
        port: int = 0,
        *,
        keep_requests: bool = True,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._port = port
        self._idle_seconds = idle_seconds
        played = {}
        for name, account in accounts.items():
            application, error_body = DIALECTS[name]
            played[name] = Played(application(account), error_body)
        hosts = {
            origin: provider.name
            for provider in CATALOGUE.values()
            if provider.name in played
            for origin in provider.origins
        }
        self.switchboard = Switchboard(played, hosts, self._drop_connection, keep_requests)
        # Each connection that came in, by the port from which it is passed on to a server.
        self._doors: dict[int, asyncio.StreamWriter] = {}
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def requests(self) -> list[RecordedRequest]:
        return self.switchboard.requests

    @property
    def faults(self) -> list[Fault | None]:
        """The script: each fault meets one request, in order, and None lets one pass."""
        return self.switchboard.faults

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory(prefix="llmdocs-mock-")
        authority = trustme.CA()
        self.ca_file = Path(self._folder.name, "ca.pem")
        authority.cert_pem.write_to_path(str(self.ca_file))
        self._tls = _certificates_for_any_name(authority)
        self._untrusted_tls = _certificates_for_any_name(trustme.CA())
        self._thread = threading.Thread(target=self._run, name="llmdocs-mock", daemon=True)
        self._thread.start()
        self._started.wait()
        if self._failure:
            self._folder.cleanup()
            raise self._failure
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._folder.cleanup()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._failure = error
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        door = await asyncio.start_server(self._accept, LOOPBACK, self._port, limit=LONGEST_HEAD)
        self.port: int = door.sockets[0].getsockname()[1]
        http_only = functools.partial(self._accept, http_only=True)
        http_only_door = await asyncio.start_server(http_only, LOOPBACK, 0, limit=LONGEST_HEAD)
        self.http_only_port: int = http_only_door.sockets[0].getsockname()[1]
        async with (
            door,
            http_only_door,
            _uvicorn(self.switchboard) as self._plain_port,
            _uvicorn(self.switchboard, lambda *_: self._tls) as self._tls_port,
            _uvicorn(self.switchboard, lambda *_: self._untrusted_tls) as self._untrusted_port,
        ):
            self.switchboard.own_ports = {
                self.port,
                self.http_only_port,
                self._plain_port,
                self._tls_port,
                self._untrusted_port,
            }
            self._started.set()
            await self._stop.wait()
            # From Python 3.12 on, a server's end waits for every connection that is still open.
            for connection in self._connections:
                connection.cancel()

    def hang_up(self) -> None:
        """Close every connection that is open: each client has to connect anew.

        A client that keeps its connections would not notice that a name no longer resolves, or
        that a certificate is no longer trusted.
        """
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result()

    async def _hang_up(self) -> None:
        writers = list(self._doors.values())
        for writer in writers:
            writer.transport.abort()
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, http_only: bool = False
    ) -> None:
        """Pass one connection on to the plain or the TLS server, as its first byte asks."""
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        # What came in at the last moment was no connection yet when the others were ended.
        if self._stop.is_set() or self._meets(Refused):
            writer.transport.abort()
            return
        passed_on_from = 0
        # The end of the server cancels what is still open: a client may keep its connection.
        ends = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
        with contextlib.suppress(*ends, asyncio.CancelledError):
            # A client that says nothing does not hold its connection for good.
            async with asyncio.timeout(self._idle_seconds):
                passage = await self._passage(reader, writer, http_only)
            head, inner_reader, inner_writer = passage
            passed_on_from = inner_writer.get_extra_info("sockname")[1]
            self._doors[passed_on_from] = writer
            inner_writer.write(head)
            copies = [
                asyncio.create_task(_copy(reader, inner_writer)),
                asyncio.create_task(_copy(inner_reader, writer)),
            ]
            await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
            for copy in copies:
                copy.cancel()
            inner_writer.close()
        self._doors.pop(passed_on_from, None)
        if self._stop.is_set():
            # Closing it would wait for a client that does not read any more.
            writer.transport.abort()
        else:
            writer.close()

    def _drop_connection(self, scope: Scope) -> None:
        """Lose the connection of a request, without a word."""
        door = self._doors.get(scope["client"][1])
        if door:  # the client may have gone by itself
            door.transport.abort()

    def _meets(self, kind: type[Fault]) -> bool:
        """Whether a connection meets a fault of this kind, which is next in the script."""
        if not (self.faults and isinstance(self.faults[0], kind)):
            return False
        log.warning("a connection met the fault %s", self.faults.pop(0))
        return True

    async def _passage(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        http_only: bool,
        tunnels: int = 0,
    ) -> tuple[bytes, asyncio.StreamReader, asyncio.StreamWriter]:
        """What has been read of a connection, and one to the server that is to have it.

        `tunnels` counts those that it came through: a proxy may lead to another, and no further.
        """
        first = await reader.readexactly(1)
        if first == TLS_HANDSHAKE:
            port = self._port_for_tls(http_only)
            return first, *await asyncio.open_connection(LOOPBACK, port)
        line = first + await reader.readuntil(b"\n")
        if not line.startswith(b"CONNECT "):
            return line, *await asyncio.open_connection(LOOPBACK, self._plain_port)
        await _skip_headers(reader, writer)
        if tunnels == MOST_TUNNELS:
            writer.write(_proxy_answer("508 Loop Detected"))
            raise ConnectionError("a tunnel within a tunnel within a tunnel")
        return await self._tunnel(line, reader, writer, tunnels + 1)

    def _port_for_tls(self, http_only: bool) -> int:
        """The port of the server that is to have a TLS handshake.

        One without TLS takes it for a malformed request, as a real one does.
        """
        if http_only:
            return self._plain_port
        return self._untrusted_port if self._meets(UntrustedCertificate) else self._tls_port

    async def _tunnel(
        self,
        line: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        tunnels: int,
    ) -> tuple[bytes, asyncio.StreamReader, asyncio.StreamWriter]:
        """Answer a proxy's CONNECT; a host that cannot be reached ends the connection."""
        target = _authority(line)
        if target is None:
            writer.write(_proxy_answer("400 Bad Request"))
            raise ConnectionError("CONNECT to no host")
        host, port = target
        if not resolves(host):
            writer.write(_proxy_answer("502 Bad Gateway", UNRESOLVED))
            raise ConnectionError(f"{host} does not resolve")
        played_here = local_ports() | self.switchboard.own_ports
        if own_address(host) is None or port in played_here:
            writer.write(_proxy_answer("200 Connection established"))
            written = f"[{host}]" if ":" in host else host
            http_only = f"http://{written}:{port}" in self.switchboard.hosts
            http_only = http_only or port == self.http_only_port
            return await self._passage(reader, writer, http_only, tunnels)
        try:
            # The system may ask a server for a name below `localhost`.
            here = LOCALHOST if own_address(host) == LOCALHOST else host
            server = await asyncio.open_connection(here, port)
        except OSError:
            writer.write(_proxy_answer("502 Bad Gateway", REFUSED))
            raise
        writer.write(_proxy_answer("200 Connection established"))
        return b"", *server


async def _skip_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read the headers of a CONNECT to their end, which is not to be far."""
    size = 0
    try:
        while (header := await reader.readuntil(b"\n")).strip():
            size += len(header)
            if size > LONGEST_HEAD:
                raise asyncio.LimitOverrunError("too many headers", 0)
    except asyncio.LimitOverrunError:
        writer.write(_proxy_answer("431 Request Header Fields Too Large"))
        raise


def _authority(line: bytes) -> tuple[str, int] | None:
    """The host and the port of a CONNECT line; None if it names none."""
    try:
        _, target, _ = line.split()
        return host_and_port(target.decode("ascii").lower(), 443)
    except ValueError:
        return None


def _proxy_answer(status: str, reason: str | None = None) -> bytes:
    """What a proxy says to CONNECT; where it fails, why (RFC 9209)."""
    why = f"Proxy-Status: {reason}\r\n" if reason else ""
    why += "" if status.startswith("2") else "Content-Length: 0\r\n"
    return f"HTTP/1.1 {status}\r\n{why}\r\n".encode()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


@contextlib.asynccontextmanager
async def _uvicorn(
    app: Switchboard, ssl_context: Callable[..., ssl.SSLContext] | None = None
) -> AsyncIterator[int]:
    """Serve `app` on a free port of this machine while the block runs, and give the port."""
    config = uvicorn.Config(
        app,
        http="h11",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        # It would call an answer that a fault breaks off an error of ours.
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        # As long as providers keep an idle connection: a client may come back to it in a while.
        timeout_keep_alive=IDLE_SECONDS,
        proxy_headers=False,
        ssl_context_factory=ssl_context,
    )
    server = uvicorn.Server(config)
    # asyncio turns Nagle's algorithm off (40 ms an answer) only where the protocol is named.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind((LOOPBACK, 0))
        serving = asyncio.create_task(server.serve([listener]))
        yield listener.getsockname()[1]
        # uvicorn's own end waits for its next tick and then for connections.
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


def _certificates_for_any_name(authority: trustme.CA) -> ssl.SSLContext:
    """A TLS context that answers for whatever host name the client asks for."""

    # A client may make up a name for each of its connections.
    @functools.lru_cache(maxsize=256)
    def context_for(*names: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names).configure_cert(context)
        return context

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        if name:
            connection.context = context_for(name)

    # A client that connects to an address sends no name.
    context = context_for("localhost", "127.0.0.1", "::1")
    context.sni_callback = choose
    return context
