"""Sends every TCP connection of this Python process to the mocked providers.

`llmdocs mock` puts this folder on the PYTHONPATH of the command it runs, and Python imports
`sitecustomize` by itself at its start. So it uses the standard library alone: that Python may have
no llmdocs. Clients that ignore proxy variables (aiohttp's default session) need it.
"""

from __future__ import annotations

import errno
import importlib.machinery
import importlib.util
import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

# 192.0.2.0/24 is reserved for documentation (RFC 5737): no host has it, so a connection to it can
# only be one that was looked up here.
STAND_IN_ADDRESS = "192.0.2.1"
LOCALHOST = "localhost"

# No name below it ever resolves (RFC 6761, section 6.4).
INVALID = ".invalid"

# Nothing listens there: the system itself refuses the connection (port 1 is tcpmux's, long unused).
CLOSED_PORT = 1

_is_installed = False
_is_hooked = False
_unresolvable: set[str] = set()
_refusing: list[bool] = []
_getaddrinfo = socket.getaddrinfo
_getnameinfo = socket.getnameinfo
_gethostbyname = socket.gethostbyname
_gethostbyname_ex = socket.gethostbyname_ex
_gethostbyaddr = socket.gethostbyaddr
_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_sendto = socket.socket.sendto
# Windows has none.
_sendmsg = getattr(socket.socket, "sendmsg", None)


def own_address(host: str) -> str | None:
    """This machine as `host` names it: `localhost`, or an address in its plain form; else None.

    The names are `localhost` and those below it (RFC 6761, section 6.3). The addresses are loopback
    and unspecified ones, which lead to loopback when they are connected to, in whatever form the
    system reads: `127.1`, `2130706433`, `0x7f.1`, `::ffff:127.0.0.1`. No server is
    asked.
    """
    name = host.lower().removesuffix(".")
    if name == LOCALHOST or name.endswith(f".{LOCALHOST}"):
        return LOCALHOST
    number = _number(host)
    if number is None:
        return None
    plain = getattr(number, "ipv4_mapped", None) or number
    return str(plain) if plain.is_loopback or plain.is_unspecified else None


def _number(host: str) -> Any:
    """The IP address that a text is to the system, if it is one."""
    with suppress(ValueError):
        return ipaddress.ip_address(host)
    # inet_aton reads the older forms, and takes no notice of what follows a space.
    if len(host.split()) == 1 and host == host.strip():
        with suppress(OSError, ValueError):
            return ipaddress.ip_address(socket.inet_aton(host))
    return None


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
    _refusing.append(beyond_this_machine)
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


def _text(host: Any) -> str | None:
    """A host as sockets take it: text, or bytes in ASCII."""
    if isinstance(host, bytes | bytearray):
        return host.decode("ascii", "backslashreplace")
    return host if isinstance(host, str) else None


def _system_name(host: str) -> str:
    """A host of this machine as the system finds it without asking a server.

    Names below `localhost` are in no file of hosts.
    """
    return LOCALHOST if own_address(host) == LOCALHOST else host.partition("%")[0]


def _find(
    host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
) -> Any:
    """In place of socket.getaddrinfo: this machine is found, and any other host is the stand-in."""
    name = _text(host)
    if name is None or flags & socket.AI_NUMERICHOST:  # it asks no server then
        return _getaddrinfo(host, port, family, type, proto, flags)
    if own_address(name):
        return _getaddrinfo(_system_name(name), port, family, type, proto, flags)
    _look_up(name)
    return _getaddrinfo(STAND_IN_ADDRESS, port, socket.AF_INET, type or socket.SOCK_STREAM)


def _find_by_name(host: str) -> str:
    """In place of socket.gethostbyname."""
    if own_address(host):
        return _gethostbyname(_system_name(host))
    _look_up(host)
    return STAND_IN_ADDRESS


def _find_all_by_name(host: str) -> tuple[str, list[str], list[str]]:
    """In place of socket.gethostbyname_ex."""
    if own_address(host):
        return _gethostbyname_ex(_system_name(host))
    _look_up(host)
    return host, [], [STAND_IN_ADDRESS]


def _find_by_address(host: str) -> tuple[str, list[str], list[str]]:
    """In place of socket.gethostbyaddr, which asks a server even about an address."""
    own = own_address(host)
    if own:
        return LOCALHOST, [], ["127.0.0.1" if own == LOCALHOST else own]
    if _number(host) is not None:
        raise socket.herror(1, "Unknown host")
    _look_up(host)
    return host, [], [STAND_IN_ADDRESS]


def _name_of(address: Any, flags: int) -> tuple[str, str]:
    """In place of socket.getnameinfo: an address has no name here."""
    return _getnameinfo(address, flags & ~socket.NI_NAMEREQD | socket.NI_NUMERICHOST)


