"""The reference client: one call, one retry layer, errors a reader can act on."""

from __future__ import annotations

import asyncio
import inspect
import logging
import sys
import time
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Generator,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
)

from llmdocs import retries
from llmdocs.catalogue.requirements import check_needs
from llmdocs.client import responses
from llmdocs.client.arguments import Messages, Requests
from llmdocs.client.failures import ErrorTranslator
from llmdocs.client.litellm_module import litellm
from llmdocs.client.lookup import provider_of
from llmdocs.client.prices import Price, completion_price, embedding_price
from llmdocs.client.responses import StreamedAnswer
from llmdocs.client.spending import Spending, Usage
from llmdocs.errors import LLMDocsError, ProviderError
from llmdocs.redaction import log_records
from llmdocs.redaction.credentials import credentials_of_others
from llmdocs.settings.settings import Settings

if TYPE_CHECKING:
    from litellm import EmbeddingResponse, ModelResponse, ModelResponseStream

Sleep = Callable[[float], Any]

log = logging.getLogger("llmdocs")

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
        provider = provider_of(settings)
        check_needs(settings, provider)
        log_records.hide(settings.redaction())
        self._origins = provider.origins_of_calls(settings.base_url)
        self._signs_by_itself = provider.needs == ("LLM_MODEL",)
        self._failures = ErrorTranslator(settings, provider)
        self._requests = Requests(settings, provider, self._failures)
        self._completion_price = completion_price(settings, provider)
        self._embedding_price = embedding_price(settings, provider)
        self._spending = Spending(settings.max_budget)

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

    @property
    def usage(self) -> Usage:
        """What the calls of this client have used so far."""
        return self._spending.usage

    def complete(self, messages: Messages, **options: Any) -> ModelResponse:
        """Answer a conversation; a string is one user's message.

        `options` go to `litellm.completion`. Returns litellm's own response.
        """
        arguments = self._requests.completion(messages, options)

        def attempt() -> ModelResponse:
            with self._calling():
                return self._completed(litellm().completion(**arguments), arguments)

        return self._retrying(self._completion_price)(attempt)

    async def acomplete(self, messages: Messages, **options: Any) -> ModelResponse:
        """`complete`, awaited."""
        arguments = self._requests.completion(messages, options)

        async def attempt() -> ModelResponse:
            with self._calling():
                return self._completed(await litellm().acompletion(**arguments), arguments)

        return await self._async_retrying(self._completion_price)(attempt)

    def embed(self, texts: str | Sequence[str], **options: Any) -> EmbeddingResponse:
        """Embed one text or several in one request.

        `options` go to `litellm.embedding`. Returns litellm's own response: one vector a text.
        """
        arguments = self._requests.embedding(texts, options)

        def attempt() -> EmbeddingResponse:
            with self._calling():
                return self._embedded(litellm().embedding(**arguments), arguments)

        return self._retrying(self._embedding_price)(attempt)

    async def aembed(self, texts: str | Sequence[str], **options: Any) -> EmbeddingResponse:
        """`embed`, awaited."""
        arguments = self._requests.embedding(texts, options)

        async def attempt() -> EmbeddingResponse:
            with self._calling():
                return self._embedded(await litellm().aembedding(**arguments), arguments)

        return await self._async_retrying(self._embedding_price)(attempt)

    def stream(
        self, messages: Messages, **options: Any
    ) -> Generator[ModelResponseStream, None, None]:
        """Answer a conversation piece by piece, as litellm's own chunks.

        A failure is retried only before the first chunk; a later one is raised at once.
        """
        arguments = self._requests.completion(messages, options, stream=True)

        def attempt() -> tuple[Any, ModelResponseStream | None]:
            with self._calling():
                chunks = iter(litellm().completion(**arguments))
                if document := responses.document_in_place_of_stream(chunks):
                    responses.check_document(
                        document.read().decode(errors="replace"), self._failures
                    )
                return chunks, next(chunks, None)

        chunks: Any
        chunk: ModelResponseStream | None
        chunks, chunk = self._retrying(self._completion_price)(attempt)
        answer = StreamedAnswer(arguments, self._failures)
        try:
            while chunk is not None:
                with self._calling():
                    answer.add(chunk)
                yield chunk
                with self._calling():
                    chunk = next(chunks, None)
        finally:
            with self._calling():
                self._count_stream(answer)
                _close(chunks)
        answer.check()

    async def astream(
        self, messages: Messages, **options: Any
    ) -> AsyncGenerator[ModelResponseStream, None]:
        """`stream`, for `async for`."""
        arguments = self._requests.completion(messages, options, stream=True)

        async def attempt() -> tuple[Any, ModelResponseStream | None]:
            with self._calling():
                chunks = aiter(await litellm().acompletion(**arguments))
                if document := responses.document_in_place_of_stream(chunks):
                    read = await document.aread()
                    responses.check_document(read.decode(errors="replace"), self._failures)
                return chunks, await anext(chunks, None)

        chunks: Any
        chunk: ModelResponseStream | None
        chunks, chunk = await self._async_retrying(self._completion_price)(attempt)
        answer = StreamedAnswer(arguments, self._failures)
        try:
            while chunk is not None:
                with self._calling():
                    answer.add(chunk)
                yield chunk
                with self._calling():
                    chunk = await anext(chunks, None)
        finally:
            with self._calling():
                self._count_stream(answer)
                await chunks.aclose()
        answer.check()

    def _completed(self, answer: ModelResponse, arguments: Mapping[str, Any]) -> ModelResponse:
        """The answer, counted, for an empty one has been paid for, and checked."""
        tokens = responses.completion_tokens(answer, arguments)
        tier = responses.service_tier(answer)
        self._spending.count_answer(tokens, self._completion_price.of(tokens, tier))
        responses.check_completion(answer, self._failures)
        return answer

    def _embedded(
        self, answer: EmbeddingResponse, arguments: Mapping[str, Any]
    ) -> EmbeddingResponse:
        """The answer, counted and checked."""
        tokens = responses.embedding_tokens(answer, arguments)
        self._spending.count_answer(tokens, self._embedding_price.of(tokens))
        responses.check_embedding(answer, arguments["input"], self._failures)
        return answer

    def _count_stream(self, answer: StreamedAnswer) -> None:
        tokens = answer.tokens()
        cost = self._completion_price.of(tokens, answer.service_tier)
        self._spending.count_answer(tokens, cost)

    def _retrying(self, price: Price) -> Retrying:
        return Retrying(sleep=self._wait, **self._policy(price))

    def _async_retrying(self, price: Price) -> AsyncRetrying:
        return AsyncRetrying(sleep=self._async_wait, **self._policy(price))

    def _policy(self, price: Price) -> dict[str, Any]:
        def before_each_attempt(state: RetryCallState) -> None:
            self._spending.check(price)
            self._spending.count_request(is_retry=state.attempt_number > 1)

        return {
            "before": before_each_attempt,
            "stop": stop_after_attempt(self.settings.num_retries + 1),
            "retry": retry_if_exception(_is_retried),
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
            raise TypeError("this sleep is async; pass a sync one, or call the async methods")

    async def _async_wait(self, seconds: float) -> None:
        result = (self._sleep or default_async_sleep)(seconds)
        if isinstance(result, Awaitable):
            await result

    @contextmanager
    def _calling(self) -> Iterator[None]:
        """Guard a call's traffic, and raise our own error in place of whatever is raised."""
        # It imports httpx, which takes a while.
        from llmdocs.client.transport import BYTES_PER_MEGABYTE, calling

        handled = sys.exception()
        timeout = self.settings.timeout
        max_size = int(self.settings.max_response_size * BYTES_PER_MEGABYTE)
        with calling(
            timeout=timeout,
            max_size=max_size,
            origins=self._origins,
            foreign=self._credentials_of_others(),
            other_clients=self._signs_by_itself,
        ) as call:
            try:
                yield
            except LLMDocsError:
                raise
            except Exception as error:
                failure, cause = self._failures.explain(error, handled, call.response)
                try:
                    raise failure from cause
                finally:
                    # Python has put litellm's exception here, even one that could not be rewritten.
                    failure.__context__ = cause

    def _credentials_of_others(self) -> dict[str, str]:
        """What a call may not carry: none, where the provider's own tools sign the requests."""
        if self._signs_by_itself:
            return {}
        key = self.settings.api_key
        return credentials_of_others(key.get_secret_value() if key else None)


def _close(chunks: Any) -> None:
    """Close the connection of a stream, so that the provider stops writing; litellm does not.

    The stream is the SDK's, or a reader of litellm's own that holds the lines of the response.
    """
    stream = chunks.completion_stream
    for held in (stream, getattr(stream, "streaming_response", None)):
        close = getattr(held, "close", None)
        if close:
            close()


def _is_retried(error: BaseException) -> bool:
    return isinstance(error, ProviderError) and error.retried


def _failure_of(state: RetryCallState) -> ProviderError:
    """The error that tenacity is about to retry."""
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, ProviderError)
    return error
