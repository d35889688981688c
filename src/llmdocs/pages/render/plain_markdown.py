"""A page as Markdown that needs no generator, for who reads it as text, and its address."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from pathlib import Path

import yaml

from llmdocs.pages.addresses import SiteLanguages
from llmdocs.pages.markdown import (
    ADMONITION,
    DEFINITION,
    EXTERNAL,
    FENCE,
    HEADING,
    LINK,
    TAB,
    Span,
    code,
    code_and_comments,
    code_finder,
    found,
    language_of,
    matches,
    replaced,
)
from llmdocs.pages.page import Page
from llmdocs.pages.prose import indent_of

# `::: llmdocs.LLM` stands for what the docstrings say.
DOCSTRINGS = re.compile(r" *::: +(?P<name>[\w.]+)\s*")
TITLE = re.compile(r'"(?P<title>.*)"')
FENCE_TITLE = re.compile(r'\btitle="(?P<title>[^"]*)"')
BLANKS = re.compile(r"\n{3,}")
OPENING = re.compile(r" *<(?P<tag>\w++)(?=[^<>]*\bmarkdown\b)[^<>]*+> *")
CLOSING = re.compile(r" *</(?P<tag>\w+)> *")
ICON = re.compile(r" ?:(?:fontawesome|material|octicons|simple)-[\w-]+:")
_VALUE = r"""(?:"[^"]*"|'[^']*'|[^\s"'{}]+)"""
_ATTRIBUTE = rf"(?:[#.][\w-]+|[\w-]+={_VALUE})"
ANY_ATTRIBUTES = re.compile(rf" ?\{{:? *{_ATTRIBUTE}(?: +{_ATTRIBUTE})* *\}}")
# What attributes stand right after: the marks of emphasis, code or a tag, or a link.
CLOSING_MARKS = tuple("*_`>]")
WHOLE_TARGET = re.compile(r"\]\((?:[^()]++|\([^()]*+\))*+\)")
BEGINNING_OF_HEADING = re.compile(r"#{1,6} ")
INDENTATION = re.compile(r"[^\S\n]*")
END_OF_LINE = re.compile(r"[^\S\n]*(?:\n|\Z)")
END_OF_BLOCK = re.compile(r" *(?:\n *)?(?:\n|\Z)")
END_OF_CELL = re.compile(r" *\|")

# What one name of a package documents, as lines of Markdown below headings of a level.
Docstrings = Callable[[str, int], Iterable[str]]
# Where a link of the page leads, as a whole address.
Resolve = Callable[[str], str]


@dataclass(frozen=True)
class Twins:
    """Where pages and their twins are, by whole addresses: `site_url` ends with a slash."""

    site_url: str
    docs: Path
    languages: SiteLanguages

    def home(self, language: str) -> str:
        return self.site_url + self.languages.address(language, "index.md")

    def path(self, page: Page) -> str:
        """The twin's path below the site's root: the page's, with `.md` for its last slash."""
        return self.languages.address(page.language, "index.md") + page.name

    def address(self, page: Page) -> str:
        return self.site_url + self.path(page)

    def page(self, page: Page) -> str:
        return self.site_url + self.languages.address(page.language, page.name)

    def resolve(self, page: Page, target: str) -> str:
        """The address of what a link of a page leads to; of a page, its twin's."""
        if EXTERNAL.match(target) or target.startswith("/"):
            return target
        path, mark, anchor = target.partition("#")
        name = posixpath.normpath(posixpath.join(posixpath.dirname(page.name), path))
        name = name if path else page.name
        if name.startswith("../"):
            return self.site_url + name.removeprefix("../") + mark + anchor
        there = (self.docs / page.language / name).is_file()
        return self.home(page.language if there else self.languages.default) + name + mark + anchor


def twin(page: Page, body: str, twins: Twins, docstrings: Docstrings) -> str:
    """The page with its embeds, facts and blocks expanded in `body`, as plain Markdown."""
    about = {key: page.front_matter.get(key) for key in ("title", "description")}
    about |= {"language": page.language, "url": twins.page(page)}
    known = {key: value for key, value in about.items() if value}
    head = yaml.safe_dump(known, allow_unicode=True, sort_keys=False, width=float("inf"))
    return f"---\n{head}---\n\n{plain(body, partial(twins.resolve, page), docstrings)}"


def plain(body: str, resolve: Resolve, docstrings: Docstrings) -> str:
    """The Markdown of a page in the form that every reader of Markdown knows."""
    lines = _Plain(resolve, docstrings).lines(body.split("\n"))
    return "\n".join(lines).strip("\n") + "\n"


