"""Credentials that no text may hold: by value, by shape, and in addresses."""

from __future__ import annotations

import base64
import functools
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import groupby
from types import GetSetDescriptorType, MemberDescriptorType
from typing import Any

from llmdocs.address_redaction import HIDDEN, secrets_of, shown_address, without_address_secrets
from llmdocs.credentials import LEAST_CHARACTERS, credentials_in
from llmdocs.key_shapes import SHAPE, is_like_a_key, shown_value, without_keys_by_shape

KEY = "LLM_API_KEY"
ADDRESS = "LLM_BASE_URL"
# A shorter key, such as `none` at a server that asks for none, is part of many a word: it is taken
# out only where it is a word of its own, so that it does not garble every message.
LEAST_ANYWHERE = LEAST_CHARACTERS
# A longer one is a document, such as a service account's: its escaped forms would take seconds to
# compile, and its private key has a shape of its own.
LONGEST = 2_000
# What a message of ours shows of a provider's text, in characters.
MOST_SHOWN = 2_000
# What is read beyond that, so that a secret which begins before it is seen whole: a token has
# thousands of characters, and each of a key's has up to 32 in all its spellings.
MARGIN = 16_000
LONGEST_SPELLING = 32
# What is searched for controls at most: longer than all that is read, were each letter of it
# followed by escaped zeros.
MOST_READ = 1_000_000
HTML_NAMES = {'"': "quot", "&": "amp", "'": "apos", "<": "lt", ">": "gt"}
LETTERS_AND_DIGITS = re.compile("[A-Za-z0-9]+")
# A letter or digit that is escaped, as `_spellings` has it; few texts hold one.
CODE = "(?:3[0-9]|[46][1-9a-fA-F]|[57][0-9aA])"
# What no address goes beyond, and what one with a secret has.
STRETCH = re.compile(r"[^\s\"<>]+")
MARKS = re.compile("[@?#]")
ESCAPED = re.compile(rf"%(?:25){{0,4}}{CODE}|\\(?:u00|x){CODE}|&(?:amp;){{0,4}}#")
# A terminal obeys some of them. A text in UTF-16 or UTF-32 that is taken for another has zeros
# between its letters, or `\\x00` where its bytes are shown.
# What is invisible may stand between letters too.
_BYTE = "(?:0[0-8bcef]|1[0-9a-f]|7f|[89][0-9a-f]|ad)"
_ESCAPE = rf"\\{{1,8}}(?:x{_BYTE}|u(?:00{_BYTE}|200[b-f]|202[a-e]|206[0-4]|feff))"
CONTROLS = re.compile(
    rf"(?:\x1b|\\{{1,8}}(?:x|u00)1b)\[[0-9;]{{0,20}}[a-z]|[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad]|"
    rf"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]|{_ESCAPE}",
    re.IGNORECASE,
)
PROXY = re.compile("_proxy\\Z", re.IGNORECASE)
WEB_ADDRESS = re.compile(r"https?://\S+")
URL_SAFE = str.maketrans("+/", "-_")


class Redaction:
    """What may not be shown, and what is shown in its place.

    A secret whose value is known becomes the name of its variable, `[LLM_API_KEY]`; what has a
    key's shape `[redacted]`; and the userinfo, the query's values and the fragment of an address
    `***`. To take them out of what is shown already changes nothing.
    """

    def __init__(self, key: str | None, others: Mapping[str, str] | None = None) -> None:
        """`others` are further secrets, each with the name of the variable that holds it."""
        named = {key: KEY} if key else {}
        others = {value: name for value, name in (others or {}).items() if value != key}
        # One may be a part of another.
        self._names = named | dict(sorted(others.items(), key=lambda item: -len(item[0])))

    @classmethod
    def in_force(
        cls,
        key: str | None,
        address: str | None = None,
        variables: Iterable[Mapping[str, str]] = (),
    ) -> Redaction:
        """The key, the secrets of an address, and every credential that the environment holds.

        Those of its proxies' addresses too: a proxy may echo them.

        `variables` are those that stand elsewhere, such as in an env file.
        """
        # A misspelt name of ours may hold a key itself: it is not to be shown in place of one.
        # Another thread may change the environment meanwhile.
        environment = {
            name: os.environ.get(name, "")
            for name in list(os.environ)
            if not name.startswith("LLM_") or name == KEY
        }
        addresses = {name: it for name, it in environment.items() if PROXY.search(name)}
        addresses |= {ADDRESS: address} if address else {}
        others: dict[str, str] = {}
        for held in (*variables, environment):
            others = credentials_in(held) | others
        others = {value: name for value, name in others.items() if len(value) >= LEAST_ANYWHERE}
        # A password of a few letters is one still.
        for name, held_there in addresses.items():
            others |= dict.fromkeys(secrets_of(held_there), name)
        return cls(key, others)

    def without_short_values(self) -> Redaction:
        """The same, for sentences of ours: a key such as `ollama` stands in them by chance."""
        return Redaction(None, self.long_values())

    def long_values(self) -> dict[str, str]:
        """Each secret of `LEAST_ANYWHERE` characters or more, and the name of its variable."""
        return {item: name for item, name in self._names.items() if len(item) >= LEAST_ANYWHERE}

    def text(self, text: str) -> str:
        """A text without secrets."""
        plain = without_controls(text)
        shown = without_address_secrets(self._known(plain))
        return text if shown == plain else shown

    def log_message(self, text: str) -> str:
        """A text of a program's own log, which keeps all but what is sure to be a secret."""
        plain = without_controls(text)
        shown = self._known(WEB_ADDRESS.sub(_without_credentials, plain))
        return text if shown == plain else shown

    def value(self, variable: str, value: str) -> str:
        """A variable's whole value without secrets: it tells more than a text that holds it."""
        value = self._named(value)
        is_address = "://" in value or (variable == ADDRESS and not is_like_a_key(value))
        shown = shown_address(value) if is_address else shown_value(value)
        return without_address_secrets(without_keys_by_shape(shown))

    def excerpt(self, text: str, length: int = MOST_SHOWN) -> str:
        """The beginning of another's text: about `length` characters, `…` if it goes on.

        It holds no secret, and nothing that a terminal acts on. What is read is bounded as well. No
        secret is cut in two: its rest would be known no more.
        """
        text = without_controls(text[:MOST_READ])
        read = text[: length + MARGIN + LONGEST_SPELLING * len(next(iter(self._names), ""))]
        if len(read) == len(text):
            shown = self.text(text)
            return shown if len(shown) <= length else f"{shown[:length]}…"
        return f"{self.text(read[: self._end_outside_secrets(read, length)])[:length]}…"

    def _end_outside_secrets(self, text: str, length: int) -> int:
        """The last place up to `length` that is within no secret, and within no address."""
        found = [SHAPE.finditer(text)]
        found += [_pattern(value).finditer(text) for value in self._likely_in(text)]
        spans = [match.span() for matches in found for match in matches]
        spans += [match.span() for match in STRETCH.finditer(text) if MARKS.search(match[0])]
        for start, end in sorted(spans, reverse=True):
            if start < length < end:
                length = start
        return length

    def _known(self, text: str) -> str:
        return without_keys_by_shape(self._named(text))

    def _named(self, text: str) -> str:
        """A text with the name of its variable for each secret whose value is known."""
        for value in self._likely_in(text):
            text = _pattern(value).sub(f"[{self._names[value]}]", text)
        return text

    def _likely_in(self, text: str) -> list[str]:
        """The secrets that may stand in a text, by a quick look: there may be many of both."""
        folded, is_escaped = text.casefold(), bool(ESCAPED.search(text))
        return [
            value
            for value in self._names
            if is_escaped or any(part in folded for part in (_longest_run(value), *_coded(value)))
        ]


