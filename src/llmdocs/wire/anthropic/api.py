"""Anthropic's API: messages, their count of tokens, and models."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from llmdocs.wire import dialect, mock_model
from llmdocs.wire.accounts import Account
from llmdocs.wire.anthropic.models import (
    Body,
    Choice,
    Conversation,
    NamedTool,
    NoTool,
    Question,
    Text,
    ToolResult,
)
from llmdocs.wire.anthropic.requests import (
    MAXIMUM_TOKENS,
    MAXIMUM_TOKENS_BEFORE,
    TAKES_PREFILL,
    VERSIONS,
    json_body,
    read_conversation,
    read_question,
    refusal,
)
from llmdocs.wire.dialect import Refusal, listed
from llmdocs.wire.mock_model import Reply

STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}


def application(account: Account) -> Starlette:
    """Anthropic's API, at the origin's root: `/v1/messages` and so on."""

    async def messages(request: Request) -> Response:
        version = _check_headers(request, account)
        body = json_body(await request.body())
        question = read_question(body, version, request.headers.get("anthropic-beta", ""))
        _check_model(account, question.model)
        reply = reply_to(question)
        headers = {"request-id": f"req_011{reply.id[:21]}"}
        if question.stream:
            lines = _server_sent_events(events(question.model, reply))
            return StreamingResponse(lines, media_type="text/event-stream", headers=headers)
        return JSONResponse(message(question.model, reply), headers=headers)

    async def count_tokens(request: Request) -> Response:
        version = _check_headers(request, account)
        conversation = read_conversation(json_body(await request.body()), version)
        _check_model(account, conversation.model)
        return JSONResponse({"input_tokens": reply_to(conversation).prompt_tokens})

    async def models(request: Request) -> Response:
        _check_headers(request, account)
        names = account.names("chat")
        ends = {"first_id": min(names, default=None), "last_id": max(names, default=None)}
        return JSONResponse({"data": [_model(n) for n in names], "has_more": False, **ends})

    async def one_model(request: Request) -> Response:
        _check_headers(request, account)
        name = request.path_params["model"]
        _check_model(account, name)
        return JSONResponse(_model(name))

    routes = [
        Route("/v1/messages", messages, methods=["POST"]),
        Route("/v1/messages/count_tokens", count_tokens, methods=["POST"]),
        Route("/v1/models", models),
        Route("/v1/models/{model}", one_model),
    ]
    return dialect.application(
        "anthropic", routes, not_found=_unknown_path, method_not_allowed=_wrong_method
    )


def reply_to(conversation: Conversation) -> Reply:
    """The model's answer to a checked request."""
    choice = conversation.tool_choice
    own = [] if isinstance(choice, NoTool) else conversation.own_tools
    tools = [
        {"function": {"name": tool.name, "parameters": tool.input_schema.model_dump()}}
        for tool in own
    ]
    # `any` and a named tool make the model call one whoever spoke last.
    named = choice.name if isinstance(choice, NamedTool) else None
    forced = own[0].name if own and isinstance(choice, Choice) and choice.type == "any" else None
    asked, limit = conversation.output_config.format, None
    if isinstance(conversation, Question):
        asked, limit = asked or conversation.output_format, conversation.max_tokens
    return mock_model.reply(
        conversation.model,
        list(_plain_messages(conversation)),
        tools=tools,
        tool_name=named or forced,
        schema=asked.json_schema if asked else None,
        maximum_tokens=limit,
    )


def _plain_messages(conversation: Conversation) -> Iterator[Body]:
    """The conversation as `answers` reads it: the results of tools have a role of their own."""
    if conversation.system:
        yield {"role": "system", "content": _joined(conversation.system)}
    for said in conversation.messages:
        results = [result for _, result in said.blocks(ToolResult)]
        texts = [text for result in results for text in _texts(result.content)]
        yield {
            "role": "tool" if results else said.role,
            "content": _joined([*texts, *_texts(said.content)]),
        }


def _texts(content: Sequence[object]) -> Iterator[Text]:
    return (block for block in content if isinstance(block, Text))


def _joined(texts: Iterable[Text]) -> str:
    return " ".join(text.text for text in texts)


def message(model: str, reply: Reply) -> Body:
    """A `message`, as documented."""
    content = [_text(reply.text)] if reply.pieces else []
    content += [_tool_use(call, call.arguments) for call in reply.tool_calls]
    return {
        **_head(model, reply),
        "content": content,
        "stop_reason": STOP_REASONS[reply.finish_reason],
        "stop_sequence": None,
        "usage": _usage(reply, reply.completion_tokens),
    }


def events(model: str, reply: Reply) -> Iterator[Body]:
    """The events of one stream.

    Their order is that of https://platform.claude.com/docs/en/build-with-claude/streaming: the
    tokens of the prompt come first, those of the answer last.
    """
    beginning: Body = {"content": [], "stop_reason": None, "stop_sequence": None}
    usage = _usage(reply, min(1, reply.completion_tokens))
    yield {"type": "message_start", "message": {**_head(model, reply), **beginning, "usage": usage}}
    blocks = [(_text(""), "text_delta", "text", reply.pieces)] if reply.pieces else []
    for call in reply.tool_calls:
        written = mock_model.tokens(json.dumps(call.arguments, ensure_ascii=False))
        blocks.append((_tool_use(call, {}), "input_json_delta", "partial_json", ["", *written]))
    for index, (block, kind, field, pieces) in enumerate(blocks):
        yield {"type": "content_block_start", "index": index, "content_block": block}
        if index == 0:
            yield {"type": "ping"}
        for piece in pieces:
            delta = {"type": kind, field: piece}
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": STOP_REASONS[reply.finish_reason], "stop_sequence": None},
        "usage": {"output_tokens": reply.completion_tokens},
    }
    yield {"type": "message_stop"}


