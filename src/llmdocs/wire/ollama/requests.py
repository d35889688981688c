"""Reads a request as Ollama's Go server reads it, and refuses it in the words of Go's decoder."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import hexdigits
from typing import Any

from llmdocs.wire.dialect import is_too_deep


class BadRequest(ValueError):
    """What the request is refused for, with status 400."""


@dataclass(frozen=True)
class GoType:
    """A Go type: its name in messages, the JSON value that it takes, and the types inside it."""

    name: str
    takes: str = "object"
    fields: Mapping[str, GoType] = field(default_factory=dict)
    items: GoType | None = None


ANY = GoType("interface {}", "any")
STRING = GoType("string", "string")
BOOL = GoType("bool", "bool")
INTEGER = GoType("int", "number")
FLOAT = GoType("float64", "number")
OPTIONS = GoType("map[string]interface {}")
# These two read themselves, and complain in words of their own.
DURATION = GoType("api.Duration", "any")
THINK = GoType("api.ThinkValue", "any")


def list_of(item: GoType) -> GoType:
    return GoType(f"[]{item.name}", "array", items=item)


# ollama/ollama api/types.go; fields that this mock does not read are left out.
TOOL = GoType(
    "api.Tool",
    fields={
        "type": STRING,
        "function": GoType(
            "api.ToolFunction",
            fields={
                "name": STRING,
                "description": STRING,
                "parameters": GoType(
                    "api.ToolFunctionParameters",
                    fields={
                        "type": STRING,
                        "required": list_of(STRING),
                        "properties": GoType(
                            "map[string]api.ToolProperty", items=GoType("api.ToolProperty")
                        ),
                    },
                ),
            },
        ),
    },
)
MESSAGE = GoType(
    "api.Message",
    fields={
        "role": STRING,
        "content": STRING,
        "thinking": STRING,
        "images": list_of(GoType("api.ImageData", "string")),
        "tool_calls": list_of(
            GoType(
                "api.ToolCall",
                fields={
                    "id": STRING,
                    "function": GoType(
                        "api.ToolCallFunction",
                        fields={
                            "index": INTEGER,
                            "name": STRING,
                            "arguments": GoType("api.ToolCallFunctionArguments"),
                        },
                    ),
                },
            )
        ),
        "tool_name": STRING,
        "tool_call_id": STRING,
    },
)
_MODEL_AND_OPTIONS = {"model": STRING, "options": OPTIONS, "keep_alive": DURATION}
_GENERATION = {
    **_MODEL_AND_OPTIONS,
    "stream": BOOL,
    "format": ANY,
    "think": THINK,
    "logprobs": BOOL,
    "top_logprobs": INTEGER,
    "truncate": BOOL,
    "shift": BOOL,
}
CHAT = GoType(
    "api.ChatRequest",
    fields={**_GENERATION, "messages": list_of(MESSAGE), "tools": list_of(TOOL)},
)
GENERATE = GoType(
    "api.GenerateRequest",
    fields={
        **_GENERATION,
        **dict.fromkeys(("prompt", "suffix", "system", "template"), STRING),
        "context": list_of(INTEGER),
        "raw": BOOL,
        "images": list_of(GoType("api.ImageData", "string")),
    },
)
EMBED = GoType(
    "api.EmbedRequest",
    fields={**_MODEL_AND_OPTIONS, "input": ANY, "truncate": BOOL, "dimensions": INTEGER},
)
EMBEDDINGS = GoType("api.EmbeddingRequest", fields={**_MODEL_AND_OPTIONS, "prompt": STRING})
SHOW = GoType("api.ShowRequest", fields={"model": STRING, "name": STRING, "verbose": BOOL})
PULL = GoType(
    "api.PullRequest",
    fields={"model": STRING, "name": STRING, "insecure": BOOL, "stream": BOOL},
)

# ollama/ollama openai/openai.go
FUNCTION_CALL = GoType("openai.ToolCallFunction", fields={"name": STRING, "arguments": STRING})
CHAT_COMPLETION = GoType(
    "openai.ChatCompletionRequest",
    fields={
        "model": STRING,
        "messages": list_of(
            GoType(
                "openai.Message",
                fields={
                    "role": STRING,
                    "content": ANY,
                    "reasoning": STRING,
                    "tool_calls": list_of(
                        GoType("openai.ToolCall", fields={"id": STRING, "function": FUNCTION_CALL})
                    ),
                    "name": STRING,
                    "tool_call_id": STRING,
                },
            )
        ),
        "stream": BOOL,
        "stream_options": GoType("openai.StreamOptions", fields={"include_usage": BOOL}),
        **dict.fromkeys(("max_tokens", "seed", "top_logprobs"), INTEGER),
        **dict.fromkeys(("temperature", "frequency_penalty", "presence_penalty", "top_p"), FLOAT),
        "response_format": GoType(
            "openai.ResponseFormat",
            fields={
                "type": STRING,
                "json_schema": GoType("openai.JsonSchema", fields={"schema": ANY}),
            },
        ),
        "tools": list_of(TOOL),
        "reasoning": GoType("openai.Reasoning", fields={"effort": STRING}),
        "reasoning_effort": STRING,
        "logprobs": BOOL,
    },
)
COMPLETION = GoType(
    "openai.CompletionRequest",
    fields={
        **dict.fromkeys(("model", "prompt", "suffix"), STRING),
        "stream": BOOL,
        "stream_options": GoType("openai.StreamOptions", fields={"include_usage": BOOL}),
        **dict.fromkeys(("max_tokens", "seed"), INTEGER),
        **dict.fromkeys(
            ("frequency_penalty", "presence_penalty", "temperature", "top_p"),
            GoType("float32", "number"),
        ),
    },
)
EMBEDDING = GoType(
    "openai.EmbedRequest",
    fields={"model": STRING, "input": ANY, "dimensions": INTEGER, "encoding_format": STRING},
)


def decode(body: bytes, into: GoType) -> dict[str, Any]:
    """The object in a body, without its nulls: to Go they are absent fields.

    The errors are those of Go's `encoding/json` (`scanner.go`, `decode.go`), `EOF` for no body.
    What follows the first JSON value is not read.
    """
    value = _without_surrogates(_first_value(body.decode("utf-8", "replace")))
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRequest(f"json: cannot unmarshal {kind(value)} into Go value of type {into.name}")
    _check(value, into, into.name.partition(".")[2], ())
    return {name: item for name, item in value.items() if item is not None}


def kind(value: Any) -> str:
    """What Go calls a JSON value."""
    kinds = {bool: "bool", int: "number", float: "number", str: "string", list: "array"}
    return kinds.get(type(value), "object")


def _check(value: Any, expected: GoType, struct: str, path: tuple[str, ...]) -> None:
    if value is None:
        return
    if expected is DURATION:
        _check_duration(value)
    if expected is THINK and not isinstance(value, bool | str):
        raise BadRequest(
            'think must be a boolean or string ("high", "medium", "low", true, or false)'
        )
    if expected.takes == "any":
        return
    got = kind(value)
    if expected is INTEGER and got == "number" and not _is_int64(value):
        got = f"number {value}"
    if got != expected.takes:
        raise BadRequest(
            f"json: cannot unmarshal {got} into Go struct field {struct}.{'.'.join(path)} "
            f"of type {expected.name}"
        )
    if expected.items:
        for item in value.values() if isinstance(value, dict) else value:
            _check(item, expected.items, struct, path)
    for name, item in value.items() if expected.fields else ():
        if name in expected.fields:
            _check(item, expected.fields[name], struct, (*path, name))


def _is_int64(number: float) -> bool:
    return isinstance(number, int) and -(2**63) <= number < 2**63


def _without_surrogates(value: Any) -> Any:
    """The value as Go reads it: half of a surrogate pair becomes U+FFFD."""
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(value[key]) for key in value}
    return value


# Python's complaint about a text that is not JSON, and Go's.
_COMPLAINTS = {
    "Expecting value": "looking for beginning of value",
    "Illegal trailing comma before end of object": "looking for beginning of object key string",
    "Illegal trailing comma before end of array": "looking for beginning of value",
    "Expecting property name": "looking for beginning of object key string",
    "Expecting ':' delimiter": "after object key",
    "Invalid control character at": "in string literal",
    "Invalid \\escape": "in string escape code",
    "Invalid \\uXXXX escape": "in \\u hexadecimal character escape",
}


def _first_value(text: str) -> Any:
    text = text.strip(" \t\r\n")
    if not text:
        raise BadRequest("EOF")
    decoder = json.JSONDecoder(
        parse_constant=_no_constant,
        parse_float=lambda written: float(_finite(written)),
        parse_int=lambda written: int(_finite(written)),
    )
    too_deep = BadRequest(f"invalid character {_last_bracket(text)} exceeded max depth")
    try:
        value = decoder.raw_decode(text)[0]
    except RecursionError:
        raise too_deep from None
    except json.JSONDecodeError as error:
        # Python points at the backslash or the `u`, Go at the character that it did not expect.
        place = error.pos + error.msg.startswith("Invalid \\escape")
        if error.msg.startswith("Invalid \\uXXXX"):
            place += 1
            while text[place : place + 1] in set(hexdigits):
                place += 1
        if error.msg.startswith("Illegal trailing comma"):
            # Python 3.13 points at the comma, Go at the bracket behind it, as older Pythons do.
            place = len(text) - len(text[place + 1 :].lstrip(" \t\r\n"))
        if place >= len(text) or error.msg.startswith("Unterminated string"):
            raise BadRequest("unexpected EOF") from None
        complaint = next(
            (go for python, go in _COMPLAINTS.items() if error.msg.startswith(python)), None
        ) or _after_container(text[:place])
        raise BadRequest(f"invalid character {_quoted(text[place])} {complaint}") from None
    if is_too_deep(value):
        # Go gives up after ten thousand brackets, this mock sooner.
        raise too_deep
    return value


def _last_bracket(text: str) -> str:
    return "'{'" if text.rfind("{") > text.rfind("[") else "'['"


def _finite(written: str) -> str:
    """Refuse a number that no float64 holds; its field's own name and type are left out."""
    if math.isinf(float(written)):
        raise BadRequest(f"json: cannot unmarshal number {written} into Go value of type float64")
    return written


