"""Prices of a model's tokens, from litellm's price list."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from llmdocs.catalogue.providers import Provider
from llmdocs.client.litellm_module import litellm
from llmdocs.errors import SettingsError
from llmdocs.settings.settings import Settings
from llmdocs.suggestions import did_you_mean


@dataclass(frozen=True)
class Price:
    """The price of one model. `variable` is the setting that names it, `fix` the one to set.

    `shown` is the model as messages quote it.
    """

    provider: Provider
    model: str | None = field(repr=False)
    shown: str
    variable: str
    fix: str

    def of(self, usage: Any, service_tier: str | None = None) -> float | None:
        """US dollars for litellm's `Usage`, or None if no price is known.

        `service_tier` is OpenAI's, as the answer names it.
        """
        if self.provider.free:
            return 0.0
        if not self._is_known:
            return None
        cost = self._cost(usage, service_tier)
        # A tier that litellm does not know must not make the budget forget the answer.
        return self._cost(usage, None) if cost is None else cost

    def check(self) -> None:
        """Raise `SettingsError`, which says how to name a price, unless one is known."""
        if self.provider.free or self._is_known:
            return
        problem, nearest = f"{self.variable} is not", ""
        if self.model:
            problem = f"litellm knows no price for {self.variable}, {self.shown}"
            nearest = did_you_mean(self._with_prefix(self.model), self._known_models())
        raise SettingsError(
            f"LLM_MAX_BUDGET is set, but {problem}.{nearest} Set {self.fix} to a model whose "
            "price is known, or remove LLM_MAX_BUDGET."
        )

    @cached_property
    def _is_known(self) -> bool:
        # litellm counts models whose entry has no price as nothing.
        probe = litellm().Usage(prompt_tokens=1000, completion_tokens=1000, total_tokens=2000)
        return bool(self.model and self._cost(probe, None))

    def _cost(self, usage: Any, service_tier: str | None) -> float | None:
        name = self._with_prefix(self.model or "")
        try:
            parts: tuple[float, float] = litellm().cost_per_token(
                model=name,
                custom_llm_provider=name.partition("/")[0],
                usage_object=usage,
                service_tier=service_tier,
            )
        except Exception:
            # It has many ways to say that it has no price; the answer has been paid for anyway.
            return None
        return sum(parts)

    def _with_prefix(self, model: str) -> str:
        return model if "/" in model else f"{self.provider.prefixes[0]}/{model}"

    def _known_models(self) -> list[str]:
        prefixes = self.provider.prefixes
        entries = litellm().model_cost.items()
        return [
            self._with_prefix(name)
            for name, entry in entries
            if entry.get("litellm_provider") in prefixes
        ]


def completion_price(settings: Settings, provider: Provider) -> Price:
    """The price of completions. A deployment's name says nothing of it."""
    if settings.base_model or provider.deployments:
        return _price(settings, provider, settings.base_model, "LLM_BASE_MODEL", "LLM_BASE_MODEL")
    return _price(settings, provider, settings.model, "LLM_MODEL", "LLM_BASE_MODEL")


def embedding_price(settings: Settings, provider: Provider) -> Price:
    """The price of embeddings."""
    variable = "LLM_EMBEDDING_MODEL"
    return _price(settings, provider, settings.embedding_model, variable, variable)


def _price(
    settings: Settings, provider: Provider, model: str | None, variable: str, fix: str
) -> Price:
    return Price(provider, model, settings.shown(model or ""), variable, fix)
