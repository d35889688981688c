"""Checks of a language's `strings.toml`: its words are those that pages ask for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from string import Formatter
from typing import Any

from llmdocs import retries
from llmdocs.errors import PageError
from llmdocs.pages.languages import Languages
from llmdocs.pages.masking import STRING
from llmdocs.pages.prose import without_code
from llmdocs.pages.rules.html_policy import IN_TITLE, problems
from llmdocs.pages.strings import file_of, read_words
from llmdocs.settings.fields import MAXIMA, Expected
from llmdocs.settings.variables import VARIABLES
from llmdocs.suggestions import did_you_mean

TABLE = re.compile(r"\s*\[(?P<name>[^\[\]]+)\]\s*(?:#.*)?")

# The words under their keys, which are joined by dots.
Words = dict[str, Any]


def wrong_strings(docs: Path, language: str, site: Languages) -> Iterator[tuple[int, str]]:
    """Words that no page asks for, that say nothing, or that a complete language lacks."""
    path, original = file_of(docs, language), file_of(docs, site.default)
    try:
        words, known = _flat(read_words(path)), {**code_words(), **_flat(read_words(original))}
    except PageError as error:
        if str(error).startswith(str(path)):
            at = re.search(r"at line (\d+)", str(error))
            yield int(at[1]) if at else 1, str(error).removeprefix(f"{path} ")
        return
    found_in_file = _found_in_file(path)
    for key, text in words.items():
        line = _line(path, key)
        if key not in known:
            nearest = did_you_mean(key, known)
            yield line, f"no page asks for the words {key!r}.{nearest} Rename or remove them."
        elif not isinstance(text, str) or not text.strip():
            yield line, f"the words {key!r} are {text!r}, which is no text; write it in quotes."
        elif found_in_file.get(key) != text:
            name = key.rpartition(".")[2]
            yield (
                line,
                f"the words {key!r} are in a form whose typography and spelling are not checked; "
                f'write them on a line of their own: {name} = "…".',
            )
        elif active := next(problems(without_code(text), IN_TITLE), None):
            yield line, f"the words {key!r} hold what acts: {active}"
        elif not _fit(found := _places(text), expected := _places(known[key])):
            yield (
                line,
                f"the words {key!r} hold {_listed(found)}, and {_listed(expected)} in {original}:"
                f"{_line(original, key)}; write the same between braces.",
            )
    for key in known if language in site.complete else ():
        if key not in words:
            yield (
                _line(path, key),
                f"the words {key!r} are missing; translate {known[key]!r}.",
            )


def code_words() -> Words:
    """The words that the code holds in the default language: its own file has no need of them."""
    return {
        **{f"settings.{name}.description": item.description for name, item in VARIABLES.items()},
        # A translation takes the limits from the code, which writes them out.
        **{
            f"expected.{item.name.lower()}": item.value.replace(str(MAXIMA.get(item)), "{maximum}")
            for item in Expected
        },
        **{f"retries.{item.value.name}": item.value.description for item in retries.Failure},
    }


def _flat(document: dict[str, Any], above: str = "") -> Words:
    words: Words = {}
    for key, value in document.items():
        if isinstance(value, dict):
            words |= _flat(value, f"{above}{key}.")
        else:
            words[above + key] = value
    return words


def _found_in_file(path: Path) -> Words:
    """The words that the checks of prose find."""
    found: Words = {}
    above = ""
    for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
        if match := TABLE.fullmatch(line):
            above = f"{match['name'].strip()}."
        elif STRING.fullmatch(line):
            # What looks like a string may be a line of a longer one.
            with suppress(tomllib.TOMLDecodeError):
                found |= _flat(tomllib.loads(line), above)
    return found


def _places(text: object) -> list[str]:
    """What is put into a text, as `{now}`."""
    try:
        return sorted({name for _, name, *_ in Formatter().parse(str(text)) if name is not None})
    except ValueError:
        return ["a brace without its pair"]


def _fit(found: list[str], expected: list[str]) -> bool:
    """Whether a text has the places of another. It may write its own language's name itself."""
    return found in (expected, [place for place in expected if place != "language"])


def _listed(places: list[str]) -> str:
    return " and ".join(f"{{{name}}}" for name in places) or "nothing between braces"


def _line(path: Path, key: str) -> int:
    """The line of a key, or else of its table, or 1."""
    table, _, name = key.rpartition(".")
    here, found = "", 1
    for number, line in enumerate(
        path.read_text("utf-8").splitlines() if path.is_file() else (), 1
    ):
        if match := TABLE.fullmatch(line):
            here = match["name"].strip()
            found = number if here == table else found
        elif here == table and re.match(rf"\s*{re.escape(name)}\s*=", line):
            return number
    return found
