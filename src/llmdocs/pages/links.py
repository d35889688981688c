"""Links and images of a page: where they lead, and whether anything is there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from llmdocs.pages.languages import Languages
from llmdocs.pages.markdown import EXTERNAL, FACT, IMAGE, LINK, QUOTED_ALT
from llmdocs.pages.page import Page
from llmdocs.pages.prose import block_names, without_code
from llmdocs.settings.variables import VARIABLES
from llmdocs.suggestions import did_you_mean


@dataclass(frozen=True)
class Target:
    """Where a link or an image leads, as it is written. `line` is its line in the page."""

    line: int
    text: str
    image: bool


@dataclass(frozen=True)
class Image:
    """An image's line, and the words for who cannot see it."""

    line: int
    alt: str


def targets(page: Page, text: str | None = None) -> list[Target]:
    """The targets of all links and images, here and elsewhere. `text` is `text_of(page)`."""
    text = text_of(page) if text is None else text
    shown = [match.span() for match in IMAGE.finditer(text)]
    return [
        Target(
            _line(page, text, match),
            match[match.lastgroup or 0],
            any(start <= match.start() < end for start, end in shown),
        )
        for match in LINK.finditer(text)
    ]


def links(page: Page) -> list[tuple[int, str]]:
    """Every target of a link or an image that is on this site, with its line."""
    return [(item.line, item.text) for item in targets(page) if not EXTERNAL.match(item.text)]


def images(page: Page) -> list[Image]:
    """Every image, with its text alternative, which may be missing."""
    text = text_of(page)
    return [Image(_line(page, text, match), _alt(match)) for match in IMAGE.finditer(text)]


def broken_links(
    page: Page,
    pages: list[Page],
    docs: Path,
    site: Languages,
    unreadable: Collection[Path] = (),
) -> Iterator[tuple[int, str]]:
    """Links go to pages and anchors of the same language; images say what they show.

    A page that is not translated is there all the same: in the default language. Of those that are
    `unreadable` nobody knows the anchors.
    """
    here = (site.default, page.language)
    same_language = {
        other.name: other
        for language in here
        for other in pages
        if other.language == language and not other.is_partial
    }
    for line, target in links(page):
        path, _, anchor = target.partition("#")
        name = posixpath.normpath(posixpath.join(posixpath.dirname(page.name), path))
        name = name if path else page.name
        place = docs / page.language / name
        if not target:
            yield line, "this link has no target; name a page, or take it out."
        elif not name.endswith(".md") and place.is_file() and _is_asset(name):
            continue
        elif name.startswith(("/", "..")):
            yield (
                line,
                f"the link {target!r} leaves docs/{page.language}; link to a page of the same "
                "language by its relative path.",
            )
        elif any(docs / language / name in unreadable for language in here):
            continue
        elif name not in same_language:
            known = [
                posixpath.relpath(other, posixpath.dirname(page.name) or ".")
                for other in same_language
            ]
            nearest = did_you_mean(path, known) or " Link to the .md file, by its relative path."
            yield line, f"the link {target!r} leads nowhere: there is no {name}.{nearest}"
        elif anchor and anchor not in _anchors(same_language[name]):
            anchors = _anchors(same_language[name])
            nearest = did_you_mean(anchor, anchors) or f" It has: {', '.join(anchors)}."
            yield line, f"the link {target!r} leads nowhere: {name} has no such anchor.{nearest}"
    for item in targets(page):
        if site.has(item.text):
            yield (
                item.line,
                f"the link {item.text!r} names this site's own address; link to the .md file by "
                "its relative path, so that readers stay in their language.",
            )
    for image in images(page):
        if not image.alt:
            yield (
                image.line,
                "this image has no text alternative; say between the brackets what it shows.",
            )


def _alt(image: re.Match[str]) -> str:
    found = QUOTED_ALT.search(image["attributes"] or "")
    return " ".join((image["alt"] or (found["alt"] if found else "")).split())


def _is_asset(name: str) -> bool:
    """Whether a path below a language's folder is a file of it, or one that all languages share."""
    return not name.startswith(("/", "..")) or name.startswith("../assets/")


def _anchors(page: Page) -> list[str]:
    """Where links may lead in a page: its headings, and the rows of the table of settings."""
    rows = VARIABLES if "settings.table" in (name for _, name in block_names(page)) else ()
    return [*(heading.anchor for heading in page.headings if heading.anchor), *rows]


def text_of(page: Page) -> str:
    """The prose as one text: fences are blank lines, so that line breaks count lines."""
    prose = dict(page.prose)
    lines = (FACT.sub(r"fact:\g<name>", prose.get(number, "")) for number, _ in page.lines)
    return without_code("\n".join(lines))


def _line(page: Page, text: str, match: re.Match[str]) -> int:
    return page.lines[0][0] + text.count("\n", 0, match.start())
