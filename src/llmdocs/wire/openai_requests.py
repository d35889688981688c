"""What OpenAI's API checks in a request, and the words in which it refuses one.

Statuses, texts and fields are those of real answers, as users reported them on GitHub; each check
names a report. Where there is none, the text follows the same API's other ones: "inferred".
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NoReturn

from starlette.requests import Request

from llmdocs.wire import answers
from llmdocs.wire.dialect import Refusal, listed

Body = dict[str, Any]

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
TYPES: dict[str, tuple[type, ...]] = {
    "a boolean": (bool,),
    "an integer": (int,),
    "a decimal": (float, int),
    "a string": (str,),
    "an object": (dict,),
    "an array of objects": (list,),
}
ROLES = ("system", "assistant", "user", "function", "tool", "developer")

# sipeed/picoclaw#16; the chat variants of gpt-5 do not reason.
REASONING_MODELS = re.compile(r"o\d|gpt-5(?!-chat)")
# johny-b/llmcomp#69; gpt-5.1 and later take a temperature when they do not reason.
MODELS_WITH_FIXED_TEMPERATURE = re.compile(r"gpt-5(-mini|-nano)?(-\d{4}-.*)?$")


def refusal(
    status: int,
    message: str,
    *,
    param: str | None = None,
    code: str | None = None,
    hint: str = "",
) -> Refusal:
    """A refusal in OpenAI's envelope: message, type, param and code are always there."""
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return Refusal(status, {"error": error}, hint)


async def json_body(request: Request) -> Body:
    """The request's JSON object.

    Refuses another content type (openai/openai-openapi#502) and what is not JSON
    (ChatGPTNextWeb/NextChat#4064). That a list or a string is refused alike is inferred.
    """
    header = request.headers.get("content-type", "")
    media_type = header.partition(";")[0].strip()
    if media_type.lower() != "application/json":
        raise refusal(
            400,
            f"Unsupported content type: '{media_type}'. This API method only accepts "
            "'application/json' requests, but you specified the header "
            f"'Content-Type: {header}'. Please try again with a supported content type.",
            code="unsupported_content_type",
            hint="Send the header Content-Type: application/json.",
        )
    try:
        # Python's parser takes NaN and Infinity, which JSON does not have.
        body = json.loads(await request.body(), parse_constant=_no_constant)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise refusal(
            400,
            "We could not parse the JSON body of your request. (HINT: This likely means you "
            "aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but "
            "what was sent was not valid JSON. If you have trouble figuring out how to fix this, "
            "please contact us through our help center at help.openai.com.)",
            hint="The body must be one JSON object.",
        )
    return body


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def model_in(body: Body) -> str:
    """The body's `model`; refused without one (danielmiessler/Fabric#239)."""
    model = body.get("model")
    if not model:
        raise refusal(400, "you must provide a model parameter", hint="The body has no model.")
    check_type("model", model, "a string")
    return str(model)


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


def check_parameters(body: Body, parameters: Mapping[str, str]) -> None:
    # quarkiverse/quarkus-langchain4j#285
    unknown = [name for name in body if name not in parameters]
    if unknown:
        arguments = "argument" if len(unknown) == 1 else "arguments"
        raise refusal(
            400,
            f"Unrecognized request {arguments} supplied: {', '.join(unknown)}",
            hint=f"Known: {listed(parameters)}.",
        )
    for name, value in body.items():
        if value is not None:
            check_type(name, value, parameters[name])


def check_type(path: str, value: Any, expected: str) -> None:
    if expected == "anything" or type(value) in TYPES[expected]:
        return
    got = next((name for name, types in TYPES.items() if type(value) in types), "null")
    got = got.removesuffix(" of objects")
    # The texts for `messages` are quoted in many reports; for other parameters inferred.
    raise refusal(
        400,
        f"Invalid type for '{path}': expected {expected}, but got {got} instead.",
        param=path,
        code="invalid_type",
    )


def missing(path: str) -> Refusal:
    # SilasMarvin/lsp-ai#108, Leon-Sander/Local-Multimodal-AI-Chat#43
    return refusal(
        400,
        f"Missing required parameter: '{path}'.",
        param=path,
        code="missing_required_parameter",
    )


