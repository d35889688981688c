"""The search index of a built site, made by Pagefind: one a language, of the pages' own words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from llmdocs.errors import LLMDocsError

# The title is the page's own, and no section of it. Each heading carries a link to itself. That a
# section is stale is said of it, and not what it says.
NOT_IN_A_SECTION = "h1, .headerlink, .stale"


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
