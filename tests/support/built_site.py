"""The site as `mkdocs build` leaves it, and what each of its pages says, loads and links to."""

from __future__ import annotations

import os
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

from filelock import FileLock

from llmdocs.pages.languages import site_languages
from llmdocs.pages.page import Page
from tests.support.site_files import MKDOCS_YML, ROOT

DEFAULT_LANGUAGE = site_languages(MKDOCS_YML).default
# The path in it shows a link that would work at the root of a host alone.
SITE_URL = "https://docs.example/llm/"
REPOSITORY = "https://code.example/x"

# mkdocs as the command line runs it, then what that has imported.
BUILD = """
import sys
from mkdocs.__main__ import cli
cli(["build", "--strict", "--quiet", "--site-dir", sys.argv[1]], standalone_mode=False)
print(*sys.modules, sep="\\n")
"""

# Links that a browser does not follow by itself.
NEVER_LOADED = {"alternate", "canonical", "next", "prev"}
CSS_ADDRESS = re.compile(r"""(?:url\(|@import\s+(?!url))\s*["']?([^"')\s]+)""")


class Document(HTMLParser):
    """What a page says of itself, what it loads, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.language: str | None = None
        self.ids: set[str] = set()
        self.loads: list[str] = []
        self.links: list[dict[str, str]] = []
        self.switches: dict[str, str] = {}
        self.alternates: dict[str, str] = {}
        self.markdown: list[str] = []
        self.code_blocks = 0
        self.tabs: list[str] = []
        self._in_tab = False
        self._in_signature = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        self.loads += CSS_ADDRESS.findall(given.get("style", ""))
        if given.get("type") == "text/markdown":
            self.markdown.append(given["href"])
        if tag == "html":
            self.language = given.get("lang")
        elif tag == "link":
            self._link(given)
        elif tag == "a":
            self.links.append(given)
            if "md-select__link" in given.get("class", ""):
                self.switches[given["hreflang"]] = given["href"]
        elif tag == "label" and given.get("for", "").startswith("__tabbed_"):
            self._in_tab = True
        elif tag == "div" and "doc-signature" in given.get("class", ""):
            # mkdocstrings writes a signature as a block of code.
            self._in_signature = True
        elif tag == "pre":
            self.code_blocks += not self._in_signature
            self._in_signature = False
        else:
            self.loads += [given[name] for name in ("src", "srcset", "data") if name in given]

    def handle_data(self, data: str) -> None:
        if self._in_tab:
            self.tabs.append(data)
        self._in_tab = False

    def _link(self, given: dict[str, str]) -> None:
        kinds = set(given.get("rel", "").split())
        if "alternate" in kinds and "hreflang" in given:
            self.alternates[given["hreflang"]] = given["href"]
        if not kinds <= NEVER_LOADED:
            self.loads.append(given["href"])


@dataclass
class Site:
    """A built site, and how building it went."""

    folder: Path
    build: subprocess.CompletedProcess[str]
    _documents: dict[Path, Document] = field(default_factory=dict)

    def file_of(self, page: Page) -> Path:
        name = PurePosixPath(page.name).with_suffix("")
        folder = name.parent if name.name == "index" else name
        language = "" if page.language == DEFAULT_LANGUAGE else page.language
        return self.folder / language / folder / "index.html"

    def read(self, file: Path) -> Document:
        if file not in self._documents:
            self._documents[file] = Document(file.read_text("utf-8"))
        return self._documents[file]

    @cached_property
    def html_files(self) -> list[Path]:
        return sorted(self.folder.rglob("*.html"))

    def address_of(self, file: Path) -> str:
        path = file.relative_to(self.folder).as_posix()
        return SITE_URL + path.removesuffix("index.html")

    def target(self, file: Path, link: str) -> Path | None:
        """The file that a link of `file` leads to, or None if it leaves the site."""
        address = urljoin(self.address_of(file), link)
        if not address.startswith(SITE_URL):
            return None
        path = unquote(urlsplit(address).path).removeprefix(urlsplit(SITE_URL).path)
        return self.folder / (path + "index.html" if path.endswith("/") or not path else path)

    def loose_links(self, file: Path) -> Iterator[str]:
        for link in (given["href"] for given in self.read(file).links if "href" in given):
            target, fragment = self.target(file, link), unquote(urlsplit(link).fragment)
            if target is None:
                continue
            if not target.is_file() or (fragment and fragment not in self.read(target).ids):
                yield link


def copy_repository(folder: Path) -> Path:
    """A copy of what the site is built from, to change something in."""
    root = folder / "repository"
    unneeded = shutil.ignore_patterns(".*", "tests", "__pycache__", "build", "dist")

    def ignored(folder: str, names: list[str]) -> set[str]:
        # The built site, and not the package of that name.
        return unneeded(folder, names) | ({"site"} if Path(folder) == ROOT else set())

    return Path(shutil.copytree(ROOT, root, ignore=ignored))


def build(folder: Path, root: Path = ROOT, url: str = SITE_URL) -> Site:
    """Build the site of a repository's files into a folder, as `make site` does."""
    environment = {
        **os.environ,
        "LLMDOCS_REPOSITORY": REPOSITORY,
        "LLMDOCS_SITE_URL": url,
        "NO_MKDOCS_2_WARNING": "1",
    }
    built = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Site(folder, built)


def shared(folder: Path) -> Site:
    """The site of this repository, built in a folder by the first process that asks for it."""
    outcome = folder / "site.pickle"
    with FileLock(folder / "site.lock"):
        if not outcome.exists():
            outcome.write_bytes(pickle.dumps(build(folder / "site")))
        # Written by another worker of this run, in a folder that is this run's own.
        site: Site = pickle.loads(outcome.read_bytes())
        return site
