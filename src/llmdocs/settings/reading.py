"""Values of every source, those that win first, and what may not be shown of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from llmdocs.errors import SettingsError
from llmdocs.redaction.credentials import LIKE_A_SECRET
from llmdocs.redaction.key_shapes import QUOTES_AND_SPACES
from llmdocs.redaction.secrets import Redaction
from llmdocs.settings.messages import unknown
from llmdocs.settings.sources import (
    SourcedValue,
    in_force,
    key_of,
    read_arguments,
    read_config,
    read_env_file,
    read_environment,
)
from llmdocs.settings.variables import VARIABLES


def read_sources(
    env_file: str | Path | None = None, config: str | Path | None = None, **arguments: Any
) -> list[SourcedValue]:
    """Every value of every source, those that win first; empty values are left out.

    Raises `SettingsError` for an unknown `LLM_*` name in any source and for an unreadable file.
    """
    return known([*read_arguments(arguments), *unchecked_sources(env_file, config)])


def unchecked_sources(
    env_file: str | Path | None = None, config: str | Path | None = None
) -> list[SourcedValue]:
    """Every value of the environment and the files, those that win first, known names or not.

    Raises `SettingsError` for a file that cannot be read as what it is.
    """
    return [
        *read_environment(),
        *(read_env_file(Path(env_file)) if env_file else ()),
        *(read_config(Path(config)) if config else ()),
    ]


def redaction_of(
    found: Iterable[SourcedValue], foreign: Mapping[str, SourcedValue] | None = None
) -> Redaction:
    """What may not be shown of what was found: keys in force, shadowed, misnamed or foreign.

    `foreign` are other programs' variables, by their names.
    """
    items = list(found)
    chosen = in_force(items)
    secrets = {name for name, variable in VARIABLES.items() if variable.secret}
    held = [(item.variable, item) for item in items if item.variable in secrets]
    held += [
        ("LLM_API_KEY", item)
        for item in items
        if item.variable not in VARIABLES and LIKE_A_SECRET.search(item.written)
    ]
    held += (foreign or {}).items()
    texts = ((name, item.value) for name, item in held if isinstance(item.value, str))
    variables = [
        {name: text} for name, value in texts for text in (value, value.strip(QUOTES_AND_SPACES))
    ]
    address = chosen["LLM_BASE_URL"].text if "LLM_BASE_URL" in chosen else None
    return Redaction.in_force(key_of(chosen), address, variables)


def known(found: Iterable[SourcedValue]) -> list[SourcedValue]:
    """What was found, without empty values; an unknown name is an error, empty or not."""
    sources = list(found)
    for item in sources:
        if item.variable not in VARIABLES:
            raise SettingsError(unknown(item))
    return [item for item in sources if item.value is not None and item.value != ""]
