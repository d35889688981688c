"""Ollama's API: its own under `/api`, and the OpenAI-compatible one under `/v1`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from llmdocs.wire import dialect
from llmdocs.wire.accounts import Account
from llmdocs.wire.dialect import Refusal
from llmdocs.wire.ollama import requests as requests
from llmdocs.wire.ollama import v1 as v1
from llmdocs.wire.ollama.requests import BadRequest, GoType
from llmdocs.wire.ollama.server import Body, Server, refusal

VERSION = "0.33.0"
PLAIN = {"content-type": "text/plain"}

Endpoint = Callable[[Request], Awaitable[Response]]
Operation = Callable[[Body], Response]


def application(account: Account) -> Starlette:
    """Ollama's server, with the account's models pulled, and all of them loaded.

    Paths and methods are those of ollama/ollama server/routes.go at v0.33. Any key, or none, will
    do. What changes a server's models (create, copy, delete, push) is not played.
    """
    server = Server(account)

    def chat(body: Body) -> Response:
        return _answer(server.chat(body), body.get("stream", True))

    def generate(body: Body) -> Response:
        return _answer(server.generate(body), body.get("stream", True))

    def pull(body: Body) -> Response:
        steps = server.pull(body)
        return _lines(steps) if body.get("stream", True) else _json(steps[-1])

    def chat_completion(asked: Body) -> Response:
        return v1.chat_answer(asked, server.chat(v1.chat_request(asked)))

    def completion(asked: Body) -> Response:
        return v1.completion_answer(asked, server.generate(v1.completion_request(asked)))

    def embedding_list(asked: Body) -> Response:
        return v1.embedding_list(asked, server.embed(v1.embed_request(asked)))

    def models(request: Request) -> Response:
        data = [v1.model(name.short) for name in server.names]
        return JSONResponse({"object": "list", "data": data or None})

    def model(request: Request) -> Response:
        name = request.path_params["model"]
        with v1.errors():
            server.show({"model": name})
        return JSONResponse(v1.model(name))

    routes = [
        Route("/", lambda _: PlainTextResponse("Ollama is running")),
        Route("/api/version", lambda _: _json({"version": VERSION})),
        Route("/api/tags", lambda _: _json({"models": server.tags()})),
        _without_head(Route("/api/ps", lambda _: _json({"models": server.loaded()}))),
        _native("/api/chat", requests.CHAT, chat),
        _native("/api/generate", requests.GENERATE, generate),
        _native("/api/embed", requests.EMBED, lambda body: _json(server.embed(body))),
        _native(
            "/api/embeddings", requests.EMBEDDINGS, lambda body: _json(server.embeddings(body))
        ),
        _native("/api/show", requests.SHOW, lambda body: _json(server.show(body))),
        _native("/api/pull", requests.PULL, pull),
        _compatible("/v1/chat/completions", requests.CHAT_COMPLETION, chat_completion),
        _compatible("/v1/completions", requests.COMPLETION, completion),
        _compatible("/v1/embeddings", requests.EMBEDDING, embedding_list),
        _without_head(Route("/v1/models", models)),
        _without_head(Route("/v1/models/{model}", model)),
    ]
    # The texts are gin's own (gin-gonic/gin gin.go, `default404Body` and `default405Body`).
    origin = "http://localhost:11434"
    hint = f"Its own clients take {origin} as their base URL, OpenAI's clients {origin}/v1."
    return dialect.application(
        "ollama",
        routes,
        not_found=lambda _: Refusal(404, "404 page not found", hint, PLAIN),
        method_not_allowed=lambda _: Refusal(405, "405 method not allowed", hint, PLAIN),
        redirect_slashes=True,
    )


def error_body(status: int, message: str, code: str | None = None) -> Body:
    """The body of an error that is no fault of the request: Ollama's have no code."""
    return {"error": message}


def _without_head(route: Route) -> Route:
    """Take away HEAD, which Starlette adds to every GET and gin does not."""
    route.methods = {"GET"}
    return route


def _native(path: str, expected: GoType, operation: Operation) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            body = requests.decode(await request.body(), expected)
        except BadRequest as error:
            message = "missing request body" if str(error) == "EOF" else str(error)
            raise refusal(400, message) from None
        return operation(body)

    return Route(path, endpoint, methods=["POST"])


def _compatible(path: str, expected: GoType, operation: Operation) -> Route:
    async def endpoint(request: Request) -> Response:
        with v1.errors():
            return operation(requests.decode(await request.body(), expected))

    return Route(path, endpoint, methods=["POST"])


def _json(body: Body) -> Response:
    return JSONResponse(body, headers={"content-type": "application/json; charset=utf-8"})


def _lines(parts: Sequence[Body]) -> Response:
    lines = (json.dumps(part, ensure_ascii=False, separators=(",", ":")) + "\n" for part in parts)
    return StreamingResponse(lines, media_type="application/x-ndjson")


def _answer(parts: Sequence[Body], stream: bool) -> Response:
    """The parts as lines, or put together. A single part is one object even in a stream."""
    if stream and len(parts) > 1:
        return _lines(parts)
    last = parts[-1]
    if "response" in last:
        return _json({**last, "response": "".join(part["response"] for part in parts)})
    said = [part["message"] for part in parts]
    message = {**last["message"], "content": "".join(part["content"] for part in said)}
    if calls := [call for part in said for call in part.get("tool_calls", [])]:
        message["tool_calls"] = calls
    return _json({**last, "message": message})
