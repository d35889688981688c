"""LM Studio's server: OpenAI's API, and LM Studio's own words where it refuses.

Statuses and bodies are those of real answers, as users reported them; each refusal names a report.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from llmdocs.wire import dialect, openai_compatible
from llmdocs.wire.accounts import Account, Operation
from llmdocs.wire.dialect import Refusal, listed
from llmdocs.wire.openai import model_list
from llmdocs.wire.openai_requests import Body, json_body

Answer = Callable[[str, Body], Response]
EXPRESS = {"content-type": "application/json; charset=utf-8", "x-powered-by": "Express"}
# How much of a wrong token a refusal repeats, before three dots; of shorter ones all, inferred.
SHOWN_OF_TOKEN = 10
FORMATS = ("json_schema", "text")


def application(account: Account) -> Starlette:
    """LM Studio with the account's models on its disk, which it loads when they are asked for."""

    def endpoint(path: str, operation: Operation, required: str, answer: Answer) -> Route:
        async def respond(request: Request) -> Response:
            _check_key(request, account)
            body = await _body(request, required)
            model = openai_compatible.served(account, body.get("model"), operation)
            if model is None:
                raise _unusable_model(account, str(body.get("model")), operation)
            return answer(model.name, body)

        return Route(path, respond, methods=["POST"])

    async def models(request: Request) -> Response:
        _check_key(request, account)
        return JSONResponse(model_list(account.names()))

    routes = [
        endpoint("/v1/chat/completions", "chat", "messages", _chat),
        endpoint("/v1/embeddings", "embeddings", "input", openai_compatible.embed),
        Route("/v1/models", models),
    ]
    return dialect.application(
        "lm_studio", routes, not_found=_unexpected, method_not_allowed=_unexpected
    )


def _chat(model: str, body: Body) -> Response:
    """LM Studio takes a schema, and no mere wish for JSON (the words are many users')."""
    wanted = body.get("response_format")
    if isinstance(wanted, dict) and wanted.get("type") not in FORMATS:
        raise _refusal(400, "'response_format.type' must be 'json_schema' or 'text'")
    return openai_compatible.chat(model, body)


def _refusal(status: int, error: str | Body, hint: str = "") -> Refusal:
    return Refusal(status, {"error": error}, hint, EXPRESS)


def _check_key(request: Request, account: Account) -> None:
    """Refuse a request without a token (agustif/opencode-lmstudio#41) or with another one."""
    if not account.keys:
        return
    hint = f"The server's token is {listed(sorted(account.keys))}, sent as a Bearer token."
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        message = (
            "An LM Studio API token is required to make requests to this server, but none was "
            "provided using the Authorization header using the 'Bearer' scheme (i.e., "
            "'Authorization: Bearer $LM_API_TOKEN'). Learn more at: "
            "https://lmstudio.ai/docs/developer/core/authentication."
        )
    elif token not in account.keys:
        shown = token if len(token) <= SHOWN_OF_TOKEN else f"{token[:SHOWN_OF_TOKEN]}..."
        message = (
            f"Malformed LM Studio API token provided: {shown} Ensure you are using a valid token."
        )
    else:
        return
    error = {"type": "invalid_request", "code": "invalid_api_key", "message": message}
    raise _refusal(401, error, hint)


async def _body(request: Request, required: str) -> Body:
    """The request's JSON object, refused without the field `required`.

    SilasMarvin/lsp-ai#108 has the text for messages, as a bare string; the one for an input and the
    status are inferred. A body that is no JSON object counts as one without fields: inferred.
    """
    try:
        body = await json_body(request)
    except Refusal:
        body = {}
    if body.get(required) is None:
        raise _refusal(400, f"'{required}' field is required")
    return body


def _unusable_model(account: Account, name: str, operation: Operation) -> Refusal:
    """Refuse an unknown model (assafelovic/gpt-researcher#1556), which an embedding model is too
    where one is asked to chat; a chat model makes no embeddings (lmstudio-ai/lms#205)."""
    names = account.names(operation)
    message = (
        f'Invalid model identifier "{name}". Please specify a valid downloaded model '
        f"(e.g., {listed(names)})."
    )
    if operation == "embeddings" and name in account.served:
        message = f'Failed to load model "{name}". Error: Model is not embedding.'
    error = {
        "message": message,
        "type": "invalid_request_error",
        "param": "model",
        "code": "model_not_found",
    }
    return _refusal(400, error, f"Models for this path: {listed(names)}.")


def _unexpected(request: Request) -> Refusal:
    """Answer any other path or method with status 200 (lmstudio-ai/lmstudio-bug-tracker#618)."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return _refusal(
        200,
        f"Unexpected endpoint or method. ({request.method} {path})",
        "The base URL ends in /v1, once: http://localhost:1234/v1.",
    )
