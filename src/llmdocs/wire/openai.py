"""OpenAI's API."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from llmdocs.wire import dialect
from llmdocs.wire.accounts import Account
from llmdocs.wire.dialect import Refusal


def application(account: Account) -> Starlette:
    """OpenAI's API, at the origin's root: `/v1/chat/completions` and so on."""

    async def models(request: Request) -> JSONResponse:
        return JSONResponse({"object": "list", "data": [{"id": n} for n in account.names()]})

    return dialect.application(
        "openai", [Route("/v1/models", models)],
        not_found=lambda request: Refusal(404, {"error": {"message": f"Invalid URL ({request.method} {request.url.path})"}}),
        method_not_allowed=lambda request: Refusal(405, {}),
    )
