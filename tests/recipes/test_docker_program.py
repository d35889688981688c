"""The real `docker`, where one is found, tells a recording engine what the forms say."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from llmdocs import recipes
from llmdocs.recipes.forms import MACHINE_MAPPING, written
from tests.support.form_readers import BASE, docker_arguments, docker_env_file, read_docker
from tests.support.provider_groups import OF_EACH_RECIPE
from tests.support.site_files import SNIPPETS

# It needs no engine, and is no package of its own in Debian 12: the other tests do without it.
pytestmark = pytest.mark.skipif(
    shutil.which("docker") is None, reason="the real docker reads the forms where it is found"
)

Create = Callable[..., "dict[str, Any]"]


class Engine(BaseHTTPRequestHandler):
    """As much of the Docker Engine's API as `docker create` asks for."""

    created: dict[str, Any]

    def do_HEAD(self) -> None:
        self._answer(200, {})

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        Engine.created = json.loads(self.rfile.read(length))
        self._answer(201, {"Id": "0" * 64, "Warnings": []})

    def _answer(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Api-Version", "1.44")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """A Unix socket has no address to log."""


@pytest.fixture(scope="module")
def create(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Create]:
    """`docker create` with some arguments: what it asks the engine for."""
    folder = tmp_path_factory.mktemp("engine")
    # The address of a Unix socket is at most about a hundred characters long.
    address = os.path.relpath(folder / "socket")
    with UnixStreamServer(address, Engine) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def created(*arguments: str, cwd: Path | None = None) -> dict[str, Any]:
            Engine.created = {}
            result = subprocess.run(
                ["docker", "create", *arguments],
                env={**BASE, "DOCKER_HOST": f"unix://{folder}/socket"}, cwd=cwd,
                capture_output=True, text=True, timeout=60,
            )  # fmt: skip
            assert result.returncode == 0, result.stderr
            return Engine.created

        yield created
        server.shutdown()


def environment_of(created: dict[str, Any]) -> dict[str, str]:
    return dict(item.split("=", 1) for item in created["Env"])


@pytest.mark.needs("bash")
@pytest.mark.parametrize("provider", OF_EACH_RECIPE)
def test_docker_takes_the_docker_form_as_the_recording_one_does(
    provider: str, create: Create, tmp_path: Path
) -> None:
    text = written(recipes.read(provider), "docker")
    reading = read_docker(text, tmp_path)
    created = create(*docker_arguments(text, tmp_path)[1:], cwd=tmp_path)
    container = reading.container
    assert container

    assert environment_of(created) == reading.variables
    assert (created["Image"], created["Cmd"]) == (container.image, container.command)
    assert (created["WorkingDir"], created["HostConfig"]["Binds"]) == (
        container.folder,
        container.mounts,
    )
    assert created["HostConfig"]["ExtraHosts"] or container.hosts == []
    assert created["HostConfig"]["AutoRemove"]


def test_docker_is_told_of_the_machine_that_runs_it(create: Create, tmp_path: Path) -> None:
    text = written(recipes.read("ollama"), "docker")
    created = create(*docker_arguments(text, tmp_path)[1:], cwd=tmp_path)

    assert created["HostConfig"]["ExtraHosts"] == [MACHINE_MAPPING]


def test_docker_reads_an_env_file_by_the_rules_that_the_other_tests_use(
    create: Create, tmp_path: Path
) -> None:
    values = ["a#b", "#a", "a b", " a ", "$HOME", "é🦙", "a\\nb", "a'b", "*", "", "a\xa0"]
    odd = {f"LLM_{number}": value for number, value in enumerate(values)}
    odd["LLM_LONGEST"] = "a" * (64 * 1024 - 1 - len("LLM_LONGEST="))
    text = "".join(f"{name}={value}\n" for name, value in odd.items())
    path = tmp_path / ".env"
    path.write_text(f"# A comment.\n\n{text}", "utf-8")
    created = create("--env-file", str(path), "python:3.13")

    assert environment_of(created) == docker_env_file(path.read_text("utf-8"))
    assert docker_env_file(text) == odd


@pytest.mark.parametrize("provider", OF_EACH_RECIPE)
def test_docker_reads_the_env_form(provider: str, create: Create, tmp_path: Path) -> None:
    variables = recipes.read(provider)
    (tmp_path / ".env").write_text(written(variables, "env"), "utf-8")
    created = create("--env-file", str(tmp_path / ".env"), "python:3.13")

    assert environment_of(created) == variables


def test_ollama_in_docker_answers_at_the_address_of_the_recipe(create: Create) -> None:
    first, *inside = (SNIPPETS / "ollama/docker.sh").read_text("utf-8").splitlines()
    run = shlex.split(first)
    assert run[:3] == ["docker", "run", "-d"]
    created = create(*run[3:])
    host_config = created["HostConfig"]
    published = {binding["HostPort"] for binding in host_config["PortBindings"]["11434/tcp"]}

    assert published == {str(urlsplit(recipes.read("ollama")["LLM_BASE_URL"]).port)}
    assert created["Image"] == "ollama/ollama"
    name = run[run.index("--name") + 1]
    # Models are pulled in that container, and stay where it keeps its volume.
    assert [shlex.split(line)[:3] for line in inside] == [["docker", "exec", name]] * 2
    assert host_config["Binds"] == ["ollama:/root/.ollama"]


def test_models_pulled_in_docker_are_those_of_the_recipe() -> None:
    lines = (SNIPPETS / "ollama/docker.sh").read_text("utf-8").splitlines()[1:]
    inside = [" ".join(shlex.split(line)[3:]) for line in lines]

    assert inside == (SNIPPETS / "ollama/pull.sh").read_text("utf-8").splitlines()
