"""What the mocks keep and log of requests: nothing that is long, secret or moves a terminal."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator

import pytest

from llmdocs import recipes
from llmdocs.wire.accounts import account_from
from llmdocs.wire.faults import ErrorAnswer, Slow
from llmdocs.wire.router import MOST_BYTES
from llmdocs.wire.server import MockedProviders
from tests.wire.test_loops import OK, as_many_open_files_after, request, said, upstream

SECRET = "Zq7-a-secret-Zq7"
ESCAPES = "\x1b[2J", "\x9b31m", "\u202e", "\r", "\x07"
# Targets of a request with what a log is not to show, each to another part of the mocks.
TARGETS = {
    "a provider's": ("/openai/v1/models?key={secret}", "{own}"),
    "no path of a provider's": ("/openai/%1b[31m%9b%0d%0a%c2%9b?key={secret}", "{own}"),
    "no provider's": ("/%1b[31m%e2%80%ae?key={secret}", "nowhere.example"),
    "a server's that is not there": ("http://127.0.0.1:9/%1b[31m?key={secret}", "127.0.0.1:9"),
    "one with a user": (
        "http://me:{secret}@nowhere.example/%1b[31m",
        "me:{secret}@nowhere.example",
    ),
    "the mock's own": ("/%1b[31m/nothing?key={secret}", "{own}"),
    "a key's": ("/sk-ant-api03-aB3dE6gH9jK2mN5pQ8sT1vW4/x", "nowhere.example"),
    "ollama's": ("/api/%1b[31m?key={secret}", "localhost:11434"),
}


@pytest.fixture(scope="module")
def mocks(mocked_providers: MockedProviders) -> Iterator[MockedProviders]:
    """Mocks such as the command's, which keep no requests, and hang up on who is silent."""
    accounts = {name: account_from(recipes.read(name)) for name in ("openai", "ollama")}
    with MockedProviders(accounts, keep_requests=False, idle_seconds=0.3) as own:
        yield own


@pytest.mark.parametrize("faulty", [False, True])
@pytest.mark.parametrize("place", TARGETS)
def test_the_log_is_printable_and_has_no_query(
    mocks: MockedProviders, caplog: pytest.LogCaptureFixture, place: str, faulty: bool
) -> None:
    own = f"127.0.0.1:{mocks.port}"
    target, host = (text.format(secret=SECRET, own=own) for text in TARGETS[place])
    mocks.faults[:] = [ErrorAnswer(429)] * faulty
    with caplog.at_level(logging.DEBUG, "llmdocs.wire"):
        said(mocks.port, request(target, host))
    mocks.faults.clear()

    logged = [record.getMessage() for record in caplog.records if record.name == "llmdocs.wire"]
    # What is wrong with those is told in the answer alone.
    assert logged or place in ("a server's that is not there", "one with a user")
    assert [text for text in logged if not text.isprintable() or SECRET in text] == []
    assert "sk-ant" not in " ".join(logged)


@pytest.mark.parametrize("escape", ESCAPES)
def test_the_log_shows_what_moves_a_terminal_as_an_escape(
    caplog: pytest.LogCaptureFixture, escape: str
) -> None:
    logging.getLogger("llmdocs.wire").warning("%s", f"a{escape}b")

    said_there = caplog.records[-1].getMessage()
    assert said_there.isprintable()
    assert said_there.startswith("a\\")


def test_no_request_is_kept(mocks: MockedProviders) -> None:
    said(mocks.port, request("/openai/v1/models", f"127.0.0.1:{mocks.port}"))

    assert mocks.requests == []


@pytest.mark.parametrize("host", ["{own}", "localhost:11434", "nowhere.example"])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_that_is_too_large_is_refused(
    mocks: MockedProviders, host: str, is_chunked: bool
) -> None:
    size = MOST_BYTES + 1
    field = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {size}"
    named = host.format(own=f"127.0.0.1:{mocks.port}")
    path = "/openai/v1/embeddings" if named != host else "/v1/embeddings"
    head = f"POST {path} HTTP/1.1\r\nHost: {named}\r\n{field}\r\nConnection: close\r\n\r\n"
    body = f"{size:x}\r\n".encode() if is_chunked else b""
    body += b" " * size + (b"\r\n0\r\n\r\n" if is_chunked else b"")
    with as_many_open_files_after():
        answer = said(mocks.port, head.encode() + body)

    assert answer.startswith(b"HTTP/1.1 413")


def test_a_body_of_the_largest_size_is_read(mocks: MockedProviders) -> None:
    head = (
        f"POST /openai/v1/embeddings HTTP/1.1\r\nHost: 127.0.0.1:{mocks.port}\r\n"
        f"Content-Length: {MOST_BYTES}\r\nConnection: close\r\n\r\n"
    )
    answer = said(mocks.port, head.encode() + b" " * MOST_BYTES)

    assert answer.startswith(b"HTTP/1.1 401")


def test_a_client_that_dribbles_its_body_is_answered(mocks: MockedProviders) -> None:
    head = "POST /api/show HTTP/1.1\r\nHost: localhost:11434\r\nContent-Length: 20\r\n"
    with socket.create_connection(("127.0.0.1", mocks.port), 20) as client:
        client.sendall(f"{head}Connection: close\r\n\r\n".encode())
        for _ in range(20):
            time.sleep(0.05)
            client.sendall(b" ")
        answer = client.recv(65536)

    assert answer.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("way", ["asked", "relayed", "tunnelled"])
def test_a_client_that_goes_away_harms_no_other(mocks: MockedProviders, way: str) -> None:
    def slowly(_: bytes) -> bytes:
        time.sleep(0.3)
        return OK

    with as_many_open_files_after(), upstream(slowly) as server:
        authority = f"127.0.0.1:{server.port}"
        sent = {
            "asked": request("/api/version", "localhost:11434"),
            "relayed": request(f"http://{authority}/", authority),
            "tunnelled": f"CONNECT {authority} HTTP/1.1\r\n\r\n".encode(),
        }
        mocks.faults[:] = [Slow(pause=0.3)] if way == "asked" else []
        with socket.create_connection(("127.0.0.1", mocks.port), 20) as client:
            client.sendall(sent[way])
            if way == "tunnelled":
                client.recv(1000)
                client.sendall(request("/", authority))
            time.sleep(0.05)
        again = said(mocks.port, request(f"http://{authority}/", authority))
        mocks.faults.clear()

    assert again.endswith(b"ok")
