"""What all dialects share: a refusal, the request's JSON, and the application that holds routes."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

log = logging.getLogger("llmdocs.wire")


class Refusal(Exception):
    """The provider's own error answer, and a hint for the mock's log: what it would have accepted.

    `body` is sent as JSON, or as plain text if it is a string.
    """

    def __init__(
        self,
        status: int,
        body: dict[str, Any] | str,
        hint: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body
        self.hint = hint
        self.headers = headers or {}

    def response(self) -> Response:
        if isinstance(self.body, str):
            return Response(self.body, self.status, self.headers, media_type="text/plain")
        return JSONResponse(self.body, self.status, self.headers)


def application(
    provider: str,
    routes: Sequence[Route],
    *,
    not_found: Callable[[Request], Refusal],
    method_not_allowed: Callable[[Request], Refusal],
    redirect_slashes: bool = False,
) -> Starlette:
    """One provider's API: its routes, and its own words for a wrong path and a wrong method."""

    def refuse(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            error = (not_found if error.status_code == 404 else method_not_allowed)(request)
        assert isinstance(error, Refusal)
        log.warning(
            "%s refused %s %s with %d. %s",
            provider, request.method, request.url, error.status, error.hint,
        )  # fmt: skip
        return error.response()

    app = Starlette(routes=routes, exception_handlers={Refusal: refuse, 404: refuse, 405: refuse})
    app.router.redirect_slashes = redirect_slashes
    return app


def listed(names: Iterable[str]) -> str:
    """Names for a hint: `a, b, c`, or `none`."""
    return ", ".join(names) or "none"


def server_sent_events(events: Iterable[Any]) -> Iterable[str]:
    """OpenAI's stream: one `data:` line for each JSON event, then `[DONE]`."""
    for event in events:
        yield f"data: {json.dumps(event, ensure_ascii=False, separators=(',', ':'))}\n\n"
    yield "data: [DONE]\n\n"
