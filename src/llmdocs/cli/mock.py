"""`llmdocs mock`: run a program against mocked providers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmdocs.cli.output import EXIT_FINDING, EXIT_USAGE, fail

if TYPE_CHECKING:
    import queue
    import signal
    from types import ModuleType

    from llmdocs.wire.faults import Fault
    from llmdocs.wire.server import MockedProviders

DEFAULT_PORT = 4010
LAST_PORT = 65535
EXIT_NOT_EXECUTABLE = 126
EXIT_NOT_FOUND = 127
# What asks a program to end, besides Ctrl-C: a closed terminal (not on Windows), and `kill`.
ENDING_SIGNALS = ("SIGHUP", "SIGTERM")


def _list_faults(context: click.Context, _: click.Parameter, expected: bool) -> None:
    """Print every name that `--fault` takes, and what happens then."""
    if not expected:
        return
    faults = _faults().FAULTS
    width = max(map(len, faults))
    click.echo(f"{'400-599':{width}}  that status, with an error in the provider's format")
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
        fail(
            f"llmdocs mock needs {error.name}. Install llmdocs with the extra `mock`: "
            "llmdocs[mock]",
            EXIT_FINDING,
        )


@click.command(context_settings={"allow_interspersed_args": False})
@click.option(
    "--recipe",
    "recipe_name",
    metavar="PROVIDER",
    help="Set the variables of this recipe that are not set in the environment.",
)
@click.option(
    "--port",
    type=click.IntRange(0, LAST_PORT),
    help=f"Serve on this port. Without a command: {DEFAULT_PORT}.",
)
@click.option(
    "--log",
    "logs",
    is_flag=True,
    help="Log each request to standard error: status, method, URL, model, and the name of the "
    "header with the key. Keys are never shown.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON lines: the log on standard error, one line per request or message; without "
    "a command, also one line with the variables.",
)
@click.option(
    "--fault",
    "fault_names",
    multiple=True,
    metavar="NAME[:COUNT]",
    help="Apply this fault to the next COUNT requests (default: 1): an error status such as 429, "
    "or a name from --list-faults. Several faults are applied one after another.",
)
@click.option(
    "--list-faults",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_faults,
    help="List the faults, and exit.",
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def mock(
    recipe_name: str | None,
    port: int | None,
    logs: bool,
    as_json: bool,
    fault_names: tuple[str, ...],
    command: tuple[str, ...],
) -> None:
    """Run COMMAND against a mock of every known provider: no account, no network.

    The mocks implement each provider's HTTP API at its real address, and reject what it rejects.
    Requests to any other host are rejected with a message. The exit code is that of COMMAND, 127
    if it is not found, or 126 if it cannot be executed. `python` and `llmdocs` are those of this
    installation.

    Without COMMAND, the mocks are served on one port until you press Ctrl-C, each at /PROVIDER,
    and the variables to use are printed.

    Programs are routed to the mocks by proxy variables (HTTPS_PROXY), and Python and Node programs
    also by a redirect. Go programs that call localhost ignore proxy variables: run `llmdocs mock`
    without a command, and use the addresses that it prints. A program can reach the network if it
    ignores proxy variables and is neither Python nor Node, or connects from C code; so can Python
    started with -I, -S or -E, or without the mock's PYTHONPATH, and Node started without the mock's
    NODE_OPTIONS.

    \b
    Examples:
      llmdocs mock --recipe azure -- python snippets/azure/chat.py
      llmdocs mock -- curl http://localhost:11434/api/tags
      llmdocs mock --recipe openai --fault 429:2 -- python ask.py
      llmdocs mock --recipe openai --log -- node ask.mjs
      llmdocs mock --log --json -- node ask.mjs
      llmdocs mock --port 4010
      llmdocs mock --json
    """
    from llmdocs import recipes
    from llmdocs.errors import RecipeError

    if not command and recipe_name is not None:
        raise click.UsageError("--recipe needs a command: mock --recipe NAME -- COMMAND")
    try:
        variables = recipes.read(recipe_name) if recipe_name is not None else {}
    except RecipeError as error:
        fail(str(error), EXIT_USAGE)
    served_at = port if port is not None else 0 if command else DEFAULT_PORT
    script = _script(fault_names)
    with _opened(served_at, logs, as_json) as mocks:
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
        fail(f"{error} `llmdocs mock --list-faults` explains them.", EXIT_USAGE)


@contextmanager
def _opened(port: int, logs: bool, as_json: bool) -> Iterator[MockedProviders]:
    """The mocks while the block runs; a port that cannot be had is one clear line."""
    import signal

    # While the mocks are made, a signal waits: a folder that is there may have no remover yet.
    early: list[int] = []
    numbers = _heeded("SIGINT", *ENDING_SIGNALS)
    for number in numbers:
        signal.signal(number, lambda received, _: early.append(received))
    with ExitStack() as stack:
        try:
            mocks = stack.enter_context(_mocked_providers(port, logs, as_json))
        except OSError as error:
            other = port + 1 if port < LAST_PORT else 0
            fail(
                f"Port {port} is {_why_not(error)}. Choose another: llmdocs mock --port {other}",
                EXIT_FINDING,
            )
        for number in numbers:
            signal.signal(number, lambda received, _: sys.exit(128 + received))
        if early:
            sys.exit(128 + early[0])
        yield mocks


def _why_not(error: OSError) -> str:
    import errno

    return "in use" if error.errno == errno.EADDRINUSE else "not allowed for this user"


def _mocked_providers(port: int, logs: bool, as_json: bool) -> MockedProviders:
    """The mocks, with the accounts that the recipes open."""
    with _mock_is_installed():
        from llmdocs.wire.server import MockedProviders
    import logging

    from llmdocs import recipes
    from llmdocs.wire.accounts import account_from
    from llmdocs.wire.log import JsonLines, log

    handler = logging.StreamHandler()
    lines = JsonLines() if as_json else logging.Formatter("llmdocs mock: %(message)s")
    handler.setFormatter(lines)
    log.addHandler(handler)
    if logs:
        log.setLevel(logging.INFO)
    accounts = {name: account_from(recipes.read(name)) for name in recipes.providers()}
    return MockedProviders(accounts, port, keep_requests=False)


def _run(command: tuple[str, ...], mocks: MockedProviders, variables: dict[str, str]) -> int:
    """Run a command among the mocks and give its exit code, as a shell would."""
    import os
    import shutil
    import signal
    import subprocess

    from llmdocs.redaction.secrets import without_secrets
    from llmdocs.suggestions import did_you_mean
    from llmdocs.wire import child

    environment = child.environment(
        os.environ, mocks.url, mocks.http_only_port, mocks.ca_file, variables
    )
    program = shutil.which(command[0], path=environment["PATH"])
    if program is None:
        exists = bool(command[0]) and _exists(Path(command[0]))
        known = (path.name for path in Path(sys.executable).parent.iterdir())
        hint = " It exists but is not executable." if exists else did_you_mean(command[0], known)
        # A variable that is set before a command may hold a key.
        name, is_set, _ = without_secrets(command[0]).partition("=")
        shown = f"{name}=***" if is_set else name
        hint = " Set it before llmdocs mock." if is_set else hint
        click.echo(f"llmdocs mock: {shown!r} is not a program.{hint}", err=True)
        return EXIT_NOT_EXECUTABLE if exists else EXIT_NOT_FOUND
    process: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(received: int, _: object) -> None:
        if process is None:
            early.append(received)
        else:
            process.send_signal(received)

    def interrupt(received: int, frame: object) -> None:
        # Ctrl-C reaches the command by itself; what is left for us is to wait for its end.
        if not _is_at_the_terminal():
            pass_on(received, frame)

    # Before the command starts: none is left behind by a signal that comes meanwhile.
    for number in _heeded("SIGINT"):
        signal.signal(number, interrupt)
    for number in _heeded(*ENDING_SIGNALS):
        signal.signal(number, pass_on)
    try:
        process = subprocess.Popen([program, *command[1:]], env=environment)
    except OSError as error:
        click.echo(f"llmdocs mock: {program} cannot be run: {error.strerror}.", err=True)
        return EXIT_NOT_EXECUTABLE
    for received in early:
        process.send_signal(received)
    code = _first(process.wait)
    return 128 - code if code < 0 else code


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        # No file has such a name: it is too long, or holds a zero.
        return False


def _first(wait: Callable[[], int]) -> int:
    """What a function gives that waits; a signal that comes meanwhile is dealt with.

    Python does so in its main thread alone, between two steps: none that comes at the last moment
    before a long step, or to another thread, would end that step.
    """
    import queue
    import threading

    given = queue.SimpleQueue[int]()
    threading.Thread(target=lambda: given.put(wait()), daemon=True).start()
    return _taken(given)


def _taken(given: queue.SimpleQueue[int]) -> int:
    """What is put into a queue, once it is there."""
    from queue import Empty

    while True:
        with suppress(Empty):
            return given.get(timeout=0.2)


def _heeded(*names: str) -> list[signal.Signals]:
    """The signals of these names that there are here, and that are not ignored already.

    `nohup` ignores SIGHUP, and a shell SIGINT for what it runs in the background.
    """
    import signal

    numbers: list[signal.Signals] = [
        getattr(signal, name) for name in names if hasattr(signal, name)
    ]
    return [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]


def _is_at_the_terminal() -> bool:
    """Whether a terminal's Ctrl-C reaches this program, and so its command too."""
    import os

    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (AttributeError, OSError, ValueError):
        # Windows has no such groups, and a pipe is no terminal.
        return os.name == "nt"


def _serve(mocks: MockedProviders, as_json: bool) -> None:
    """Print the variables for each provider, and serve until Ctrl-C."""
    import json
    import queue
    import signal

    from llmdocs import recipes
    from llmdocs.catalogue.providers import CATALOGUE

    # Before anything is printed: a script may stop the server as soon as it has read that.
    # A second signal may come while the first is dealt with: a lock of an Event would be held then.
    stop = queue.SimpleQueue[int]()
    for number in _heeded("SIGINT", *ENDING_SIGNALS):
        signal.signal(number, lambda received, _: stop.put(received))
    said = f"llmdocs mock is running at {mocks.url}; press Ctrl-C to stop it."
    click.echo(json.dumps({"message": said}) if as_json else said, err=True)
    played = [name for name in recipes.providers() if name in mocks.router.providers]
    variables = {name: recipes.mock_variables(name, mocks.url) for name in played}
    if as_json:
        click.echo(json.dumps(variables))
    else:
        for name in played:
            click.echo(f"\n# {CATALOGUE[name].title}")
            for variable, value in variables[name].items():
                click.echo(f"{variable}={value}")
    sys.stdout.flush()
    _taken(stop)
