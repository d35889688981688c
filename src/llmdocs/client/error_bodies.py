"""Bodies of errors: their codes and their words, in whatever form a provider writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

# What litellm calls the JSON in which it looks for an error: of an answer, of a stream's piece.
DOCUMENTS = ("response_object", "chunk")


def error_in_answer_of(error: BaseException) -> str:
    """What the provider says in the error body of an answer with a status of success, if this is
    what `error` is about.

    The OpenAI SDK keeps the body of an error in a stream. litellm's exceptions lose the words; the
    functions that raise them have them still.
    """
    bodies = [getattr(error, "body", None)]
    for frame, _ in walk_tb(error.__traceback__):
        documents = (frame.f_locals.get(name) for name in DOCUMENTS)
        bodies += [item.get("error") for item in documents if isinstance(item, Mapping)]
    return next(filter(None, map(_message_in, bodies)), "")


def error_in_body(response: httpx.Response | None) -> str:
    """What a body's `error` says, of which litellm expected something else first: Groq's tier."""
    try:
        document = json.loads(text_of(response)) if response is not None else None
    except (ValueError, RecursionError):
        return ""
    return _message_in(document.get("error")) if isinstance(document, dict) else ""


def text_of(response: httpx.Response) -> str:
    """The body of a response; nothing where it was not read, or cannot be."""
    import httpx

    try:
        # What the headers say of UTF-16 is left out of account, as it is often wrong.
        encoding = json.detect_encoding(response.content)
        return response.text if encoding.startswith("utf-8") else response.content.decode(encoding)
    except (httpx.StreamError, LookupError, ValueError):
        return ""


def _error_object(body: str) -> Any:
    """The error of a JSON body: an object or a text, or the whole body where none is named."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        # Numbers of thousands of digits, and lists within lists without end, are in no real error.
        return None
    return document.get("error", document) if isinstance(document, dict) else None


def error_codes(body: str) -> list[str]:
    """The `code` and the `type` of an error body, those that it has."""
    error = _error_object(body)
    if not isinstance(error, Mapping):
        return []
    codes = (error.get(name) for name in ("code", "type"))
    return [str(code) for code in codes if code and isinstance(code, str | int)]


def error_message(body: str) -> str:
    """The message of an error body, in the form of OpenAI, Azure, Ollama or FastAPI, or nothing."""
    return _message_in(_error_object(body))


def _message_in(error: Any) -> str:
    if isinstance(error, Mapping):
        error = error.get("message") or error.get("detail")
    return error if isinstance(error, str) else ""
