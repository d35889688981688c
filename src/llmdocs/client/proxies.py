"""Proxy variables as httpx takes them: which schemes and exceptions it can use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from ipaddress import ip_address

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
EXCEPTIONS = "NO_PROXY"
# What httpx connects by: https://www.python-httpx.org/advanced/proxies/.
SCHEMES = ("http", "https", "socks5", "socks5h")


def scheme_of(proxy: str) -> str:
    """The scheme that a proxy's address has, or is taken for."""
    return proxy.partition("://")[0].lower() if "://" in proxy else "http"


def unreadable_exceptions(value: str) -> list[str]:
    """The entries of NO_PROXY of which httpx can make no pattern: each ends every call."""
    import httpx

    wrong = []
    for entry in filter(None, map(str.strip, value.split(","))):
        try:
            httpx.URL(_pattern(entry))
        except httpx.InvalidURL:
            wrong.append(entry)
    return wrong


def _pattern(entry: str) -> str:
    """As httpx makes one: get_environment_proxies in httpx/_utils.py."""
    if "://" in entry:
        return entry
    with suppress(ValueError):
        number = ip_address(entry.partition("/")[0])
        if number.version == 4 or "/" not in entry:
            return f"all://[{entry}]" if number.version == 6 else f"all://{entry}"
    return f"all://*{entry}"


def with_exception(environment: Mapping[str, str], host: str) -> tuple[str, str] | None:
    """The variable that names exceptions, and its value with one more for a host.

    None if there is one for it. Python takes the name in small letters, if both are there.
    """
    name = EXCEPTIONS.lower() if EXCEPTIONS.lower() in environment else EXCEPTIONS
    entries = list(filter(None, map(str.strip, environment.get(name, "").split(","))))
    bare = [entry.strip("[]").removeprefix("*").removeprefix(".") for entry in entries]
    if "*" in entries or any(host == it or host.endswith(f".{it}") for it in bare if it):
        return None
    both = ["localhost", "127.0.0.1"]
    added = both if host in both else [host]
    return name, ",".join(dict.fromkeys([*entries, *added]))


def problems(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each variable that keeps httpx from making a client, and the part of it that does."""
    for name, value in environment.items():
        if name.upper() == EXCEPTIONS:
            yield from ((name, entry) for entry in unreadable_exceptions(value))
        elif name.upper() in PROXIES and value and scheme_of(value) not in SCHEMES:
            yield name, f"{scheme_of(value)}://"
