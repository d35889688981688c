"""`llmdocs guide check`: what is to be fixed in the documentation, and what is stale in it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from llmdocs.cli.clone import Clone, read_clone, require_known
from llmdocs.cli.output import EXIT_FINDING, EXIT_USAGE, echo, fail, print_json

if TYPE_CHECKING:
    from llmdocs.pages.rules.problem import Problem
    from llmdocs.pages.translation.changes import LeftBehind

CONFIGURATION = "mkdocs.yml"


@click.command()
@click.argument("names", metavar="[PATH|PROVIDER]...", nargs=-1)
@click.option(
    "--lang",
    "only",
    metavar="LANG",
    multiple=True,
    help="Check only this translation; can be repeated.",
)
@click.option(
    "--max-age",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="Also fail if a stale section is older.",
)
@click.option(
    "--since",
    "revision",
    metavar="REVISION",
    help="Show only sections that were not stale at this revision.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def check(
    names: tuple[str, ...],
    only: tuple[str, ...],
    max_age: int | None,
    revision: str | None,
    as_json: bool,
) -> None:
    """List what to fix in pages, snippets, recipes and tables, and which sections are stale.

    Without a name, everything is checked. A PATH is a file, a folder, or a page such as
    guides/retries. With a page, its translations are checked too; with a snippet or a recipe, the
    pages that show it. A PROVIDER of the catalogue means all its files. Each line shows a place,
    and the edit or the command that fixes it.

    A section is seriously stale if a variable, a command, a warning or a number has changed. The
    exit code is 1 if there is something to fix, or if a section is seriously stale or older than
    --max-age; 2 if a file cannot be parsed, or a name is wrong; otherwise 0. The age comes from
    git: without the full history, it is unknown, and --max-age has no effect.

    \b
    Examples:
      llmdocs guide check
      llmdocs guide check docs/en/guides/retries.md
      llmdocs guide check groq
      llmdocs guide check --lang fr --max-age 30
      llmdocs guide check --since origin/main --json
    """
    from llmdocs.errors import PageError
    from llmdocs.pages.rules.checks import check as problems_of
    from llmdocs.pages.translation.changes import made_stale_since

    clone = read_clone()
    for language in only:
        require_known("language", language, clone.translations)
    concerns = _concerned(clone, names, only)
    spelling, unchecked = _spelling(clone, concerns)
    problems = sorted(
        {
            *problems_of(clone.documentation, concerns),
            *spelling,
            *_mistakes(clone, concerns),
            *_tables(clone, concerns),
        }
    )
    pages = [page for page in clone.pages if concerns(page.path)]
    unreadable = {problem.path for problem in problems if problem.unreadable}
    readable = [
        page
        for page in pages
        # Of what cannot be read, and of what it is the original of, that alone is told.
        if unreadable.isdisjoint({page.path, clone.docs / clone.languages.default / page.name})
    ]
    compared = True
    try:
        found = clone.left_behind(page for page in readable if page.language in clone.translations)
    except PageError as error:
        # The original of another page: nothing can be compared with it.
        found, compared = [], False
        unchecked.append(f"What is stale was not checked: {error}")
    if revision:
        found = made_stale_since(revision, found, clone.originals, clone.history)
    report = Report(problems, found, compared, unchecked, max_age)
    if as_json:
        print_json(report.as_data())
    else:
        echo(report.as_text(f"{len(pages)} page{'' if len(pages) == 1 else 's'}"))
        for line in unchecked:
            click.echo(line, err=True)
    sys.exit(report.exit_code)


def _concerned(
    clone: Clone, names: Iterable[str], languages: Iterable[str]
) -> Callable[[Path], bool]:
    """Whether a file is one that is looked at."""
    named = {path for name in names for path in _named(clone, name)}
    roots = {*named, *_translations(clone, named), *_showing(clone, named)}
    folders = {clone.docs / language for language in languages}

    def concerns(path: Path) -> bool:
        above = {path, *path.parents}
        return not (roots and above.isdisjoint(roots)) and not (
            folders and above.isdisjoint(folders)
        )

    return concerns


def _named(clone: Clone, name: str) -> list[Path]:
    """The files and folders that a name stands for, as the documentation's own paths are."""
    from llmdocs.catalogue.providers import CATALOGUE
    from llmdocs.pages.rules.checks import tables_of
    from llmdocs.suggestions import did_you_mean

    docs, snippets = clone.docs, clone.documentation.snippets
    if name in CATALOGUE:
        return [
            *(docs / language / "llms" / f"{name}.md" for language in clone.languages.all),
            snippets / name,
            snippets / CATALOGUE[name].dialect,
            tables_of(clone.documentation) / f"{name}.toml",
        ]
    # A name may be longer than any file's.
    if os.path.exists(name):
        return _checked(clone, name)
    page = docs / clone.languages.default / f"{name.removesuffix('.md')}.md"
    if not os.path.isfile(page):
        pages = [page.name for page in clone.documentation.pages_in(clone.languages.default)]
        nearest = did_you_mean(name, [*CATALOGUE, *pages])
        fail(
            f"there is no file, page or provider {name!r}.{nearest} "
            "Name a file or a folder, a page such as guides/retries, or a provider: "
            f"{', '.join(CATALOGUE)}.",
            EXIT_USAGE,
        )
    return [page]


