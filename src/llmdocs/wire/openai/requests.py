"""Checks of OpenAI's API on any request, and the words in which it refuses one.

Statuses, texts and fields are those of real answers, as users reported them on GitHub; each check
names a report. Where there is none, the text follows the same API's other ones: "inferred".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from starlette.requests import Request

from llmdocs.wire import mock_model
from llmdocs.wire.dialect import Refusal, listed, read_json

Body = dict[str, Any]

# The documented parameters of an embedding and their types: `CreateEmbeddingRequest` in
# openai/openai-openapi. Lists may hold 2048 texts, says the same place.
EMBEDDING_PARAMETERS = {
    "dimensions": "an integer",
    "encoding_format": "anything",
    "input": "anything",
    "model": "a string",
    "user": "a string",
}
MAXIMUM_INPUTS = 2048

# Of functions and of response formats, from the same place.
NAME_PATTERN = "^[a-zA-Z0-9_-]+$"
MAXIMUM_NAME_LENGTH = 64

TYPES: dict[str, tuple[type, ...]] = {
    "a boolean": (bool,),
    "an integer": (int,),
    "a decimal": (float, int),
    "a string": (str,),
    "an object": (dict,),
    "an array of objects": (list,),
    "an array of strings": (list,),
    "one of a string or object": (str, dict),
    "one of a string or array of objects": (str, list),
    "one of a string or array of strings": (str, list),
}


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
        body = read_json(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise refusal(
            400,
            "We could not parse the JSON body of your request. (HINT: This likely means you "
            "aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but "
            "what was sent was not valid JSON. If you have trouble figuring out how to fix this, "
            "please contact us through our help center at help.openai.com.)",
            hint="The body must be one JSON object, nested no deeper than the mock follows.",
        )
    return body


def model_in(body: Body) -> str:
    """The body's `model`; refused without one (danielmiessler/Fabric#239)."""
    model = body.get("model")
    if not model:
        raise refusal(400, "you must provide a model parameter", hint="The body has no model.")
    check_type("model", model, "a string")
    return str(model)


def check_parameters(body: Body, parameters: Mapping[str, str]) -> None:
    """Refuse unknown arguments and those of another type."""
    unknown = [name for name in body if name not in parameters]
    if unknown:
        raise unrecognized(unknown, f"Known: {listed(parameters)}.")
    for name, value in body.items():
        if value is not None:
            check_type(name, value, parameters[name])


def unrecognized(names: Collection[str], hint: str) -> Refusal:
    """quarkiverse/quarkus-langchain4j#285"""
    arguments = "argument" if len(names) == 1 else "arguments"
    return refusal(400, f"Unrecognized request {arguments} supplied: {', '.join(names)}", hint=hint)


def check_type(path: str, value: Any, expected: str) -> None:
    """Refuse a value that is not `expected`, one of `TYPES` or "anything".

    The texts for `messages` are quoted in many reports; for other parameters they are inferred.
    """
    if expected == "anything" or type(value) in TYPES[expected]:
        return
    got = next((name for name, types in TYPES.items() if type(value) in types), "null")
    got = got.removesuffix(" of objects")
    raise refusal(
        400,
        f"Invalid type for '{path}': expected {expected}, but got {got} instead.",
        param=path,
        code="invalid_type",
    )


def missing(path: str) -> Refusal:
    """SilasMarvin/lsp-ai#108, Leon-Sander/Local-Multimodal-AI-Chat#43."""
    return refusal(
        400,
        f"Missing required parameter: '{path}'.",
        param=path,
        code="missing_required_parameter",
    )


def empty(path: str) -> Refusal:
    """CopilotKit/CopilotKit#529, home-assistant/core#118577."""
    return refusal(
        400,
        f"Invalid '{path}': empty array. Expected an array with minimum length 1, "
        "but got an empty array instead.",
        param=path,
        code="empty_array",
    )


