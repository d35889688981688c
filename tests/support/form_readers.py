"""What the programs that a recipe's forms are for take from their text.

Each reader runs or parses the text with the real thing, in a folder of its own, and raises
`Unreadable` where that complains.
"""

from __future__ import annotations

import getopt
import io
import os
import shutil
import subprocess
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dotenv
import pytest
import tree_sitter
import tree_sitter_powershell
import yaml

from llmdocs import Settings
from llmdocs.errors import LLMDocsError, SettingsError
from llmdocs.settings.sources import PREFIX, read_env_file

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

POWERSHELL = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
# Those that PowerShell takes for a single quote; the grammar knows the first alone.
POWERSHELL_QUOTES = "'\u2018\u2019\u201a\u201b"
BASE = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": "/nonexistent"}
DOCKER_STUB = """#!/bin/sh
printf '%s\\0' "$@" >> record
printf '\\0' >> record
"""


class Unreadable(Exception):
    """A program does not take this text, or takes it for something else than a form."""


@dataclass(frozen=True)
class Container:
    """What a container is to be made of. `mounts` and `hosts` are as `docker run` takes them."""

    image: str
    command: list[str]
    folder: str
    mounts: list[str]
    hosts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    """The environment that a form makes, and the container it makes it in."""

    variables: dict[str, str]
    container: Container | None = None


def read_env(text: str, folder: Path) -> Reading:
    """As python-dotenv, this package, Docker's rules, bash and dash read it; they must agree."""
    (folder / ".env").write_bytes(text.encode())
    readings = {
        "python-dotenv": {
            name: value or "" for name, value in dotenv.dotenv_values(folder / ".env").items()
        },
        "llmdocs": _found_by_llmdocs(folder / ".env"),
        "Docker": docker_env_file(text),
        "bash": _environment(["bash"], "set -a\n. ./.env\n", folder),
        "dash": _environment(["dash"], "set -a\n. ./.env\n", folder),
    }
    first = readings["python-dotenv"]
    for program, variables in readings.items():
        if variables != first:
            raise Unreadable(f"{program} reads {variables}, python-dotenv {first}")
    return Reading(first)


def _found_by_llmdocs(path: Path) -> dict[str, str]:
    try:
        return {item.variable: item.value for item in read_env_file(path)}
    except SettingsError as error:
        raise Unreadable(str(error)) from None


def docker_env_file(text: str) -> dict[str, str]:
    """Docker's rules, of pkg/kvfile in docker/cli: nothing is unquoted, blanks are kept."""
    variables = {}
    for line in io.StringIO(text, newline="\n"):
        if len(line.encode()) > 64 * 1024:
            raise Unreadable("Docker reads no line of more than 64 KiB")
        kept = line.removesuffix("\n").removesuffix("\r").lstrip()
        if kept and not kept.startswith("#"):
            name, _, value = kept.partition("=")
            variables[name] = value
    return variables


def read_bash(text: str, folder: Path) -> Reading:
    return Reading(_environment(["bash", "--norc"], text, folder))


def read_fish(text: str, folder: Path) -> Reading:
    return Reading(_environment(["fish", "--no-config"], text, folder))


def _environment(shell: list[str], script: str, folder: Path) -> dict[str, str]:
    """The `LLM_` variables in the environment of what a shell runs after a script."""
    (folder / "script").write_bytes(f"{script}env -0\n".encode())
    result = subprocess.run(
        [*shell, "script"], cwd=folder, env=BASE, capture_output=True, timeout=60
    )
    if result.returncode or result.stderr:
        raise Unreadable(result.stderr.decode())
    pairs = (entry.partition("=") for entry in result.stdout.decode().split("\0"))
    return {name: value for name, _, value in pairs if name.startswith(PREFIX)}


def read_powershell(text: str, folder: Path) -> Reading:
    """Each statement must assign a literal string to `$env:NAME`, and nothing else."""
    tree = POWERSHELL.parse(text.encode())
    if tree.root_node.has_error:
        raise Unreadable("this is not PowerShell")
    (statements,) = tree.root_node.named_children
    return Reading(dict(map(_powershell_assignment, statements.named_children)))


def _powershell_assignment(statement: tree_sitter.Node) -> tuple[str, str]:
    left, operator, right = _only(statement, "assignment_expression").named_children
    scope, _, name = _text(_only(left, "variable")).partition(":")
    if (scope, _text(operator)) != ("$env", "="):
        raise Unreadable(f"{_text(statement)!r} sets no variable of the environment")
    return name, _powershell_string(_text(_only(right, "verbatim_string_characters")))


def _only(node: tree_sitter.Node, kind: str) -> tree_sitter.Node:
    """What a node consists of, wholly, some levels down."""
    whole = _text(node)
    while node.type != kind:
        if len(node.named_children) != 1:
            raise Unreadable(f"{whole!r} is no {kind}")
        (node,) = node.named_children
    if _text(node) != whole:
        raise Unreadable(f"{whole!r} is more than a {kind}")
    return node


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode()


