"""`llmdocs guide typography`: typographic errors in a language, and their fixes."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmdocs.cli.clone import root_of_clone
from llmdocs.cli.output import EXIT_FINDING, EXIT_USAGE, echo, fail

if TYPE_CHECKING:
    from llmdocs.pages.masking import MaskedText


@click.command()
@click.option("--fix", is_flag=True, help="Fix what can be fixed safely.")
@click.option("--lang", metavar="LANGUAGE", help="Check only this language, such as fr.")
@click.option(
    "--docs",
    type=click.Path(path_type=Path),
    help="The folder with a folder for each language (default: docs of the clone).",
)
def typography(fix: bool, lang: str | None, docs: Path | None) -> None:
    """Find typographic errors, in languages that have rules for it: French does.

    Checks the pages, the strings.toml and the words in mkdocs.yml of each language, except code,
    addresses, and text marked as another language. The exit code is 0 if there is nothing left to
    fix, 1 if there is, 2 if there is no such folder or language.

    \b
    Examples:
      llmdocs guide typography
      llmdocs guide typography --fix
      llmdocs guide typography --fix --lang fr
    """
    from llmdocs.pages.masking import texts
    from llmdocs.pages.page import read_all
    from llmdocs.pages.rules.typography import RULES

    # Relative, so that an editor opens the places that are printed.
    docs = docs or Path(os.path.relpath(root_of_clone() / "docs"))
    chosen = _languages(docs, lang)
    ruled = [language for language in chosen if language in RULES]
    if not ruled:
        click.echo(f"There are no typography rules for {', '.join(chosen)}. Nothing was checked.")
        return

    def told() -> Iterator[MaskedText]:
        for language in ruled:
            yield from texts(read_all(docs, language), docs, language)

    fixed = sum(map(_fix, told())) if fix else 0
    # What has been fixed is read anew: what is left is in its place.
    found = _problems(told())
    echo(found)
    echo([_conclusion(fixed, len(found), ruled)])
    sys.exit(EXIT_FINDING if found else 0)


def _languages(docs: Path, lang: str | None) -> list[str]:
    from llmdocs.pages.page import languages
    from llmdocs.suggestions import did_you_mean

    known = languages(docs) if docs.is_dir() else []
    if not known:
        fail(
            f"{docs} is not a folder of pages. Run this in a clone of the repository, or pass the "
            "folder: --docs FOLDER.",
            EXIT_USAGE,
        )
    if lang is not None and lang not in known:
        fail(
            f"--lang: there are no pages in {lang!r}.{did_you_mean(lang, known)} "
            f"The languages are: {', '.join(known)}.",
            EXIT_USAGE,
        )
    return known if lang is None else [lang]


def _fix(text: MaskedText) -> int:
    """Write the fixed text, and say on which lines. How many places that is."""
    from llmdocs.pages.rules.typography import edits, fixed

    lines = [text.line_of(edit.start) for edit in edits(text)]
    if lines:
        _write(text.path, fixed(text))
        numbers = ", ".join(str(line) for line in sorted(set(lines)))
        click.echo(f"{text.path}: fixed on line {numbers}")
    return len(lines)


def _write(path: Path, text: str) -> None:
    """Put a text with as many lines in the place of a file's. Its line ends stay as they are."""
    with path.open(encoding="utf-8", newline="") as file:
        ends = re.findall(r"\r\n|\r|\n", file.read())
    lines = zip(text.split("\n"), [*ends, ""], strict=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("".join(line + end for line, end in lines))


def _problems(texts: Iterable[MaskedText]) -> list[str]:
    from llmdocs.pages.rules.typography import problems

    return [f"{text.path}:{line}: {message}" for text in texts for line, message in problems(text)]


def _conclusion(fixed: int, left: int, languages: list[str]) -> str:
    counts = [f"{fixed} fixed"] * bool(fixed) + [f"{left} to fix" if left else "all is well"]
    return f"Typography of {', '.join(languages)}: {', '.join(counts)}."
