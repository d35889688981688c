"""Sources of settings: arguments, the environment, an env file, a TOML file."""

from __future__ import annotations

import codecs
import io
import os
import re
import stat
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dotenv.parser import parse_stream
from pydantic import SecretStr

from llmdocs.errors import SettingsError, UnreadableFileError
from llmdocs.redaction.secrets import without_secrets

PREFIX = "LLM_"
MOST_BYTES = 1_000_000
# The libraries that read such a file take a time that grows with the square of these.
SPACES = re.compile(r"(?<![^\S\n])[^\S\n]{1000}")
QUOTED = re.compile(r"\"[^\"\n]*+\"|'[^'\n]*+'")
MOST_DOTS = 100
TOO_LONG_A_NUMBER = "a number with thousands of digits"


@dataclass(frozen=True)
class SourcedValue:
    """A value that one source has for a variable. `source` says where, for a reader.

    `written` is the variable's name as it stands in that source.
    """

    variable: str
    value: Any = field(repr=False)
    source: str
    written: str

    @property
    def text(self) -> str:
        """The value in words; Python writes no number of more than 4300 digits."""
        try:
            return str(self.value)
        except ValueError:
            return TOO_LONG_A_NUMBER


def field_of(variable: str) -> str:
    return variable.removeprefix(PREFIX).lower()


def variable_of(field: str) -> str:
    return PREFIX + field.upper()


def in_force(found: Iterable[SourcedValue]) -> dict[str, SourcedValue]:
    """For each variable, the first value found."""
    chosen: dict[str, SourcedValue] = {}
    for item in found:
        chosen.setdefault(item.variable, item)
    return chosen


def key_of(chosen: Mapping[str, SourcedValue]) -> str | None:
    """The key in force, fit to be sent or not."""
    value = chosen["LLM_API_KEY"].value if "LLM_API_KEY" in chosen else None
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return value if isinstance(value, str) else None


def read_arguments(arguments: Mapping[str, Any]) -> Iterator[SourcedValue]:
    for name, value in arguments.items():
        yield SourcedValue(variable_of(name) if name.islower() else "", value, "argument", name)


def read_environment() -> Iterator[SourcedValue]:
    for name, value in os.environ.items():
        if name.startswith(PREFIX):
            yield SourcedValue(name, value, "environment", name)


def read_env_file(path: Path) -> Iterator[SourcedValue]:
    """The settings of an env file. Names without our prefix are other programs' own."""
    yield from (item for item in _lines(path) if item.written.startswith(PREFIX))


def read_foreign(env_file: Path | None = None) -> dict[str, SourcedValue]:
    """What the environment and an env file hold under names without our prefix."""
    lines = _lines(env_file) if env_file else ()
    found = {item.written: item for item in lines}
    found |= {
        name: SourcedValue("", value, "environment", name) for name, value in os.environ.items()
    }
    return {name: item for name, item in found.items() if not name.startswith(PREFIX)}


def _lines(path: Path) -> Iterator[SourcedValue]:
    """`NAME=value` lines, as python-dotenv parses them, without its `${NAME}` expansion.

    The last line for a name wins, as in a shell.
    """
    found: dict[str, SourcedValue] = {}
    content = _text(path)
    if match := SPACES.search(content):
        line = content.count("\n", 0, match.start()) + 1
        raise SettingsError(
            f"{path}:{line}: this line contains 1,000 spaces in a row; remove them."
        )
    for binding in parse_stream(io.StringIO(content)):
        text = binding.original.string
        blank = text[: len(text) - len(text.lstrip())]
        line = binding.original.line + blank.count("\n")
        if binding.error or (binding.key and binding.value is None):
            raise SettingsError(f"{path}:{line}: this line is not NAME=value.")
        if name := binding.key:
            found[name] = SourcedValue(name, binding.value, f"{path}:{line}", name)
    yield from found.values()


def read_config(path: Path) -> Iterator[SourcedValue]:
    """The `[llm]` table of a TOML file: lower-case keys without the prefix."""
    table = _toml(path).get("llm")
    if not isinstance(table, dict):
        raise SettingsError(
            f"{path}: there is no [llm] table. Write [llm] on a line of its own, and below it "
            'keys without the prefix, such as model = "…".'
        )
    for key, value in table.items():
        name = variable_of(key) if key.islower() else ""
        yield SourcedValue(name, value, f"{path}, table [llm]", key)


def _text(path: Path) -> str:
    """A file's text. The errors are raised outside `except`: theirs may hold the whole file."""
    problem = ""
    try:
        content = _bytes(path)
        if not _is_utf_16(content):
            text = content.decode("utf-8-sig")
            if "\0" not in text:
                return text
            problem = "contains a NUL character; save it as UTF-8 text"
        else:
            problem = (
                "is UTF-16 text, which > in Windows PowerShell writes; save it as UTF-8, in an "
                "editor or with Set-Content -Encoding utf8"
            )
    except UnicodeDecodeError:
        problem = "is not UTF-8 text; save it as UTF-8"
    except OSError as error:
        problem = f"cannot be read: {(error.strerror or 'unknown reason').lower()}"
    except ValueError as error:
        problem = f"cannot be read: {error}"
    raise UnreadableFileError(f"{without_secrets(str(path))}: this file {problem}.")


def _is_utf_16(content: bytes) -> bool:
    """By its byte order mark, or by the zeros of a first letter without one."""
    return content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content[:2]


def _bytes(path: Path) -> bytes:
    """A file's content. Raises ValueError for what is no regular file, and for one too long.

    What was opened is what is looked at: another may have the name by then. A FIFO is not waited
    for, and files of /proc have no size before they are read.
    """
    if "\0" in str(path):
        raise ValueError("its name contains a NUL character")
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags | getattr(os, "O_NOCTTY", 0))
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise ValueError("is a directory" if stat.S_ISDIR(mode) else "it is not a regular file")
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(MOST_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(content) > MOST_BYTES:
        raise ValueError("it is longer than 1 MB")
    return content


def _toml(path: Path) -> dict[str, Any]:
    text, problem = _text(path), ""
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") >= MOST_DOTS:
            bare = QUOTED.sub("a", line).partition("#")[0]
            if bare.count(".") >= MOST_DOTS:
                raise SettingsError(
                    f"{path}:{number}: this line has {MOST_DOTS} dots outside quotation marks; "
                    "keys in [llm] have none."
                )
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # It may quote a name.
        problem = without_secrets(str(error))
    except (RecursionError, ValueError):
        problem = "it is nested too deeply, or contains a number that is too long"
    raise SettingsError(f"{path}: this file is not TOML: {problem}.")
