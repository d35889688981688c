"""What a call does on the wire: it follows no redirect, and reads no more than it may."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import httpx2
import pytest
import requests

from llmdocs import LLM, Settings, recipes
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.client.bounded_bodies import LARGEST_ERROR_BODY, MOST_LINES
from llmdocs.client.litellm_module import litellm
from llmdocs.client.transport import OtherClientError, StrangeHostError, calling
from llmdocs.doctor.calls import notes
from llmdocs.errors import (
    ConnectionFailedError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RedirectError,
    RequestError,
    ResponseError,
)
from llmdocs.wire.server import MockedProviders
from tests.client.test_client import CALLS, EMBEDDINGS
from tests.support.provider_groups import (
    CHATS_OF_OPENAIS_SDK,
    EVERY,
    OF_EACH_CLIENT,
    OF_OPENAIS_SDK,
)
from tests.support.raw_server import RawServer, http

REDIRECTS = (301, 302, 303, 307, 308)
KEY = "sk-transport-0123456789"


def calls_of(providers: Iterable[str]) -> pytest.MarkDecorator:
    cases = [
        (provider, call)
        for provider, call in itertools.product(providers, CALLS)
        if CATALOGUE[provider].embedding_prefix or call not in EMBEDDINGS
    ]
    return pytest.mark.parametrize(("provider", "call"), cases)


every_case = calls_of(EVERY)
every_client = calls_of(OF_EACH_CLIENT)


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer() as server:
        yield server


@pytest.fixture
def elsewhere() -> Iterator[RawServer]:
    """Another origin, which would answer anything."""
    with RawServer(http(b"{}")) as server:
        yield server


def settings_at(url: str, provider: str, **changes: Any) -> Settings:
    """The recipe of a provider, whose server is at `url`; embeddings are named as well."""
    values = {
        name.removeprefix("LLM_").lower(): value for name, value in recipes.read(provider).items()
    }
    prefix = CATALOGUE[provider].embedding_prefix
    if prefix and prefix != "azure":
        values.setdefault("embedding_model", f"{prefix}/any")
    base = recipes.mock_variables(provider, url)["LLM_BASE_URL"]
    return Settings(**{**values, "base_url": base, "api_key": KEY, "num_retries": 3, **changes})


def error_of(call: str, settings: Settings, **options: Any) -> Any:
    """What a call raises; a wait before a retry would fail the test."""
    try:
        CALLS[call](LLM(settings))
    except Exception as error:
        return error
    raise AssertionError("there was no error")


def always(answer: bytes) -> Callable[[bytes], list[bytes]]:
    return lambda _: [answer]


@pytest.mark.parametrize("provider", EVERY)
def test_the_client_that_sends_is_that_of_the_providers_group(
    server: RawServer, provider: str
) -> None:
    """A provider with another answer belongs into `CHATS_OF_OPENAIS_SDK`, or out of it."""
    server.answer = lambda _: [http(b"{}", 400)]
    error_of("complete", settings_at(server.url, provider))

    (sent,) = server.requests
    assert (b"x-stainless-lang: python" in sent.lower()) is (provider in CHATS_OF_OPENAIS_SDK)


# Redirects


@every_case
def test_no_call_follows_a_redirect_to_another_origin(
    server: RawServer, elsewhere: RawServer, provider: str, call: str
) -> None:
    place = f"{elsewhere.url}/v1/chat/completions"
    for number, status in enumerate(REDIRECTS, 1):
        server.answer = always(http(b"", status, location=place))
        error = error_of(call, settings_at(server.url, provider))

        assert type(error) is RedirectError
        assert (error.status, error.location) == (status, place)
        assert place in str(error)
        assert elsewhere.requests == []
        # Nothing is tried again.
        assert len(server.requests) == number


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("/v2/chat", "{url}/v2/chat"),
        ("https://127.0.0.1:1/v1", "https://127.0.0.1:1/v1"),
        ("//other.example/v1", "http://other.example/v1"),
        ("http://me:pass@other.example:8443/v1?api-key=token#x", "http://***@other.example:8443/v1?api-key=***#***"),
        (f"http://other.example/{KEY}", "http://other.example/[LLM_API_KEY]"),
        ("http://[::1]:9/v1", "http://[::1]:9/v1"),
        ("http://other.example/a%0Ab\t", "http://other.example/a%0Ab"),
        ("http://other.example:port/v1", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_redirect_names_where_it_points_without_secrets(
    server: RawServer, call: str, location: str, shown: str | None
) -> None:
    server.answer = lambda _: [http(b"", 307, location=location)]
    error = error_of(call, settings_at(server.url, "openai"))

    assert type(error) is RedirectError
    assert error.location == (shown and shown.format(url=server.url))
    assert not {"pass", "token", KEY} & set(str(error).replace("@", " ").replace("=", " ").split())
    assert len(server.requests) == 1


@every_client
def test_a_3xx_that_points_nowhere_is_one_error_as_well(
    server: RawServer, provider: str, call: str
) -> None:
    for number, status in enumerate((300, 302, 304, 305, 399), 1):
        server.answer = always(http(b"", status))
        error = error_of(call, settings_at(server.url, provider))

        assert type(error) is RedirectError
        assert (error.status, error.location) == (status, None)
        assert len(server.requests) == number


def test_a_program_s_own_requests_follow_redirects_as_they_did(
    server: RawServer, elsewhere: RawServer
) -> None:
    server.answer = lambda _: [http(b"", 302, location=elsewhere.url)]
    error_of("complete", settings_at(server.url, "openai"))
    answer = httpx.get(server.url, follow_redirects=True)

    assert answer.status_code == 200
    assert len(elsewhere.requests) == 1


# Bounds


MEGABYTE = 1_000_000
CHAT = b'{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"%s"}}]}'


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "identity": lambda data: data,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
}
every_encoding = pytest.mark.parametrize("encoding", PACKED)
every_chat_call = pytest.mark.parametrize("call", ["complete", "acomplete"])


@every_encoding
@every_chat_call
def test_an_answer_within_the_bound_is_read_in_any_encoding_that_calls_ask_for(
    server: RawServer, encoding: str, call: str
) -> None:
    said = b"word " * 40_000
    server.answer = lambda _: [http(PACKED[encoding](CHAT % said), content_encoding=encoding)]
    answer = CALLS[call](LLM(settings_at(server.url, "openai", max_response_size=0.3)))

    assert answer.choices[0].message.content == said.decode()
    assert b"accept-encoding: gzip, deflate\r\n" in server.requests[0].lower()


@every_encoding
@every_client
def test_an_answer_beyond_the_bound_is_an_error_that_names_the_variable(
    server: RawServer, provider: str, call: str, encoding: str
) -> None:
    body = PACKED[encoding](CHAT % (b"a" * MEGABYTE))
    server.answer = lambda _: [http(body, content_encoding=encoding)]
    error = error_of(call, settings_at(server.url, provider, max_response_size=0.3))

    assert type(error) is ResponseError
    assert "larger than 0.3 MB; raise LLM_MAX_RESPONSE_SIZE" in str(error)
    assert len(server.requests) == 1


@every_client
def test_a_small_answer_that_decodes_to_a_huge_one_takes_no_memory(
    server: RawServer, provider: str, call: str
) -> None:
    """200 kB hold 200 MB: a decoder would write them in a few steps."""
    body = HUGE
    server.answer = lambda _: [http(body, content_encoding="gzip")]
    settings = settings_at(server.url, provider, max_response_size=1)
    error_of(call, settings)
    tracemalloc.start()
    error_of(call, settings)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 20 * MEGABYTE


HUGE = gzip.compress(b"a" * (200 * MEGABYTE), 9)


@pytest.mark.parametrize("call", ["stream", "astream"])
@pytest.mark.parametrize(
    ("line", "end"), [(b"data: " + b"a" * 1000 + b"\n\n", b""), (b"a" * 1000, b"")]
)
@pytest.mark.parametrize("provider", OF_EACH_CLIENT)
def test_a_stream_without_end_is_left_at_the_bound_whether_its_lines_end_or_not(
    server: RawServer, provider: str, call: str, line: bytes, end: bytes
) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
    server.answer = lambda _: itertools.chain([head], itertools.repeat(line))
    error = error_of(call, settings_at(server.url, provider, max_response_size=0.2))

    assert type(error) is ResponseError
    assert len(server.requests) == 1


@pytest.mark.parametrize("call", ["stream", "astream"])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("provider", CHATS_OF_OPENAIS_SDK)
def test_an_event_of_many_lines_is_left_before_it_takes_hours(
    server: RawServer, provider: str, call: str, ending: bytes
) -> None:
    """Within the bound of an answer the OpenAI SDK would copy it again for each line."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n"
    lines = (b"a" + ending) * 10_000
    server.answer = lambda _: itertools.chain([head], itertools.repeat(lines, 100))
    error = error_of(call, settings_at(server.url, provider))

    assert type(error) is ResponseError
    assert "sent a stream with an endless event" in str(error)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 50, 100_000])
