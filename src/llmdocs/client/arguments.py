"""Arguments of a call to litellm, checked before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from llmdocs.catalogue.providers import Provider
from llmdocs.catalogue.requirements import embedding_model
from llmdocs.client.failures import ErrorTranslator
from llmdocs.client.litellm_module import keep_from_asking
from llmdocs.settings.settings import Settings

Messages = str | Sequence[Mapping[str, Any]]
Arguments = dict[str, Any]

# What the settings or the method decide, and the options of a call may not.
RESERVED = frozenset(
    {
        "api_base",
        "api_key",
        "api_version",
        "base_url",
        "context_window_fallback_dict",
        "custom_llm_provider",
        "fallbacks",
        "input",
        "max_retries",
        "messages",
        "model",
        "model_list",
        "num_retries",
        "request_timeout",
        "retry_policy",
        "retry_strategy",
        "stream",
        "stream_timeout",
        "timeout",
    }
)


class Requests:
    """Writes the arguments of litellm's functions for one client."""

    def __init__(self, settings: Settings, provider: Provider, failures: ErrorTranslator) -> None:
        self._settings = settings
        self._provider = provider
        self._failures = failures

    def completion(
        self, messages: Messages, options: Mapping[str, Any], stream: bool = False
    ) -> Arguments:
        """What a completion passes to litellm. Raises `RequestError`."""
        if isinstance(messages, str):
            messages = [{"role": "user", "content": messages}]
        arguments = self._arguments(self._settings.model, options)
        arguments["messages"] = self._written(messages, "messages", Mapping, "a mapping")
        if stream:
            arguments["stream"] = True
            if self._provider.stream_usage:
                arguments.setdefault("stream_options", {"include_usage": True})
        return arguments

    def embedding(self, texts: str | Sequence[str], options: Mapping[str, Any]) -> Arguments:
        """What an embedding passes to litellm. Raises `RequestError` or `SettingsError`."""
        model = embedding_model(self._settings, self._provider)
        arguments = self._arguments(model, options)
        texts = [texts] if isinstance(texts, str) else texts
        arguments["input"] = self._written(texts, "texts", str, "a text")
        return arguments

    def _written(self, items: Any, what: str, kind: type, expected: str) -> list[Any]:
        """The items as JSON can hold them; litellm would take a wrong one for a bad answer.

        A message may be litellm's own object, from an earlier answer.
        """
        if not isinstance(items, Sequence):
            raise self._failures.unsendable(f"{what} is {type(items).__name__}; expected: a list")
        plain = [item.model_dump() if hasattr(item, "model_dump") else item for item in items]
        for number, item in enumerate(plain):
            if not isinstance(item, kind):
                found = type(item).__name__
                raise self._failures.unsendable(
                    f"{what}[{number}] is {found}; expected: {expected}"
                )
        try:
            json.dumps(plain, ensure_ascii=False).encode()
        except (TypeError, ValueError, RecursionError):
            problem = f"{what} contains values that JSON in UTF-8 cannot represent"
        else:
            return list(items)
        raise self._failures.unsendable(problem)

    def _arguments(self, model: str, options: Mapping[str, Any]) -> Arguments:
        reserved = sorted(RESERVED & options.keys())
        if reserved:
            raise TypeError(f"{', '.join(reserved)}: set by the settings or by the method")
        if name := self._provider.litellm_asks:
            keep_from_asking(name, model)
        settings = self._settings
        key = settings.api_key.get_secret_value() if settings.api_key else None
        key = key or self._provider.stand_in_key
        # A slash at its end makes two of them in Ollama's addresses.
        base = (settings.base_url or self._provider.base_url or "").rstrip("/")
        target = {"api_key": key, "api_base": base, "api_version": settings.api_version}
        return {
            **options,
            "model": model,
            **{name: value for name, value in target.items() if value},
            "timeout": settings.timeout,
            # One retry layer: ours. litellm's and the SDKs' stay off.
            "num_retries": 0,
            "max_retries": 0,
        }
