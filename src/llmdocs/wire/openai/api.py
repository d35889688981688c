"""OpenAI's API: chat completions, embeddings and models."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from llmdocs.wire import dialect, mock_model
from llmdocs.wire.accounts import Account, Model, Operation
from llmdocs.wire.dialect import Refusal, listed
from llmdocs.wire.mock_model import Reply
from llmdocs.wire.openai.chat_requests import check_chat
from llmdocs.wire.openai.requests import (
    Body,
    check_embeddings,
    json_body,
    model_in,
    refusal,
)
from llmdocs.wire.openai.schemas import function_tools


def application(account: Account) -> Starlette:
    """OpenAI's API, at the origin's root: `/v1/chat/completions` and so on."""

    async def chat(request: Request) -> Response:
        _check_key(request, account)
        if request.method == "GET":  # lists the completions that were stored: none
            ends = {"first_id": None, "last_id": None, "has_more": False}
            return JSONResponse({"object": "list", "data": [], **ends})
        body = await json_body(request)
        model = _served(account, model_in(body), "chat")
        check_chat(body, model.name)
        reply = reply_to(model.name, body)
        if body.get("stream"):
            return event_stream(chunks(model.name, reply, body))
        return JSONResponse(completion(model.name, reply, body))

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
    tools = function_tools(body) if choice != "none" else []
    # `required` and a named function make the model call a tool whoever spoke last.
    named = _named_function(choice)
    required = tools[0]["function"]["name"] if tools and choice == "required" else None
    limits = (body.get("max_completion_tokens"), body.get("max_tokens"))
    reply = mock_model.reply(
        model,
        body["messages"],
        tools=tools,
        tool_name=named or required,
        schema=_schema(body.get("response_format") or {}),
        maximum_tokens=next((limit for limit in limits if limit is not None), None),
    )
    # As measured for vllm-project/vllm#25054.
    return replace(reply, finish_reason="stop") if named else reply


def _named_function(choice: Any) -> str | None:
    if isinstance(choice, dict) and choice.get("type") == "function":
        return str(choice["function"]["name"])
    return None


def _schema(response_format: Body) -> Body | None:
    if response_format.get("type") == "json_object":
        return {"type": "object"}
    if response_format.get("type") == "json_schema":
        return response_format["json_schema"].get("schema") or {"type": "object"}
    return None


def completion(model: str, reply: Reply, body: Body) -> Body:
    """A `chat.completion`, as documented. Its choices are all alike."""
    message: Body = {"role": "assistant", "content": reply.text, "refusal": None, "annotations": []}
    if reply.tool_calls:
        message |= {"content": None, "tool_calls": [_call(call) for call in reply.tool_calls]}
    choice = {"message": message, "logprobs": None, "finish_reason": reply.finish_reason}
    return {
        **_head("chat.completion", model, reply),
        "choices": [{"index": index, **choice} for index in range(_count(body))],
        "usage": usage(reply, _count(body)),
    }


def _count(body: Body) -> int:
    """How many choices a checked body asks for."""
    return int(body.get("n") or 1)


def chunks(model: str, reply: Reply, body: Body) -> Iterator[Body]:
    """The `chat.completion.chunk`s of one stream.

    The role comes first and alone, `finish_reason` last and alone. With `include_usage` one more
    chunk without choices has the usage, and all others say `"usage": null`.
    """
    include_usage = bool((body.get("stream_options") or {}).get("include_usage"))
    head = _head("chat.completion.chunk", model, reply)
    no_usage = {"usage": None} if include_usage else {}
    for delta, finish_reason in _deltas(reply):
        choice = {"delta": delta, "logprobs": None, "finish_reason": finish_reason}
        for index in range(_count(body)):
            yield {**head, "choices": [{"index": index, **choice}], **no_usage}
    if include_usage:
        yield {**head, "choices": [], "usage": usage(reply, _count(body))}


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
        for piece in mock_model.tokens(arguments):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}, None
    yield {}, reply.finish_reason


def _head(kind: str, model: str, reply: Reply) -> Body:
    return {
        "id": f"chatcmpl-{reply.id}",
        "object": kind,
        "created": mock_model.CREATED,
        "model": model,
        "service_tier": "default",
        "system_fingerprint": f"fp_{mock_model.fingerprint(model)[:10]}",
    }


def _call(call: mock_model.ToolCall) -> Body:
    function = {"name": call.name, "arguments": json.dumps(call.arguments, ensure_ascii=False)}
    return {"id": call.id, "type": "function", "function": function}


def usage(reply: Reply, choices: int) -> Body:
    """The tokens of one chat completion: each choice counts, the prompt counts once."""
    answered = choices * reply.completion_tokens
    return {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": answered,
        "total_tokens": reply.prompt_tokens + answered,
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


def embeddings(model: str, body: Body) -> Body:
    """The answer of `POST /embeddings`; base64 is little-endian float32, as the SDK reads it."""
    inputs = check_embeddings(body, model)
    # A token array stands for a text: the same tokens, the same vector.
    texts = [item if isinstance(item, str) else " ".join(map(str, item)) for item in inputs]
    vectors = [mock_model.embedding(model, text, body.get("dimensions")) for text in texts]
    in_base64 = body.get("encoding_format") == "base64"
    tokens = sum(map(mock_model.count_tokens, texts))
    return {
        "object": "list",
        "data": [
            {
                "object": "embedding",
                "index": index,
                "embedding": _base64(vector) if in_base64 else vector,
            }
            for index, vector in enumerate(vectors)
        ],
        "model": model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def _base64(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def model_list(names: Iterable[str]) -> Body:
    """The answer of `GET /models`."""
    return {"object": "list", "data": [model_entry(name) for name in names]}


def model_entry(name: str) -> Body:
    """One model, as `GET /models/{model}` describes it."""
    return {"id": name, "object": "model", "created": mock_model.CREATED, "owned_by": "system"}


def error_body(status: int, message: str, code: str | None = None) -> Body:
    """The body of an error that is no fault of the request."""
    return {
        "error": {"message": message, "type": code or "server_error", "param": None, "code": code}
    }


def _check_https(request: Request) -> None:
    """Refuse plain HTTP at OpenAI's own host, before the key is looked at.

    The body is theodo-group/LLPhant#249's, the status openai/openai-quickstart-node#48's.
    """
    if request.url.scheme == "http" and request.url.hostname == "api.openai.com":
        raise refusal(
            403,
            "The OpenAI API is only accessible over HTTPS. Ensure the URL starts with 'https://' "
            "and not 'http://'.",
            code="http_unsupported",
            hint="The recipe's address begins with https://.",
        )


def _check_key(request: Request, account: Account) -> None:
    """Refuse a request without a key (chatboxai/chatbox#98) or with a wrong one.

    A scheme other than Bearer counts as no key: xebia-functional/xef#279.
    """
    _check_https(request)
    if not account.keys:
        return
    hint = f"The recipe's LLM_API_KEY is {listed(sorted(account.keys))}, sent as a Bearer token."
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise refusal(
            401,
            "You didn't provide an API key. You need to provide your API key in an Authorization "
            "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password "
            "field (with blank username) if you're accessing the API from your browser and are "
            "prompted for a username and password. You can obtain an API key from "
            "https://platform.openai.com/account/api-keys.",
            hint=hint,
        )
    if key.strip() not in account.keys:
        # continuedev/continue#9634
        raise refusal(
            401,
            f"Incorrect API key provided: {_masked(key.strip())}. "
            "You can find your API key at https://platform.openai.com/account/api-keys.",
            code="invalid_api_key",
            hint=hint,
        )


def _masked(key: str) -> str:
    """The first eight characters and the last four, with a star for each one between.

    continuedev/continue#12651. What becomes of a shorter key is inferred: three and four are shown,
    as in older logs, or nothing.
    """
    shown = 8 if len(key) > 12 else 3
    if len(key) <= 7:
        return "*" * len(key)
    return key[:shown] + "*" * (len(key) - shown - 4) + key[-4:]


def _served(account: Account, name: str, operation: Operation) -> Model:
    model = account.served.get(name)
    if model is None:
        raise _unknown_model(account, name)
    if model.operation != operation:
        # infiniflow/ragflow#1835
        action = "sample" if operation == "chat" else "generate embeddings"
        raise refusal(
            403,
            f"You are not allowed to {action} from this model",
            hint=f"Models for this path: {listed(account.names(operation))}.",
        )
    return model


def _unknown_model(account: Account, name: str) -> Refusal:
    # Aider-AI/aider#2030
    return refusal(
        404,
        f"The model `{name}` does not exist or you do not have access to it.",
        code="model_not_found",
        hint=f"This account's models: {listed(account.names())}.",
    )


def _unknown_url(request: Request) -> Refusal:
    """Refuse a path that OpenAI does not have.

    The words differ under `/v1/` (harry0703/MoneyPrinterTurbo#57) and elsewhere
    (InternLM/MindSearch#150).
    """
    # `llmdocs mock` also serves this API under a prefix of its own, which is not part of the path.
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    hint = "The base URL ends in /v1, once: https://api.openai.com/v1."
    if path.startswith("/v1/"):
        return refusal(404, f"Invalid URL ({request.method} {path})", hint=hint)
    return refusal(
        404,
        f"Unknown request URL: {request.method} {path}. Please check the URL for typos, or see "
        "the docs at https://platform.openai.com/docs/api-reference/.",
        code="unknown_url",
        hint=hint,
    )


def _wrong_method(request: Request) -> Refusal:
    if "/v1/models" in request.scope["path"]:
        # The text that nomic-ai/gpt4all copies.
        return refusal(
            405,
            f"Not allowed to {request.method} on /v1/models. "
            "(HINT: Perhaps you meant to use a different HTTP method?)",
        )
    # openai/openai-python#2703
    return refusal(405, "Only POST requests are accepted.", code="method_not_supported")
