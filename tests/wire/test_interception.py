"""How a request finds its mock: by redirect, by proxy, or under the mock's own address."""

from __future__ import annotations

import _socket
import asyncio
import contextlib
import http.server
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import aiohttp
import httpx
import pytest

from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.wire.server import MockedProviders
from tests.support.provider_groups import EVERY, FREE

# One origin of each provider; and those of a local server, which has several.
ADDRESSES = {f"{CATALOGUE[name].origins[0]}/v1/models": name for name in EVERY} | {
    f"{origin}/v1/models": FREE[0] for origin in CATALOGUE[FREE[0]].origins
}


@pytest.fixture
def own_server() -> Iterator[str]:
    """A server of the reader's own on this machine; it says which path it was asked for."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.path.encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def proxied(wire: MockedProviders) -> Iterator[httpx.Client]:
    context = ssl.create_default_context(cafile=str(wire.ca_file))
    with httpx.Client(proxy=wire.url, verify=context) as client:
        yield client


@pytest.mark.parametrize(("url", "provider"), ADDRESSES.items())
def test_a_plain_client_is_redirected(wire: MockedProviders, url: str, provider: str) -> None:
    httpx.get(url, trust_env=True)

    assert [(request.provider, request.url) for request in wire.requests] == [(provider, url)]


@pytest.mark.parametrize(("url", "provider"), ADDRESSES.items())
def test_an_async_client_that_reads_no_proxy_is_redirected(
    wire: MockedProviders, url: str, provider: str
) -> None:
    async def get() -> None:
        context = ssl.create_default_context(cafile=str(wire.ca_file))
        connector = aiohttp.TCPConnector(ssl=context)
        async with aiohttp.ClientSession(connector=connector) as session, session.get(url):
            pass

    asyncio.run(get())

    assert [request.provider for request in wire.requests] == [provider]


@pytest.mark.parametrize(("url", "provider"), ADDRESSES.items())
def test_a_proxied_client_arrives_at_the_same_address(
    wire: MockedProviders, proxied: httpx.Client, url: str, provider: str
) -> None:
    proxied.get(url)

    assert [(request.provider, request.url) for request in wire.requests] == [(provider, url)]


def test_a_host_is_known_in_any_case_of_letters(wire: MockedProviders) -> None:
    httpx.get("https://API.OpenAI.com/v1/models", headers={"host": "API.OpenAI.com"})

    assert [request.provider for request in wire.requests] == ["openai"]


def test_plain_http_to_a_provider_that_has_https_alone_is_no_address_of_its(
    mocked_providers: MockedProviders,
) -> None:
    answer = httpx.get("http://api.anthropic.com/v1/models")

    assert answer.status_code == 403
    assert "has no mock for http://api.anthropic.com/v1/models" in answer.text


@pytest.mark.parametrize("url", ["https://pypi.example/simple", "http://192.0.2.7:8080/"])
def test_an_unknown_host_is_answered_at_once_and_named(
    mocked_providers: MockedProviders, url: str
) -> None:
    answer = httpx.get(url)

    assert answer.status_code == 403
    assert f"has no mock for {url}" in answer.text
    assert "https://api.openai.com" in answer.text


def test_a_path_under_the_mocks_own_address_that_is_no_providers_is_told_the_right_ones(
    mocked_providers: MockedProviders,
) -> None:
    answer = httpx.get(f"{mocked_providers.url}/opnai/v1/models")

    assert answer.status_code == 403
    names = ", ".join(f"/{name}" for name in sorted(CATALOGUE))
    assert f"answers under {names};" in answer.text


def test_a_server_of_ones_own_is_reached_directly_and_through_the_proxy(
    wire: MockedProviders, proxied: httpx.Client, own_server: str
) -> None:
    assert httpx.get(f"{own_server}/direct?x=1").text == "/direct?x=1"
    assert proxied.get(f"{own_server}/proxied?x=1").text == "/proxied?x=1"
    wire.requests.clear()


def test_a_tunnel_to_a_server_of_ones_own_is_passed_through(
    wire: MockedProviders, own_server: str
) -> None:
    target = urlsplit(own_server).netloc
    with socket.create_connection(("127.0.0.1", wire.port)) as tunnel:
        tunnel.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        assert tunnel.recv(1000).startswith(b"HTTP/1.1 200")
        tunnel.sendall(b"GET /tunnelled HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: tunnel.recv(1000), b""))

    assert answer.endswith(b"/tunnelled")


def test_a_server_of_ones_own_that_is_not_there_is_a_502(
    wire: MockedProviders, proxied: httpx.Client
) -> None:
    answer = proxied.get("http://127.0.0.1:9/")

    assert (answer.status_code, "nothing answers at http://127.0.0.1:9" in answer.text) == (
        502, True,
    )  # fmt: skip
    wire.requests.clear()


def test_names_are_looked_up_here_alone(wire: MockedProviders) -> None:
    for host in ("api.openai.com", b"api.openai.com", "no-such-host.example"):
        (found,) = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
        assert found[4] == ("192.0.2.1", 443)

    assert socket.gethostbyname("no-such-host.example") == "192.0.2.1"
    assert socket.gethostbyname_ex("no-such-host.example")[2] == ["192.0.2.1"]
    assert socket.getaddrinfo("localhost", 80)


def test_what_is_no_stream_fails_at_once(wire: MockedProviders) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        pytest.raises(OSError, match="nothing reaches the network"),
    ):
        datagrams.connect(("192.0.2.7", 53))


class Plain(socket.socket):
    """As gevent's: it connects by the methods of the class below.

    typeshed wants an address of one form; each is handed on as it came.
    """

    def connect(self, address: object) -> None:
        return _socket.socket.connect(self, address)  # type: ignore[arg-type]

    def connect_ex(self, address: object) -> int:
        return _socket.socket.connect_ex(self, address)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [_socket.socket, socket.SocketType, Plain])
@pytest.mark.parametrize(
    ("family", "address"),
    [(socket.AF_INET, ("192.0.2.7", 81)), (socket.AF_INET6, ("2001:db8::7", 81, 0, 0))],
)
@pytest.mark.parametrize("method", ["connect", "connect_ex"])
def test_what_goes_round_the_redirect_is_refused(
    wire: MockedProviders, kind: type[socket.socket], family: int, address: object, method: str
) -> None:
    with (
        contextlib.closing(kind(family, socket.SOCK_STREAM)) as connection,
        pytest.raises(OSError, match="nothing reaches the network"),
    ):
        connection.setblocking(False)
        getattr(connection, method)(address)


def test_what_goes_round_the_redirect_to_this_machine_is_not(own_server: str) -> None:
    with contextlib.closing(_socket.socket()) as connection:
        connection.connect(("127.0.0.1", urlsplit(own_server).port))


def test_a_connection_that_says_nothing_or_nonsense_harms_no_other(wire: MockedProviders) -> None:
    with socket.create_connection(("127.0.0.1", wire.port)):
        pass
    with socket.create_connection(("127.0.0.1", wire.port)) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 400")

    assert httpx.get("http://localhost:11434/api/version").status_code == 200


def test_the_end_does_not_wait_for_connections_that_come_in_meanwhile() -> None:
    """From Python 3.12 on, a server's end waits for every connection, however late it came."""
    for _ in range(5):
        held: list[socket.socket] = []
        server = MockedProviders({}).__enter__()

        def keep_coming(port: int = server.port, held: list[socket.socket] = held) -> None:
            with contextlib.suppress(OSError):
                while len(held) < 500:
                    held.append(socket.create_connection(("127.0.0.1", port), 1))

        client = threading.Thread(target=keep_coming, daemon=True)
        client.start()
        while not held:
            time.sleep(0.001)
        ending = threading.Thread(target=server.__exit__, args=(None, None, None), daemon=True)
        ending.start()
        ending.join(10)
        client.join(10)
        for connection in held:
            connection.close()

        assert not ending.is_alive()
