"""A page is read as Markdown reads it: front matter, fences, headings and their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmdocs.errors import PageError
from llmdocs.pages.page import Embed, Fence, Page, languages, read, read_all


def page_of(folder: Path, text: str) -> Page:
    path = folder / "en" / "new.md"
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    return read(folder, "en", "new.md")


def test_a_fence_of_tildes_holds_backticks(tmp_path: Path) -> None:
    page = page_of(tmp_path, "~~~python\n```\nx\n```\n~~~\n")

    assert page.fences == [Fence(1, "python", ("```", "x", "```"))]


def test_a_fence_of_four_backticks_holds_one_of_three(tmp_path: Path) -> None:
    page = page_of(tmp_path, "````text\n```python\nx\n```\n````\n")

    assert page.fences == [Fence(1, "text", ("```python", "x", "```"))]


def test_a_fence_may_end_with_more_marks_than_it_began_with(tmp_path: Path) -> None:
    page = page_of(tmp_path, "```text\nx\n````\n")

    assert page.fences == [Fence(1, "text", ("x",))]


def test_an_indented_fence_is_a_fence(tmp_path: Path) -> None:
    page = page_of(tmp_path, "!!! note\n\n    ```text\n    x\n    ```\n")

    assert page.fences == [Fence(3, "text", ("    x",))]


def test_fences_follow_each_other(tmp_path: Path) -> None:
    page = page_of(tmp_path, "```a\nx\n```\n```b\ny\n```\n")

    assert [(fence.line, fence.info) for fence in page.fences] == [(1, "a"), (4, "b")]


def test_a_fence_that_is_never_closed_fails_where_it_opens(tmp_path: Path) -> None:
    page = page_of(tmp_path, "---\ntitle: New\n---\nText.\n\n```python\nx\n~~~\n")

    with pytest.raises(PageError, match=r"new\.md:6: this fence is never closed\."):
        _ = page.fences


def test_lines_are_counted_from_the_top_of_the_file(tmp_path: Path) -> None:
    page = page_of(tmp_path, "---\ntitle: New\n---\n# New {#new}\n")

    assert page.lines == [(4, "# New {#new}"), (5, "")]


def test_without_front_matter_lines_are_counted_from_one(tmp_path: Path) -> None:
    assert page_of(tmp_path, "Text.\n").lines[0] == (1, "Text.")


def test_the_front_matter_is_read_as_yaml(tmp_path: Path) -> None:
    page = page_of(tmp_path, "---\ntitle: New\nrecipe: openai\n---\nText.\n")

    assert page.front_matter == {"title": "New", "recipe": "openai"}
    assert page.recipe == "openai"


def test_a_page_may_have_no_front_matter(tmp_path: Path) -> None:
    page = page_of(tmp_path, "Text.\n\n---\n\nText.\n")

    assert page.front_matter == {}
    assert page.recipe is None


def test_front_matter_that_is_no_yaml_fails_with_the_page(tmp_path: Path) -> None:
    page = page_of(tmp_path, "---\ntitle: [New\n---\n")

    with pytest.raises(PageError, match=r"new\.md:1: the front matter is not YAML"):
        _ = page.front_matter


def test_headings_have_level_text_anchor_and_line(tmp_path: Path) -> None:
    page = page_of(tmp_path, "# New {#new}\n\n### A `b` { #a-b }\n\n## Bare\n")

    assert [(item.line, item.level, item.text, item.anchor) for item in page.headings] == [
        (1, 1, "New", "new"),
        (3, 3, "A `b`", "a-b"),
        (5, 2, "Bare", None),
    ]


def test_headings_in_fences_are_none(tmp_path: Path) -> None:
    page = page_of(tmp_path, "```bash\n# comment\n```\n\n~~~\n# comment\n~~~\n\n# New {#new}\n")

    assert [heading.line for heading in page.headings] == [9]


def test_prose_is_what_stands_outside_fences(tmp_path: Path) -> None:
    page = page_of(tmp_path, "Before.\n```text\nx\n```\nAfter.")

    assert page.prose == [(1, "Before."), (5, "After.")]


def test_embeds_have_file_section_and_line(tmp_path: Path) -> None:
    page = page_of(tmp_path, '```python\n--8<-- "a/b.py"\n```\n    --8<-- "a/b.py:c"\n')

    assert page.embeds == [Embed(2, "a/b.py", None), Embed(4, "a/b.py", "c")]


def test_pages_are_found_in_every_folder_of_a_language(tmp_path: Path) -> None:
    page_of(tmp_path, "Text.\n")
    (tmp_path / "en/llms").mkdir()
    (tmp_path / "en/llms/new.md").write_text("Text.\n")

    assert [page.name for page in read_all(tmp_path, "en")] == ["llms/new.md", "new.md"]


def test_languages_are_the_folders_that_hold_pages(tmp_path: Path) -> None:
    page_of(tmp_path, "Text.\n")
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/logo.svg").write_text("<svg/>")

    assert languages(tmp_path) == ["en"]
