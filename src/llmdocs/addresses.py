"""Addresses as a reader writes them: whose machine they name, and which form a provider wants."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from llmdocs.providers import Provider

HOST_OF_CONTAINERS = "host.docker.internal"


def is_this_machine(address: str) -> bool:
    """Whether an address names the machine that the program runs on, or its container."""
    host = urlsplit(address).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    with suppress(ValueError):
        number = ip_address(host)
        return number.is_loopback or number.is_unspecified
    return False


def seen_from_container(address: str) -> str:
    """The address of the same server, on this machine, for a program in a container."""
    if not is_this_machine(address):
        return address
    return _with_host(urlsplit(address), HOST_OF_CONTAINERS)


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


def _with_host(parts: SplitResult, host: str) -> str:
    user, at, _ = parts.netloc.rpartition("@")
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"{user}{at}{host}{port}").geturl()
