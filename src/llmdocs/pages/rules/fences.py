"""Code on a page: a fence holds one embed or one block, and there is no code outside a fence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from llmdocs.pages.markdown import (
    ADMONITION,
    BLOCK,
    DEFINITION,
    EMBED,
    HEADING,
    ITEM,
    TAB,
    language_of,
)
from llmdocs.pages.page import Fence, Page, is_block
from llmdocs.pages.prose import indent_of, paragraphs, without_code

# What stands after a fence's opening marks, for each block that is code alone.
BLOCK_INFO = {"install": "bash", "recipe": "env", "requirements": "text"}
ENDING_INFO = {".py": "python", ".sh": "bash"}
TYPED = 'keep code in snippets/ and embed it in a fence: --8<-- "folder/file.py"'
RAW_CODE = re.compile(r"<(?:pre|code)\b", flags=re.IGNORECASE)
STRAY_FENCE = re.compile(r"`{3}|~{3}")


def typed_code(page: Page) -> Iterator[tuple[int, str]]:
    """Code that is no embed and no block: nobody has run it."""
    for fence in page.fences:
        yield from ((fence.line, message) for message in _fence(fence))
    for number, line in page.prose:
        block = BLOCK.fullmatch(line)
        if "--8<--" in line:
            yield number, "this embed stands outside a fence; put a fence around it."
        elif block and block["name"] in BLOCK_INFO:
            info = BLOCK_INFO[block["name"]]
            yield number, f"the block {block['name']!r} stands in a fence; begin it with ```{info}."
        elif STRAY_FENCE.search(line):
            yield number, "these marks open no fence here; put them on a line of their own."
    for paragraph in paragraphs(page):
        if tag := RAW_CODE.search(without_code(paragraph.text)):
            yield paragraph.line, f"{tag[0]}> is code typed into the page; {TYPED}."
    yield from ((line, f"this is indented code; {TYPED}.") for line in _indented_code(page))


def _fence(fence: Fence) -> Iterator[str]:
    line = fence.lines[0] if len(fence.lines) == 1 else ""
    if embed := EMBED.fullmatch(line):
        file = PurePosixPath(embed["target"].partition(":")[0])
        if file.suffix == ".env":
            yield f"the recipe {file} is embedded; name it in the front matter, and write recipe "
            "between two pairs of braces."
            return
        expected = ENDING_INFO.get(file.suffix, file.suffix.removeprefix("."))
        what = f"the embed {file}"
    elif block := BLOCK.fullmatch(line):
        if block["name"] not in BLOCK_INFO:
            # What is no block at all is reported as an unknown one.
            if is_block(block["name"]):
                yield f"the block {block['name']!r} is Markdown; take it out of the fence."
            return
        expected, what = BLOCK_INFO[block["name"]], f"the block {block['name']!r}"
    else:
        yield f"this fence holds something else than one embed or one block; {TYPED}."
        return
    found = language_of(fence.info)
    if found != expected:
        yield f"the fence of {what} says {found or 'no language'!r}; begin it with ```{expected}."


def _indented_code(page: Page) -> Iterator[int]:
    """The lines at which Markdown begins a code block because they are indented."""
    parents: list[int] = []
    fresh = True
    for number, raw in page.prose:
        line = raw.expandtabs(4)
        if not line.strip():
            fresh = True
            continue
        indent = indent_of(line)
        title = ADMONITION.fullmatch(line) or TAB.fullmatch(line)
        opens = title or ITEM.fullmatch(line) or DEFINITION.fullmatch(line)
        while parents and (fresh or opens) and parents[-1] >= indent:
            parents.pop()
        code = fresh and indent >= 4 + (parents[-1] + 4 if parents else 0)
        if code:
            yield number
        elif opens:
            parents.append(indent)
        fresh = bool(title or HEADING.fullmatch(line))
