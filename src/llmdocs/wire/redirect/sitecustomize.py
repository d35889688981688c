"""Sends every TCP connection of this Python process to the mocked providers.

`llmdocs mock` puts this folder on the PYTHONPATH of the command it runs, and Python imports
`sitecustomize` by itself at its start. So it uses the standard library alone: that Python may have
no llmdocs. Clients that ignore proxy variables (aiohttp's default session) need it.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# 192.0.2.0/24 is reserved for documentation (RFC 5737): no host has it, so a connection to it can
# only be one that was looked up here.
STAND_IN_ADDRESS = "192.0.2.1"
LOOPBACK = ("127.", "::1", "::ffff:127.", "0.0.0.0", "localhost")  # noqa: S104 (compared, not bound)

# No name below it ever resolves (RFC 6761, section 6.4).
INVALID = ".invalid"

# Nothing listens there: the system itself refuses the connection (port 1 is tcpmux's, long unused).
CLOSED_PORT = 1

_unresolvable: set[str] = set()
_refusing: list[tuple[str, ...]] = []
_getaddrinfo = socket.getaddrinfo
_gethostbyname = socket.gethostbyname
_gethostbyname_ex = socket.gethostbyname_ex
_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex


@contextmanager
def unresolvable(*names: str) -> Iterator[None]:
    """While the block runs, these host names do not resolve, as names below `.invalid` never do.

    The mocks' proxy, in the same process, cannot resolve them either.
    """
    added = {name.lower() for name in names} - _unresolvable
    _unresolvable.update(added)
    try:
        yield
    finally:
        _unresolvable.difference_update(added)


@contextmanager
def refused(*, beyond_this_machine: bool) -> Iterator[None]:
    """While the block runs, nothing listens at the local providers' ports of this machine.

    Nor at those of any other host, if `beyond_this_machine`; else they answer from there, as the
    machine around a container does.
    """
    _refusing.append((*LOOPBACK, STAND_IN_ADDRESS) if beyond_this_machine else LOOPBACK)
    try:
        yield
    finally:
        _refusing.pop()


def resolves(name: str) -> bool:
    """Whether a host name has an address here."""
    plain = name.lower().rstrip(".")
    return plain not in _unresolvable and not f".{plain}".endswith(INVALID)


def _look_up(name: str) -> None:
    """Raise what the system's own resolver raises if the name has no address, or is no name."""
    name.encode("idna")
    if not resolves(name):
        # It takes addresses alone then, and asks no server.
        _getaddrinfo(name, None, flags=socket.AI_NUMERICHOST)


def install(port: int, http_only_port: int, local_ports: frozenset[int]) -> None:
    """Redirect to `port` of 127.0.0.1 whatever is not for this machine itself.

    Connections to `local_ports` of this machine are redirected too, for a provider is played there.
    It has no TLS: whoever asks for such a port, on any host, is led to `http_only_port`.
    """

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is None or str(name).startswith(LOOPBACK):
            return _getaddrinfo(host, *args, **kwargs)
        _look_up(str(name))
        arguments = [*args, *(kwargs[key] for key in ("port",) if key in kwargs)]
        service = arguments[0] if arguments else None
        return _getaddrinfo(
            STAND_IN_ADDRESS, service, socket.AF_INET, kwargs.get("type", 0) or socket.SOCK_STREAM
        )

    def gethostbyname(host: str) -> str:
        if host.startswith(LOOPBACK):
            return _gethostbyname(host)
        _look_up(host)
        return STAND_IN_ADDRESS

    def gethostbyname_ex(host: str) -> tuple[str, list[str], list[str]]:
        if host.startswith(LOOPBACK):
            return _gethostbyname_ex(host)
        _look_up(host)
        return host, [], [STAND_IN_ADDRESS]

    def redirected(connection: socket.socket, address: Any) -> Any:
        if connection.family not in (socket.AF_INET, socket.AF_INET6):
            return address
        host, target_port = str(address[0]), address[1]
        if host.startswith(LOOPBACK) and target_port not in local_ports:
            return address
        if not connection.type & socket.SOCK_STREAM:
            raise OSError(f"llmdocs mock: nothing reaches the network, and {host} was asked for")
        _look_up(host)
        door = http_only_port if target_port in local_ports else port
        if target_port in local_ports and any(host.startswith(hosts) for hosts in _refusing):
            door = CLOSED_PORT
        if connection.family == socket.AF_INET6:
            return ("::ffff:127.0.0.1", door, 0, 0)
        return ("127.0.0.1", door)

    def connect(connection: socket.socket, address: Any) -> None:
        return _connect(connection, redirected(connection, address))

    def connect_ex(connection: socket.socket, address: Any) -> int:
        return _connect_ex(connection, redirected(connection, address))

    socket.getaddrinfo = getaddrinfo
    socket.gethostbyname = gethostbyname
    socket.gethostbyname_ex = gethostbyname_ex
    socket.socket.connect = connect  # type: ignore[assignment]
    socket.socket.connect_ex = connect_ex  # type: ignore[assignment]


def uninstall() -> None:
    socket.getaddrinfo = _getaddrinfo
    socket.gethostbyname = _gethostbyname
    socket.gethostbyname_ex = _gethostbyname_ex
    socket.socket.connect = _connect  # type: ignore[method-assign]
    socket.socket.connect_ex = _connect_ex  # type: ignore[method-assign]


def _run_shadowed_sitecustomize() -> None:
    """Run the `sitecustomize` that Python would have imported if this one were not there."""
    here = os.path.dirname(os.path.abspath(__file__))
    elsewhere = [path for path in sys.path if os.path.abspath(path or ".") != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", elsewhere)
    if spec and spec.loader:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if __name__ == "sitecustomize" and os.environ.get("LLMDOCS_MOCK_PORT"):
    install(
        int(os.environ["LLMDOCS_MOCK_PORT"]),
        int(os.environ["LLMDOCS_MOCK_HTTP_ONLY_PORT"]),
        frozenset(int(port) for port in os.environ["LLMDOCS_MOCK_LOCAL_PORTS"].split(",")),
    )
    _run_shadowed_sitecustomize()
