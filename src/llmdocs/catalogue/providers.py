"""The catalogue of providers: what each one needs, and where it answers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from llmdocs.errors import LLMDocsError
from llmdocs.suggestions import did_you_mean

FILE_NAME = "providers.toml"


class CatalogueError(LLMDocsError):
    """A table of the catalogue is not in its form: fix the line it names."""

    guide = "contributing/add-a-provider/#steps"


@dataclass(frozen=True)
class Provider:
    """One table of `providers.toml`, which explains each field."""

    name: str
    title: str
    prefixes: tuple[str, ...]
    needs: tuple[str, ...]
    extras: tuple[str, ...]
    origins: tuple[str, ...]
    dialect: str = ""
    embedding_prefix: str | None = None
    base_url: str | None = None
    base_path: str = ""
    api_paths: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    base: tuple[str, ...] = ()
    version: tuple[str, ...] = ()
    explains: tuple[str, ...] = ()
    stream_usage: bool = False
    free: bool = False
    deployments: bool = False
    dated_versions: bool = False
    keys_of_resources: bool = False
    pulled_by: str | None = None
    loaded_models: str | None = None
    litellm_asks: str | None = None
    stand_in_key: str | None = None

    def origins_of_calls(self, base_url: str | None) -> tuple[str, ...]:
        """The only origins that a call may go to, `*` for any subdomain: `https://*.example.com`.

        That of `base_url`; and where it is unset, or the provider's, all that are the provider's.
        """
        own = tuple(f"https://{'*' * host.startswith('.')}{host}" for host in self.hosts)
        if not base_url:
            return own
        parts = urlsplit(base_url)
        address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
        is_own = any(fnmatchcase(address, origin) for origin in own)
        return (address, *own) if is_own else (address,)

    def may_need(self) -> list[str]:
        """Which variables lead to it, or to what it has, besides those that it `needs`."""
        embeddings = ("LLM_EMBEDDING_MODEL",) if self.embedding_prefix else ()
        known = ("LLM_API_KEY", "LLM_BASE_URL", *self.extras, *embeddings)
        return [name for name in dict.fromkeys(known) if name not in self.needs]

    def own_variables(self, variable: str) -> tuple[str, ...]:
        """The names by which the provider's own tools know what `variable` says."""
        fields = {"LLM_API_KEY": self.key, "LLM_BASE_URL": self.base}
        return fields.get(variable, self.version if variable == "LLM_API_VERSION" else ())


# A table of no provider's, and a key that others follow from.
PAGES, PORT = "pages", "port"
# What a table may say besides; and what it has to, unless that follows from the rest.
KEYS = {item.name: item for item in fields(Provider) if item.name not in ("name", "stand_in_key")}
NEEDED = ("dialect", *(name for name, item in KEYS.items() if item.default is MISSING))
# What OpenAI's API has below its base path.
COMPATIBLE_PATHS = ["chat", "chat/completions", "completions", "embeddings", "models", "responses"]
# The names by which a server on this machine is reached, from a container too.
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]", "host.docker.internal")
DEFAULT_PORTS = {"http": 80, "https": 443}


def read(text: str, place: str = FILE_NAME) -> dict[str, Provider]:
    """The providers of a catalogue, by name. `place` names its file.

    Raises `CatalogueError`, with the line: each prefix leads to one provider, and at each address
    one is played.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{place}: this is not TOML: {error}.") from None
    document.pop(PAGES, None)
    reader = _Reader(text, place)
    providers = {name: reader.provider(name, table) for name, table in document.items()}
    reader.check_apart(providers)
    return providers


class _Reader:
    """Makes providers of the tables in a text, and names the line of what is wrong."""

    def __init__(self, text: str, place: str) -> None:
        self._lines = text.splitlines()
        self._place = place

    def provider(self, name: str, table: Any) -> Provider:
        if not isinstance(table, Mapping):
            raise CatalogueError(f"{self._place}: {name} stands outside of a provider's table.")
        if unknown := next((key for key in table if key not in {*KEYS, PORT}), None):
            hint = did_you_mean(unknown, [*KEYS, PORT])
            raise self._error(name, f"{unknown!r} is no key of a provider.{hint}")
        values: dict[str, Any] = {
            key: tuple(item) if isinstance(item, list) else item
            for key, item in {**_derived(name, table), **table}.items()
            if key != PORT
        }
        if missing := next((key for key in NEEDED if key not in values), None):
            raise self._error(
                name, f"[{name}] has no {missing!r}; the comment at the top explains it."
            )
        for key, value in values.items():
            if isinstance(value, tuple) != str(KEYS[key].type).startswith("tuple"):
                wrong, right = ("a list", "one value")[:: 1 if isinstance(value, tuple) else -1]
                raise self._error(name, f"{key!r} of [{name}] is {wrong}; expected: {right}.")
        return Provider(name=name, **values)

    def check_apart(self, providers: Mapping[str, Provider]) -> None:
        """Raise for what leads to two providers: the mock or the client would take either."""
        taken: dict[str, str] = {}
        for name, provider in providers.items():
            for claim in dict.fromkeys(_claims(provider)):
                other = taken.setdefault(claim, name)
                if other != name:
                    there = f"{self._place}:{self._line(other)}"
                    raise self._error(
                        name, f"[{name}] {claim}, and so does [{other}] ({there}): change one."
                    )

    def _error(self, name: str, problem: str) -> CatalogueError:
        return CatalogueError(f"{self._place}:{self._line(name)}: {problem}")

    def _line(self, name: str) -> int:
        """The line of a provider's table, from 1."""
        heads = [line.split("#")[0].strip() for line in self._lines]
        return heads.index(f"[{name}]") + 1 if f"[{name}]" in heads else 1


