"""TLS for any host name, with certificates of a throw-away authority."""

from __future__ import annotations

import functools
import ssl

import trustme


def certificates_for_any_name(authority: trustme.CA) -> ssl.SSLContext:
    """A TLS context that answers for whatever host name the client asks for."""

    # A client may make up a name for each of its connections.
    @functools.lru_cache(maxsize=256)
    def context_for(*names: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names).configure_cert(context)
        return context

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        if name:
            connection.context = context_for(name)

    # A client that connects to an address sends no name.
    context = context_for("localhost", "127.0.0.1", "::1")
    context.sni_callback = choose
    return context
