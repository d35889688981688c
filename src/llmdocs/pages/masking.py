"""Texts that readers are told, in pages, strings and titles, with all else masked."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import yaml

from llmdocs.errors import PageError
from llmdocs.pages.languages import LOADER
from llmdocs.pages.markdown import (
    DELIMITER,
    FACT,
    Span,
    code,
    code_and_comments,
    in_a_language,
    replaced,
)
from llmdocs.pages.page import TRANSLATED_KEYS, Page
from llmdocs.pages.prose import front_matter_lines

# What stands in the place of each masked character: of code, which reads as a word; of a mark
# within prose, which reads as nothing; and of what parts one piece of prose from another.
# The marks of emphasis stay.
CODE, MARKUP, WALL = "\N{OBJECT REPLACEMENT CHARACTER}", "\N{WORD JOINER}", "\ufdd0"

STRINGS = "strings.toml"
CONFIGURATION = "mkdocs.yml"
# Whose values readers see in the configuration of a language.
CONFIGURATION_KEYS = {"site_name", "site_description", "copyright", "nav_translations", "name"}

# What is found in a text is masked, but for a group `prose` of a pattern.
Finding = re.Pattern[str] | Callable[[str], Iterator[Span]]
# What is no prose in Markdown, in the order in which it is masked.
MARKDOWN: list[tuple[Finding, str]] = [
    (re.compile(found, flags=re.MULTILINE) if isinstance(found, str) else found, filler)
    for found, filler in (
        (FACT.pattern, CODE),
        # An object's documentation, with its options.
        (r"^:::.*(?:\n[ ]+.*)*", WALL),
        (rf"^(?:{DELIMITER.pattern})$", WALL),
        # What opens a note, a tab or a definition. A tab's label is the same in every language.
        (r'^[ ]*+(?:!!!|\?\?\?\+?)[ ][\w -]++(?:"(?P<prose>.*)"[ ]*)?$', WALL),
        (r'^[ ]*===[!+]?[ ]+".*"[ ]*$', WALL),
        (r"^[ ]*:[ ]+(?=\S)", WALL),
        # The target of a reference, and a footnote's mark.
        (r"^[ ]{0,3}\[[^\]\n^]+\]:.*$", WALL),
        (r"\[\^[^\[\]\n]+\]:?", MARKUP),
        # What is said to be in another language.
        (in_a_language, CODE),
        (
            r"(?P<marks>\*{1,2})(?=\S)[^*\n]++(?:\n[^*\n]++)?(?P=marks)"
            r"\{:(?=[^{}\n]*\blang=)[^{}\n]*+\}",
            CODE,
        ),
        (r"</?[A-Za-z][^<>]*>", MARKUP),
        # No scheme in use is longer.
        (r"<?\b[a-z][a-z0-9+.-]{0,30}+://[^\s<>)»\ufffc]*>?", CODE),
        (r"(?<=\])\([^()]*+(?:\([^()\n]*+\)[^()\n]*+)*+\)", MARKUP),
        (r"(?<=\])\[[^\]\n]*\]", MARKUP),
        (r"!(?=\[)", MARKUP),
        (r"[ ]?\{[ ]*[:#.][^{}\n]*\}", MARKUP),
        (r"&(?:#\w+|\w+);", CODE),
        (r"(?<!\S):[a-z][\w+-]*:(?!\w)", CODE),
        (r"\\[^\w\s]", CODE),
    )
]
# The only form of a string that is found; `strings_checks` refuses the others.
STRING = re.compile(
    r'^[ \t]*[\w."-]+[ \t]*=[ \t]*"(?P<prose>(?:[^"\\\n]|\\.)*)"[ \t]*(?:#.*)?$', re.MULTILINE
)
# In the words of the interface: inline code, what is put in later, addresses, escapes.
IN_STRINGS: list[tuple[Finding, str]] = [
    (code, CODE),
    (re.compile(r"\{\w+\}"), CODE),
    (re.compile(r"\bhttps?://\S*"), CODE),
    (re.compile(r"\\."), MARKUP),
]


@dataclass(frozen=True)
class MaskedText:
    """A file's text, and its prose: the same with as many characters, but for what is masked."""

    path: Path
    language: str
    text: str
    prose: str

    def line_of(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1


def texts(pages: Iterable[Page], docs: Path, language: str) -> Iterator[MaskedText]:
    """All that readers of a language are told, on its `pages` and by the interface.

    A page that cannot be read is left out.
    """
    for page in pages:
        try:
            yield of_page(page)
        except PageError:
            continue
    yield from of_interface(docs, language)


def of_interface(docs: Path, language: str) -> Iterator[MaskedText]:
    """The words of the interface, and what `mkdocs.yml` says in a language."""
    strings = docs / language / STRINGS
    # `docs` may be written as a way upwards.
    configuration = Path(os.path.normpath(docs / os.pardir / CONFIGURATION))
    if strings.is_file():
        text = strings.read_text("utf-8")
        spans = (match.span("prose") for match in STRING.finditer(text))
        yield MaskedText(strings, language, text, _mask(_only(text, spans), IN_STRINGS))
    if configuration.is_file():
        text = configuration.read_text("utf-8")
        prose = _only(text, _titles(text, language))
        yield MaskedText(configuration, language, text, prose)


def of_page(page: Page) -> MaskedText:
    """Raises `PageError` for a fence that is never closed and front matter that is not YAML."""
    prose, _ = dict(page.prose), page.front_matter
    body = "\n".join(prose.get(number, WALL * len(line)) for number, line in page.lines)
    body = replaced(
        body,
        code_and_comments(body),
        lambda found: _fill(found, CODE if found.startswith("`") else MARKUP),
    )
    head = page.text[: len(page.text) - len(body)]
    return MaskedText(
        page.path, page.language, page.text, _front_matter(page, head) + _mask(body, MARKDOWN)
    )


def _front_matter(page: Page, head: str) -> str:
    lines = front_matter_lines(page)
    if not lines:
        return _fill(head, WALL)
    source = "\n".join(line for _, line in lines)
    begin = head.index("\n") + 1
    node = yaml.compose(source, Loader=LOADER)
    spans = [
        (start + begin, end + begin)
        for key, value in _pairs(node)
        if key in TRANSLATED_KEYS
        for start, end in _scalars(value)
    ]
    return _only(head, iter(spans))


def _titles(text: str, language: str) -> Iterator[tuple[int, int]]:
    """Where the configuration of a language has words: under the entry with its `locale`."""
    for entry in _mappings(yaml.compose(text, Loader=LOADER)):
        locales = [value.value for key, value in _pairs(entry) if key == "locale"]
        if locales == [language]:
            for mapping in _mappings(entry):
                for key, value in _pairs(mapping):
                    if key in CONFIGURATION_KEYS:
                        yield from _scalars(value)


def _mappings(node: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in _pairs(node):
            yield from _mappings(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _mappings(item)


def _pairs(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield str(key.value), value


def _scalars(node: yaml.Node) -> Iterator[tuple[int, int]]:
    """Where the words of a value stand, or those of a mapping's values, without quotes."""
    if isinstance(node, yaml.ScalarNode):
        quote = 1 if node.style in ("'", '"') else 0
        yield node.start_mark.index + quote, node.end_mark.index - quote
    for _, value in _pairs(node):
        yield from _scalars(value)


def _only(text: str, spans: Iterator[tuple[int, int]]) -> str:
    """The text with all masked but these places."""
    masked, end = [], 0
    for start, stop in sorted(spans):
        masked += [_fill(text[end:start], WALL), text[start:stop]]
        end = stop
    return "".join([*masked, _fill(text[end:], WALL)])


def _mask(text: str, findings: list[tuple[Finding, str]]) -> str:
    for finding, filler in findings:
        if isinstance(finding, re.Pattern):
            text = finding.sub(partial(_but_prose, filler), text)
        else:
            text = replaced(text, finding(text), partial(_fill, filler=filler))
    return text


def _but_prose(filler: str, match: re.Match[str]) -> str:
    if match.groupdict().get("prose") is None:
        return _fill(match[0], filler)
    start, end = (place - match.start() for place in match.span("prose"))
    whole = match[0]
    return _fill(whole[:start], filler) + whole[start:end] + _fill(whole[end:], filler)


def _fill(text: str, filler: str) -> str:
    return re.sub(r"[^\n]", filler, text)
