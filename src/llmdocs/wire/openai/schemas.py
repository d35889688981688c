"""Checks of OpenAI's API on tools, response formats, and the JSON Schemas they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from llmdocs.wire import mock_model
from llmdocs.wire.dialect import Refusal
from llmdocs.wire.openai.requests import (
    Body,
    check_name,
    check_type,
    empty,
    refusal,
    required,
    unsupported,
)

# JSON Schema's own: https://json-schema.org/draft/2020-12/schema
META_SCHEMA = Draft202012Validator(Draft202012Validator.META_SCHEMA)

Context = tuple[str, ...]


def function_tools(body: Body) -> list[Body]:
    """The function tools that a checked body offers."""
    return [tool for tool in body.get("tools") or [] if tool["type"] == "function"]


def check_tools(body: Body) -> None:
    tools = body.get("tools")
    if tools is None:
        if body.get("tool_choice") is not None:
            raise _needless("tool_choice", "tools")
        return
    if not tools:
        raise empty("tools")
    for index, tool in enumerate(tools):
        path = f"tools[{index}]"
        check_type(path, tool, "an object")
        kind = required(tool, path, "type", "a string")
        if kind not in ("function", "custom"):
            raise unsupported(f"{path}.type", kind, ("function", "custom"))
        _check_function(required(tool, path, kind, "an object"), f"{path}.{kind}")
    _check_tool_choice(body)


def check_functions(body: Body) -> None:
    """The older form of tools: checked, and never called."""
    functions, choice = body.get("functions"), body.get("function_call")
    if functions is None:
        if choice is not None:
            raise _needless("function_call", "functions")
        return
    if not functions:
        raise empty("functions")
    for index, function in enumerate(functions):
        check_type(f"functions[{index}]", function, "an object")
        _check_function(function, f"functions[{index}]")
    if isinstance(choice, str) and choice not in ("none", "auto"):
        raise unsupported("function_call", choice, ("none", "auto"))
    if isinstance(choice, dict):
        required(choice, "function_call", "name", "a string")


def _needless(choice: str, offered: str) -> Refusal:
    # The text that InternLM/lmdeploy copies.
    return refusal(
        400,
        f"Invalid value for '{choice}': '{choice}' is only allowed when '{offered}' are specified.",
        param=choice,
    )


def _check_function(function: Body, path: str) -> None:
    name = required(function, path, "name", "a string")
    check_name(f"{path}.name", name)
    parameters = function.get("parameters")
    if parameters is not None and (said := complaint(parameters)):
        raise refusal(
            400,
            f"Invalid schema for function '{name}': {said}.",
            param=f"{path}.parameters",
            code="invalid_function_parameters",
        )


def _check_tool_choice(body: Body) -> None:
    choice = body.get("tool_choice")
    if choice is None or choice in ("none", "auto", "required"):
        return
    if isinstance(choice, str):
        raise unsupported("tool_choice", choice, ("none", "auto", "required"))
    if choice.get("type") != "function":
        return
    function = required(choice, "tool_choice", "function", "an object")
    name = required(function, "tool_choice.function", "name", "a string")
    if name not in [tool["function"]["name"] for tool in function_tools(body)]:
        raise refusal(  # inferred
            400,
            f"Invalid value for 'tool_choice': no function named '{name}' was specified in the "
            "'tools' parameter.",
            param="tool_choice",
        )


def check_response_format(body: Body) -> None:
    form = body.get("response_format")
    if form is None:
        return
    kind = required(form, "response_format", "type", "a string")
    if kind not in ("json_object", "json_schema", "text"):
        raise unsupported("response_format.type", kind, ("json_object", "json_schema", "text"))
    texts = (mock_model.text_of(message.get("content")) for message in body["messages"])
    if kind == "json_object" and not any("json" in text.lower() for text in texts):
        # Documented under `response_format`; the text is quoted in many reports.
        raise refusal(
            400,
            "'messages' must contain the word 'json' in some form, to use 'response_format' of "
            "type 'json_object'.",
            param="messages",
        )
    if kind == "json_schema":
        described = required(form, "response_format", "json_schema", "an object")
        path = "response_format.json_schema"
        name = required(described, path, "name", "a string")
        check_name(f"{path}.name", name)
        schema = described.get("schema")
        schema = {} if schema is None else schema
        said = complaint(schema)
        if not said and described.get("strict"):
            said = next(_unkept(schema), None)
        if said:
            raise refusal(
                400,
                f"Invalid schema for response_format '{name}': {said}.",
                param="response_format",
            )


def complaint(schema: Any) -> str | None:
    """What is wrong with a JSON Schema, if something is.

    The words are those of the Python package jsonschema, as in OpenAI's texts about wrong types:
    inferred for each keyword.
    """
    if not isinstance(schema, dict):
        return f"{schema!r} is not of type 'object'"
    if error := next(META_SCHEMA.iter_errors(schema), None):
        return str(error.message)
    return next(_complaints(schema, schema, ()), None)


def _complaints(schema: Any, root: Body, context: Context) -> Iterator[str]:
    """What the meta-schema lets through: references to nothing, and no values to choose from."""
    if not isinstance(schema, dict):
        return
    reference = schema.get("$ref")
    if reference is not None and not _leads_somewhere(reference, root):
        # The words of openai/openai-node#970.
        yield (
            f"In context={context}, reference to component '{reference}' which was not found in "
            "the schema"
        )
    if schema.get("enum") == []:
        yield "[] should be non-empty"
    for keyword in ("anyOf", "oneOf", "allOf"):
        for index, choice in enumerate(schema.get(keyword, [])):
            yield from _complaints(choice, root, (*context, keyword, str(index)))
    for keyword in ("properties", "$defs", "definitions"):
        for name, value in schema.get(keyword, {}).items():
            yield from _complaints(value, root, (*context, keyword, name))
    yield from _complaints(schema.get("items"), root, (*context, "items"))


def _leads_somewhere(reference: str, root: Body) -> bool:
    """Whether a reference ends at a schema, and not at nothing or at itself."""
    passed = set()
    found: Any = {"$ref": reference}
    while isinstance(found, dict) and isinstance(found.get("$ref"), str):
        if found["$ref"] in passed:
            return False
        passed.add(found["$ref"])
        found = mock_model.referred(root, found["$ref"])
    return isinstance(found, dict | bool)


def _unkept(schema: Any, context: Context = ()) -> Iterator[str]:
    """What the guide to structured outputs asks of a strict schema, at every level."""
    if not isinstance(schema, dict):
        return
    properties: Mapping[str, Any] = schema.get("properties", {})
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        yield (
            f"In context={context}, 'additionalProperties' is required to be supplied and to be "
            "false"
        )
    if absent := [key for key in properties if key not in schema.get("required", [])]:
        yield (
            f"In context={context}, 'required' is required to be supplied and to be an array "
            f"including every key in properties. Missing '{absent[0]}'"
        )
    reference = schema.get("$ref", "#")
    if reference != "#" and not reference.startswith(("#/$defs/", "#/definitions/")):
        # dotnet/extensions#6918
        yield (
            f"In context={context}, reference can only point to definitions defined at the top "
            "level of the schema"
        )
    for keyword in ("properties", "$defs", "definitions"):
        for name, value in schema.get(keyword, {}).items():
            yield from _unkept(value, (*context, keyword, name))
    for index, choice in enumerate(schema.get("anyOf", [])):
        yield from _unkept(choice, (*context, "anyOf", str(index)))
    yield from _unkept(schema.get("items"), (*context, "items"))
