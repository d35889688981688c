"""The search of the built site: one index a language, made by Pagefind, and aliases of sections.

Pages are found by their own words. What readers type and no page says, as another program's words
for an error, stands in `docs/<language>/aliases.toml`: a page or a section of it, and its aliases.
"""

from __future__ import annotations

import html as markup
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from llmdocs.errors import LLMDocsError, PageError

# The title is the page's own, and no section of it. Each heading carries a link to itself. That a
# section is stale is said of it, and not what it says.
NOT_IN_A_SECTION = "h1, .headerlink, .stale"
# Pagefind's greatest; a heading of the second level has 6.
WEIGHT = 10
HEADING = re.compile(r'<h(?P<level>[1-6])\b[^<>]*?\bid="(?P<anchor>[^"<>]*)"')


def file_of(docs: Path, language: str) -> Path:
    return docs / language / "aliases.toml"


def with_aliases(html: str, page: str, aliases: dict[str, Any]) -> str:
    """The HTML of a page's content, in which each section's aliases are indexed and not shown.

    Raises `PageError` for aliases that are no list.
    """
    parts, end = [], 0
    for heading in HEADING.finditer(html):
        place = page if heading["level"] == "1" else f"{page}#{heading['anchor']}"
        close = f"</h{heading['level']}>"
        after = html.find(close, heading.end())
        if place in aliases and after >= 0:
            if not isinstance(aliases[place], list):
                raise PageError(f'The aliases of {place} are no list; write them as ["one"].')
            words = markup.escape(". ".join(map(str, aliases[place])))
            after += len(close)
            parts += [html[end:after], f'<p hidden data-pagefind-weight="{WEIGHT}">{words}.</p>']
            end = after
    return "".join([*parts, html[end:]])


def index(site: Path) -> None:
    """Write the index of the pages in the folder `site` into its folder `pagefind/`.

    A page is found in the language of its `<html lang>`, by what stands in the element marked
    `data-pagefind-body`; pages without one are left out. Raises `LLMDocsError` if there is no
    index afterwards.
    """
    options = ["--site", str(site), "--exclude-selectors", NOT_IN_A_SECTION, "--silent"]
    pagefind = subprocess.run(
        [sys.executable, "-m", "pagefind", *options], capture_output=True, text=True
    )
    if pagefind.returncode:
        said = (pagefind.stdout + pagefind.stderr).strip()
        raise LLMDocsError(f"{site}: Pagefind could not make the search index.\n{said}")
