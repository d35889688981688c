"""Diagnosis of a connection that failed, or was answered by what stands in between."""

from __future__ import annotations

import os
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from llmdocs.catalogue import elsewhere
from llmdocs.catalogue.addresses import (
    HOST_OF_CONTAINERS,
    host_of,
    is_nearby,
    is_this_machine,
    with_host,
)
from llmdocs.catalogue.providers import Provider
from llmdocs.client.proxies import with_exception
from llmdocs.doctor.findings import PLACEHOLDER, Cause
from llmdocs.errors import ConnectionFailedError, LLMDocsError, NoConnection
from llmdocs.settings.settings import Settings

# What a proxy answers in the place of a server that it does not reach: RFC 9110, section 15.6.
GATEWAY_ERRORS = (502, 504)


def no_connection(error: ConnectionFailedError, settings: Settings, provider: Provider) -> Cause:
    address = settings.base_url or provider.base_url or ""
    host = urlsplit(address).hostname or f"the host of {provider.title}"
    # A certificate was shown, or TLS refused, beyond the proxy: it let the connection through.
    beyond = error.why in (NoConnection.UNTRUSTED, NoConnection.NO_TLS)
    if not beyond and (variable := _proxy_variable(address)):
        return Cause(
            "proxy",
            f"Connections to {host} go through the proxy in {variable}, and failed there.",
            f"Correct {variable}, or add the host to NO_PROXY if it needs no proxy.",
            (variable,),
        )
    match error.why:
        case NoConnection.UNKNOWN_HOST:
            return _unknown_host(host)
        case NoConnection.REFUSED:
            return _refused(address, provider)
        case NoConnection.UNTRUSTED:
            return Cause(
                "certificate",
                f"The certificate of {host} is not signed by an authority that Python trusts.",
                "If it is signed by your company's own authority, set SSL_CERT_FILE to a bundle "
                "that includes it.",
            )
        case NoConnection.NO_TLS:
            return _no_tls(address, host, settings)
        case _:
            return Cause(
                "no-connection",
                "The connection failed, or was lost before the answer.",
                "Check the network, and any firewall or proxy on the way.",
            )


def answered_by_a_proxy(
    error: LLMDocsError, settings: Settings, provider: Provider
) -> Cause | None:
    """A proxy that cannot reach a server of this machine, and answers 502 or 504 in its place."""
    address = settings.base_url or provider.base_url or ""
    if getattr(error, "status", None) not in GATEWAY_ERRORS or not is_this_machine(address):
        return None
    variable = _proxy_variable(address)
    excepted = with_exception(os.environ, host_of(address) or "")
    if not variable or not excepted:
        return None
    name, value = excepted
    return Cause(
        "proxy",
        f"This call goes through the proxy in {variable}, which cannot reach the server. Without "
        "the proxy, the call stays on this machine.",
        f"{name}={value}",
        values={name: value},
    )


def _no_tls(address: str, host: str, settings: Settings) -> Cause:
    reason = f"A server is listening at {host}, but without TLS, like most local servers."
    plain = address.replace("https://", "http://", 1)
    if settings.api_key and not is_nearby(address):
        return Cause(
            "tls",
            reason,
            f"Put a proxy with TLS in front of it. {plain} would send the key unencrypted.",
            ("LLM_BASE_URL",),
        )
    return Cause(
        "tls",
        reason,
        f"LLM_BASE_URL={plain}, if that is the right server.",
        values={"LLM_BASE_URL": plain},
    )


def _proxy_variable(address: str) -> str | None:
    """The environment's variable that leads connections to an address through a proxy."""
    parts = urlsplit(address)
    if not parts.hostname or proxy_bypass(parts.hostname):
        return None
    names = (f"{parts.scheme}_proxy", "all_proxy")
    spellings = (spelling for name in names for spelling in (name, name.upper()))
    return next((name for name in spellings if os.environ.get(name)), None)


def _unknown_host(host: str | None) -> Cause:
    if host == HOST_OF_CONTAINERS:
        return Cause(
            "host-name",
            "Docker Desktop defines this name; Docker on Linux defines it only on request.",
            "Start the container with --add-host host.docker.internal:host-gateway, or with "
            "`extra_hosts` in Compose. Outside a container, use localhost.",
        )
    placeholder = f" It still begins with {PLACEHOLDER}, like the placeholder in the recipe."
    left = placeholder if host and host.startswith(PLACEHOLDER) else ""
    return Cause(
        "unknown-host",
        f"The name {host} cannot be resolved.{left}",
        "Correct the host in LLM_BASE_URL; if it is right, check the network, the VPN and DNS.",
        ("LLM_BASE_URL",),
    )


def _refused(address: str, provider: Provider) -> Cause:
    if is_this_machine(address):
        ipv4 = with_host(address, "127.0.0.1") if host_of(address) == "localhost" else None
        return Cause(
            "refused",
            "No server is listening on that port of this machine.",
            "Start the server, or correct the port in LLM_BASE_URL"
            + (f"; or, if it only listens on IPv4, set LLM_BASE_URL={ipv4}." if ipv4 else "."),
            ("LLM_BASE_URL",),
        )
    told = elsewhere.LISTENS.get(provider.prefixes[0])
    listens = f" ({told})" if told else ""
    return Cause(
        "refused",
        f"{urlsplit(address).hostname} can be reached, but no server accepts connections from "
        "other machines on that port.",
        "Start the server there, correct the port in LLM_BASE_URL, or make the server accept "
        f"connections from other machines{listens}.",
        ("LLM_BASE_URL",),
    )
