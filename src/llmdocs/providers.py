"""The catalogue of providers: what each one needs, and where it answers."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit


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
    stand_in_key: str | None = None

    def origins_of_calls(self, base_url: str | None) -> tuple[str, ...]:
        """The only origins that a call may go to, `*` for any subdomain: `https://*.example.com`.

        That of `base_url`; and where it is unset, or the provider's, all that are the provider's.
        """
        own = tuple(f"https://{'*' * host.startswith('.')}{host}" for host in self.hosts)
        if not base_url:
            return own
        parts = urlsplit(base_url)
        address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
        is_own = any(fnmatchcase(address, origin) for origin in own)
        return (address, *own) if is_own else (address,)

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


OTHER_PREFIXES = tomllib.loads(files("llmdocs").joinpath("prefixes.toml").read_text("utf-8"))

# Sent to a server of one's own where LLM_API_KEY is unset, as litellm does for some: without a key
# of ours it would send OPENAI_API_KEY to others.
STAND_IN_KEY = "no-key"


def unlisted(prefix: str) -> Provider:
    """A provider that litellm knows and the catalogue does not: `prefixes.toml` has its facts.

    Without hosts of its own there, it is a server of the reader's, which needs LLM_BASE_URL.
    """
    table = OTHER_PREFIXES.get(prefix, {})
    hosts = tuple(table.get("hosts", ()))
    needs = tuple(table.get("needs", ["LLM_API_KEY"] if hosts else ["LLM_BASE_URL"]))
    return Provider(
        name=prefix,
        title=prefix,
        prefixes=(prefix,),
        embedding_prefix=prefix,
        needs=("LLM_MODEL", *needs),
        extras=(),
        origins=(),
        hosts=hosts,
        key=tuple(table.get("key", ())),
        base=tuple(table.get("base", ())),
        version=(f"{prefix.upper()}_API_VERSION",),
        stand_in_key=STAND_IN_KEY if needs == ("LLM_BASE_URL",) else None,
    )
