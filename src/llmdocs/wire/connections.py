"""Connections to the mocks: plain, TLS or through a proxy's tunnel, as their first bytes ask."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from starlette.types import Scope

from llmdocs.wire.child import local_ports
from llmdocs.wire.faults import Fault, Refused, UntrustedCertificate
from llmdocs.wire.log import log
from llmdocs.wire.redirect.sitecustomize import LOCALHOST, own_address, resolves
from llmdocs.wire.router import REFUSED, UNRESOLVED, Router, host_and_port

TLS_HANDSHAKE = b"\x16"
MOST_TUNNELS = 2
# Of a line, and of all that stands before the end of a CONNECT, in bytes.
LONGEST_HEAD = 32 * 1024
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """The ports of the servers to which connections are passed on, and of one without TLS."""

    plain: int
    tls: int
    untrusted: int
    http_only: int


class Connections:
    """Connections to the mocks: each is passed on to the server that its first bytes ask for.

    `ports` is to be set before the first comes in.
    """

    ports: Ports

    def __init__(self, router: Router, idle_seconds: float) -> None:
        self._router = router
        self._idle_seconds = idle_seconds
        # Each connection that came in, by the port from which it is passed on to a server.
        self._writers: dict[int, asyncio.StreamWriter] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_ending = False

    def end(self) -> None:
        """End what is open, and take nothing more.

        From Python 3.12 on, a server's end waits for every connection that is still open.
        """
        self._is_ending = True
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        """Close every connection that is open."""
        writers = list(self._writers.values())
        for writer in writers:
            writer.transport.abort()
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)

    async def accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, http_only: bool = False
    ) -> None:
        """Pass one connection on to the plain or the TLS server, as its first byte asks."""
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # What came in at the last moment was no connection yet when the others were ended.
        if self._is_ending or self._meets(Refused):
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
            self._writers[passed_on_from] = writer
            inner_writer.write(head)
            copies = [
                asyncio.create_task(_copy(reader, inner_writer)),
                asyncio.create_task(_copy(inner_reader, writer)),
            ]
            await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
            for copy in copies:
                copy.cancel()
            inner_writer.close()
        self._writers.pop(passed_on_from, None)
        if self._is_ending:
            # Closing it would wait for a client that does not read any more.
            writer.transport.abort()
        else:
            writer.close()

    def drop(self, scope: Scope) -> None:
        """Lose the connection of a request, without a word."""
        writer = self._writers.get(scope["client"][1])
        if writer:  # the client may have gone by itself
            writer.transport.abort()

    def _meets(self, kind: type[Fault]) -> bool:
        """Whether a connection meets a fault of this kind, which is next in the script."""
        if not (self._router.faults and isinstance(self._router.faults[0], kind)):
            return False
        log.warning("a connection met the fault %s", self._router.faults.pop(0))
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
            return line, *await asyncio.open_connection(LOOPBACK, self.ports.plain)
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
            return self.ports.plain
        return self.ports.untrusted if self._meets(UntrustedCertificate) else self.ports.tls

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
        played_here = local_ports() | self._router.own_ports
        if own_address(host) is None or port in played_here:
            writer.write(_proxy_answer("200 Connection established"))
            written = f"[{host}]" if ":" in host else host
            http_only = f"http://{written}:{port}" in self._router.hosts
            http_only = http_only or port == self.ports.http_only
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
