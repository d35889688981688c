"""English prose is linted: each rule finds what breaks it, and code is none of its business."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmdocs.pages.page import Page
from tests.support.site_files import ROOT
from tools.english_prose import LONGEST_SENTENCE, OFF, main, pages, problems

HEAD = "---\ntitle: Trial\ndescription: A trial.\n---\n\n# Trial {#trial}\n\n"
LINE = HEAD.count("\n") + 1


def found(folder: Path, body: str) -> list[tuple[int, str]]:
    path = folder / "page.md"
    path.write_text(HEAD + body, "utf-8")
    return list(problems(Page(path, "en", "page.md")))


# As many words as a sentence may have, no two alike.
LONG = " ".join(f"w{number}" for number in range(LONGEST_SENTENCE))

# What is wrong, the line of the text, and words of the message.
WRONG = {
    "a word twice": ("Set the the key.", 0, "lexical_illusions"),
    "a word twice, over two lines": ("Set\nthe\nthe key.", 1, "lexical_illusions"),
    "an archaism": ("Wait for ever.", 0, "archaic"),
    "a redundancy": ("The honest truth is good.", 0, "redundancy"),
    "a cliché": ("At the end of the day it works.", 0, "cliche"),
    "a comparison of what has no degree": ("It is very unique.", 0, "uncomparables"),
    "a hyphen after -ly": ("A newly-made key.", 0, "ly"),
    "in a heading": ("## The honest truth {#new}", 0, "redundancy"),
    "in an item": ("- One.\n- The honest truth.", 1, "redundancy"),
    "in a note": ('!!! note "Note"\n\n    The honest truth is good.', 2, "redundancy"),
    "a word that belittles": ("It is on.\n\nSimply set it.", 2, "'Simply': take it out"),
    "another": ("You just set it.", 0, "'just': take it out"),
    "a plea": ("Please set it.", 0, "'Please': say what to do"),
    "the writers": ("Here we set it.", 0, "'we': say you"),
    "the writer": ("I set it.", 0, "'I': say you"),
    "what is the writers'": ("Send it to us.", 0, "'us': say you"),
    "a long sentence": (f"Set it. {LONG} end.", 0, "36 words; make two of it, of 35 at most"),
}


@pytest.mark.parametrize(("body", "offset", "part"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_found_in_its_line(
    tmp_path: Path, body: str, offset: int, part: str
) -> None:
    problems = found(tmp_path, body)

    assert {line for line, _ in problems} == {LINE + offset}
    assert any(part in message for _, message in problems)


RIGHT = {
    "inline code": "Set `the the` and `very unique`, for `we` and `please`.",
    "a fence": "```text\nPlease, the the honest truth.\n```",
    "a heading and its text": "## The key {#key}\n\nThe key is set.",
    "a link's target": "See [it](https://x.example/please/just).",
    "what a program says": 'It answers "please wait for us".',
    "another language": "French: *simple, us*{:lang=fr}.",
    "a comment": "One.\n<!-- please -->",
    "straight quotes": 'It says "no".',
    "just as an adverb of time": "You have just set it, or load it just-in-time.",
    "a currency": "It costs US dollars, for I/O.",
    "the longest sentence": f"{LONG}.",
}


@pytest.mark.parametrize("body", RIGHT.values(), ids=RIGHT)
def test_what_is_right_is_left(tmp_path: Path, body: str) -> None:
    assert found(tmp_path, body) == []


def test_the_command_finds_nothing_in_the_pages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    assert capsys.readouterr().out == f"English prose of {len(pages())} files: nothing to fix.\n"


def test_the_command_names_the_place(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Page(ROOT / "README.md", "en", "README.md")
    wrong.__dict__["text"] = "# Trial\n\nPlease set it.\n"
    monkeypatch.setattr("tools.english_prose.pages", lambda: [wrong])

    assert main() == 1
    assert capsys.readouterr().out.splitlines() == [
        "README.md:3: 'Please': say what to do, without it.",
        "English prose of 1 files: 1 to fix.",
    ]


def test_what_is_off_has_a_reason() -> None:
    assert all(len(reason) > 20 for reason in OFF.values())


def test_lint_runs_it() -> None:
    assert "-m tools.english_prose" in (ROOT / "Makefile").read_text()