def _server_sent_events(events: Iterable[Body]) -> Iterator[str]:
    """Anthropic's stream: each event has its name, and there is no `[DONE]`."""
    for event in events:
        data = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        yield f"event: {event['type']}\ndata: {data}\n\n"


def _head(model: str, reply: Reply) -> Body:
    return {"id": f"msg_01{reply.id[:22]}", "type": "message", "role": "assistant", "model": model}


def _text(text: str) -> Body:
    return {"type": "text", "text": text}


def _tool_use(call: mock_model.ToolCall, arguments: Body) -> Body:
    identifier = f"toolu_01{call.id.removeprefix('call_')[:22]}"
    return {"type": "tool_use", "id": identifier, "name": call.name, "input": arguments}


def _usage(reply: Reply, answered: int) -> Body:
    return {
        "input_tokens": reply.prompt_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": answered,
        "service_tier": "standard",
    }


def _model(name: str) -> Body:
    """A model, with the fields of `ModelInfo` of the Python package.

    Figures are those of https://platform.claude.com/docs/en/models/haiku-5-5/overview, and of
    simonw/llm-anthropic#72 for the models before.
    """
    created = datetime.fromtimestamp(mock_model.CREATED, UTC)
    line = re.match(r"claude-(?:[\d-]+-)?([a-z]+)", name)
    before = bool(TAKES_PREFILL.match(name))
    return {
        "type": "model",
        "id": name,
        "display_name": _display_name(name),
        "created_at": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "lifecycle": "active",
        "deprecated_at": None,
        "retires_at": None,
        "line": line[1] if line else None,
        "max_input_tokens": 200_000 if before else 1_000_000,
        "max_tokens": MAXIMUM_TOKENS_BEFORE if before else MAXIMUM_TOKENS,
        "capabilities": _capabilities(before),
    }


def _display_name(name: str) -> str:
    """`Claude Haiku 5.5` of `claude-haiku-5-5`, without a date: simonw/llm-anthropic#72."""
    words = re.sub(r"-\d{8}$", "", name).replace("-", " ").title()
    return re.sub(r"(?<=\d) (?=\d)", ".", words)


def _capabilities(before: bool) -> Body:
    """Each known capability with its key, as `ModelCapabilities` has them.

    That newer models refuse manual thinking is in the page "What's new in Claude Haiku 5.5"; that
    all else is supported is inferred.
    """

    def supports(*names: str) -> Body:
        return {key: {"supported": True} for key in names}

    return {
        **supports("batch", "citations", "code_execution", "image_input", "pdf_input"),
        **supports("structured_outputs"),
        "context_management": {
            "supported": True,
            **supports("clear_thinking_20251015", "clear_tool_uses_20250919", "compact_20260112"),
        },
        "effort": {"supported": True, **supports("low", "medium", "high", "xhigh", "max")},
        "server_tools": {"supported": True, **supports("code_execution", "web_search")},
        "thinking": {
            "supported": True,
            "types": {
                **supports("disabled"),
                "enabled": {"supported": before},
                "adaptive": {"supported": not before},
                "between_tools": {"supported": not before},
            },
        },
    }


def _check_headers(request: Request, account: Account) -> str:
    """The version; refuses a request without one, or without the account's key.

    litellm sends the key in a header of its own, and the Python package from 2.0 on as a Bearer
    token: either will do. A key that is missing (n8n-io/n8n#37930), wrong
    (ITSpecialist111/ai_automation_suggester#153) or a wrong token (Jeffser/Alpaca#727); the order
    of the checks and the unknown version are inferred.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    key = request.headers.get("x-api-key", "")
    if account.keys and (key or bearer) not in account.keys:
        message = "Invalid bearer token" if bearer else "x-api-key header is required"
        raise refusal(
            401,
            "invalid x-api-key" if key else message,
            f"The recipe's LLM_API_KEY is {listed(sorted(account.keys))}, sent in x-api-key or as "
            "a Bearer token.",
        )
    version = request.headers.get("anthropic-version")
    hint = f"Send the header anthropic-version: {' or '.join(VERSIONS)}."
    if not version:
        raise refusal(400, "anthropic-version: header is required", hint)
    if version not in VERSIONS:
        raise refusal(400, f'anthropic-version: "{version}" is not a valid version', hint)
    return version


def _check_model(account: Account, name: str) -> None:
    if name not in account.names("chat"):
        # anthropics/claude-code#5349
        hint = f"This account's models: {listed(account.names('chat'))}."
        raise refusal(404, f"model: {name}", hint)


def _unknown_path(request: Request) -> Refusal:
    # Inferred from the form of the other answers.
    return refusal(
        404,
        "Not Found",
        "The base URL is https://api.anthropic.com, without /v1: the client adds /v1/messages.",
    )


def _wrong_method(request: Request) -> Refusal:
    # OpenHands/OpenHands#356
    return Refusal(405, {"detail": "Method Not Allowed"})
