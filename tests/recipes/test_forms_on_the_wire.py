"""Whichever form of a recipe a reader takes, the provider sees the same request."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from llmdocs import LLM, recipes
from llmdocs.recipes.forms import FORMS, in_container, written
from llmdocs.wire import child
from llmdocs.wire.server import MockedProviders
from tests.recipes.test_shell_snippets import STUB
from tests.support.form_readers import CONTAINERS, ENVIRONMENTS, SETTINGS, each_form
from tests.support.provider_groups import OF_EACH_RECIPE
from tests.support.site_files import SNIPPETS

QUESTION = "Why is the sky blue?"
Sent = list[tuple[str, str, dict[str, str], Any]]


@pytest.fixture
def sent_with(
    wire: MockedProviders, cleared_environment: None, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Sent]:
    """What `chat.py` sends with an environment: method, address, headers and body."""

    def sent(
        provider: str, variables: Mapping[str, str], ask: Callable[[], object] | None = None
    ) -> Sent:
        wire.requests.clear()
        with monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            (ask or (lambda: runpy.run_path(str(SNIPPETS / provider / "chat.py"))))()
        # litellm asks about an Ollama model at its own choice of times and of address.
        return [
            (request.method, request.url, dict(request.headers.items()), request.body)
            for request in wire.requests
            if not request.url.endswith("/api/show")
        ]

    return sent


def without_host(sent: Sent) -> Sent:
    return [
        (method, urlsplit(url)._replace(netloc="").geturl(), _no_host(headers), body)
        for method, url, headers, body in sent
    ]


def _no_host(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "host"}


@pytest.mark.parametrize("provider", OF_EACH_RECIPE)
@pytest.mark.parametrize("form", each_form(*ENVIRONMENTS))
def test_an_environment_leads_to_the_request_of_the_recipe(
    provider: str, form: str, sent_with: Callable[..., Sent], tmp_path: Path
) -> None:
    variables = recipes.read(provider)
    found = ENVIRONMENTS[form](written(variables, form), tmp_path).variables
    expected, sent = sent_with(provider, variables), sent_with(provider, found)

    assert len(expected) == 1
    if form in CONTAINERS and in_container(variables) != variables:
        assert without_host(sent) == without_host(expected)
        assert {urlsplit(url).hostname for _, url, _, _ in sent} == {"host.docker.internal"}
    else:
        assert sent == expected


@pytest.mark.parametrize("provider", OF_EACH_RECIPE)
def test_a_toml_file_leads_to_the_request_of_the_recipe(
    provider: str, sent_with: Callable[..., Sent], tmp_path: Path
) -> None:
    variables = recipes.read(provider)
    path = tmp_path / "llm.toml"
    path.write_text(written(variables, "toml"), "utf-8")
    sent = sent_with(provider, {}, lambda: LLM.from_env(config=path).complete(QUESTION))

    assert sent == sent_with(provider, variables) != []


@pytest.mark.parametrize("provider", OF_EACH_RECIPE)
def test_python_leads_to_the_request_of_the_recipe(
    provider: str, sent_with: Callable[..., Sent]
) -> None:
    variables = recipes.read(provider)
    # In the place of the line of chat.py that makes the client.
    program = (SNIPPETS / provider / "chat.py").read_text("utf-8")
    made = "from llmdocs import LLM\n\nllm = LLM.from_env()\n"
    assert program.count(made) == 1
    program = program.replace(made, written(variables, "python"))
    sent = sent_with(provider, {}, lambda: exec(compile(program, "chat.py", "exec"), {}))

    assert sent == sent_with(provider, variables) != []


@pytest.mark.needs("bash")
def test_the_command_of_the_container_runs_chat_py(wire: MockedProviders, tmp_path: Path) -> None:
    """In the reader's folder, with pip played by a stub; Compose gives the same command."""
    reading = ENVIRONMENTS["docker"](written(recipes.read("ollama"), "docker"), tmp_path)
    assert reading.container
    shutil.copy(SNIPPETS / "ollama/chat.py", tmp_path)
    stubs, record = tmp_path / "stubs", tmp_path / "pip"
    (stubs / "pip").write_text(STUB)
    (stubs / "pip").chmod(0o755)
    base = {"HOME": str(tmp_path), "LANG": "C.UTF-8", "PATH": os.environ["PATH"]}
    environment = child.environment(
        {**base, **reading.variables, "RECORD": str(record)},
        wire.url,
        wire.http_only_port,
        wire.ca_file,
    )
    environment["PATH"] = os.pathsep.join([str(stubs), environment["PATH"]])
    result = subprocess.run(
        reading.container.command,
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert result.returncode == 0, result.stderr
    assert record.read_text() == "pip install -r requirements.txt\n"
    assert result.stdout == "llama3.2 (mocked) was asked: Why is the sky blue?\n"
    assert {request.url for request in wire.requests} >= {
        "http://host.docker.internal:11434/api/chat"
    }


def test_every_form_meets_the_wire() -> None:
    assert {*ENVIRONMENTS, *SETTINGS} == {*FORMS}
