"""Reports of others, as data: what they had, what came back, and what is right."""

from __future__ import annotations

import os
import socket
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from llmdocs.client.litellm_module import litellm
from llmdocs.wire import child, faults
from llmdocs.wire.redirect import sitecustomize as redirect
from llmdocs.wire.router import ProviderApp
from llmdocs.wire.server import MockedProviders

FOLDER = Path(__file__).parent.parent / "reports"
CONTAINERS = ("Docker", "Kubernetes")
# More than any call sends.
OFTEN = 20


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class File(_Strict):
    """A file that the reporter had. `reader` is what read it: ours reads as python-dotenv does."""

    name: str
    text: str
    encoding: str = "utf-8"
    reader: Literal["python-dotenv", "docker --env-file", "source", "compose", "PowerShell"]


class Answer(_Strict):
    """What the other side answered, below a path or wherever it was asked."""

    status: int = 200
    headers: dict[str, str] = {}
    body: str = ""
    path: str = ""


class Right(_Strict):
    """What is right: the cause in words, and of the doctor's findings the codes and what they do.

    `names` are texts that the verdict holds, and `elsewhere` is what helps outside the settings.
    """

    cause: str
    findings: list[str]
    values: dict[str, str] = {}
    removed: list[str] = []
    own: list[str] = []
    names: list[str] = []
    elsewhere: str = ""
    confidence: Literal["confirmed", "reasoned"]


class Report(_Strict):
    """One file of `tests/reports/`, whose keys the how-to *Add a report* explains."""

    source: str = Field(pattern=r"^[\w.-]+/[\w.-]+#\d+$")
    platform: str
    mapped: str
    words: list[str] = []
    variables: dict[str, str] = {}
    file: File | None = None
    answer: Answer | None = None
    answers: list[Answer] = []
    network: (
        Literal[
            "refused",
            "proxy-refused",
            "unknown-host",
            "timed-out",
            "silent",
            "no-tls",
            "reset",
            "untrusted-certificate",
        ]
        | None
    ) = None
    right: Right
    name: str = ""

    def __str__(self) -> str:
        return self.name

    @property
    def container(self) -> bool:
        return self.platform.startswith(CONTAINERS)


def read(path: Path) -> Report:
    """The report of a file. Raises ValueError, which names the file and what is wrong in it."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        return Report.model_validate({**table, "name": path.stem})
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ValueError(f"{path.name}: {error}") from None


def text_without_words(report: Report) -> str:
    """All that a report's file says but its `words`, with its lines joined."""
    lines = (FOLDER / f"{report.name}.toml").read_text("utf-8").splitlines()
    return " ".join(line.removeprefix("# ") for line in lines if not line.startswith("words ="))


def reports() -> list[Report]:
    return [read(path) for path in sorted(FOLDER.glob("*.toml"))]


class _AnyOrigin(dict[str, str]):
    """The other side answers wherever it is asked."""

    def __contains__(self, origin: object) -> bool:
        return bool(origin)

    def __missing__(self, origin: str) -> str:
        return "report"


@contextmanager
def _full_queue() -> Iterator[int]:
    """A port at which no connection is taken and none refused, as behind a firewall."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, ExitStack() as stack:
        port: int = server.getsockname()[1]
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        yield port


def _answered(request: Request, report: Report) -> Response:
    answers = [report.answer] if report.answer else report.answers
    fitting = (item for item in answers if request.url.path.endswith(item.path))
    answer = next(fitting, Answer(status=404))
    headers = {"content-type": "application/json", **answer.headers}
    return Response(answer.body, answer.status, headers)


@contextmanager
def led_to_the_mocks(variables: Mapping[str, str], wire: MockedProviders) -> Iterator[None]:
    """The ports that variables name, of a server and of proxies, are the mocks' meanwhile."""
    names = [name for name in variables if name.upper().endswith("_PROXY")]
    addresses = (variables.get(name, "") for name in (*names, "LLM_BASE_URL"))
    named = [urlsplit(it).port for it in addresses if "://" in it]
    ports = frozenset(port for port in named if port)
    cached = litellm().in_memory_llm_clients_cache
    redirect.install(wire.port, wire.http_only_port, child.local_ports() | ports)
    # A client keeps the proxies of its beginning.
    if names:
        cached.flush_cache()
    try:
        yield
    finally:
        if names:
            cached.flush_cache()
        redirect.install(wire.port, wire.http_only_port, child.local_ports())


@contextmanager
def other_side(
    report: Report, wire: MockedProviders, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """What the report's calls meet, while the block runs."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        await request.body()
        await _answered(request, report)(scope, receive, send)

    monkeypatch.setitem(wire.router.providers, "report", ProviderApp(app, lambda *_: {}))
    monkeypatch.setattr(wire.router, "hosts", _AnyOrigin())
    address = os.environ.get("LLM_BASE_URL", "")
    with ExitStack() as stack:
        stack.enter_context(led_to_the_mocks({**report.variables, "LLM_BASE_URL": address}, wire))
        match report.network:
            case "unknown-host":
                stack.enter_context(redirect.unresolvable(urlsplit(address).hostname or ""))
            case "refused" | "proxy-refused":
                stack.enter_context(redirect.refused(beyond_this_machine=True))
            case "timed-out":
                full = stack.enter_context(_full_queue())
                monkeypatch.setattr(redirect, "CLOSED_PORT", full)
                stack.enter_context(redirect.refused(beyond_this_machine=True))
            case "silent":
                wire.faults.extend([faults.named("hang")] * OFTEN)
            case "untrusted-certificate":
                wire.faults.extend([faults.named("untrusted-certificate")] * OFTEN)
            case "reset":
                wire.faults.extend([faults.named("dropped")] * OFTEN)
        wire.close_connections()
        yield
        wire.faults.clear()
    wire.close_connections()


def make(report: Report, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path | None:
    """Put what the reporter had into the environment and the folder; gives the env file."""
    monkeypatch.chdir(folder)
    for name, value in report.variables.items():
        monkeypatch.setenv(name, value)
    # Docker and Compose have read theirs: what it made of them stands among the variables.
    if not report.file or report.file.reader != "python-dotenv":
        return None
    path = folder / report.file.name
    path.write_bytes(report.file.text.encode(report.file.encoding))
    return path
