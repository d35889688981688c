"""A program in each form of its recipe: the files of its folder, and what is typed to run it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from llmdocs.errors import RecipeError
from llmdocs.recipes.forms import ENV_FILE, FORMS, Variables, docker_command, in_container, written

# The lines of a program that make its client of the environment.
FROM_ENVIRONMENT = "LLM.from_env()"
HEAD = f"from llmdocs import LLM\n\nllm = {FROM_ENVIRONMENT}\n"
PROGRAM, REQUIREMENTS = "chat.py", "requirements.txt"
COMPOSE_FILE, TOML_FILE = "compose.yaml", "llm.toml"
# What a program says where its recipe is in a file that it has to read itself.
FROM_FILE = {
    "env": f'LLM.from_env("{ENV_FILE}")',
    "toml": f'LLM.from_env(config="{TOML_FILE}")',
}


@dataclass(frozen=True)
class Part:
    """A file by its `name`, or what is typed into a terminal. `info` is the text's language."""

    name: str | None
    info: str
    text: str


def parts(variables: Variables, form: str, source: str, requirement: str) -> Sequence[Part]:
    """What a reader saves and types, in order, to run a program with a recipe in a form.

    `source` is the program as it reads the environment, `requirement` the line of
    `requirements.txt` that stands for this package. Raises `FormError` where the form cannot hold
    the variables, and `RecipeError` for a program that does not make its client in the two lines
    that the forms replace.
    """
    program = Part(PROGRAM, "python", with_client(source, form, variables))
    requirements = Part(REQUIREMENTS, "text", f"{requirement}\n")
    return tuple(_PARTS[form](variables, program, requirements))


def with_client(source: str, form: str, variables: Variables) -> str:
    """A program whose client takes the recipe from where the form puts it. Raises `RecipeError`."""
    if form == "python":
        return _replaced(source, HEAD, written(variables, form))
    return _replaced(source, FROM_ENVIRONMENT, FROM_FILE.get(form, FROM_ENVIRONMENT))


def _replaced(source: str, old: str, new: str) -> str:
    if source.count(old) != 1:
        raise RecipeError(f"the program does not hold these lines once, as the forms need:\n{old}")
    return source.replace(old, new)


def _run(info: str) -> Part:
    return Part(None, info, f"python {PROGRAM}\n")


def _command(lines: Iterator[str]) -> Part:
    return Part(None, "bash", "".join(f"{line}\n" for line in lines))


Parts = Callable[[Variables, Part, Part], Iterator[Part]]


def _in_file(form: str, name: str) -> Parts:
    def in_file(variables: Variables, program: Part, _: Part) -> Iterator[Part]:
        yield Part(name, FORMS[form].info, written(variables, form))
        yield program
        yield _run("bash")

    return in_file


def _in_shell(form: str) -> Parts:
    def in_shell(variables: Variables, program: Part, _: Part) -> Iterator[Part]:
        info = FORMS[form].info
        yield Part(None, info, written(variables, form))
        yield program
        yield _run(info)

    return in_shell


def _in_docker(variables: Variables, program: Part, requirements: Part) -> Iterator[Part]:
    yield Part(ENV_FILE, FORMS["env"].info, written(in_container(variables), "env"))
    yield program
    yield requirements
    yield _command(docker_command(variables))


def _in_compose(variables: Variables, program: Part, requirements: Part) -> Iterator[Part]:
    yield Part(COMPOSE_FILE, FORMS["compose"].info, written(variables, "compose"))
    yield program
    yield requirements
    yield _command(iter(["docker compose up"]))


def _in_python(_: Variables, program: Part, __: Part) -> Iterator[Part]:
    yield program
    yield _run("bash")


_PARTS: dict[str, Parts] = {
    "env": _in_file("env", ENV_FILE),
    "bash": _in_shell("bash"),
    "fish": _in_shell("fish"),
    "powershell": _in_shell("powershell"),
    "docker": _in_docker,
    "compose": _in_compose,
    "toml": _in_file("toml", TOML_FILE),
    "python": _in_python,
}
