"""Node programs among the mocks: led there by the redirect alone, whatever Node's version."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmdocs.wire import child
from llmdocs.wire.server import MockedProviders
from tests.support import programs
from tests.wire.test_interception import ADDRESSES, own_server

__all__ = ["own_server"]

pytestmark = pytest.mark.needs("nodejs")

# Each is a body of an async function that gives the statuses of what it asked `urls` for.
WAYS = {
    "fetch": "for (const url of urls) given.push((await fetch(url)).status);",
    "http and https": """
        for (const url of urls) given.push(await new Promise((found, failed) => {
            const { get } = require(url.split(":")[0]);
            get(url, (answer) => answer.resume().on("end", () => found(answer.statusCode)))
                .on("error", failed);
        }));""",
    "an agent of its own": """
        for (const url of urls) given.push(await new Promise((found, failed) => {
            const { Agent, get } = require(url.split(":")[0]);
            get(url, { agent: new Agent() }, (answer) =>
                answer.resume().on("end", () => found(answer.statusCode))).on("error", failed);
        }));""",
    "a thread": """
        const program = "fetch(require('worker_threads').workerData).then((answer) => "
            + "require('worker_threads').parentPort.postMessage(answer.status))";
        for (const url of urls) given.push(await new Promise((found, failed) =>
            new (require("worker_threads").Worker)(program, { eval: true, workerData: url })
                .on("message", found).on("error", failed)));""",
    "a child": """
        const program = "fetch(process.argv[1]).then((answer) => console.log(answer.status))";
        for (const url of urls) given.push(Number(require("child_process").execFileSync(
            process.execPath, ["-e", program, url])));""",
}

# What a program is given that does one thing, by that thing: a result, or an error's code.
CALLBACK = "await new Promise((found, failed) => %s)"
UDP = CALLBACK % (
    "{ const socket = require('dgram').createSocket('udp4').unref();"
    " try { socket.%s } catch (error) { failed(error) } }"
)
OUTCOMES = {
    "await fetch('https://no-such-name.invalid/')": "ENOTFOUND",
    "await fetch('https://localhost:11434/')": "ERR_SSL_WRONG_VERSION_NUMBER",
    "await require('dns').promises.lookup('api.openai.com')": {"address": "192.0.2.1", "family": 4},
    "await require('util').promisify(require('dns').lookup)('api.openai.com')": {
        "address": "192.0.2.1",
        "family": 4,
    },
    "await (await import('node:dns')).promises.lookup('a.example')": {
        "address": "192.0.2.1",
        "family": 4,
    },
    "await require('dns').promises.lookup('no-such-name.invalid')": "ENOTFOUND",
    "await require('dns').promises.lookup('127.1')": {"address": "127.0.0.1", "family": 4},
    "await require('dns').promises.resolve4('api.openai.com')": "ENETUNREACH",
    "await new (require('dns').promises.Resolver)().resolveMx('a.example')": "ENETUNREACH",
    CALLBACK
    % "new (require('dns').Resolver)().reverse('192.0.2.7', (e) => e ? failed(e) : found())": (
        "ENETUNREACH"
    ),
    UDP % "send('x', 53, '192.0.2.7')": "ENETUNREACH",
    UDP % "connect(53, 'a.example')": "ENETUNREACH",
    UDP % "send('x', 9, 'localhost', () => found('sent'))": "sent",
    CALLBACK % "require('net').connect(70000, 'a.example').on('error', failed)": (
        "ERR_SOCKET_BAD_PORT"
    ),
    CALLBACK % "require('net').connect('/no/such/socket').on('error', failed)": "ENOENT",
}
Node = Callable[..., Any]


@pytest.fixture
def node(wire: MockedProviders) -> Node:
    """What a Node program prints as JSON that has no proxy to read, but the redirect."""

    def run(program: str, *arguments: str, **variables: str) -> Any:
        found = programs.find("nodejs")
        assert found
        base = {"PATH": os.environ["PATH"], **variables}
        environment = child.environment(base, wire.url, wire.http_only_port, wire.ca_file)
        for name in ("NODE_USE_ENV_PROXY", *child.PROXIED):
            for written in (name, name.lower()):
                environment.pop(written, None)
        result = subprocess.run(
            [found, "-e", program, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    return run


def in_async(body: str) -> str:
    return (
        "(async () => { const urls = process.argv.slice(1); let given = [];"
        f"{body}\nconsole.log(JSON.stringify(given)); }})()"
    )


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_connect_leads_to_the_provider(
    wire: MockedProviders, node: Node, way: str
) -> None:
    statuses = node(in_async(WAYS[way]), *ADDRESSES)

    arrived = [(request.url, request.provider) for request in wire.requests]
    assert arrived == list(ADDRESSES.items())
    assert statuses == [httpx.get(url).status_code for url in ADDRESSES]


@pytest.mark.parametrize("url", ["https://pypi.example/simple", "http://192.0.2.7:8080/"])
def test_an_unknown_host_is_answered_at_once_and_named(
    wire: MockedProviders, node: Node, url: str
) -> None:
    said = node(in_async("given = await (await fetch(urls[0])).json();"), url)

    assert f"has no mock for {url}" in said["error"]["message"]
    wire.requests.clear()


@pytest.mark.parametrize("program", OUTCOMES)
def test_what_is_asked_for_beyond_the_mocks_fails_as_it_would(node: Node, program: str) -> None:
    outcome = node(
        in_async(
            f"try {{ given = {program}; }}"
            "catch (error) { given = error.cause?.code ?? error.code ?? String(error); }"
        )
    )

    assert outcome == OUTCOMES[program]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "LOCALHOST.", "a.localhost", "127.1", "2130706433", "0"]
)
def test_a_server_of_ones_own_is_reached(node: Node, own_server: str, host: str) -> None:
    port = own_server.rpartition(":")[2]
    program = (
        "given = await new Promise((found, failed) => { let said = '';"
        "const socket = require('net').connect(Number(urls[1]), urls[0]).on('error', failed);"
        "socket.on('data', (data) => { said += data; }).on('close', () => found(said));"
        "socket.write('GET /here HTTP/1.0\\r\\n\\r\\n'); });"
    )

    assert node(in_async(program), host, port).endswith("/here")


def test_node_options_of_the_readers_own_are_kept(
    node: Node, wire: MockedProviders, tmp_path: Path
) -> None:
    (tmp_path / "own.cjs").write_text("globalThis.own = 'the reader’s own';", "utf-8")
    given = node(
        in_async("given = [own, (await fetch('http://localhost:11434/api/version')).status];"),
        NODE_OPTIONS=f'--require "{tmp_path}/own.cjs"',
    )

    assert given == ["the reader’s own", 200]


def test_an_installation_may_have_any_path(
    node: Node, wire: MockedProviders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / 'with a space, a " and a \\ in it'
    folder.mkdir()
    copy = shutil.copy(child.NODE_REDIRECT, folder)
    monkeypatch.setattr(child, "NODE_REDIRECT", Path(copy))

    statuses = node(in_async(WAYS["fetch"]), "http://localhost:11434/api/version")

    assert (statuses, len(wire.requests)) == ([200], 1)
