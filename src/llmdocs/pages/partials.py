"""Partials: what several pages say alike, a file of `partials/` that `{{ partial.NAME }}` shows.

A partial is a page of its own to every check. Its title tells those who edit it what it says, and
holds its section for translators; readers see what follows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from llmdocs.errors import PageError
from llmdocs.pages.markdown import FACT
from llmdocs.pages.page import PARTIAL, PARTIALS, Page, read, read_all
from llmdocs.pages.prose import block_names, front_matter_lines
from llmdocs.pages.strings import CODE_LANGUAGE
from llmdocs.suggestions import did_you_mean


def in_folder(docs: Path, language: str) -> dict[str, Page]:
    """The partials that pages of a language show, by their blocks."""
    return by_block(read_all(docs, CODE_LANGUAGE), read_all(docs, language))


def by_block(originals: Iterable[Page], translations: Iterable[Page]) -> dict[str, Page]:
    """The partials of a language or, for want of one, English, by the blocks that show them."""
    pages = (*originals, *translations)
    found = {block_of(page): page for page in pages if page.is_partial}
    return dict(sorted(found.items()))


def block_of(partial: Page) -> str:
    return PARTIAL + partial.name.removeprefix(f"{PARTIALS}/").removesuffix(".md")


def find(docs: Path, language: str, block: str, place: str) -> Page:
    """The partial that `place` (`page:line`) shows. Raises `PageError`."""
    name = f"{PARTIALS}/{block.removeprefix(PARTIAL)}.md"
    for code in (language, CODE_LANGUAGE):
        if (partial := read(docs, code, name)).path.is_file():
            return partial
    known = in_folder(docs, language)
    raise PageError(
        f"{place}: there is no partial {block!r}.{did_you_mean(block, known)} "
        f"The partials are: {', '.join(known)}."
    )


def lines_shown(page: Page) -> list[tuple[int, str]]:
    """The lines of a page's body; of a partial's, those below its title."""
    if not page.is_partial or not page.headings:
        return page.lines
    return [(number, line) for number, line in page.lines if number > page.headings[0].line]


def facts_shown(page: Page, partials: Mapping[str, Page]) -> list[tuple[int, str]]:
    """Every fact and block that a page shows, each with its line; those of `partials` too."""
    return list(_facts_shown(page, partials, set()))


def _facts_shown(
    page: Page, partials: Mapping[str, Page], seen: set[Page]
) -> Iterator[tuple[int, str]]:
    for number, line in page.lines:
        for match in FACT.finditer(line):
            yield number, match["name"]
            partial = partials.get(match["name"])
            if partial and partial not in seen:
                seen.add(partial)
                yield from ((number, name) for _, name in _facts_shown(partial, partials, seen))


def unused(pages: list[Page]) -> Iterator[tuple[Path, int, str]]:
    """Partials that no page of their language shows."""
    shown = {(page.language, name) for page in pages for _, name in block_names(page)}
    for page in pages:
        block = block_of(page)
        if page.is_partial and (page.language, block) not in shown:
            yield (
                page.path,
                1,
                f"no page shows this partial; write {{{{ {block} }}}}, or remove it.",
            )


def form(page: Page) -> Iterator[tuple[int, str]]:
    """A partial is prose below one title: its anchors would be a page's, and differ on each."""
    if not page.is_partial:
        return
    if front_matter_lines(page):
        yield 1, "a partial has no front matter: the page that shows it has; take this out."
    for heading in page.headings[1:]:
        yield heading.line, "a partial has no headings below its title; write it in the guides."
