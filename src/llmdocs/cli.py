"""The `llmdocs` command."""

from __future__ import annotations

import io
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    import signal
    from types import ModuleType

    from llmdocs.sources import Found
    from llmdocs.wire.faults import Fault
    from llmdocs.wire.server import MockedProviders

DEFAULT_PORT = 4010
LAST_PORT = 65535
EXIT_FINDING = 1
EXIT_USAGE = 2
EXIT_NOT_EXECUTABLE = 126
EXIT_NOT_FOUND = 127


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="llmdocs")
def main() -> None:
    """Connect programs to LLM backends: print a recipe, see what is wrong, try without an account.

    \b
    Examples:
      llmdocs recipe azure --as docker
      llmdocs settings
      llmdocs doctor
      llmdocs mock --recipe openai -- python ask.py
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal of another encoding than UTF-8 shows what it can.
            stream.reconfigure(errors="backslashreplace")


@main.command()
@click.option("--env-file", type=click.Path(path_type=Path), help="Read this env file too.")
@click.option("--config", type=click.Path(path_type=Path), help="Read this TOML file's [llm] too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def settings(env_file: Path | None, config: Path | None, as_json: bool) -> None:
    """Print each LLM_* variable: the value in force, and where it came from.

    A secret is shown as "set". Values come from the environment, then the env file, then the
    TOML file, then the defaults. The exit code is 1 if a value does not fit, 2 if a file cannot
    be read.

    \b
    Examples:
      llmdocs settings
      llmdocs settings --env-file .env
      llmdocs settings --json
    """
    from llmdocs.errors import SettingsError, UnreadableFileError
    from llmdocs.settings import Settings, in_force, read_sources

    found: list[Found] = []
    try:
        found = read_sources(env_file, config)
        if "LLM_MODEL" in in_force(found):
            Settings.load(env_file, config)
        else:
            Settings.load(env_file, config, model="unset")
            click.echo("LLM_MODEL is not set: no model can be called yet.", err=True)
    except UnreadableFileError as error:
        _fail(str(error), EXIT_USAGE)
    except SettingsError as error:
        _fail(str(error), EXIT_FINDING)
    from llmdocs import report

    rows = report.rows(found)
    if as_json:
        _print_json(rows)
        return
    _echo(report.table(rows))


@main.command()
@click.option("--env-file", type=click.Path(path_type=Path), help="Read this env file too.")
@click.option("--config", type=click.Path(path_type=Path), help="Read this TOML file's [llm] too.")
@click.option("--offline", is_flag=True, help="Look at the settings alone: call nothing.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="How long each call may stay silent, if LLM_TIMEOUT allows as much.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def doctor(
    env_file: Path | None, config: Path | None, offline: bool, timeout: float, as_json: bool
) -> None:
    """Tell what is wrong with the settings, why, and what mends it. It changes nothing.

    Prints each setting, its value and where that came from, as `llmdocs settings` does. Then it
    checks what can be known without a call. If all of that fits, it makes the smallest call there
    is, and one embedding if a model for that is set: at most providers this costs a fraction of a
    cent. No key is ever printed. The exit code is 0 if all is well, 1 if something is wrong, 2 if
    a file cannot be read.

    \b
    Examples:
      llmdocs doctor
      llmdocs doctor --env-file .env --offline
      llmdocs doctor --json
    """
    from llmdocs import report
    from llmdocs.doctor import attempts, notes
    from llmdocs.errors import UnreadableFileError
    from llmdocs.examination import examine

    def say(lines: Iterable[str]) -> None:
        if not as_json:
            _echo(lines)

    try:
        examination = examine(env_file, config)
    except UnreadableFileError as error:
        _fail(str(error), EXIT_USAGE)
    rows, findings, calls = report.rows(examination.found), list(examination.findings), []
    say([*report.table(rows, with_shadows=True), ""])
    settings = None if offline else examination.settings
    for attempt in attempts(settings, timeout) if settings else ():
        model = attempt.settings.without_secrets(attempt.model)
        click.echo(f"Calling {model} for the smallest {attempt.operation} …", err=True)
        finding = attempt.make()
        calls.append({"operation": attempt.operation, "model": model, "ok": finding is None})
        if finding:
            findings.append(finding)
            break
    told = list(notes(settings)) if calls and settings and not findings else []
    say(f"Note: {note}\n" for note in told)
    for number, finding in enumerate(findings, start=1):
        heading = click.style(f"Problem {number} of {len(findings)}", fg="red", bold=True)
        say([heading, *report.finding_lines(finding), report.guide_line(finding), ""])
    if as_json:
        objects = [report.finding_object(finding) for finding in findings]
        _print_json({"settings": rows, "findings": objects, "calls": calls, "notes": told})
    say([_conclusion(len(findings), calls)])
    sys.exit(EXIT_FINDING if findings else 0)


def _conclusion(problems: int, calls: Sequence[object]) -> str:
    if problems:
        return "" if calls else "No call was made: mend the settings first."
    if not calls:
        return "The settings fit together. No call was made."
    return click.style("All is well: the provider answers.", fg="green", bold=True)


def _echo(lines: Iterable[str]) -> None:
    """Print lines; in colour on a terminal only, and where NO_COLOR is unset (no-color.org)."""
    import os

    for line in lines:
        click.echo(line, color=False if os.environ.get("NO_COLOR") else None)


def _print_json(document: object) -> None:
    import json

    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _providers(_: click.Context, __: click.Parameter, typed: str) -> list[str]:
    """What a shell may complete the name of a provider to."""
    from llmdocs.providers import CATALOGUE

    return [name for name in CATALOGUE if name.startswith(typed)]


def _forms(_: click.Context, __: click.Parameter, typed: str) -> list[str]:
    from llmdocs.forms import FORMS

    return [name for name in FORMS if name.startswith(typed)]


def _assignments(_: click.Context, __: click.Parameter, typed: str) -> list[str]:
    from llmdocs.settings import VARIABLES

    return [f"{name}=" for name in VARIABLES if name.startswith(typed)]


@main.command()
@click.argument("provider", required=False, shell_complete=_providers)
@click.option(
    "--as",
    "form",
    metavar="FORM",
    shell_complete=_forms,
    help="env (the default), bash, fish, powershell, docker, compose, toml or python.",
)
@click.option(
    "--set",
    "assignments",
    metavar="NAME=VALUE",
    multiple=True,
    shell_complete=_assignments,
    help="Put a value of yours in the recipe: in place of its own, or as well. An empty VALUE "
    "takes the variable out. May be given several times.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def recipe(
    provider: str | None, form: str | None, assignments: tuple[str, ...], as_json: bool
) -> None:
    """Print the recipe of PROVIDER in the form that your program or shell reads.

    Without PROVIDER, print the providers that have a recipe, one a line. Values are quoted as the
    form needs it, and `localhost` becomes the address that works inside a container. The exit code
    is 2 for a name that is unknown, and for a value that does not fit or that the form cannot hold.

    \b
    Examples:
      llmdocs recipe
      llmdocs recipe openai > .env
      llmdocs recipe ollama --as docker
      llmdocs recipe azure --as fish --set LLM_API_KEY="$MY_KEY"
    """
    import json

    from llmdocs.providers import CATALOGUE

    if provider is None:
        if form is not None or assignments:
            _fail("--as and --set go with a provider: llmdocs recipe PROVIDER", EXIT_USAGE)
        _print_whole(json.dumps([*CATALOGUE]) if as_json else "\n".join(CATALOGUE))
        return
    if as_json and form is not None:
        _fail("--json is a form of its own: leave out --as.", EXIT_USAGE)
    _known("provider", provider, CATALOGUE)
    from llmdocs.errors import FormError, SettingsError
    from llmdocs.forms import FORMS, written

    form = form or "env"
    _known("form", form, FORMS)
    try:
        variables = _with_assignments(provider, assignments)
        text = json.dumps(variables, indent=2) if as_json else written(variables, form)
    except (FormError, SettingsError) as error:
        _fail(str(error), EXIT_USAGE)
    _print_whole(text)


def _known(what: str, name: str, known: Collection[str]) -> None:
    from llmdocs.errors import did_you_mean

    if name not in known:
        _fail(
            f"There is no {what} {name!r}.{did_you_mean(name, known)} "
            f"The {what}s are: {', '.join(known)}.",
            EXIT_USAGE,
        )


def _with_assignments(provider: str, assignments: tuple[str, ...]) -> dict[str, str]:
    """A recipe with a reader's own values. Raises `SettingsError` for one that does not fit."""
    from llmdocs import recipes
    from llmdocs.errors import SettingsError
    from llmdocs.settings import Settings
    from llmdocs.sources import Found

    variables = recipes.read(provider)
    given: set[str] = set()
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            # What was typed may be a key alone: it is not shown.
            raise SettingsError("--set: this is not NAME=VALUE: there is no = in it.")
        variables[name] = value
        given.add(name)
    found = [
        Found(name, value, "--set" if name in given else f"recipe {provider}", name)
        for name, value in variables.items()
    ]
    Settings.of(found)
    return {name: value for name, value in variables.items() if value}


