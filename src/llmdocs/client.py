"""The reference client: one call, one retry layer, errors a reader can act on."""

from __future__ import annotations

import asyncio
import functools
import importlib
import inspect
import json
import logging
import os
import sys
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
)

from llmdocs import retries
from llmdocs.errors import LLMDocsError, ProviderError, SettingsError, did_you_mean
from llmdocs.failures import RETRIED_ERRORS, Failures
from llmdocs.needs import check_needs, embedding_model
from llmdocs.providers import Provider, by_prefix, unlisted
from llmdocs.retries import Failure
from llmdocs.settings import Settings

if TYPE_CHECKING:
    from litellm import EmbeddingResponse, ModelResponse, ModelResponseStream

Messages = str | Sequence[Mapping[str, Any]]
Sleep = Callable[[float], Any]

log = logging.getLogger("llmdocs")

# What the settings or the method decide, and the options of a call may not.
RESERVED = frozenset(
    {
        "api_base",
        "api_key",
        "api_version",
        "base_url",
        "input",
        "max_retries",
        "messages",
        "model",
        "num_retries",
        "stream",
    }
)

# How the client waits when no `sleep` is given; tests replace them so that none ever waits.
default_sleep: Sleep = time.sleep
default_async_sleep: Sleep = asyncio.sleep


