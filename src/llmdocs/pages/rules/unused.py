"""Snippets, recipes and mistakes that no page shows: nobody would miss them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path

from llmdocs import recipes
from llmdocs.errors import RecipeError
from llmdocs.pages import snippets
from llmdocs.pages.page import MISTAKE, Page
from llmdocs.pages.prose import (
    block_names,
)
from llmdocs.pages.rules.fences import ENDING_INFO
from llmdocs.pages.rules.problem import Problem
from llmdocs.recipes import mistakes


def unused_snippets(pages: list[Page], snippet_folder: Path) -> Iterator[Problem]:
    """Snippets, sections of them and recipes that no page shows: nobody would miss them."""
    shown = {(embed.file, embed.section) for page in pages for embed in page.embeds}
    named = [page.recipe for page in pages]
    for path in sorted(snippet_folder.rglob("*")):
        file = path.relative_to(snippet_folder).as_posix()
        if path.name == recipes.FILE_NAME and posixpath.dirname(file) not in named:
            yield Problem(path, 1, "no page names this recipe; name it on one, or remove it.")
        if path.suffix not in ENDING_INFO:
            continue
        marks = (
            (number, snippets.MARK.fullmatch(line))
            for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        )
        starts = [
            (number, mark["name"]) for number, mark in marks if mark and mark["kind"] == "start"
        ]
        for number, section in starts:
            if (file, section) not in shown:
                yield Problem(
                    path, number, f"the section {section!r} is on no page; embed it, or remove it."
                )
        if not starts and (file, None) not in shown:
            yield Problem(path, 1, "this snippet is on no page; embed it, or remove it.")


def unused_mistakes(pages: list[Page], snippet_folder: Path) -> Iterator[Problem]:
    """Mistakes that no page shows, and those that no provider of their dialect takes."""
    shown = {name for page in pages for _, name in block_names(page)}
    names = mistakes.names(snippet_folder)
    taken = {mistakes.file_of(name, "toml", snippet_folder) for name in names}
    for name in mistakes.shared(snippet_folder):
        if (path := mistakes.file_of(name, "toml", snippet_folder)) not in taken:
            yield Problem(
                path, 1, "this is a mistake with no provider of the dialect; remove it, or add "
                "its name, which is a finding's, to a provider's `explains` in providers.toml.",
            )  # fmt: skip
    for name in names:
        block = MISTAKE + name.replace("/", ".")
        if block not in shown and _is_read(name, snippet_folder):
            path = mistakes.file_of(name, "toml", snippet_folder)
            yield Problem(
                path, 1, f"no page shows this mistake; write {{{{ {block} }}}}, or remove it."
            )


def _is_read(name: str, snippet_folder: Path) -> bool:
    """Whether a mistake can be read: of one that cannot, that alone is told."""
    try:
        mistakes.read(name, snippet_folder)
    except RecipeError:
        return False
    return True