def test_a_stream_of_many_events_is_read_however_it_is_cut_and_its_lines_end(
    server: RawServer, ending: bytes, size: int
) -> None:
    chunk = {"choices": [{"index": 0, "delta": {"content": "a"}}]}
    event = b"event: x" + ending + b"data: " + json.dumps(chunk).encode() + ending * 2
    body = event * (60 if size < 50 else MOST_LINES)
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    server.answer = lambda _: [head, *pieces]
    chunks = CALLS["stream"](LLM(settings_at(server.url, "openai")))

    assert sum(len(chunk.choices[0].delta.content or "") for chunk in chunks) == body.count(b"data")


@every_client
def test_of_the_body_of_an_error_64_kb_are_read_and_2000_characters_are_shown(
    server: RawServer, provider: str, call: str
) -> None:
    head = b"HTTP/1.1 400 Bad\r\ncontent-type: text/plain\r\n\r\n"
    # Without the bound it would be read for ever.
    server.answer = lambda _: itertools.chain([head], itertools.repeat(b"word " * 1000))
    error = error_of(call, settings_at(server.url, provider))

    assert type(error) is RequestError
    assert error.status == 400
    assert error.provider_message == ("word " * 400) + "…"
    assert len(str(error)) < 2300
    assert len(str(error.__cause__)) < 2300
    assert server.sent > LARGEST_ERROR_BODY


