"""Checks of OpenAI's API on the body of a chat completion."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from llmdocs.wire.dialect import Refusal, listed
from llmdocs.wire.openai.requests import (
    Body,
    check_name,
    check_parameters,
    check_type,
    empty,
    refusal,
    required,
    too_long,
    unrecognized,
    unsupported,
)
from llmdocs.wire.openai.schemas import check_functions, check_response_format, check_tools

# The documented parameters of a chat completion and their types: `CreateChatCompletionRequest` in
# openai/openai-openapi, as in openai-python 2.54.
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
        "an array of strings": "modalities",
        "one of a string or object": "function_call tool_choice",
        "one of a string or array of strings": "stop",
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
MAXIMUM_STOPS = 4
# The documented values of what is no number, from openai-python 2.54.
CHOICES = {
    "modalities": ("text", "audio"),
    "prompt_cache_retention": ("in_memory", "24h"),
    "reasoning_effort": ("none", "minimal", "low", "medium", "high", "xhigh", "max"),
    "service_tier": ("auto", "default", "flex", "scale", "priority", "fast"),
    "verbosity": ("low", "medium", "high"),
}
STREAM_OPTIONS = ("include_obfuscation", "include_usage")
# Each part of a message's content holds one more field, named like its type.
PARTS = {
    "text": "a string",
    "image_url": "an object",
    "input_audio": "an object",
    "refusal": "a string",
    "file": "an object",
}
ROLES = ("system", "assistant", "user", "function", "tool", "developer")

# sipeed/picoclaw#16; the chat variants of gpt-5 do not reason.
REASONING_MODELS = re.compile(r"o\d|gpt-5(?!-chat)")
# johny-b/llmcomp#69; gpt-5.1 and later take a temperature when they do not reason.
MODELS_WITH_FIXED_TEMPERATURE = re.compile(r"gpt-5(-mini|-nano)?(-\d{4}-.*)?\Z")


def check_chat(body: Body, model: str, parameters: Mapping[str, str] = CHAT_PARAMETERS) -> None:
    """Refuse what `POST /chat/completions` refuses in a body for `model`."""
    check_parameters(body, parameters)
    _check_messages(body)
    _check_limits(body)
    _check_choices(body)
    _check_model(body, model)
    _check_stream_options(body)
    check_tools(body)
    check_functions(body)
    check_response_format(body)


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
        if message.get("name") is not None:
            check_type(f"{path}.name", message["name"], "a string")
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
        name = required(function, f"{where}.function", "name", "a string")
        check_name(f"{where}.function.name", name)  # mcp-use/mcp-use#90
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
    check_type(path, content, "one of a string or array of objects")
    if isinstance(content, str):
        return
    if not content:
        raise empty(path)
    for number, part in enumerate(content):
        where = f"{path}[{number}]"
        check_type(where, part, "an object")
        kind = required(part, where, "type", "a string")
        if kind not in PARTS:
            raise unsupported(f"{where}.type", kind, PARTS)
        held = required(part, where, kind, PARTS[kind])
        if kind == "image_url":
            required(held, f"{where}.image_url", "url", "a string")


def _check_limits(body: Body) -> None:
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
    stop = body.get("stop")
    if isinstance(stop, list):
        for index, text in enumerate(stop):
            check_type(f"stop[{index}]", text, "a string")
        if len(stop) > MAXIMUM_STOPS:
            raise too_long("stop", "array", MAXIMUM_STOPS, len(stop))
    if body.get("max_tokens") is not None and body.get("max_completion_tokens") is not None:
        # langchain-ai/langgraph#5943
        raise refusal(
            400,
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
            param="max_tokens",
            code="invalid_parameter_combination",
        )
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        raise _needs("top_logprobs", "logprobs")  # documented; the text is inferred


def _needs(parameter: str, other: str) -> Refusal:
    return refusal(
        400,
        f"The '{parameter}' parameter is only allowed when '{other}' is enabled.",
        param=parameter,
    )


def _check_choices(body: Body) -> None:
    for name, supported in CHOICES.items():
        value = body.get(name)
        if value is None:
            continue
        if value == []:
            raise empty(name)
        for index, choice in enumerate(value if isinstance(value, list) else [value]):
            path = f"{name}[{index}]" if isinstance(value, list) else name
            check_type(path, choice, "a string")
            if choice not in supported:
                raise unsupported(path, choice, supported)
    for key, value in (body.get("metadata") or {}).items():
        check_type(f"metadata.{key}", value, "a string")  # openai/openai-java#338


def _check_stream_options(body: Body) -> None:
    options = body.get("stream_options")
    if options is None:
        return
    if not body.get("stream"):
        raise _needs("stream_options", "stream")  # BerriAI/litellm#5803
    for name, value in options.items():
        path = f"stream_options.{name}"
        if name not in STREAM_OPTIONS:
            # The form of jamesrochabrun/SwiftOpenAI#67.
            raise refusal(
                400, f"Unknown parameter: '{path}'.", param=path, code="unknown_parameter"
            )
        if value is not None:
            check_type(path, value, "a boolean")


def _check_model(body: Body, model: str) -> None:
    if not REASONING_MODELS.match(model) and body.get("reasoning_effort") is not None:
        # davidmigloz/langchain_dart#712
        raise unrecognized(["reasoning_effort"], "Models that do not reason do not take it.")
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