def _no_constant(name: str) -> None:
    """`NaN` and `Infinity`, which Python reads, are not JSON."""
    raise BadRequest(f"invalid character '{name.lstrip('-')[0]}' looking for beginning of value")


def _quoted(character: str) -> str:
    """One byte as Go quotes it."""
    byte = chr(character.encode()[0])
    if byte == "'":
        return r"'\''"
    printable = byte.isprintable()
    return f"'{byte if printable else byte.encode('unicode_escape').decode('ascii')}'"


def _after_container(before: str) -> str:
    """Where a comma or a closing bracket is missing."""
    opened = []
    # A string that never ends reaches to the end: looked for from each quote, it takes too long.
    outside = re.sub(r'"(?:\\.|[^"\\])*+(?:"|\\?\Z)', "", before, flags=re.DOTALL)
    for bracket in re.findall(r"[][{}]", outside):
        if bracket in "[{":
            opened.append(bracket)
        elif opened:
            opened.pop()
    return "after array element" if opened[-1:] == ["["] else "after object key:value pair"


_GO_DURATION = re.compile(r"[-+]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)")


def _check_duration(value: Any) -> None:
    """Refuse what is neither seconds nor a Go duration (api/types.go, `Duration.UnmarshalJSON`)."""
    if kind(value) not in ("number", "string"):
        go_type = {"array": "[]interface {}", "object": "map[string]interface {}"}
        raise BadRequest(f"Unsupported type: '{go_type.get(kind(value), kind(value))}'")
    if isinstance(value, str) and not _GO_DURATION.fullmatch(value):
        unitless = re.fullmatch(r"[-+]?(\d+(\.\d*)?|\.\d+)", value)
        raise BadRequest(
            f'time: missing unit in duration "{value}"'
            if unitless
            else f'time: invalid duration "{value}"'
        )


