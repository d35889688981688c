"""Ollama's OpenAI-compatible API: a translation of its own API, there and back, as in Ollama."""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from starlette.responses import JSONResponse, Response, StreamingResponse

from llmdocs.wire.dialect import Refusal, is_too_deep, server_sent_events
from llmdocs.wire.mock_model import CREATED, fingerprint
from llmdocs.wire.ollama.requests import BadRequest, kind, parse_model_name

EFFORTS = ("minimal", "low", "medium", "high", "xhigh", "ultra", "max", "none")
IMAGE_PREFIXES = (
    "data:;base64,",
    *(f"data:image/{t};base64," for t in ("jpeg", "jpg", "png", "webp")),
)


@contextmanager
def errors() -> Iterator[None]:
    """Put the refusals raised inside into OpenAI's envelope.

    The type follows from the status (ollama/ollama openai/openai.go, `NewError`; for errors of the
    native handlers since v0.18.0).
    """
    try:
        yield
    except BadRequest as error:
        raise _refusal(400, str(error)) from None
    except Refusal as refusal:
        body = refusal.body if isinstance(refusal.body, dict) else {"error": refusal.body}
        raise _refusal(refusal.status, body["error"], refusal.hint) from None


def _refusal(status: int, message: str, hint: str = "") -> Refusal:
    types = {400: "invalid_request_error", 404: "not_found_error"}
    error = {"message": message, "type": types.get(status, "api_error")}
    return Refusal(status, {"error": {**error, "param": None, "code": None}}, hint)


def chat_request(asked: dict[str, Any]) -> dict[str, Any]:
    """The native request for a chat completion (ollama/ollama openai/openai.go, `FromChatRequest`).

    Parameters that have no native counterpart, `tool_choice` and `max_completion_tokens` among
    them, are ignored.
    """
    if not asked.get("messages"):
        raise BadRequest("[] is too short - 'messages'")
    request = {
        "model": asked.get("model", ""),
        "messages": [native for message in asked["messages"] for native in _messages(message)],
        "tools": asked.get("tools", []),
        "options": {"num_predict": asked.get("max_tokens")},
    }
    form = asked.get("response_format") or {}
    kind_of_format = (form.get("type") or "").strip().lower()
    if kind_of_format == "json_object":
        request["format"] = "json"
    elif kind_of_format == "json_schema" and form.get("json_schema"):
        request["format"] = form["json_schema"].get("schema")
    effort = (asked.get("reasoning") or {}).get("effort") or asked.get("reasoning_effort")
    if effort:
        if effort not in EFFORTS:
            choices = ", ".join(f'"{name}"' for name in EFFORTS[:-1])
            raise BadRequest(
                f'invalid reasoning value: {json.dumps(effort)} (must be {choices}, or "none")'
            )
        request["think"] = False if effort == "none" else effort
    return request


def _messages(message: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    """One message as native ones: each part of a list becomes a message of its own."""
    message = message or {}
    role = {"role": message.get("role") or ""}
    content = message.get("content")
    calls = [_tool_call(call) for call in message.get("tool_calls") or []]
    if isinstance(content, str):
        yield {**role, "content": content, "tool_calls": calls}
    elif isinstance(content, list):
        parts: list[dict[str, Any]] = [{**role, **_part(part)} for part in content]
        if parts:
            parts[-1]["tool_calls"] = calls
        yield from parts
    elif message.get("tool_calls") is not None:
        yield {**role, "content": "", "tool_calls": calls}
    else:
        go_types = {"number": "float64", "object": "map[string]interface {}"}
        go_type = go_types.get(kind(content), kind(content))
        raise BadRequest(f"invalid message content type: {'<nil>' if content is None else go_type}")


def _part(part: Any) -> dict[str, Any]:
    if isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str):
        return {"content": part["text"]}
    if isinstance(part, dict) and part.get("type") == "image_url":
        image = part.get("image_url")
        url = image.get("url") if isinstance(image, dict) else image
        if isinstance(url, str):
            return {"content": "", "images": [_image(url)]}
    raise BadRequest("invalid message format")


def _image(url: str) -> str:
    if url.startswith(("http://", "https://")):
        raise BadRequest(
            "image URLs are not currently supported, please use base64 encoded data instead"
        )
    for prefix in IMAGE_PREFIXES:
        if url.startswith(prefix):
            encoded = url.removeprefix(prefix)
            try:
                base64.b64decode(encoded, validate=True)
            except binascii.Error:
                raise BadRequest("invalid message format") from None
            return encoded
    raise BadRequest("invalid image input")


def _tool_call(call: dict[str, Any] | None) -> dict[str, Any]:
    function = (call or {}).get("function") or {}
    try:
        arguments = json.loads(function.get("arguments") or "")
    except (ValueError, RecursionError):
        arguments = ""
    if not isinstance(arguments, dict) or is_too_deep(arguments):
        raise BadRequest("invalid tool call arguments")
    return {"function": {"name": function.get("name") or "", "arguments": arguments}}