@every_client
def test_an_error_whose_body_cannot_be_read_is_retried_by_its_status(
    server: RawServer, provider: str, call: str
) -> None:
    server.answer = lambda _: [
        http(b"no gzip", 503, content_encoding="gzip"),
    ]
    settings = settings_at(server.url, provider, num_retries=1)
    waits: list[float] = []
    with pytest.raises(ProviderUnavailableError) as caught:
        CALLS[call](LLM(settings, sleep=waits.append))

    assert caught.value.status == 503
    assert len(waits) == 1


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
@every_chat_call
def test_an_answer_in_an_encoding_that_was_not_asked_for_is_not_decoded(
    server: RawServer, encoding: str, call: str
) -> None:
    server.answer = lambda _: [http(CHAT % b"Hello", content_encoding=encoding)]
    error = error_of(call, settings_at(server.url, "openai"))

    assert type(error) is ResponseError
    assert "Content-Encoding" in str(error)


def test_a_body_that_decodes_to_nothing_without_end_is_left(server: RawServer) -> None:
    compressor = zlib.compressobj(wbits=31)
    head = http(
        compressor.compress(b"") + compressor.flush(zlib.Z_SYNC_FLUSH), content_encoding="gzip"
    )
    head = head.replace(b"content-length", b"x-length")
    # Empty blocks, which hold nothing.
    server.answer = lambda _: itertools.chain([head], itertools.repeat(b"\0\0\0\xff\xff" * 2000))
    error = error_of("complete", settings_at(server.url, "openai", max_response_size=0.1))

    assert type(error) is ResponseError
    assert "LLM_MAX_RESPONSE_SIZE" in str(error)


# Hosts


def test_a_request_to_a_strange_host_is_not_sent(server: RawServer) -> None:
    with (
        calling(timeout=5, max_size=1000, origins=["https://api.example", "http://*.example:81"]),
        httpx.Client() as client,
    ):
        for address in (
            server.url,
            "http://api.example",
            "https://api.example:444",
            "https://other.example",
            "http://example:81",
            "https://api.example.evil.example",
        ):
            with pytest.raises(StrangeHostError):
                client.get(address)

    assert server.requests == []


def test_a_request_to_a_known_host_is_sent(server: RawServer) -> None:
    server.answer = lambda _: [http(b"{}")]
    port = server.url.rpartition(":")[2]
    for origin in (server.url, server.url + "/v1", f"HTTP://127.0.0.*:{port}"):
        with calling(timeout=5, max_size=1000, origins=[origin]):
            assert httpx.get(server.url).json() == {}
            assert asyncio.run(_get(server.url)).json() == {}


