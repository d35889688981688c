"""`llms.txt` and `llms-full.txt` as <https://llmstxt.org> describes them, in a reader's words."""

from __future__ import annotations

from textwrap import dedent

from llmdocs.pages.render.llms_txt import Entry, Section
from llmdocs.pages.render.llms_txt import Site as Index
from llmdocs.pages.strings import Strings
from tests.pages.conftest import Site

HOME = "https://docs.test/xx/"
WORDS = """
[markdown]
full = "Whole: {address}"
pages = "Leaves"
untranslated = "(foreign)"
"""


def index(site: Site) -> Index:
    site.write("docs/xx/strings.toml", WORDS)
    return Index("Name", "What it is.", HOME, Strings(site.root / "docs", "xx"))


def test_the_index_lists_pages_by_section_in_the_words_of_the_language(site: Site) -> None:
    sections = [
        Section(None, [Entry("Start", f"{HOME}index.md", "How to start.", "xx")]),
        Section("Guides", [Entry("Errors", f"{HOME}errors.md", "", "xx")]),
    ]

    assert index(site).index(sections) == dedent(
        f"""\
        # Name

        > What it is.

        Whole: {HOME}llms-full.txt

        ## Leaves

        - [Start]({HOME}index.md): How to start.

        ## Guides

        - [Errors]({HOME}errors.md)
        """
    )


def test_a_page_in_another_language_is_marked(site: Site) -> None:
    entries = [
        Entry("One", "https://docs.test/one.md", "The first.", "en"),
        Entry("Two", "https://docs.test/two.md", "", "en"),
    ]

    listed = index(site).index([Section("Guides", entries)]).splitlines()

    assert "- [One](https://docs.test/one.md): The first. (foreign)" in listed
    assert "- [Two](https://docs.test/two.md): (foreign)" in listed


def test_the_full_text_holds_every_page_in_order(site: Site) -> None:
    whole = index(site).full(["---\nurl: a\n---\n\n# A\n", "---\nurl: b\n---\n\n# B\n"])

    assert whole == dedent(
        """\
        # Name

        > What it is.

        ---
        url: a
        ---

        # A

        ---
        url: b
        ---

        # B
        """
    )
