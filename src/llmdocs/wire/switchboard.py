"""Routes each request to the provider whose address it was sent to, and keeps a record of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.background import BackgroundTask
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llmdocs.wire.faults import (
    AT_THE_DOOR,
    ErrorBody,
    Exchange,
    Fault,
    UntrustedCertificate,
)
from llmdocs.wire.redirect.sitecustomize import resolves

# litellm asks for an Ollama model's details beside its calls; that is no part of a script.
UNSCRIPTED = "/api/show"

# These headers speak of one connection, not of the answer (RFC 9110, section 7.6.1).
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding"})

# How a proxy says why it has no answer (RFC 9209, section 2.3): the status is 502 for both.
UNRESOLVED = "llmdocs-mock; error=dns_error"
REFUSED = "llmdocs-mock; error=connection_refused"

log = logging.getLogger("llmdocs.wire")


@dataclass(frozen=True)
class RecordedRequest:
    """A request as it reached a mocked provider. `provider` is None where no provider answers."""

    provider: str | None
    method: str
    url: str
    headers: Headers
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Played:
    """One provider as it is played: its API, and the form of its errors."""

    app: ASGIApp
    error_body: ErrorBody


class Switchboard:
    """An ASGI application in front of all providers.

    `hosts` maps an origin (`https://api.openai.com`, `http://localhost:11434`) to a provider. A
    request to one of `own_origins`, the mock's own address, is routed by the first segment of its
    path instead: `/openai/v1/models`. Each of `faults` meets one request, in order; None lets one
    pass. `drop_connection` is called with the scope of a request whose connection is to be lost.
    """

    def __init__(
        self,
        providers: Mapping[str, Played],
        hosts: Mapping[str, str],
        drop_connection: Callable[[Scope], None],
    ) -> None:
        self.providers = providers
        self.hosts = hosts
        self.own_origins: set[str] = set()
        self.requests: list[RecordedRequest] = []
        self.faults: list[Fault | None] = []
        self._drop_connection = drop_connection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(_with_origin_form(scope), receive)
        body = await request.body()
        provider, inner = self._route(request)
        self.requests.append(
            RecordedRequest(provider, request.method, str(request.url), request.headers, body)
        )
        app: ASGIApp
        if provider is None and is_loopback(request.url.hostname) and not self._is_own(request):
            app = await _relay(request, body)
        elif _is_for_a_proxy(scope) and not resolves(str(request.url.hostname)):
            app = _gateway_error(f"cannot find the host {request.url.hostname}", UNRESOLVED)
        elif provider is None:
            app = self._unknown_host(request)
        else:
            app = self._provider(provider, request)
        closes = bool(self.faults) and isinstance(self.faults[0], AT_THE_DOOR)
        await app(inner, _replay(body, receive), _with_headers(send, closes))

    def _provider(self, name: str, request: Request) -> ASGIApp:
        """The provider, with the next fault of the script in its way."""
        played = self.providers[name]
        scripted = self.faults and not request.url.path.endswith(UNSCRIPTED)
        fault = self._next_fault(request) if scripted else None
        if fault is None:
            return played.app
        log.warning("%s met the fault %s: %s %s", name, fault, request.method, request.url)

        async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
            def drop() -> None:
                self._drop_connection(request.scope)

            await fault.meet(Exchange(played.app, scope, receive, send, played.error_body, drop))

        return faulty

    def _next_fault(self, request: Request) -> Fault | None:
        """The fault that meets this request; one of certificates stays for a TLS connection."""
        fault = self.faults[0]
        if not isinstance(fault, UntrustedCertificate):
            return self.faults.pop(0)
        return fault if request.url.scheme == "https" else None

    def _route(self, request: Request) -> tuple[str | None, Scope]:
        origin = _origin(request)
        if origin in self.hosts:
            return self.hosts[origin], request.scope
        if self._is_own(request):
            name = request.url.path.split("/")[1]
            if name in self.providers:
                prefix = f"/{name}"
                path = request.scope["path"]
                raw_path = request.scope.get("raw_path", path.encode())
                return name, {
                    **request.scope,
                    "root_path": prefix,
                    "raw_path": raw_path.removeprefix(prefix.encode()),
                }
        return None, request.scope

    def _is_own(self, request: Request) -> bool:
        return _origin(request) in self.own_origins

    def _unknown_host(self, request: Request) -> ASGIApp:
        """Answer 403 rather than break the connection: clients retry a broken connection."""
        asked = f"{_origin(request)}{request.url.path}"
        message = (
            f"llmdocs mock plays no provider at {asked}, and nothing reaches the network from "
            f"here. It answers at: {_listed(self.hosts)}."
        )
        if self._is_own(request):
            paths = (f"/{name}" for name in self.providers)
            message = (
                f"llmdocs mock answers under {_listed(paths)}; this path is {request.url.path}."
            )
        log.error("%s", message.removeprefix("llmdocs mock "))
        return JSONResponse({"error": {"message": message, "type": "llmdocs_mock"}}, 403)


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address is this machine's own."""
    return host is not None and (host in ("localhost", "::1") or host.startswith("127."))


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}".lower()


async def _relay(request: Request, body: bytes) -> Response:
    """Pass on what a program sends, through the proxy, to another server of its own machine."""
    # Imported here: it takes a tenth of a second that most commands need not wait for.
    import httpx

    # How long to wait is for the program and its server to say.
    client = httpx.AsyncClient(trust_env=False, timeout=None)  # noqa: S113
    try:
        answer = await client.send(
            client.build_request(
                request.method, str(request.url), headers=request.headers.raw, content=body
            ),
            stream=True,
        )
    except httpx.TransportError:
        return _gateway_error(f"nothing answers at {_origin(request)}", REFUSED)
    return StreamingResponse(
        answer.aiter_raw(),
        answer.status_code,
        {name: value for name, value in answer.headers.items() if name not in HOP_BY_HOP},
        background=BackgroundTask(client.aclose),
    )


def _gateway_error(problem: str, reason: str) -> Response:
    """What a proxy answers that cannot reach a host."""
    body = {"error": {"message": problem, "type": "llmdocs_mock"}}
    return JSONResponse(body, 502, {"proxy-status": reason})


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _is_for_a_proxy(scope: Scope) -> bool:
    """Whether a request names the host that is to have it, as a proxy is asked."""
    return str(scope["path"]).startswith("http://")


def _with_origin_form(scope: Scope) -> Scope:
    """A proxy is sent `GET http://host/path`; give the application the path.

    The host is in the Host header too, and better there: httpx leaves out the brackets of `[::1]`.
    """
    if not _is_for_a_proxy(scope):
        return scope
    raw_path = urlsplit(scope["raw_path"].decode("latin-1")).path or "/"
    return {**scope, "path": unquote(raw_path), "raw_path": raw_path.encode("latin-1")}


def _with_headers(send: Send, closes: bool) -> Send:
    """Add the Date header that every provider sends; a fault may have sent its own.

    An answer that `closes` is the last on its connection: the next request comes on a new one.
    """

    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            headers.setdefault("date", format_datetime(datetime.now(UTC), usegmt=True))
            if closes:
                headers["connection"] = "close"
            message = {**message, "headers": headers.raw}
        await send(message)

    return with_headers


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body again for the provider's application, then what the server sends next."""
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Any:
        return pending.pop() if pending else await receive()

    return replayed