def _powershell_string(literal: str) -> str:
    """The value between single quotes: two in a row stand for one, and a single one ends it."""
    value = ""
    characters = iter(literal[1:-1])
    for character in characters:
        if character in POWERSHELL_QUOTES and next(characters, "") not in {*POWERSHELL_QUOTES}:
            raise Unreadable(f"{literal!r} ends before its end")
        value += character
    return value


def read_docker(text: str, folder: Path) -> Reading:
    """bash runs it, and a `docker` on the PATH records what it was given."""
    return _from_docker(docker_arguments(text, folder), folder)


def docker_arguments(text: str, folder: Path) -> list[str]:
    stubs, record = folder / "stubs", folder / "record"
    if not stubs.exists():
        stubs.mkdir()
        (stubs / "docker").write_text(DOCKER_STUB)
        (stubs / "docker").chmod(0o755)
        (stubs / "cat").symlink_to(shutil.which("cat") or "/bin/cat")
    record.write_bytes(b"")
    (folder / "script").write_bytes(text.encode())
    bash = shutil.which("bash") or "bash"
    result = subprocess.run(
        [bash, "--norc", "script"],
        cwd=folder, env={**BASE, "PATH": str(stubs)}, capture_output=True, timeout=60,
    )  # fmt: skip
    calls = record.read_bytes().decode().removesuffix("\0\0").split("\0\0")
    if result.returncode or result.stderr or len(calls) != 1:
        raise Unreadable(result.stderr.decode())
    return calls[0].split("\0")


def _from_docker(arguments: list[str], folder: Path) -> Reading:
    """`docker run` with the options that the form uses; the real program is asked elsewhere."""
    try:
        options, (image, *command) = getopt.getopt(
            arguments[1:], "v:w:", ["rm", "add-host=", "env-file="]
        )
    except (getopt.GetoptError, ValueError) as error:
        raise Unreadable(str(error)) from None
    given: dict[str, list[str]] = {}
    for name, value in options:
        given.setdefault(name, []).append(value)
    if arguments[0] != "run" or not given.keys() >= {"--rm", "-v", "-w", "--env-file"}:
        raise Unreadable(f"docker {arguments[0]} with {[*given]}")
    (env_file,) = given["--env-file"]
    return Reading(
        docker_env_file((folder / env_file).read_bytes().decode()),
        Container(image, command, given["-w"][0], given["-v"], given.get("--add-host", [])),
    )


def read_compose(text: str, folder: Path) -> Reading:
    """Docker Compose resolves it: in what it prints, `$$` stands for a `$`."""
    (folder / "compose.yaml").write_bytes(text.encode())
    result = subprocess.run(
        ["docker-compose", "--file", "compose.yaml", "config"],
        cwd=folder, env=BASE, capture_output=True, timeout=60,
    )  # fmt: skip
    if result.returncode:
        raise Unreadable(result.stderr.decode())
    services = yaml.safe_load(result.stdout)["services"]
    if [*services] != ["chat"]:
        raise Unreadable(f"these services: {[*services]}")
    return _from_service(services["chat"], folder)


def _from_service(service: dict[str, Any], folder: Path) -> Reading:
    """One service of a resolved file, of Compose 1 or 2."""
    mounts = [
        f"{mount['source']}:{mount['target']}"
        if isinstance(mount, dict)
        else mount.removesuffix(":rw")
        for mount in service["volumes"]
    ]
    return Reading(
        {name: str(value).replace("$$", "$") for name, value in service["environment"].items()},
        Container(
            service["image"],
            [word.replace("$$", "$") for word in service["command"]],
            service["working_dir"],
            mounts,
            [host.replace("=", ":") for host in service.get("extra_hosts", [])],
        ),
    )


def read_toml(text: str, folder: Path) -> Settings:
    (folder / "llm.toml").write_bytes(text.encode())
    try:
        return Settings.load(config=folder / "llm.toml")
    except SettingsError as error:
        raise Unreadable(str(error)) from None


def read_python(text: str, folder: Path) -> Settings:
    """Run it; `llm` is the client that it makes. What Python warns of is an error."""
    names: dict[str, Any] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            exec(compile(text, "form.py", "exec"), names)
    except (SyntaxError, NameError, LLMDocsError) as error:
        raise Unreadable(str(error)) from None
    settings: Settings = names["llm"].settings
    return settings


# What makes an environment, and what makes settings.
ENVIRONMENTS: dict[str, Callable[[str, Path], Reading]] = {
    "env": read_env,
    "bash": read_bash,
    "fish": read_fish,
    "powershell": read_powershell,
    "docker": read_docker,
    "compose": read_compose,
}
# Of those, what makes a container.
CONTAINERS = ("docker", "compose")
SETTINGS: dict[str, Callable[[str, Path], Settings]] = {"toml": read_toml, "python": read_python}
# The programs that a form needs, each named as in `tests/conftest.py`.
PROGRAMS_OF = {
    "env": ("bash", "dash"),
    "bash": ("bash",),
    "fish": ("fish",),
    "docker": ("bash",),
    "compose": ("docker-compose",),
}


def each_form(*forms: str) -> list[ParameterSet]:
    """Test parameters, one for each form, that run where its programs are found."""
    return [
        pytest.param(form, marks=[pytest.mark.needs(name) for name in PROGRAMS_OF.get(form, ())])
        for form in forms
    ]
