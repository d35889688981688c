"""A recipe as it is printed: an env file, shells, Docker, Compose, TOML and Python."""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from llmdocs.catalogue.addresses import HOST_OF_CONTAINERS, host_of, seen_from_container
from llmdocs.errors import FormError
from llmdocs.settings.fields import Expected
from llmdocs.settings.sources import field_of
from llmdocs.settings.variables import VARIABLES

Variables = Mapping[str, str]

ENV_FILE = ".env"
# The forms that are, or hold, an env file.
OF_AN_ENV_FILE = ("env", "docker")
# What a container of the reader's program is made of.
IMAGE = "python:3.13"
FOLDER = "/app"
COMMAND = ("sh", "-c", "pip install -r requirements.txt && python chat.py")
# https://docs.docker.com/reference/cli/docker/container/run/#add-host
MACHINE_MAPPING = f"{HOST_OF_CONTAINERS}:host-gateway"

NUMERIC = (
    Expected.COUNT,
    Expected.SECONDS,
    Expected.TIMEOUT,
    Expected.MEGABYTES,
    Expected.DOLLARS,
)
# A number that TOML and Python write alike.
NUMBER = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e-?[0-9]+)?")
# No environment holds the first, and no UTF-8 text the others.
UNWRITABLE = re.compile(r"[\0\ud800-\udfff]")
# What stands bare in an env file and is not read alike by python-dotenv, Docker and shells. Docker
# takes no quotes off, so that nothing can be quoted. Shells expand `~`, and zsh `=`, at the start
# of a value and after a colon.
NOT_BARE = re.compile(r"""[\s\x00-\x1f\x7f-\x9f"'`\\$&|;<>()]|(?:^|(?<=:))[~=]""")
# Docker reads lines of at most 64 KiB with their ends.
LONGEST_LINE = 64 * 1024 - 1
BARE_IN_FISH = re.compile(r"[A-Za-z0-9_./:@+,=-]+")
# PowerShell ends a string in single quotes at any of these:
# https://github.com/PowerShell/PowerShell/blob/v7.4.0/src/System.Management.Automation/engine/parser/CharTraits.cs
POWERSHELL_QUOTES = re.compile(r"['\u2018\u2019\u201a\u201b]")
ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"}


@dataclass(frozen=True)
class Form:
    """One way to write variables. `label` names it on pages, `info` is the language of its text."""

    name: str
    label: str
    info: str
    write: Callable[[Variables], Iterator[str]]


def written(variables: Variables, form: str) -> str:
    """The text of a form that holds the variables, whole lines of it.

    `variables` maps names, such as a shell has them, to any values. Raises `FormError` where the
    form cannot hold one of them.
    """
    for name, value in variables.items():
        if UNWRITABLE.search(value):
            raise FormError(f"{name} is not valid in an environment: no format can represent it.")
    return "".join(f"{line}\n" for line in FORMS[form].write(variables))


def in_container(variables: Variables) -> dict[str, str]:
    """The variables as a container needs them: there, `localhost` is the container itself."""
    address = variables.get("LLM_BASE_URL")
    if address is None:
        return {**variables}
    return {**variables, "LLM_BASE_URL": seen_from_container(address)}


def _env(variables: Variables) -> Iterator[str]:
    for name, value in variables.items():
        line = f"{name}={value}"
        if obstacle := NOT_BARE.search(value):
            raise _not_in_env(name, value, f"contains {_shown(obstacle[0])}")
        if len(line.encode()) > LONGEST_LINE:
            raise _not_in_env(name, value, "makes a line too long for Docker")
        yield line


def _not_in_env(name: str, value: str, problem: str) -> FormError:
    others = (form for form in FORMS if form not in OF_AN_ENV_FILE)
    able = [form for form in others if _holds(form, name, value)]
    return FormError(
        f"{name} {problem}, which python-dotenv, Docker and shells do not read alike in an env "
        f"file. Choose another format: {', '.join(able)}."
    )


def _holds(form: str, name: str, value: str) -> bool:
    try:
        written({name: value}, form)
    except FormError:
        return False
    return True


