"""litellm's model map, read as data: importing litellm takes seconds."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# litellm's own copy, which is the one in force: the client keeps it from fetching a newer one.
FILE_NAME = "model_prices_and_context_window_backup.json"


def retirement(model: str, prefix: str | None = None) -> date | None:
    """The day on which the provider retires a model, if litellm's map has it.

    `model` is written `provider/model`, or without its provider, which `prefix` names then.
    """
    prefix, name = (prefix, model) if prefix else _parted(model)
    for key in (f"{prefix}/{name}", name):
        entry = _entries().get(key, {})
        day = entry.get("deprecation_date")
        if day and entry.get("litellm_provider") == prefix:
            return date.fromisoformat(day)
    return None


def _parted(model: str) -> tuple[str, str]:
    prefix, _, name = model.partition("/")
    return prefix, name


@cache
def _entries() -> dict[str, dict[str, Any]]:
    spec = find_spec("litellm")
    if not (spec and spec.origin):
        raise ModuleNotFoundError("No module named 'litellm'", name="litellm")
    document: dict[str, dict[str, Any]] = json.loads(
        Path(spec.origin).with_name(FILE_NAME).read_text("utf-8")
    )
    return document
