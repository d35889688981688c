"""What reads a page, a file or an answer takes no more than in proportion to its length."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from llmdocs.catalogue.addresses import for_provider
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.client.error_bodies import error_message
from llmdocs.errors import LLMDocsError
from llmdocs.pages.documentation import Documentation
from llmdocs.pages.languages import site_languages
from llmdocs.pages.page import Page
from llmdocs.pages.render.expand import expand
from llmdocs.pages.render.facts import Context
from llmdocs.pages.render.plain_markdown import plain
from llmdocs.pages.rules import built_page, svg
from llmdocs.pages.rules.active_content import active_content
from llmdocs.pages.rules.checks import check
from llmdocs.redaction.secrets import Redaction
from llmdocs.settings.reading import read_sources
from tests.support.growth import Run, at_most, grows, is_suspect
from tests.support.site_files import MKDOCS_YML

# What begins something and does not end it, and what nests.
PIECES = {
    "braces": "{{   ", "spaces": "   ", "comments": "<!--", "comment ends": "-->", "tags": "<a ",
    "elements": "<p>", "closing tags": "</p>", "attributes": " a=\"b'", "backticks": "`",
    "more backticks": "``` ", "fences": "```\n", "nested fences": "> ````\n", "brackets": "[",
    "links": "[a](", "images": "![", "references": "[a][b", "definitions": "[a]: ",
    "stars": "*", "underscores": "_a", "quotations": "> ", "lists": "- ", "tables": "|", "rows":
    "|-|\n", "headings": "# ", "anchors": "{#a", "lists of attributes": "{: .a", "lines": "\n",
    "entities": "&amp", "backslashes": "\\", "tildes": "~~", "guillemets": "« ", "quotes": '"',
    "addresses": "https://a:", "at signs": "a@", "percents": "%25", "embeds": '--8<-- "',
    "blocks": "::: ", "admonitions": "!!! ", "tabs": '=== "', "keys": "sk-a", "tokens": "eyJa.",
    "sections": "# a {#x}\n", "whole fences": "```\n```\n", "items": "- a\n", "facts": "{{ a }}\n",
    "named blocks": "{{ recipe }}\n", "files": '--8<-- "a/b.py"\n', "targets": "[a]: b\n",
    "cells": "| a |\n", "marks": "<!-- en: 12345678 -->\n", "notes": '!!! note "a"\n', "paragraphs":
    "a\n\n", "docstrings": "::: llmdocs.a\n\n", "whole tags": "<b>a</b>\n",
    "words": "LLM_A 12 `a`\n",
    "variables": "LLM_MODEL=a\n", "terms": "endpoint « a » ", "numbers": "12 ",
    "segments": "a/", "dots": "a.",
    "quoted dots": '"a".', "equals": "A=", "escapes": "\\u00", "zeros": "\0",
}  # fmt: skip
SHORT, LONG = 4_000, 64_000
SECONDS = 20

CHECKED = "---\ntitle: A page\ndescription: A page.\n---\n\n# A page {#page}\n\n"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """The folder of a site of one page, in two languages."""
    for language in ("en", "fr"):
        (tmp_path / "docs" / language).mkdir(parents=True)
    (tmp_path / "snippets").mkdir()
    return tmp_path / "docs"


def write(docs: Path, text: str) -> Page:
    for language in ("en", "fr"):
        (docs / language / "index.md").write_text(CHECKED + text, "utf-8")
    return Page(docs / "en" / "index.md", "en", "index.md")


def checked(docs: Path) -> Run:
    languages = site_languages(MKDOCS_YML)

    def run(text: str) -> None:
        write(docs, text)
        check(Documentation(docs, docs.parent / "snippets", languages))

    return run


def expanded(docs: Path) -> Run:
    def run(text: str) -> None:
        context = Context(
            page=write(docs, text), docs=docs, snippets=docs.parent / "snippets", repository=""
        )
        with suppress(LLMDocsError):
            expand(context)

    return run


def searched(docs: Path) -> Run:
    def run(text: str) -> None:
        with suppress(LLMDocsError):
            list(active_content(write(docs, text)))

    return run


def copied(docs: Path) -> Run:
    return lambda text: plain(text, str, lambda name, line: ())


def built(docs: Path) -> Run:
    scripts = built_page.scripts_of([], [], reloading=False)

    def run(text: str) -> None:
        with suppress(LLMDocsError):
            built_page.finish(
                f"<html><body>{text}</body></html>", "a", scripts, "https://a.example"
            )

    return run


def drawn(docs: Path) -> Run:
    return lambda text: list(svg.problems(f"<svg>{text}</svg>"))


def read(name: str, start: str = "") -> Callable[[Path], Run]:
    def of(docs: Path) -> Run:
        path = docs.parent / name

        def run(text: str) -> None:
            path.write_text(start + text, "utf-8")
            with suppress(LLMDocsError):
                list(read_sources(**{"env_file" if name == ".env" else "config": path}))

        return run

    return of


REDACTION = Redaction("sk-a-key-of-the-usual-length-0123456789", {"a" * 40: "OTHER_KEY"})
RUNS: dict[str, Callable[[Path], Run]] = {
    "the check of a page": checked,
    "the expansion of a page": expanded,
    "the search for active content": searched,
    "the Markdown copy": copied,
    "the built page": built,
    "an image": drawn,
    "an env file": read(".env"),
    "a value in an env file": read(".env", 'LLM_MODEL="'),
    "a value without quotes in an env file": read(".env", "LLM_MODEL=a"),
    "a configuration": read("config.toml", "[llm]\n"),
    "a text without secrets": lambda _: REDACTION.text,
    "a value without secrets": lambda _: lambda text: REDACTION.value("LLM_BASE_URL", text),
    "an excerpt": lambda _: REDACTION.excerpt,
    "a log message": lambda _: REDACTION.log_message,
    "an address without its path": lambda _: (
        lambda text: for_provider(f"https://a.example/{text}", CATALOGUE["openai"])
    ),
    "an error body": lambda _: error_message,
    "a JSON error body": lambda _: lambda text: error_message('{"error": ' + text),
}


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("name", RUNS)
def test_the_time_grows_no_faster_than_the_length(name: str, piece: str, docs: Path) -> None:
    run = RUNS[name](docs)

    def text(length: int) -> str:
        return (PIECES[piece] * length)[:length]

    with at_most(SECONDS):
        # What else runs on the machine, and what no longer fits its caches, looks steep at times.
        assert not (
            is_suspect(run, text, SHORT, LONG)
            and all(grows(run, text, SHORT, LONG) for _ in range(6))
        )
