"""Spellings of a secret: escaped, coded, and with gaps between its letters."""

from __future__ import annotations

import base64
import bisect
import functools
import itertools
import json
import re
import string
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from urllib.parse import quote

from llmdocs.redaction.credentials import LEAST_CHARACTERS

# A shorter key, such as `none` at a server that asks for none, is part of many a word: it is taken
# out only where it is a word of its own, so that it does not garble every message.
LEAST_ANYWHERE = LEAST_CHARACTERS
# A longer one is a document, such as a service account's: its escaped forms would take seconds to
# compile, and its private key has a shape of its own.
LONGEST = 2_000
LONGEST_SPELLING = 32
HTML_NAMES = {'"': "quot", "&": "amp", "'": "apos", "<": "lt", ">": "gt"}
LETTERS_AND_DIGITS = re.compile("[A-Za-z0-9]+")
# A letter or digit that is escaped, as `_spellings` has it; few texts hold one.
CODE = "(?:3[0-9]|[46][1-9a-fA-F]|[57][0-9aA])"
_LEAD = r"%(?:25){0,4}|\\{1,8}(?:u00|x|U000000|u\{0{0,6})|&(?:amp;){0,4}#x0{0,4}"
_HEXADECIMAL = f"(?:{_LEAD})({CODE})"
_OCTAL = r"\\{1,8}0?(0[67][0-7]|1[0-7][0-7])"
_DECIMAL = r"&(?:amp;){0,4}#0{0,4}([4-9][0-9]|1[0-2][0-9])"
ESCAPED = re.compile(rf"(?:{_HEXADECIMAL}|{_OCTAL}|{_DECIMAL})[;}}]?")
# What may stand between the parts of a secret: the breaks of a wrapped line, those that are escaped
# (a key may hold a backslash before such a letter), and whatever separates the letters or the codes
# of a list or a dump.
BREAK = re.compile(r"[\s\\]+")
ESCAPED_BREAK = re.compile(r"(?:\s|\\{1,8}[nrt]|\\)+")
SEPARATOR = re.compile(
    r"(?:\\{1,8}(?:[nrtxo]|u00(?:0[9ad]|20))|<br */?>|%(?:25){0,4}(?:0[9ad]|20)|&#x?|"
    r"(?<![A-Za-z0-9])0[xbo]|[^A-Za-z0-9])+",
    re.IGNORECASE,
)
GAPS = (BREAK, ESCAPED_BREAK, SEPARATOR)
# Letters and digits that are sure to be no words, whatever stands between them.
LEAST_MIXED = 12
# An environment may hold hundreds of secrets, and each is looked for in each text.
MOST_KEPT = 4_096
# As long as the environment stays the same, so do they.
MOST_SETS_KEPT = 8
# How lists and dumps write a byte.
LISTED = ("d", "02x", "03o", "08b")
SMALL_LETTERS = {ord(letter): letter.lower() for letter in string.ascii_uppercase}
URL_SAFE = str.maketrans("+/", "-_")


def places_of(part: str, text: str) -> Iterator[int]:
    start = text.find(part)
    while start >= 0:
        yield start
        start = text.find(part, start + len(part))


class JoinedText:
    """A text without gaps, in small letters: `text`."""

    def __init__(self, gap: re.Pattern[str], text: str) -> None:
        self._gap = gap
        self._with_gaps = text
        # `casefold` would make it longer.
        self.text = gap.sub("", text).translate(SMALL_LETTERS)

    def place(self, index: int) -> int:
        """Where a letter of it stands in the text with gaps."""
        begins, places = self._pieces
        piece = bisect.bisect_right(places, index) - 1
        return begins[piece] + index - places[piece]

    @functools.cached_property
    def _pieces(self) -> tuple[list[int], list[int]]:
        """Where each piece between gaps begins, with them and without: next to no text needs it."""
        spans = [match.span() for match in self._gap.finditer(self._with_gaps)]
        begins = [0, *(end for _, end in spans)]
        lengths = (start - begin for begin, (start, _) in zip(begins, spans, strict=False))
        return begins, [0, *itertools.accumulate(lengths)]


class Looks:
    """How many secrets look in a text: all are looked for at once, and next to none is there."""

    def __init__(self, looks: Iterable[tuple[str, str]]) -> None:
        """`looks` are each with its secret."""
        self._all = [*looks]
        self._short = [item for item in self._all if len(item[0]) < LEAST_ANYWHERE]
        self._by_head: dict[str, list[tuple[str, str]]] = {}
        for item in self._all:
            self._by_head.setdefault(item[0][:LEAST_ANYWHERE], []).append(item)

    def within(self, text: str) -> list[tuple[str, str]]:
        """Those that stand in a text, each with its secret."""
        likely = self._all
        # A text has fewer places than hundreds of secrets have looks.
        if len(self._all) > len(text):
            last = len(text) - LEAST_ANYWHERE
            heads = {text[start : start + LEAST_ANYWHERE] for start in range(last + 1)}
            likely = [*self._short]
            for head in self._by_head.keys() & heads:
                likely += self._by_head[head]
        return [item for item in likely if item[0] in text]