def _shown(character: str) -> str:
    """A character as a message names it: the character itself where it can be seen."""
    code = f"U+{ord(character):04X}"
    if character.isprintable() and not character.isspace():
        return character
    controls = {"\n": "a line break", "\r": "a carriage return", "\t": "a tab", " ": "a space"}
    return controls.get(character) or f"{code} {unicodedata.name(character, '')}".rstrip()


def _bash(variables: Variables) -> Iterator[str]:
    for name, value in variables.items():
        yield f"export {name}={shlex.quote(value)}"


def _fish(variables: Variables) -> Iterator[str]:
    for name, value in variables.items():
        quoted = "'" + value.replace("\\", r"\\").replace("'", r"\'") + "'"
        yield f"set -gx {name} {value if BARE_IN_FISH.fullmatch(value) else quoted}"


def _powershell(variables: Variables) -> Iterator[str]:
    for name, value in variables.items():
        doubled = POWERSHELL_QUOTES.sub(lambda quote: quote[0] * 2, value)
        yield f"$env:{name} = '{doubled}'"


def _docker(variables: Variables) -> Iterator[str]:
    """A script that writes the env file: on a command line others would see the key."""
    yield f"cat > {ENV_FILE} <<'END'"
    yield from _env(in_container(variables))
    yield "END"
    yield from docker_command(variables)


def docker_command(variables: Variables) -> Iterator[str]:
    """What runs `chat.py` in a container with the variables of the env file beside it."""
    yield f"docker run --rm --env-file {ENV_FILE} \\"
    if _reaches_the_machine(in_container(variables)):
        yield f"  --add-host {MACHINE_MAPPING} \\"
    yield f'  -v "$PWD":{FOLDER} -w {FOLDER} \\'
    yield f"  {IMAGE} {shlex.join(COMMAND)}"


def _compose(variables: Variables) -> Iterator[str]:
    contained = in_container(variables)
    yield "services:"
    yield "  chat:"
    yield f"    image: {IMAGE}"
    yield f"    command: [{', '.join(map(_in_compose, COMMAND))}]"
    yield f"    working_dir: {FOLDER}"
    yield "    volumes:"
    yield f"      - .:{FOLDER}"
    if _reaches_the_machine(contained):
        yield "    extra_hosts:"
        yield f"      - {MACHINE_MAPPING}"
    yield "    environment:"
    for name, value in contained.items():
        yield f"      {name}: {_in_compose(value)}"


def _in_compose(value: str) -> str:
    """Compose puts a variable of its own environment where a single `$` stands."""
    return _quoted(value).replace("$", "$$")


def _reaches_the_machine(contained: Variables) -> bool:
    return host_of(contained.get("LLM_BASE_URL", "")) == HOST_OF_CONTAINERS


def _toml(variables: Variables) -> Iterator[str]:
    yield "[llm]"
    for name, value in variables.items():
        yield f"{field_of(name)} = {_literal(name, value)}"


def _python(variables: Variables) -> Iterator[str]:
    yield "from llmdocs import LLM, Settings"
    yield ""
    yield "llm = LLM("
    yield "    Settings("
    for name, value in variables.items():
        yield f"        {field_of(name)}={_literal(name, value)},"
    yield "    )"
    yield ")"


def _literal(name: str, value: str) -> str:
    """A value in TOML and Python: a number where the setting is one."""
    numeric = name in VARIABLES and VARIABLES[name].expected in NUMERIC
    return value if numeric and NUMBER.fullmatch(value) else _quoted(value)


def _quoted(value: str) -> str:
    """A value between double quotes, with escapes that TOML, YAML and Python share."""
    return f'"{"".join(map(_escaped, value))}"'


def _escaped(character: str) -> str:
    if character in ESCAPES:
        return ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


FORMS: dict[str, Form] = {
    form.name: form
    for form in (
        Form("env", ".env", "env", _env),
        Form("bash", "Bash", "bash", _bash),
        Form("fish", "fish", "fish", _fish),
        Form("powershell", "PowerShell", "powershell", _powershell),
        Form("docker", "Docker", "bash", _docker),
        Form("compose", "Compose", "yaml", _compose),
        Form("toml", "TOML", "toml", _toml),
        Form("python", "Python", "python", _python),
    )
}
