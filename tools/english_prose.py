"""English prose outside code: proselint's checks and the house's own. `make lint` runs this."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from proselint.checks import __register__
from proselint.config import DEFAULT, Config
from proselint.registry import CheckRegistry
from proselint.tools import LintFile

from llmdocs.pages.masking import CODE, MARKUP, WALL, of_page
from llmdocs.pages.page import Page, read_all
from tests.support.site_files import DOCS, ROOT

# What of proselint's default is off, and why.
OFF = {
    "typography.symbols.curly_quotes": "pages quote what programs print, and they print these",
}
# The most specific come first: proselint takes the first that fits.
CONFIG = Config(max_errors=1000, checks={**dict.fromkeys(OFF, False), **DEFAULT["checks"]})
LONGEST_SENTENCE = 35
# The house's own: what is found, and what is expected.
HOUSE = {
    r"\b(?:simply|easy|easily|obviously|of course|basically)\b|(?<!have )\bjust\b(?!-)": (
        "take it out: the reader may find it hard"
    ),
    r"\bplease\b": "say what to do, without it",
    r"\b(?:we|our|let’s|let's)\b|\bI\b(?!/)|(?-i:\bus\b)": "say you, or name who does it",
}
QUOTED = re.compile(r'"[^"\n]*"')

CheckRegistry().register_many(__register__)


def pages() -> list[Page]:
    """The English pages, and what the repository says of itself."""
    others = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
    return [*read_all(DOCS, "en"), *(Page(ROOT / name, "en", name) for name in others)]


def problems(page: Page) -> Iterator[tuple[int, str]]:
    """What is wrong with a page's prose: its line, and a message."""
    text = of_page(page).prose.replace(CODE, "x").replace(MARKUP, " ")
    for line, paragraph in _paragraphs(text):
        for offset, message in (*_proselint(page.path, paragraph), *_house(paragraph)):
            yield line + offset, message


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Each with its line. As one text a heading and what follows it were one sentence."""
    line = 1
    for part in re.split(rf"(\n[ \t]*\n|\n(?=[ ]*(?:[-*+|#]|\d+\.)[ ])|{WALL}+)", text):
        if re.search(r"[^\W\d_]{2}", part):
            yield line, part
        line += part.count("\n")


def _proselint(path: Path, text: str) -> Iterator[tuple[int, str]]:
    for found in LintFile(path, text).lint(CONFIG):
        result = found.check_result
        yield found.pos[0] - 1, f"{result.message} ({result.check_path})"


def _house(text: str) -> Iterator[tuple[int, str]]:
    text = QUOTED.sub(lambda match: "x" * len(match[0]), text)
    for pattern, expected in HOUSE.items():
        for match in re.finditer(pattern, text, flags=re.IGNORECASE):
            yield text.count("\n", 0, match.start()), f"{match[0]!r}: {expected}."
    for sentence in re.finditer(r"\S.*?(?:[.:;?!|](?=\s)|\Z)", text, flags=re.DOTALL):
        words = len(sentence[0].split())
        if words > LONGEST_SENTENCE:
            yield (
                text.count("\n", 0, sentence.start()),
                f"this sentence has {words} words; make two of it, of {LONGEST_SENTENCE} at most.",
            )


def main() -> int:
    read = pages()
    found = [
        f"{page.path.relative_to(ROOT)}:{line}: {message}"
        for page in read
        for line, message in problems(page)
    ]
    print(
        *found, f"English prose of {len(read)} files: {len(found) or 'nothing'} to fix.", sep="\n"
    )
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
