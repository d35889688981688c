"""Checks of values that something on their way has damaged: quotes, comments, line ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from llmdocs.doctor.environment import Configuration
from llmdocs.doctor.findings import Finding, section
from llmdocs.redaction.credentials import STAND_INS
from llmdocs.redaction.key_shapes import QUOTES_AND_SPACES
from llmdocs.settings.messages import place, without_remark
from llmdocs.settings.variables import VARIABLES

# What an example file has behind a value: `azure/my-gpt # Options: openai`, `"openai/m" -- or …`.
QUOTED = re.compile(r"""(["'])(?P<value>[^"']+)\1\s+\S.*""", re.DOTALL)
ASSIGNMENT = re.compile(r"""(?:export\s+)?LLM_[A-Z_]+\s*=\s*(?P<value>.+)""", re.DOTALL)
# What stands before a key in a header, or in a file.
BEFORE_A_KEY = re.compile(r"\s*(?:(?P<bearer>Bearer\s+)|(?:export\s+)?[A-Z][A-Z0-9_]*_KEY\s*=\s*)")
# What nothing has replaced, and a scheme before a whole address.
UNREPLACED = re.compile(r"\$\{[^{}]{1,200}\}|\{\{[^{}]{1,200}\}\}|\A\$[A-Z][A-Z0-9_]*\Z")
PLACEHOLDER = re.compile(r"<[^<>]{1,200}>")
TWICE = re.compile(r"https?://(?=https?://)", re.IGNORECASE)


class Damage(NamedTuple):
    """What is wrong with a value, where that comes from, and the value as it should stand."""

    what: str
    origin: str
    value: str


def damaged_values(configuration: Configuration) -> Iterator[Finding]:
    for variable, found in configuration.chosen.items():
        judged = variable not in configuration.own and isinstance(found.value, str)
        damage = _damage_of(found.value) if judged else None
        secret = VARIABLES[variable].secret
        if secret and isinstance(found.value, str):
            damage = _damage_of_key(found.value) or damage
        # `none` is what people write for a key where none is asked for.
        if not damage or (secret and found.value.strip().lower() in STAND_INS):
            continue
        # What was written behind a value for oneself may be anything: a password too.
        told = without_remark(found.value)
        value = "" if secret else f", {configuration.shown(told, variable)},"
        otherwise = "Write only the value." if damage.value else "Set it to a value, or remove it."
        fix, remedy = configuration.fix(variable, damage.value, otherwise)
        yield Finding(
            "quotes",
            f"{place(found)}{variable}{value} {damage.what}.",
            damage.origin,
            fix,
            remedy,
            section("quotes"),
        )


def _damage_of(value: str) -> Damage | None:
    """What is wrong with a value; its parts may be damaged too, and the whole is put right."""
    if value.lstrip().startswith("#"):
        return Damage(
            "is a comment",
            "Docker's --env-file and older versions of Compose read everything after NAME= as the "
            "value. Write comments on lines of their own.",
            "",
        )
    if UNREPLACED.search(value):
        return Damage(
            "contains the name of another variable instead of its value",
            "The reference was not expanded: Docker's --env-file does not expand references, nor "
            "does a shell within ' quotes.",
            "",
        )
    if value.strip().lower() in ("null", "none", "undefined", "nil"):
        return Damage(
            f"is the word {value.strip()}",
            "A program or a template wrote this word in place of a missing value.",
            "",
        )
    if PLACEHOLDER.fullmatch(value.strip(QUOTES_AND_SPACES)):
        return Damage(
            "is a placeholder",
            "In an example, replace everything between < and >, including the brackets.",
            "",
        )
    if twice := TWICE.match(value.strip(QUOTES_AND_SPACES)):
        return Damage(
            "has two schemes",
            "The address already begins with http:// or https://, and another was put before it.",
            _bare(value)[twice.end() :],
        )
    if assigned := ASSIGNMENT.fullmatch(value.strip(QUOTES_AND_SPACES)):
        return Damage(
            "has the name of a variable before it",
            "The whole line NAME=value was used as the value.",
            _bare(assigned["value"]),
        )
    bare = _bare(value)
    if bare != value.strip(QUOTES_AND_SPACES):
        return Damage(
            "has a comment after it",
            "The comment is sent as part of the value. Docker's --env-file keeps everything after "
            "the =; shells and python-dotenv remove comments.",
            bare,
        )
    if bare == value:
        return None
    if value.rstrip("\r\n") == bare:
        return Damage(
            "ends with a line break",
            "Files with Windows line endings leave one, and so do secrets created with `echo`; "
            "`printf` adds none. A header cannot contain a line break.",
            bare,
        )
    return Damage(
        "has quotes or spaces around its value",
        "They are sent as part of the value. A shell removes them; Docker's --env-file, the list "
        "syntax of Compose and `set` in Windows do not.",
        bare,
    )


def _damage_of_key(value: str) -> Damage | None:
    """A key with what stands before it in a header, or in a file."""
    before = BEFORE_A_KEY.match(value)
    if not before:
        return None
    return Damage(
        f"has {'Bearer' if before['bearer'] else 'the name of a variable'} before it",
        "The client adds everything else that the header needs.",
        _bare(value[before.end() :]),
    )


def _bare(value: str) -> str:
    """A value without quotes, spaces, line ends and remarks."""
    value = value.strip()
    if quoted := QUOTED.fullmatch(value):
        value = quoted["value"]
    return without_remark(value).strip(QUOTES_AND_SPACES)
