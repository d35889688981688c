"""Addresses as they may be shown: scheme, host, port and path, and `***` for what may be secret.

RFC 3986, section 3: `scheme://userinfo@host:port/path?query#fragment`. A token may stand in the
userinfo, as a user's name alone too, in a query's value, in the fragment or, between two slashes,
in the path of a gateway. An address may be broken or lack its scheme: that is a mistake to be
reported, with all that stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote, urlsplit

HIDDEN = "***"
# JSON may escape a slash.
SCHEME_END = re.compile(r":(?:\\{0,8}/){2}")
SCHEME = re.compile(r"[A-Za-z0-9+.-]{0,30}\Z")
# A scheme that is not whole, or none: `http:/host`, `https;//host`, `//host`, `https:host`.
BROKEN_SCHEME = re.compile(r"\s{0,100}(?:(?:https?[:;]?)?/{1,8}|https?:(?!\d))?", re.IGNORECASE)
# A host and a port that need no second look: an `@` after them belongs to the path.
HOST = re.compile(r"(?:[\w.*-]{0,300}|\[[^\]@/]{0,100}\])(?::\d{0,5})?(?=\\{0,8}[/?#]|[\"<>\\]|$)")
AUTHORITY = re.compile(r"(?:[^/?#\"<>\\]|\\(?!\\{0,8}[/\"nrt]))*")
# What ends an address within a text; a backslash escapes a quotation mark or a line end there.
ADDRESS = re.compile(r"(?:[^\"<>`\\]|\\{1,8}/)*")
NUMBER = re.compile(r"\d{1,10}|\d{4}-\d{2}-\d{2}(?:-preview)?")
PARAMETER = re.compile(r"(?P<name>[^=&]*=)?(?P<value>[^&]*)")
# What ends a sentence, a quotation or a bracket.
PUNCTUATION = "'\"),.;:!?]}>"
WORD = re.compile(r"\S+")
# What may stand before an address that lacks its scheme: the name of a variable, a bracket.
BEFORE = re.compile(r"(?:[A-Z][A-Z0-9_]{0,60}=)?[\"'`(\[{<]{0,8}")
HOST_AND_PATH = re.compile(r"[\w.-]{1,300}(?::\d{1,5}(?!\d)|\\{0,8}/)")
# The names of parameters whose value is a credential; `api-version` is none.
SECRET_PARAMETER = re.compile("key|token|secret|passw|credential|code|sig|auth", re.IGNORECASE)
# What stands in a path for a token: it says so and has a digit, or is letters of both cases and
# digits without an order. A model's name has dashes, points or few digits.
TOKEN = re.compile(
    r"(?=[A-Za-z_.~-]{0,80}\d)(?:sk|pk|tok|token)[-_][\w.~-]{12,}|"
    r"(?=(?:[A-Za-z]{0,30}\d){4})(?=[a-z0-9]{0,60}[A-Z])(?=[A-Z0-9]{0,60}[a-z])[A-Za-z0-9]{24,}"
)
# What ends a part of a path: RFC 3986, section 3.3, has `;name=value` within a segment.
PART_END = re.compile(r"([/;\s])")
# What stands for a secret that has been taken out: the name of its variable.
NAMED = re.compile(r"\[[A-Z][A-Z0-9_]{0,60}\]")
# An account's number may look so too, and is not shown either.
HEXADECIMAL = re.compile(r"[0-9a-f]{32,}")
RELATIVE_QUERY = re.compile(r"(?<=[?&])([\w.\[\]-]{1,100}=)([^\s&#\"<>\\]+)")


def shown_address(address: str) -> str:
    """A value that is an address, whatever stands in it, with `***` for what may be secret."""
    scheme = SCHEME_END.search(address)
    start = scheme.end() if scheme else _end(BROKEN_SCHEME.match(address))
    return without_address_secrets(address[:start]) + _shown(address[start:])


def without_address_secrets(text: str) -> str:
    """A text with `***` for what may be secret in any address in it."""
    if not any(mark in text for mark in "@?#"):
        return text
    return WORD.sub(lambda word: _word(word[0]), text)


def secrets_of(address: str) -> Iterator[str]:
    """The credentials that an address holds, as they stand in it and without its escapes."""
    with suppress(ValueError):
        parts = urlsplit(address)
        user, colon, password = parts.netloc.rpartition("@")[0].partition(":")
        # A name beside a password is none, such as `user`.
        values = [password if colon else user]
        for parameter in parts.query.split("&"):
            name, _, value = parameter.partition("=")
            values += [value] if SECRET_PARAMETER.search(name) else []
        for part in PART_END.split(parts.path):
            name, value = _named(part)
            is_secret = SECRET_PARAMETER.search(name) or TOKEN.fullmatch(value.rstrip("="))
            values += [value] if is_secret else []
        for value in filter(None, values):
            yield from {value, unquote(value)}


def _word(word: str) -> str:
    """What stands between white space: addresses with a scheme, or one that lacks it."""
    scheme = SCHEME_END.search(word)
    if not scheme:
        return _without_scheme(word)
    last_at, shown, start = word.rfind("@"), [], 0
    while scheme:
        end = _end_of_address(word, scheme.end(), last_at)
        shown += [word[start : scheme.end()], _shown(word[scheme.end() : end])]
        start, scheme = end, SCHEME_END.search(word, end)
    return "".join([*shown, word[start:]])


def _end_of_address(word: str, start: int, last_at: int) -> int:
    """Where what follows a scheme ends: before the next one, unless that is a part of this.

    Each character is looked at a bounded number of times: a word may be long.
    """
    following = SCHEME_END.search(word, start)
    near = following.start() if following else len(word)
    authority = _end(AUTHORITY.match(word, start, near))
    if last_at > start and not HOST.match(word, start) and "@" not in word[start:authority]:
        # A password that holds what would end it.
        return _end(ADDRESS.match(word, last_at + 1))
    end = _end(ADDRESS.match(word, start, near))
    if end < near or not following:
        return end
    if "?" in word[start:near] or "#" in word[start:near]:
        return _end(ADDRESS.match(word, start))
    scheme = SCHEME.search(word, max(start, near - 31), near)
    return scheme.start() if scheme else near


def _shown(rest: str) -> str:
    """What follows `://`, without its secrets. An `@` before the path ends the userinfo."""
    authority = _found(AUTHORITY, rest)
    user = 0
    if "@" in authority:
        path = re.split(r"[?#]", rest[len(authority) :], maxsplit=1)[0]
        user = (authority + path).rindex("@") + 1
    elif "@" in rest and not HOST.match(rest):
        user = rest.rindex("@") + 1
    before, fragment_mark, fragment = rest[user:].partition("#")
    place, query_mark, query = before.partition("?")
    return (
        (f"{HIDDEN}@" if user else "")
        + "".join(map(_part, PART_END.split(place)))
        + (query_mark and f"?{_query(query)}")
        + (fragment_mark and f"#{_value(fragment)}")
    )


def _part(part: str) -> str:
    """A part of a path, unless it is like a token, or its name says that it is secret."""
    name, value = _named(part)
    if SECRET_PARAMETER.search(name):
        return f"{name}{_value(value, name)}"
    bare = value.rstrip(f"{PUNCTUATION}=")
    is_token = TOKEN.fullmatch(bare) or HEXADECIMAL.fullmatch(bare)
    return f"{name}{HIDDEN}{value[len(bare) :]}" if is_token else part


def _named(part: str) -> tuple[str, str]:
    """The name of a part of a path, with its `=`, and the value. Base64 may end in that too."""
    name, equals, value = part.partition("=")
    return (f"{name}{equals}", value) if value.strip("=") else ("", part)


def _query(query: str) -> str:
    """The names of a query's parameters stay; one without a value may be a token."""
    return "&".join(
        f"{parameter['name'] or ''}{_value(parameter['value'], parameter['name'] or '')}"
        for parameter in map(PARAMETER.match, query.split("&"))
        if parameter
    )


def _value(value: str, name: str = "") -> str:
    """`***` for a value, and the punctuation that follows it in a sentence.

    A number, a date or a version such as `2024-12-01-preview` is shown, unless it is named as a
    secret: a provider's link needs it.
    """
    if NAMED.fullmatch(value):
        return value
    bare = value.rstrip(PUNCTUATION)
    if name and NUMBER.fullmatch(bare) and not SECRET_PARAMETER.search(name):
        return value
    return f"{HIDDEN}{value[len(bare) :]}" if bare else value


def _without_scheme(word: str) -> str:
    word = RELATIVE_QUERY.sub(lambda match: match[1] + _value(match[2], match[1]), word)
    user, at, place = word.rpartition("@")
    if not at:
        return word
    start = _end(BEFORE.match(user))
    start += _end(BROKEN_SCHEME.match(user[start:]))
    name = user[start:]
    is_user = ":" in name or ("/" not in name and HOST_AND_PATH.match(place))
    if not name or not is_user or name.startswith("mailto:"):
        return word
    return f"{user[:start]}{HIDDEN}@{place}"


def _end(match: re.Match[str] | None) -> int:
    return match.end() if match else 0


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.match(text)
    return match[0] if match else ""
