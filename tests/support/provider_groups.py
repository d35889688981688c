"""Groups of the catalogue's providers that suites run over: a new provider is in them at once.

Where the dialect decides, a suite has the first provider of each; where litellm's client does, or
the form of a recipe, the first with each.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from llmdocs import recipes
from llmdocs.catalogue.providers import CATALOGUE, OTHER_PREFIXES, by_prefix
from llmdocs.wire.accounts import Operation, account_from


def first_of_each(
    kind: Callable[[str], Hashable], names: Iterable[str] = tuple(CATALOGUE)
) -> tuple[str, ...]:
    """The first of the providers of each kind, in the catalogue's order."""
    kinds: dict[Hashable, str] = {}
    for name in names:
        kinds.setdefault(kind(name), name)
    return tuple(kinds.values())


def dialect(provider: str) -> str:
    return CATALOGUE[provider].dialect


def kind_of_recipe(provider: str) -> Hashable:
    """What decides how its forms are written: names, marks in values, and whose machine it is."""
    variables = recipes.read(provider)
    marks = {mark for value in variables.values() for mark in value if not mark.isalnum()}
    return tuple(variables), frozenset(marks - {*"-./:"}), CATALOGUE[provider].free


def model_of(provider: str, operation: Operation = "chat") -> str:
    """The name by which a request asks its recipe's account for a model; empty if it has none."""
    return next(iter(account_from(recipes.read(provider)).names(operation)), "")


def own_name_of_model(provider: str) -> str:
    """What the chat model of its recipe's account calls itself."""
    return account_from(recipes.read(provider)).served[model_of(provider)].name


EVERY = tuple(CATALOGUE)
COMPATIBLE = tuple(name for name in EVERY if dialect(name) == "compatible")
# Requests and answers have OpenAI's form there.
LIKE_OPENAI = tuple(name for name in EVERY if dialect(name) in ("openai", "azure", "compatible"))
# Where OpenAI's official SDK, or one like it, takes the answers.
OF_ITS_SDK = tuple(name for name in EVERY if dialect(name) in ("openai", "compatible"))
PAID = tuple(name for name in EVERY if not CATALOGUE[name].free)
FREE = tuple(name for name in EVERY if CATALOGUE[name].free)
EMBEDDING = tuple(name for name in EVERY if model_of(name, "embeddings"))
OF_EACH_DIALECT = first_of_each(dialect)
# Where litellm calls by OpenAI's SDK, at LM Studio for chat alone; elsewhere by clients of its own.
OF_OPENAIS_SDK = ("openai", "azure")
CHATS_OF_OPENAIS_SDK = (*OF_OPENAIS_SDK, "lm_studio")
# What sends a request and reads its answer decides what becomes of the bytes.
OF_EACH_CLIENT = first_of_each(lambda name: (dialect(name), name in CHATS_OF_OPENAIS_SDK))
# How a provider is called for which another of the same client is called in every way.
TWO_WAYS = ("complete", "astream")
OF_EACH_RECIPE = first_of_each(kind_of_recipe)

# A provider that litellm knows and the catalogue does not; it has hosts and a key of its own.
WITHOUT_A_GUIDE = next(
    prefix
    for prefix, line in OTHER_PREFIXES.items()
    if not by_prefix(prefix) and line.get("hosts") and line.get("key")
)
