"""Responses that litellm hands back: whether they say anything, and how many tokens they took."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from llmdocs.client.error_bodies import error_message
from llmdocs.client.failures import ErrorTranslator
from llmdocs.client.litellm_module import litellm
from llmdocs.retries import Failure

if TYPE_CHECKING:
    import httpx
    from litellm import EmbeddingResponse, ModelResponse, ModelResponseStream


def check_completion(answer: ModelResponse, failures: ErrorTranslator) -> None:
    """Raise `ResponseError` unless an answer says something or calls a tool.

    litellm passes on an answer that holds nothing as success.
    """
    messages = (getattr(choice, "message", None) for choice in answer.choices or [])
    if not any(_says_something(message) for message in messages):
        raise failures.failed(Failure.BAD_ANSWER, "sent an empty answer")


def check_embedding(answer: EmbeddingResponse, texts: list[str], failures: ErrorTranslator) -> None:
    """Raise `ResponseError` unless there is one vector for each text."""
    vectors = [item.get("embedding") for item in answer.data or []]
    if len(vectors) != len(texts) or not all(vectors):
        raise failures.failed(Failure.BAD_ANSWER, "did not send one vector for each text")


def completion_tokens(answer: ModelResponse, arguments: Mapping[str, Any]) -> Any:
    """litellm's `Usage` of an answer: what the provider counted, or an estimate."""
    message = _message(answer)
    said = "".join(_written(message)) if message else ""
    return _counted(answer) or _estimate(arguments, said)


def embedding_tokens(answer: EmbeddingResponse, arguments: Mapping[str, Any]) -> Any:
    """litellm's `Usage` of an embedding: what the provider counted, or an estimate."""
    return _counted(answer) or _usage(_tokens_of("\n".join(arguments["input"])), 0)


def service_tier(answer: Any) -> str | None:
    """OpenAI's service tier of an answer, which its price depends on."""
    tier = getattr(answer, "service_tier", None)
    return tier if isinstance(tier, str) else None


def document_in_place_of_stream(chunks: Any) -> httpx.Response | None:
    """The response that litellm reads a stream from, still unread, if it is one JSON document.

    LM Studio answers a path that it does not know in this way, with status 200. To the OpenAI SDK
    such a document is a stream without chunks.
    """
    response: httpx.Response | None = getattr(chunks.completion_stream, "response", None)
    if response is None:
        return None
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return response if kind == "application/json" else None


def check_document(document: str, failures: ErrorTranslator) -> None:
    """Raise `ResponseError` if a document that came in place of a stream is an error."""
    if message := error_message(document):
        raise failures.error_in_answer(message)


class StreamedAnswer:
    """What the chunks of one stream have said so far."""

    def __init__(self, arguments: Mapping[str, Any], failures: ErrorTranslator) -> None:
        self._arguments = arguments
        self._failures = failures
        self._pieces: list[str] = []
        self._said = False
        self._counted: Any = None
        self.service_tier: str | None = None

    def add(self, chunk: ModelResponseStream) -> None:
        self._counted = _counted(chunk) or self._counted
        self.service_tier = service_tier(chunk) or self.service_tier
        delta = chunk.choices[0].delta if chunk.choices else None
        if delta is not None:
            self._said = self._said or _says_something(delta)
            self._pieces += _written(delta)

    def check(self) -> None:
        """Raise `ResponseError` unless the stream, at its end, has said something."""
        if not self._said:
            raise self._failures.failed(Failure.BAD_ANSWER, "sent an empty stream")

    def tokens(self) -> Any:
        """litellm's `Usage`: what the provider counted, or an estimate if it never came to that."""
        return self._counted or _estimate(self._arguments, "".join(self._pieces))


def _says_something(message: Any) -> bool:
    """Whether a message, or a stream's piece of one, holds an answer in any of its forms."""
    forms = ("content", "tool_calls", "function_call", "refusal", "audio", "images")
    return any(getattr(message, form, None) for form in forms)


def _message(answer: ModelResponse) -> Any:
    return getattr(answer.choices[0], "message", None) if answer.choices else None


def _written(message: Any) -> Iterator[str]:
    """The texts that a model wrote in a message, or in a stream's piece of one."""
    texts = [message.content, getattr(message, "reasoning_content", None)]
    for call in message.tool_calls or []:
        texts += [call.function.name, call.function.arguments] if call.function else []
    yield from (text for text in texts if text and isinstance(text, str))


def _counted(answer: Any) -> Any:
    """The provider's count, if there is one that can be."""
    usage = getattr(answer, "usage", None)
    counts = (usage.prompt_tokens or 0, usage.completion_tokens or 0) if usage else (0, 0)
    return usage if any(counts) and min(counts) >= 0 else None


def _estimate(arguments: Mapping[str, Any], said: str) -> Any:
    """What a request and its answer come to, by the tokenizer that litellm bundles.

    An image counts as litellm's default: measuring it would mean fetching it.
    """
    messages, tools = arguments["messages"], arguments.get("tools")
    try:
        asked = litellm().token_counter(
            messages=messages,
            tools=tools,
            use_default_image_token_count=True,
            default_token_count=0,
        )
    except Exception:
        # Its counter knows fewer forms of tools and messages than providers take.
        asked = _tokens_of(json.dumps([messages, tools], default=str))
    return _usage(asked, _tokens_of(said))


def _tokens_of(text: str) -> int:
    return int(litellm().token_counter(text=text, count_response_tokens=True)) if text else 0


def _usage(asked: int, answered: int) -> Any:
    return litellm().Usage(
        prompt_tokens=asked, completion_tokens=answered, total_tokens=asked + answered
    )
