"""Routes each request to the provider whose address it was sent to, and keeps a record of it."""

from __future__ import annotations

import json
import re
import secrets
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
    CONNECTION_FAULTS,
    ErrorBody,
    Exchange,
    Fault,
    UntrustedCertificate,
)
from llmdocs.wire.log import log, place
from llmdocs.wire.redirect.sitecustomize import LOCALHOST, own_address, resolves
from llmdocs.wire.request_log import RequestLine

# litellm asks for an Ollama model's details beside its calls; that is no part of a script.
UNSCRIPTED = "/api/show"

# These headers speak of one connection, or to the proxy (RFC 9110, sections 7.6.1 and 11.7).
HOP_BY_HOP = frozenset(
    [
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ]
)
# The longest request body that is read, in bytes: Anthropic's bound, and for the others inferred.
# <https://docs.claude.com/en/api/overview#request-size-limits>
MOST_BYTES = 32 * 1024 * 1024
# RFC 3986, section 3.2.2, without percent-encoding: no resolver knows such a name.
LABEL = "[A-Za-z0-9_~-]{1,63}"
HOST = re.compile(rf"(?=.{{1,253}}\Z){LABEL}(?:\.{LABEL})*+\.?|\[[0-9A-Fa-f:.]{{1,64}}\]")
LAST_PORT = 65535
BARE_IPV6 = re.compile(r"^(?P<address>[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]*?)(?P<port>:[0-9]{4,5})?\Z")

# How a proxy says why it has no answer (RFC 9209, section 2.3): the status is 502 for both.
UNRESOLVED = "llmdocs-mock; error=dns_error"
REFUSED = "llmdocs-mock; error=connection_refused"


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
class ProviderApp:
    """One provider as it is played: its API, the form of its errors, and its account's keys."""

    app: ASGIApp
    error_body: ErrorBody
    keys: frozenset[str] = frozenset()


class Router:
    """An ASGI application in front of all providers.

    `hosts` maps an origin (`https://api.openai.com`, `http://localhost:11434`) to a provider. A
    request to one of `own_ports` of this machine, the mock's own, is routed by the first segment of
    its path instead: `/openai/v1/models`. Each of `faults` meets one request, in order; None lets
    one pass. `drop_connection` is called with the scope of a request whose connection is to be
    lost. `requests` has what arrived, if it is to be kept: that grows with each.
    """

    def __init__(
        self,
        providers: Mapping[str, ProviderApp],
        hosts: Mapping[str, str],
        drop_connection: Callable[[Scope], None],
        keep_requests: bool = True,
    ) -> None:
        self.providers = providers
        self.hosts = hosts
        self.own_ports: set[int] = set()
        self.requests: list[RecordedRequest] = []
        self._keep_requests = keep_requests
        # How this mock names itself to the next server, so that it knows what comes back.
        self._pseudonym = f"llmdocs-mock-{secrets.token_hex(4)}"
        self.faults: list[Fault | None] = []
        self._drop_connection = drop_connection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(_with_origin_form(scope), receive)
        line = RequestLine(request)
        try:
            await self._respond(request, scope, receive, line.before(send), line)
        finally:
            line.tell(None)

    async def _respond(
        self, request: Request, scope: Scope, receive: Receive, send: Send, line: RequestLine
    ) -> None:
        if problem := _malformed(request, str(scope["path"])):
            await _error(400, problem)(scope, receive, send)
            return
        provider, inner = self._route(request)
        line.provider = provider
        line.keys = self.providers[provider].keys if provider else ()
        body = await _body(request)
        if body is None:
            await self._too_large(provider)(inner, receive, _with_headers(send, closes=True))
            return
        line.body = body
        if self._keep_requests:
            self.requests.append(
                RecordedRequest(provider, request.method, str(request.url), request.headers, body)
            )
        if _is_for_a_proxy(scope) and not resolves(str(request.url.hostname)):
            app: ASGIApp = _gateway_error(
                f"cannot resolve the host {request.url.hostname}", UNRESOLVED
            )
        elif provider is not None:
            app = self._provider(provider, request, line)
        elif (
            not _is_for_a_proxy(scope)
            or self._is_own(request)
            or own_address(str(request.url.hostname)) is None
        ):
            app = self._unknown_host(request)
        else:
            app = await self._relay(request, body)
        closes = bool(self.faults) and isinstance(self.faults[0], CONNECTION_FAULTS)
        await app(inner, _replay(body, receive), _with_headers(send, closes))

    def _provider(self, name: str, request: Request, line: RequestLine) -> ASGIApp:
        """The provider, with the next fault of the script in its way."""
        played = self.providers[name]
        scripted = self.faults and not request.url.path.endswith(UNSCRIPTED)
        fault = self._next_fault(request) if scripted else None
        if fault is None:
            return played.app
        line.fault = str(fault)
        log.warning("%s met the fault %s: %s %s", name, fault, request.method, place(request))

        async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
            def drop() -> None:
                self._drop_connection(request.scope)

            await fault.apply(Exchange(played.app, scope, receive, send, played.error_body, drop))

        return faulty

    def _next_fault(self, request: Request) -> Fault | None:
        """The fault that meets this request; one of certificates stays for a TLS connection."""
        fault = self.faults[0]
        if not isinstance(fault, UntrustedCertificate):
            return self.faults.pop(0)
        return fault if request.url.scheme == "https" else None

    def _route(self, request: Request) -> tuple[str | None, Scope]:
        host, port = host_and_port(_authority(request)) or ("", 0)
        # A provider of this machine answers whatever that is called.
        is_local = own_address(host) is not None
        for origin in (_origin(request), f"http://localhost:{port}" if is_local else ""):
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
        host, port = host_and_port(_authority(request)) or ("", 0)
        return own_address(host) is not None and port in self.own_ports

    def _unknown_host(self, request: Request) -> ASGIApp:
        """Answer 403 rather than break the connection: clients retry a broken connection."""
        asked = f"{_origin(request)}{request.url.path}"
        message = (
            f"llmdocs mock has no mock for {asked}, and does not forward requests to the network. "
            f"It answers at: {_listed(self.hosts)}."
        )
        if self._is_own(request):
            paths = (f"/{name}" for name in self.providers)
            message = (
                f"llmdocs mock answers under {_listed(paths)}; this path is {request.url.path}."
            )
        log.error("%s", message.removeprefix("llmdocs mock "))
        return _error(403, message)

    async def _relay(self, request: Request, body: bytes) -> Response:
        """Pass on what a program sends, through the proxy, to another server of its machine."""
        # Imported here: it takes a tenth of a second that most commands need not wait for.
        import httpx

        via = f"1.1 {self._pseudonym}"
        if any(self._pseudonym in passed for passed in request.headers.getlist("via")):
            return _error(508, f"{_origin(request)} is the address of this proxy itself.")
        # How long to wait is for the program and its server to say.
        client = httpx.AsyncClient(trust_env=False, timeout=None)  # noqa: S113
        headers = [*_passed_on(request.headers.raw), (b"via", via.encode())]
        try:
            # Not the client's own: it would add headers that the program did not send.
            url = httpx.URL(str(request.url))
            if own_address(url.host) == LOCALHOST:
                # The system may ask a server for a name below it.
                url = url.copy_with(host=LOCALHOST)
            passed_on = httpx.Request(request.method, url, headers=headers, content=body)
            answer = await client.send(passed_on, stream=True)
        except httpx.TransportError:
            await client.aclose()
            return _gateway_error(f"nothing answers at {_origin(request)}", REFUSED)
        response = StreamingResponse(
            answer.aiter_raw(), answer.status_code, background=BackgroundTask(client.aclose)
        )
        response.raw_headers = [*_passed_on(answer.headers.raw), (b"via", via.encode())]
        return response

    def _too_large(self, provider: str | None) -> ASGIApp:
        """The refusal of a body that has more bytes than are read."""
        message = f"Request exceeds the maximum allowed number of bytes ({MOST_BYTES})."
        log.warning("refused a request of more than %d bytes with 413.", MOST_BYTES)
        if provider is None:
            return _error(413, message)
        return JSONResponse(self.providers[provider].error_body(413, message, None), 413)


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}".lower()


