"""A problem of the documentation: where it is, and what fixes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

AT_LINE = re.compile(r"\(at line (\d+)")


@dataclass(frozen=True, order=True)
class Problem:
    """Something to fix, and where: `line` counts from 1.

    A file that is `unreadable` may hide others.
    """

    path: Path
    line: int
    message: str
    unreadable: bool = False

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def told_by(error: Exception, path: Path) -> Problem:
    """The problem of a file that an error tells of: at the line that it names, of `path`."""
    said = " ".join(str(error).split()).removeprefix(f"{path}:")
    place, colon, message = said.partition(": ")
    named = colon and place.isdecimal()
    # As a parser of TOML names it, where the error itself names none.
    line = place if named else (AT_LINE.findall(said) or ["1"])[0]
    return Problem(path, int(line), message if named else said.lstrip(), unreadable=True)
