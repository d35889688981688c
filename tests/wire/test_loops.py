"""The mocks' proxy never leads to itself: whatever names one of its ports, it answers there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from llmdocs import recipes
from llmdocs.wire.accounts import account_from
from llmdocs.wire.server import MockedProviders

# Every host in which a client may find this machine, and some that a client may still write.
SPELLINGS = [
    "127.0.0.1", "localhost", "LOCALHOST", "localhost.", "a.localhost", "127.1", "2130706433",
    "0x7f.1", "0177.0.0.1", "0", "0.0.0.0", "[::]", "[::1]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "127.0.0.2",
]  # fmt: skip
PORTS: dict[str, Callable[[MockedProviders], int]] = {
    "its own": lambda mocks: mocks.port,
    "the one without TLS": lambda mocks: mocks.http_only_port,
    "the plain server's": lambda mocks: mocks._connections.ports.plain,
    "the TLS server's": lambda mocks: mocks._connections.ports.tls,
    "the untrusted server's": lambda mocks: mocks._connections.ports.untrusted,
}
UNDER = b"llmdocs mock answers under /ollama, /openai;"


@pytest.fixture(scope="module")
def mocks(mocked_providers: MockedProviders) -> Iterator[MockedProviders]:
    """Two providers alone, apart from the other tests' mocks: these tests count open files."""
    accounts = {name: account_from(recipes.read(name)) for name in ("openai", "ollama")}
    with MockedProviders(accounts) as own:
        yield own


def open_files() -> int:
    return len(os.listdir("/dev/fd"))


@contextmanager
def as_many_open_files_after() -> Iterator[None]:
    """When the block ends, as many files are open as before, as soon as what ended is closed."""
    before = open_files()
    yield
    deadline = time.monotonic() + 20
    while open_files() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert open_files() <= before


def said(port: int, *parts: bytes) -> bytes:
    """All that comes back; each part is sent when something has come back for the one before."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        for number, part in enumerate(parts):
            connection.sendall(part)
            if number + 1 < len(parts):
                answer += connection.recv(65536)
        while data := connection.recv(65536):
            answer += data
    return answer


def request(target: str, host: str | None, *headers: str, version: str = "1.1") -> bytes:
    lines = [f"GET {target} HTTP/{version}", *([f"Host: {host}"] if host is not None else [])]
    return "\r\n".join([*lines, *headers, "Connection: close", "", ""]).encode("latin-1")


def test_a_request_without_a_host_is_one_to_the_mock_itself(mocks: MockedProviders) -> None:
    with as_many_open_files_after():
        answer = said(mocks.port, b"GET / HTTP/1.0\r\n\r\n")
        listed = said(mocks.port, b"GET /openai/v1/models HTTP/1.0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 403")
    assert UNDER in answer
    assert listed.startswith(b"HTTP/1.1 401")


def test_a_preface_of_http_2_is_refused(mocks: MockedProviders) -> None:
    with as_many_open_files_after():
        answer = said(mocks.port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "host",
    ["localhost:99999", "localhost:0", "localhost:x", "localhost:1:2", "a b", "a/b", "a@b", "",
     "<host>", "[::1", "::1", "h\xe9", "x" * 64, "x." * 200, "a..localhost", ".localhost"],
)  # fmt: skip
@pytest.mark.parametrize("port", ["its own", "the one without TLS"])
def test_a_host_that_is_none_is_a_bad_request(mocks: MockedProviders, host: str, port: str) -> None:
    with as_many_open_files_after():
        answer = said(PORTS[port](mocks), request("/", host))

    assert answer.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("target", ["x", "*", "localhost:80", "http://", "http://a b/", "http://a:99999/"])  # fmt: skip # noqa: E501
def test_a_target_that_is_none_is_a_bad_request(mocks: MockedProviders, target: str) -> None:
    assert said(mocks.port, request(target, "")).startswith(b"HTTP/1.1 400")


def test_a_request_without_the_host_that_its_version_wants_is_a_bad_request(
    mocks: MockedProviders,
) -> None:
    assert said(mocks.port, request("/", None)).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("asked", PORTS)
@pytest.mark.parametrize("host", SPELLINGS)
def test_no_request_to_an_address_of_its_own_is_relayed(
    mocks: MockedProviders, host: str, asked: str
) -> None:
    authority = f"{host}:{PORTS[asked](mocks)}"
    with as_many_open_files_after():
        for port in (mocks.port, mocks.http_only_port):
            for target in ("/", f"http://{authority}/"):
                answer = said(port, request(target, authority))
                assert answer.startswith(b"HTTP/1.1 403"), answer
                assert UNDER in answer


@pytest.mark.parametrize("asked", PORTS)
@pytest.mark.parametrize("host", SPELLINGS)
def test_a_tunnel_to_an_address_of_its_own_ends_at_the_mock(
    mocks: MockedProviders, host: str, asked: str
) -> None:
    authority = f"{host}:{PORTS[asked](mocks)}"
    connect = f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode()
    with as_many_open_files_after():
        answer = said(mocks.port, connect, request("/", authority))

    assert answer.startswith(b"HTTP/1.1 200 Connection established")
    assert UNDER in answer


def test_the_mocks_own_address_answers_in_every_spelling(mocks: MockedProviders) -> None:
    for host in SPELLINGS:
        authority = f"{host}:{mocks.port}"
        for target in ("/openai/v1/models", f"http://{authority}/openai/v1/models"):
            assert said(mocks.port, request(target, authority)).startswith(b"HTTP/1.1 401"), host


@pytest.mark.parametrize("host", SPELLINGS)
def test_a_local_provider_answers_in_every_spelling(mocks: MockedProviders, host: str) -> None:
    authority = f"{host}:11434"
    for target in ("/api/version", f"http://{authority}/api/version"):
        assert said(mocks.port, request(target, authority)).startswith(b"HTTP/1.1 200"), target


def test_a_tunnel_within_a_tunnel_is_the_last(mocks: MockedProviders) -> None:
    connect = b"CONNECT proxy.example:3128 HTTP/1.1\r\n\r\n"
    own = f"CONNECT 127.0.0.1:{mocks.port} HTTP/1.1\r\n\r\n".encode()
    last = request("/api/version", "localhost:11434")
    with as_many_open_files_after():
        two = said(mocks.port, connect, connect, last)
        three = [said(mocks.port, one, one, one) for one in (connect, own)]

    assert two.count(b" 200 Connection established") == 2
    assert b'"version"' in two
    for answer in three:
        assert answer.count(b" 200 Connection established") == 2
        assert b"HTTP/1.1 508 Loop Detected\r\n" in answer


@pytest.mark.parametrize(
    "target",
    ["localhost:99999", "localhost:x", "", "a/b:80", "\xff:80", "[::1:80", "a b:80",
     "a..localhost:9", f"{'x' * 64}.localhost:9", f"{'x.' * 200}localhost:9"],
)  # fmt: skip
def test_a_tunnel_to_no_host_is_a_bad_request(mocks: MockedProviders, target: str) -> None:
    with as_many_open_files_after():
        answer = said(mocks.port, f"CONNECT {target} HTTP/1.1\r\n\r\n".encode("latin-1"))

    assert answer.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "head", [b"X: " + b"x" * 100_000, b"\r\n".join([b"X: x"] * 30_000)], ids=["one", "many"]
)
def test_a_tunnel_with_endless_headers_is_refused(mocks: MockedProviders, head: bytes) -> None:
    sent = b"CONNECT api.openai.com:443 HTTP/1.1\r\n" + head[:65_000]
    with as_many_open_files_after(), socket.create_connection(("127.0.0.1", mocks.port)) as client:
        client.settimeout(20)
        client.sendall(sent)

        assert client.recv(1000).startswith(b"HTTP/1.1 431")


class Upstream:
    """A server of the reader's own; it keeps the requests that came, heads as they were sent."""

    def __init__(self, port: int) -> None:
        self.heads: list[bytes] = []
        self.port = port