def _malformed(request: Request, target: str) -> str:
    """What is wrong with the target or the Host of a request, or nothing: RFC 9112, section 3.2."""
    if not target.startswith(("/", "http://")):
        return f"{target!a} is no path, and no address that begins with http://."
    authorities = request.headers.getlist("host")
    if target.startswith("http://"):
        # httpx leaves out the brackets of an IPv6 address here; the Host has them.
        named = target.removeprefix("http://").partition("/")[0].partition("?")[0]
        authorities.append(BARE_IPV6.sub(r"[\g<address>]\g<port>", named))
    wrong = next((item for item in authorities if not host_and_port(item)), None)
    if wrong is not None:
        return f"{wrong!a} is no host, with a port or without."
    return "There is more than one Host." if len(request.headers.getlist("host")) > 1 else ""


def _authority(request: Request) -> str:
    """The host that a request is for, and its port, as the request writes them."""
    return request.headers.get("host") or request.url.netloc


def host_and_port(authority: str, default: int = 80) -> tuple[str, int] | None:
    """The host that `host:port` names, and the port, if it has one; None if it names none."""
    host, colon, port = authority.rpartition(":")
    if not colon or authority.endswith("]"):
        host, port = authority, str(default)
    if not HOST.fullmatch(host) or not re.fullmatch("[0-9]{1,5}", port):
        return None
    return (host.strip("[]"), int(port)) if 0 < int(port) <= LAST_PORT else None


async def _body(request: Request) -> bytes | None:
    """The body of a request; None if it has more than `MOST_BYTES` bytes, which are not read."""
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > MOST_BYTES:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def _passed_on(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers that are for the other end."""
    pairs = [(name.lower().decode("latin-1"), name, value) for name, value in headers]
    named = {
        item.strip().lower()
        for name, _, value in pairs
        if name == "connection"
        for item in value.decode("latin-1").split(",")
    }
    dropped = HOP_BY_HOP | named
    return [(written, value) for name, written, value in pairs if name not in dropped]


def _error(status: int, message: str) -> Response:
    """An answer of the mock itself, in no provider's words."""
    return JSONResponse({"error": {"message": message, "type": "llmdocs_mock"}}, status)


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
