"""Addresses as a reader writes them: whose machine they name, and which form a provider wants."""

from __future__ import annotations

import re
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from llmdocs.providers import Provider

# How a container reaches the machine that runs it. Docker Desktop knows the name; Docker Engine has
# to be told: https://docs.docker.com/reference/cli/docker/container/run/#add-host
HOST_OF_CONTAINERS = "host.docker.internal"


def host_of(address: str) -> str | None:
    """The host that an address names, in lower case, if it names one."""
    with suppress(ValueError):
        return urlsplit(address).hostname
    return None


def is_this_machine(address: str) -> bool:
    """Whether an address names the machine that the program runs on, or its container."""
    host = (host_of(address) or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    with suppress(ValueError):
        number = ip_address(host)
        mapped = getattr(number, "ipv4_mapped", None) or number
        return bool(mapped.is_loopback or mapped.is_unspecified)
    return False


def seen_from_container(address: str) -> str:
    """The address of the same server, if that is on this machine, for a program in a container."""
    if not is_this_machine(address):
        return address
    scheme, _, rest = address.partition("://")
    netloc = urlsplit(address).netloc
    user, at, place = netloc.rpartition("@")
    port = re.search(r":\d+$", place)
    here = f"{user}{at}{HOST_OF_CONTAINERS}{port[0] if port else ''}"
    return f"{scheme}://{here}{rest.removeprefix(netloc)}"


def for_provider(address: str, provider: Provider) -> str:
    """The address as the provider wants it: a scheme, its base path, and nothing after that."""
    address = address.strip()
    if "://" not in address:
        address = f"{_scheme(address)}://{address}"
    parts = urlsplit(address)
    if not provider.api_paths:
        return address
    kept: list[str] = []
    for segment in filter(None, parts.path.split("/")):
        if segment in provider.api_paths:
            break
        kept.append(segment)
    path = "".join(f"/{segment}" for segment in kept) or provider.base_path
    return f"{parts.scheme}://{parts.netloc}{path}"


def _scheme(address: str) -> str:
    """What to put before an address without one: providers on the network speak HTTPS."""
    host = urlsplit(f"//{address}").hostname or ""
    local = is_this_machine(f"//{address}") or host == HOST_OF_CONTAINERS or "." not in host
    with suppress(ValueError):
        local = local or ip_address(host).is_private
    return "http" if local else "https"