async def _get(address: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(address)


@pytest.mark.parametrize("prefix", CATALOGUE["ollama"].prefixes)
def test_a_call_to_ollama_elsewhere_asks_nothing_of_the_one_on_this_machine(
    wire: MockedProviders, server: RawServer, prefix: str
) -> None:
    """litellm would ask for the model's details at localhost, some of it after the answer."""
    name = f"a-model-of-{prefix}"
    answer = {"model": name, "message": {"role": "assistant", "content": "Hello"}, "done": True}
    answer |= {"response": "Hello", "embeddings": [[0.5]]}
    server.answer = lambda _: [http(json.dumps(answer).encode() + b"\n")]
    llm = LLM(
        settings_at(
            server.url,
            "ollama",
            model=f"{prefix}/{name}",
            embedding_model=f"ollama/{name}-embed",
        )
    )
    for call in CALLS.values():
        with suppress(ResponseError):
            call(llm)
    # It asks from a thread of its own.
    time.sleep(0.3)

    assert wire.requests == []
    assert [request.split()[1] for request in server.requests if b"/api/show" in request] == []
    assert len(server.requests) == len(CALLS)


@pytest.mark.parametrize(
    "answer",
    [
        b"[" * 50_000,
        b'{"models": [{"name": "llama3.2", "context_length": "[LLM] text"}]}',
        b'{"models": {"llama3.2": 5}}',
        b'{"models": [[]]}',
        b"[]",
        b"null",
        gzip.compress(b"a" * MEGABYTE),
    ],
    ids=["nested", "no number", "no list", "no objects", "a list", "null", "gzip"],
)
def test_what_the_doctor_asks_ollama_beside_its_calls_may_be_answered_by_anything(
    server: RawServer, answer: bytes
) -> None:
    encoding = "gzip" if answer.startswith(b"\x1f\x8b") else "identity"
    server.answer = lambda _: [http(answer, content_encoding=encoding)]

    assert list(notes(settings_at(server.url, "ollama", max_response_size=0.3), 5)) == []
    assert [request.split()[1] for request in server.requests] == [b"/ollama/api/ps"]


def test_what_the_doctor_asks_ollama_beside_its_calls_waits_no_longer_than_they(
    server: RawServer,
) -> None:
    patience = threading.Event()

    def answer(_: bytes) -> Iterator[bytes]:
        patience.wait()
        yield b""

    server.answer = answer
    start = time.monotonic()
    try:
        assert list(notes(settings_at(server.url, "ollama", timeout=60), 0.3)) == []
    finally:
        patience.set()

    assert time.monotonic() - start < 30


def test_what_the_doctor_asks_ollama_follows_no_redirect(
    server: RawServer, elsewhere: RawServer
) -> None:
    server.answer = lambda _: [http(b"", 302, location=elsewhere.url)]

    assert list(notes(settings_at(server.url, "ollama"), 5)) == []
    assert elsewhere.requests == []


# Silences


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
# What a server can send for ever without sending anything of an answer.
NOTHING = {
    "heads of 1xx": (b"", b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"),
    "empty lines": (b"", b"\r\n"),
    "a chunk's extension": (HEAD + b"1;", b"extension=value;"),
    "a chunk's size": (HEAD, b"0"),
}


@pytest.mark.parametrize("nothing", NOTHING)
@every_client
def test_a_server_that_sends_anything_but_an_answer_is_silent(
    server: RawServer, provider: str, call: str, nothing: str
) -> None:
    begin, more = NOTHING[nothing]
    patience = threading.Event()

    def answer(_: bytes) -> Iterator[bytes]:
        yield begin
        # Slowly, so that no bound of a parser's ends it.
        while not patience.wait(0.02):
            yield more

    server.answer = answer
    try:
        error = error_of(call, settings_at(server.url, provider, num_retries=0, timeout=0.15))
    finally:
        patience.set()

    # The sync client's parser refuses an empty line at once.
    assert type(error) in (ProviderTimeoutError, ResponseError, ConnectionFailedError)
    # On a busy machine the time may be up before the server has read the request.
    assert len(server.requests) <= 1


@every_chat_call
def test_a_slow_answer_whose_pieces_come_in_time_is_read_whole(
    server: RawServer, call: str
) -> None:
    body = CHAT % b"Hello"

    def answer(_: bytes) -> Iterator[bytes]:
        yield http(body)[: -len(body)]
        step = len(body) // 12
        for start in range(0, len(body), step):
            time.sleep(0.25)
            yield body[start : start + step]

    server.answer = answer
    # Less than the whole takes, and far more than a pause.
    settings = settings_at(server.url, "openai", timeout=2.5)

    assert CALLS[call](LLM(settings)).choices[0].message.content == "Hello"


@every_chat_call
def test_a_request_may_take_longer_to_send_than_a_silence(server: RawServer, call: str) -> None:
    # What is in the system's buffers once all is sent takes a part of the silence.
    server.pause = 0.1
    server.answer = always(http(CHAT % b"Hello"))
    llm = LLM(settings_at(server.url, "openai", timeout=2.5))
    # litellm counts the words of a message, which takes as long again.
    long: Any = {"extra_body": {"padding": "a" * 35 * MEGABYTE}}

    answer = {
        "complete": lambda: llm.complete("Hi", **long),
        "acomplete": lambda: asyncio.run(llm.acomplete("Hi", **long)),
    }[call]()
    assert answer.choices[0].message.content == "Hello"


# Other clients


@pytest.mark.parametrize("call", ["acomplete", "astream"])
def test_a_call_that_aiohttp_alone_would_send_is_not_sent(server: RawServer, call: str) -> None:
    settings = settings_at(server.url, "openai", model="aiohttp_openai/any")
    error = error_of(call, settings)

    assert type(error) is RequestError
    assert "use another HTTP client than httpx" in str(error)
    assert server.requests == []


@pytest.mark.parametrize("call", CALLS)
def test_a_sign_in_by_another_client_is_not_sent(
    server: RawServer, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """litellm would post them to the address, and follow its redirect."""
    monkeypatch.setenv("DATABRICKS_CLIENT_ID", "an-id")
    monkeypatch.setenv("DATABRICKS_CLIENT_SECRET", "a-secret-of-databricks")
    models = {"model": "databricks/any", "embedding_model": "databricks/any"}
    error = error_of(call, settings_at(server.url, "openai", **models))

    assert type(error) is RequestError
    assert "remove the credentials that litellm uses besides LLM_API_KEY" in str(error)
    assert server.requests == []


def test_a_copy_of_httpx_is_another_client(server: RawServer) -> None:
    """The OpenAI SDK takes its clients."""
    server.answer = always(http(b"{}"))
    with calling(timeout=5, max_size=1000), pytest.raises(OtherClientError):
        httpx2.get(server.url)
    assert server.requests == []
    assert httpx2.get(server.url).json() == {}


def test_a_program_s_own_requests_by_other_clients_are_sent(server: RawServer) -> None:
    server.answer = always(http(b"{}"))
    error_of("complete", settings_at(server.url, "openai"))
    requests.get(server.url, timeout=5).raise_for_status()
    asyncio.run(_get_by_aiohttp(server.url))

    assert len(server.requests) == 3


async def _get_by_aiohttp(address: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        response.raise_for_status()


@pytest.fixture
def new_clients() -> Iterator[None]:
    """litellm keeps the clients that it made, with what the environment said then."""
    litellm().in_memory_llm_clients_cache.flush_cache()
    yield
    litellm().in_memory_llm_clients_cache.flush_cache()


@every_case
def test_no_call_sends_a_password_of_netrc(
    server: RawServer,
    new_clients: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    provider: str,
    call: str,
) -> None:
    """litellm's sessions of aiohttp read the file with AIOHTTP_TRUST_ENV."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password of-netrc\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(litellm(), "aiohttp_trust_env", True)
    server.answer = always(http(b"{}"))
    with suppress(ResponseError):
        CALLS[call](LLM(settings_at(server.url, provider)))

    assert len(server.requests) == 1
    assert b"basic " not in server.requests[0].lower()
    assert b"of-netrc" not in server.requests[0]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "header",
    ["Authorization: Bearer of-someone-else", "AUTHORIZATION: of-someone-else", "X-Team: a"],
)
@pytest.mark.parametrize("provider", OF_OPENAIS_SDK)
def test_a_header_of_the_sdk_s_own_variable_is_not_sent(
    server: RawServer,
    new_clients: None,
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
    header: str,
    call: str,
) -> None:
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"X-Other: b\n{header}")
    error = error_of(call, settings_at(server.url, provider))

    assert type(error) is RequestError
    assert "a header of OPENAI_CUSTOM_HEADERS" in str(error)
    assert "of-someone-else" not in str(error)
    assert server.requests == []
