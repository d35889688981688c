"""Checks of Anthropic's API on a request, and the words in which it refuses one.

Statuses, texts and fields are those of real answers, as users reported them on GitHub; each check
names a report. Where there is none, the text follows the same API's other ones: "inferred". Paths
and texts such as `tools.0.custom.name: Field required` are pydantic's, so pydantic reads the
requests here too (Kilo-Org/kilocode#12238, simonw/llm-anthropic#23, home-assistant/core#147760).
The fields are those of the Python package anthropic 2.12.
"""

from __future__ import annotations

import re
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from llmdocs.wire import mock_model
from llmdocs.wire.anthropic.models import (
    Body,
    Conversation,
    Document,
    Message,
    NamedTool,
    Question,
    Text,
    ThinkingWithBudget,
    Tool,
    ToolResult,
    ToolUse,
)
from llmdocs.wire.dialect import Refusal, listed, read_json
from llmdocs.wire.openai.schemas import complaint

Kind = TypeVar("Kind", bound=BaseModel)

# https://docs.claude.com/en/api/errors, and `ErrorType` of the Python package. What is not listed
# is `invalid_request_error` below 500, and `api_error` from there on.
ERROR_TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}

# The models that still take a beginning of the answer, and sampling parameters. The others refuse:
# agenticloops-ai/agentic-ai-engineering#43, danielmiessler/Fabric#2109.
TAKES_PREFILL = re.compile(r"claude-(3|(haiku|opus|sonnet)-4-[0-5]\b)")
TAKES_SAMPLING = re.compile(r"claude-(3|(haiku|opus|sonnet)-4-[0-6]\b)")
# Those that take messages of the role `system`: anthropics/claude-agent-sdk-typescript#350.
NO_SYSTEM_MESSAGES = re.compile(r"claude-(3|(haiku|opus|sonnet)-4-[0-7]\b)")
# The most tokens of one answer, as the models' pages say; older ones have fewer.
MAXIMUM_TOKENS = 128_000
MAXIMUM_TOKENS_BEFORE = 64_000
# https://platform.claude.com/docs/en/api/versioning; the streams of 2023-01-01 are not played.
VERSIONS = ("2023-06-01", "2026-10-21")
SAMPLING = {"temperature": 1, "top_p": 1, "top_k": 0}
OUTPUT_FORMAT_BETA = "structured-outputs-2025-11-13"


def error_body(status: int, message: str, code: str | None = None) -> Body:
    """The body of an error: a type that follows from the status, a message, and the request's id.

    The id has the form of a real one (anthropics/claude-code#77525). There is no `code`.
    """
    kind = ERROR_TYPES.get(status, "invalid_request_error" if status < 500 else "api_error")
    error = {"type": kind, "message": message}
    identifier = f"req_011{mock_model.fingerprint(status, message)[:21]}"
    return {"type": "error", "error": error, "request_id": identifier}


def refusal(status: int, message: str, hint: str = "") -> Refusal:
    """A refusal, with the headers of a real one (lobehub/lobehub#1496)."""
    body = error_body(status, message)
    headers = {"request-id": body["request_id"], "x-should-retry": "false"}
    return Refusal(status, body, hint, headers)


def json_body(body: bytes) -> Body:
    """The object in a body.

    anthropics/claude-code#77525 has the form of the text; the detail is Python's. That other JSON
    is refused in pydantic's words is inferred.
    """
    try:
        document = read_json(body)
    except ValueError as error:
        raise refusal(400, f"The request body is not valid JSON: {error}") from None
    if not isinstance(document, dict):
        raise refusal(400, "Input should be a valid dictionary")
    return document


def read_conversation(body: Body, version: str) -> Conversation:
    """The request in a body of `POST /v1/messages/count_tokens`; refuses what that refuses."""
    conversation = _read(Conversation, body)
    _check_conversation(conversation, version)
    return conversation


