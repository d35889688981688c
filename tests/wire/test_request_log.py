"""The log of requests, `llmdocs mock --log`: what each line tells, and that it tells no secret."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmdocs.wire.faults import Dropped, ErrorAnswer
from llmdocs.wire.server import MockedProviders
from tests.wire.test_loops import request, said

LLMDOCS = Path(sys.executable).parent / "llmdocs"
CHAT = "https://api.openai.com/v1/chat/completions"
AZURE = "https://your-resource.openai.azure.com/openai/deployments/your-chat-deployment"
QUESTION = {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "Why?"}]}
OPENAI = {"authorization": "Bearer your-openai-api-key"}
# One has a provider's shape, the other none.
SECRETS = ("sk-proj-aB3dE6gH9jK2mN5pQ8sT1vW4aB3dE6gH9jK2mN5pQ8sT1vW4", "Zq7-a-secret-Zq7")


@pytest.fixture(autouse=True)
def _logging(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "llmdocs.wire")


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if hasattr(record, "fields")]


def fields(caplog: pytest.LogCaptureFixture) -> Any:
    (found,) = [record.fields for record in caplog.records if hasattr(record, "fields")]
    return found


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        (OPENAI, "key: authorization (the recipe's)"),
        ({"authorization": "Bearer wrong"}, "key: authorization (not the recipe's)"),
        ({"api-key": "your-openai-api-key"}, "key: api-key (the recipe's)"),
        ({"x-goog-api-key": "another"}, "key: x-goog-api-key (not the recipe's)"),
        ({"authorization": "Bearer"}, "key: none"),
        ({"authorization": ""}, "key: none"),
        ({"proxy-authorization": "Basic bWU6d29yZA=="}, "key: none"),
        ({}, "key: none"),
    ],
)
def test_a_key_is_told_by_the_name_of_its_header(
    wire: MockedProviders, caplog: pytest.LogCaptureFixture, headers: dict[str, str], key: str
) -> None:
    answer = httpx.post(CHAT, json=QUESTION, headers=headers)

    assert lines(caplog) == [f"{answer.status_code} POST {CHAT}  model: gpt-4.1-mini  {key}"]


def test_a_provider_that_takes_any_key_judges_none(
    wire: MockedProviders, caplog: pytest.LogCaptureFixture
) -> None:
    httpx.get("http://localhost:11434/api/version", headers={"authorization": "Bearer any-key"})

    assert lines(caplog) == ["200 GET http://localhost:11434/api/version  key: authorization"]


@pytest.mark.parametrize("version", ["2024-10-21", "2024-12-01-preview"])
def test_azure_is_told_with_its_version_and_its_deployment(
    wire: MockedProviders, caplog: pytest.LogCaptureFixture, version: str
) -> None:
    url = f"{AZURE}/chat/completions?api-version={version}"
    httpx.post(url, json=QUESTION, headers={"api-key": "your-azure-api-key"})

    assert (fields(caplog)["url"], fields(caplog)["model"]) == (url, "your-chat-deployment")
    assert fields(caplog)["status"] == (200 if version == "2024-10-21" else 404)


def test_a_fault_is_told_with_the_request_that_it_met(
    wire: MockedProviders, caplog: pytest.LogCaptureFixture
) -> None:
    wire.faults.extend([ErrorAnswer(429), Dropped()])
    httpx.post(CHAT, json=QUESTION, headers=OPENAI)
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.post(CHAT, json=QUESTION, headers=OPENAI)

    what = f"POST {CHAT}  model: gpt-4.1-mini  key: authorization (the recipe's)  fault: "
    assert lines(caplog) == [f"429 {what}429", f"no answer {what}Dropped"]


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        ("/v1/models", "nowhere.example", 403),
        ("/v1/models", "nowhere example", 400),
        ("http://127.0.0.1:9/", "127.0.0.1:9", 502),
        ("http://no-such-name.invalid/", "no-such-name.invalid", 502),
    ],
)
def test_what_no_provider_answers_is_told_too(
    wire: MockedProviders,
    caplog: pytest.LogCaptureFixture,
    target: str,
    host: str,
    status: int,
) -> None:
    said(wire.port, request(target, host))
    wire.requests.clear()

    assert (fields(caplog)["provider"], fields(caplog)["status"]) == (None, status)


@pytest.mark.parametrize("body", [b"", b"[1]", b"not JSON", b'{"model": 3}', b"[" * 100_000])
def test_a_body_that_names_no_model_does_no_harm(
    wire: MockedProviders, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    httpx.post(CHAT, content=body, headers=OPENAI)

    assert fields(caplog)["model"] is None


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    ("url", "headers", "model"),
    [
        (f"{CHAT}?key={{}}", {}, "gpt-4.1-mini"),
        (f"{CHAT}?api-version={{}}", {}, "gpt-4.1-mini"),
        (f"{CHAT}?{{}}", {}, "gpt-4.1-mini"),
        (f"{CHAT}/{{}}", {"authorization": "Bearer {}"}, "gpt-4.1-mini"),
        (CHAT, {"authorization": "Bearer {}"}, "{}"),
        (CHAT, {"authorization": "{}"}, "openai/{}"),
        (CHAT, {"x-api-key": "{}"}, "{} \x1b[2J and more"),
        (CHAT, {"x-api-key": "{}"}, "a" * 190 + "{}"),
        (f"{AZURE}/{{}}", {"api-key": "{}"}, "gpt-4.1-mini"),
    ],
)
def test_no_secret_and_nothing_that_moves_a_terminal_is_told(
    wire: MockedProviders,
    caplog: pytest.LogCaptureFixture,
    url: str,
    headers: dict[str, str],
    model: str,
    secret: str,
) -> None:
    httpx.post(
        url.format(secret),
        json={**QUESTION, "model": model.format(secret)},
        headers={name: value.format(secret) for name, value in headers.items()},
    )

    (line,) = lines(caplog)
    written = line + json.dumps(fields(caplog))
    assert secret[:12] not in written
    assert line.isprintable()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = (
        "import httpx\n"
        "for path in ('version', 'nothing'): httpx.get(f'http://localhost:11434/api/{path}')\n"
    )
    return subprocess.run(
        [LLMDOCS, "mock", *arguments, "--", "python", "-c", program],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_command_tells_of_each_request_where_it_is_asked_to() -> None:
    told = "llmdocs mock: 200 GET http://localhost:11434/api/version  key: none"

    assert told in run("--log").stderr.splitlines()
    assert told not in run().stderr.splitlines()


def test_with_json_every_line_of_the_log_is_json() -> None:
    documents = [json.loads(line) for line in run("--log", "--json").stderr.splitlines()]
    told = [item for item in documents if "message" not in item]

    assert [item["status"] for item in told] == [200, 404]
    assert told[0] == {
        "provider": "ollama",
        "method": "GET",
        "url": "http://localhost:11434/api/version",
        "model": None,
        "status": 200,
        "key": None,
        "key_is_the_recipes": None,
        "fault": None,
    }
    assert any("ollama refused" in item.get("message", "") for item in documents)
