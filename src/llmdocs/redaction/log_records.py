"""The logs of litellm, and of what it calls with, without credentials.

litellm logs what providers answer, whole at DEBUG and in part above it, and httpx the address of
each request.
"""

from __future__ import annotations

import functools
import logging
import threading

from llmdocs.redaction.secrets import Redaction

# The loggers of these names, and those below them.
PACKAGES = frozenset(
    {
        *("LiteLLM", "LiteLLM Proxy", "LiteLLM Router", "litellm"),
        *("httpx", "httpcore", "openai", "anthropic", "aiohttp", "asyncio"),
    }
)
# Some are made only when a connection is.
LATE = tuple(f"httpcore.{name}" for name in ("connection", "http11", "http2", "proxy", "socks"))
STANDARD = frozenset(vars(logging.makeLogRecord({})))
# A program may make a client for each of its users.
MOST_SECRETS = 1_000

_formatter = logging.Formatter()
# What the latest clients keep to themselves: a thread of litellm's may log after its client's end.
_hidden: dict[str, str] = {}
_lock = threading.Lock()


def hide(redaction: Redaction) -> None:
    """Keep what a client may not show out of those logs from now on."""
    global _hidden
    new = redaction.long_values()
    with _lock:
        others = {secret: name for secret, name in _hidden.items() if secret not in new}
        _hidden = dict([*others.items(), *new.items()][-MOST_SECRETS:])


class WithoutCredentials(logging.Filter):
    """Takes the secrets out of a record, and changes nothing else: others log there too."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, changed where it has to be."""
        shown = Redaction(None, Redaction.in_force(None).long_values() | _hidden).log_message
        try:
            message = record.getMessage()
        except Exception:
            # logging would print what does not fit together, with all that it holds.
            record.msg, record.args = f"{record.msg} {record.args}", None
            message = record.msg
        if (text := shown(message)) != message:
            record.msg, record.args = text, None
        error = record.exc_text
        if record.exc_info and not error:
            error = _formatter.formatException(record.exc_info)
        if error and (text := shown(error)) != error:
            record.exc_text, record.exc_info = text, None
        for name in vars(record).keys() - STANDARD:
            value = str(getattr(record, name))
            if (text := shown(value)) != value:
                setattr(record, name, text)
        return True


def install() -> None:
    """Filter those loggers, each once; a library may have made more since the last time."""
    _install(len(logging.root.manager.loggerDict))


@functools.lru_cache(maxsize=1)
def _install(_: int) -> None:
    for name in {*logging.root.manager.loggerDict, *PACKAGES, *LATE}:
        logger = logging.getLogger(name) if name.partition(".")[0] in PACKAGES else None
        if logger and not any(isinstance(item, WithoutCredentials) for item in logger.filters):
            logger.addFilter(WithoutCredentials())
