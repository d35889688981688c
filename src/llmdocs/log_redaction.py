"""The log of httpx without credentials: at INFO it has the whole address of each request."""

from __future__ import annotations

import logging
import re

from llmdocs.address_redaction import HIDDEN, secrets_of

ADDRESS = re.compile(r"https?://\S+")
LOGGERS = ("httpx", "openai._base_client")


class WithoutCredentials(logging.Filter):
    """Hides what is secret in the addresses of a record, and nothing else: others log there too."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, changed where it has to be."""
        message = record.getMessage()
        shown = ADDRESS.sub(lambda match: _without_credentials(match[0]), message)
        if shown != message:
            record.msg, record.args = shown, None
        return True


def install() -> None:
    """Filter those loggers, once."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(item, WithoutCredentials) for item in logger.filters):
            logger.addFilter(WithoutCredentials())


def _without_credentials(address: str) -> str:
    for secret in {*secrets_of(address)}:
        address = address.replace(secret, HIDDEN)
    return address
