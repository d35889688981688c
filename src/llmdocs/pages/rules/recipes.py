"""Recipes and mistakes: each holds what it must, and each mistake's outcome has been captured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from llmdocs import recipes
from llmdocs.errors import RecipeError
from llmdocs.pages.rules.problem import Problem, told_by
from llmdocs.recipes import mistakes

CAPTURED = ("error.txt", "doctor.txt")


def wrong_recipes(snippets: Path) -> Iterator[Problem]:
    """What is wrong with the files of recipes and mistakes, and those that are missing.

    A mistake of a dialect is that of several providers, and so is what is wrong with it.
    """
    unread: set[str] = set()
    for name in recipes.names(snippets):
        path = snippets / name / recipes.FILE_NAME
        try:
            for line, message in recipes.problems(name, snippets):
                yield Problem(path, line, message)
        except RecipeError as error:
            yield told_by(error, path)
            unread.add(name)
    for name in mistakes.names(snippets):
        if name.partition("/")[0] in unread:
            continue
        try:
            mistakes.read(name, snippets)
        except RecipeError as error:
            yield told_by(error, mistakes.file_of(name, "toml", snippets))
            continue
        for ending in CAPTURED:
            path = mistakes.file_of(name, ending, snippets)
            if not path.is_file():
                yield Problem(path, 1, "this file is missing; `make update` captures it.")