def without_controls(text: str) -> str:
    """A text without controls and invisible letters, and without those that their end uncovers."""
    for _ in range(3):
        before, text = text, CONTROLS.sub("", text)
        if text == before:
            break
    return text


def holds_key(text: str, key: str | None) -> bool:
    """Whether the key stands in a text, plain, escaped or coded."""
    return bool(key and _pattern(key).search(text))


def without_secrets(text: str, key: str | None = None) -> str:
    """A text without the key, the environment's credentials and the secrets of addresses."""
    return Redaction.in_force(key).text(text)


class Rewriting:
    """Takes the secrets out of exceptions, in place. `kept` is left as it is."""

    def __init__(self, redaction: Redaction, kept: BaseException | None) -> None:
        # The same words stand in many places of one error.
        self._shown = functools.cache(redaction.excerpt)
        self._text = redaction.text
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
            shown = " ".join([f"{error} {error!r}", *(repr(item) for _, item in _members(error))])
        except Exception:
            return True
        return self._text(shown) != shown

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


def _without_credentials(address: re.Match[str]) -> str:
    shown = address[0]
    for secret in {*secrets_of(shown)}:
        shown = shown.replace(secret, HIDDEN)
    return shown


def _members(error: BaseException) -> Iterator[tuple[str, Any]]:
    """What an exception keeps outside its dictionary, by name."""
    for kind in type(error).__mro__:
        for name, member in vars(kind).items():
            is_member = isinstance(member, MemberDescriptorType | GetSetDescriptorType)
            if is_member and not name.startswith("__"):
                with suppress(AttributeError):
                    yield name, getattr(error, name)


@functools.lru_cache(maxsize=256)
def _longest_run(secret: str) -> str:
    """The letters and digits of a secret that stand as they are in a text that escapes none."""
    return max(LETTERS_AND_DIGITS.findall(secret), key=len, default="").casefold()


@functools.lru_cache(maxsize=256)
def _pattern(key: str) -> re.Pattern[str]:
    """What matches a key, in capitals or not: a host name has none."""
    if len(key) > LONGEST:
        return re.compile(re.escape(key), re.IGNORECASE)
    spelt = "".join(_spellings(character, len(list(run))) for character, run in groupby(key))
    whole = spelt if len(key) >= LEAST_ANYWHERE else rf"(?<![\w-]){spelt}(?![\w-])"
    return re.compile("|".join([whole, *map(re.escape, _coded(key))]), re.IGNORECASE)


@functools.lru_cache(maxsize=256)
def _coded(key: str) -> list[str]:
    """A key in hexadecimal digits and in base64, in small letters; none for a short one.

    base64 codes three bytes together: what stands before the key moves it by none, one or two. The
    letters that tell of its neighbours too are left out.
    """
    if not LEAST_ANYWHERE <= len(key) <= LONGEST:
        return []
    written = key.encode("utf-8", "replace")
    coded = [written.hex()]
    for moved, first in ((0, 0), (1, 2), (2, 3)):
        before = bytes(moved) + written
        whole = base64.b64encode(before).decode()[first : len(before) * 8 // 6]
        coded += [whole, whole.translate(URL_SAFE)]
    return list(dict.fromkeys(text.casefold() for text in coded))


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