def _is_for_the_network(connection: socket.socket, address: Any) -> bool:
    """Whether an address is of a kind that can be on another machine.

    What is no address at all is for the system to refuse.
    """
    internet = connection.family in (socket.AF_INET, socket.AF_INET6)
    if not (internet and isinstance(address, tuple) and len(address) > 1):
        return False
    return _text(address[0]) is not None


def _on_this_machine(connection: socket.socket, address: Any) -> Any:
    """An address of this machine as the system takes it without asking a server."""
    if own_address(str(_text(address[0]))) != LOCALHOST:
        return address
    here = "::1" if connection.family == socket.AF_INET6 else "127.0.0.1"
    return (here, *address[1:])


def _receiver(connection: socket.socket, address: Any) -> Any:
    """The address that a message goes to, if that is on this machine. Raises OSError."""
    if not _is_for_the_network(connection, address):
        return address
    host = str(_text(address[0]))
    if not own_address(host):
        raise OSError(
            errno.ENETUNREACH,
            f"llmdocs mock: nothing reaches the network, and {host!a} was asked for",
        )
    return _on_this_machine(connection, address)


def _send_to(connection: socket.socket, data: Any, *rest: Any) -> int:
    """In place of socket.socket.sendto: the address is its last argument."""
    *flags, address = rest
    send: Any = _sendto
    return int(send(connection, data, *flags, _receiver(connection, address)))


def _send_message(connection: socket.socket, buffers: Any, *rest: Any) -> int:
    """In place of socket.socket.sendmsg: an address may follow two other arguments."""
    assert _sendmsg
    *others, address = rest if len(rest) > 2 else (*rest, None)
    if address is None:
        return int(_sendmsg(connection, buffers, *others))
    return int(_sendmsg(connection, buffers, *others, _receiver(connection, address)))


def _refuse_what_goes_round(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse what goes on to the network without a method that is replaced here.

    gevent, as one, connects with the class from which `socket.socket` is made.
    """
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg") and _is_installed:
        connection, address = arguments
        if address is not None:
            _receiver(connection, address)


def install(port: int, http_only_port: int, local_ports: frozenset[int]) -> None:
    """Redirect to `port` of 127.0.0.1 whatever is not for this machine itself.

    Connections to `local_ports` of this machine are redirected too, for a provider is played there.
    It has no TLS: whoever asks for such a port, on any host, is led to `http_only_port`.
    """

    def redirected(connection: socket.socket, address: Any) -> Any:
        if not _is_for_the_network(connection, address):
            return address
        host, target_port = str(_text(address[0])), address[1]
        own = own_address(host)
        if connection.type != socket.SOCK_STREAM:
            return _receiver(connection, address)
        if own and target_port not in local_ports:
            return _on_this_machine(connection, address)
        _look_up(host)
        door = http_only_port if target_port in local_ports else port
        if target_port in local_ports and (any(_refusing) or (own and _refusing)):
            door = CLOSED_PORT
        if connection.family == socket.AF_INET6:
            return ("::ffff:127.0.0.1", door, 0, 0)
        return ("127.0.0.1", door)

    def connect(connection: socket.socket, address: Any) -> None:
        return _connect(connection, redirected(connection, address))

    def connect_ex(connection: socket.socket, address: Any) -> int:
        return _connect_ex(connection, redirected(connection, address))

    global _is_installed, _is_hooked
    _is_installed = True
    if not _is_hooked:
        # It stays for good.
        sys.addaudithook(_refuse_what_goes_round)
        _is_hooked = True
    socket.getaddrinfo = _find
    socket.getnameinfo = _name_of
    socket.gethostbyname = _find_by_name
    socket.gethostbyname_ex = _find_all_by_name
    socket.gethostbyaddr = _find_by_address
    socket.socket.connect = connect  # type: ignore[assignment]
    socket.socket.connect_ex = connect_ex  # type: ignore[assignment]
    socket.socket.sendto = _send_to  # type: ignore[assignment]
    if _sendmsg:
        socket.socket.sendmsg = _send_message  # type: ignore[assignment]


def uninstall() -> None:
    global _is_installed
    _is_installed = False
    socket.getaddrinfo = _getaddrinfo
    socket.getnameinfo = _getnameinfo
    socket.gethostbyname = _gethostbyname
    socket.gethostbyname_ex = _gethostbyname_ex
    socket.gethostbyaddr = _gethostbyaddr
    socket.socket.connect = _connect  # type: ignore[method-assign]
    socket.socket.connect_ex = _connect_ex  # type: ignore[method-assign]
    socket.socket.sendto = _sendto  # type: ignore[method-assign]
    if _sendmsg:
        socket.socket.sendmsg = _sendmsg  # type: ignore[method-assign]


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
