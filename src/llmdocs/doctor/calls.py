"""`llmdocs doctor`'s calls: the smallest there are, and why one fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from llmdocs.catalogue.requirements import embedding_model
from llmdocs.client.llm import LLM
from llmdocs.client.lookup import provider_of
from llmdocs.doctor.diagnosis import diagnose
from llmdocs.doctor.findings import Finding, section
from llmdocs.errors import LLMDocsError, RequestError, ResponseError, SettingsError
from llmdocs.settings.settings import Settings
from llmdocs.settings.sources import SourcedValue

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


def settings_despite(found: Iterable[SourcedValue]) -> Settings | None:
    """The settings as they stand, for a call in spite of findings; None where none can be made."""
    with suppress(SettingsError):
        settings = Settings.of(found)
        LLM(settings)
        if settings.embedding_model or settings.embedding_deployment_name:
            embedding_model(settings, provider_of(settings))
        return settings
    return None


def attempts(settings: Settings, longest_wait: float) -> Iterator[Attempt]:
    """The smallest completion, and an embedding if a model for it is set.

    `longest_wait` bounds the silence of each, in seconds; LLM_TIMEOUT does so too.
    """
    yield Attempt("completion", settings.model, settings, longest_wait)
    if settings.embedding_model or settings.embedding_deployment_name:
        model = embedding_model(settings, provider_of(settings))
        yield Attempt("embedding", model, settings, longest_wait)


def notes(settings: Settings, longest_wait: float) -> Iterator[str]:
    """Useful information that is not a problem. Asks a server for its current context length.

    `longest_wait` bounds the silence of that too.
    """
    provider = provider_of(settings)
    path = provider.loaded_models
    length = _context_length(path, settings, longest_wait) if path else None
    if length:
        yield (
            f"{provider.title}'s current context length is {length} tokens. Longer prompts are cut "
            f"to that length without an error: see {section('context-length', provider)}."
        )


def _context_length(path: str, settings: Settings, longest_wait: float) -> int | None:
    """The context length that the server has loaded the model with, in tokens: Ollama's answer.

    https://github.com/ollama/ollama/blob/main/docs/api.md#list-running-models
    """
    import httpx

    from llmdocs.client.bounded_bodies import TransportError
    from llmdocs.client.transport import BYTES_PER_MEGABYTE, calling

    name = settings.model.partition("/")[2]
    key = settings.api_key
    headers = {"authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    address = f"{(settings.base_url or '').rstrip('/')}{path}"
    max_size = int(settings.max_response_size * BYTES_PER_MEGABYTE)
    try:
        with calling(
            timeout=min(longest_wait, settings.timeout), max_size=max_size, origins=[address]
        ):
            answer = httpx.get(address, headers=headers).raise_for_status()
        loaded = answer.json()["models"]
        lengths = {model["name"]: model.get("context_length") for model in loaded}
    except (*UNREADABLE, httpx.HTTPError, TransportError):
        # An older server, or a proxy that lets the calls alone through.
        return None
    length = lengths.get(name) or lengths.get(f"{name}:latest")
    return length if isinstance(length, int) else None


def _complete(llm: LLM) -> object:
    """The smallest completion that the model grants."""
    try:
        return llm.complete(QUESTION, max_tokens=1)
    except (RequestError, ResponseError):
        # A model that reasons first refuses so small a limit, or has said nothing by then.
        return llm.complete(QUESTION)


def _embed(llm: LLM) -> object:
    return llm.embed(QUESTION)
