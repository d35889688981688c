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
from typing import Any

# 192.0.2.0/24 is reserved for documentation (RFC 5737): no host has it, so a connection to it can
# only be one that was looked up here.
STAND_IN_ADDRESS = "192.0.2.1"
LOOPBACK = ("127.", "::1", "::ffff:127.", "0.0.0.0", "localhost")  # noqa: S104 (compared, not bound)

_getaddrinfo = socket.getaddrinfo
_gethostbyname = socket.gethostbyname
_gethostbyname_ex = socket.gethostbyname_ex
_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex


def install(port: int, local_ports: frozenset[int]) -> None:
    """Redirect to `port` of 127.0.0.1 whatever is not for this machine itself.

    Connections to `local_ports` of this machine are redirected too: a provider is played there.
    """

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is None or str(name).startswith(LOOPBACK):
            return _getaddrinfo(host, *args, **kwargs)
        arguments = [*args, *(kwargs[key] for key in ("port",) if key in kwargs)]
        service = arguments[0] if arguments else None
        return _getaddrinfo(
            STAND_IN_ADDRESS, service, socket.AF_INET, kwargs.get("type", 0) or socket.SOCK_STREAM
        )

    def gethostbyname(host: str) -> str:
        return _gethostbyname(host) if host.startswith(LOOPBACK) else STAND_IN_ADDRESS

    def gethostbyname_ex(host: str) -> tuple[str, list[str], list[str]]:
        if host.startswith(LOOPBACK):
            return _gethostbyname_ex(host)
        return host, [], [STAND_IN_ADDRESS]

    def redirected(connection: socket.socket, address: Any) -> Any:
        if connection.family not in (socket.AF_INET, socket.AF_INET6):
            return address
        host, target_port = str(address[0]), address[1]
        if host.startswith(LOOPBACK) and target_port not in local_ports:
            return address
        if not connection.type & socket.SOCK_STREAM:
            raise OSError(f"llmdocs mock: nothing reaches the network, and {host} was asked for")
        if connection.family == socket.AF_INET6:
            return ("::ffff:127.0.0.1", port, 0, 0)
        return ("127.0.0.1", port)

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
        frozenset(int(port) for port in os.environ["LLMDOCS_MOCK_LOCAL_PORTS"].split(",")),
    )
    _run_shadowed_sitecustomize()
