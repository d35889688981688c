"""The spelling of a language's pages, by hunspell's dictionary and a word list of the field."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from llmdocs.pages.documentation import Documentation
from llmdocs.pages.masking import CODE, MaskedText, texts
from llmdocs.pages.rules.problem import Problem

PROGRAM = "hunspell"
WORD_LIST = "words.txt"
# Words with their elisions and hyphens; no part of a file's name, a path, an address or a name
# with digits.
WORD = re.compile(rf"(?<![\w{CODE}.@/-])[^\W\d_]+(?:[’'-][^\W\d_]+)*(?![\w{CODE}@/]|\.\w)")
SUGGESTIONS = 4

# What is wrong with each word that is: its suggestions, the likeliest first.
Misspelt = dict[str, list[str]]


@dataclass(frozen=True)
class Dictionary:
    """One of hunspell's dictionaries, and the Debian package that holds it."""

    name: str
    package: str

    def is_installed(self) -> bool:
        try:
            self.misspelt([])
        except FileNotFoundError:
            return False
        return True

    def misspelt(self, words: Iterable[str]) -> Misspelt:
        """The words that it lacks. One process does for all. Raises `FileNotFoundError`."""
        program = shutil.which(PROGRAM)
        if not program:
            raise FileNotFoundError(
                f"{PROGRAM} is not installed; on Debian: apt-get install {PROGRAM} {self.package}"
            )
        asked = list(words)
        # In pipe mode each line is answered by lines of its own and an empty one; ^ begins text.
        answered = subprocess.run(
            [program, "-a", "-d", self.name, "-i", "utf-8"],
            input="".join(f"^{word}\n" for word in asked),
            capture_output=True,
            encoding="utf-8",
        )
        if answered.returncode:
            raise FileNotFoundError(
                f"{PROGRAM} has no dictionary {self.name}; on Debian: apt-get install "
                f"{self.package}"
            )
        _, _, answers = answered.stdout.partition("\n")
        return {
            word: _suggestions(answer)
            for word, answer in zip(asked, answers.split("\n\n"), strict=False)
            if re.search(r"^[&#]", answer, flags=re.MULTILINE)
        }


# The dictionary of each language whose pages are checked. Spelling in others is not: English has
# `typos` and a prose linter.
DICTIONARIES = {"fr": Dictionary("fr_FR", "hunspell-fr")}


def misspellings(
    documentation: Documentation, language: str, misspelt: Callable[[Iterable[str]], Misspelt]
) -> Iterator[Problem]:
    """Each word that neither `misspelt` nor the language's list knows.

    Words of the list that are used nowhere, or stand out of order, are told of too.
    """
    docs = documentation.docs
    word_list = docs / language / WORD_LIST
    listed = word_list.read_text("utf-8").splitlines() if word_list.is_file() else []
    places: dict[str, list[tuple[MaskedText, int]]] = {}
    for text in texts(documentation.pages_in(language), docs, language):
        for match in WORD.finditer(text.prose):
            places.setdefault(match[0], []).append((text, match.start()))
    used = {word: _listed(word, listed) for word in places}
    wrong = misspelt(sorted(word for word in places if not used[word]))
    for word, suggestions in wrong.items():
        for text, place in places[word]:
            yield Problem(text.path, text.line_of(place), _message(word, suggestions, word_list))
    needed = set(used.values())
    for line, word in enumerate(listed, start=1):
        if word not in needed:
            yield Problem(word_list, line, f"no text of {language} has {word!r}; take it out.")
        elif line > 1 and _order(listed[line - 2]) >= _order(word):
            yield Problem(
                word_list,
                line,
                f"{word!r} stands after {listed[line - 2]!r}; list each word once, in "
                "alphabetical order.",
            )


def _listed(word: str, listed: list[str]) -> str | None:
    """The word of the list that a word is: itself, what follows an elision, or a small initial."""
    rest = re.split("[’']", word)[-1]
    small = rest[0].lower() + rest[1:]
    return next((form for form in (word, rest, small) if form in listed), None)


def _message(word: str, suggestions: list[str], word_list: Path) -> str:
    meant = f" Did you mean {' or '.join(suggestions)}?" if suggestions else ""
    return (
        f"{word!r} is not in the dictionary.{meant} If it is right, add it to {word_list}; if it "
        "is English, mark it: *word*{:lang=en}."
    )


def _suggestions(answer: str) -> list[str]:
    """What follows the colon in `& word 2 0: one, two`."""
    found = re.search(r"^&[^:\n]*: (.*)$", answer, flags=re.MULTILINE)
    return found[1].split(", ")[:SUGGESTIONS] if found else []


def _order(word: str) -> tuple[str, str]:
    return word.casefold(), word
