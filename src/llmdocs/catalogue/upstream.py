"""OpenDevin and OpenHands as they were: their defaults through time, and their variables."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Release:
    """The retry defaults of a range of upstream releases; waits in seconds."""

    name: str
    num_retries: int
    retry_min_wait: int
    retry_max_wait: int


@dataclass(frozen=True)
class OldVariable:
    """A variable that upstream read. `reason` is its key in `strings.toml`, `now` its heir."""

    name: str
    reason: str
    now: str | None = None


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(files("llmdocs.catalogue").joinpath("upstream.toml").read_text("utf-8"))


def releases() -> list[Release]:
    return [Release(**table) for table in _document()["releases"]]


def release(project: str) -> Release:
    """The earliest releases of a project."""
    return next(item for item in releases() if item.name.startswith(project))


def variables() -> list[OldVariable]:
    return [OldVariable(**table) for table in _document()["variables"]]
