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
        problem = f"a long-term key, but {SIGNING.token} belongs to another identity"
        fix, remedy = f"Remove {SIGNING.token}.", Remedy(removed=(SIGNING.token,))
    elif not token and key.startswith(SIGNING.temporary):
        problem = f"a temporary key, but {SIGNING.token} is not set"
        fix = f"Set {SIGNING.token} to the token that came with the key."
        remedy = Remedy(own=(SIGNING.token,))
    else:
        return
    yield Finding(
        "mismatch",
        f"{SIGNING.key} is the id of {problem}.",
        f"A temporary key (its id begins with {SIGNING.temporary}) needs its own token, and a "
        f"long-term key ({SIGNING.lasting}) has none: {provider.title} rejects other combinations.",
        fix,
        remedy,
        section("mismatch"),
    )
