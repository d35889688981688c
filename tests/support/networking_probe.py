"""What calls do with the network's variables, in a process of its own: litellm reads them once.

Reads scenarios as JSON from its standard input, and writes what came of each call:

    python -m tests.support.networking_probe < scenarios.json

Two servers play every provider. One is reached directly, the other is the proxy of the scenarios,
which signs what it passes on with an authority of its own, as a company's proxy may.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import socketserver
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import certifi

from llmdocs import LLM, Settings, recipes
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.client.litellm_module import litellm
from llmdocs.errors import ProviderError
from llmdocs.wire import child
from llmdocs.wire.accounts import account_from
from llmdocs.wire.redirect import sitecustomize as redirect
from llmdocs.wire.server import MockedProviders

USER, PASSWORD = "me", "p@ss word"

Call = Callable[[LLM, asyncio.Runner], Any]
CALLS: dict[str, Call] = {
    "complete": lambda llm, _: llm.complete("Hello", max_tokens=1),
    "acomplete": lambda llm, runner: runner.run(llm.acomplete("Hello", max_tokens=1)),
    "embed": lambda llm, _: llm.embed("Hello"),
    "aembed": lambda llm, runner: runner.run(llm.aembed("Hello")),
}


class Guard(socketserver.StreamRequestHandler):
    """A proxy that asks for a user and a password, and leaves the rest to the other."""

    behind: int
    # What follows the head is for the other proxy, and not for a buffer here.
    rbufsize = 0

    def handle(self) -> None:
        head = b"".join(iter(self.rfile.readline, b"\r\n"))
        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode())
        if b"basic " + expected.lower() not in head.lower():
            self.wfile.write(
                b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                b'Proxy-Authenticate: Basic realm="proxy"\r\nContent-Length: 0\r\n\r\n'
            )
            return
        with socket.create_connection(("127.0.0.1", self.behind)) as inner:
            inner.sendall(head + b"\r\n")
            threading.Thread(target=_copy, args=(self.connection, inner), daemon=True).start()
            _copy(inner, self.connection)


def _copy(source: Any, target: Any) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        """Either side may hang up."""


@contextmanager
def guard(behind: int) -> Iterator[int]:
    handler = type("GuardBefore", (Guard,), {"behind": behind})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def outcome(
    call: Call, llm: LLM, runner: asyncio.Runner, servers: Mapping[str, MockedProviders]
) -> dict[str, Any]:
    """Which server a call reached, and what it raised."""
    for server in servers.values():
        server.requests.clear()
    result: dict[str, Any] = {"errors": [], "message": "", "text": ""}
    try:
        call(llm, runner)
    except ProviderError as error:
        result["errors"] = [type(cause).__name__ for cause in chain(error)]
        result["message"] = str(error)
        result["text"] = "".join(traceback.format_exception(error))
    result["reached"] = [name for name, server in servers.items() if _was_called(server)]
    return result


def _was_called(server: MockedProviders) -> bool:
    """litellm's questions about Ollama's models are no calls."""
    return any(not request.url.endswith("/api/show") for request in server.requests)


def new_clients() -> None:
    """Have litellm make its clients anew: they keep what the environment said."""
    from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler, HTTPHandler

    module = litellm()
    module.in_memory_llm_clients_cache.flush_cache()
    module.module_level_client = HTTPHandler()
    module.module_level_aclient = AsyncHTTPHandler()


def settings_of(provider: str, changes: Mapping[str, Any]) -> Settings:
    variables = recipes.read(provider)
    values: dict[str, Any] = {
        name.removeprefix("LLM_").lower(): value for name, value in variables.items()
    }
    return Settings(**{**values, "num_retries": 0, "timeout": 5, **changes})


def play(
    scenario: Mapping[str, Any], names: Mapping[str, str], servers: Mapping[str, MockedProviders]
) -> dict[str, Any]:
    """Every call at one provider, in an environment whose values may hold `{names}`."""
    variables = {key: value.format(**names) for key, value in scenario["variables"].items()}
    os.environ.update(variables)
    try:
        new_clients()
        with asyncio.Runner() as runner:
            llm = LLM(settings_of(scenario["provider"], scenario["settings"]))
            return {name: outcome(call, llm, runner, servers) for name, call in CALLS.items()}
    finally:
        for name in variables:
            del os.environ[name]


def main() -> None:
    accounts = {name: account_from(recipes.read(name)) for name in CATALOGUE}
    with ExitStack() as stack:
        direct, proxy = (stack.enter_context(MockedProviders(accounts)) for _ in range(2))
        guarded = stack.enter_context(guard(proxy.port))
        redirect.install(direct.port, direct.http_only_port, child.local_ports())
        stack.callback(redirect.uninstall)
        folder = Path(stack.enter_context(TemporaryDirectory()))
        public = Path(certifi.where()).read_bytes() + direct.ca_file.read_bytes()
        (folder / "public.pem").write_bytes(public)
        (folder / "appended.pem").write_bytes(public + proxy.ca_file.read_bytes())
        names = {
            "proxy": proxy.url,
            "guarded": f"127.0.0.1:{guarded}",
            "public": str(folder / "public.pem"),
            "private": str(proxy.ca_file),
            "appended": str(folder / "appended.pem"),
        }
        servers = {"direct": direct, "proxy": proxy}
        played = [play(scenario, names, servers) for scenario in json.load(sys.stdin)]
        json.dump(played, sys.stdout)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