def _claims(provider: Provider) -> Iterator[str]:
    """What a provider has to itself, each as a message says it."""
    for prefix in provider.prefixes:
        yield f"has the prefix {prefix}/"
    for origin in provider.origins:
        parts = urlsplit(origin)
        # A server of this machine answers by all its names.
        host = "localhost" if parts.netloc.rpartition(":")[0] in LOCAL_NAMES else parts.hostname
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
        yield f"answers at {parts.scheme}://{host}:{port}"


def _derived(name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """What follows from a provider's name and address, where its table does not say otherwise."""
    fields: dict[str, Any] = {"prefixes": [name], "extras": [], "explains": []}
    fields |= {
        "stream_usage": True,
        "key": [f"{name.upper()}_API_KEY"],
        "base": [f"{name.upper()}_API_BASE"],
    }
    if address := table.get("base_url"):
        parts = urlsplit(address)
        fields |= {
            "needs": ["LLM_MODEL", "LLM_API_KEY"],
            "base_path": parts.path,
            "hosts": [parts.hostname],
            "origins": [f"{parts.scheme}://{parts.netloc}"],
        }
    if port := table.get(PORT):
        fields |= {
            "needs": ["LLM_MODEL", "LLM_BASE_URL"],
            "origins": [f"http://{host}:{port}" for host in LOCAL_NAMES],
            "free": True,
        }
    if table.get("dialect") == "compatible":
        fields["api_paths"] = COMPATIBLE_PATHS
    return fields


def _text(file_name: str) -> str:
    try:
        return Path(__file__).with_name(file_name).read_text("utf-8")
    except UnicodeDecodeError:
        raise CatalogueError(f"{file_name}: this is not UTF-8; save it as UTF-8.") from None


_TEXT = _text(FILE_NAME)
CATALOGUE = read(_TEXT)
# For each page that is no provider's and has a recipe of its own, the variables it adds.
PAGE_EXTRAS: dict[str, tuple[str, ...]] = {
    page: tuple(extras) for page, extras in tomllib.loads(_TEXT).get(PAGES, {}).items()
}


def by_prefix(prefix: str) -> Provider | None:
    """The provider whose models are written `prefix/…`, if the catalogue has it."""
    return next((item for item in CATALOGUE.values() if prefix in item.prefixes), None)


def by_model(model: str) -> Provider | None:
    """The provider of a model that is written `prefix/…`, if the catalogue has it."""
    prefix, slash, _ = model.partition("/")
    return by_prefix(prefix) if slash else None


OTHER_PREFIXES = tomllib.loads(_text("prefixes.toml"))

# Sent to a server of one's own where LLM_API_KEY is unset, as litellm does for some: without a key
# of ours it would send OPENAI_API_KEY to others.
STAND_IN_KEY = "no-key"


def unlisted(prefix: str) -> Provider:
    """A provider that litellm knows and the catalogue does not: `prefixes.toml` has its facts.

    Without hosts of its own there, it is a server of the reader's, which needs LLM_BASE_URL.
    """
    table = OTHER_PREFIXES.get(prefix, {})
    hosts = tuple(table.get("hosts", ()))
    needs = tuple(table.get("needs", ["LLM_API_KEY"] if hosts else ["LLM_BASE_URL"]))
    return Provider(
        name=prefix,
        title=table.get("title", prefix),
        prefixes=(prefix,),
        embedding_prefix=prefix,
        needs=("LLM_MODEL", *needs),
        extras=(),
        origins=(),
        hosts=hosts,
        key=tuple(table.get("key", ())),
        base=tuple(table.get("base", ())),
        version=(f"{prefix.upper()}_API_VERSION",),
        stand_in_key=STAND_IN_KEY if needs == ("LLM_BASE_URL",) else None,
    )
