"""The catalogue of providers: what each one needs, and where it answers."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Provider:
    """One table of `providers.toml`, which explains each field."""

    name: str
    title: str
    prefixes: tuple[str, ...]
    embedding_prefix: str
    needs: tuple[str, ...]
    extras: tuple[str, ...]
    origins: tuple[str, ...]
    base_url: str | None = None
    key: tuple[str, ...] = ()
    base: tuple[str, ...] = ()
    version: tuple[str, ...] = ()
    stream_usage: bool = False

    def own_variables(self, variable: str) -> tuple[str, ...]:
        """The names by which the provider's own tools know what `variable` says."""
        fields = {"LLM_API_KEY": self.key, "LLM_BASE_URL": self.base}
        return fields.get(variable, self.version if variable == "LLM_API_VERSION" else ())


def _read() -> dict[str, Provider]:
    tables = tomllib.loads(files("llmdocs").joinpath("providers.toml").read_text("utf-8"))
    return {
        name: Provider(
            name=name,
            **{
                key: tuple(value) if isinstance(value, list) else value
                for key, value in table.items()
            },
        )
        for name, table in tables.items()
    }


CATALOGUE = _read()


def by_prefix(prefix: str) -> Provider | None:
    """The provider whose models are written `prefix/…`, if the catalogue has it."""
    return next((item for item in CATALOGUE.values() if prefix in item.prefixes), None)
