"""OpenAI's API: chat completions, embeddings and models."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable, Iterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from llmdocs.wire import answers, dialect
from llmdocs.wire.accounts import Account, Model, Operation
from llmdocs.wire.answers import Reply
from llmdocs.wire.dialect import Refusal, listed
from llmdocs.wire.openai_requests import (
    Body,
    check_chat,
    check_parameters,
    function_names,
    json_body,
    missing,
    model_in,
    refusal,
)

# The documented parameters of an embedding and their types: `CreateEmbeddingRequest` in
# openai/openai-openapi. Lists may hold 2048 texts, says the same place.
EMBEDDING_PARAMETERS = {
    "dimensions": "an integer",
    "encoding_format": "anything",
    "input": "anything",
    "model": "a string",
    "user": "a string",
}
MAXIMUM_INPUTS = 2048


def application(account: Account) -> Starlette:
    """OpenAI's API, at the origin's root: `/v1/chat/completions` and so on."""

    async def chat(request: Request) -> Response:
        _check_key(request, account)
        if request.method == "GET":  # lists the completions that were stored: none
            return JSONResponse({"object": "list", "data": [], "has_more": False})
        body = await json_body(request)
        model = _served(account, model_in(body), "chat")
        check_chat(body, model.name)
        reply = reply_to(model.name, body)
        if body.get("stream"):
            return event_stream(chunks(model.name, reply, body))
        return JSONResponse(completion(model.name, reply))

    async def embed(request: Request) -> Response:
        _check_key(request, account)
        body = await json_body(request)
        model = _served(account, model_in(body), "embeddings")
        return JSONResponse(embeddings(model.name, body))

    async def models(request: Request) -> Response:
        _check_key(request, account)
        return JSONResponse(model_list(account.names()))

    async def one_model(request: Request) -> Response:
        _check_key(request, account)
        name = request.path_params["model"]
        if name not in account.served:
            raise _unknown_model(account, name)
        return JSONResponse(model_entry(name))

    routes = [
        Route("/v1/chat/completions", chat, methods=["GET", "POST"]),
        Route("/v1/embeddings", embed, methods=["POST"]),
        Route("/v1/models", models),
        Route("/v1/models/{model}", one_model),
    ]
    return dialect.application(
        "openai", routes, not_found=_unknown_url, method_not_allowed=_wrong_method
    )


def reply_to(model: str, body: Body) -> Reply:
    """The model's answer to a checked body of a chat completion."""
    choice = body.get("tool_choice")
    offered = function_names(body) if choice != "none" else []
    # `required` and a named function make the model call a tool whoever spoke last.
    forced = offered[0] if offered and choice == "required" else None
    if isinstance(choice, dict) and choice.get("type") == "function":
        forced = choice["function"]["name"]
    limits = (body.get("max_completion_tokens"), body.get("max_tokens"))
    return answers.reply(
        model,
        body["messages"],
        tools=[tool for tool in body.get("tools") or [] if tool["type"] == "function"]
        if offered
        else [],
        tool_name=forced,
        schema=_schema(body.get("response_format") or {}),
        maximum_tokens=next((limit for limit in limits if limit is not None), None),
    )


def _schema(response_format: Body) -> Body | None:
    if response_format.get("type") == "json_object":
        return {"type": "object"}
    if response_format.get("type") == "json_schema":
        return response_format["json_schema"].get("schema") or {"type": "object"}
    return None


def completion(model: str, reply: Reply) -> Body:
    """A `chat.completion`, as documented."""
    message: Body = {"role": "assistant", "content": reply.text, "refusal": None, "annotations": []}
    if reply.tool_calls:
        message |= {"content": None, "tool_calls": [_call(call) for call in reply.tool_calls]}
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": reply.finish_reason,
    }
    return {
        **_head("chat.completion", model, reply),
        "choices": [choice],
        "usage": usage(reply),
    }


def chunks(model: str, reply: Reply, body: Body) -> Iterator[Body]:
    """The `chat.completion.chunk`s of one stream.

    The role comes first and alone, `finish_reason` last and alone. With `include_usage` one more
    chunk without choices has the usage, and all others say `"usage": null`.
    """
    include_usage = bool((body.get("stream_options") or {}).get("include_usage"))
    head = _head("chat.completion.chunk", model, reply)
    no_usage = {"usage": None} if include_usage else {}
    for delta, finish_reason in _deltas(reply):
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        yield {**head, "choices": [choice], **no_usage}
    if include_usage:
        yield {**head, "choices": [], "usage": usage(reply)}


def _deltas(reply: Reply) -> Iterator[tuple[Body, str | None]]:
    yield {"role": "assistant", "content": None if reply.tool_calls else "", "refusal": None}, None
    for piece in reply.pieces:
        yield {"content": piece}, None
    for index, call in enumerate(reply.tool_calls):
        # The first piece of a call names it, the others are its arguments alone.
        written = _call(call)
        arguments = written["function"]["arguments"]
        written["function"]["arguments"] = ""
        yield {"tool_calls": [{"index": index, **written}]}, None
        for piece in answers.tokens(arguments):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}, None
    yield {}, reply.finish_reason


def _head(kind: str, model: str, reply: Reply) -> Body:
    return {
        "id": f"chatcmpl-{reply.id}",
        "object": kind,
        "created": answers.CREATED,
        "model": model,
        "service_tier": "default",
        "system_fingerprint": f"fp_{answers.fingerprint(model)[:10]}",
    }


def _call(call: answers.ToolCall) -> Body:
    function = {"name": call.name, "arguments": dialect_json(call.arguments)}
    return {"id": call.id, "type": "function", "function": function}


def usage(reply: Reply) -> Body:
    """The tokens of one chat completion."""
    return {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "total_tokens": reply.prompt_tokens + reply.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def event_stream(events: Iterable[Body]) -> Response:
    """Server-sent events, ended by `[DONE]`."""
    return StreamingResponse(dialect.server_sent_events(events), media_type="text/event-stream")
