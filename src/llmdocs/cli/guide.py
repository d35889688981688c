"""`llmdocs guide`: keep the translations of the documentation fresh."""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import click

from llmdocs.cli.check import check
from llmdocs.cli.clone import Clone, read_clone, require_known
from llmdocs.cli.output import EXIT_USAGE, echo, fail
from llmdocs.cli.typography import typography

if TYPE_CHECKING:
    from llmdocs.pages.page import Page
    from llmdocs.pages.translation.changes import LeftBehind

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
    """Check the documentation and keep translations up to date. Run it in a clone.

    A comment below each translated heading, `<!-- en: 3f2a9c1b -->`, records the version of the
    original that was translated. If the original has changed since, the section is stale: the site
    shows a notice until it is translated again and renewed.

    \b
    Examples:
      llmdocs guide check
      llmdocs guide diff guides/retries.md --lang fr
      llmdocs guide renew guides/retries.md#schedule --lang fr
      llmdocs guide typography --fix
    """


guide.add_command(check)
guide.add_command(typography)


@guide.command()
@click.argument("page")
@click.option("--lang", "language", metavar="LANG", required=True, help="The translation's, as fr.")
def diff(page: str, language: str) -> None:
    """Show what has changed in the original of PAGE, next to the current translation.

    PAGE is a path in the folder of the language; PAGE#ANCHOR is one section. Removed words are
    shown in [-these-], new ones in {+these+}.

    \b
    Examples:
      llmdocs guide diff guides/retries.md --lang fr
      llmdocs guide diff guides/retries.md#schedule --lang fr
    """
    clone = read_clone()
    name, _, anchor = page.partition("#")
    translation = _page(clone, name, language)
    if anchor:
        anchor = _anchor(translation, anchor)
    found = [
        item
        for item in clone.left_behind([translation])
        if item.translation.anchor in (anchor or item.translation.anchor,)
    ]
    if not found:
        click.echo(f"{page} is up to date in {language}: nothing to translate.")
    for item in found:
        echo(_beside(item))


def _beside(item: LeftBehind) -> Iterator[str]:
    yield click.style(item.summary, bold=True)
    yield ""
    if item.stale.moved_to or not item.stale.original:
        return
    original = item.stale.original
    if not item.base:
        yield "Git has no version of the original that was translated: the current one is shown."
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
    yield f"After translating it: {item.to_renew}"
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
    """Mark sections as up to date with their originals.

    Each PAGE#ANCHOR is a section that you have translated; `#top` is the title and the
    introduction. You cannot renew a whole page at once: compare each section before you renew it.

    \b
    Examples:
      llmdocs guide renew guides/retries.md#schedule --lang fr
      llmdocs guide renew index.md#top index.md#next --lang fr
    """
    clone = read_clone()
    for name, anchor in [_section_name(clone, name, language) for name in names]:
        from llmdocs.pages.sections import sections
        from llmdocs.pages.translation.freshness import renewed

        page = _page(clone, name, language)
        section, original = sections(page)[anchor], clone.originals.pages[name][anchor]
        if section.made_from == original.hash:
            click.echo(f"{section.place}: #{anchor} was up to date.")
            continue
        ending = "\r\n" if b"\r\n" in page.path.read_bytes() else "\n"
        page.path.write_text(renewed(section, original), "utf-8", newline=ending)
        click.echo(f"{section.place}: #{anchor} is now up to date with {original.place}.")


def _section_name(clone: Clone, typed: str, language: str) -> tuple[str, str]:
    """The page and the anchor that someone typed, after a look at whether both are there."""
    name, mark, anchor = typed.partition("#")
    translation = _page(clone, name, language)
    if not mark:
        from llmdocs.pages.translation.freshness import stale_sections

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
            "nothing to translate.",
            EXIT_USAGE,
        )
    return name, anchor


def _page(clone: Clone, name: str, language: str) -> Page:
    from llmdocs.pages.page import read

    require_known("language", language, clone.translations)
    page = read(clone.docs, language, name)
    if os.path.isfile(page.path):
        return page
    original = read(clone.docs, clone.languages.default, name).path
    if os.path.isfile(original):
        fail(
            f"{name} is not translated into {language} yet: copy {original} to {page.path} and "
            "translate it.",
            EXIT_USAGE,
        )
    require_known("page", name, list(clone.originals.pages))
    return page


def _anchor(page: Page, anchor: str) -> str:
    """The section's name, after a look at whether it is there: the title's anchor is the top's."""
    from llmdocs.pages.sections import TOP, sections

    found = sections(page)
    if page.headings and anchor == page.headings[0].anchor:
        return TOP
    require_known("section", anchor, list(found), where=f" of {page.path}")
    return anchor
