"""Checks of the credentials that sign calls, which a cloud's own variables hold."""

from __future__ import annotations

from collections.abc import Iterator

from llmdocs.catalogue.elsewhere import SIGNING
from llmdocs.doctor.environment import Configuration
from llmdocs.doctor.findings import Finding, Remedy, section


def session_tokens(configuration: Configuration) -> Iterator[Finding]:
    """A lasting key goes without a session token, and a temporary one with its own."""
    provider, held = configuration.provider, configuration.environment
    if not provider or provider.prefixes[0] not in SIGNING.prefixes:
        return
    if configuration.text("LLM_API_KEY") or any(name in held for name in SIGNING.outranked_by):
        return
    token, key = held.get(SIGNING.token), held.get(SIGNING.key, "").strip()
    if token and key.startswith(SIGNING.lasting):
        problem = f"a lasting key, and {SIGNING.token} is another identity's"
        fix, remedy = f"Take {SIGNING.token} out.", Remedy(removed=(SIGNING.token,))
    elif not token and key.startswith(SIGNING.temporary):
        problem = f"a temporary key, and {SIGNING.token} is not set"
        fix = f"Set {SIGNING.token} to the token that came with the key."
        remedy = Remedy(own=(SIGNING.token,))
    else:
        return
    yield Finding(
        "mismatch",
        f"{SIGNING.key} is the id of {problem}.",
        f"A temporary key (its id begins with {SIGNING.temporary}) is sent with its own token, and "
        f"a lasting one ({SIGNING.lasting}) without: {provider.title} refuses any other pair.",
        fix,
        remedy,
        section("mismatch"),
    )
