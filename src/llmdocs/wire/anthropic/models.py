"""Requests to Anthropic's API, as pydantic models with the fields of the package anthropic 2.12."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Body = dict[str, Any]


class Part(BaseModel):
    """A part of a request: no other fields than these, and no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Block(Part):
    """A part of a message's content."""

    cache_control: Body | None = None


class Document(Block):
    type: Literal["document"]
    source: Body
    title: str | None = None
    context: str | None = None
    citations: Body | None = None


class Image(Block):
    type: Literal["image"]
    source: Body
    transformations: Body | None = None


class RedactedThinking(Part):
    type: Literal["redacted_thinking"]
    data: str


class Text(Block):
    type: Literal["text"]
    text: str
    citations: list[Body] | None = None


class Thinking(Part):
    type: Literal["thinking"]
    thinking: str
    signature: str


class ToolUse(Block):
    type: Literal["tool_use"]
    id: Annotated[str, Field(pattern="^[a-zA-Z0-9_-]+$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    input: Body
    caller: Body | None = None
    toolset_name: str | None = None


class ServersOwn(Part):
    """What Anthropic's own tools leave in a conversation: their fields are not looked into."""

    model_config = ConfigDict(extra="allow")
    type: Literal[
        "bash_code_execution_tool_result",
        "code_execution_tool_result",
        "container_upload",
        "search_result",
        "server_tool_use",
        "text_editor_code_execution_tool_result",
        "tool_reference",
        "tool_search_tool_result",
        "web_fetch_tool_result",
        "web_search_tool_result",
    ]


def _blocks(content: Any) -> Any:
    """A text is shorthand for one block of it, says the API's reference."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


ResultBlock = Annotated[Document | Image | Text | ServersOwn, Field(discriminator="type")]


class ToolResult(Block):
    type: Literal["tool_result"]
    tool_use_id: Annotated[str, Field(pattern="^[a-zA-Z0-9_-]+$")]
    content: Annotated[list[ResultBlock], BeforeValidator(_blocks)] = []
    is_error: bool = False


AnyBlock = Annotated[
    Document | Image | RedactedThinking | ServersOwn | Text | Thinking | ToolResult | ToolUse,
    Field(discriminator="type"),
]


class Message(Part):
    role: str
    content: Annotated[list[AnyBlock], BeforeValidator(_blocks)]

    def blocks(self, kind: type[Block]) -> Iterator[tuple[int, Any]]:
        """Its blocks of one kind, with their numbers."""
        for number, block in enumerate(self.content):
            if isinstance(block, kind):
                yield number, block


class InputSchema(Part):
    """Its own fields are JSON Schema's."""

    model_config = ConfigDict(extra="allow")
    type: Literal["object"]


class Tool(Part):
    """A tool of the caller's own."""

    type: Literal["custom"]
    # The longest name: anthropics/claude-code#96152.
    name: Annotated[str, Field(pattern="^[a-zA-Z0-9_-]{1,128}$")]
    description: str = ""
    input_schema: InputSchema
    allowed_callers: list[str] = []
    cache_control: Body | None = None
    defer_loading: bool = False
    eager_input_streaming: bool | None = None
    input_examples: list[Body] = []
    strict: bool = False


class KnownTool(Part):
    """A tool that Anthropic describes to the model itself; the mocked model calls none."""

    model_config = ConfigDict(extra="allow")
    type: Literal[
        "bash_20250124",
        "browser_toolset_20260801",
        "code_execution_20250522",
        "code_execution_20250825",
        "code_execution_20260120",
        "code_execution_20260521",
        "computer_toolset_20260801",
        "memory_20250818",
        "text_editor_20250124",
        "text_editor_20250429",
        "text_editor_20250728",
        "tool_search_tool_bm25",
        "tool_search_tool_bm25_20251119",
        "tool_search_tool_regex",
        "tool_search_tool_regex_20251119",
        "web_fetch_20250910",
        "web_fetch_20260209",
        "web_fetch_20260309",
        "web_fetch_20260318",
        "web_search_20250305",
        "web_search_20260209",
        "web_search_20260318",
    ]


def _with_type(tool: Any) -> Any:
    """A tool without a type is the caller's own."""
    if isinstance(tool, dict) and tool.get("type") is None:
        return {**tool, "type": "custom"}
    return tool


AnyTool = Annotated[
    Annotated[Tool | KnownTool, Field(discriminator="type")], BeforeValidator(_with_type)
]


class Choice(Part):
    type: Literal["any", "auto"]
    disable_parallel_tool_use: bool = False


class NoTool(Part):
    type: Literal["none"]


class NamedTool(Part):
    type: Literal["tool"]
    name: str
    disable_parallel_tool_use: bool = False


class ThinkingWithBudget(Part):
    type: Literal["enabled"]
    budget_tokens: Annotated[int, Field(ge=1024)]
    display: Literal["summarized", "omitted"] | None = None


class OtherThinking(Part):
    type: Literal["adaptive", "between_tools", "disabled"]
    display: Literal["summarized", "omitted"] | None = None


class OutputFormat(Part):
    type: Literal["json_schema"]
    json_schema: Annotated[Body, Field(alias="schema")]


class OutputConfig(Part):
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: OutputFormat | None = None


class Metadata(Part):
    user_id: str | None = None


class Conversation(Part):
    """The body of `POST /v1/messages/count_tokens`."""

    model: Annotated[str, Field(min_length=1)]
    messages: list[Message]
    system: Annotated[list[Text], BeforeValidator(_blocks)] = []
    tools: list[AnyTool] = []
    tool_choice: Annotated[Choice | NoTool | NamedTool, Field(discriminator="type")] | None = None
    thinking: Annotated[ThinkingWithBudget | OtherThinking, Field(discriminator="type")] | None = (
        None
    )
    output_config: OutputConfig = OutputConfig()
    cache_control: Body | None = None
    speed: Literal["standard", "fast"] | None = None

    @property
    def own_tools(self) -> list[Tool]:
        """The tools that the caller runs."""
        return [tool for tool in self.tools if isinstance(tool, Tool)]


class Question(Conversation):
    """The body of `POST /v1/messages`."""

    # No answer at all only fills the prompt cache.
    max_tokens: Annotated[int, Field(ge=0)]
    stream: bool = False
    temperature: float = 1
    top_p: float = 1
    top_k: Annotated[int, Field(ge=0)] = 0
    stop_sequences: list[str] = []
    metadata: Metadata = Metadata()
    service_tier: Literal["auto", "standard_only"] = "auto"
    container: Body | str | None = None
    diagnostics: Body | None = None
    inference_geo: str | None = None
    # What `output_config.format` was called before, which litellm still sends.
    output_format: OutputFormat | None = None
