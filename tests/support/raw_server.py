"""A server that answers the bytes that it is given, whatever they are, on a port of its own."""

from __future__ import annotations

import re
import socketserver
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Self

Answer = Callable[[bytes], Iterable[bytes]]


class RawServer:
    """Answers each request with what `answer` makes of it, in pieces, and hangs up.

    `requests` are the heads and bodies that came; `sent` counts the bytes that clients took.
    """

    def __init__(self, *pieces: bytes) -> None:
        self.answer: Answer = lambda _: pieces
        self.requests: list[bytes] = []
        self.sent = 0
        # How long it waits before it reads each megabyte of a body, in seconds.
        self.pause = 0.0
        server = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                # A client may leave in the middle, and need not say goodbye.
                with suppress(OSError):
                    server.meet(self)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            # A hundred connections may come at once.
            request_queue_size = 128

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def meet(self, handler: Any) -> None:
        request = b""
        while (line := handler.rfile.readline()).strip():
            request += line
        if not request:
            return
        length = re.search(rb"(?i)^content-length: *(\d+)", request, re.MULTILINE)
        request += b"\r\n"
        left = int(length[1]) if length else 0
        while left:
            time.sleep(self.pause)
            piece = handler.rfile.read(min(left, 1_000_000))
            if not piece:
                return
            left -= len(piece)
            request += piece
        self.requests.append(request)
        for piece in self.answer(request):
            handler.wfile.write(piece)
            self.sent += len(piece)


def http(body: bytes, status: int = 200, kind: str = "application/json", **headers: str) -> bytes:
    """An answer with a body; `content_encoding` in `headers` stands for `Content-Encoding`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    # The server hangs up after each answer. A client that is not told may ask again on the
    # connection that is about to go.
    named = {"content-type": kind, "content-length": str(len(body)), "connection": "close", **named}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} Phrase\r\n{head}\r\n".encode("latin-1") + body
