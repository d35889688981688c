"""The dark scheme for readers without scripts: the theme's own is chosen by a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from llmdocs.errors import LLMDocsError

FILE = Path("assets/dark.css")
DARK = re.compile(r"""\[data-md-color-scheme=["']?slate["']?\]""")
# As the page is until a script has run, and no longer.
WITHOUT_SCRIPT = ".no-js [data-md-color-scheme]"


def write_dark(site: Path, own: Path) -> None:
    """Write what the palette of the theme and our own style sheet say of the dark scheme.

    The template loads it where a reader prefers dark. Raises `LLMDocsError` if the theme has no
    such scheme any more.
    """
    (palette,) = (site / "assets/stylesheets").glob("palette.*.css")
    rules = [*dark(palette.read_text("utf-8"))]
    if not rules:
        raise LLMDocsError(f"{palette} has no rule for the scheme slate; say where it is now.")
    (site / FILE).write_text("\n".join([*rules, *dark(own.read_text("utf-8")), ""]), "utf-8")


def dark(style: str) -> Iterator[str]:
    """The rules of a style sheet that are for the dark scheme, and for no colour of its own."""
    first, *others = style.split("/*")
    without_comments = first + "".join(part.partition("*/")[2] for part in others)
    for rule in without_comments.split("}"):
        before, _, declarations = rule.rpartition("{")
        # What a rule is in, as a media query, begins with a brace too.
        selectors = [
            DARK.sub(WITHOUT_SCRIPT, selector.strip())
            for selector in before.rpartition("{")[2].split(",")
            if DARK.search(selector) and "data-md-color-primary" not in selector
        ]
        if selectors:
            yield f"{','.join(selectors)}{{{declarations.strip()}}}"
