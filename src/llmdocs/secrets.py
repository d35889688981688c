"""What no text may hold: the key, and the password of an address."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from itertools import groupby
from typing import Any

STAND_IN = "[LLM_API_KEY]"
# A shorter key, such as `none` at a server that asks for none, is part of many a word: it is taken
# out only where it is a word of its own, so that it does not garble every message.
LEAST_ANYWHERE = 8
# What a message of ours shows of a provider's text, in characters.
MOST_SHOWN = 2_000
# How long a password with its user, and one character of a key, can be in all its spellings.
LONGEST_PASSWORD = 512
LONGEST_SPELLING = 32
HTML_NAMES = {'"': "quot", "&": "amp", "'": "apos", "<": "lt", ">": "gt"}
# An `@` after a port and a slash belongs to the path.
# Runs are bounded here and below: a search must not take long in what a provider sends.
# An address may lack its scheme: that is a mistake to be told, with all that stands in it.
PASSWORD = re.compile(r"((?:^|://)[^/@\s:]{0,200}):(?!\d{0,5}/)\S{0,200}@")


def without_password(text: str) -> str:
    """A text with `***` for the password of any address in it."""
    return PASSWORD.sub(r"\1:***@", text)


def holds_key(text: str, key: str | None) -> bool:
    """Whether the key stands in a text, plain or as JSON, URLs or HTML escape it."""
    return bool(key and _pattern(key).search(text))


def without_secrets(text: str, key: str | None) -> str:
    """A text with `[LLM_API_KEY]` for the key, and without passwords."""
    return without_password(_pattern(key).sub(STAND_IN, text) if key else text)


def excerpt(text: str, key: str | None, length: int = MOST_SHOWN) -> str:
    """The beginning of a text without secrets: about `length` characters, and `…` if it goes on.

    What is read is bounded as well. No secret is cut in two: its end would be known no more.
    """
    margin = LONGEST_PASSWORD + LONGEST_SPELLING * len(key or "")
    if len(text) <= length + margin:
        shown = without_secrets(text, key)
        return shown if len(shown) <= length else _cut(shown, length)
    text = text[: length + margin]
    patterns = (_pattern(key), PASSWORD) if key else (PASSWORD,)
    spans = [match.span() for pattern in patterns for match in pattern.finditer(text)]
    end = length
    for start, stop in sorted(spans, reverse=True):
        if start < end < stop:
            end = start
    return _cut(without_secrets(text[:end], key), length)


def _cut(text: str, length: int) -> str:
    return f"{text[:length]}…"


class Rewriting:
    """Takes the secrets out of exceptions, in place. `kept` is left as it is."""

    def __init__(self, key: str | None, kept: BaseException | None) -> None:
        self._key = key
        self._done: dict[int, BaseException | None] = {id(kept): kept}

    def rewritten(self, error: BaseException | None) -> BaseException | None:
        """An exception and what it was raised from, without secrets; None if it shows one still."""
        if error is None or id(error) in self._done:
            return self._done.get(id(error))
        self._done[id(error)] = error
        error.args = self._plain(error.args)
        attributes = getattr(error, "__dict__", {})
        attributes.update(self._plain(attributes))
        # Setting a cause hides the context.
        hidden = error.__suppress_context__
        error.__cause__ = self.rewritten(error.__cause__)
        error.__context__ = self.rewritten(error.__context__)
        error.__suppress_context__ = hidden
        if self._shows_a_secret(error):
            self._done[id(error)] = None
        return self._done[id(error)]

    def _shows_a_secret(self, error: BaseException) -> bool:
        """Whether it does still, or cannot be shown at all without what was taken out of it.

        pydantic's errors, and those of encodings, hold their input where nothing can be written.
        """
        try:
            shown = f"{error} {error!r} {getattr(error, 'object', '')!r}"
        except Exception:
            return True
        return without_secrets(shown, self._key) != shown

    def _plain(self, value: Any) -> Any:
        """A value without secrets; None for what is no plain data, as a request is none."""
        if isinstance(value, str):
            return excerpt(value, self._key)
        if isinstance(value, bytes):
            return excerpt(value.decode("latin-1"), self._key).encode("latin-1", "replace")
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


@functools.lru_cache(maxsize=16)
def _pattern(key: str) -> re.Pattern[str]:
    """What matches a key, in capitals or not: a host name has none."""
    spelt = "".join(_spellings(character, len(list(run))) for character, run in groupby(key))
    whole = spelt if len(key) >= LEAST_ANYWHERE else rf"(?<![\w-]){spelt}(?![\w-])"
    return re.compile(whole, re.IGNORECASE)


def _spellings(character: str, times: int) -> str:
    """What matches a character that stands a number of times in a row, escaped once or more."""
    code = ord(character)
    ways = [
        rf"%(?:25){{0,4}}{code:02x}",
        rf"\\{{1,8}}(?:u00|x){code:02x}",
        rf"&(?:amp;){{0,4}}#(?:0{{0,4}}{code}|x0{{0,4}}{code:x});",
    ]
    if character in HTML_NAMES:
        ways.append(f"&(?:amp;){{0,4}}{HTML_NAMES[character]};")
    if character == " ":
        ways.append(r"\+")
    if character == "\\":
        # Each escape doubles them.
        return rf"(?:\\|{'|'.join(ways)}){{{times},{8 * times}}}"
    return rf"(?:\\{{0,8}}{re.escape(character)}|{'|'.join(ways)}){{{times}}}"
