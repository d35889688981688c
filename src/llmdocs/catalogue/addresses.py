"""Addresses as a reader writes them: whose machine they name, and which form a provider wants."""

from __future__ import annotations

import re
from contextlib import suppress
from fnmatch import fnmatchcase
from ipaddress import ip_address
from urllib.parse import urlsplit

from llmdocs.catalogue.providers import Provider

# Names of one's own networks: RFC 6762, RFC 8375, Kubernetes' services, Tailscale's machines.
NEARBY = (".local", ".internal", ".localhost", ".lan", ".home.arpa", ".svc", ".ts.net")
# How a container reaches the machine that runs it. Docker Desktop knows the name; Docker Engine has
# to be told: https://docs.docker.com/reference/cli/docker/container/run/#add-host
HOST_OF_CONTAINERS = "host.docker.internal"
# A scheme that is not whole: `http:/host`, `https;//host`, `//host`, `https:host`.
MOST_SEGMENTS = 20
BROKEN_SCHEME = re.compile(r"(?:(https?)[:;]?)?/+|(https?):(?!\d)", re.IGNORECASE)


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


def is_unspecified(address: str) -> bool:
    """Whether an address names all of a machine's, to listen at: no program can call it."""
    with suppress(ValueError):
        return ip_address(host_of(address) or "").is_unspecified
    return False


def with_host(address: str, host: str) -> str:
    """The address with another host; scheme, user, port and path stay."""
    scheme, _, rest = address.partition("://")
    netloc = urlsplit(address).netloc
    user, at, place = netloc.rpartition("@")
    port = re.search(r":\d+\Z", place)
    return f"{scheme}://{user}{at}{host}{port[0] if port else ''}{rest.removeprefix(netloc)}"


def is_nearby(address: str) -> bool:
    """Whether an address is one of a private network, of containers or of this machine.

    Such are addresses that are not global (RFC 1918, RFC 3927, RFC 6598), names of one part, and
    those below `.local` (RFC 6762) and `.internal`.
    """
    host = (host_of(address) or "").rstrip(".")
    with suppress(ValueError):
        number = ip_address(host)
        return not (getattr(number, "ipv4_mapped", None) or number).is_global
    return "." not in host or host.endswith(NEARBY)


def seen_from_container(address: str) -> str:
    """The address of the same server, if that is on this machine, for a program in a container."""
    if not is_this_machine(address):
        return address
    return with_host(address, HOST_OF_CONTAINERS)


def for_provider(address: str, provider: Provider) -> str:
    """The address as the provider wants it: a scheme, its base path, and nothing after that.

    A gateway's own path stays, whatever words it holds: only the API's own is cut from the end.
    """
    address = address.strip()
    if "://" not in address:
        address = _with_scheme(address)
    if not provider.api_paths:
        return address.rstrip("/")
    parts = urlsplit(address)
    path = _base_path(parts.path, provider)
    if (parts.hostname or "").endswith(provider.hosts) or not (path or provider.base_url):
        path = provider.base_path
    return f"{address.partition('://')[0]}://{parts.netloc}{path}"


def _base_path(path: str, provider: Provider) -> str:
    """A path without what the provider's API adds to it."""
    segments = [segment for segment in path.split("/") if segment]
    # No provider adds more than a few: an address may have thousands.
    for start in range(max(0, len(segments) - MOST_SEGMENTS), len(segments)):
        rest = "/".join(segments[start:]).lower()
        if any(fnmatchcase(rest, pattern) for pattern in provider.api_paths):
            segments = segments[:start]
            break
    return "".join(f"/{segment}" for segment in segments)


def _with_scheme(address: str) -> str:
    broken = BROKEN_SCHEME.match(address)
    if not broken:
        return f"{_scheme(address)}://{address}"
    rest = address[broken.end() :]
    return f"{(broken[1] or broken[2] or _scheme(rest)).lower()}://{rest}"


def _scheme(address: str) -> str:
    """What to put before an address without one: providers on the network speak HTTPS."""
    host = urlsplit(f"//{address}").hostname or ""
    local = is_this_machine(f"//{address}") or host == HOST_OF_CONTAINERS or "." not in host
    with suppress(ValueError):
        local = local or ip_address(host).is_private
    return "http" if local else "https"
