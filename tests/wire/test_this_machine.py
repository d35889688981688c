"""What is this machine, and what is not: of the first alone a program is left to find its way."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llmdocs.catalogue import addresses
from llmdocs.wire import child
from llmdocs.wire.redirect import sitecustomize as redirect
from llmdocs.wire.server import MockedProviders

THIS_MACHINE = [
    "localhost", "LOCALHOST", "localhost.", "a.localhost", "A.b.LocalHost.", "127.0.0.1",
    "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1",
    "017700000001", "0.0.0.0", "0", "::1", "::", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1",
    "::ffff:7f00:1", "::FFFF:127.1.2.3", "::ffff:0.0.0.0", "::1%lo",
]  # fmt: skip
OTHERS = [
    "127.evil.example", "127.0.0.1.nip.io", "localhost.evil.example", "0.0.0.0.evil.example",
    "::1.example", "::ffff:127.evil.example", "localhost-evil.example", "notlocalhost",
    "evil.example", "127.0.0.1.", "127.0.0.1 evil.example", "127.0.0.1%lo", "127.0.0.256",
    "128.0.0.1", "2147483648", "1.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "::2",
    "::ffff:8.8.8.8", "::127.0.0.1", "fe80::1%lo", "localhost..", "",
]  # fmt: skip

# Pieces that hosts of this machine are made of, put together right and wrong.
PIECES = st.sampled_from(
    ["127", "0", "1", "0x7f", "0177", "2130706433", "localhost", "LOCALHOST", "evil", "example",
     "::1", "::", "::ffff:", "::ffff:127.0.0.1", "nip", "io", "%lo", " ", ":", "255", "256", ""]
)  # fmt: skip
NAMES = st.builds(
    str.join,
    st.sampled_from([".", "", "-"]),
    st.lists(PIECES | st.text(max_size=3), max_size=6),
) | st.sampled_from([*THIS_MACHINE, *OTHERS])
NUMBERS = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(network="127.0.0.0/8").map(str),
    st.integers(0, 2**32 - 1).map(str),
    st.integers(0, 2**32 - 1).map(hex),
    st.ip_addresses(v=4).map(lambda address: f"::ffff:{address}"),
)

# What the system was asked for, as Python's own audit events report it: (event, host or address).
_asked: list[tuple[str, Any]] = []
_listening = False


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if not _listening or not event.startswith("socket."):
        return
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        _asked.append((event, arguments[0]))
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        _asked.append((event, arguments[-1]))


sys.addaudithook(_listen)


@contextlib.contextmanager
def asked_of_the_system() -> Iterator[list[tuple[str, Any]]]:
    global _listening
    _asked.clear()
    _listening = True
    try:
        yield _asked
    finally:
        _listening = False


def parsed_by_the_system(host: str) -> set[str]:
    """The addresses that a host is to the system, which asks no server for them."""
    try:
        found = redirect._getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, ValueError, TypeError):
        return set()
    return {str(item[4][0]).partition("%")[0] for item in found}


def leads_here(address: str) -> bool:
    number = ipaddress.ip_address(address)
    plain = getattr(number, "ipv4_mapped", None) or number
    return bool(plain.is_loopback or plain.is_unspecified)


def is_harmless(event: str, subject: Any) -> bool:
    """Whether the system answers without the network: for a number, `localhost`, this machine."""
    if event == "socket.gethostbyaddr":
        return False
    host = subject[0] if isinstance(subject, tuple) else subject
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        return bool(parsed := parsed_by_the_system(host)) and all(map(leads_here, parsed))
    return host in (None, "localhost") or bool(parsed_by_the_system(host))


@pytest.mark.parametrize("host", THIS_MACHINE)
def test_every_spelling_of_this_machine_is_this_machine(host: str) -> None:
    assert redirect.own_address(host) is not None


@pytest.mark.parametrize("host", OTHERS)
def test_what_only_looks_like_this_machine_is_another(host: str) -> None:
    assert redirect.own_address(host) is None


@given(NAMES | NUMBERS)
def test_this_machine_is_what_the_system_reads_as_loopback_or_unspecified(host: str) -> None:
    own = redirect.own_address(host)
    parsed = parsed_by_the_system(host)

    if own == "localhost":
        assert host.lower().removesuffix(".").split(".")[-1] == "localhost"
    elif own:
        assert leads_here(own)
        assert parsed
        assert all(map(leads_here, parsed))
    elif host.isascii():  # other digits are no spelling of this machine: they lead to the mocks
        assert not any(map(leads_here, parsed))


@given(NAMES | NUMBERS)
def test_what_an_address_calls_this_machine_is_this_machine(host: str) -> None:
    address = f"http://[{host}]:1234/" if ":" in host else f"http://{host}:1234/"
    named = addresses.host_of(address)

    if named and addresses.is_this_machine(address):
        assert redirect.own_address(named)


LOOK_UPS: dict[str, Callable[[str], Any]] = {
    "getaddrinfo": lambda host: socket.getaddrinfo(host, 443),
    "getaddrinfo in bytes": lambda host: socket.getaddrinfo(host.encode(), 443),
    "gethostbyname": lambda host: socket.gethostbyname(host),
    "gethostbyname_ex": lambda host: socket.gethostbyname_ex(host),
    "gethostbyaddr": lambda host: socket.gethostbyaddr(host),
    "getfqdn": lambda host: socket.getfqdn(host),
}


def _reaches(way: str, kind: int, family: int, *before: Any) -> Callable[[str], Any]:
    """A method of a socket whose last argument is an address; it is found when it is used."""

    def reach(host: str) -> None:
        with socket.socket(family, kind) as connection:
            connection.setblocking(False)
            address = (host, 9) if family == socket.AF_INET else (host, 9, 0, 0)
            getattr(connection, way)(*before, address)

    return reach


async def _by_the_loop(host: str) -> None:
    loop = asyncio.get_running_loop()
    with socket.socket() as connection:
        connection.setblocking(False)
        await loop.sock_connect(connection, (host, 9))


STREAM, DATAGRAM, IPV4, IPV6 = (
    socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.AF_INET, socket.AF_INET6,
)  # fmt: skip
WAYS_OUT: dict[str, Callable[[str], Any]] = {
    "connect": _reaches("connect", STREAM, IPV4),
    "connect over IPv6": _reaches("connect", STREAM, IPV6),
    "connect_ex": _reaches("connect_ex", STREAM, IPV4),
    "connect datagrams": _reaches("connect", DATAGRAM, IPV4),
    "sendto": _reaches("sendto", DATAGRAM, IPV4, b"x"),
    "sendto with flags over IPv6": _reaches("sendto", DATAGRAM, IPV6, b"x", 0),
    "sendmsg": _reaches("sendmsg", DATAGRAM, IPV4, [b"x"], [], 0),
    "sendto on a stream": _reaches("sendto", STREAM, IPV4, b"x"),
    "create_connection": lambda host: socket.create_connection((host, 9), timeout=5).close(),
    "sock_connect": lambda host: asyncio.run(_by_the_loop(host)),
}


@pytest.mark.parametrize("way", LOOK_UPS | WAYS_OUT)
@given(host=NAMES | NUMBERS)
@example("127.evil.example")
@example("127.0.0.1.nip.io")
@example("localhost.evil.example")
@example("0.0.0.0.evil.example")
@example("a.localhost")
@example("localhost.")
@example("8.8.8.8")
def test_the_system_is_asked_for_this_machine_alone(
    mocked_providers: MockedProviders, way: str, host: str
) -> None:
    with (
        asked_of_the_system() as asked,
        contextlib.suppress(OSError, ValueError, TypeError, OverflowError),
    ):
        (LOOK_UPS | WAYS_OUT)[way](host)

    assert [item for item in asked if not is_harmless(*item)] == []


def test_a_name_that_only_looks_like_this_machine_is_looked_up_here_alone(
    wire: MockedProviders,
) -> None:
    for host in ("127.evil.example", "127.0.0.1.nip.io", "localhost.evil.example"):
        assert socket.gethostbyname(host) == redirect.STAND_IN_ADDRESS


@pytest.mark.parametrize("host", ["a.localhost", "localhost.", "127.1", "0x7f.1", "2130706433"])
def test_every_spelling_of_this_machine_reaches_a_server_on_it(
    wire: MockedProviders, host: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection((host, port), 5), socket.socket() as plain:
            plain.connect((host, port))
        assert server.accept()[1][0] == "127.0.0.1"


def test_datagrams_and_reverse_look_ups_of_this_machine_still_work(wire: MockedProviders) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        port = receiver.getsockname()[1]
        sender.sendto(b"one", ("localhost", port))
        sender.sendto(b"two", 0, ("127.1", port))
        sender.sendmsg([b"three"], [], 0, ("127.0.0.1", port))

        assert [receiver.recv(9) for _ in range(3)] == [b"one", b"two", b"three"]
    assert socket.gethostbyaddr("127.0.0.1")[0] == socket.getfqdn("localhost") == "localhost"
    assert socket.getfqdn("api.openai.com") == "api.openai.com"


@pytest.mark.parametrize("address", ["127.0.0.1", "8.8.8.8"])
def test_an_address_has_no_name(wire: MockedProviders, address: str) -> None:
    """The system would ask a server for it."""
    assert socket.getnameinfo((address, 443), socket.NI_NAMEREQD)[0] == address


def test_a_socket_of_the_file_system_is_left_alone(wire: MockedProviders, tmp_path: Any) -> None:
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(path)
        server.listen()
        client.connect(path)
        client.sendall(b"x")
        assert server.accept()[0].recv(1) == b"x"


def test_what_is_no_address_is_refused_by_the_system(wire: MockedProviders) -> None:
    with socket.socket() as connection:
        for nonsense in ("text", ("host",), (None, 80), 7):
            with pytest.raises(TypeError):
                connection.connect(nonsense)  # type: ignore[arg-type]


def test_a_child_asks_the_system_for_this_machine_alone() -> None:
    """A foreign Python, which has the redirect's file and nothing else of this package."""
    program = (
        "import json, socket, sys\n"
        "hosts = json.loads(sys.argv[1])\n"
        "print(json.dumps({h: socket.gethostbyname(h) for h in hosts}))\n"
    )
    hosts = ["127.evil.example", "127.0.0.1.nip.io", "localhost.evil.example", "a.localhost", "127.1"]  # fmt: skip # noqa: E501
    environment = child.environment(
        {"PATH": os.environ["PATH"]}, "http://127.0.0.1:1", 1, redirect_file()
    )
    result = subprocess.run(
        [sys.executable, "-s", "-c", program, json.dumps(hosts)],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip

    assert json.loads(result.stdout) == {
        **dict.fromkeys(hosts[:3], redirect.STAND_IN_ADDRESS),
        **dict.fromkeys(hosts[3:], "127.0.0.1"),
    }, result.stderr


def redirect_file() -> Any:
    return child.REDIRECT / "ca.pem"
