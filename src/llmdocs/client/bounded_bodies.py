"""Bodies of answers, decoded piece by piece within bounds, and charsets that can be read."""

from __future__ import annotations

import codecs
import functools
import re
import zlib
from collections.abc import Callable, Iterator

import httpx

# What is read of the body of an error, decoded, in bytes. The rest is never asked for.
LARGEST_ERROR_BODY = 64 * 1024
# How much a decoder may write at once, in bytes: a few kilobytes of gzip can hold gigabytes.
PIECE = 64 * 1024
# The encodings that calls ask for. Those that further packages teach httpx cannot be bounded.
ACCEPTED_ENCODINGS = "gzip, deflate"
# The OpenAI SDK copies an event of a stream anew for each of its lines: a megabyte of short lines
# takes it seconds, and a hundred of them hours. Real events have a line or two.
LONGEST_EVENT = 16_000_000
MOST_LINES = 1_000
BLANK_LINE = re.compile(rb"\n\n|\r\r|\r\n\r\n")
# A backslash before another letter than `u` makes a codec of escapes warn.
PRINTABLE = bytes(sorted({*range(0x20, 0x7F)} - {ord("\\")})) + b"\r\n\\u0041+AEE-"


class TransportError(Exception):
    """What the guard refuses to do."""


class TooLargeError(TransportError):
    """An answer has more than `limit` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"an answer of more than {limit} bytes")
        self.limit = limit


class EndlessEventError(TransportError):
    """An event of a stream has more than `LONGEST_EVENT` bytes or `MOST_LINES` lines."""


class UnknownEncodingError(TransportError):
    """An answer came in a `Content-Encoding` that the call did not ask for."""


class BoundedBody:
    """Decodes a body piece by piece, and counts.

    That of an error ends early, at its bound or where it breaks: the status has said enough.
    """

    def __init__(
        self, encoding: str, limit: int, is_error: bool, events: Events | None = None
    ) -> None:
        self._limit = limit
        self._events = events
        self._left = limit
        # A body of gzip can go on for ever and decode to nothing.
        self._raw_left = 2 * limit
        self.ended = False
        self.forgiven = (httpx.HTTPError, httpx.StreamError, TransportError) if is_error else ()
        self._is_error = is_error
        self._decode = _decoder(encoding)

    def pieces(self, raw: bytes) -> Iterator[bytes]:
        """What a piece of the body decodes to. Raises `TransportError` or `DecodingError`."""
        self._raw_left -= len(raw)
        for piece in self._decode(raw):
            self._left -= len(piece)
            if self._left < 0:
                self._end()
                piece = piece[: self._left]
            if self._events:
                self._events.add(piece)
            yield piece
            if self.ended:
                return
        if self._raw_left < 0:
            self._end()

    def _end(self) -> None:
        self.ended = True
        if not self._is_error:
            raise TooLargeError(self._limit)


def _decoder(encoding: str) -> Callable[[bytes], Iterator[bytes]]:
    """What decodes the pieces of a body, in pieces of `PIECE` bytes at most."""
    if encoding in ("", "identity"):
        return lambda raw: iter((raw,))
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _Inflater().inflate
    return functools.partial(_refuse, encoding)


def _refuse(encoding: str, raw: bytes) -> Iterator[bytes]:
    raise UnknownEncodingError(f"an answer in the encoding {encoding[:40]!r}")


class _Inflater:
    """gzip, and deflate with its header or without, as servers send it."""

    def __init__(self) -> None:
        self._decompressor = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._has_begun = False

    def inflate(self, raw: bytes) -> Iterator[bytes]:
        while True:
            try:
                piece = self._decompressor.decompress(raw, PIECE)
            except zlib.error as error:
                if self._has_begun:
                    raise httpx.DecodingError(str(error)) from error
                self._has_begun = True
                self._decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
                continue
            self._has_begun = True
            raw = self._decompressor.unconsumed_tail
            if piece:
                yield piece
            if len(piece) < PIECE:
                return


class Events:
    """Measures each event of a stream. What stands at the seam of two pieces may count twice."""

    def __init__(self) -> None:
        self._seam = b""
        self._size = 0
        self._lines = 0

    def add(self, piece: bytes) -> None:
        """Raises `EndlessEventError`."""
        text = self._seam + piece
        self._seam = text[-3:]
        first, *others = BLANK_LINE.split(text)
        self._grow(first)
        for part in others:
            self._size = self._lines = 0
            self._grow(part)

    def _grow(self, part: bytes) -> None:
        self._size += len(part)
        self._lines += part.count(b"\n") + part.count(b"\r")
        if self._size > LONGEST_EVENT or self._lines > MOST_LINES:
            raise EndlessEventError("an event of a stream that has no end")


@functools.lru_cache(maxsize=64)
def readable_charset(charset: str | None) -> str:
    """The charset of a text, if it is one that holds ASCII as ASCII does; otherwise UTF-8.

    Python has codecs that raise for any text (`undefined`), that know no error handler (`idna`) or
    that decode to bytes (`hex`).
    """
    if charset:
        try:
            if codecs.lookup(charset).name == "utf-8":
                return "utf-8"
            if PRINTABLE.decode(charset, "replace") == PRINTABLE.decode("ascii"):
                return charset
        except (LookupError, ValueError, TypeError):
            pass
    return "utf-8"
