"""Retries: which failures deserve one, and how long to wait before it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

from llmdocs.settings.settings import Settings

# The exponent stops where a float would overflow; the longest wait has won long before.
LARGEST_EXPONENT = 1000
# How providers say in words alone that the credit or the spending limit is used up. Anthropic, with
# status 400 and the `type` of any wrong request: anthropics/claude-code#66314,
# anthropics/claude-code#38035, and <https://docs.claude.com/en/api/errors> for workspaces.
# xAI, with 429 or 403: continuedev/continue#10373, griptape-ai/griptape-nodes-engine#1079.
USED_UP = re.compile(
    r"Your credit balance is too low|You have reached your specified (workspace )?API usage limits|"
    r"Your team \S+ has either used all available credits|"
    r"Your newly created team doesn't have any credits"
)


@dataclass(frozen=True)
class Rule:
    """How one kind of failure is met. `name` is its key in `docs/<language>/strings.toml`."""

    name: str
    description: str
    retried: bool


class Failure(Enum):
    """Every way in which a call can fail to end in an answer, and whether it is tried again."""

    RATE_LIMIT = Rule("rate_limit", "429: rate limit, for requests or tokens", True)
    LASTING_LIMIT = Rule(
        "lasting_limit",
        "429: a wait longer than all retries, or a single request above the limit",
        False,
    )
    REQUEST_TIMEOUT = Rule("request_timeout", "408: request timeout", True)
    SERVER_ERROR = Rule("server_error", "5xx: server error", True)
    NO_CONNECTION = Rule(
        "no_connection", "Connection failed, or lost before the answer began", True
    )
    TIMEOUT = Rule("timeout", "Timeout: the provider sends nothing for too long", True)
    QUOTA = Rule("quota", "Quota exhausted: 402, or a 400, 403 or 429 with that error", False)
    REDIRECTED = Rule("redirected", "3xx: redirect", False)
    REFUSED = Rule(
        "refused",
        "Other 4xx: wrong key, model, address or request; also Ollama's 500 for an invalid request",
        False,
    )
    BAD_ANSWER = Rule(
        "bad_answer", "Unusable answer: unreadable, empty, malformed or cut off", False
    )

    @property
    def retried(self) -> bool:
        return self.value.retried


def classify(status: int, error_codes: frozenset[str] = frozenset(), message: str = "") -> Failure:
    """The failure that an HTTP status stands for.

    `error_codes` are the `code` and `type` of the error body: OpenAI answers 429 both for too
    many requests and for an exhausted quota, which it calls `insufficient_quota`.
    <https://platform.openai.com/docs/guides/error-codes>
    `message` is the body's own: some tell an exhausted credit in words alone.
    """
    if status == 402 or (status in (400, 403, 429) and USED_UP.match(message)):
        return Failure.QUOTA
    if status == 429:
        return Failure.QUOTA if "insufficient_quota" in error_codes else Failure.RATE_LIMIT
    if status == 408:
        return Failure.REQUEST_TIMEOUT
    if 500 <= status <= 599:
        return Failure.SERVER_ERROR
    if 400 <= status <= 499:
        return Failure.REFUSED
    if 300 <= status <= 399:
        return Failure.REDIRECTED
    return Failure.BAD_ANSWER


def wait(settings: Settings, retry: int, retry_after: float | None = None) -> float:
    """Seconds to wait before retry number `retry`, which counts from 1.

    `retry_after` is what the provider asked for, in seconds.
    """
    doubled = settings.retry_min_wait * 2.0 ** min(retry - 1, LARGEST_EXPONENT)
    return min(settings.retry_max_wait, max(doubled, retry_after or 0.0))


def is_beyond_all(settings: Settings, retry_after: float | None) -> bool:
    """Whether a provider asks for a longer wait than all retries of a call together can make."""
    return (retry_after or 0.0) > settings.num_retries * settings.retry_max_wait > 0


def schedule(settings: Settings) -> list[float]:
    """The wait before each retry, in seconds, when the provider asks for none."""
    return [wait(settings, retry) for retry in range(1, settings.num_retries + 1)]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The wait that an answer's headers ask for, in seconds; None if absent or unreadable.

    `retry-after-ms` wins over `Retry-After`, which holds seconds or a date (RFC 9110, section
    10.2.3). A date is measured against the answer's own Date header, not against this machine's
    clock.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None or text is None:
        return seconds
    until, now = _date(text), _date(headers.get("date"))
    if until is None:
        return None
    return _not_negative((until - (now or datetime.now(UTC))).total_seconds())


def _number(text: str | None) -> float | None:
    try:
        return _not_negative(float(text)) if text else None
    except ValueError:
        return None


def _not_negative(seconds: float) -> float | None:
    return seconds if seconds >= 0 and math.isfinite(seconds) else None


def _date(text: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(text) if text else None
    except (ValueError, OverflowError):
        # A year, or a zone, beyond what Python counts in.
        return None
    return date.replace(tzinfo=UTC) if date and date.tzinfo is None else date
