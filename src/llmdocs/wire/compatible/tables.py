"""Tables of compatible servers: what each accepts, and its words where it refuses.

A table is `NAME.toml` beside this module. Bodies are JSON in a literal string, or text; `{name}`
stands for a value in them, and alone in a string for a value of its own type.
"""

from __future__ import annotations

import functools
import json
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from llmdocs.errors import LLMDocsError
from llmdocs.suggestions import did_you_mean

PLACEHOLDER = re.compile(r"\{(\w+)\}")
# What each case may name; those of EVERYWHERE stand in every case.
EVERYWHERE = frozenset({"method", "path", "keys", "models", "model", "status"})
CASES: dict[str, frozenset[str]] = {
    "no_key": frozenset(),
    "wrong_key": frozenset({"key"}),
    # Without it a body of any media type is read.
    "wrong_media_type": frozenset({"media_type"}),
    # Without it a body that is no JSON object counts as one without fields.
    "not_json": frozenset(),
    "missing_field": frozenset({"field", "body"}),
    "unknown_model": frozenset(),
    # Without these a model of the other operation counts as unknown.
    "no_chat_model": frozenset(),
    "no_embedding_model": frozenset(),
    # Of a response format that is not among `response_formats`.
    "response_format": frozenset(),
    "unknown_path": frozenset(),
    # Without it a wrong method counts as an unknown path.
    "wrong_method": frozenset(),
    # Another fault of the body: `message`, `param` and `code` are OpenAI's.
    "invalid": frozenset({"message", "param", "code"}),
    # What is no fault of the request; the last three are `failed` without a case of their own.
    "failed": frozenset({"message", "code"}),
    "rate_limit": frozenset({"message", "code"}),
    "quota": frozenset({"message", "code"}),
    "too_large": frozenset({"message", "code"}),
    "overloaded": frozenset({"message", "code"}),
}
# What a model in the list, and an answer, may name.
CARD = frozenset({"model", "created"})
NEEDED = ("no_key", "missing_field", "unknown_model", "unknown_path", "invalid", "failed")


STRICT = ConfigDict(extra="forbid")


class TableError(LLMDocsError):
    """A table of a compatible server is not in its form: fix the line it names."""

    guide = "contributing/add-a-provider/#steps"


@dataclass(frozen=True, config=STRICT)
class Mask:
    """How a wrong key is repeated: its first and last letters; a key that is no longer, whole."""

    start: int = 0
    end: int = 0
    between: str = ""

    def of(self, key: str) -> str:
        if len(key) <= self.start + self.end:
            return key
        return f"{key[: self.start]}{self.between}{key[len(key) - self.end :]}"


@dataclass(frozen=True, config=STRICT)
class Case:
    """One refusal. `source` says where it was seen, `inferred` what nothing shows."""

    status: int
    json: str = ""
    text: str = ""
    hint: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    inferred: str = ""

    def body(self, values: Mapping[str, Any]) -> Any:
        """A JSON object, or a text."""
        return filled(json.loads(self.json), values) if self.json else filled(self.text, values)


@dataclass(frozen=True, config=STRICT)
class Table:
    """One server. `path` is where its API stands, below the server's root.

    `open` are paths that answer with nothing in them; `names_no_model` says what a request without
    a model gets: `first`, or the refusal of a missing field. `routes_of_served` leaves out the
    routes of operations that no model of the account has, and `guards_unknown_paths` asks for the
    key before it says that a path is unknown. `headers` come with each refusal. `card`
    is a model in the list of models, `completion` and `chunk` what an answer has besides OpenAI's.
    """

    path: str
    refusals: Mapping[str, Case]
    open: tuple[str, ...] = ()
    names_no_model: Literal["first", "missing_field"] = "missing_field"
    routes_of_served: bool = False
    guards_unknown_paths: bool = False
    response_formats: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    mask: Mask = Mask()
    card: str = "{}"
    completion: str = "{}"
    chunk: str = "{}"

    def case(self, name: str, *others: str) -> Case:
        """The case of a name, or the first of `others` that the table has."""
        return next(self.refusals[item] for item in (name, *others) if item in self.refusals)


CASE, TABLE = TypeAdapter(Case), TypeAdapter(Table)
Built = TypeVar("Built", Case, Table)


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """A template with its placeholders replaced; one that is a whole string keeps its type."""
    if isinstance(template, str):
        if match := PLACEHOLDER.fullmatch(template):
            return values[match[1]]
        return PLACEHOLDER.sub(lambda match: str(values[match[1]]), template)
    if isinstance(template, dict):
        return {name: filled(item, values) for name, item in template.items()}
    return [filled(item, values) for item in template] if isinstance(template, list) else template


