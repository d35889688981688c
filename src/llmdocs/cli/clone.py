"""The clone of the repository that a command is run in."""

from __future__ import annotations

from pathlib import Path

from llmdocs.cli.output import EXIT_USAGE, fail


def root_of_clone() -> Path:
    """The folder with `mkdocs.yml`: the one that the command is run in, or one above."""
    here = Path.cwd()
    roots = [folder for folder in (here, *here.parents) if (folder / "mkdocs.yml").is_file()]
    if not roots:
        fail(f"{here} is in no clone of the documentation: there is no mkdocs.yml.", EXIT_USAGE)
    return roots[0]
