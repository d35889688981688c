"""vLLM's server: OpenAI's API for one model, and vLLM's own words where it refuses.

Statuses and bodies are those of vllm-project/vllm, in vllm/entrypoints/: `server_utils.py`,
`error_response.py` and `models/serving.py`, as of November 2026.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from llmdocs.wire import answers, dialect, openai_compatible
from llmdocs.wire.accounts import Account, Operation
from llmdocs.wire.dialect import Refusal, listed
from llmdocs.wire.openai_requests import Body, json_body

Answer = Callable[[str, Body], Response]
ENGINE_FAULT = 500


def application(account: Account) -> Starlette:
    """A vLLM server, started with `--enable-auto-tool-choice`, so that its model calls tools.

    It has the routes of what its models do, and no others: a server for chat has no
    `/v1/embeddings` (vllm/entrypoints/pooling/factories.py, `register_pooling_api_routers`).
    """

    def endpoint(operation: Operation, required: str, answer: Answer) -> Route:
        async def respond(request: Request) -> Response:
            _check_key(request, account)
            body = await _body(request, required)
            model = openai_compatible.served(account, body.get("model"), operation)
            if model is None:
                raise _unknown_model(account, body["model"])
            try:
                return answer(model.name, body)
            except Refusal as refusal:
                raise _in_own_envelope(refusal) from None

        path = {"chat": "/v1/chat/completions", "embeddings": "/v1/embeddings"}[operation]
        return Route(path, respond, methods=["POST"])

    async def models(request: Request) -> Response:
        _check_key(request, account)
        return JSONResponse({"object": "list", "data": [_card(name) for name in account.names()]})

    def not_found(request: Request) -> Refusal:
        hint = f"It answers under /v1, and serves {listed(account.names())}."
        return _missed_key(request, account) or _framework_refusal(HTTPStatus.NOT_FOUND, hint)

    def wrong_method(request: Request) -> Refusal:
        return _missed_key(request, account) or _framework_refusal(HTTPStatus.METHOD_NOT_ALLOWED)

    routes = [Route("/health", lambda _: Response()), Route("/v1/models", models)]
    if account.names("chat"):
        routes.append(endpoint("chat", "messages", openai_compatible.chat))
    if account.names("embeddings"):
        routes.append(endpoint("embeddings", "input", openai_compatible.embed))
    return dialect.application("vllm", routes, not_found=not_found, method_not_allowed=wrong_method)


def error_body(status: int, message: str, code: str | None = None) -> Body:
    """The body of an error that is no fault of the request."""
    return _envelope(message, code or "InternalServerError", None, status)


def _envelope(message: str, kind: str, param: str | None, code: int) -> Body:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def _check_key(request: Request, account: Account) -> None:
    if refusal := _missed_key(request, account):
        raise refusal


def _missed_key(request: Request, account: Account) -> Refusal | None:
    """The refusal of a path under `/v1`, even one that leads nowhere, without the server's key."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    known = scheme.lower() == "bearer" and key in account.keys
    if known or not account.keys or not path.startswith("/v1"):
        return None
    hint = f"The server's key is {listed(sorted(account.keys))}, sent as a Bearer token."
    return Refusal(401, {"error": "Unauthorized"}, hint)


async def _body(request: Request, required: str) -> Body:
    """The request's JSON object, refused if it is none or lacks the field `required`.

    Other errors of the body are worded as OpenAI words them: vLLM's are those of its release of
    pydantic.
    """
    media_type = request.headers.get("content-type", "").lower().partition(";")[0]
    if media_type != "application/json":
        raise _invalid("Unsupported Media Type: Only 'application/json' is allowed", None)
    try:
        body = await json_body(request)
    except Refusal:
        broken = {"type": "json_invalid", "loc": ("body", 0), "msg": "JSON decode error"}
        raise _invalid(broken, "body.0") from None
    if body.get(required) is None:
        missing = {"type": "missing", "loc": ("body", required), "msg": "Field required"}
        raise _invalid({**missing, "input": body}, f"body.{required}")
    return body


def _invalid(problem: str | Body, param: str | None) -> Refusal:
    message = f"1 validation error:\n  {problem}"
    return Refusal(400, _envelope(message, HTTPStatus.BAD_REQUEST.phrase, param, 400))


def _in_own_envelope(refusal: Refusal) -> Refusal:
    assert isinstance(refusal.body, dict)
    error = refusal.body["error"]
    body = _envelope(error["message"], "BadRequestError", error["param"], 400)
    return Refusal(400, body, refusal.hint)


def _unknown_model(account: Account, name: str) -> Refusal:
    message = f"The model `{name}` does not exist."
    hint = f"This server's model: {listed(account.names())}."
    return Refusal(404, _envelope(message, "NotFoundError", "model", 404), hint)


def _framework_refusal(status: HTTPStatus, hint: str = "") -> Refusal:
    """FastAPI's own: vLLM's handler is for FastAPI's exceptions, and these are Starlette's."""
    return Refusal(status, {"detail": status.phrase}, hint)


def _card(name: str) -> Body:
    return {
        "id": name,
        "object": "model",
        "created": answers.CREATED,
        "owned_by": "vllm",
        "root": name,
        "parent": None,
    }