def chat_answer(asked: dict[str, Any], parts: Sequence[dict[str, Any]]) -> Response:
    """A chat completion, or its chunks, from the parts of the native answer.

    Chunks are those of Ollama since v0.32.6: the role in the first one alone, the finish reason in
    a chunk of its own, and no `usage` key before the last.
    """
    last = parts[-1]
    said = [part["message"] for part in parts[:-1]]
    calls = [_openai_tool_call(call) for part in said for call in part.get("tool_calls", [])]
    finish_reason = "tool_calls" if calls else last["done_reason"]
    head = _head("chatcmpl", asked)
    if not asked.get("stream"):
        message: dict[str, Any] = {
            "role": "assistant",
            "content": "".join(part["content"] for part in said),
        }
        if calls:
            message["tool_calls"] = calls
        choice = {"index": 0, "message": message, "finish_reason": finish_reason}
        completion = {"object": "chat.completion", **head, "choices": [choice]}
        return JSONResponse({**completion, "usage": _usage(last)})

    def chunk(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return {"object": "chat.completion.chunk", **head, "choices": [choice]}

    deltas: list[dict[str, Any]] = []
    for part in said:
        delta: dict[str, Any] = {"content": part["content"]}
        if "tool_calls" in part:
            delta["tool_calls"] = [_openai_tool_call(call) for call in part["tool_calls"]]
        deltas.append(delta if deltas else {"role": "assistant", **delta})
    chunks = [*(chunk(delta) for delta in deltas), chunk({}, finish_reason)]
    if _wants_usage(asked):
        chunks.append({**chunks[-1], "choices": [], "usage": _usage(last)})
    return _event_stream(chunks)


def _openai_tool_call(call: dict[str, Any]) -> dict[str, Any]:
    function = call["function"]
    arguments = json.dumps(function["arguments"], ensure_ascii=False, separators=(",", ":"))
    return {
        "id": call["id"],
        "index": function["index"],
        "type": "function",
        "function": {"name": function["name"], "arguments": arguments},
    }


def completion_request(asked: dict[str, Any]) -> dict[str, Any]:
    """The native request for a completion (openai/openai.go, `FromCompleteRequest`)."""
    native = {name: asked.get(name, "") for name in ("model", "prompt", "suffix")}
    return {**native, "options": {"num_predict": asked.get("max_tokens")}}


def completion_answer(asked: dict[str, Any], parts: Sequence[dict[str, Any]]) -> Response:
    """A completion, or its chunks, from the parts of the native answer."""
    last = parts[-1]
    head = {"object": "text_completion", **_head("cmpl", asked)}

    def choice(text: str, reason: str | None) -> dict[str, Any]:
        return {"text": text, "index": 0, "finish_reason": reason}

    if not asked.get("stream"):
        text = "".join(part["response"] for part in parts)
        choices = [choice(text, last["done_reason"])]
        return JSONResponse({**head, "choices": choices, "usage": _usage(last)})
    chunks = [
        {**head, "choices": [choice(part["response"], part.get("done_reason"))]} for part in parts
    ]
    if _wants_usage(asked):
        nothing_yet = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        chunks = [{**chunk, "usage": nothing_yet} for chunk in chunks]
        chunks.append({**head, "choices": [], "usage": _usage(last)})
    return _event_stream(chunks)


def _head(prefix: str, asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"{prefix}-{int(fingerprint(asked), 16) % 999}",
        "created": CREATED,
        "model": asked.get("model", ""),
        "system_fingerprint": "fp_ollama",
    }


def _usage(last: dict[str, Any]) -> dict[str, int]:
    asked, answered = last.get("prompt_eval_count", 0), last.get("eval_count", 0)
    return {
        "prompt_tokens": asked,
        "completion_tokens": answered,
        "total_tokens": asked + answered,
    }


def _wants_usage(asked: dict[str, Any]) -> bool:
    return bool(asked.get("stream_options", {}).get("include_usage"))


def _event_stream(chunks: Sequence[dict[str, Any]]) -> Response:
    return StreamingResponse(
        server_sent_events(chunks), headers={"content-type": "text/event-stream"}
    )


def embed_request(asked: dict[str, Any]) -> dict[str, Any]:
    """The native request for embeddings (ollama/ollama middleware, `EmbeddingsMiddleware`)."""
    encoding = asked.get("encoding_format", "")
    if encoding.lower() not in ("", "float", "base64"):
        raise BadRequest(
            f"Invalid value for 'encoding_format' = {encoding}. "
            "Supported values: ['float', 'base64']."
        )
    given = asked.get("input", [])
    if given == []:
        raise BadRequest("invalid input")
    return {
        "model": asked.get("model", ""),
        "input": [""] if given == "" else given,
        "dimensions": asked.get("dimensions", 0),
    }


def embedding_list(asked: dict[str, Any], answer: dict[str, Any]) -> Response:
    """OpenAI's list of embeddings; base64 holds little-endian 32-bit floats."""
    in_base64 = asked.get("encoding_format", "").lower() == "base64"
    data = [
        {
            "object": "embedding",
            "embedding": _base64(vector) if in_base64 else vector,
            "index": index,
        }
        for index, vector in enumerate(answer["embeddings"])
    ]
    count = answer.get("prompt_eval_count", 0)
    usage = {"prompt_tokens": count, "total_tokens": count}
    return JSONResponse({"object": "list", "data": data, "model": asked["model"], "usage": usage})


def _base64(vector: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode("ascii")


def model(name: str) -> dict[str, Any]:
    """One model of the list, owned by the namespace of its name."""
    parsed = parse_model_name(name)
    assert parsed is not None
    return {"id": name, "object": "model", "created": CREATED, "owned_by": parsed.namespace}
