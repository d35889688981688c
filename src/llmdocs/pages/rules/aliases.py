"""Checks of a language's `aliases.toml`: each alias leads to one place, which is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from llmdocs.errors import PageError
from llmdocs.pages.documentation import Documentation
from llmdocs.pages.page import Page
from llmdocs.pages.rules.problem import Problem, told_by
from llmdocs.pages.search import file_of
from llmdocs.pages.strings import read_words
from llmdocs.suggestions import did_you_mean


def wrong_aliases(documentation: Documentation, language: str) -> Iterator[Problem]:
    """Places that are not there, and aliases that are no text or lead to two places."""
    path = file_of(documentation.docs, language)
    try:
        aliases = read_words(path)
    except PageError as error:
        yield told_by(error, path)
        return
    pages = {page.name: page for page in documentation.pages_in(language)}
    lines = path.read_text("utf-8").splitlines() if aliases else []
    leads_to: dict[str, str] = {}
    for place, found in aliases.items():
        line = next(
            (number for number, text in enumerate(lines, 1) if text.startswith(f'"{place}"')), 1
        )
        if wrong := _wrong_place(place, pages):
            yield Problem(path, line, wrong)
        elif not isinstance(found, list) or not all(
            isinstance(alias, str) and alias.strip() for alias in found
        ):
            yield Problem(
                path, line, f'the aliases of {place} are {found!r}; write them as ["one", "two"].'
            )
        else:
            for alias in found:
                if (other := leads_to.setdefault(alias.casefold(), place)) != place:
                    yield Problem(
                        path, line, f"{alias!r} leads to {other} too; leave it at one of them."
                    )


def _wrong_place(place: str, pages: Mapping[str, Page]) -> str | None:
    name, _, anchor = place.partition("#")
    if name not in pages:
        return f"there is no page {name!r}.{did_you_mean(name, pages)}"
    anchors = [heading.anchor for heading in pages[name].headings if heading.anchor]
    if anchor and anchor not in anchors:
        return f"{name} has no section #{anchor}.{did_you_mean(anchor, anchors)}"
    return None