class LLM:
    """Calls the model that `settings` name, through litellm.

    `sleep` replaces the wait before a retry: a function of the seconds, plain or async. Every
    method raises `llmdocs.errors` alone; `SettingsError` means that a variable is missing.
    """

    def __init__(self, settings: Settings, *, sleep: Sleep | None = None) -> None:
        self.settings = settings
        self._sleep = sleep
        self._provider = _provider_of(settings)
        check_needs(settings, self._provider)
        self._failures = Failures(settings, self._provider)

    @classmethod
    def from_env(
        cls,
        env_file: str | Path | None = None,
        config: str | Path | None = None,
        *,
        sleep: Sleep | None = None,
        **arguments: Any,
    ) -> Self:
        """The client that `Settings.load` describes, with the same arguments."""
        return cls(Settings.load(env_file, config, **arguments), sleep=sleep)

    def complete(self, messages: Messages, **options: Any) -> ModelResponse:
        """Answer a conversation; a string is one user's message.

        `options` go to `litellm.completion`. Returns litellm's own response.
        """
        arguments = self._completion(messages, options)

        def attempt() -> ModelResponse:
            with self._translated():
                return self._checked_answer(_litellm().completion(**arguments))

        return self._retrying()(attempt)

    async def acomplete(self, messages: Messages, **options: Any) -> ModelResponse:
        """`complete`, awaited."""
        arguments = self._completion(messages, options)

        async def attempt() -> ModelResponse:
            with self._translated():
                return self._checked_answer(await _litellm().acompletion(**arguments))

        return await self._async_retrying()(attempt)

    def embed(self, texts: str | Sequence[str], **options: Any) -> EmbeddingResponse:
        """Embed one text or several in one request.

        `options` go to `litellm.embedding`. Returns litellm's own response: one vector a text.
        """
        arguments = self._embedding(texts, options)

        def attempt() -> EmbeddingResponse:
            with self._translated():
                return self._checked_vectors(_litellm().embedding(**arguments), arguments)

        return self._retrying()(attempt)

    async def aembed(self, texts: str | Sequence[str], **options: Any) -> EmbeddingResponse:
        """`embed`, awaited."""
        arguments = self._embedding(texts, options)

        async def attempt() -> EmbeddingResponse:
            with self._translated():
                return self._checked_vectors(await _litellm().aembedding(**arguments), arguments)

        return await self._async_retrying()(attempt)

    def stream(self, messages: Messages, **options: Any) -> Iterator[ModelResponseStream]:
        """Answer a conversation piece by piece, as litellm's own chunks.

        A failure is retried only before the first chunk; a later one is raised at once.
        """
        arguments = self._completion(messages, options, stream=True)

        def attempt() -> tuple[Any, ModelResponseStream | None]:
            with self._translated():
                chunks = iter(_litellm().completion(**arguments))
                return chunks, next(chunks, None)

        chunks: Any
        chunk: ModelResponseStream | None
        chunks, chunk = self._retrying()(attempt)
        said = False
        while chunk is not None:
            said = said or _says_something(chunk)
            yield chunk
            with self._translated():
                chunk = next(chunks, None)
        self._check_stream(said)

    async def astream(
        self, messages: Messages, **options: Any
    ) -> AsyncIterator[ModelResponseStream]:
        """`stream`, for `async for`."""
        arguments = self._completion(messages, options, stream=True)

        async def attempt() -> tuple[Any, ModelResponseStream | None]:
            with self._translated():
                chunks = aiter(await _litellm().acompletion(**arguments))
                return chunks, await anext(chunks, None)

        chunks: Any
        chunk: ModelResponseStream | None
        chunks, chunk = await self._async_retrying()(attempt)
        said = False
        while chunk is not None:
            said = said or _says_something(chunk)
            yield chunk
            with self._translated():
                chunk = await anext(chunks, None)
        self._check_stream(said)

    def _completion(
        self, messages: Messages, options: Mapping[str, Any], stream: bool = False
    ) -> dict[str, Any]:
        """What a completion passes to litellm."""
        if isinstance(messages, str):
            messages = [{"role": "user", "content": messages}]
        arguments = self._arguments(self.settings.model, options)
        arguments["messages"] = self._written(messages, "messages", Mapping, "a mapping")
        if stream:
            arguments["stream"] = True
            if self._provider.stream_usage:
                arguments.setdefault("stream_options", {"include_usage": True})
        return arguments

    def _embedding(self, texts: str | Sequence[str], options: Mapping[str, Any]) -> dict[str, Any]:
        """What an embedding passes to litellm."""
        model = embedding_model(self.settings, self._provider)
        arguments = self._arguments(model, options)
        texts = [texts] if isinstance(texts, str) else texts
        arguments["input"] = self._written(texts, "texts", str, "a text")
        return arguments

    def _written(self, items: Any, what: str, kind: type, wanted: str) -> list[Any]:
        """The items as JSON can hold them; litellm would take a wrong one for a bad answer.

        A message may be litellm's own object, from an earlier answer.
        """
        if not isinstance(items, Sequence):
            raise self._failures.unsendable(f"{what} is {type(items).__name__}; wanted: a list")
        plain = [item.model_dump() if hasattr(item, "model_dump") else item for item in items]
        for number, item in enumerate(plain):
            if not isinstance(item, kind):
                found = type(item).__name__
                raise self._failures.unsendable(f"{what}[{number}] is {found}; wanted: {wanted}")
        try:
            json.dumps(plain, ensure_ascii=False).encode()
        except (TypeError, ValueError, RecursionError):
            problem = f"{what} holds what JSON in UTF-8 cannot"
        else:
            return list(items)
        raise self._failures.unsendable(problem)

    def _arguments(self, model: str, options: Mapping[str, Any]) -> dict[str, Any]:
        reserved = sorted(RESERVED & options.keys())
        if reserved:
            raise TypeError(f"{', '.join(reserved)}: the settings or the method decide this")
        settings = self.settings
        key = settings.api_key.get_secret_value() if settings.api_key else None
        base = settings.base_url or self._provider.base_url
        target = {"api_key": key, "api_base": base, "api_version": settings.api_version}
        return {
            **options,
            "model": model,
            **{name: value for name, value in target.items() if value},
            # One retry layer: ours. litellm's and the SDKs' stay off.
            "num_retries": 0,
            "max_retries": 0,
        }

    def _retrying(self) -> Retrying:
        return Retrying(sleep=self._wait, **self._policy())

    def _async_retrying(self) -> AsyncRetrying:
        return AsyncRetrying(sleep=self._async_wait, **self._policy())

    def _policy(self) -> dict[str, Any]:
        return {
            "stop": stop_after_attempt(self.settings.num_retries + 1),
            "retry": retry_if_exception_type(RETRIED_ERRORS),
            "wait": self._seconds_to_wait,
            "before_sleep": self._announce,
            "reraise": True,
        }

    def _seconds_to_wait(self, state: RetryCallState) -> float:
        error = _failure_of(state)
        return retries.wait(self.settings, state.attempt_number, error.retry_after)

    def _announce(self, state: RetryCallState) -> None:
        log.warning(
            "%s Retry %d of %d in %g s.",
            _failure_of(state),
            state.attempt_number,
            self.settings.num_retries,
            state.upcoming_sleep,
        )

    def _wait(self, seconds: float) -> None:
        result = (self._sleep or default_sleep)(seconds)
        if inspect.iscoroutine(result):
            result.close()
            raise TypeError("this sleep is async; give a plain one, or call the async methods")

    async def _async_wait(self, seconds: float) -> None:
        result = (self._sleep or default_async_sleep)(seconds)
        if isinstance(result, Awaitable):
            await result

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise our own error in place of whatever litellm raises."""
        handled = sys.exception()
        try:
            yield
        except LLMDocsError:
            raise
        except Exception as error:
            raise self._failures.translate(error, handled) from error

    def _checked_answer(self, answer: ModelResponse) -> ModelResponse:
        """The answer, if it says something or calls a tool."""
        choices = answer.choices or []
        message = getattr(choices[0], "message", None) if choices else None
        if message is None or not (message.content or message.tool_calls):
            raise self._failures.failed(Failure.BAD_ANSWER, "sent an answer with nothing in it")
        return answer

    def _check_stream(self, said: bool) -> None:
        if not said:
            raise self._failures.failed(Failure.BAD_ANSWER, "sent a stream with nothing in it")

    def _checked_vectors(
        self, answer: EmbeddingResponse, arguments: Mapping[str, Any]
    ) -> EmbeddingResponse:
        """The answer, if it holds one vector for each text."""
        vectors = [item.get("embedding") for item in answer.data or []]
        if len(vectors) != len(arguments["input"]) or not all(vectors):
            raise self._failures.failed(Failure.BAD_ANSWER, "did not send one vector for each text")
        return answer


@functools.cache
def _litellm() -> Any:
    """litellm, imported at the first call: it takes seconds.

    Its switches keep the import from fetching a price list and from reading a `.env` file.
    """
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
    # pydantic warns of litellm's own types at the first stream; a reader can do nothing about it.
    warnings.filterwarnings("ignore", message=r"Items? .* `ReadOnly` qualifier")
    litellm: Any = importlib.import_module("litellm")
    litellm.suppress_debug_info = True
    litellm.DEFAULT_MAX_RETRIES = 0
    return litellm


def _provider_of(settings: Settings) -> Provider:
    """The catalogue's entry for the model, or what its name says of one that litellm knows."""
    prefix, slash, _ = settings.model.partition("/")
    if slash and (provider := by_prefix(prefix)):
        return provider
    litellm = _litellm()
    try:
        prefix = str(litellm.get_llm_provider(settings.model)[1])
    except litellm.BadRequestError:
        prefix = ""
    if not prefix:
        raise _unknown_provider(settings.model)
    return by_prefix(prefix) or unlisted(prefix)


def _unknown_provider(model: str) -> SettingsError:
    prefix, slash, _ = model.partition("/")
    known = [str(getattr(item, "value", item)) for item in _litellm().provider_list]
    return SettingsError(
        f"LLM_MODEL is {model!r}, and litellm knows no provider for it. Write provider/model, "
        f"such as openai/gpt-4.1-mini.{did_you_mean(prefix, known) if slash else ''}"
    )


def _says_something(chunk: ModelResponseStream) -> bool:
    delta = chunk.choices[0].delta if chunk.choices else None
    return bool(delta and (delta.content or delta.tool_calls))


def _failure_of(state: RetryCallState) -> ProviderError:
    """The error that tenacity is about to retry."""
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, ProviderError)
    return error
