"""A page as plain Markdown: what only a generator reads becomes what every reader knows."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from llmdocs.pages.addresses import SiteLanguages
from llmdocs.pages.page import Page, read
from llmdocs.pages.render.plain_markdown import Twins, plain, twin
from tests.pages.conftest import Site

HOME = "https://docs.test/llm/"
LANGUAGES = SiteLanguages({"en": "English", "fr": "Français"}, default="en")


def rewritten(body: str) -> str:
    """The body as plain Markdown, with `<LINK>` where a link led and the names of docstrings."""
    return plain(
        dedent(body),
        lambda target: f"<{target}>",
        lambda name, level: [f"{'#' * level} {name}", "", "Documented."],
    )


# What a page says, and what its twin says in its place.
SYNTAX = {
    "an anchor of a heading": ("## What you need {#needs}\n", "## What you need\n"),
    "classes and keys": (
        '[Go](a.md){ .md-button target="_blank" } now{: #now }.\n',
        "[Go](<a.md>) now.\n",
    ),
    "an anchor of code": ("| `LLM_MODEL`{ #LLM_MODEL } | text |\n", "| `LLM_MODEL` | text |\n"),
    "braces that are no attributes": ("Text with { braces } and {}.\n",) * 2,
    "a key in braces that is no attribute": (
        "Send {timeout=3} or f(x){name=x} to it, {.x}\nor {name=x} here.\n",
    )
    * 2,
    "an anchor of a heading with code": ("## Use `x` now {#now}\n", "## Use `x` now\n"),
    "classes of a paragraph": ("Text.\n{.note}\n\nMore.\n", "Text.\n\nMore.\n"),
    "an anchor of a cell": ("| text {#a} | more |\n", "| text | more |\n"),
    "a language of emphasis": ("A *clé*{lang=fr}, a _clé_{:lang=fr}.\n", "A *clé*, a _clé_.\n"),
    "attributes in code": ("Write `{#needs}` and ``{ .x } ` ``.\n",) * 2,
    "an icon": ("Take :material-content-copy: this.\n", "Take this.\n"),
    "colons that are no icon": ("At 10:30:15 or a:b:c.\n",) * 2,
    "a comment": (
        "## Needs\n<!-- en: 3f2a9c1b -->\n\nText.\n",
        "## Needs\n\nText.\n",
    ),
    "a comment of several lines": ("One.\n\n<!-- no\n\nnumber -->\n\nTwo.\n", "One.\n\nTwo.\n"),
    "a comment in code": ("Write `<!-- en -->` there.\n",) * 2,
    "a layout": (
        '<div class="grid cards" markdown>\n\n- One\n\n    [It](a.md)\n\n</div>\n\nText.\n',
        "- One\n\n    [It](<a.md>)\n\nText.\n",
    ),
    "tags that hold no Markdown": ("<div>\n\nText.\n\n</div>\n",) * 2,
    "a definition": ("Term\n:   Its meaning.\n", "Term\n- Its meaning.\n"),
    "a titled admonition": (
        '!!! warning "Mind `it`"\n    One.\n\n    - Two [it](a.md)\n\nAfter.\n',
        "> **Mind `it`**\n>\n> One.\n>\n> - Two [it](<a.md>)\n\nAfter.\n",
    ),
    "a link in a title": (
        '!!! tip "See [`a`](a.md)"\n    One.\n',
        "> **See [`a`](<a.md>)**\n>\n> One.\n",
    ),
    "an admonition without a title": ("!!! note\n    One.\n", "> **Note**\n>\n> One.\n"),
    "a folded admonition": ('???+ tip "Open"\n    One.\n', "> **Open**\n>\n> One.\n"),
    "an admonition in a list": (
        '- Item\n\n    !!! note "Title"\n        One.\n\n- Next\n',
        "- Item\n\n    > **Title**\n    >\n    > One.\n\n- Next\n",
    ),
    "tabs": (
        '=== "Bash"\n\n    ```bash\n    export A=1\n    ```\n\n=== "fish"\n\n    ```fish\n'
        "    set -gx A 1\n    ```\n\nAfter.\n",
        "**Bash**\n\n```bash\nexport A=1\n```\n\n**fish**\n\n```fish\nset -gx A 1\n```\n\nAfter.\n",
    ),
    "a tab in an admonition": (
        '!!! note "Title"\n    === "Bash"\n        Text.\n',
        "> **Title**\n>\n> **Bash**\n>\n> Text.\n",
    ),
    "attributes of a fence": (
        '```python title="chat.py" hl_lines="2"\nx = 1\n```\n',
        "**chat.py**\n\n```python\nx = 1\n```\n",
    ),
    "what looks like syntax in code": (
        "```text\n!!! note\n=== \"Tab\"\n::: name\n# A {#a}\n\n\n[a](b.md) <!-- c -->\n```\n",
    )
    * 2,
    "a fence in a fence": ("````text\n```\n!!! note\n```\n````\n",) * 2,
    "docstrings": (
        "## The client {#client}\n\n::: llmdocs.LLM\n\nAfter.\n",
        "## The client\n\n### llmdocs.LLM\n\nDocumented.\n\nAfter.\n",
    ),
    "a link with code for a text": ("See [`a`](a.md#b).\n", "See [`a`](<a.md#b>).\n"),
    "a link in code": ("Write `[a](a.md)`.\n",) * 2,
    "a reference": ("See [a].\n\n[a]: a.md\n", "See [a].\n\n[a]: <a.md>\n"),
    "an image": ("![A cat](cat.svg)\n", "![A cat](<cat.svg>)\n"),
}  # fmt: skip


@pytest.mark.parametrize(("written", "expected"), SYNTAX.values(), ids=SYNTAX)
def test_syntax_becomes_plain_markdown(written: str, expected: str) -> None:
    assert rewritten(written) == expected


@pytest.fixture
def twins(site: Site) -> Twins:
    return Twins(HOME, site.root / "docs", LANGUAGES)


# A page, a link on it, and where that leads.
LINKS = {
    "a page beside it": ("en/llms/azure.md", "ollama.md", "llms/ollama.md"),
    "a section elsewhere": (
        "fr/llms/azure.md",
        "../guides/errors.md#quota",
        "fr/guides/errors.md#quota",
    ),
    "a section of its own": ("fr/llms/azure.md", "#chat", "fr/llms/azure.md#chat"),
    "a file of all languages": (
        "en/llms/azure.md",
        "../../assets/how-it-works.svg",
        "assets/how-it-works.svg",
    ),
    "a file of all languages, from another language": (
        "fr/index.md",
        "../assets/logo.svg",
        "assets/logo.svg",
    ),
}


@pytest.mark.parametrize(("source", "target", "expected"), LINKS.values(), ids=LINKS)
def test_a_link_leads_to_the_twin_in_the_same_language(
    site: Site, twins: Twins, source: str, target: str, expected: str
) -> None:
    page = site.page(f"docs/{source}")

    assert twins.resolve(page, target) == HOME + expected


def test_a_link_to_another_host_is_left_as_it_is(site: Site, twins: Twins) -> None:
    page = site.page("docs/fr/index.md")

    assert twins.resolve(page, "https://docs.litellm.ai/") == "https://docs.litellm.ai/"


def test_a_link_to_a_page_that_is_not_translated_leads_to_the_default_language(
    site: Site, twins: Twins
) -> None:
    (site.root / "docs/fr/llms/vllm.md").unlink()
    page = site.page("docs/fr/index.md")

    assert twins.resolve(page, "llms/vllm.md#chat") == f"{HOME}llms/vllm.md#chat"


@pytest.mark.parametrize(
    ("language", "name", "expected"),
    [
        ("en", "index.md", ""),
        ("fr", "index.md", "fr/"),
        ("en", "llms/index.md", "llms/"),
        ("fr", "llms/azure.md", "fr/llms/azure/"),
    ],
)
def test_a_twin_names_the_address_of_its_page(language: str, name: str, expected: str) -> None:
    twins = Twins(HOME, Path("docs"), LANGUAGES)

    assert twins.page(Page(Path("docs", language, name), language, name)) == HOME + expected


def test_a_twin_begins_with_what_the_front_matter_says_to_a_reader(
    site: Site, twins: Twins
) -> None:
    site.write(
        "docs/fr/llms/new.md",
        '---\ntitle: "Neuf : déjà"\ndescription: Des mots.\nrecipe: ollama\n---\n\n# Neuf {#new}\n',
    )
    page = read(site.root / "docs", "fr", "llms/new.md")

    head, body = twin(page, "\n# Neuf {#new}\n", twins, lambda *_: []).split("---\n")[1:]

    assert yaml.safe_load(head) == {
        "title": "Neuf : déjà",
        "description": "Des mots.",
        "language": "fr",
        "url": f"{HOME}fr/llms/new/",
    }
    assert body == "\n# Neuf\n"