def _checked(clone: Clone, name: str) -> list[Path]:
    """A file or a folder that is there, as the documentation's own paths are."""
    from llmdocs.pages.rules.checks import tables_of

    # The documentation's paths begin with these, wherever the command is run.
    folders = [clone.docs, clone.documentation.snippets, tables_of(clone.documentation)]
    path = Path(name).resolve()
    for folder in folders:
        if path.is_relative_to(folder.resolve()):
            return [folder / path.relative_to(folder.resolve())]
    within = [folder for folder in folders if folder.resolve().is_relative_to(path)]
    if not within and path != (clone.root / CONFIGURATION).resolve():
        fail(
            f"{name} is none of the files that are checked, which are below "
            f"{', '.join(map(str, folders))}.",
            EXIT_USAGE,
        )
    return within or [clone.documentation.root / CONFIGURATION]


def _translations(clone: Clone, paths: Iterable[Path]) -> Iterator[Path]:
    """Where the translations of originals are."""
    originals = clone.docs / clone.languages.default
    for path in paths:
        if path.is_relative_to(originals):
            for language in clone.translations:
                yield clone.docs / language / path.relative_to(originals)


def _showing(clone: Clone, paths: Iterable[Path]) -> Iterator[Path]:
    """The pages that show one of these snippets or recipes."""
    from llmdocs.errors import PageError
    from llmdocs.recipes import FILE_NAME

    snippets = clone.documentation.snippets
    shown = {path for path in paths if path.is_relative_to(snippets)}
    if not shown:
        return
    for page in clone.pages:
        try:
            files = [snippets / embed.file for embed in page.embeds]
        except PageError:
            # Told where it is looked at.
            continue
        if page.recipe:
            files.append(snippets / page.recipe / FILE_NAME)
        if any(not shown.isdisjoint((file, *file.parents)) for file in files):
            yield page.path


def _spelling(clone: Clone, concerns: Callable[[Path], bool]) -> tuple[list[Problem], list[str]]:
    """The words that are spelt wrong, and what could not be looked at."""
    from llmdocs.pages.rules.spelling import DICTIONARIES, WORD_LIST, misspellings

    problems: list[Problem] = []
    unchecked: list[str] = []
    for language in clone.documentation.pages.keys() & DICTIONARIES.keys():
        files = [page.path for page in clone.documentation.pages_in(language)]
        word_list = clone.docs / language / WORD_LIST
        # Where there is no list, nobody has begun to check.
        if not word_list.is_file() or not any(map(concerns, [*files, word_list])):
            continue
        try:
            problems += misspellings(clone.documentation, language, DICTIONARIES[language].misspelt)
        except FileNotFoundError as error:
            unchecked.append(f"The spelling of {language} was not checked: {error}.")
    return [problem for problem in problems if concerns(problem.path)], unchecked


def _mistakes(clone: Clone, concerns: Callable[[Path], bool]) -> Iterator[Problem]:
    """Mistakes that name a finding or a fault that there is not."""
    from llmdocs.doctor.findings import Code
    from llmdocs.errors import RecipeError
    from llmdocs.pages.rules.problem import Problem
    from llmdocs.recipes import mistakes
    from llmdocs.suggestions import did_you_mean
    from llmdocs.wire import faults

    codes, snippets = get_args(Code), clone.documentation.snippets
    for name in mistakes.names(snippets):
        path = mistakes.file_of(name, "toml", snippets)
        if not concerns(path):
            continue
        try:
            mistake = mistakes.read(name, snippets)
        except RecipeError:
            # Told among the problems of recipes.
            continue
        if mistake.finding not in codes:
            nearest = did_you_mean(mistake.finding, codes) or f" There are: {', '.join(codes)}."
            yield Problem(path, 1, f"the doctor has no finding {mistake.finding!r}.{nearest}")
        try:
            faults.named(mistake.fault or "ok")
        except ValueError as error:
            yield Problem(path, 1, str(error))


def _tables(clone: Clone, concerns: Callable[[Path], bool]) -> Iterator[Problem]:
    """What is wrong with the tables of refusals."""
    from llmdocs import local_files
    from llmdocs.errors import LLMDocsError
    from llmdocs.pages.rules.checks import tables_of
    from llmdocs.pages.rules.problem import told_by
    from llmdocs.wire.compatible import tables

    folder = tables_of(clone.documentation)
    for path in filter(concerns, sorted(folder.glob("*.toml"))):
        try:
            tables.read(local_files.read_text(folder, path.name), str(path))
        except (LLMDocsError, local_files.FileRefused) as error:
            yield told_by(error, path)


@dataclass(frozen=True)
class Report:
    """What was found, and what could not be looked at."""

    problems: list[Problem]
    stale: list[LeftBehind]
    compared: bool
    unchecked: list[str]
    max_age: int | None

    @property
    def failing(self) -> list[LeftBehind]:
        """What is stale and cannot wait."""
        return [item for item in self.stale if item.changes or self._is_too_old(item)]

    @property
    def exit_code(self) -> int:
        if not self.compared or any(problem.unreadable for problem in self.problems):
            return EXIT_USAGE
        return EXIT_FINDING if self.failing or self.problems else 0

    def _is_too_old(self, item: LeftBehind) -> bool:
        return (
            self.max_age is not None
            and not item.stale.moved_to
            and item.days is not None
            and item.days > self.max_age
        )

    def as_data(self) -> dict[str, Any]:
        return {
            "problems": [
                {"file": str(problem.path), "line": problem.line, "message": problem.message}
                for problem in self.problems
            ],
            "stale": [_as_data(item) for item in self.stale],
            "unchecked": self.unchecked,
        }

    def as_text(self, where: str) -> Iterator[str]:
        """A line a finding, sorted by place, and what they come to. `where` was looked at."""
        lines = [
            (problem.path, problem.line, click.style(str(problem), fg="red"))
            for problem in self.problems
        ]
        for item in self.stale:
            place, colour = item.translation, "red" if item in self.failing else "yellow"
            lines.append((place.page.path, place.line, click.style(item.summary, fg=colour)))
        yield from (text for _, _, text in sorted(lines))
        stale = [item for item in self.stale if not item.stale.moved_to]
        counts = {
            "to fix": len(self.problems),
            "stale": len(stale),
            "of them seriously": sum(1 for item in stale if item.changes),
            "moved": len(self.stale) - len(stale),
        }
        told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        green = None if told else "green"
        nothing = "nothing to fix, nothing stale" if self.compared else "nothing else to fix"
        yield click.style(f"{where}: {told or nothing}.", fg=green)
        if self.failing:
            yield f"Of these, {len(self.failing)} must be translated before a change can land."
        if any(item.since is None for item in stale):
            yield "Git lacks some of the history here: how old and how serious some are is unknown."
        if stale:
            yield (
                f"`{stale[0].to_see}` shows a change; once it is translated, `{stale[0].to_renew}`."
            )


def _as_data(item: LeftBehind) -> dict[str, Any]:
    moved_to = item.stale.moved_to
    return {
        "page": item.translation.page.name,
        "anchor": item.translation.anchor,
        "language": item.translation.page.language,
        "file": str(item.translation.page.path),
        "line": item.translation.line,
        "moved_to": moved_to.name if moved_to else None,
        "since": item.since.isoformat() if item.since else None,
        "days": item.days,
        "serious": item.changes,
    }