@dataclass(frozen=True)
class ModelName:
    """A model's name with its defaults filled in (ollama/ollama types/model/name.go)."""

    host: str
    namespace: str
    model: str
    tag: str

    @property
    def key(self) -> str:
        """What two spellings of the same model share: names differ by more than case."""
        return self.full.lower()

    @property
    def full(self) -> str:
        return f"{self.host}/{self.namespace}/{self.model}:{self.tag}"

    @property
    def short(self) -> str:
        """The name without the default host and namespace; the tag always stands."""
        return self.full.removeprefix(f"{_HOST}/").removeprefix(f"{_NAMESPACE}/")


_HOST, _NAMESPACE, _TAG = "registry.ollama.ai", "library", "latest"
_NAME = re.compile(
    r"((?:(?:\w+://)?(?P<host>\w[\w.:-]{0,349})/)?(?P<namespace>\w[\w-]{0,79})/)?"
    r"(?P<model>\w[\w.-]{0,79})(?::(?P<tag>\w[\w.-]{0,79}))?",
    re.ASCII,
)


def parse_model_name(text: str) -> ModelName | None:
    """A name as `[host/][namespace/]model[:tag]`; None for an illegal one."""
    if not (match := _NAME.fullmatch(text.strip())):
        return None
    return ModelName(
        match["host"] or _HOST,
        match["namespace"] or _NAMESPACE,
        match["model"],
        match["tag"] or _TAG,
    )
