"""The code that pages embed: a file under `snippets/`, or a section of one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from llmdocs import local_files
from llmdocs.errors import PageError
from llmdocs.suggestions import did_you_mean

MARK = re.compile(r"\s*# --8<-- \[(?P<kind>start|end):(?P<name>[\w-]+)\]\s*")


@dataclass(frozen=True)
class Snippet:
    """Code, and where it stands: `first_line` counts from 1, the indices count characters."""

    path: Path
    source: str
    first_line: int
    start_index: int
    end_index: int


def find(folder: Path, file: str, section: str | None, place: str) -> Snippet:
    """The snippet that `place` (`page:line`) embeds. Raises `PageError`."""
    path = folder / file
    try:
        text = local_files.read_text(folder, file)
    except local_files.FileMissing:
        known = [other.relative_to(folder).as_posix() for other in folder.rglob("*.*")]
        raise PageError(
            f"{place}: there is no snippet {file!r}.{did_you_mean(file, known)}"
        ) from None
    except local_files.FileRefused as error:
        raise PageError(f"{place}: the snippet {file!r} is refused: {error}") from None
    if section is None:
        return Snippet(path, text, 1, 0, len(text))
    lines = text.splitlines(keepends=True)
    marks = {
        (match["kind"], match["name"]): number
        for number, line in enumerate(lines)
        if (match := MARK.fullmatch(line))
    }
    start, end = marks.get(("start", section)), marks.get(("end", section))
    if start is None or end is None:
        known = sorted({name for _, name in marks})
        raise PageError(
            f"{place}: {file} has no section {section!r} that starts and ends."
            f"{did_you_mean(section, known)}"
        )
    before = len("".join(lines[: start + 1]))
    source = "".join(lines[start + 1 : end])
    return Snippet(path, source, start + 2, before, before + len(source))


def without_marks(source: str) -> list[str]:
    """The lines that a page shows: all but those that mark sections."""
    return [line for line in source.splitlines() if not MARK.fullmatch(line)]