def unescaped(match: re.Match[str]) -> str:
    hexadecimal, octal, decimal = match.groups()
    if hexadecimal:
        return chr(int(hexadecimal, 16))
    return chr(int(octal, 8) if octal else int(decimal))


@functools.lru_cache(maxsize=MOST_SETS_KEPT)
def parts(secrets: tuple[str, ...]) -> Looks:
    """Parts of secrets: of each, one stands in every text that holds it, once unescaped."""
    return Looks((part, secret) for secret in secrets for part in _parts(secret))


@functools.lru_cache(maxsize=MOST_KEPT)
def _parts(secret: str) -> list[str]:
    return [_longest_run(secret), *_coded(secret)]


def _longest_run(secret: str) -> str:
    """The letters and digits of a secret that stand as they are in a text that escapes none."""
    return max(LETTERS_AND_DIGITS.findall(secret), key=len, default="").casefold()


@functools.lru_cache(maxsize=256)
def pattern(key: str) -> re.Pattern[str]:
    """What matches a key, in capitals or not: a host name has none."""
    if len(key) > LONGEST:
        ways = [key, json.dumps(key)[1:-1], repr(key)[1:-1], quote(key, safe=""), *_coded(key)]
        return re.compile("|".join(map(re.escape, ways)), re.IGNORECASE)
    runs = [(character, len(list(run))) for character, run in groupby(key)]
    previous = ["", *(character for character, _ in runs)]
    spelt = "".join(_spellings(*run, before) for run, before in zip(runs, previous, strict=False))
    whole = spelt if len(key) >= LEAST_ANYWHERE else rf"(?<![\w-]){spelt}(?![\w-])"
    return re.compile("|".join([whole, *map(re.escape, _coded(key))]), re.IGNORECASE)


def _coded(key: str) -> list[str]:
    """A key in hexadecimal digits and in base64, in small letters; none for a short one."""
    if len(key) < LEAST_ANYWHERE:
        return []
    written = key.encode("utf-8", "replace")
    coded = [written.hex()]
    for whole in _in_base(base64.b64encode, 6, 3, written):
        coded += [whole, whole.translate(URL_SAFE)]
    return list(dict.fromkeys(text.casefold() for text in coded))


def _in_base(
    encode: Callable[[bytes], bytes], bits: int, together: int, written: bytes
) -> Iterator[str]:
    """What each place among the bytes that are coded together makes of some; a letter has `bits`.

    The letters that tell of what stands before or after too are left out.
    """
    for moved in range(together):
        size = (moved + len(written)) * 8
        yield encode(bytes(moved) + written).decode()[-(-moved * 8 // bits) : size // bits]


@functools.lru_cache(maxsize=3 * MOST_SETS_KEPT)
def without_gaps(gap: re.Pattern[str], secrets: tuple[str, ...]) -> Looks:
    """How secrets look in a text without gaps, in small letters: themselves, and in codes."""
    return Looks((look, secret) for secret in secrets for look in _without_gaps(gap, secret))


@functools.lru_cache(maxsize=3 * MOST_KEPT)
def _without_gaps(gap: re.Pattern[str], secret: str) -> list[str]:
    """How one looks. A word is left alone that two words of a sentence may make."""
    looks = [] if secret.replace(" ", "").isalpha() else [gap.sub("", secret)]
    if gap is SEPARATOR and len(secret) >= LEAST_ANYWHERE:
        if len(looks and looks[0]) < LEAST_MIXED or not re.search("[0-9]", looks[0]):
            looks = []
        written = secret.encode("utf-8", "replace")
        coded = ["".join(format(byte, form) for byte in written) for form in LISTED]
        coded += _in_base(base64.b64encode, 6, 3, written)
        coded += _in_base(base64.b32encode, 5, 5, written)
        looks += [gap.sub("", code) for code in coded]
    return [look.translate(SMALL_LETTERS) for look in looks if len(look) >= LEAST_ANYWHERE]


def _spellings(character: str, times: int, before: str) -> str:
    """What matches a character that stands a number of times in a row, escaped once or more.

    No two ways take the same backslashes: of `before`, the one before it, they are all its own.
    """
    code = ord(character)
    lead = r"\\{0,8}+" if before == "\\" else r"\\{1,8}+"
    ways = [
        rf"%(?:25){{0,4}}{code:02x}",
        rf"{lead}(?:(?:u00|x|U000000){code:02x}|u\{{0{{0,6}}{code:x}\}}|0?{code:03o})",
        rf"&(?:amp;){{0,4}}#(?:0{{0,4}}{code}|x0{{0,4}}{code:x});",
    ]
    if character in HTML_NAMES:
        ways.append(f"&(?:amp;){{0,4}}{HTML_NAMES[character]};")
    if character == " ":
        ways.append(r"\+")
    if character == "\\":
        # Each escape doubles them.
        return rf"(?:{'|'.join(ways)}|\\){{{times},{8 * times}}}+"
    return rf"(?:\\{{0,8}}+{re.escape(character)}|{'|'.join(ways)}){{{times}}}"