def read_question(body: Body, version: str, betas: str = "") -> Question:
    """The request in a body of `POST /v1/messages`; refuses what that refuses.

    `betas` is the header `anthropic-beta`. Without the one that a parameter belongs to, it is as
    good as unknown (the form of amrit110/oli#7; for this one inferred).
    """
    question = _read(Question, body)
    if question.output_format and OUTPUT_FORMAT_BETA not in betas:
        raise refusal(400, "output_format: Extra inputs are not permitted")
    _check_conversation(question, version)
    _check_limits(question)
    _check_sampling(question, version)
    return question


def _read(kind: type[Kind], body: Body) -> Kind:
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    text = first["msg"]
    if first["type"] == "model_type":  # pydantic names a class of ours
        text = "Input should be a valid dictionary or object to extract fields from"
    raise refusal(400, f"{'.'.join(map(str, first['loc']))}: {text}")


def _check_conversation(conversation: Conversation, version: str) -> None:
    _check_roles(conversation)
    _check_contents(conversation)
    if version != VERSIONS[0]:
        _check_newer_version(conversation)
    _check_tool_results(conversation.messages)
    _check_tools(conversation)


def _check_roles(conversation: Conversation) -> None:
    messages = conversation.messages
    if not messages:
        raise refusal(
            400, "messages: at least one message is required"
        )  # hinthornw/promptimizer#19
    for message in messages:
        if message.role == "system" and not NO_SYSTEM_MESSAGES.match(conversation.model):
            continue
        if message.role == "system":
            raise refusal(
                400,
                'messages: Unexpected role "system". The Messages API accepts a top-level `system` '
                'parameter, not "system" as an input message role.',
            )
        if message.role not in ("user", "assistant"):
            # mark3labs/mcphost#36; that other roles are answered as `tool` is, is inferred.
            raise refusal(
                400,
                f'messages: Unexpected role "{message.role}". Allowed roles are "user" or '
                '"assistant". For instructions on how to use tools, see '
                "https://docs.anthropic.com/en/docs/tool-use",
            )
    # A first message of the assistant is taken: anthropics/anthropic-sdk-typescript#622.
    if messages[-1].role == "assistant" and not TAKES_PREFILL.match(conversation.model):
        raise refusal(
            400,
            "This model does not support assistant message prefill. The conversation must end with "
            "a user message.",
        )


def _check_contents(conversation: Conversation) -> None:
    last = len(conversation.messages) - 1
    for index, message in enumerate(conversation.messages):
        texts = [block.text for _, block in message.blocks(Text)]
        # A text of nothing is the shorthand for no content: inferred.
        if message.content and (texts != [""] or len(message.content) > 1):
            _check_texts("messages", texts)
        elif index < last or message.role != "assistant":
            # anthropics/claude-code#4416
            raise refusal(
                400,
                f"messages.{index}: all messages must have non-empty content except for the "
                "optional final assistant message",
            )
    _check_texts("system", [block.text for block in conversation.system])


def _check_texts(path: str, texts: list[str]) -> None:
    """anthropics/claude-code#53473 and #23352, for messages; for `system` inferred."""
    if "" in texts:
        raise refusal(400, f"{path}: text content blocks must be non-empty")
    if not all(map(str.strip, texts)):
        raise refusal(400, f"{path}: text content blocks must contain non-whitespace text")


def _check_newer_version(conversation: Conversation) -> None:
    """https://platform.claude.com/docs/en/api/migration-2026-10-21; the texts are inferred."""
    for index, message in enumerate(conversation.messages):
        for number, _ in message.blocks(Document) if message.role == "assistant" else ():
            raise refusal(
                400,
                f"messages.{index}.content.{number}: `document` blocks are not permitted in "
                "`assistant` messages",
            )
        for number, text in message.blocks(Text) if message.role == "user" else ():
            if text.citations:
                raise refusal(
                    400,
                    f"messages.{index}.content.{number}.text.citations: Extra inputs are not "
                    "permitted",
                )


