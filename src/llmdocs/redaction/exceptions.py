"""Exceptions without secrets, rewritten in place."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import GetSetDescriptorType, MemberDescriptorType
from typing import Any

from llmdocs.redaction.secrets import Redaction


class Rewriting:
    """Takes the secrets out of exceptions, in place. `kept` is left as it is."""

    def __init__(self, redaction: Redaction, kept: BaseException | None) -> None:
        # The same words stand in many places of one error.
        self._shown = functools.cache(redaction.excerpt)
        self._text = functools.cache(redaction.text)
        self._done: dict[int, BaseException | None] = {id(kept): kept}

    def rewritten(self, error: BaseException | None) -> BaseException | None:
        """An exception and what it was raised from, without secrets; None if it shows one still."""
        if error is None or id(error) in self._done:
            return self._done.get(id(error))
        self._done[id(error)] = error
        error.args = self._plain(error.args)
        attributes = getattr(error, "__dict__", {})
        attributes.update(self._plain(attributes))
        self._clear_members(error)
        # Setting a cause hides the context.
        hidden = error.__suppress_context__
        error.__cause__ = self.rewritten(error.__cause__)
        error.__context__ = self.rewritten(error.__context__)
        error.__suppress_context__ = hidden
        if self._shows_a_secret(error):
            self._done[id(error)] = None
        return self._done[id(error)]

    def _clear_members(self, error: BaseException) -> None:
        """Take the secrets out of what it keeps outside its dictionary, where that can be written.

        An AttributeError keeps the object that it is about, and an OSError the name of a file.
        """
        for name, value in _members(error):
            with suppress(AttributeError, TypeError):
                setattr(error, name, self._plain(value))

    def _shows_a_secret(self, error: BaseException) -> bool:
        """Whether it does still, or cannot be shown at all without what was taken out of it.

        pydantic's errors, those of encodings and groups hold theirs where nothing can be written.
        """
        try:
            shown = [str(error), repr(error), *(repr(item) for _, item in _members(error))]
        except Exception:
            return True
        return any(self._text(text) != text for text in shown)

    def _plain(self, value: Any) -> Any:
        """A value without secrets; None for what is no plain data, as a request is none."""
        if isinstance(value, str):
            return self._shown(value)
        if isinstance(value, bytes):
            return self._shown(value.decode("latin-1")).encode("latin-1", "replace")
        if isinstance(value, Mapping):
            return {self._plain(name): self._plain(item) for name, item in value.items()}
        if isinstance(value, tuple):
            # A named one stays one: aiohttp's errors read theirs by name.
            return getattr(value, "_make", tuple)(self._plain(item) for item in value)
        if isinstance(value, list):
            return [self._plain(item) for item in value]
        if isinstance(value, BaseException):
            return self.rewritten(value)
        return value if isinstance(value, bool | int | float) else None


def _members(error: BaseException) -> Iterator[tuple[str, Any]]:
    """What an exception keeps outside its dictionary, by name."""
    for kind in type(error).__mro__:
        for name, member in vars(kind).items():
            is_member = isinstance(member, MemberDescriptorType | GetSetDescriptorType)
            if is_member and not name.startswith("__"):
                with suppress(AttributeError):
                    yield name, getattr(error, name)
