"""One page of the documentation: its front matter, its lines, its fences, its headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from llmdocs.errors import PageError
from llmdocs.pages.languages import LOADER
from llmdocs.pages.markdown import ANCHOR, BLOCK, EMBED, FENCE, HEADING

# Besides the tab: those of C0 and C1, other ends of a line, and the mark of an order of bytes.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")

# What stands alone on a line, for whole lines: `render/blocks.py` renders each. Mistakes and
# partials are named after their files: mistake.azure.key, partial.configure; a program after its
# snippet: program.azure.chat
MISTAKE, PARTIAL, PROGRAM = "mistake.", "partial.", "program."
BLOCKS = frozenset(
    {
        "install",
        "providers.links",
        "providers.table",
        "recipe",
        "recipe.forms",
        "recipe.table",
        "requirements",
        "retries.rules",
        "retries.schedule",
        "settings.table",
        "upstream.defaults",
        "upstream.variables",
    }
)

# What the front matter says in the language of the page.
TRANSLATED_KEYS = ("title", "description")
# Below a language's folder: what pages show and is no page of the site.
PARTIALS = "partials"


@dataclass(frozen=True)
class Fence:
    """A fenced block. `line` is that of its opening marks, from 1; `lines` are its content."""

    line: int
    info: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Heading:
    """A heading, its level from 1 to 6, and its explicit anchor."""

    line: int
    level: int
    text: str
    anchor: str | None


@dataclass(frozen=True)
class Embed:
    """A snippet that a page shows: a file under `snippets/`, and a section of it or all."""

    line: int
    file: str
    section: str | None


@dataclass(frozen=True)
class Page:
    """A Markdown file. `name` is its path below the language's folder, as in `llms/azure.md`."""

    path: Path
    language: str
    name: str

    @cached_property
    def text(self) -> str:
        try:
            return self.path.read_text("utf-8")
        except UnicodeDecodeError as error:
            line = self.path.read_bytes()[: error.start].count(b"\n") + 1
            raise PageError(f"{self.path}:{line}: this is not UTF-8; save it as UTF-8.") from None

    @cached_property
    def _parts(self) -> tuple[str, str]:
        match = re.match(r"---\n(.*?\n)---\n", self.text, flags=re.DOTALL)
        return (match[1], self.text[match.end() :]) if match else ("", self.text)

    @cached_property
    def front_matter(self) -> dict[str, Any]:
        try:
            document = yaml.load(self._parts[0], Loader=LOADER)
        except yaml.YAMLError as error:
            raise PageError(f"{self.path}:1: the front matter is not YAML: {error}") from None
        return document if isinstance(document, dict) else {}

    @property
    def is_partial(self) -> bool:
        return self.name.startswith(f"{PARTIALS}/")

    @property
    def recipe(self) -> str | None:
        """The recipe whose variables this page shows and its snippets run with."""
        return self.front_matter.get("recipe")

    @cached_property
    def lines(self) -> list[tuple[int, str]]:
        """The body's lines, each with its number in the file, from 1."""
        head, body = self._parts
        first = self.text.count("\n", 0, len(self.text) - len(body)) + 1 if head else 1
        return list(enumerate(body.split("\n"), start=first))

    @cached_property
    def fences(self) -> list[Fence]:
        return list(_fences(self))

    @cached_property
    def prose(self) -> list[tuple[int, str]]:
        """The lines that stand outside every fence."""
        inside = {
            number
            for fence in self.fences
            for number in range(fence.line, fence.line + len(fence.lines) + 2)
        }
        return [(number, line) for number, line in self.lines if number not in inside]

    @cached_property
    def headings(self) -> list[Heading]:
        matches = ((number, HEADING.fullmatch(line)) for number, line in self.prose)
        return [
            Heading(number, len(match["marks"]), *_without_anchor(match["text"]))
            for number, match in matches
            if match
        ]

    @cached_property
    def embeds(self) -> list[Embed]:
        """Those of its fences, and the programs that its recipe's forms are shown with."""
        return [*_embeds(self.lines)]

    @cached_property
    def programs(self) -> list[Embed]:
        """The programs that are shown with the recipe, in each of its forms."""
        fenced = {number for number, line in self.lines if EMBED.fullmatch(line)}
        return [embed for embed in self.embeds if embed.line not in fenced]


def is_block(name: str) -> bool:
    """Whether a name stands for whole lines, and not for a fact within one."""
    return name in BLOCKS or name.startswith((MISTAKE, PARTIAL, PROGRAM))


def control_problem(line: str) -> str | None:
    """What is wrong with a line that holds a character that no editor shows, or None.

    Python-Markdown drops some of them: it reads another line than the checks.
    """
    if match := CONTROL.search(line):
        return f"holds the control character U+{ord(match[0]):04X}; take it out."
    return None


def target_of(embed: re.Match[str]) -> tuple[str, str | None]:
    """The file and the section that a line matching `EMBED` names."""
    file, _, section = embed["target"].partition(":")
    return file, section or None


def program_file(block: str) -> str:
    """The snippet that a block shows in every form: `azure/chat.py` for `program.azure.chat`."""
    return block.removeprefix(PROGRAM).replace(".", "/", 1) + ".py"


def _embeds(lines: list[tuple[int, str]]) -> Iterator[Embed]:
    for number, line in lines:
        if match := EMBED.fullmatch(line):
            yield Embed(number, *target_of(match))
        elif (block := BLOCK.fullmatch(line)) and block["name"].startswith(PROGRAM):
            yield Embed(number, program_file(block["name"]), None)


def _without_anchor(heading: str) -> tuple[str, str | None]:
    """The words of a heading, and the anchor that it ends with."""
    text = heading.rstrip()
    start = text.rfind("{")
    match = ANCHOR.fullmatch(text, start) if start >= 0 else None
    return (text[:start].rstrip(" "), match["anchor"]) if match else (text, None)


def _fences(page: Page) -> Iterator[Fence]:
    opening: tuple[int, re.Match[str]] | None = None
    content: list[str] = []
    for number, line in page.lines:
        match = FENCE.fullmatch(line)
        if opening is None:
            if match:
                opening, content = (number, match), []
            continue
        start, marks = opening[0], opening[1]["marks"]
        if match and not match["info"].strip() and match["marks"].startswith(marks):
            yield Fence(start, opening[1]["info"].strip(), tuple(content))
            opening = None
        else:
            content.append(line)
    if opening:
        raise PageError(f"{page.path}:{opening[0]}: this fence is never closed.")


def read(docs: Path, language: str, name: str) -> Page:
    return Page(docs / language / name, language, name)


def read_all(docs: Path, language: str) -> list[Page]:
    """Every page of a language and every partial, sorted by name."""
    folder = docs / language
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.md"))
    return [read(docs, language, name) for name in names]


def languages(docs: Path) -> list[str]:
    """The languages that have pages: the folders of `docs`."""
    return sorted(path.name for path in docs.iterdir() if path.is_dir() and any(path.rglob("*.md")))