@functools.cache
def table(name: str) -> Table:
    """The table of a server. Raises `TableError`."""
    path = Path(__file__).with_name(f"{name}.toml")
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise TableError(f"{path} is missing: the catalogue calls {name} compatible.") from None
    return read(text, f"{name}.toml")


def names() -> list[str]:
    """The servers that have a table."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.toml"))


def read(text: str, place: str) -> Table:
    """The table in a text. `place` names its file. Raises `TableError`, with the line."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TableError(f"{place}: this is not TOML: {error}.") from None
    reader = _Reader(text, place)
    refusals = document.pop("refusals", {})
    if not isinstance(refusals, dict):
        raise reader.error("", "refusals", "a refusal is a table, such as [refusals.no_key].")
    reader.check_names(document, _fields(Table) - {"refusals"}, "", "key")
    reader.check_names(refusals, CASES, "refusals.", "case")
    cases = {name: reader.case(name, fields) for name, fields in refusals.items()}
    for name in NEEDED:
        if name not in cases:
            raise TableError(f"{place}: [refusals.{name}] is missing: every server has that case.")
    for name in ("card", "completion", "chunk"):
        reader.check_template("", name, reader.parsed("", name, document), CARD)
    return reader.built(TABLE, {**document, "refusals": cases}, "")


def _fields(kind: type) -> set[str]:
    return set(kind.__dataclass_fields__)  # type: ignore[attr-defined]


class _Reader:
    """Checks a table's parts, and names the line of what is wrong."""

    def __init__(self, text: str, place: str) -> None:
        self._lines = text.split("\n")
        self._place = place

    def case(self, name: str, fields: Mapping[str, Any]) -> Case:
        section = f"refusals.{name}."
        if not isinstance(fields, Mapping):
            raise self.error("refusals.", name, "a case is a table of its own.")
        self.check_names(fields, _fields(Case), section, "key")
        if "status" not in fields or ("json" in fields) == ("text" in fields):
            raise self.error(section, "", "a refusal has `status`, and either `json` or `text`.")
        if not (fields.get("source") or fields.get("inferred")):
            raise self.error(section, "", "`source` says where it was seen, or `inferred` what is.")
        body = self.parsed(section, "json", fields)
        templates = {"json": body, "text": fields.get("text"), "hint": fields.get("hint")}
        for key, template in templates.items():
            self.check_template(section, key, template, EVERYWHERE | CASES[name])
        return self.built(CASE, fields, section)

    def parsed(self, section: str, key: str, fields: Mapping[str, Any]) -> Any:
        """The JSON in a field; an empty object where it is missing."""
        try:
            return json.loads(fields.get(key, "{}"))
        except (TypeError, ValueError) as error:
            raise self.error(section, key, f"this is not JSON in a string: {error}.") from None

    def check_template(self, section: str, key: str, template: Any, known: Collection[str]) -> None:
        for placeholder in _placeholders(template):
            if placeholder not in known:
                hint = did_you_mean(placeholder, known)
                raise self.error(
                    section, key, f"{{{placeholder}}} is no placeholder of this field.{hint}"
                )

    def built(self, kind: TypeAdapter[Built], fields: Mapping[str, Any], section: str) -> Built:
        try:
            return kind.validate_python(fields)
        except ValidationError as error:
            problem = error.errors(include_url=False, include_context=False)[0]
            key, said = str(problem["loc"][0]), problem["msg"]
            raise self.error(section, key, f"{key} is not in its form: {said}.") from None

    def check_names(
        self, found: Mapping[str, Any], known: Collection[str], section: str, what: str
    ) -> None:
        for name in found:
            if name not in known:
                hint = did_you_mean(name, known)
                raise self.error(section, name, f"{name!r} is no {what} of a table.{hint}")

    def error(self, section: str, key: str, problem: str) -> TableError:
        return TableError(f"{self._place}:{self._line(section, key)}: {problem}")

    def _line(self, section: str, key: str) -> int:
        """The line of a key, or of its section's head, from 1."""
        head = f"[{section}{key}]".replace(".]", "]")
        heads = (head, f"[{section.rstrip('.')}]")
        start = next((n for n, line in enumerate(self._lines) if line.strip() in heads), 0)
        for number, line in enumerate(self._lines[start:], start):
            if key and line.partition("=")[0].strip() == key:
                return number + 1
        return start + 1


def _placeholders(template: Any) -> Iterator[str]:
    if isinstance(template, str):
        yield from PLACEHOLDER.findall(template)
    elif isinstance(template, dict | list):
        for item in template.values() if isinstance(template, dict) else template:
            yield from _placeholders(item)
