"""Connect a program to any LLM backend through `LLM_*` environment variables and litellm."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmdocs import errors
    from llmdocs.client.llm import LLM
    from llmdocs.settings.settings import Settings

__all__ = ["LLM", "Settings", "errors"]

_HOMES = {"LLM": "llmdocs.client.llm", "Settings": "llmdocs.settings.settings"}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: `llmdocs --help` needs none of them."""
    if name == "errors":
        return importlib.import_module("llmdocs.errors")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
