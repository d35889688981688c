"""`llmdocs mock` ends when it is told to, at whatever moment, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

LLMDOCS = [str(Path(sys.executable).with_name("llmdocs"))]
SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
# Seconds after the start: while Python starts, the mocks are made, the command runs.
MOMENTS = [0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.4]
# A command that ends by itself long after a test would have failed.
SLEEP = "import sys, time; print('ready', flush=True); time.sleep(120)"
# The same, which Ctrl-C ends without a traceback.
SLEEP_BY_DEFAULT = f"import signal; signal.signal(signal.SIGINT, signal.SIG_DFL); {SLEEP}"
# One that says which signal it got.
TELL = """
import signal, sys, time
def tell(number, frame):
    print(signal.Signals(number).name, flush=True)
    sys.exit(5)
for name in ("SIGTERM", "SIGINT", "SIGHUP"):
    signal.signal(getattr(signal, name), tell)
print("ready", flush=True)
time.sleep(120)
"""


@pytest.fixture
def heeded_signals() -> Iterator[None]:
    """As a terminal's commands do: a shell lets those in the background ignore Ctrl-C.

    What this process ignores, a command that it starts would ignore too.
    """
    ignored = [number for number in SIGNALS if signal.getsignal(number) == signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path, heeded_signals: None) -> Iterator[Start]:
    """Starts a command of which nothing may be left, in a group of its own: no terminal's."""
    started: list[subprocess.Popen[str]] = []

    def run(*command: str, **options: Any) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, start_new_session=True,
            env={**os.environ, "TMPDIR": str(tmp_path)}, **options,
        )  # fmt: skip
        started.append(process)
        return process

    yield run
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def are_left(group: int) -> bool:
    """Whether a process of a group still runs."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def nothing_is_left(process: subprocess.Popen[str], folder: Path) -> None:
    """Raises if a process of the command's group, or a file in the folder, is there still."""
    deadline = time.monotonic() + 20
    while are_left(process.pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not are_left(process.pid)
    assert [path.name for path in folder.iterdir()] == []


def wait_until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    assert process.stdout.readline() == "ready\n"


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_signal_at_any_moment_leaves_no_file_and_no_process(
    start: Start, tmp_path: Path, number: signal.Signals, moment: float
) -> None:
    process = start(*LLMDOCS, "mock", "--", "python", "-c", SLEEP)
    time.sleep(moment)
    process.send_signal(number)
    process.communicate(timeout=60)

    # Before anything is there to clean up, Python ends as it always does.
    early = {-number, 1} if number == signal.SIGINT else {-number}
    assert process.returncode in {128 + number, *early}
    nothing_is_left(process, tmp_path)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_the_mocks_are_made_leaves_nothing(
    start: Start, tmp_path: Path, number: signal.Signals
) -> None:
    process = start(*LLMDOCS, "mock", "--", "python", "-c", SLEEP)
    while process.poll() is None and not any(tmp_path.iterdir()):
        time.sleep(0.001)
    process.send_signal(number)
    process.communicate(timeout=60)

    assert process.returncode == 128 + number
    nothing_is_left(process, tmp_path)


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("heeds", [True, False])
def test_a_signal_to_the_mock_alone_reaches_its_command(
    start: Start, tmp_path: Path, number: signal.Signals, heeds: bool
) -> None:
    """The exit code is the command's, or what a shell makes of a signal that ends it."""
    process = start(*LLMDOCS, "mock", "--", "python", "-c", TELL if heeds else SLEEP_BY_DEFAULT)
    wait_until_ready(process)
    process.send_signal(number)
    told, _ = process.communicate(timeout=60)

    assert told == (f"{number.name}\n" if heeds else "")
    assert process.returncode == (5 if heeds else 128 + number)
    nothing_is_left(process, tmp_path)


# The system may hand a signal to a thread, while Python deals with it in the main one alone.
IN_A_THREAD = """
import signal, sys, threading, time
threading.Thread(target=time.sleep, args=(120,), daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
from llmdocs.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("command", [["--", "python", "-c"], ["--port", "0", "--json"]])
def test_a_signal_that_a_thread_receives_is_heeded(
    start: Start, tmp_path: Path, number: signal.Signals, command: list[str]
) -> None:
    unblocked = f"import signal; signal.pthread_sigmask(signal.SIG_SETMASK, ()); {TELL}"
    arguments = [*command, unblocked] if "-c" in command else command
    process = start(sys.executable, "-c", IN_A_THREAD, "mock", *arguments)
    assert process.stdout
    assert process.stdout.readline()
    process.send_signal(number)
    process.communicate(timeout=30)

    assert process.returncode == (5 if "-c" in command else 0)
    nothing_is_left(process, tmp_path)


@pytest.mark.parametrize("arguments", [["--", "python", "-c", SLEEP], ["--port", "0", "--json"]])
def test_nohup_is_obeyed(start: Start, tmp_path: Path, arguments: list[str]) -> None:
    process = start("nohup", *LLMDOCS, "mock", *arguments)
    assert process.stdout
    assert process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=0.5)

    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    nothing_is_left(process, tmp_path)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_stops_the_server(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    process = start(*LLMDOCS, "mock", "--port", "0", "--json")
    assert process.stdout
    assert process.stdout.readline().startswith("{")
    process.send_signal(number)
    process.communicate(timeout=60)

    assert process.returncode == 0
    nothing_is_left(process, tmp_path)


@pytest.mark.parametrize("arguments", [["--", "python", "-c", SLEEP], ["--port", "0", "--json"]])
@pytest.mark.parametrize("repetition", range(2))
def test_many_signals_at_once_end_it_too(
    start: Start, tmp_path: Path, arguments: list[str], repetition: int
) -> None:
    process = start(*LLMDOCS, "mock", *arguments)
    assert process.stdout
    assert process.stdout.readline()
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        for number in SIGNALS:
            process.send_signal(number)
            time.sleep(0.0002)
    process.communicate(timeout=30)

    nothing_is_left(process, tmp_path)
