"""The model behind every mock: its answers follow from the request alone, on every machine."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

# Answers carry one fixed time, 2026-01-01T00:00:00Z, in seconds since 1970.
CREATED = 1_767_225_600

# Floats in an embedding, from the providers' model pages.
DIMENSIONS = {
    "text-embedding-3-large": 3072,
    "text-embedding-3-small": 1536,
    "text-embedding-ada-002": 1536,
    "nomic-embed-text": 768,
    "mxbai-embed-large": 1024,
}
DEFAULT_DIMENSIONS = 768

# How far a schema is followed: further than people write them, and well within Python's stack.
MAXIMUM_DEPTH = 100

FinishReason = Literal["stop", "length", "tool_calls"]


@dataclass(frozen=True)
class ToolCall:
    """One call that the model asks for, its arguments as an object."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """One answer of a chat model, before a dialect writes it down.

    `pieces` are the text in the order a stream sends it: one token each, white space included.
    """

    id: str
    pieces: list[str]
    tool_calls: list[ToolCall] = field(default_factory=list)
    finish_reason: FinishReason = "stop"
    prompt_tokens: int = 0

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def completion_tokens(self) -> int:
        calls = (json.dumps(call.arguments) for call in self.tool_calls)
        return len(self.pieces) + sum(count_tokens(call) for call in calls)


def tokens(text: str) -> list[str]:
    """Cut a text into pieces that join to the same text: a word with the white space before it."""
    return re.findall(r"\s*\S+|\s+$", text)


def count_tokens(text: str) -> int:
    """The mock's token count: one for each word."""
    return len(tokens(text))


def text_of(content: Any) -> str:
    """The text of a message's content: a string, nothing, or a list of typed parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return " ".join(text for text in texts if isinstance(text, str))
    return ""


def fingerprint(*parts: Any) -> str:
    """Forty hexadecimal digits that depend on the request alone."""
    written = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:40]


def reply(
    model: str,
    messages: Sequence[Mapping[str, Any]],
    *,
    tools: Sequence[Mapping[str, Any]] = (),
    tool_name: str | None = None,
    schema: Mapping[str, Any] | None = None,
    maximum_tokens: int | None = None,
) -> Reply:
    """Answer a conversation.

    Tools are OpenAI's function tools. A user's message that comes with tools is answered by a call
    of the first one, a tool's result in words; with `tool_name` the answer is always a call of that
    tool. `schema` asks for JSON of that shape. `maximum_tokens` cuts the text and sets the finish
    reason `length`.
    """
    identifier = fingerprint(model, messages, tools, tool_name, schema)
    prompt_tokens = sum(count_tokens(text_of(message.get("content"))) for message in messages)
    last = messages[-1] if messages else {"role": "user", "content": ""}
    if tools and (tool_name or last.get("role") == "user"):
        call = _tool_call(identifier, tools, tool_name)
        return Reply(identifier, [], [call], "tool_calls", prompt_tokens)
    pieces = tokens(_text(model, last, schema))
    if maximum_tokens is not None and maximum_tokens < len(pieces):
        return Reply(identifier, pieces[:maximum_tokens], [], "length", prompt_tokens)
    return Reply(identifier, pieces, [], "stop", prompt_tokens)


def _text(model: str, last: Mapping[str, Any], schema: Mapping[str, Any] | None) -> str:
    if schema is not None:
        return json.dumps(example_of(schema))
    said = text_of(last.get("content"))
    if last.get("role") == "tool":
        return f"{model} (mocked) was told by the tool: {said}"
    return f"{model} (mocked) was asked: {said}"


def _tool_call(
    identifier: str, tools: Sequence[Mapping[str, Any]], tool_name: str | None
) -> ToolCall:
    functions = {tool["function"]["name"]: tool["function"] for tool in tools}
    function = functions[tool_name] if tool_name in functions else next(iter(functions.values()))
    arguments = example_of(function.get("parameters") or {"type": "object"})
    return ToolCall(
        f"call_{identifier[:24]}",
        function["name"],
        arguments if isinstance(arguments, dict) else {},
    )


def example_of(schema: Any) -> Any:
    """The plainest value that a JSON Schema accepts: its first choice, or the type's empty one.

    A string is the first of `examples` when the schema gives some, so that a snippet can say which
    city its tool is asked about. What is no schema, and a schema that has no end, still get some
    value: whether a schema is right is for the dialect to say.
    """
    return _example(schema, schema, ("#",), 0)


def _example(schema: Any, root: Any, entered: tuple[str, ...], depth: int) -> Any:
    """`example_of` a part of `root`; `entered` are the references that led here."""
    if depth > MAXIMUM_DEPTH:
        return None
    if not isinstance(schema, dict):
        return {}
    if examples := _choices(schema, "examples"):
        return examples[0]
    reference = schema.get("$ref")
    if isinstance(reference, str):
        if reference in entered:
            return None
        return _example(referred(root, reference), root, (*entered, reference), depth + 1)
    if choices := _choices(schema, "anyOf"):
        # The first one that does not lead back here, so that a recursive schema has an end.
        ends = (c for c in choices if not (isinstance(c, dict) and c.get("$ref") in entered))
        return _example(next(ends, None), root, entered, depth + 1)
    if values := _choices(schema, "enum"):
        return values[0]
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        kind = kind[0] if kind else "object"
    if kind == "object":
        properties = schema.get("properties")
        if not isinstance(properties, dict):
            return {}
        return {
            name: _example(value, root, entered, depth + 1) for name, value in properties.items()
        }
    plainest = {"string": "text", "integer": 0, "number": 0, "boolean": False, "array": []}
    return plainest.get(kind) if isinstance(kind, str) else None


def _choices(schema: Mapping[str, Any], keyword: str) -> list[Any]:
    choices = schema.get(keyword)
    return choices if isinstance(choices, list) else []


def referred(root: Any, reference: str) -> Any:
    """What a reference, `#` or `#/$defs/Name`, points to in the schema `root`; None for nothing."""
    start, *steps = reference.split("/")
    found = root if start == "#" else None
    for step in steps:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and name.isdecimal() and len(name) < 5:
            found = found[int(name)] if int(name) < len(found) else None
        else:
            found = found.get(name) if isinstance(found, dict) else None
    return found


def embedding(model: str, text: str, dimensions: int | None = None) -> list[float]:
    """A unit vector for a text: texts that share words are near each other, in any order.

    Each word adds one hashed direction, so cosine similarity says something, as it would with a
    real model. `dimensions` overrides the model's own number of floats.
    """
    size = dimensions or DIMENSIONS.get(model.partition(":")[0], DEFAULT_DIMENSIONS)
    vector = [0.0] * size
    for word in re.findall(r"\w+", text.lower()) or [""]:
        digest = hashlib.sha256(word.encode()).digest()
        vector[int.from_bytes(digest[:4]) % size] += 1.0 if digest[4] % 2 else -1.0
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [value / length for value in vector]