@contextmanager
def upstream(answer: Callable[[bytes], bytes]) -> Iterator[Upstream]:
    """Serve what `answer` makes of each request's head and body, one a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Upstream(listener.getsockname()[1])

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    data = b""
                    while not is_whole(data) and (more := connection.recv(65536)):
                        data += more
                    server.heads.append(data)
                    connection.sendall(answer(data))

        threading.Thread(target=serve, daemon=True).start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)


def is_whole(data: bytes) -> bool:
    head, end, body = data.partition(b"\r\n\r\n")
    length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(end) and len(body) >= int(length[0].split(b":")[1] if length else 0)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close, X-Drop\r\nX-Drop: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nok"  # noqa: E501


def test_a_relayed_request_says_through_whom_and_keeps_what_is_for_the_other_end(
    mocks: MockedProviders,
) -> None:
    with as_many_open_files_after(), upstream(lambda _: OK) as server:
        authority = f"127.1:{server.port}"
        headers = (
            "Via: 1.1 another", "X-Kept: yes", "Connection: x-dropped, close", "X-Dropped: yes",
            "Proxy-Connection: keep-alive", "Proxy-Authorization: Basic c2VjcmV0", "TE: trailers",
            "Keep-Alive: timeout=5", "Upgrade: h2c", "Expect: 100-continue", "Content-Length: 4",
        )  # fmt: skip
        sent = request(f"http://{authority}/a%20b?x=%2F", authority, *headers) + b"body"
        answer = said(mocks.port, sent)
    lines = server.heads[0].split(b"\r\n")
    names = {line.partition(b":")[0].lower() for line in lines[1:-2]}

    assert lines[0] == b"GET /a%20b?x=%2F HTTP/1.1"
    assert lines[-1] == b"body"
    assert names == {b"host", b"via", b"x-kept", b"content-length"}
    assert f"host: {authority}".encode() in [line.lower() for line in lines]
    via = [line.lower() for line in lines if line.lower().startswith(b"via:")]
    assert via[0] == b"via: 1.1 another"
    assert via[1].startswith(b"via: 1.1 llmdocs-mock-")
    assert answer.startswith(b"HTTP/1.1 200") or b"\r\n\r\nHTTP/1.1 200" in answer
    assert answer.lower().count(b"\r\nset-cookie: ") == 2
    assert b"x-drop" not in answer.lower()
    assert b"\r\nvia: 1.1 llmdocs-mock-" in answer.lower()
    assert answer.endswith(b"ok")


@pytest.mark.parametrize("first", [(), ("Via: 1.1 another",), ("Via: 1.1 a", "Via: 1.1 b")])
def test_a_request_that_comes_back_is_a_loop(
    mocks: MockedProviders, first: tuple[str, ...]
) -> None:
    """A proxy of the reader's own that has the mock for its proxy."""

    def back_to_the_mock(data: bytes) -> bytes:
        head, _, _ = data.partition(b"\r\n\r\n")
        line, *headers = head.split(b"\r\n")
        target = b"http://" + authority + line.split()[1]
        again = b"\r\n".join([b"GET " + target + b" HTTP/1.1", *headers, b"Connection: close"])
        return said(mocks.port, again + b"\r\n\r\n")

    with as_many_open_files_after(), upstream(back_to_the_mock) as server:
        authority = f"localhost:{server.port}".encode()
        sent = request(f"http://{authority.decode()}/", authority.decode(), *first)
        answer = said(mocks.port, sent)

    assert len(server.heads) == 1
    assert answer.startswith(b"HTTP/1.1 508")
    assert b"llmdocs_mock" in answer


