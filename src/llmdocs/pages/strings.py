"""The words of the interface in each language, from `docs/<language>/strings.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}


@dataclass(frozen=True)
class Strings:
    """One language's words; those it lacks are English."""

    docs: Path
    language: str

    def get(self, *keys: str, default: str | None = None) -> str:
        """The words under `keys`, or `default`, which is the English that the code holds."""
        for language in (self.language, "en"):
            value: Any = _read(self.docs / language / "strings.toml")
            for key in keys:
                value = value.get(key) if isinstance(value, dict) else None
            if isinstance(value, str):
                return value
        if default is None:
            raise KeyError(f"{self.docs / 'en' / 'strings.toml'} has no {'.'.join(keys)}")
        return default