def _empty(path: str) -> Refusal:
    # CopilotKit/CopilotKit#529, home-assistant/core#118577
    return refusal(
        400,
        f"Invalid '{path}': empty array. Expected an array with minimum length 1, "
        "but got an empty array instead.",
        param=path,
        code="empty_array",
    )


def _unsupported(path: str, value: Any, supported: Collection[str]) -> Refusal:
    *others, last = (f"'{name}'" for name in supported)
    return refusal(  # inferred
        400,
        f"Invalid value: '{value}'. Supported values are: {', '.join(others)}, and {last}.",
        param=path,
        code="invalid_value",
    )


def _required(parent: Mapping[str, Any], path: str, name: str, expected: str) -> Any:
    where = f"{path}.{name}" if path else name
    if parent.get(name) is None:
        raise missing(where)
    check_type(where, parent[name], expected)
    return parent[name]


def _check_messages(body: Body) -> None:
    messages = _required(body, "", "messages", "an array of objects")
    if not messages:
        raise _empty("messages")
    unanswered: list[str] = []
    for index, message in enumerate(messages):
        path = f"messages[{index}]"
        check_type(path, message, "an object")
        role = _required(message, path, "role", "a string")
        if role not in ROLES:
            raise _unsupported(f"{path}.role", role, ROLES)
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
        raise _empty(path)
    for index, call in enumerate(calls):
        where = f"{path}[{index}]"
        check_type(where, call, "an object")
        function = _required(call, where, "function", "an object")
        _required(function, f"{where}.function", "name", "a string")
        _required(function, f"{where}.function", "arguments", "a string")
        yield _required(call, where, "id", "a string")


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
    answered = _required(message, f"messages[{index}]", "tool_call_id", "a string")
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
    if not isinstance(content, list):
        check_type(f"messages[{index}].content", content, "a string")


def _check_sampling(body: Body, model: str) -> None:
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
        raise _empty("tools")
    for index, tool in enumerate(tools):
        path = f"tools[{index}]"
        check_type(path, tool, "an object")
        kind = _required(tool, path, "type", "a string")
        if kind not in ("function", "custom"):
            raise _unsupported(f"{path}.type", kind, ("function", "custom"))
        described = _required(tool, path, kind, "an object")
        _required(described, f"{path}.{kind}", "name", "a string")
    _check_tool_choice(body)


def _check_tool_choice(body: Body) -> None:
    choice = body.get("tool_choice")
    if choice is None or choice in ("none", "auto", "required"):
        return
    if isinstance(choice, str):
        raise _unsupported("tool_choice", choice, ("none", "auto", "required"))
    check_type("tool_choice", choice, "an object")
    if choice.get("type") != "function":
        return
    function = _required(choice, "tool_choice", "function", "an object")
    name = _required(function, "tool_choice.function", "name", "a string")
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
    kind = _required(wanted, "response_format", "type", "a string")
    if kind not in ("json_object", "json_schema", "text"):
        raise _unsupported("response_format.type", kind, ("json_object", "json_schema", "text"))
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
        described = _required(wanted, "response_format", "json_schema", "an object")
        path = "response_format.json_schema"
        name = _required(described, path, "name", "a string")
        if described.get("strict"):
            _check_strict(_required(described, path, "schema", "an object"), name)


def _check_strict(schema: Mapping[str, Any], name: str, context: tuple[str, ...] = ()) -> None:
    """What the guide to structured outputs asks of a strict schema, at every level."""
    properties = schema.get("properties", {})
    said = None
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        said = "'additionalProperties' is required to be supplied and to be false."
    elif missing := [key for key in properties if key not in schema.get("required", [])]:
        said = (
            "'required' is required to be supplied and to be an array including every key in "
            f"properties. Missing '{missing[0]}'."
        )
    if said:
        raise refusal(
            400,
            f"Invalid schema for response_format '{name}': In context={context}, {said}",
            param="response_format",
        )
    for key, value in properties.items():
        _check_strict(value, name, (*context, "properties", key))
    if isinstance(schema.get("items"), dict):
        _check_strict(schema["items"], name, (*context, "items"))