# The names that a process of the mocks looks up while it is asked for one below `localhost`.
LOOKED_UP = """
import sys
from tests.wire.test_loops import (
    OK, MockedProviders, account_from, recipes, request, said, upstream
)
names = []
def note(event, arguments):
    if event == "socket.getaddrinfo":
        host = arguments[0]
        names.append(host.decode() if isinstance(host, bytes) else str(host))
accounts = {"ollama": account_from(recipes.read("ollama"))}
with MockedProviders(accounts) as mocks, upstream(lambda _: OK) as server:
    sys.addaudithook(note)
    authority = f"a.localhost:{server.port}"
    connect = f"CONNECT {authority} HTTP/1.1\\r\\n\\r\\n".encode()
    answers = [
        said(mocks.port, request(f"http://{authority}/", authority)),
        said(mocks.port, connect, request("/", authority)),
    ]
    assert [answer.endswith(b"ok") for answer in answers] == [True, True], answers
    assert f"host: {authority}".encode() in server.heads[0].lower()
print(sorted({name for name in names if "localhost" in name}))
"""


def test_no_server_is_asked_for_a_name_of_this_machine() -> None:
    told = subprocess.run(
        [sys.executable, "-c", LOOKED_UP], capture_output=True, text=True, timeout=60, check=True
    )

    assert told.stdout == "['localhost']\n"


@pytest.mark.parametrize("host", ["127.0.0.1:9", "localhost:9", "somewhere.example"])
def test_a_request_in_origin_form_is_not_relayed(mocks: MockedProviders, host: str) -> None:
    answer = said(mocks.port, request("/", host))

    assert answer.startswith(b"HTTP/1.1 403")
    assert f"has no mock for http://{host}/".encode() in answer


def test_a_server_that_is_not_there_leaves_nothing_open(mocks: MockedProviders) -> None:
    with as_many_open_files_after():
        for _ in range(5):
            answer = said(mocks.port, request("http://127.0.0.1:9/", "127.0.0.1:9"))
            assert answer.startswith(b"HTTP/1.1 502")


@pytest.fixture(scope="module")
def impatient(mocked_providers: MockedProviders) -> Iterator[MockedProviders]:
    account = account_from(recipes.read("ollama"))
    with MockedProviders({"ollama": account}, idle_seconds=0.2) as own:
        yield own


class TestASilentClient:
    @pytest.mark.parametrize("sent", [b"", b"C", b"CONNECT a:1 HTTP/1.1\r\n", b"GET / HTTP/1.1"])
    def test_it_is_hung_up_on(self, impatient: MockedProviders, sent: bytes) -> None:
        with (
            as_many_open_files_after(),
            socket.create_connection(("127.0.0.1", impatient.port), 20) as client,
        ):
            client.sendall(sent)
            assert client.recv(1000) == b""

    def test_one_that_waits_for_a_provider_is_not(self, impatient: MockedProviders) -> None:
        from llmdocs.wire.faults import Slow

        impatient.faults.append(Slow(pause=0.5))
        answer = said(impatient.port, request("/api/version", "localhost:11434"))

        assert answer.startswith(b"HTTP/1.1 200")

    def test_one_that_waits_for_a_server_of_its_own_is_not(
        self, impatient: MockedProviders
    ) -> None:
        def slowly(_: bytes) -> bytes:
            time.sleep(1)
            return OK

        with upstream(slowly) as server:
            authority = f"127.0.0.1:{server.port}"
            relayed = said(impatient.port, request(f"http://{authority}/", authority))
            connect = f"CONNECT {authority} HTTP/1.1\r\n\r\n".encode()
            tunnelled = said(impatient.port, connect, request("/", authority))

        assert relayed.endswith(b"ok")
        assert tunnelled.endswith(b"ok")
