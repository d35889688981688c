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

from llmdocs import recipes
from llmdocs.errors import RecipeError
from llmdocs.recipes.forms import FORMS, in_container, written
from llmdocs.recipes.programs import COMPOSE_FILE, PROGRAM, REQUIREMENTS, Part, parts, with_client
from llmdocs.wire import child
from llmdocs.wire.server import MockedProviders
from tests.recipes.test_shell_snippets import STUB
from tests.support.form_readers import CONTAINERS, ENVIRONMENTS, SETTINGS, each_form
from tests.support.provider_groups import OF_EACH_RECIPE
from tests.support.site_files import SNIPPETS

Sent = list[tuple[str, str, dict[str, str], Any]]


@pytest.fixture
def sent_with(
    wire: MockedProviders, cleared_environment: None, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Sent]:
    """What a program sends with an environment: method, address, headers and body."""

    def sent(program: Path, variables: Mapping[str, str]) -> Sent:
        wire.requests.clear()
        with monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            runpy.run_path(str(program))
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


def saved(provider: str, form: str, folder: Path) -> list[Part]:
    """What a guide shows under a form's tab: its files in a folder, and what is to be typed."""
    source = (SNIPPETS / provider / PROGRAM).read_text("utf-8")
    shown = parts(recipes.read(provider), form, source, "llmdocs")
    for part in shown:
        if part.name:
            (folder / part.name).write_text(part.text, "utf-8")
    return [part for part in shown if not part.name]


@pytest.mark.parametrize("provider", OF_EACH_RECIPE)
@pytest.mark.parametrize("form", ["env", "toml", "python"])
def test_files_lead_to_the_request_of_the_recipe(
    provider: str,
    form: str,
    sent_with: Callable[..., Sent],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (run,) = saved(provider, form, tmp_path)
    sent = sent_with(tmp_path / PROGRAM, {})

    assert run.text == f"python {PROGRAM}\n"
    assert sent == sent_with(SNIPPETS / provider / PROGRAM, recipes.read(provider)) != []


@pytest.mark.parametrize("provider", OF_EACH_RECIPE)
@pytest.mark.parametrize("form", each_form("bash", "fish", "powershell"))
def test_what_a_shell_is_given_leads_to_the_request_of_the_recipe(
    provider: str, form: str, sent_with: Callable[..., Sent], tmp_path: Path
) -> None:
    variables, run = saved(provider, form, tmp_path)
    found = ENVIRONMENTS[form](variables.text, tmp_path).variables
    sent = sent_with(tmp_path / PROGRAM, found)

    assert run.text == f"python {PROGRAM}\n"
    assert sent == sent_with(SNIPPETS / provider / PROGRAM, recipes.read(provider)) != []


@pytest.mark.parametrize("provider", OF_EACH_RECIPE)
@pytest.mark.parametrize("form", each_form(*CONTAINERS))
def test_a_container_leads_to_the_request_of_the_recipe(
    provider: str, form: str, sent_with: Callable[..., Sent], tmp_path: Path
) -> None:
    variables = recipes.read(provider)
    (command,) = saved(provider, form, tmp_path)
    shown = command.text if form == "docker" else (tmp_path / COMPOSE_FILE).read_text("utf-8")
    reading = ENVIRONMENTS[form](shown, tmp_path)
    sent = sent_with(tmp_path / PROGRAM, reading.variables)
    expected = sent_with(SNIPPETS / provider / PROGRAM, variables)

    assert reading.container
    assert {path.name for path in tmp_path.iterdir()} >= {PROGRAM, REQUIREMENTS}
    if in_container(variables) == variables:
        assert sent == expected != []
    else:
        assert without_host(sent) == without_host(expected) != []
        assert {urlsplit(url).hostname for _, url, _, _ in sent} == {"host.docker.internal"}


def test_every_provider_has_a_program_that_each_form_can_change() -> None:
    for provider in recipes.providers():
        source = (SNIPPETS / provider / PROGRAM).read_text("utf-8")
        programs = {with_client(source, form, recipes.read(provider)) for form in FORMS}

        # Of the environment, of either file, and of Python itself.
        assert len(programs) == 4


def test_a_program_that_makes_its_client_otherwise_is_an_error() -> None:
    with pytest.raises(RecipeError, match=r"LLM\.from_env\(\)"):
        with_client("llm = LLM(settings)\n", "env", {})


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
