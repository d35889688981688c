"""`llmdocs doctor`'s calls: the smallest there are, and why one fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from llmdocs.client import LLM, provider_of
from llmdocs.diagnosis import diagnose
from llmdocs.errors import AnswerError, LLMDocsError, RequestError
from llmdocs.findings import Finding, section
from llmdocs.needs import embedding_model
from llmdocs.settings import Settings

QUESTION = "Hi"
# What reading JSON of another shape raises.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Attempt:
    """One call that is to be made: what it asks of which model."""

    operation: Literal["completion", "embedding"]
    model: str
    settings: Settings
    longest_wait: float

    def make(self) -> Finding | None:
        """Make the call, and tell why it failed if it did. Nothing is tried again."""
        fields = self.settings.model_dump(exclude_none=True)
        wait = min(self.settings.timeout, self.longest_wait)
        ask = _complete if self.operation == "completion" else _embed
        try:
            ask(LLM(Settings(**fields | {"num_retries": 0, "timeout": wait})))
        except LLMDocsError as error:
            return diagnose(error, self.settings, provider_of(self.settings), self.operation)
        return None


def attempts(settings: Settings, longest_wait: float) -> Iterator[Attempt]:
    """The smallest completion, and an embedding if a model for it is set.

    `longest_wait` bounds the silence of each, in seconds; LLM_TIMEOUT does so too.
    """
    yield Attempt("completion", settings.model, settings, longest_wait)
    if settings.embedding_model or settings.embedding_deployment_name:
        model = embedding_model(settings, provider_of(settings))
        yield Attempt("embedding", model, settings, longest_wait)


def notes(settings: Settings) -> Iterator[str]:
    """What is no fault, and is better known. Asks Ollama for the context length in force."""
    provider = provider_of(settings)
    length = _context_length(settings) if provider.name == "ollama" else None
    if length:
        yield (
            f"Ollama's context length in force is {length} tokens. It cuts a longer prompt to that "
            f"length without an error: see {section('context-length', provider)}."
        )


def _context_length(settings: Settings) -> int | None:
    """The context length that Ollama has loaded the model with, in tokens.

    https://github.com/ollama/ollama/blob/main/docs/api.md#list-running-models
    """
    import httpx

    from llmdocs.transport import BYTES_PER_MEGABYTE, TransportError, calling

    name = settings.model.partition("/")[2]
    key = settings.api_key
    headers = {"authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    address = f"{(settings.base_url or '').rstrip('/')}/api/ps"
    max_size = int(settings.max_response_size * BYTES_PER_MEGABYTE)
    try:
        with calling(timeout=settings.timeout, max_size=max_size, origins=[address]):
            answer = httpx.get(address, headers=headers).raise_for_status()
        loaded = answer.json()["models"]
        lengths = {model["name"]: model.get("context_length") for model in loaded}
    except (*UNREADABLE, httpx.HTTPError, TransportError):
        # An older Ollama, or a proxy that lets the calls alone through.
        return None
    length = lengths.get(name) or lengths.get(f"{name}:latest")
    return length if isinstance(length, int) else None


def _complete(llm: LLM) -> object:
    """The smallest completion that the model grants."""
    try:
        return llm.complete(QUESTION, max_tokens=1)
    except (RequestError, AnswerError):
        # A model that reasons first refuses so small a limit, or has said nothing by then.
        return llm.complete(QUESTION)


def _embed(llm: LLM) -> object:
    return llm.embed(QUESTION)
