"""Settings of a program: the fields, validated, from whatever source each value comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from llmdocs.redaction.secrets import Redaction
from llmdocs.settings.fields import Fields
from llmdocs.settings.messages import contradictions, error_of, shown
from llmdocs.settings.reading import known, read_sources, redaction_of
from llmdocs.settings.sources import (
    SourcedValue,
    field_of,
    in_force,
    read_arguments,
    variable_of,
)


class Settings(Fields):
    """How to reach a model, and how patient to be.

    `Settings(...)` reads its arguments only; `Settings.load` reads the environment and files too.
    A value that does not fit raises `SettingsError`, which names the variable.
    """

    def __init__(self, **arguments: Any) -> None:
        self._build(read_arguments(arguments))

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse any change: pydantic's own refusal would print the value."""
        raise TypeError("Settings cannot be changed: make new ones")

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """pydantic's, without the secrets that a value may hold."""
        redaction = self.redaction()
        for name, value in super().__repr_args__():
            is_text = isinstance(value, str)
            yield name, redaction.value(variable_of(name or ""), value) if is_text else value

    def redaction(self) -> Redaction:
        """What may not be shown: the key, and whatever else litellm may find by itself."""
        key = self.api_key.get_secret_value() if self.api_key else None
        return Redaction.in_force(key, self.base_url)

    def without_secrets(self, text: str) -> str:
        """A text with `[LLM_API_KEY]` for the key, and without any other secret."""
        return self.redaction().text(text)

    def shown(self, text: str) -> str:
        """A value as messages quote it: on one line, not too long, without secrets."""
        return shown(text, self.redaction())

    def _build(self, found: Iterable[SourcedValue]) -> None:
        """Validate the first value found for each variable.

        The error is built from field names, outside pydantic's own, which holds the input.
        """
        items = known(found)
        chosen = in_force(items)
        # pydantic takes true for 1.
        wrong = [name for name, item in chosen.items() if isinstance(item.value, bool)]
        try:
            super().__init__(**{field_of(name): item.value for name, item in chosen.items()})
        except ValidationError as error:
            wrong += [
                variable_of(str(detail["loc"][0]))
                for detail in error.errors(include_input=False, include_context=False)
            ]
        contradicting = contradictions(chosen, wrong)
        if wrong or contradicting:
            raise error_of(wrong, contradicting, chosen, redaction_of(items))

    @classmethod
    def load(
        cls,
        env_file: str | Path | None = None,
        config: str | Path | None = None,
        **arguments: Any,
    ) -> Self:
        """Settings from the arguments, then the environment, `env_file`, and `config`'s `[llm]`.

        The first that has a value for a variable wins. Raises `SettingsError`.
        """
        return cls.of(read_sources(env_file, config, **arguments))

    @classmethod
    def of(cls, found: Iterable[SourcedValue]) -> Self:
        """Settings from what was found already, those that win first. Raises `SettingsError`."""
        settings = cls.__new__(cls)
        settings._build(found)
        return settings
