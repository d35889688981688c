"""Whatever an answer holds, a call raises the errors of this package alone, without the key."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmdocs import LLM
from llmdocs.client.litellm_module import IGNORED_WARNINGS
from llmdocs.errors import (
    AuthenticationError,
    LLMDocsError,
    ProviderUnavailableError,
    RateLimitError,
)
from tests.client.test_client import CALLS
from tests.client.test_transport import every_client, settings_at
from tests.redaction.test_secrets import everything_of, holds, spellings
from tests.support.provider_groups import dialect
from tests.support.raw_server import RawServer

# What every spelling changes.
KEY = "Zq7-\"key'\\<&> 0123%41Zq7"
ECHOES = sorted(spellings(KEY))

# What a provider of each dialect answers; any other has OpenAI's.
CHAT = {"role": "assistant", "content": "Hello"}
USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
OPENAI: dict[str, Any] = {
    "complete": {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "any",
        "choices": [{"index": 0, "finish_reason": "stop", "message": CHAT}],
        "usage": USAGE,
        # litellm reads no answer of Groq's without it.
        "service_tier": None,
    },
    "embed": {
        "object": "list",
        "model": "any",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}],
        "usage": USAGE,
    },
    "stream": {
        "id": "1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "any",
        "choices": [{"index": 0, "finish_reason": None, "delta": CHAT}],
    },
}
ANTHROPIC = {
    "complete": {
        "id": "1",
        "type": "message",
        "role": "assistant",
        "model": "any",
        "content": [{"type": "text", "text": "Hello"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    },
    "stream": {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "text_delta", "text": "Hello"},
    },
}
OLLAMA = {
    "complete": {"model": "any", "message": CHAT, "done": True, "done_reason": "stop"},
    "embed": {"model": "any", "embeddings": [[0.5]], "prompt_eval_count": 1},
    "stream": {"model": "any", "message": CHAT, "done": False},
}
GOOD: dict[str, dict[str, Any]] = {"anthropic": ANTHROPIC, "ollama": OLLAMA}


def good(provider: str, call: str) -> dict[str, Any]:
    """An answer to a call, or the piece of a stream that says something."""
    answer: dict[str, Any] = GOOD.get(dialect(provider), OPENAI)[call.removeprefix("a")]
    return answer


def body_of(provider: str, call: str, document: str) -> bytes:
    """A document as the body of an answer to a call."""
    if "stream" not in call:
        return document.encode("utf-8", "surrogatepass")
    if dialect(provider) == "ollama":
        return f"{document}\n".encode("utf-8", "surrogatepass")
    name = "event: content_block_delta\n" if dialect(provider) == "anthropic" else ""
    return f"{name}data: {document}\n\n".encode("utf-8", "surrogatepass")


# Numbers of thousands of digits, lists within lists, lone surrogates, texts that are none.
ODD_JSON = [
    "[" * 20_000,
    '{"error":' * 3_000,
    '{"error": {"message": ' + "[" * 990 + "]" * 990 + "}}",
    '{"error": {"message": "x", "code": ' + "9" * 5_000 + "}}",
    '{"error": {"message": "x", "code": -1e999, "type": [[]]}}',
    '{"error": {"message": "\\ud800\\udfff\\ud800", "code": "\\ud800"}}',
    '{"error": {"message": {"message": 1}, "code": {}}}',
    '{"error": [null], "detail": 5}',
    '{"choices": [{"message": {"content": ' + "[" * 500 + "]" * 500 + "}}]}",
    "NaN",
    "null",
    '""',
    "",
    "\ufeff{}",
    "{'error'",
]
WIDE = ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
odd_leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**30, -(10**30), 1e308, "", "\ud800", "Hello", "9" * 400, *ECHOES]),
    st.text(max_size=5),
)
documents = st.recursive(
    odd_leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["error", "message", "code", "type", "choices", "delta", "usage", "x"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of each value within a document."""
    yield path
    items = [*value.items()] if isinstance(value, dict) else []
    for name, item in [*enumerate(value)] if isinstance(value, list) else items:
        yield from paths_of(item, (*path, name))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A document with another value at a place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


