"""The files of a checkout that the site is built from: really there, and of a kind it publishes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from llmdocs import local_files
from llmdocs.pages.rules import svg

FOLDERS = ("docs", "snippets", "overrides")
# What a file of each kind begins with: a page by another name would be shown as one.
PICTURES = {
    ".jpeg": b"\xff\xd8\xff",
    ".jpg": b"\xff\xd8\xff",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".webp": b"RIFF",
}
# Read by the site, and not published: mkdocs.yml excludes them.
WORDS = frozenset({"aliases.toml", "strings.toml", "words.txt"})
PAGES = frozenset({".md", ".svg", *PICTURES})
# Shared by all languages. Scripts, style sheets and schemas are nowhere else.
ASSETS = frozenset({".css", ".js", ".json", ".svg", *PICTURES})

NOT_UTF_8 = "this is not UTF-8; save it as UTF-8."

# A file, a line of it from 1, and what is wrong with it.
Finding = tuple[Path, int, str]


def wrong_files(root: Path, folders: Iterable[str] = FOLDERS, docs: str = "docs") -> list[Finding]:
    """What must not be read or published, before anything is: empty if all is well."""
    found = [
        (path, 1, message)
        for folder in folders
        for path, message in local_files.refused(root, folder)
    ]
    # What is refused is not opened.
    return found or [*_unpublishable(root / docs), *_not_in_utf_8(root, docs)]


def _not_in_utf_8(root: Path, docs: str) -> Iterator[Finding]:
    """What is read besides pages, each of which tells of itself, and is no text."""
    words = (path for name in WORDS for path in (root / docs).glob(f"*/{name}"))
    for path in sorted({root / "mkdocs.yml", *words, *(root / "snippets").rglob("*")}):
        if path.is_file():
            try:
                path.read_bytes().decode()
            except UnicodeDecodeError:
                yield path, 1, NOT_UTF_8


def _unpublishable(docs: Path) -> Iterator[Finding]:
    for place, folders, files in os.walk(docs):
        folders.sort()
        # MkDocs publishes nothing that begins with a dot.
        for path in (Path(place, file) for file in sorted(files) if not file.startswith(".")):
            yield from ((path, line, message) for line, message in _problems(path, docs))


def _problems(path: Path, docs: Path) -> Iterator[tuple[int, str]]:
    folder, *below = path.relative_to(docs).parts
    allowed = ASSETS if folder == "assets" else PAGES
    if len(below) == 1 and below[0] in WORDS:
        return
    if path.suffix not in allowed:
        expected = ", ".join(sorted(allowed))
        yield 1, f"{path.name} would be published as it is; the kinds here are: {expected}."
    elif path.suffix == ".svg":
        try:
            yield from svg.problems(path.read_text("utf-8"))
        except UnicodeDecodeError:
            yield 1, NOT_UTF_8
    elif path.suffix in PICTURES:
        with path.open("rb") as file:
            if not file.read(16).startswith(PICTURES[path.suffix]):
                yield 1, f"this is no {path.suffix} picture: it begins otherwise; save it as one."
