"""Parts of every dialect: a refusal, the request's JSON, and the application that holds routes."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any, NoReturn

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llmdocs.wire.log import log, place
from llmdocs.wire.mock_model import MAXIMUM_DEPTH

UNOFFICIAL_PHRASES = {529: "Overloaded"}


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
            provider, request.method, place(request), error.status, error.hint,
        )  # fmt: skip
        return error.response()

    app = Starlette(
        routes=routes,
        middleware=[Middleware(_OwnDefects, provider=provider)],
        exception_handlers={Refusal: refuse, 404: refuse, 405: refuse},
    )
    app.router.redirect_slashes = redirect_slashes
    return app


class _OwnDefects:
    """Answers 501 where a dialect breaks down.

    A 500 would pass for the provider's own, which clients try again in silence.
    """

    def __init__(self, app: ASGIApp, provider: str) -> None:
        self._app = app
        self._provider = provider

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            said = (
                f"A defect of llmdocs mock, not of your program: its {self._provider} broke down "
                f"on {scope['method']} {scope['path']} ({type(error).__name__}). Please report it."
            )
            log.exception("%s", said)
            if started:  # the status is sent: all that is left is to break the connection
                raise
            answer = {"error": {"message": said, "type": "llmdocs_mock"}}
            # OpenAI's clients obey the header; without it they try any 5xx again.
            response = JSONResponse(answer, 501, {"x-should-retry": "false"})
            await response(scope, receive, send)


def read_json(body: bytes) -> Any:
    """The value in a body, as parsers stricter than Python's read it. Raises ValueError."""
    try:
        # Python's parser takes NaN and Infinity, which JSON does not have.
        value = json.loads(body, parse_constant=_no_constant, parse_float=_finite_number)
        # Nor has UTF-8 the half of a surrogate pair, which JSON can spell.
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deep") from None
    if is_too_deep(value):
        raise ValueError("nested too deep")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite_number(written: str) -> float:
    """`1e999` is JSON, but no number that an answer could repeat; inferred."""
    number = float(written)
    if math.isinf(number):
        raise ValueError(written)
    return number


def is_too_deep(value: Any) -> bool:
    """Whether JSON is nested deeper than the mock, which reads it recursively, will follow."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MAXIMUM_DEPTH):
        inside = (item.values() if isinstance(item, dict) else item for item in level)
        level = [child for items in inside for child in items if isinstance(child, dict | list)]
    return bool(level)


def phrase(status: int) -> str:
    """What a status is called."""
    if status in UNOFFICIAL_PHRASES:
        return UNOFFICIAL_PHRASES[status]
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "scripted fault"


def listed(names: Iterable[str]) -> str:
    """Names for a hint: `a, b, c`, or `none`."""
    return ", ".join(names) or "none"


def server_sent_events(events: Iterable[Any]) -> Iterable[str]:
    """OpenAI's stream: one `data:` line for each JSON event, then `[DONE]`."""
    for event in events:
        yield f"data: {json.dumps(event, ensure_ascii=False, separators=(',', ':'))}\n\n"
    yield "data: [DONE]\n\n"