def _print_whole(text: str) -> None:
    """Print UTF-8 that ends with one line end, whatever the locale and the system's line ends."""
    click.echo(text.removesuffix("\n").encode())


def _list_faults(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print every name that `--fault` takes, and what happens then."""
    if not wanted:
        return
    faults = _faults().FAULTS
    width = max(map(len, faults))
    click.echo(f"{'400-599':{width}}  that status, with the provider's own form of error")
    for name, (description, _fault) in faults.items():
        click.echo(f"{name:{width}}  {description}")
    context.exit()


def _faults() -> ModuleType:
    with _mock_is_installed():
        from llmdocs.wire import faults
    return faults


@contextmanager
def _mock_is_installed() -> Iterator[None]:
    """Say how to get what the mocks need, where it is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        _fail(
            f"llmdocs mock needs {error.name}. Install llmdocs with its extra `mock`: "
            "llmdocs[mock]",
            EXIT_FINDING,
        )


@main.command(context_settings={"allow_interspersed_args": False})
@click.option(
    "--recipe",
    "recipe_name",
    metavar="PROVIDER",
    help="Add this recipe's variables where the environment has none.",
)
@click.option(
    "--port",
    type=click.IntRange(0, LAST_PORT),
    help=f"Serve on this port. Without a command: {DEFAULT_PORT}.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Without a command: print the variables as one line of JSON.",
)
@click.option(
    "--fault",
    "fault_names",
    multiple=True,
    metavar="NAME[:COUNT]",
    help="Let the next COUNT requests (1) meet this fault: an error status such as 429, or a name "
    "of --list-faults. Several are met one after another.",
)
@click.option(
    "--list-faults",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_faults,
    help="Print the names of the faults, and exit.",
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def mock(
    recipe_name: str | None,
    port: int | None,
    as_json: bool,
    fault_names: tuple[str, ...],
    command: tuple[str, ...],
) -> None:
    """Run COMMAND with every known provider played by a mock: no account, no network.

    The mocks speak each provider's HTTP API at its real address and refuse what it refuses. Any
    other host is refused with a message that says so. The exit code is COMMAND's, 127 if it is not
    found, or 126 if it cannot be executed. `python` and `llmdocs` are this installation's.

    Without COMMAND, the mocks are served on one port until you press Ctrl-C, each under
    /PROVIDER, and the variables to use are printed.

    Programs are led to the mocks by proxy variables (HTTPS_PROXY) and Python ones by a redirect
    too. Node's fetch before Node 24, and Go programs that call localhost, ignore proxy variables:
    give them an address of `llmdocs mock` without a command.

    \b
    Examples:
      llmdocs mock --recipe azure -- python snippets/azure/chat.py
      llmdocs mock -- curl http://localhost:11434/api/tags
      llmdocs mock --recipe openai --fault 429:2 -- python ask.py
      llmdocs mock --port 4010
    """
    from llmdocs import recipes
    from llmdocs.errors import RecipeError

    if command and as_json:
        raise click.UsageError("--json is for `llmdocs mock` without a command.")
    if not command and recipe_name is not None:
        raise click.UsageError("--recipe goes with a command: mock --recipe NAME -- COMMAND")
    try:
        variables = recipes.read(recipe_name) if recipe_name is not None else {}
    except RecipeError as error:
        _fail(str(error), EXIT_USAGE)
    wanted = port if port is not None else 0 if command else DEFAULT_PORT
    script = _script(fault_names)
    with _opened(wanted) as mocks:
        mocks.faults.extend(script)
        if command:
            sys.exit(_run(command, mocks, variables))
        _serve(mocks, as_json)


def _script(names: tuple[str, ...]) -> list[Fault | None]:
    """The faults that were asked for; a name that is none is one clear line."""
    if not names:
        return []
    faults = _faults()
    try:
        return list(faults.scripted(names))
    except ValueError as error:
        _fail(f"{error} `llmdocs mock --list-faults` explains them.", EXIT_USAGE)


@contextmanager
def _opened(port: int) -> Iterator[MockedProviders]:
    """The mocks while the block runs; a port that cannot be had is one clear line."""
    with ExitStack() as stack:
        try:
            mocks = stack.enter_context(_mocked_providers(port))
        except OSError as error:
            other = port + 1 if port < LAST_PORT else 0
            _fail(
                f"Port {port} is {_why_not(error)}. Choose another: llmdocs mock --port {other}",
                EXIT_FINDING,
            )
        yield mocks


def _why_not(error: OSError) -> str:
    import errno

    return "busy" if error.errno == errno.EADDRINUSE else "not for this user"


def _mocked_providers(port: int) -> MockedProviders:
    """The mocks, with the accounts that the recipes open."""
    with _mock_is_installed():
        from llmdocs.wire.server import MockedProviders
    import logging

    from llmdocs import recipes
    from llmdocs.providers import CATALOGUE
    from llmdocs.wire.accounts import account_from

    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("llmdocs mock: %(message)s"))
    logging.getLogger("llmdocs.wire").addHandler(handler)
    return MockedProviders({name: account_from(recipes.read(name)) for name in CATALOGUE}, port)


def _run(command: tuple[str, ...], mocks: MockedProviders, variables: dict[str, str]) -> int:
    """Run a command among the mocks and give its exit code, as a shell would."""
    import os
    import shutil
    import signal
    import subprocess

    from llmdocs.errors import did_you_mean
    from llmdocs.wire import child

    environment = child.environment(
        os.environ, mocks.url, mocks.http_only_port, mocks.ca_file, variables
    )
    program = shutil.which(command[0], path=environment["PATH"])
    if program is None:
        exists = bool(command[0]) and Path(command[0]).exists()
        known = (path.name for path in Path(sys.executable).parent.iterdir())
        hint = " It exists but may not be executed." if exists else did_you_mean(command[0], known)
        click.echo(f"llmdocs mock: {command[0]!r} is not a program here.{hint}", err=True)
        return EXIT_NOT_EXECUTABLE if exists else EXIT_NOT_FOUND
    try:
        process = subprocess.Popen([program, *command[1:]], env=environment)
    except OSError as error:
        click.echo(f"llmdocs mock: {program} cannot be run: {error.strerror}.", err=True)
        return EXIT_NOT_EXECUTABLE
    # Ctrl-C reaches the command by itself; what is left for us is to wait for its end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in _ending_signals():
        signal.signal(number, lambda received, _: process.send_signal(received))
    code = process.wait()
    return 128 - code if code < 0 else code


def _ending_signals() -> list[signal.Signals]:
    """What asks a program to end, besides Ctrl-C: a closed terminal (not on Windows), and kill."""
    import signal

    return [getattr(signal, name) for name in ("SIGHUP", "SIGTERM") if hasattr(signal, name)]


def _serve(mocks: MockedProviders, as_json: bool) -> None:
    """Print the variables for each provider, and serve until Ctrl-C."""
    import json
    import signal
    import threading

    from llmdocs import recipes
    from llmdocs.providers import CATALOGUE

    # Before anything is printed: a script may stop the server as soon as it has read that.
    stop = threading.Event()
    for number in (signal.SIGINT, *_ending_signals()):
        signal.signal(number, lambda *_: stop.set())
    click.echo(f"llmdocs mock serves at {mocks.url}; Ctrl-C stops it.", err=True)
    variables = {name: recipes.mock_variables(name, mocks.url) for name in CATALOGUE}
    if as_json:
        click.echo(json.dumps(variables))
    else:
        for name, provider in CATALOGUE.items():
            click.echo(f"\n# {provider.title}")
            for variable, value in variables[name].items():
                click.echo(f"{variable}={value}")
    sys.stdout.flush()
    stop.wait()


def _fail(message: str, code: int) -> NoReturn:
    click.echo(f"llmdocs: {message}", err=True)
    sys.exit(code)
