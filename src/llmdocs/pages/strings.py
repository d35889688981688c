"""The words of the interface in each language, from `docs/<language>/strings.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from llmdocs.errors import PageError

# The language of the words that the code holds.
CODE_LANGUAGE = "en"


def file_of(docs: Path, language: str) -> Path:
    return docs / language / "strings.toml"


def read_words(path: Path) -> dict[str, Any]:
    """What one file of words holds; nothing if it is not there. Raises `PageError` if no TOML."""
    return _parsed(path, path.stat().st_mtime_ns) if path.is_file() else {}


@cache
def _parsed(path: Path, changed: int) -> dict[str, Any]:
    """A page asks for many words, and `make serve` shows those that have `changed` since."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise PageError(f"{path} is not TOML: {error}") from None


@dataclass(frozen=True)
class Strings:
    """One language's words; those it lacks are English."""

    docs: Path
    language: str

    def get(self, *keys: str, default: str | None = None) -> str:
        """The words under `keys`, or `default`, which is the English that the code holds."""
        for language in (self.language, CODE_LANGUAGE):
            value = self._words(language, keys)
            if value is not None:
                return value
        if default is None:
            raise KeyError(f"{file_of(self.docs, CODE_LANGUAGE)} has no {'.'.join(keys)}")
        return default

    def section(self, name: str) -> dict[str, str]:
        """The words of a section, for a script."""
        known = read_words(file_of(self.docs, CODE_LANGUAGE))[name]
        return {key: self.get(name, key) for key in known}

    def language_of(self, *keys: str) -> str:
        """The language of the words that `get` gives for `keys`."""
        return CODE_LANGUAGE if self._words(self.language, keys) is None else self.language

    def _words(self, language: str, keys: tuple[str, ...]) -> str | None:
        value: Any = read_words(file_of(self.docs, language))
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, str) else None
