"""The mocks' log: every character of it printable, no address with what may be a secret, no key."""

from __future__ import annotations

import json
import logging

from starlette.requests import Request

from llmdocs.redaction.secrets import without_secrets

log = logging.getLogger("llmdocs.wire")


def printable(text: str) -> str:
    """A text with an escape for what moves the cursor of a terminal, or turns the text around."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def place(request: Request) -> str:
    """Where a request was sent: scheme, host, port and path, and `***` for the rest."""
    url = request.url
    user, at, host = url.netloc.rpartition("@")
    return f"{url.scheme}://{'***' * bool(user)}{at}{host}{url.path}{'?***' * bool(url.query)}"


class JsonLines(logging.Formatter):
    """Each record as one line of JSON: a request's fields, or `message`."""

    def format(self, record: logging.LogRecord) -> str:
        document = getattr(record, "fields", None) or {"message": record.getMessage()}
        if record.exc_info:
            document = {**document, "traceback": self.formatException(record.exc_info)}
        return json.dumps(document)


class _Printable(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = printable(without_secrets(record.getMessage())), ()
        return True


log.addFilter(_Printable())