def _check_tool_results(messages: list[Message]) -> None:
    """Each call is answered in the message after it, and nothing else is."""
    for index, message in enumerate(messages):
        before = messages[index - 1] if index else None
        called = {call.id for _, call in before.blocks(ToolUse)} if before else set()
        for number, result in message.blocks(ToolResult):
            if result.tool_use_id not in called:
                # anthropics/claude-code#13460
                raise refusal(
                    400,
                    f"messages.{index}.content.{number}: unexpected `tool_use_id` found in "
                    f"`tool_result` blocks: {result.tool_use_id}. Each `tool_result` block must "
                    "have a corresponding `tool_use` block in the previous message.",
                )
        after = messages[index + 1] if index + 1 < len(messages) else None
        answered = {result.tool_use_id for _, result in after.blocks(ToolResult)} if after else {}
        unanswered = [c.id for _, c in message.blocks(ToolUse) if c.id not in answered]
        if unanswered:
            # anthropics/claude-code#5989
            raise refusal(
                400,
                f"messages.{index}: `tool_use` ids were found without `tool_result` blocks "
                f"immediately after: {', '.join(unanswered)}. Each `tool_use` block must have a "
                "corresponding `tool_result` block in the next message.",
            )


def _check_tools(conversation: Conversation) -> None:
    for index, tool in enumerate(conversation.tools):
        if not isinstance(tool, Tool):
            continue
        path = f"tools.{index}.custom.input_schema"
        schema = tool.input_schema.model_dump()
        if schema.keys() & {"oneOf", "allOf", "anyOf"}:
            # Hmbown/Codewhale#4329
            raise refusal(
                400,
                f"{path}: input_schema does not support oneOf, allOf, or anyOf at the top level",
            )
        if said := complaint(schema):
            # anthropics/claude-code#86664
            raise refusal(
                400,
                f"{path}: JSON schema is invalid. It must match JSON Schema draft 2020-12 "
                "(https://json-schema.org/draft/2020-12). Learn more about tool use at "
                "https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview.",
                said,
            )
    names = [tool.name for tool in conversation.own_tools]
    if len(set(names)) < len(names):
        raise refusal(400, "tools: Tool names must be unique.")  # danny-avila/LibreChat#13162
    choice = conversation.tool_choice
    if choice and not conversation.tools:
        # Several projects quote it for `any`, as what Anthropic answered; the others are inferred.
        raise refusal(400, f"tool_choice.{choice.type} may only be specified while providing tools")
    if isinstance(choice, NamedTool) and choice.name not in names:
        raise refusal(  # inferred
            400,
            f"Tool '{choice.name}' not found in provided tools",
            f"The request's own tools: {listed(names)}.",
        )


def _check_limits(question: Question) -> None:
    model = question.model
    most = MAXIMUM_TOKENS_BEFORE if TAKES_PREFILL.match(model) else MAXIMUM_TOKENS
    if question.max_tokens > most:
        # anthropics/claude-code#24451
        raise refusal(
            400,
            f"max_tokens: {question.max_tokens} > {most}, which is the maximum allowed number of "
            f"output tokens for {model}",
        )
    thinking = question.thinking
    if isinstance(thinking, ThinkingWithBudget) and thinking.budget_tokens >= question.max_tokens:
        raise refusal(400, "`max_tokens` must be greater than `thinking.budget_tokens`.")


def _check_sampling(question: Question, version: str) -> None:
    for name, default in SAMPLING.items():
        if name not in question.model_fields_set:
            continue
        value = getattr(question, name)
        if version != VERSIONS[0]:
            # The page of `_check_newer_version`; the text is inferred.
            raise refusal(400, f"{name}: Extra inputs are not permitted")
        if value != default and not TAKES_SAMPLING.match(question.model):
            # danielmiessler/Fabric#2109; for the other two inferred.
            raise refusal(400, f"`{name}` is deprecated for this model.")
        if name != "top_k" and not 0 <= value <= 1:
            # The form of anthropics/anthropic-sdk-python#893, and the range that it got later.
            raise refusal(400, f"{name}: range: 0..1")
