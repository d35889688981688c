"""Suggestions: the known name most like one that is unknown."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, in any case of letters, or None if none is like it."""
    spellings = {item.lower(): item for item in known}
    matches = difflib.get_close_matches(name.lower(), list(spellings), n=1)
    return spellings[matches[0]] if matches else None


# Two letters of ten are others, or have changed places.
MISSPELT = 0.85
MISSED_LETTERS = 2


def is_misspelling(name: str, known: str) -> bool:
    """Whether a name is so like a known one that it can be no other's."""
    near = abs(len(name) - len(known)) <= MISSED_LETTERS
    return near and difflib.SequenceMatcher(None, name.lower(), known.lower()).ratio() >= MISSPELT


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` Did you mean X?`, with the space before it, or nothing."""
    match = nearest(name, known)
    return f" Did you mean {match}?" if match else ""
