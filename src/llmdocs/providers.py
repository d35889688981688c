"""The catalogue of providers: what each one needs, and where it answers."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Provider:
    """One table of `providers.toml`, which explains each field."""

    name: str
    title: str
    prefixes: tuple[str, ...]
    needs: tuple[str, ...]
    extras: tuple[str, ...]
    origins: tuple[str, ...]
    embedding_prefix: str | None = None
    base_url: str | None = None
    base_path: str = ""
    api_paths: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    base: tuple[str, ...] = ()
    version: tuple[str, ...] = ()
    explains: tuple[str, ...] = ()
    stream_usage: bool = False
    free: bool = False

    def own_variables(self, variable: str) -> tuple[str, ...]:
        """The names by which the provider's own tools know what `variable` says."""
        fields = {"LLM_API_KEY": self.key, "LLM_BASE_URL": self.base}
        return fields.get(variable, self.version if variable == "LLM_API_VERSION" else ())


_DOCUMENT = tomllib.loads(files("llmdocs").joinpath("providers.toml").read_text("utf-8"))

# For each page that is no provider's and has a recipe of its own, the variables it adds.
PAGE_EXTRAS: dict[str, tuple[str, ...]] = {
    page: tuple(extras) for page, extras in _DOCUMENT.pop("pages").items()
}


def _provider(name: str, table: dict[str, Any]) -> Provider:
    fields: dict[str, Any] = {
        key: tuple(item) if isinstance(item, list) else item for key, item in table.items()
    }
    return Provider(name=name, **fields)


CATALOGUE = {name: _provider(name, table) for name, table in _DOCUMENT.items()}


def by_prefix(prefix: str) -> Provider | None:
    """The provider whose models are written `prefix/…`, if the catalogue has it."""
    return next((item for item in CATALOGUE.values() if prefix in item.prefixes), None)


def unlisted(prefix: str) -> Provider:
    """A provider that litellm knows and the catalogue does not.

    Its own variables follow litellm's habit: `GROQ_API_KEY`, `GROQ_API_BASE`.
    """
    own = prefix.upper()
    return Provider(
        name=prefix,
        title=prefix,
        prefixes=(prefix,),
        embedding_prefix=prefix,
        needs=("LLM_MODEL",),
        extras=(),
        origins=(),
        key=(f"{own}_API_KEY",),
        base=(f"{own}_API_BASE", f"{own}_BASE_URL"),
        version=(f"{own}_API_VERSION",),
    )
