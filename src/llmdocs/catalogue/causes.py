"""What providers' words say of a failure, where the status says less or something else."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from llmdocs.catalogue.providers import Provider
from llmdocs.errors import KnownCause

FILE_NAME = "causes.toml"
# What is read of a message: more than any provider says, and little enough for any pattern.
MOST_READ = 2_000
# What kind of failure a row says it is.
Kind = Literal["quota", "lasting", "refused"]


@dataclass(frozen=True)
class Row:
    """One row of `causes.toml`, which explains each field."""

    cause: str
    reason: str
    fix: str
    source: str
    provider: str | None = None
    status: tuple[int, ...] = ()
    code: str | None = None
    type: str | None = None
    says: str = ""
    server: str | None = None
    blank: bool = False
    own: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    failure: Kind | None = None

    def match(
        self, provider: Provider, status: int, codes: Collection[str], message: str, server: str
    ) -> re.Match[str] | None:
        """Where an answer says what this row is about; None if the row does not fit it."""
        fits = (
            self.provider in (None, *provider.prefixes)
            and (status in self.status if self.status else status >= 400)
            and all(code in codes for code in (self.code, self.type) if code)
            and not (self.blank and message.strip())
            and (not self.server or re.search(self.server, server, re.IGNORECASE))
        )
        return re.search(self.says, message, re.IGNORECASE) if fits else None

    def known(self, provider: Provider, said: re.Match[str]) -> KnownCause:
        named = {name: value or "" for name, value in said.groupdict().items()}
        named["title"] = provider.title
        values = {name: value.format(**named) for name, value in self.values.items()}
        return KnownCause(self.cause, self.reason, self.fix.format(**named), self.own, values)


@cache
def rows() -> tuple[Row, ...]:
    text = files("llmdocs.catalogue").joinpath(FILE_NAME).read_text("utf-8")
    return tuple(map(_row, tomllib.loads(text)["causes"]))


def _row(table: Mapping[str, Any]) -> Row:
    lists = {name: tuple(table[name]) for name in ("status", "own") if name in table}
    return Row(**{**table, **lists})


def find(
    provider: Provider,
    status: int,
    codes: Collection[str] = (),
    message: str = "",
    server: str = "",
) -> tuple[KnownCause, Kind | None] | None:
    """What the first row that fits says of an answer that is an error, and its `failure`.

    `codes` are the `code` and the `type` of the error body, `message` its own words, and `server`
    the header of that name. None if no row fits.
    """
    message = message[:MOST_READ]
    for row in rows():
        if said := row.match(provider, status, codes, message, server):
            return row.known(provider, said), row.failure
    return None
