"""A section's hash: what a translator translates changes it, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmdocs.pages.page import read
from llmdocs.pages.sections import Section, sections

PAGE = """---
title: Retries
description: What is retried,
  and when.
recipe: retries
---

# Retries {#retries}

The lead, in one line.

## The schedule {#schedule}

You wait {{ LLM_TIMEOUT.default }} at most: see [the settings](../reference/settings.md#retries) or
`llmdocs settings`.

```python
--8<-- "retries/schedule.py"
```

!!! warning "Costs"

    Each of the 3 attempts may cost.

| Retry | Wait |
| --- | --- |
| first | short |

[a reference]: one.md

{{ retries.rules }}

### The end {#end}

The last words.
"""


def section(text: str, anchor: str, folder: Path) -> Section:
    path = folder / "en" / "page.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return sections(read(folder, "en", "page.md"))[anchor]


def test_a_section_runs_to_the_next_heading_of_any_level(tmp_path: Path) -> None:
    schedule = section(PAGE, "schedule", tmp_path)

    assert schedule.source.startswith("## The schedule {#schedule}\n\nYou wait")
    assert schedule.source.endswith("{{ retries.rules }}")


def test_the_title_the_description_and_the_lead_are_the_section_top(tmp_path: Path) -> None:
    top = section(PAGE, "top", tmp_path)

    assert top.words == (
        "title: Retries description: What is retried, and when. # Retries The lead, in one line."
    )


def test_the_words_of_a_section_are_those_that_a_translator_translates(tmp_path: Path) -> None:
    assert section(PAGE, "schedule", tmp_path).words == (
        "The schedule You wait at most: see [the settings] or `llmdocs settings`. "
        '!!! warning "Costs" Each of the 3 attempts may cost. | Retry | Wait | | first | short |'
    )


def test_the_hash_of_given_words_stays_the_same(tmp_path: Path) -> None:
    """Another way to compute it would make every translation stale.

    `printf '%s' 'The end The last words.' | sha256sum` says it too.
    """
    assert section(PAGE, "end", tmp_path).hash == "437b54dc"


SAME = {
    "a target with parentheses": ("settings.md#retries", "settings_(all).md"),
    "a line broken elsewhere": (
        "see [the settings](../reference/settings.md#retries) or\n`llmdocs",
        "see\n[the settings](../reference/settings.md#retries) or `llmdocs",
    ),
    "another fact": ("{{ LLM_TIMEOUT.default }}", "{{ LLM_NUM_RETRIES.default }}"),
    "a fact less": (" {{ LLM_TIMEOUT.default }}", ""),
    "another embed": ("schedule.py", "give_up.py"),
    "another fence": ("```python", "```python hl_lines='1'"),
    "another block": ("{{ retries.rules }}", "{{ retries.schedule }}"),
    "another target of a link": ("settings.md#retries", "api.md"),
    "a target that links share": ("[a reference]: one.md", "[a reference]: two.md"),
    "a language": ("`llmdocs settings`.", "`llmdocs settings`{:lang=en}."),
    "a class": ("may cost.", "may cost.{ .wide }"),
    "another level": ("## The schedule", "### The schedule"),
    "a table drawn otherwise": ("| --- | --- |", "|:----|-----:|"),
    "a comment": ("You wait", "<!-- number: a reason -->\nYou wait"),
    "a tag": ("You wait", "<b>You</b> wait"),
    "another recipe": ("recipe: retries", "recipe: openai"),
}


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME)
def test_what_all_languages_share_does_not_change_it(old: str, new: str, tmp_path: Path) -> None:
    assert old in PAGE
    before = section(PAGE, "schedule", tmp_path).hash

    assert section(PAGE.replace(old, new), "schedule", tmp_path).hash == before


OTHER = {
    "the title of a link": ("schedule", "settings.md#retries)", 'settings.md#retries "All")'),
    "what code between marks of a comment says": (
        "schedule",
        "`llmdocs settings`",
        "`<!--` a word `-->`",
    ),
    "words between two angles": ("schedule", "may cost", "may < 5 and > 3 cost"),
    "what looks like a reference": ("schedule", "at most:", "at most. `a` [default]: 5"),
    "a word": ("schedule", "at most", "at least"),
    "a heading": ("schedule", "## The schedule", "## A schedule"),
    "inline code": ("schedule", "`llmdocs settings`", "`llmdocs doctor`"),
    "a space in inline code": ("schedule", "`llmdocs settings`", "`llmdocssettings`"),
    "a number": ("schedule", "the 3 attempts", "the 4 attempts"),
    "the text of a link": ("schedule", "[the settings]", "[the variables]"),
    "the title of a note": ("schedule", '"Costs"', '"Prices"'),
    "a cell of a table": ("schedule", "| short |", "| long |"),
    "the page's title": ("top", "title: Retries", "title: Waits"),
    "a further line of the description": ("top", "  and when.", "  and how."),
    "the lead": ("top", "The lead", "A lead"),
}


@pytest.mark.parametrize(("anchor", "old", "new"), OTHER.values(), ids=OTHER)
def test_what_a_translator_translates_changes_it(
    anchor: str, old: str, new: str, tmp_path: Path
) -> None:
    assert old in PAGE
    before = section(PAGE, anchor, tmp_path).hash

    assert section(PAGE.replace(old, new), anchor, tmp_path).hash != before


def test_a_change_of_one_section_leaves_its_neighbours_alone(tmp_path: Path) -> None:
    before = section(PAGE, "end", tmp_path).hash
    changed = PAGE.replace("may cost", "will cost").replace("The lead", "A lead")

    assert section(changed, "end", tmp_path).hash == before


def test_a_tag_is_none_of_its_words_and_an_address_and_code_are(tmp_path: Path) -> None:
    text = PAGE + 'A <span class="wide">b</span> <https://example.org> `<NAME>`.\n'

    assert section(text, "end", tmp_path).words.endswith("A b <https://example.org> `<NAME>`.")


def test_the_code_of_a_fence_has_no_headings(tmp_path: Path) -> None:
    text = PAGE.replace('--8<-- "retries/schedule.py"', "# Not a heading {#not}")
    schedule = section(text, "schedule", tmp_path)

    assert "Not a heading" in schedule.source
    assert "Not a heading" not in schedule.words
