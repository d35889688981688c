"""What servers that copy OpenAI's API share: its answers, and fewer checks than OpenAI makes."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse, Response

from llmdocs.wire.accounts import Account, Model, Operation
from llmdocs.wire.openai import chunks, completion, embeddings, event_stream, reply_to
from llmdocs.wire.openai_chat_requests import CHAT_PARAMETERS, check_chat
from llmdocs.wire.openai_requests import EMBEDDING_PARAMETERS, Body


def chat(model: str, body: Body) -> Response:
    """A chat completion, or its chunks. Raises OpenAI's `Refusal` of a body without a meaning."""
    checked = _with_openais_parameters(body)
    check_chat(checked, model)
    reply = reply_to(model, checked)
    if body.get("stream"):
        return event_stream(chunks(model, reply, checked))
    return JSONResponse(completion(model, reply, checked))


def embed(model: str, body: Body) -> Response:
    """A list of embeddings. Raises OpenAI's `Refusal` of a body without a meaning."""
    checked = {name: value for name, value in body.items() if name in EMBEDDING_PARAMETERS}
    return JSONResponse(embeddings(model, checked))


def served(account: Account, name: Any, operation: Operation) -> Model | None:
    """The model that a request names, or the first one where it names none."""
    names = account.names(operation)
    if not name and names:
        return account.served[names[0]]
    return account.served[name] if name in names else None


def _with_openais_parameters(body: Body) -> Body:
    """A body without what OpenAI refuses and these servers take, or leave unread.

    That is parameters of their own, such as `top_k`, the effort of models that OpenAI does not
    know, and both limits of tokens at once, of which the newer one counts. OpenAI's rules for
    strict schemas, and for messages that ask for JSON, are its own.
    """
    known = {
        name: value
        for name, value in body.items()
        if name in CHAT_PARAMETERS and name != "reasoning_effort"
    }
    if known.get("max_completion_tokens") is not None:
        known.pop("max_tokens", None)
    wanted = known.get("response_format")
    if isinstance(wanted, dict) and isinstance(wanted.get("json_schema"), dict):
        known["response_format"] = {
            **wanted,
            "json_schema": {**wanted["json_schema"], "strict": False},
        }
    if isinstance(wanted, dict) and wanted.get("type") == "json_object":
        schema = {"name": "any", "schema": {"type": "object"}}
        known["response_format"] = {"type": "json_schema", "json_schema": schema}
    return known
