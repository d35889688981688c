"""The environment and the files as the doctor's checks look at them."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from urllib.parse import urlsplit

from llmdocs.catalogue.providers import Provider, by_model
from llmdocs.client.lookup import provider_of
from llmdocs.doctor.findings import Remedy
from llmdocs.errors import SettingsError
from llmdocs.redaction.secrets import Redaction, holds_key
from llmdocs.settings.messages import place, shown
from llmdocs.settings.reading import redaction_of
from llmdocs.settings.settings import Settings
from llmdocs.settings.sources import SourcedValue, key_of
from llmdocs.settings.variables import VARIABLES

PROBE_SECONDS = 1


@dataclass(frozen=True)
class Configuration:
    """What was found, as it would be with the remedies of the findings so far.

    `empty` are the variables that are set to nothing, and have no other value. `own` are those for
    which the reader has still to give a value. `unread_file` says that
    there is an env file in the folder, and no file was named.
    """

    chosen: Mapping[str, SourcedValue]
    unknown: tuple[SourcedValue, ...]
    foreign: Mapping[str, SourcedValue]
    container: bool
    today: date
    empty: Mapping[str, SourcedValue] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    unread_file: bool = False

    def text(self, variable: str) -> str | None:
        """A variable's value, if it has one that can be judged."""
        if variable in self.own or variable not in self.chosen:
            return None
        return self.chosen[variable].text

    @cached_property
    def redaction(self) -> Redaction:
        """What may not be shown of all that was found."""
        return redaction_of([*self.chosen.values(), *self.unknown], self.foreign)

    def shown(self, text: str, variable: str = "") -> str:
        return shown(text, self.redaction, variable)

    def stated(self, variable: str) -> str:
        """Where a variable stands and what it is, for the start of a message."""
        value = self.shown(self.text(variable) or "", variable)
        return f"{self.place(variable)}{variable} is {value}"

    def place(self, variable: str) -> str:
        return place(self.chosen[variable]) if variable in self.chosen else ""

    @property
    def environment(self) -> dict[str, str]:
        """What the environment itself holds that is set, under names without our prefix."""
        return {
            name: found.text
            for name, found in self.foreign.items()
            if found.source == "environment" and found.value
        }

    @cached_property
    def provider(self) -> Provider | None:
        """The provider of the model, unless that is no model yet."""
        model = self.text("LLM_MODEL")
        if not model:
            return None
        if known := by_model(model):
            return known
        with suppress(SettingsError):
            return provider_of(Settings(model=model))
        return None

    def fixed(self, remedy: Remedy) -> Configuration:
        """The same with a remedy applied, so that what follows from one cause is not told too."""
        chosen = {name: found for name, found in self.chosen.items() if name not in remedy.removed}
        foreign = {name: it for name, it in self.foreign.items() if name not in remedy.removed}
        for variable, value in remedy.values.items():
            if variable not in VARIABLES:
                foreign[variable] = SourcedValue("", value, "environment", variable)
                continue
            found = self.chosen.get(variable) or SourcedValue(
                variable, value, "environment", variable
            )
            chosen[variable] = replace(found, value=value)
        own = (self.own - remedy.values.keys()) | set(remedy.own)
        return replace(self, chosen=chosen, foreign=foreign, own=own)

    def fix(self, variable: str, value: str | None, otherwise: str) -> tuple[str, Remedy]:
        """The fix that gives a variable a value, in words and as a remedy.

        `otherwise` are the words where that value is unknown, or made from one that holds the key.
        """
        secret = VARIABLES[variable].secret
        texts = f"{self.text(variable)} {value}"
        if not value or (not secret and holds_key(texts, key_of(self.chosen))):
            return otherwise, Remedy(own=(variable,))
        shown = self.redaction.value(variable, value)
        return otherwise if secret else f"{variable}={shown}", Remedy({variable: value})


def is_listening(address: str) -> bool:
    """Whether a server on this machine takes connections at an address."""
    parts = urlsplit(address)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    server = (parts.hostname, port)
    # UnicodeError: a part of the name is empty, or too long for a name server.
    with suppress(OSError, UnicodeError), socket.create_connection(server, PROBE_SECONDS):
        return True
    return False
