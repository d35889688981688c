"""An env file and a TOML file are regular files of at most 1 MB; all else is one clear line."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from llmdocs import LLM, Settings
from llmdocs.cli import main
from llmdocs.errors import SettingsError, UnreadableFileError
from llmdocs.settings.sources import MOST_BYTES
from tests.settings.test_settings import KEY

NO_REGULAR_FILE = "it is not a regular file"
TOO_LONG = "it is longer than 1 MB"

pytestmark = [
    pytest.mark.usefixtures("cleared_environment"),
    pytest.mark.skipif(os.name == "nt", reason="devices and FIFOs are files of Unix"),
]


def fifo(folder: Path) -> Path:
    """One that nobody writes to: to open it as usual waits without end."""
    os.mkfifo(folder / "fifo")
    return folder / "fifo"


def full_fifo(folder: Path) -> Path:
    """One with a writer, and something in it."""
    path = fifo(folder)
    os.write(os.open(path, os.O_RDWR | os.O_NONBLOCK), b"LLM_MODEL=openai/m\n")
    return path


def unix_socket(folder: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "s"))
    return folder / "s"


def long_file(folder: Path) -> Path:
    (folder / "long").write_bytes(b"#" * (MOST_BYTES + 1))
    return folder / "long"


def sparse_file(folder: Path) -> Path:
    with (folder / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    return folder / "sparse"


def link(folder: Path) -> Path:
    (folder / "link").symlink_to("/dev/zero")
    return folder / "link"


def linked_to_itself(folder: Path) -> Path:
    (folder / "loop").symlink_to(folder / "loop")
    return folder / "loop"


UNREADABLE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "/dev/zero": (lambda _: Path("/dev/zero"), NO_REGULAR_FILE),
    "/dev/full": (lambda _: Path("/dev/full"), NO_REGULAR_FILE),
    "/dev/null": (lambda _: Path("/dev/null"), NO_REGULAR_FILE),
    "a FIFO": (fifo, NO_REGULAR_FILE),
    "a FIFO that has something": (full_fifo, NO_REGULAR_FILE),
    "a socket": (unix_socket, "no such device or address"),
    "a folder": (lambda folder: folder, "is a directory"),
    "a link to /dev/zero": (link, NO_REGULAR_FILE),
    "a link to itself": (linked_to_itself, "too many levels of symbolic links"),
    "a long file": (long_file, TOO_LONG),
    "a file of a terabyte": (sparse_file, TOO_LONG),
    "no file": (lambda folder: folder / "missing", "no such file or directory"),
    "a name with NUL": (lambda folder: folder / "a\0b", "its name contains a NUL character"),
    "a long name": (lambda folder: folder / ("n" * 5000), "file name too long"),
}
every_file = pytest.mark.parametrize("name", UNREADABLE)
every_option = pytest.mark.parametrize("option", ["env_file", "config"])


@pytest.fixture(autouse=True)
def _in_time() -> Iterator[None]:
    """A file that is waited for, or read without end, fails the run rather than hold it up."""
    timer = threading.Timer(60, os._exit, [1])
    timer.daemon = True
    timer.start()
    yield
    timer.cancel()


@every_file
@every_option
@pytest.mark.parametrize("load", [Settings.load, LLM.from_env], ids=["Settings", "LLM"])
def test_what_is_no_file_of_settings_is_an_error_of_one_line(
    load: Callable[..., object], option: str, name: str, tmp_path: Path
) -> None:
    make, problem = UNREADABLE[name]
    path = make(tmp_path)

    with pytest.raises(UnreadableFileError) as caught:
        load(**{option: path})

    assert str(caught.value) == f"{path}: this file cannot be read: {problem}."
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


# No argument of a program holds NUL.
@pytest.mark.parametrize("name", [name for name in UNREADABLE if "NUL" not in name])
@every_option
@pytest.mark.parametrize("command", ["settings", "doctor"])
def test_a_command_ends_with_2_and_one_line(
    command: str, option: str, name: str, tmp_path: Path
) -> None:
    make, problem = UNREADABLE[name]
    path = make(tmp_path)
    result = CliRunner().invoke(main, [command, f"--{option.replace('_', '-')}", str(path)])

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"llmdocs: {path}: this file cannot be read: {problem}.\n"


@every_option
def test_no_descriptor_is_left_open(option: str, tmp_path: Path) -> None:
    paths = [make(tmp_path) for name, (make, _) in UNREADABLE.items() if "FIFO" not in name]

    def opened() -> int:
        return len(os.listdir("/proc/self/fd")) if Path("/proc").exists() else 0

    before = opened()
    for path in paths:
        with pytest.raises(UnreadableFileError):
            Settings.load(**{option: path})

    assert opened() == before


def test_a_key_of_many_parts_is_named_with_its_line(tmp_path: Path) -> None:
    """tomllib takes a time that grows with the square of them."""
    config = tmp_path / "config.toml"
    config.write_text(f"[llm]\nmodel = 'openai/m'\n{'a.' * 100_000}b = 1\n")

    with pytest.raises(SettingsError, match=r"config\.toml:3: this line has 100 dots outside"):
        Settings.load(config=config)


@pytest.mark.parametrize(
    "line", [f"# {'.' * 200}", f"note = '{'.' * 200}'", f'note = "{"a.b." * 100}" # {"." * 99}']
)
def test_dots_that_separate_no_key_are_let_through(tmp_path: Path, line: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f"[llm]\nmodel = 'openai/m'\n[other]\n{line}\n")

    assert Settings.load(config=config).model == "openai/m"


def test_a_file_of_just_1_mb_is_read(tmp_path: Path) -> None:
    text = f"LLM_MODEL=openai/m\nLLM_API_KEY={KEY}\n"
    file = tmp_path / ".env"
    file.write_text(text + "#" * (MOST_BYTES - len(text)))

    assert Settings.load(file).model == "openai/m"


def test_a_file_that_grows_while_it_is_read_is_read_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its length is taken from what was read: none is asked for before."""
    file = tmp_path / ".env"
    file.write_text("LLM_MODEL=openai/m\n")
    real = os.fstat

    def fstat_then_grow(descriptor: int) -> os.stat_result:
        status = real(descriptor)
        with file.open("ab") as grown:
            grown.write(b"#" * 2 * MOST_BYTES)
        return status

    monkeypatch.setattr(os, "fstat", fstat_then_grow)
    with pytest.raises(UnreadableFileError, match="longer than 1 MB"):
        Settings.load(file)


def test_a_file_of_proc_that_is_regular_is_judged_by_its_content() -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("there is no /proc here")
    result = CliRunner().invoke(main, ["settings", "--env-file", "/proc/self/status"])

    assert result.exit_code == 1
    assert "this line is not NAME=value" in result.stderr
