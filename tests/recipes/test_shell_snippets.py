"""Every shell block of every page runs in bash, among the mocks, in a copy of its folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from llmdocs import recipes
from llmdocs.pages.page import read
from llmdocs.pages.render.blocks import install
from llmdocs.pages.render.facts import Context
from llmdocs.wire import child
from llmdocs.wire.server import MockedProviders
from tests.support.site_files import DOCS, ROOT, SNIPPETS
from tests.support.snippet_runs import SHELL, STUBBED, Run

# What cannot run offline: a stub records how it was called.
OFFLINE = ("az", "docker", "ip", "lms", "ollama", "pip", "ssh", "vllm")
STUB = '#!/bin/sh\necho "$(basename "$0") $*" >> "$RECORD"\n'
# What a stub says where a snippet goes on with it: the mocks are on this machine itself.
SAID = {"ip": "default via 127.0.0.1 dev eth0 proto kernel"}


def run_in_bash(
    script: str, folder: Path, wire: MockedProviders, variables: dict[str, str]
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run a script among the mocks; what it printed, and the commands that met a stub."""
    stubs = folder / "stubs"
    stubs.mkdir()
    for name in OFFLINE:
        said = f"echo '{SAID[name]}'\n" if name in SAID else ""
        (stubs / name).write_text(f"{STUB}{said}")
        (stubs / name).chmod(0o755)
    record = folder / "record"
    base = {"HOME": str(folder), "LANG": "C.UTF-8", "PATH": os.environ["PATH"], **variables}
    environment = child.environment(
        base, wire.url, wire.http_only_port, wire.ca_file, {"RECORD": str(record)}
    )
    environment["PATH"] = os.pathsep.join([str(stubs), environment["PATH"]])
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return result, record.read_text().splitlines() if record.exists() else []


@pytest.mark.needs("bash")
@pytest.mark.needs("curl")
@pytest.mark.parametrize("run", SHELL.distinct, ids=str)
def test_shell_snippet_runs(run: Run, wire: MockedProviders, tmp_path: Path) -> None:
    folder = tmp_path / "reader"
    shutil.copytree((SNIPPETS / run.file).parent, folder)
    # The mocks' certificates are those of a private authority, as a company's are.
    shutil.copy(wire.ca_file, folder / "company-ca.pem")
    result, stubbed = run_in_bash(run.find().source, folder, wire, recipes.read(run.recipe))
    SHELL.run.add(str(run))
    STUBBED.update(stubbed)

    assert result.returncode == 0, f"{SNIPPETS / run.file}:1: {result.stderr}"
    assert result.stdout or stubbed


def test_the_models_that_the_ollama_guide_pulls_are_those_of_its_recipe() -> None:
    variables = recipes.read("ollama")
    expected = [variables[name].partition("/")[2] for name in ("LLM_MODEL", "LLM_EMBEDDING_MODEL")]
    lines = (SNIPPETS / "ollama/pull.sh").read_text().splitlines()

    assert lines == [f"ollama pull {model}" for model in expected]


@pytest.mark.parametrize(
    ("provider", "file", "command"),
    [("vllm", "serve.sh", "vllm serve"), ("lm_studio", "get.sh", "lms get")],
)
def test_the_chat_model_that_a_guide_prepares_is_that_of_its_recipe(
    provider: str, file: str, command: str
) -> None:
    model = recipes.read(provider)["LLM_MODEL"].partition("/")[2]
    first, *_ = (SNIPPETS / provider / file).read_text().splitlines()

    assert first == f"{command} {model}"


@pytest.mark.needs("bash")
def test_the_install_command_names_the_repository_and_an_extra_that_exists(
    wire: MockedProviders, tmp_path: Path
) -> None:
    import tomllib

    context = Context(
        page=read(DOCS, "en", "quickstart.md"),
        docs=DOCS,
        snippets=SNIPPETS,
        repository="https://code.example/llmdocs",
    )
    result, stubbed = run_in_bash("\n".join(install(context)), tmp_path, wire, {})
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert result.returncode == 0, result.stderr
    assert stubbed == ["pip install llmdocs[mock] @ git+https://code.example/llmdocs"]
    assert "mock" in extras["optional-dependencies"]