@st.composite
def bodies(draw: st.DrawFn, provider: str, call: str) -> bytes:
    """A right answer with something odd in it, odd JSON, an error that echoes the key, or bytes."""
    right = good(provider, call)
    place = draw(st.sampled_from(list(paths_of(right))))
    echoed = draw(st.sampled_from(ECHOES))
    document = draw(
        st.one_of(
            st.builds(lambda new: json.dumps(replaced(right, place, new)), documents),
            st.sampled_from(ODD_JSON),
            st.just(json.dumps({"error": {"message": f"Key {echoed}.", "code": echoed}})),
            st.just(f'{{"error": {{"message": "{echoed}"'),
            st.just(f"<p>{echoed}</p>"),
        )
    )
    wide = document.encode(draw(st.sampled_from(WIDE)), "replace")
    body = draw(st.sampled_from([body_of(provider, call, document)] * 5 + [wide]))
    return draw(st.one_of(st.just(body), st.just(body), st.binary(max_size=30)))


ODD_HEADERS = {
    "Retry-After": [
        "Wed, 21 Oct 99999 07:28:00 GMT",
        "Wed, 21 Oct 2099 07:28:00 +99999999",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Mon, 01 Jan 0001 00:00:00 +2359",
        "9" * 400,
        "-1",
        "1e999",
        "nan",
        "٣",
        "Wed, 99 Foo",
    ],
    "Date": ["Mon, 01 Jan 0001 00:00:00 +2359", "Wed, 21 Oct 99999 07:28:00 GMT", "x", ""],
    "retry-after-ms": ["1e400", "-5", "soon", "9" * 5000],
    "Content-Type": [
        *(
            f"application/json; charset={name}"
            for name in [
                *("undefined", "idna", "hex", "punycode", "utf-7", "rot13", "bz2", "zip", "x", ""),
                *("utf-16", "cp037", "unicode_escape", "raw_unicode_escape", "a" * 200, "mbcs"),
            ]
        ),
        "text/event-stream",
        'text/html; charset="',
        "application/x-ndjson",
        "x",
        "",
        ";;;=",
    ],
    "Content-Encoding": ["gzip", "br", "zstd", "deflate", "identity", "gzip, gzip", "x", ""],
    "Content-Length": ["0", "5", "99999", "-1", "x"],
    "Transfer-Encoding": ["chunked", "gzip, chunked", "x"],
    "Set-Cookie": ["a=b; Domain=\x80", "=;;;"],
    "Location": ["http://[", "//", "\x80"],
    "x-ratelimit-remaining-tokens": ["", "9" * 5000, "x"],
    "openai-processing-ms": ["x", "9" * 5000],
    "x-request-id": [*(text for text in ECHOES if not {"\r", "\n"} & {*text}), "é", "\x80\xff"],
    "www-authenticate": [f'Bearer realm="{KEY}"'],
}
headers = st.lists(
    st.sampled_from(sorted(ODD_HEADERS)).flatmap(
        lambda name: st.tuples(st.just(name), st.sampled_from(ODD_HEADERS[name]))
    ),
    max_size=3,
)
# The good ones more often: more is made of their bodies.
GOOD_ONES = [200] * 8
OTHERS = [101, 201, 204, 206, 301, 304, 400, 401, 403, 404, 408, 418, 422, 429, 500, 502, 503, 529]
statuses = st.sampled_from([*GOOD_ONES, *OTHERS, 599, 600, 999])
lines = st.one_of(
    statuses.map(lambda status: f"HTTP/1.1 {status} Phrase"),
    statuses.map(lambda status: f"HTTP/1.1 {status} {ECHOES[0]}"),
    statuses.map(lambda status: f"HTTP/1.0 {status}"),
    st.sampled_from(["HTTP/1.1 20 x", "HTTP/9.9 200 OK", "ICY 200 OK", "", "HTTP/1.1 ²00 OK"]),
)


def heads_with(fields: list[tuple[str, str]], line: str) -> bytes:
    # The server hangs up; see `http`.
    named = [*fields, ("Connection", "close")]
    text = "".join(f"{name}: {value}\r\n" for name, value in named)
    return f"{line}\r\n{text}\r\n".encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer() as server:
        yield server


@pytest.fixture
def records() -> Iterator[list[str]]:
    """What is logged from INFO on; at DEBUG litellm logs what providers answer."""
    kept: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(f"{logging.Formatter().format(record)} {record.args!r}")

    keeper = Keeper(logging.INFO)
    loggers = [logging.getLogger(name) for name in ("", "LiteLLM")]
    for logger in loggers:
        logger.addHandler(keeper)
    yield kept
    for logger in loggers:
        logger.removeHandler(keeper)


EXAMPLES = 8


