"""The mocked providers on real HTTP and HTTPS, behind one address that is also a proxy."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib.util
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

import trustme
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from llmdocs.catalogue.providers import CATALOGUE, Provider
from llmdocs.wire.accounts import Account
from llmdocs.wire.compatible import tables
from llmdocs.wire.compatible.tables import TableError
from llmdocs.wire.connections import LONGEST_HEAD, LOOPBACK, Connections, Ports
from llmdocs.wire.dialect import phrase
from llmdocs.wire.faults import ErrorBody, Fault
from llmdocs.wire.log import log
from llmdocs.wire.router import (
    ProviderApp,
    RecordedRequest,
    Router,
)
from llmdocs.wire.tls import certificates_for_any_name

# The dialects need it, but are imported late: what is not installed is told at the start.
if importlib.util.find_spec("jsonschema") is None:
    raise ModuleNotFoundError("No module named 'jsonschema'", name="jsonschema")

# What makes a provider's application of its account, and the bodies of its errors.
Dialect = tuple[Callable[[Account], ASGIApp], ErrorBody]
IDLE_SECONDS = 75


def _anthropic() -> Dialect:
    from llmdocs.wire.anthropic import api, requests

    return api.application, requests.error_body


def _azure() -> Dialect:
    from llmdocs.wire import azure

    return azure.application, azure.error_body


def _ollama() -> Dialect:
    from llmdocs.wire.ollama import api

    return api.application, api.error_body


def _openai() -> Dialect:
    from llmdocs.wire.openai import api

    return api.application, api.error_body


# The dialects that have a package or a module of their own, each imported when it is called;
# `compatible` has tables.
DIALECTS: Mapping[str, Callable[[], Dialect]] = {
    "anthropic": _anthropic,
    "azure": _azure,
    "ollama": _ollama,
    "openai": _openai,
}


def provider_app(provider: Provider, account: Account) -> ProviderApp:
    """A provider with an account, as the dialect that the catalogue names plays it.

    The dialect's modules are imported with the first request to it: a program meets few dialects,
    and all of them take a third of the mock's start. Raises `TableError`.
    """
    if provider.dialect == "compatible":
        tables.table(provider.name)

    @functools.cache
    def played() -> tuple[ASGIApp, ErrorBody]:
        if provider.dialect == "compatible":
            from llmdocs.wire.compatible import engine

            own_words = functools.partial(engine.error_body, provider.name, account)
            return engine.application(provider.name, account), own_words
        application, error_body = DIALECTS[provider.dialect]()

        def in_its_form(status: int, message: str, code: str | None) -> Any:
            return error_body(status, message or phrase(status), code)

        return application(account), in_its_form

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await played()[0](scope, receive, send)

    def error_body(status: int, message: str, code: str | None) -> Any:
        return played()[1](status, message, code)

    return ProviderApp(app, error_body, account.keys)


class MockedProviders:
    """Every known provider, played by one server in a thread of its own.

    One address takes plain HTTP, TLS for any host name (certificates come from a throw-away
    authority, `ca_file`) and a proxy's `CONNECT` and absolute targets. Another, `http_only_port`,
    knows no TLS, as a local server knows none. `requests` records what arrived, unless
    `keep_requests` is false: then it stays empty. A connection that says nothing for `idle_seconds`
    is closed. Use it as a context manager.
    """

    def __init__(
        self,
        accounts: Mapping[str, Account],
        port: int = 0,
        *,
        keep_requests: bool = True,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._port = port
        played = {}
        for name, account in accounts.items():
            try:
                played[name] = provider_app(CATALOGUE[name], account)
            except TableError as error:
                log.warning("%s is not mocked: %s", name, error)
        hosts = {
            origin: provider.name
            for provider in CATALOGUE.values()
            if provider.name in played
            for origin in provider.origins
        }
        self.router = Router(played, hosts, self._drop, keep_requests)
        self._connections = Connections(self.router, idle_seconds)
        self._started = threading.Event()
        self._failure: BaseException | None = None

    @property
    def requests(self) -> list[RecordedRequest]:
        return self.router.requests

    @property
    def faults(self) -> list[Fault | None]:
        """The script: each fault meets one request, in order, and None lets one pass."""
        return self.router.faults

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory(prefix="llmdocs-mock-")
        authority = trustme.CA()
        self.ca_file = Path(self._folder.name, "ca.pem")
        authority.cert_pem.write_to_path(str(self.ca_file))
        self._tls = certificates_for_any_name(authority)
        self._untrusted_tls = certificates_for_any_name(trustme.CA())
        self._thread = threading.Thread(target=self._run, name="llmdocs-mock", daemon=True)
        self._thread.start()
        self._started.wait()
        if self._failure:
            self._folder.cleanup()
            raise self._failure
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._folder.cleanup()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._failure = error
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        accept = self._connections.accept
        listener = await asyncio.start_server(accept, LOOPBACK, self._port, limit=LONGEST_HEAD)
        self.port: int = listener.sockets[0].getsockname()[1]
        http_only = functools.partial(accept, http_only=True)
        http_only_listener = await asyncio.start_server(http_only, LOOPBACK, 0, limit=LONGEST_HEAD)
        self.http_only_port: int = http_only_listener.sockets[0].getsockname()[1]
        async with (
            listener,
            http_only_listener,
            _uvicorn(self.router) as plain,
            _uvicorn(self.router, lambda *_: self._tls) as tls,
            _uvicorn(self.router, lambda *_: self._untrusted_tls) as untrusted,
        ):
            self._connections.ports = Ports(plain, tls, untrusted, self.http_only_port)
            self.router.own_ports = {self.port, self.http_only_port, plain, tls, untrusted}
            self._started.set()
            await self._stop.wait()
            self._connections.end()

    def close_connections(self) -> None:
        """Close every connection that is open: each client has to connect anew.

        A client that keeps its connections would not notice that a name no longer resolves, or
        that a certificate is no longer trusted.
        """
        asyncio.run_coroutine_threadsafe(self._connections.close(), self._loop).result()

    def _drop(self, scope: Scope) -> None:
        self._connections.drop(scope)


@contextlib.asynccontextmanager
async def _uvicorn(
    app: Router, ssl_context: Callable[..., ssl.SSLContext] | None = None
) -> AsyncIterator[int]:
    """Serve `app` on a free port of this machine while the block runs, and give the port."""
    config = uvicorn.Config(
        app,
        http="h11",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        # It would call an answer that a fault breaks off an error of ours.
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        # As long as providers keep an idle connection: a client may come back to it in a while.
        timeout_keep_alive=IDLE_SECONDS,
        proxy_headers=False,
        ssl_context_factory=ssl_context,
    )
    server = uvicorn.Server(config)
    # asyncio turns Nagle's algorithm off (40 ms an answer) only where the protocol is named.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind((LOOPBACK, 0))
        serving = asyncio.create_task(server.serve([listener]))
        yield listener.getsockname()[1]
        # uvicorn's own end waits for its next tick and then for connections.
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving
