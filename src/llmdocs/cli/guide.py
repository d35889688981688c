"""`llmdocs guide`: keep the translations of the documentation fresh."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llmdocs.cli.clone import root_of_clone
from llmdocs.cli.output import EXIT_FINDING, EXIT_USAGE, echo, fail, print_json
from llmdocs.cli.typography import typography

if TYPE_CHECKING:
    from llmdocs.pages.freshness import Originals
    from llmdocs.pages.history import History
    from llmdocs.pages.page import Page
    from llmdocs.pages.site_languages import Languages
    from llmdocs.pages.translations import LeftBehind

# As `git diff --word-diff` marks words.
MARKS = {"same": ("", ""), "gone": ("[-", "-]"), "new": ("{+", "+}")}
COLOURS = {"gone": "red", "new": "green"}
# Narrower than this, what belongs side by side is shown one below the other.
SIDE_BY_SIDE = 100
GAP = " │ "


class Guide(click.Group):
    """What is wrong with a page or with git is told in a line, whichever command meets it."""

    def invoke(self, context: click.Context) -> Any:
        from llmdocs.errors import PageError

        try:
            return super().invoke(context)
        except PageError as error:
            fail(str(error), EXIT_USAGE)


@click.group(cls=Guide)
def guide() -> None:
    """Keep the translations of the documentation fresh. Run it in a clone.

    Under each translated heading a comment, `<!-- en: 3f2a9c1b -->`, records which version of the
    original the section was made from. A section whose original has changed since is stale: its
    readers are told so until it is translated anew and renewed.

    \b
    Examples:
      llmdocs guide check
      llmdocs guide diff guides/retries.md --lang fr
      llmdocs guide renew guides/retries.md#schedule --lang fr
      llmdocs guide typography --fix
    """


guide.add_command(typography)


@dataclass(frozen=True)
class Clone:
    """The documentation in the folder that a command is run in, or in one above."""

    docs: Path
    languages: Languages
    originals: Originals
    history: History

    @property
    def translations(self) -> list[str]:
        return [language for language in self.languages.all if language != self.languages.default]


def _clone() -> Clone:
    from llmdocs.pages.freshness import Originals
    from llmdocs.pages.history import History
    from llmdocs.pages.published import wrong_files
    from llmdocs.pages.site_languages import site_languages

    root = root_of_clone()
    if wrong := wrong_files(Path(os.path.relpath(root))):
        fail("\n".join(f"{path}:{line}: {message}" for path, line, message in wrong), EXIT_USAGE)
    languages = site_languages(Path(os.path.relpath(root / "mkdocs.yml")))
    # Relative, so that an editor opens the places that are printed.
    docs = Path(os.path.relpath(root / "docs"))
    return Clone(docs, languages, Originals(docs, languages.default), History(root))


def _left_behind(clone: Clone, pages: Iterable[Page]) -> list[LeftBehind]:
    from llmdocs.pages.translations import left_behind

    return left_behind(pages, clone.originals, clone.history)


@guide.command()
@click.option(
    "--lang", "wanted", metavar="LANG", multiple=True, help="This language alone; may be repeated."
)
@click.option(
    "--max-age", type=click.IntRange(min=0), metavar="DAYS", help="Fail for what is older too."
)
@click.option(
    "--since", "revision", metavar="REVISION", help="Only what was not stale at this git revision."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def check(
    wanted: tuple[str, ...],
    max_age: int | None,
    revision: str | None,
    as_json: bool,
) -> None:
    """List the stale sections of every translation.

    A change of a variable, a command, a warning or a number is serious. The exit code is 1 if a
    section is seriously stale, older than --max-age, or does not say what it was made from; 2 if
    a page cannot be read; else 0. How old it is, git tells: without the whole history the age is
    unknown, and nothing fails for it.

    \b
    Examples:
      llmdocs guide check
      llmdocs guide check --lang fr --max-age 30
      llmdocs guide check --since origin/main --json
    """
    from llmdocs.pages.freshness import comment_problems
    from llmdocs.pages.page import read_all
    from llmdocs.pages.translations import made_stale_since

    clone = _clone()
    for language in wanted:
        _known("language", language, clone.translations)
    chosen = [language for language in clone.translations if language in (wanted or (language,))]
    pages = [page for language in chosen for page in read_all(clone.docs, language)]
    found = _left_behind(clone, pages)
    problems = [
        f"{page.path}:{line}: {message}"
        for page in pages
        for line, message in comment_problems(page, clone.originals)
    ]
    if revision:
        found = made_stale_since(revision, found, clone.originals, clone.history)
    failing = [item for item in found if item.changes or _is_too_old(item, max_age)]
    if as_json:
        print_json({"stale": [_as_data(item) for item in found], "problems": problems})
    else:
        where = f"{len(pages)} page{'' if len(pages) == 1 else 's'} ({', '.join(chosen)})"
        echo(_as_text(found, problems, failing, where))
    sys.exit(EXIT_FINDING if failing or problems else 0)


def _is_too_old(item: LeftBehind, max_age: int | None) -> bool:
    return (
        max_age is not None
        and not item.stale.moved_to
        and item.days is not None
        and item.days > max_age
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


def _as_text(
    found: list[LeftBehind], problems: list[str], failing: list[LeftBehind], where: str
) -> Iterator[str]:
    yield from (click.style(problem, fg="red") for problem in problems)
    for item in found:
        yield click.style(item.summary, fg="red" if item in failing else "yellow")
    stale = [item for item in found if not item.stale.moved_to]
    counts = {
        "stale": len(stale),
        "of them seriously": sum(1 for item in stale if item.changes),
        "moved": len(found) - len(stale),
        "without a record of what they were made from, or a wrong one": len(problems),
    }
    told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    yield click.style(f"{where}: {told or 'nothing is stale'}.", fg=None if told else "green")
    if failing:
        yield f"Of these, {len(failing)} must be translated before a change can land."
    if any(item.since is None for item in stale):
        yield "Git has not all of the history here: how old and how serious some are is unknown."
    if stale:
        yield f"`{stale[0].to_see}` shows a change; once it is translated, `{stale[0].to_renew}`."


@guide.command()
@click.argument("page")
@click.option("--lang", "language", metavar="LANG", required=True, help="The translation's, as fr.")
def diff(page: str, language: str) -> None:
    """Show what has changed in the original of PAGE, beside its present translation.

    PAGE is a path below the language's folder; PAGE#ANCHOR is one section of it. Words that are
    gone stand in [-these-], new ones in {+these+}.

    \b
    Examples:
      llmdocs guide diff guides/retries.md --lang fr
      llmdocs guide diff guides/retries.md#schedule --lang fr
    """
    clone = _clone()
    name, _, anchor = page.partition("#")
    translation = _page(clone, name, language)
    if anchor:
        anchor = _anchor(translation, anchor)
    found = [
        item
        for item in _left_behind(clone, [translation])
        if item.translation.anchor in (anchor or item.translation.anchor,)
    ]
    if not found:
        click.echo(f"{page} is fresh in {language}: nothing to translate.")
    for item in found:
        echo(_beside(item))


def _beside(item: LeftBehind) -> Iterator[str]:
    yield click.style(item.summary, bold=True)
    yield ""
    if item.stale.moved_to or not item.stale.original:
        return
    original = item.stale.original
    if not item.base:
        yield "Git has no version of the original that this was made from: it is shown as it is."
        yield ""
    width = shutil.get_terminal_size().columns
    left, right = f"{original.place}, changed", f"{item.translation.place}, now"
    present = item.translation.source
    if width < SIDE_BY_SIDE:
        changed = "".join(_marked(item, in_colour=True))
        yield from (f"--- {left}", "", changed, "", f"--- {right}", "", present, "")
    else:
        column = (width - len(GAP)) // 2
        changed = "".join(_marked(item))
        rows = zip_longest(
            _wrapped(f"{left}\n\n{changed}", column),
            _wrapped(f"{right}\n\n{present}", column),
            fillvalue="",
        )
        yield from (f"{one:<{column}}{GAP}{other}".rstrip() for one, other in rows)
        yield ""
    yield f"Once it is translated: {item.to_renew}"
    yield ""


def _marked(item: LeftBehind, *, in_colour: bool = False) -> Iterator[str]:
    """The original's words, with marks around those that changed."""
    for kind, words in item.difference():
        opening, closing = MARKS[kind]
        text = f"{opening}{words}{closing}"
        yield click.style(text, fg=COLOURS[kind]) if in_colour and kind in COLOURS else text


def _wrapped(text: str, width: int) -> list[str]:
    return [
        piece
        for line in text.split("\n")
        for piece in textwrap.wrap(line, width, break_long_words=True) or [""]
    ]


@guide.command()
@click.argument("names", metavar="PAGE#ANCHOR...", nargs=-1, required=True)
@click.option("--lang", "language", metavar="LANG", required=True, help="The translation's, as fr.")
def renew(names: tuple[str, ...], language: str) -> None:
    """Record that sections say what their originals say now.

    Each PAGE#ANCHOR is a section that you have translated; `#top` holds the title and the lead.
    There is no way to name all at once: a section is renewed by whoever has compared it.

    \b
    Examples:
      llmdocs guide renew guides/retries.md#schedule --lang fr
      llmdocs guide renew index.md#top index.md#next --lang fr
    """
    clone = _clone()
    for name, anchor in [_section_name(clone, name, language) for name in names]:
        from llmdocs.pages.freshness import renewed
        from llmdocs.pages.sections import sections

        page = _page(clone, name, language)
        section, original = sections(page)[anchor], clone.originals.pages[name][anchor]
        if section.made_from == original.hash:
            click.echo(f"{section.place}: #{anchor} was fresh.")
            continue
        ending = "\r\n" if b"\r\n" in page.path.read_bytes() else "\n"
        page.path.write_text(renewed(section, original), "utf-8", newline=ending)
        click.echo(f"{section.place}: #{anchor} is fresh now, made from {original.place}.")


def _section_name(clone: Clone, typed: str, language: str) -> tuple[str, str]:
    """The page and the anchor that someone typed, after a look at whether both are there."""
    name, mark, anchor = typed.partition("#")
    translation = _page(clone, name, language)
    if not mark:
        from llmdocs.pages.freshness import stale_sections

        stale = [stale.translation.name for stale in stale_sections(translation, clone.originals)]
        fail(
            f"{typed} is a page: name its sections one by one, as in {name}#top. "
            f"Stale in it: {', '.join(stale) or 'none'}.",
            EXIT_USAGE,
        )
    anchor = _anchor(translation, anchor)
    if anchor not in clone.originals.pages.get(name, {}):
        fail(
            f"{clone.docs / clone.languages.default / name} has no section {anchor!r}: there is "
            "nothing that the translation could be made from.",
            EXIT_USAGE,
        )
    return name, anchor


def _page(clone: Clone, name: str, language: str) -> Page:
    from llmdocs.pages.page import read

    _known("language", language, clone.translations)
    page = read(clone.docs, language, name)
    if page.path.is_file():
        return page
    original = read(clone.docs, clone.languages.default, name).path
    if original.is_file():
        fail(
            f"{name} is not translated into {language} yet: copy {original} to {page.path} and "
            "translate it.",
            EXIT_USAGE,
        )
    _known("page", name, list(clone.originals.pages))
    return page


def _anchor(page: Page, anchor: str) -> str:
    """The section's name, after a look at whether it is there: the title's anchor is the top's."""
    from llmdocs.pages.sections import TOP, sections

    found = sections(page)
    if page.headings and anchor == page.headings[0].anchor:
        return TOP
    _known("section", anchor, list(found), where=f" of {page.path}")
    return anchor


def _known(kind: str, name: str, names: list[str], where: str = "") -> None:
    from llmdocs.errors import did_you_mean

    if name not in names:
        nearest = did_you_mean(name, names) or f" There are: {', '.join(names)}."
        fail(f"there is no {kind} {name!r}{where}.{nearest}", EXIT_USAGE)
