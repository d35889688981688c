"""Credentials that no text may hold: by value, by shape, and in addresses."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from llmdocs.redaction.addresses import HIDDEN, secrets_of, shown_address, without_address_secrets
from llmdocs.redaction.credentials import STAND_INS, credentials_in
from llmdocs.redaction.key_shapes import SHAPE, is_like_a_key, shown_value, without_keys_by_shape
from llmdocs.redaction.spellings import (
    ESCAPED,
    GAPS,
    LEAST_ANYWHERE,
    LONGEST_SPELLING,
    JoinedText,
    parts,
    pattern,
    places_of,
    unescaped,
    without_gaps,
)

KEY = "LLM_API_KEY"
ADDRESS = "LLM_BASE_URL"
# What a message of ours shows of a provider's text, in characters.
MOST_SHOWN = 2_000
# What is read beyond that, so that a secret which begins before it is seen whole: a token has
# thousands of characters, and each of a key's has up to 32 in all its spellings.
MARGIN = 16_000
# What is searched for controls at most: longer than all that is read, were each letter of it
# followed by escaped zeros.
MOST_READ = 1_000_000
# What no address goes beyond, and what one with a secret has.
STRETCH = re.compile(r"[^\s\"<>]+")
MARKS = re.compile("[@?#]")
# A terminal obeys some of them. A text in UTF-16 or UTF-32 that is taken for another has zeros
# between its letters, or `\\x00` where its bytes are shown.
# What is invisible may stand between letters too.
_BYTE = "(?:0[0-8bcef]|1[0-9a-f]|7f|[89][0-9a-f]|ad)"
_UNSEEN = f"(?:00{_BYTE}|200[b-f]|202[a-e]|206[0-9]|feff)"
# A capital U has eight digits.
_ESCAPE = rf"\\{{1,8}}(?:x{_BYTE}|(?-i:u){_UNSEEN}|(?-i:U)0000{_UNSEEN})"
_CONTROLS = (
    r"\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f"
)
CONTROLS = re.compile(
    rf"(?:\x1b|\\{{1,8}}(?:x|u00)1b)(?:\[[0-9;]{{0,20}}[a-z]|\][^\x07\x1b]{{0,80}}\x07)|"
    rf"[{_CONTROLS}]|{_ESCAPE}",
    re.IGNORECASE,
)
# What each begins with: most texts hold none.
CONTROL_START = re.compile(rf"[{_CONTROLS}\\]")
PROXY = re.compile("_proxy\\Z", re.IGNORECASE)
WEB_ADDRESS = re.compile(r"https?://\S+")


class Redaction:
    """What may not be shown, and what is shown in its place.

    A secret whose value is known becomes the name of its variable, `[LLM_API_KEY]`; what has a
    key's shape `[redacted]`; and the userinfo, the query's values and the fragment of an address
    `***`. To take them out of what is shown already changes nothing.
    """

    def __init__(self, key: str | None, others: Mapping[str, str] | None = None) -> None:
        """`others` are further secrets, each with the name of the variable that holds it."""
        named = {key: KEY} if key else {}
        named = {text: name for text, name in named.items() if text.lower() not in STAND_INS}
        others = {
            value: name
            for value, name in (others or {}).items()
            if value != key and value.lower() not in STAND_INS
        }
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
        found += [pattern(value).finditer(text) for value in self._likely_in(text)]
        spans = [match.span() for matches in found for match in matches]
        spans += [span[:2] for gap in GAPS for span in self._across(gap, text)]
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
            text = pattern(value).sub(f"[{self._names[value]}]", text)
        for gap in GAPS:
            for start, end, value in sorted(self._across(gap, text), reverse=True):
                text = f"{text[:start]}[{self._names[value]}]{text[end:]}"
        return text

    def _across(self, gap: re.Pattern[str], text: str) -> Iterator[tuple[int, int, str]]:
        """Where a secret stands in a text, plain or coded, with gaps in it; no two overlap."""
        joined = JoinedText(gap, text)
        found = [
            (start, start + len(look), value)
            for look, value in without_gaps(gap, self._long).within(joined.text)
            for start in places_of(look, joined.text)
        ]
        taken = 0
        for start, end, value in sorted(found):
            if start >= taken:
                taken = end
                yield joined.place(start), joined.place(end - 1) + 1, value

    @cached_property
    def _long(self) -> tuple[str, ...]:
        return tuple(self.long_values())

    def _likely_in(self, text: str) -> list[str]:
        """The secrets that may stand in a text, by a quick look: there may be many of both."""
        read = f"{text} {ESCAPED.sub(unescaped, text)}".casefold()
        likely = {value for _, value in parts(tuple(self._names)).within(read)}
        return [value for value in self._names if value in likely]


def without_controls(text: str) -> str:
    """A text without controls and invisible letters, and without those that their end uncovers."""
    for _ in range(3):
        if not CONTROL_START.search(text):
            break
        before, text = text, CONTROLS.sub("", text)
        if text == before:
            break
    return text


def holds_key(text: str, key: str | None) -> bool:
    """Whether the key stands in a text, plain, escaped or coded."""
    return bool(key and key.lower() not in STAND_INS and pattern(key).search(text))


def without_secrets(text: str, key: str | None = None) -> str:
    """A text without the key, the environment's credentials and the secrets of addresses."""
    return Redaction.in_force(key).text(text)


def _without_credentials(address: re.Match[str]) -> str:
    shown = address[0]
    for secret in {*secrets_of(shown)}:
        shown = shown.replace(secret, HIDDEN)
    return shown