@dataclass
class _Plain:
    """Rewrites lines; what is inside an admonition or a tab is rewritten in the same way."""

    resolve: Resolve
    docstrings: Docstrings
    level: int = 1

    def lines(self, lines: Sequence[str]) -> list[str]:
        rewritten: list[str] = []
        for part in self._parts(lines):
            blank = not rewritten or not rewritten[-1]
            rewritten += part[1:] if blank and part and not part[0] else part
        return rewritten

    def _parts(self, lines: Sequence[str]) -> Iterator[list[str]]:
        prose: list[str] = []
        position = 0
        while position < len(lines):
            special, after = self._special(lines, position)
            if special is None:
                prose.append(lines[position])
            else:
                yield self._prose(prose)
                prose = []
                yield special
            position = after
        yield self._prose(prose)

    def _special(self, lines: Sequence[str], position: int) -> tuple[list[str] | None, int]:
        """What is not prose at a position, rewritten, or None; and the position after it."""
        line = lines[position]
        if match := FENCE.fullmatch(line):
            end = position + 1
            while end < len(lines) and not _closes(lines[end], match["marks"]):
                end += 1
            return [*_opening(match), *lines[position + 1 : end + 1]], end + 1
        if ADMONITION.fullmatch(line) or TAB.fullmatch(line):
            inside = _indented(lines, position)
            return self._container(line, inside), position + 1 + len(inside)
        if match := DOCSTRINGS.fullmatch(line):
            return ["", *self.docstrings(match["name"], self.level + 1), ""], position + 1
        if match := HEADING.fullmatch(line):
            self.level = len(match["marks"])
        return None, position + 1

    def _container(self, line: str, inside: list[str]) -> list[str]:
        """An admonition as a block quote, a tab as its label and what it holds."""
        indent = " " * indent_of(line)
        title = ["", f"**{''.join(self._prose([_title(line)]))}**", ""]
        content = "\n".join(self.lines(inside)).strip("\n").split("\n")
        if TAB.fullmatch(line):
            return _shifted(indent, [*title, *content, ""])
        return _shifted(indent, ["", *(f"> {text}".rstrip() for text in title[1:] + content), ""])

    def _prose(self, lines: list[str]) -> list[str]:
        text = "\n".join(lines)
        text = replaced(text, code_and_comments(text), _without_comment)
        text = replaced(text, _attributes(text), lambda attributes: "")
        parts, here = [], 0
        for start, end in code(text):
            parts += [self._between(text[here:start]), text[start:end]]
            here = end
        text = "".join([*parts, self._between(text[here:])])
        text = "\n".join(_without_tags(text.split("\n")))
        return BLANKS.sub("\n\n", text).split("\n") if lines else []

    def _between(self, text: str) -> str:
        """Text without code: its icons left out, its links resolved."""
        return ICON.sub("", LINK.sub(self._link, text))

    def _link(self, match: re.Match[str]) -> str:
        group = match.lastgroup or ""
        start, end = (place - match.start() for place in match.span(group))
        return match[0][:start] + self.resolve(match[group]) + match[0][end:]


def _opening(match: re.Match[str]) -> list[str]:
    """A fence's first line without what only a generator reads; a title stands before it."""
    info, indent = match["info"].strip(), match["indent"]
    titled = FENCE_TITLE.search(info)
    label = ["", f"{indent}**{titled['title']}**", ""] if titled else []
    return [*label, indent + match["marks"] + language_of(info)]


def _closes(line: str, marks: str) -> bool:
    match = FENCE.fullmatch(line)
    return bool(match and match["marks"].startswith(marks) and not match["info"].strip())


def _indented(lines: Sequence[str], start: int) -> list[str]:
    """What belongs to the title at `start`, without its indentation."""
    depth = indent_of(lines[start]) + 4
    inside = [
        *takewhile(lambda line: not line.strip() or indent_of(line) >= depth, lines[start + 1 :])
    ]
    while inside and not inside[-1].strip():
        inside.pop()
    return [line[depth:] for line in inside]


def _title(line: str) -> str:
    """The title between quotes, or the kind of the admonition, as the page shows it."""
    if quoted := TITLE.search(line):
        return quoted["title"]
    kind = ADMONITION.fullmatch(line)
    return kind["kind"].capitalize() if kind else ""


def _without_comment(found: str) -> str:
    return found if found.startswith("`") else ""


def _attributes(text: str) -> Iterator[Span]:
    """Braces that stand where a page takes attributes: elsewhere they are text."""
    links = {match.end() for match in WHOLE_TARGET.finditer(text)}
    here = line = 0
    words = _end_of_indentation(text, line)
    for start, end in found(code_finder(text), matches(ANY_ATTRIBUTES, text)):
        if (line_end := text.rfind("\n", here, start)) >= 0:
            line = line_end + 1
            words = _end_of_indentation(text, line)
        here = start
        if text[start] != "`" and (
            text.startswith("{:", text.index("{", start))
            or start in links
            or _follows_mark(text, start)
            or _ends_line(text, line, words, start, end)
        ):
            yield start, end


def _end_of_indentation(text: str, line: int) -> int:
    match = INDENTATION.match(text, line)
    return match.end() if match else line


def _follows_mark(text: str, start: int) -> bool:
    return text[start] == "{" and text[max(start - 1, 0) : start] in CLOSING_MARKS


def _ends_line(text: str, line: int, words: int, start: int, end: int) -> bool:
    """Whether braces end a heading, a paragraph that they stand below, or a cell.

    `line` is where their line begins, and `words` where that does after its indentation.
    """
    heading = BEGINNING_OF_HEADING.match(text, line)
    if heading and heading.end() <= start:
        return bool(END_OF_LINE.match(text, end))
    if words >= start:
        return bool(END_OF_BLOCK.match(text, end))
    return text[words] == "|" and bool(END_OF_CELL.match(text, end))


def _without_tags(lines: list[str]) -> Iterator[str]:
    """The lines without the tags that only lay out the Markdown between them."""
    open_tags: list[str] = []
    for line in lines:
        if match := OPENING.fullmatch(line):
            open_tags.append(match["tag"])
        elif (match := CLOSING.fullmatch(line)) and open_tags[-1:] == [match["tag"]]:
            open_tags.pop()
        elif match := DEFINITION.fullmatch(line):
            yield " " * indent_of(line) + f"- {match['text']}"
        else:
            yield line


def _shifted(indent: str, lines: Iterable[str]) -> list[str]:
    return [indent + line if line else "" for line in lines]
