"""What OpenAI's API checks in the body of a chat completion."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from llmdocs.wire import answers
from llmdocs.wire.dialect import Refusal, listed
from llmdocs.wire.openai_requests import (
    Body,
    check_parameters,
    check_type,
    empty,
    refusal,
    required,
    unsupported,
)

# The documented parameters of a chat completion and their types: `CreateChatCompletionRequest` in
# openai/openai-openapi, as in openai-python 2.54. "anything" is a union of types.
CHAT_PARAMETERS = {
    name: expected
    for expected, names in {
        "a boolean": "logprobs parallel_tool_calls store stream",
        "a decimal": "frequency_penalty presence_penalty temperature top_p",
        "an integer": "max_completion_tokens max_tokens n seed top_logprobs",
        "a string": "model prompt_cache_key prompt_cache_retention reasoning_effort"
        " safety_identifier service_tier user verbosity",
        "an array of objects": "functions messages tools",
        "an object": "audio logit_bias metadata moderation prediction prompt_cache_options"
        " response_format stream_options web_search_options",
        "anything": "function_call modalities stop tool_choice",
    }.items()
    for name in names.split()
}
# The documented least and greatest values, from the same place.
LIMITS: dict[str, tuple[float, float]] = {
    "frequency_penalty": (-2, 2),
    "max_completion_tokens": (1, math.inf),
    "max_tokens": (1, math.inf),
    "n": (1, 128),
    "presence_penalty": (-2, 2),
    "temperature": (0, 2),
    "top_logprobs": (0, 20),
    "top_p": (0, 1),
}
ROLES = ("system", "assistant", "user", "function", "tool", "developer")

# sipeed/picoclaw#16; the chat variants of gpt-5 do not reason.
REASONING_MODELS = re.compile(r"o\d|gpt-5(?!-chat)")
# johny-b/llmcomp#69; gpt-5.1 and later take a temperature when they do not reason.
MODELS_WITH_FIXED_TEMPERATURE = re.compile(r"gpt-5(-mini|-nano)?(-\d{4}-.*)?$")


def check_chat(body: Body, model: str, parameters: Mapping[str, str] = CHAT_PARAMETERS) -> None:
    """Refuse what `POST /chat/completions` refuses in a body for `model`."""
    check_parameters(body, parameters)
    _check_messages(body)
    _check_sampling(body, model)
    _check_tools(body)
    _check_response_format(body)
    if body.get("stream_options") is not None and not body.get("stream"):
        # BerriAI/litellm#5803
        raise refusal(
            400,
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )


def _check_messages(body: Body) -> None:
    messages = required(body, "", "messages", "an array of objects")
    if not messages:
        raise empty("messages")
    unanswered: list[str] = []
    for index, message in enumerate(messages):
        path = f"messages[{index}]"
        check_type(path, message, "an object")
        role = required(message, path, "role", "a string")
        if role not in ROLES:
            raise unsupported(f"{path}.role", role, ROLES)
        if role == "tool":
            _check_tool_answer(message, index, messages[index - 1] if index else {}, unanswered)
            unanswered.remove(message["tool_call_id"])
        elif unanswered:
            raise _unanswered(unanswered, index)
        calls = message.get("tool_calls")
        if calls is not None:
            unanswered = list(_call_ids(calls, f"{path}.tool_calls"))
        _check_content(message, index)
    if unanswered:
        raise _unanswered(unanswered, len(messages) - 1)


def _call_ids(calls: Any, path: str) -> Iterator[str]:
    check_type(path, calls, "an array of objects")
    if not calls:
        raise empty(path)
    for index, call in enumerate(calls):
        where = f"{path}[{index}]"
        check_type(where, call, "an object")
        function = required(call, where, "function", "an object")
        required(function, f"{where}.function", "name", "a string")
        required(function, f"{where}.function", "arguments", "a string")
        yield required(call, where, "id", "a string")


def _check_tool_answer(
    message: Body, index: int, before: Mapping[str, Any], unanswered: list[str]
) -> None:
    if before.get("role") != "tool" and not before.get("tool_calls"):
        # simonw/llm#937
        raise refusal(
            400,
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding "
            "message with 'tool_calls'.",
            param=f"messages.[{index}].role",
        )
    answered = required(message, f"messages[{index}]", "tool_call_id", "a string")
    if answered not in unanswered:
        raise refusal(  # inferred
            400,
            f"Invalid parameter: 'tool_call_id' of '{answered}' not found in 'tool_calls' of "
            "previous message.",
            param=f"messages.[{index}].tool_call_id",
            hint=f"Calls without an answer: {listed(unanswered)}.",
        )


def _unanswered(calls: list[str], index: int) -> Refusal:
    # RamiAwar/dataline#172
    return refusal(
        400,
        "An assistant message with 'tool_calls' must be followed by tool messages responding to "
        "each 'tool_call_id'. The following tool_call_ids did not have response messages: "
        f"{', '.join(calls)}",
        param=f"messages.[{index}].role",
    )


def _check_content(message: Body, index: int) -> None:
    content = message.get("content")
    if content is None:
        instead = ("tool_calls", "function_call", "refusal", "audio")
        if message["role"] == "assistant" and any(message.get(name) for name in instead):
            return
        raise refusal(  # inferred
            400,
            "Invalid value for 'content': expected a string, got null.",
            param=f"messages.[{index}].content",
        )
    path = f"messages[{index}].content"
    if not isinstance(content, list):
        check_type(path, content, "a string")
        return
    if not content:
        raise empty(path)
    for number, part in enumerate(content):
        where = f"{path}[{number}]"
        check_type(where, part, "an object")
        if required(part, where, "type", "a string") == "text":
            required(part, where, "text", "a string")


def _check_sampling(body: Body, model: str) -> None:
    for name, (least, most) in LIMITS.items():
        value = body.get(name)
        if value is None or least <= value <= most:
            continue
        kind = CHAT_PARAMETERS[name].split()[1]
        side, code, bound = "below minimum", "below_min", f">= {least}"
        if value > most:
            side, code, bound = "above maximum", "above_max", f"<= {most}"
        raise refusal(  # inferred
            400,
            f"Invalid '{name}': {kind} {side} value. Expected a value {bound}, but got {value} "
            "instead.",
            param=name,
            code=f"{kind}_{code}_value",
        )
    if REASONING_MODELS.match(model) and body.get("max_tokens") is not None:
        raise refusal(
            400,
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            param="max_tokens",
            code="unsupported_parameter",
        )
    temperature = body.get("temperature")
    if MODELS_WITH_FIXED_TEMPERATURE.match(model) and temperature not in (None, 1):
        raise refusal(
            400,
            f"Unsupported value: 'temperature' does not support {temperature} with this model. "
            "Only the default (1) value is supported.",
            param="temperature",
            code="unsupported_value",
        )


def function_tools(body: Body) -> list[Body]:
    """The function tools that a checked body offers."""
    return [tool for tool in body.get("tools") or [] if tool["type"] == "function"]


def _check_tools(body: Body) -> None:
    tools = body.get("tools")
    if tools is None:
        if body.get("tool_choice") is not None:
            # The text that InternLM/lmdeploy copies.
            raise refusal(
                400,
                "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are "
                "specified.",
                param="tool_choice",
            )
        return
    if not tools:
        raise empty("tools")
    for index, tool in enumerate(tools):
        path = f"tools[{index}]"
        check_type(path, tool, "an object")
        kind = required(tool, path, "type", "a string")
        if kind not in ("function", "custom"):
            raise unsupported(f"{path}.type", kind, ("function", "custom"))
        described = required(tool, path, kind, "an object")
        required(described, f"{path}.{kind}", "name", "a string")
        parameters = described.get("parameters")
        if parameters is not None and not _is_schema(parameters):
            raise refusal(  # inferred
                400,
                f"Invalid schema for function '{described['name']}': not a JSON Schema.",
                param=f"{path}.function.parameters",
                code="invalid_function_parameters",
            )
    _check_tool_choice(body)


def _check_tool_choice(body: Body) -> None:
    choice = body.get("tool_choice")
    if choice is None or choice in ("none", "auto", "required"):
        return
    if isinstance(choice, str):
        raise unsupported("tool_choice", choice, ("none", "auto", "required"))
    check_type("tool_choice", choice, "an object")
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


def _check_response_format(body: Body) -> None:
    wanted = body.get("response_format")
    if wanted is None:
        return
    kind = required(wanted, "response_format", "type", "a string")
    if kind not in ("json_object", "json_schema", "text"):
        raise unsupported("response_format.type", kind, ("json_object", "json_schema", "text"))
    texts = (answers.text_of(message.get("content")) for message in body["messages"])
    if kind == "json_object" and not any("json" in text.lower() for text in texts):
        # Documented under `response_format`; the text is quoted in many reports.
        raise refusal(
            400,
            "'messages' must contain the word 'json' in some form, to use 'response_format' of "
            "type 'json_object'.",
            param="messages",
        )
    if kind == "json_schema":
        described = required(wanted, "response_format", "json_schema", "an object")
        path = "response_format.json_schema"
        name = required(described, path, "name", "a string")
        schema = described.get("schema") or {}
        if not _is_schema(schema):
            raise _invalid_schema(name, "not a JSON Schema.")  # inferred
        if described.get("strict"):
            _check_strict(schema, name)


def _is_schema(schema: Any) -> bool:
    """Whether a value has the shape of a JSON Schema, as far as the mock reads one."""
    if not isinstance(schema, dict):
        return False
    kinds = schema.get("type", "object")
    properties = schema.get("properties", {})
    return (
        (isinstance(kinds, str) or (isinstance(kinds, list) and bool(kinds)))
        and isinstance(schema.get("required", []), list)
        and isinstance(properties, dict)
        and all(map(_is_schema, properties.values()))
        and ("items" not in schema or _is_schema(schema["items"]))
    )


def _invalid_schema(name: str, said: str) -> Refusal:
    return refusal(
        400,
        f"Invalid schema for response_format '{name}': {said}",
        param="response_format",
    )


def _check_strict(schema: Mapping[str, Any], name: str, context: tuple[str, ...] = ()) -> None:
    """What the guide to structured outputs asks of a strict schema, at every level."""
    properties = schema.get("properties", {})
    said = None
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        said = "'additionalProperties' is required to be supplied and to be false."
    elif absent := [key for key in properties if key not in schema.get("required", [])]:
        said = (
            "'required' is required to be supplied and to be an array including every key in "
            f"properties. Missing '{absent[0]}'."
        )
    if said:
        raise _invalid_schema(name, f"In context={context}, {said}")
    for key, value in properties.items():
        _check_strict(value, name, (*context, "properties", key))
    if isinstance(schema.get("items"), dict):
        _check_strict(schema["items"], name, (*context, "items"))
