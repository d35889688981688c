"""Files of a folder that a checkout brings: regular, of a bounded size, and really inside it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

# Of any one file, in bytes: the largest of ours, a picture, has a quarter of this.
MOST_BYTES = 1_000_000
# Plain names below a folder. No `..`, no leading dot, no backslash, no percent, no colon.
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*+(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*+)*+")
EXPECTED_NAME = "write a plain path below it, as in folder/file.py: letters, digits, - _ and dots"


class FileRefused(ValueError):
    """A file that is not read. The text says what it is and what is expected, without a place."""


class FileMissing(FileRefused):
    """There is nothing by that name."""


def resolve(folder: Path, name: object) -> Path:
    """The regular file that `name` is below `folder`, with every symbolic link followed.

    Raises `FileRefused` for a name that is no plain relative path and for what `check` refuses,
    and `FileMissing` where there is nothing.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise FileRefused(f"{name!r} is no path below {folder.name}/; {EXPECTED_NAME}.")
    path = os.fspath(folder)
    for part in name.split("/"):
        path = f"{path}/{part}"
        try:
            status = os.lstat(path)
        except OSError:
            raise FileMissing(f"{folder.name}/{name} is missing.") from None
        if stat.S_ISLNK(status.st_mode):
            break
    else:
        # By its name it is inside, and no link leads elsewhere: most files cost no more.
        _check_kind(status)
        return Path(path)
    check(folder / name, folder)
    return (folder / name).resolve()


def read_text(folder: Path, name: object) -> str:
    """The text of the file that `name` is below `folder`. Raises `FileRefused`, as `resolve`."""
    try:
        return resolve(folder, name).read_text("utf-8")
    except UnicodeDecodeError:
        raise FileRefused("this is not UTF-8; save it as UTF-8.") from None


def check(path: Path, folder: Path) -> None:
    """Raise `FileRefused` unless `path` is a regular file of `folder`, of at most `MOST_BYTES`.

    What is elsewhere is not opened, and neither is what has no end: a device, a pipe.
    """
    try:
        real = path.resolve(strict=True)
        status = real.stat()
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "Symlink loop"
        raise FileRefused(f"it cannot be read: {reason}; put a regular file there.") from None
    home = folder.resolve()
    if not real.is_relative_to(home):
        where = f"a symbolic link leads out of {folder.name}/"
        raise FileRefused(f"{where}; put a copy of the file below {folder.name}/ instead.")
    _check_kind(status)


def _check_kind(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise FileRefused("it is no regular file; put a regular file there.")
    if status.st_size > MOST_BYTES:
        raise FileRefused(f"it has {status.st_size:,} bytes; at most {MOST_BYTES:,} are expected.")


def refused(root: Path, name: str) -> Iterator[tuple[Path, str]]:
    """Everything below the folder `name` of a checkout that is not to be read, and why.

    No link is followed: a link to a folder is refused wherever it leads, as it could lead back.
    """
    folder = root / name
    if folder.is_symlink() or not folder.resolve().is_relative_to(root.resolve()):
        yield folder, f"this folder is elsewhere; put {name}/ itself into the checkout."
        return
    for place, folders, files in os.walk(folder):
        here = Path(place)
        for path in (here / entry for entry in sorted(folders)):
            if path.is_symlink():
                yield path, "this is a symbolic link to a folder; put the folder itself there."
        for path in (here / entry for entry in sorted(files)):
            try:
                status = path.lstat()
                if stat.S_ISLNK(status.st_mode):
                    check(path, folder)
                else:
                    _check_kind(status)
            except FileRefused as error:
                yield path, f"this file is refused: {error}"