@every_client
@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_is_answered_only_our_errors_come_of_it_and_never_the_key(
    server: RawServer, records: list[str], provider: str, call: str, data: st.DataObject
) -> None:
    fields = data.draw(headers, label="headers")
    if not any(name == "Content-Type" for name, _ in fields):
        fields.append(("Content-Type", "application/json"))
    line = data.draw(lines, label="status line")
    body = data.draw(bodies(provider, call), label="body")
    server.answer = lambda _: [heads_with(fields, line) + body]
    records.clear()
    llm = LLM(settings_at(server.url, provider, api_key=KEY, num_retries=1), sleep=lambda _: None)
    failure: LLMDocsError | None = None
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for message in IGNORED_WARNINGS:
            warnings.filterwarnings("ignore", message=message)
        try:
            CALLS[call](llm)
        except LLMDocsError as error:
            failure = error
    records += [str(warning.message) for warning in warned]
    assert failure is None or not holds(everything_of(failure), KEY)
    assert len(str(failure)) < 2_500
    assert not holds("\n".join(records), KEY)


@every_client
@settings(
    max_examples=3,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_an_error_keeps_its_class_by_status_whatever_its_body_and_headers_are(
    server: RawServer, provider: str, call: str, data: st.DataObject
) -> None:
    harmless = headers.filter(
        lambda found: not {"Content-Length", "Transfer-Encoding"} & {name for name, _ in found}
    )
    fields = data.draw(harmless, label="headers")
    status, kind = data.draw(
        st.sampled_from([(503, ProviderUnavailableError), (429, RateLimitError)])
    )
    body = data.draw(bodies(provider, call), label="body")
    server.answer = lambda _: [heads_with(fields, f"HTTP/1.1 {status} Phrase") + body]
    waits: list[float] = []
    llm = LLM(settings_at(server.url, provider, api_key=KEY, num_retries=1), sleep=waits.append)
    with pytest.raises(kind) as caught:
        CALLS[call](llm)

    assert caught.value.status == status
    assert len(waits) == 1


@every_client
@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("says_so", [True, False])
def test_an_error_in_an_encoding_of_wide_letters_is_read_and_never_shows_the_key(
    server: RawServer, provider: str, call: str, encoding: str, says_so: bool
) -> None:
    said = f"Use a key of yours, not {KEY} ({' '.join(ECHOES)})."
    kind = "application/json" + (f"; charset={encoding}" if says_so else "")
    body = json.dumps({"error": {"message": said, "code": KEY}}).encode(encoding)
    server.answer = lambda _: [heads_with([("Content-Type", kind)], "HTTP/1.1 401 No") + body]
    llm = LLM(settings_at(server.url, provider, api_key=KEY, num_retries=0))
    with pytest.raises(AuthenticationError, match="Use a key of yours") as caught:
        CALLS[call](llm)

    assert not holds(everything_of(caught.value), KEY)


@every_client
def test_no_message_holds_what_a_terminal_acts_on(
    server: RawServer, provider: str, call: str
) -> None:
    said = "\x1b]0;Renamed\x07\x1b[2JWrong\x9b31m key\x7f"
    body = json.dumps({"error": {"message": said}}, ensure_ascii=False).encode()
    server.answer = lambda _: [heads_with([], "HTTP/1.1 401 No") + body]
    with pytest.raises(AuthenticationError, match="Wrong31m key") as caught:
        CALLS[call](LLM(settings_at(server.url, provider, num_retries=0)))

    assert str(caught.value).isprintable()
    assert str(caught.value.__cause__).replace("\n", "").isprintable()


CHARSETS = [kind for kind in ODD_HEADERS["Content-Type"] if "charset=" in kind and ";" in kind]
# litellm's async calls take headers in ASCII alone: an answer with others is one error.
HARMLESS = {
    name: [value for value in values if value.isascii()]
    for name, values in ODD_HEADERS.items()
    if name not in {"Content-Type", "Content-Encoding", "Content-Length", "Transfer-Encoding"}
}


@every_client
@settings(max_examples=3, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_right_answer_passes_whatever_its_headers_say(
    server: RawServer, provider: str, call: str, data: st.DataObject
) -> None:
    names = st.lists(st.sampled_from(sorted(HARMLESS)), max_size=3, unique=True)
    fields = [(name, data.draw(st.sampled_from(HARMLESS[name]))) for name in data.draw(names)]
    charset = data.draw(st.sampled_from(CHARSETS)).partition(";")[2]
    kind = "text/event-stream" if "stream" in call else "application/json"
    fields.append(("Content-Type", f"{kind};{charset}"))
    body = body_of(provider, call, json.dumps(good(provider, call)))
    server.answer = lambda _: [heads_with(fields, "HTTP/1.1 200 OK") + body]

    assert CALLS[call](LLM(settings_at(server.url, provider)))
