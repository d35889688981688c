"""The search index holds each language's own pages, by their own words."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from llmdocs.errors import LLMDocsError
from llmdocs.pages import search

# Stands before the JSON in each of Pagefind's compressed files.
SIGNATURE = b"pagefind_dcd"
BODY = """
<nav>Navigation</nav>
<article data-pagefind-body>
<h1 id="title">A title<a class="headerlink" href="#title">¶</a></h1>
<p>The lead.</p>
<h2 id="part">A part<a class="headerlink" href="#part">¶</a></h2>
<p>The text.</p>
</article>
<footer>A licence</footer>
"""


def write(site: Path, name: str, language: str = "en", body: str = BODY) -> None:
    path = site / name
    path.parent.mkdir(parents=True, exist_ok=True)
    html = f'<!doctype html><html lang="{language}"><body>{body}</body></html>'
    path.write_text(html, "utf-8")


def index(site: Path) -> dict[str, list[dict[str, Any]]]:
    """Index a folder: what can be found in each language, page by page."""
    search.index(site)
    entry = json.loads((site / "pagefind" / "pagefind-entry.json").read_text("utf-8"))
    return {
        language: [
            json.loads(gzip.decompress(file.read_bytes()).removeprefix(SIGNATURE))
            for file in (site / "pagefind" / "fragment").glob(f"{language}_*")
        ]
        for language in entry["languages"]
    }


def test_each_language_has_an_index_of_its_own_pages(tmp_path: Path) -> None:
    write(tmp_path, "index.html")
    write(tmp_path, "es/index.html", "es")

    found = {
        language: [page["url"] for page in pages] for language, pages in index(tmp_path).items()
    }

    assert found == {"en": ["/"], "es": ["/es/"]}


def test_a_page_with_nothing_marked_is_not_found(tmp_path: Path) -> None:
    write(tmp_path, "index.html")
    write(tmp_path, "404.html", body="<article>Nothing is here.</article>")

    assert [page["url"] for page in index(tmp_path)["en"]] == ["/"]


def test_a_page_is_found_by_what_is_marked_without_its_links_to_headings(tmp_path: Path) -> None:
    write(tmp_path, "index.html")

    (page,) = index(tmp_path)["en"]

    assert page["content"] == "The lead. A part. The text."


def test_a_page_is_not_found_by_what_is_said_of_a_stale_section(tmp_path: Path) -> None:
    notice = '<div class="admonition info stale"><p>This section is out of date</p></div>'
    write(tmp_path, "index.html", body=BODY.replace("<p>The text.", f"{notice}<p>The text."))

    (page,) = index(tmp_path)["en"]

    assert page["content"] == "The lead. A part. The text."


def test_a_page_is_shown_by_its_title(tmp_path: Path) -> None:
    write(tmp_path, "index.html")

    (page,) = index(tmp_path)["en"]

    assert page["meta"] == {"title": "A title"}


def test_a_section_is_found_at_its_anchor(tmp_path: Path) -> None:
    write(tmp_path, "index.html")

    (page,) = index(tmp_path)["en"]

    # An anchor without words is none that Pagefind shows: the page stands for its title.
    shown = [(anchor["id"], anchor["text"]) for anchor in page["anchors"] if anchor["text"]]
    assert shown == [("part", "A part")]


def test_a_page_and_a_section_are_found_by_their_aliases(tmp_path: Path) -> None:
    aliases = {"a.md": ["A & B"], "a.md#part": ["Errno 111", "refused"]}
    write(tmp_path, "index.html", body=search.with_aliases(BODY, "a.md", aliases))

    (page,) = index(tmp_path)["en"]

    assert page["content"] == "A & B. The lead. A part. Errno 111. refused. The text."


def test_aliases_of_another_page_are_not_this_ones() -> None:
    assert search.with_aliases(BODY, "a.md", {"b.md": ["x"], "a.md#other": ["y"]}) == BODY


def test_aliases_that_are_no_list_are_an_error() -> None:
    with pytest.raises(LLMDocsError, match=r"aliases of a\.md are no list"):
        search.with_aliases(BODY, "a.md", {"a.md": "one"})


def test_indexing_says_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "index.html")

    search.index(tmp_path)

    assert capfd.readouterr() == ("", "")


def test_a_folder_without_pages_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(LLMDocsError) as raised:
        search.index(tmp_path)

    assert str(raised.value).startswith(f"{tmp_path}: Pagefind could not make the search index.\n")
    assert "did not contain any html files" in str(raised.value)