def too_long(path: str, kind: str, maximum: int, length: int) -> Refusal:
    """An array (continuedev/continue#2461) or a string (alike: inferred)."""
    written = "an array" if kind == "array" else "a string"
    return refusal(
        400,
        f"Invalid '{path}': {kind} too long. Expected {written} with maximum length {maximum}, "
        f"but got {written} with length {length} instead.",
        param=path,
        code=f"{kind}_above_max_length",
    )


def unsupported(path: str, value: Any, supported: Collection[str]) -> Refusal:
    """A value that is not among those documented (aallam/openai-kotlin#320)."""
    *others, last = (f"'{name}'" for name in supported)
    comma = "," if len(others) > 1 else ""
    return refusal(
        400,
        f"Invalid value: '{value}'. Supported values are: {', '.join(others)}{comma} and {last}.",
        param=path,
        code="invalid_value",
    )


def required(parent: Mapping[str, Any], path: str, name: str, expected: str) -> Any:
    """The value under `name` of the object at `path`, refused when it is not there."""
    where = f"{path}.{name}" if path else name
    if parent.get(name) is None:
        raise missing(where)
    check_type(where, parent[name], expected)
    return parent[name]


def check_name(path: str, name: str) -> None:
    """Refuse what cannot name a function or a schema (brekkylab/ailoy#109; lengths inferred)."""
    if not name:
        raise refusal(
            400,
            f"Invalid '{path}': empty string. Expected a string with minimum length 1, but got an "
            "empty string instead.",
            param=path,
            code="empty_string",
        )
    if not re.fullmatch(NAME_PATTERN, name):
        raise refusal(
            400,
            f"Invalid '{path}': string does not match pattern. Expected a string that matches the "
            f"pattern '{NAME_PATTERN}'.",
            param=path,
            code="invalid_value",
        )
    if len(name) > MAXIMUM_NAME_LENGTH:
        raise too_long(path, "string", MAXIMUM_NAME_LENGTH, len(name))


def check_embeddings(body: Body, model: str) -> list[str | list[int]]:
    """The texts or token arrays to embed; refuses what `POST /embeddings` refuses."""
    check_parameters(body, EMBEDDING_PARAMETERS)
    if body.get("input") is None:
        raise missing("input")  # inferred
    encoding = body.get("encoding_format")
    if encoding not in (None, "float", "base64"):
        # lm-sys/FastChat#2281
        raise refusal(
            400,
            f"Invalid value for 'encoding_format' = {encoding}. "
            "Supported values: ['float', 'base64'].",
        )
    dimensions = body.get("dimensions")
    if dimensions is not None:
        _check_dimensions(dimensions, model)
    given = body["input"]
    if isinstance(given, str) or _is_token_array(given):
        return [given]  # an empty text too: openai/openai-python#576
    if (
        isinstance(given, list)
        and 0 < len(given) <= MAXIMUM_INPUTS
        and (all(isinstance(i, str) and i for i in given) or all(map(_is_token_array, given)))
    ):
        return given
    # aryn-ai/sycamore#943, for an empty string in a list; for other shapes inferred.
    raise refusal(
        400,
        "'$.input' is invalid. Please check the API reference: "
        "https://platform.openai.com/docs/api-reference.",
        hint="input is a text, a list of texts of which none is empty, or token arrays.",
    )


def _is_token_array(given: Any) -> bool:
    return isinstance(given, list) and bool(given) and all(type(token) is int for token in given)


def _check_dimensions(dimensions: int, model: str) -> None:
    if model == "text-embedding-ada-002":
        # SciPhi-AI/R2R#768
        raise refusal(400, "This model does not support specifying dimensions.")
    most = mock_model.DIMENSIONS.get(model, mock_model.DEFAULT_DIMENSIONS)
    if not 1 <= dimensions <= most:  # inferred
        bound = "greater than or equal to 1" if dimensions < 1 else f"less than or equal to {most}"
        raise refusal(400, f"Invalid value for 'dimensions' = {dimensions}. Must be {bound}.")
