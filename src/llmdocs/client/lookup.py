"""Providers of models, as litellm names them."""

from __future__ import annotations

import re

from llmdocs.catalogue.providers import Provider, by_model, by_prefix, unlisted
from llmdocs.client.litellm_module import litellm
from llmdocs.errors import SettingsError
from llmdocs.settings.settings import Settings
from llmdocs.suggestions import did_you_mean


def provider_of(settings: Settings) -> Provider:
    """The catalogue's entry for the model, or what its name says of one that litellm knows."""
    if provider := by_model(settings.model):
        return provider
    prefix, slash, _ = settings.model.partition("/")
    # litellm would ask some of those that it lists for a login at once.
    if not slash or prefix not in listed_prefixes():
        prefix = _guessed(settings.model)
    if not prefix:
        raise _unknown_provider(settings)
    return by_prefix(prefix) or unlisted(prefix)


def listed_prefixes() -> list[str]:
    """The prefixes that litellm lists."""
    return [str(getattr(item, "value", item)) for item in litellm().provider_list]


def serves(prefix: str, name: str) -> bool:
    """Whether litellm lists a model of that name for the provider of a prefix."""
    prices = litellm().model_cost
    return any(
        prices.get(model, {}).get("litellm_provider") == prefix
        for model in (name, f"{prefix}/{name}")
    )


def knows_family(prefix: str, name: str) -> bool:
    """Whether litellm lists models of a provider whose names begin with the same word."""
    word = re.match("[a-z]{3,}", name.lower())
    listed = (
        model.rpartition("/")[2]
        for model, entry in litellm().model_cost.items()
        if entry.get("litellm_provider") == prefix
    )
    return word is not None and ":" not in name and any(it.startswith(word[0]) for it in listed)


def _guessed(model: str) -> str:
    """The provider that litellm takes a model for, or nothing."""
    try:
        return str(litellm().get_llm_provider(model)[1])
    except Exception:
        # What it raises for a name that it does not know depends on the name.
        return ""


def _unknown_provider(settings: Settings) -> SettingsError:
    prefix, slash, _ = settings.model.partition("/")
    return SettingsError(
        f"LLM_MODEL is {settings.shown(settings.model)}, and litellm knows no provider for it. "
        "Write provider/model, such as openai/gpt-4.1-mini."
        f"{did_you_mean(prefix, listed_prefixes()) if slash else ''}"
    )
