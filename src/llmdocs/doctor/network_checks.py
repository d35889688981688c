"""Checks of what else the environment says of connections: proxies, certificates, headers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from urllib.parse import urlsplit

from llmdocs.catalogue.addresses import host_of, is_this_machine
from llmdocs.client.proxies import (
    EXCEPTIONS,
    PROXIES,
    SCHEMES,
    scheme_of,
    unreadable_exceptions,
    with_exception,
)
from llmdocs.doctor.environment import Configuration, is_listening
from llmdocs.doctor.findings import Finding, Remedy, section
from llmdocs.suggestions import is_misspelling, nearest

LIKE_A_PROXY = re.compile(r"[a-z]{2,6}_p[a-z]{3,5}", re.IGNORECASE)
CERTIFICATES = "SSL_CERT_FILE"
# What the SDKs send besides, by what they read: openai/_client.py, anthropic/_client.py, and
# litellm/llms/openai/common_utils.py.
SENT_TOO: Mapping[str, str] = {
    "OPENAI_ORGANIZATION": "is sent with each call to OpenAI, and must be the key's organisation",
    "OPENAI_ORG_ID": "is sent with each call to OpenAI, and must be the key's organisation",
    "OPENAI_PROJECT_ID": "is sent with each call to OpenAI, and must be the key's project",
}


def misspelt_proxies(configuration: Configuration) -> Iterator[Finding]:
    environment = configuration.environment
    for name, value in environment.items():
        if not LIKE_A_PROXY.fullmatch(name) or name.upper() in (*PROXIES, EXCEPTIONS):
            continue
        meant = nearest(name, (*PROXIES, EXCEPTIONS))
        if not meant or not is_misspelling(name, meant):
            continue
        free = meant not in environment and meant.lower() not in environment
        yield Finding(
            "proxy",
            f"{name} is set, but no program reads it.",
            f"Programs read their proxy from {meant}. Without it, they connect directly.",
            f"Rename it to {meant}." if free else f"Remove it: {meant} is set too.",
            Remedy({meant: value} if free else {}, (name,)),
            section("proxy"),
        )


def unusable_proxies(configuration: Configuration) -> Iterator[Finding]:
    for name, value in configuration.environment.items():
        if name.upper() not in PROXIES:
            continue
        scheme = scheme_of(value)
        if scheme not in SCHEMES:
            meant = f"socks5://{value.partition('://')[2]}" if scheme.startswith("socks") else None
            yield _proxy(
                f"{name} begins with {configuration.shown(scheme)}://, but httpx only supports "
                "http://, https://, socks5:// and socks5h://.",
                "With such a proxy, the client cannot be created, and no call is made.",
                f"{name}={configuration.redaction.value(name, meant)}" if meant else "Correct it.",
                Remedy({name: meant}) if meant else Remedy(own=(name,)),
            )
        elif scheme.startswith("socks") and not find_spec("socksio"):
            yield _proxy(
                f"{name} is a SOCKS proxy, but the package for SOCKS is not installed.",
                "httpx supports SOCKS with an optional package.",
                'python -m pip install "httpx[socks]"',
                Remedy(),
            )
        elif (
            configuration.container
            and is_this_machine(_whole(value))
            and not is_listening(_whole(value))
        ):
            yield _proxy(
                f"{name} is a proxy at {host_of(_whole(value))}, but this is a container.",
                "Inside a container, that is the container itself, where no proxy is listening.",
                f"Set {name} to the proxy's own host, remove {name} from the container, or add the "
                "server to NO_PROXY.",
                Remedy(own=(name,)),
            )


def unusable_exceptions(configuration: Configuration) -> Iterator[Finding]:
    for name, value in configuration.environment.items():
        if name.upper() != EXCEPTIONS:
            continue
        wrong = unreadable_exceptions(value)
        if wrong:
            entries = filter(None, map(str.strip, value.split(",")))
            left = ",".join(entry for entry in entries if entry not in wrong)
            listed = ", ".join(map(configuration.shown, wrong))
            yield _proxy(
                f"{name} contains {listed}, which httpx cannot read.",
                "httpx reads host names and addresses; with a range of IPv6 addresses, every call "
                "fails before it is sent.",
                f"{name}={configuration.redaction.value(name, left)}"
                if left
                else f"Remove {name}.",
                Remedy({name: left}) if left else Remedy(removed=(name,)),
            )


def proxied_needlessly(configuration: Configuration) -> Iterator[Finding]:
    """A proxy elsewhere cannot reach a server of this machine; of one here, its answer tells."""
    address = configuration.text("LLM_BASE_URL")
    host = host_of(address) if address else None
    if not address or not host or not is_this_machine(address) or configuration.container:
        return
    scheme = urlsplit(address).scheme.upper()
    names = {name.upper(): name for name in configuration.environment}
    proxy = next((names[it] for it in (f"{scheme}_PROXY", "ALL_PROXY") if it in names), None)
    if proxy and is_this_machine(_whole(configuration.environment[proxy])):
        return
    excepted = with_exception(configuration.environment, host)
    if not proxy or not excepted:
        return
    name, value = excepted
    yield _proxy(
        f"Calls to {host} go through the proxy in {proxy}, but LLM_BASE_URL is on this machine.",
        f"For a proxy, {host} is the proxy's own machine: it answers 502 or refuses the "
        "connection.",
        f"{name}={value}",
        Remedy({name: value}),
    )


def missing_certificates(configuration: Configuration) -> Iterator[Finding]:
    path = configuration.environment.get(CERTIFICATES)
    if not path or os.path.isfile(path):
        return
    yield Finding(
        "certificate",
        f"{CERTIFICATES} is {configuration.shown(path)}, but there is no such file.",
        "Without it, calls fail, or do not trust your company's authority.",
        f"Remove {CERTIFICATES}, or set it to an existing bundle.",
        Remedy(removed=(CERTIFICATES,)),
        section("certificate"),
    )


def notes(configuration: Configuration) -> Iterator[str]:
    """Variables besides LLM_* that change what is sent, and are not a problem."""
    provider, environment = configuration.provider, configuration.environment
    for name, effect in SENT_TOO.items():
        own = provider and provider.own_variables("LLM_API_KEY")
        if own and name.partition("_")[0] == own[0].partition("_")[0] and name in environment:
            yield f"{name} {effect}. See {section('organization')}."


def _proxy(problem: str, reason: str, fix: str, remedy: Remedy) -> Finding:
    return Finding("proxy", problem, reason, fix, remedy, section("proxy"))


def _whole(proxy: str) -> str:
    return proxy if "://" in proxy else f"http://{proxy}"
