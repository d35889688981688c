"""Accounts at mocked providers: the keys, models, deployments and versions that one accepts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from llmdocs.catalogue.providers import by_model

Operation = Literal["chat", "embeddings"]
DEPLOYED = "gpt-4.1-mini"


@dataclass(frozen=True)
class Model:
    """A model, by its own name, and the one operation it serves."""

    name: str
    operation: Operation


@dataclass(frozen=True)
class Account:
    """One account at a provider.

    `served` maps the name that a request uses to the model behind it: the model's own name at
    OpenAI and Ollama, the deployment's name at Azure. No `keys` means that any key, or none, will
    do. `api_versions` are the dated versions that Azure takes.
    """

    keys: frozenset[str] = frozenset()
    served: Mapping[str, Model] = field(default_factory=dict)
    api_versions: frozenset[str] = frozenset()

    def names(self, operation: Operation | None = None) -> list[str]:
        """The names a request may use, sorted; those of one operation when it is given."""
        return sorted(
            name
            for name, model in self.served.items()
            if operation is None or model.operation == operation
        )


def account_from(recipe: Mapping[str, str]) -> Account:
    """The account that one recipe's variables open: their key, models, deployments and version.

    A chat deployment does not say which model it holds; the mock's holds `DEPLOYED`.
    """
    provider, chat = by_model(recipe["LLM_MODEL"]), recipe["LLM_MODEL"].partition("/")[2]
    deployed = bool(provider and provider.deployments)
    embedding = recipe.get("LLM_EMBEDDING_MODEL", "").rpartition("/")[2]
    served = {chat: Model(DEPLOYED if deployed else chat, "chat")}
    if embedding:
        name = recipe.get("LLM_EMBEDDING_DEPLOYMENT_NAME", embedding)
        served[name] = Model(embedding, "embeddings")
    return Account(
        keys=frozenset(filter(None, [recipe.get("LLM_API_KEY")])),
        served=served,
        api_versions=frozenset(filter(None, [recipe.get("LLM_API_VERSION")])),
    )
