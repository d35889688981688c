"""Requirements of a provider: the variables that it needs, and what the settings make of them."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from llmdocs.catalogue.providers import Provider
from llmdocs.errors import SettingsError
from llmdocs.settings.settings import Settings
from llmdocs.settings.sources import variable_of


@dataclass(frozen=True)
class MissingVariable:
    """A variable that is unset and should not be: `own` is the provider's own, which is set."""

    variable: str
    provider: Provider
    own: str | None

    def __str__(self) -> str:
        if self.own:
            return (
                f"{self.variable} is not set. {self.own} is set, but llmdocs never reads it: set "
                f"{self.variable}, or remove {self.own} from the environment."
            )
        return f"{self.variable} is not set, and {self.provider.title} needs it."


def missing_variables(
    variables: Container[str], provider: Provider, foreign: Mapping[str, object] = os.environ
) -> Iterator[MissingVariable]:
    """What the provider needs and `variables`, those that are set, do not hold.

    Its own variables go unread: one that `foreign` holds where ours is not set is told too.
    """
    for variable in ("LLM_API_KEY", "LLM_BASE_URL", "LLM_API_VERSION"):
        if variable in variables:
            continue
        own = (name for name in provider.own_variables(variable) if foreign.get(name))
        missing = MissingVariable(variable, provider, next(own, None))
        if missing.own or variable in provider.needs:
            yield missing


def check_needs(settings: Settings, provider: Provider) -> None:
    """Raise for the first thing that the provider needs and lacks."""
    fields = settings.model_dump(exclude_none=True)
    for missing in missing_variables([variable_of(field) for field in fields], provider):
        raise SettingsError(str(missing))


def embedding_model(settings: Settings, provider: Provider) -> str:
    """What litellm calls the embedding model; it shares key, address and version with the chat."""
    deployment, model = settings.embedding_deployment_name, settings.embedding_model
    expected = provider.embedding_prefix
    if expected is None:
        raise SettingsError(
            f"{provider.title} has no embeddings, and LLM_EMBEDDING_MODEL cannot be a model of "
            "another provider: it shares key and address with LLM_MODEL. Create a second LLM, "
            "with the settings of a provider that has embeddings."
        )
    if provider.deployments:
        if deployment:
            return f"{expected}/{deployment}"
        raise SettingsError(
            "LLM_EMBEDDING_DEPLOYMENT_NAME is not set. For Azure, it is the name of the deployment "
            "for embeddings; LLM_EMBEDDING_MODEL is only the model of that deployment."
        )
    if not model:
        if deployment:
            raise SettingsError(
                "LLM_EMBEDDING_DEPLOYMENT_NAME is set, but only Azure has deployments. Set "
                "LLM_EMBEDDING_MODEL, written provider/model."
            )
        raise SettingsError("LLM_EMBEDDING_MODEL is not set: it is the model for embeddings.")
    if model.partition("/")[0] != expected or "/" not in model:
        shown, chat = settings.shown(model), settings.shown(settings.model)
        raise SettingsError(
            f"LLM_EMBEDDING_MODEL is {shown}; expected: {expected}/model. It shares key and "
            f"address with LLM_MODEL, {chat}, so both must be of the same provider."
        )
    return model
