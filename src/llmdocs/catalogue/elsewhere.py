"""What providers and other programs write: keys, prefixes, ports, and whose they are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from llmdocs.catalogue.providers import CATALOGUE, OTHER_PREFIXES, by_prefix, unlisted


class Signing(NamedTuple):
    """The variables of keys that sign calls, and what the ids of such keys begin with."""

    prefixes: list[str]
    key: str
    token: str
    lasting: str
    temporary: str
    outranked_by: list[str]


_TABLES: dict[str, Any] = tomllib.loads(
    files("llmdocs.catalogue").joinpath("elsewhere.toml").read_text("utf-8")
)
KEYS: Mapping[str, str] = _TABLES["keys"]
NOT_KEYS: Mapping[str, tuple[str, str]] = _TABLES["not_keys"]
PREFIXES: Mapping[str, str] = _TABLES["prefixes"]
FAMILIES: Mapping[str, list[str]] = _TABLES["families"]
WIDE_HOSTS: Mapping[str, list[str]] = _TABLES["wide_hosts"]
SPEAKS: Mapping[str, str] = _TABLES["speaks"]
PAGES: Mapping[str, str] = _TABLES["pages"]
GIVEN_UP: Mapping[str, str] = _TABLES["given_up"]
PACKAGES: Mapping[str, tuple[str, str]] = _TABLES["packages"]
SIGNING = Signing(**_TABLES["signing"])
BASE_PATHS: Mapping[str, str] = _TABLES["base_paths"]
OWN_BASE_PATHS: Mapping[str, str] = _TABLES["own_base_paths"]
MAKERS: Mapping[str, str] = _TABLES["makers"]
PORTS: Mapping[str, str] = _TABLES["ports"]
LISTENS: Mapping[str, str] = _TABLES["listens"]
ANY_SERVER: tuple[str, ...] = tuple(_TABLES["any_server"]["prefixes"])
IN_PROCESS: Mapping[str, str] = _TABLES["any_server"]["in_process"]
BARE: Mapping[str, list[str]] = _TABLES["bare"]
_AZURE: Mapping[str, Any] = _TABLES["azure"]
AZURE: tuple[str, ...] = tuple(_AZURE["prefixes"])
AZURE_DEPLOYMENTS: str = _AZURE["deployments"]
AZURE_INFERENCE: str = _AZURE["inference"]
AZURE_HOSTS: tuple[str, ...] = tuple(_AZURE["hosts"])
# The inference API, which litellm adds itself, and a project's, which is for Foundry's own SDK.
FOUNDRY_PATH = re.compile(r"/(?:models|api/projects)(?:/|\Z)")
# They serve the models of others, whose names begin with the makers'.
AGGREGATORS: tuple[str, ...] = tuple(_TABLES["aggregators"]["prefixes"])
# A tag of Ollama's, after a model's name and a colon: `7b`, `1.5b-instruct`, `latest`.
TAG = re.compile(
    r"latest|instruct|chat|text|code|(?:e|\d+x)?\d+(?:\.\d+)?[bmk]\b.*|v?\d[\w.-]*", re.IGNORECASE
)


def prefix_of_key(key: str) -> str | None:
    """The prefix of the provider whose keys begin so, or None: many begin as many others do."""
    return next((prefix for begins, prefix in KEYS.items() if key.startswith(begins)), None)


def not_a_key(key: str) -> tuple[str, str] | None:
    """What kind of key this is, and which kind to use, for one that calls no model; else None."""
    told = (told for begins, told in NOT_KEYS.items() if key.startswith(begins))
    what, wanted = next(told, (None, None))
    return (what, wanted) if what and wanted else None


def title_of(prefix: str) -> str:
    """What people call the provider of a prefix."""
    return (by_prefix(prefix) or unlisted(prefix)).title


def prefix_of_host(host: str) -> str | None:
    """The prefix of the provider whose own host this is, or None."""
    for provider in CATALOGUE.values():
        if provider.hosts and _is_one_of(host, provider.hosts):
            return provider.prefixes[0]
    for prefix, table in OTHER_PREFIXES.items():
        if _is_one_of(host, tuple(table.get("hosts", ()))):
            return prefix
    return None


def owner_of_page(address: str) -> str | None:
    """The prefix of the provider whose page for people an address is, or None."""
    parts = urlsplit(address)
    place = f"{parts.hostname}{parts.path.rstrip('/')}/"
    return next((prefix for page, prefix in PAGES.items() if place.startswith(f"{page}/")), None)


def is_azure(host: str) -> bool:
    """Whether a host is a resource's at Azure, of whichever of its services."""
    return host.endswith(AZURE_HOSTS)


def origin_at_azure(address: str) -> str | None:
    """A resource's own address, for one that ends in the path of Azure AI Foundry's other tools."""
    parts = urlsplit(address)
    if is_azure(parts.hostname or "") and FOUNDRY_PATH.match(parts.path):
        return f"{parts.scheme}://{parts.netloc}"
    return None


def prefix_at_port(address: str) -> str | None:
    """The prefix for what usually listens at the port that an address names, or None."""
    try:
        port = urlsplit(address).port
    except ValueError:
        return None
    return PORTS.get(str(port))


def path_of_openais_api(host: str) -> str | None:
    """The path below which a provider of its own host speaks OpenAI's API, or None."""
    if host in BASE_PATHS:
        return BASE_PATHS[host]
    compatible = (item for item in CATALOGUE.values() if item.base_path)
    return next((item.base_path for item in compatible if host in item.hosts), None)


def speaks(address: str, prefix: str) -> bool:
    """Whether a path of another provider's speaks this one's API: `…/anthropic`."""
    parts = urlsplit(address)
    place = f"{parts.hostname}{parts.path.rstrip('/')}"
    return place.endswith(f"/{prefix}") or SPEAKS.get(place) == prefix


def are_related(one: str, other: str) -> bool:
    """Whether two prefixes are of one company."""
    return any({one, other} <= {*family} for family in FAMILIES.values())


def _is_one_of(host: str, hosts: tuple[str, ...]) -> bool:
    return any(
        host.endswith(item) and host.startswith(tuple(WIDE_HOSTS.get(item, ("",))))
        if item.startswith(".")
        else host == item
        for item in hosts
    )
