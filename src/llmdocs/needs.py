"""What a provider needs of the settings, and what they make of it."""

from __future__ import annotations

import os

from llmdocs.errors import SettingsError
from llmdocs.providers import Provider
from llmdocs.settings import Settings


def check_needs(settings: Settings, provider: Provider) -> None:
    """Raise for what the provider needs and lacks, and for its own variables, which go unread."""
    for variable in ("LLM_API_KEY", "LLM_BASE_URL", "LLM_API_VERSION"):
        if getattr(settings, variable.removeprefix("LLM_").lower()):
            continue
        for own in provider.own_variables(variable):
            if os.environ.get(own):
                raise SettingsError(
                    f"{variable} is not set. {own} is set, but llmdocs never reads it: set "
                    f"{variable}, or take {own} out of the environment."
                )
        if variable in provider.needs:
            raise SettingsError(f"{variable} is not set, and {provider.title} needs it.")


def embedding_model(settings: Settings, provider: Provider) -> str:
    """What litellm calls the embedding model; it shares key, address and version with the chat."""
    deployment, model = settings.embedding_deployment_name, settings.embedding_model
    if provider.name == "azure":
        if deployment:
            return f"azure/{deployment}"
        raise SettingsError(
            "LLM_EMBEDDING_DEPLOYMENT_NAME is not set. At Azure it names the deployment that "
            "makes embeddings; LLM_EMBEDDING_MODEL only says which model that deployment holds."
        )
    if not model:
        if deployment:
            raise SettingsError(
                "LLM_EMBEDDING_DEPLOYMENT_NAME is set, but only Azure has deployments. Set "
                "LLM_EMBEDDING_MODEL, written provider/model."
            )
        raise SettingsError("LLM_EMBEDDING_MODEL is not set: it names the model for embeddings.")
    wanted = provider.embedding_prefix
    if model.partition("/")[0] != wanted or "/" not in model:
        shown, chat = settings.shown(model), settings.shown(settings.model)
        raise SettingsError(
            f"LLM_EMBEDDING_MODEL is {shown}; wanted: {wanted}/model. It shares key and address "
            f"with LLM_MODEL, {chat}, so both are the same provider's."
        )
    return model
