"""Messages on settings: unknown names, values that do not fit, pairs that contradict."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from llmdocs.errors import SettingsError
from llmdocs.redaction.credentials import LIKE_A_SECRET
from llmdocs.redaction.secrets import Redaction, holds_key, without_secrets
from llmdocs.settings.sources import (
    PREFIX,
    TOO_LONG_A_NUMBER,
    SourcedValue,
    field_of,
    key_of,
    variable_of,
)
from llmdocs.settings.variables import LEAST_AND_MOST, VARIABLES
from llmdocs.suggestions import is_misspelling, nearest

SHOWN_CHARACTERS = 60
# What litellm, OpenAI's library and other programs call our settings, and no spelling leads to.
NAMES_ELSEWHERE = {
    "API_BASE": "LLM_BASE_URL",
    "API_BASE_URL": "LLM_BASE_URL",
    "API_URL": "LLM_BASE_URL",
    "BINDING_HOST": "LLM_BASE_URL",
    "ENDPOINT": "LLM_BASE_URL",
    "URL": "LLM_BASE_URL",
    "MODEL_ID": "LLM_MODEL",
    "MODEL_NAME": "LLM_MODEL",
    "MAX_RETRIES": "LLM_NUM_RETRIES",
}
# A comment after a value, as in example files and in notes to oneself.
REMARK = re.compile(r"(?<!\s)\s++(?:#|--\s|//\s).*", re.DOTALL)
LIST_HINT = "Run `llmdocs settings` to list the variables."


def unknown(found: SourcedValue) -> str:
    meant = nearest_to(found)
    hint = f" Did you mean {meant}?" if meant else ""
    return f"{place(found)}{written(found)} is not a setting.{hint} {LIST_HINT}"


def nearest_to(found: SourcedValue) -> str | None:
    """The setting that an unknown name is most like, written as that source writes settings.

    What looks like the name of a key is the key's or none: another setting would be printed.
    """
    meant = _nearest_to(found)
    if meant and LIKE_A_SECRET.search(found.written):
        return meant if VARIABLES[variable_of(field_of(meant.upper()))].secret else None
    return meant


def is_certain(found: SourcedValue, meant: str) -> bool:
    """Whether an unknown name can be no other setting's than the nearest."""
    bare = found.written.upper().removeprefix(PREFIX)
    return bare in NAMES_ELSEWHERE or is_misspelling(found.written, meant)


def _nearest_to(found: SourcedValue) -> str | None:
    named_as_variable = found.source != "argument" and "[llm]" not in found.source
    bare = found.written.upper().removeprefix(PREFIX)
    if bare in NAMES_ELSEWHERE:
        return NAMES_ELSEWHERE[bare] if named_as_variable else field_of(NAMES_ELSEWHERE[bare])
    return (
        nearest(found.written, VARIABLES)
        if named_as_variable
        else nearest(bare, map(field_of, VARIABLES))
    )


def written(found: SourcedValue) -> str:
    """An unknown name on one line, without the key that a forgotten `=` makes a part of it."""
    name = _shortened(without_secrets(without_glued_key(found.written)))
    return name if name.isprintable() else repr(name)


def without_glued_key(name: str) -> str:
    """An unknown name without the key that a forgotten `=` makes a part of it."""
    for variable in VARIABLES.values():
        for known in (variable.name, field_of(variable.name)):
            if variable.secret and name.lower().startswith(known.lower()) and name != known:
                return f"{name[: len(known)]}…"
    return name


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"


def shown(value: str, redaction: Redaction, variable: str = "") -> str:
    """A variable's value as messages quote it: on one line, not too long, without secrets.

    A comment after it is mentioned and not shown: it may be a password.
    """
    told = without_remark(value)
    behind = " and a comment" if told != value else ""
    return repr(_shortened(redaction.value(variable, told))) + behind


def without_remark(value: str) -> str:
    """A value up to the comment after it."""
    return REMARK.sub("", value)


def error_of(
    variables: Iterable[str],
    contradictions: Mapping[str, str],
    chosen: Mapping[str, SourcedValue],
    redaction: Redaction,
) -> SettingsError:
    """One error for every value that pydantic refused, and those that contradict each other."""
    problems = {variable: _problem(variable, chosen, redaction) for variable in variables}
    problems |= contradictions
    error = SettingsError("\n".join(problems.values()))
    error.problems = problems
    return error


def contradictions(chosen: Mapping[str, SourcedValue], wrong: Collection[str]) -> dict[str, str]:
    """A line on each pair of variables of which the least is above the most, by the least's name.

    A value that does not fit by itself contradicts no other.
    """
    problems = {}
    for least, most in LEAST_AND_MOST.items():
        if {least, most} & set(wrong):
            continue
        values = {
            name: chosen[name].value if name in chosen else VARIABLES[name].default or ""
            for name in (least, most)
        }
        if float(values[least]) > float(values[most]):
            told, other, much = (least, most, "more") if least in chosen else (most, least, "less")
            by_default = "" if other in chosen else " by default"
            problems[told] = (
                f"{place(chosen[told])}{told} is {values[told]}, {much} than {other}, which is "
                f"{values[other]}{by_default}. Lower {least}, or raise {most}."
            )
    return problems


def _problem(variable: str, chosen: Mapping[str, SourcedValue], redaction: Redaction) -> str:
    """One line on a value that pydantic refused; never the value of a secret."""
    expected = VARIABLES[variable].expected.value
    if variable not in chosen:
        return f"{variable} is not set; expected: {expected}. {LIST_HINT}"
    found = chosen[variable]
    value = _shown(found, key_of(chosen), redaction)
    return f"{place(found)}{variable} is {value}; expected: {expected}."


def place(found: SourcedValue) -> str:
    """The file and line of a value, with a colon, for the start of a message."""
    return "" if found.source in ("argument", "environment") else f"{found.source}: "


def _shown(found: SourcedValue, key: str | None, redaction: Redaction) -> str:
    """A value for an error message, shortened, unless it is secret or holds the key."""
    if VARIABLES[found.variable].secret:
        return "not a valid header value"
    if found.text == TOO_LONG_A_NUMBER:
        return found.text
    if holds_key(found.text, key):
        return "a value that contains the key"
    return shown(found.text, redaction, found.variable)
