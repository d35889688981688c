"""Errors of this package, with messages that suggest a fix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import ClassVar


class LLMDocsError(Exception):
    """Base class of all errors of this package. The message suggests a fix.

    `guide` is the page and section of this site that explain the error, relative to the site's
    address or to a language's: `guides/errors/#errors`, `fr/guides/errors/#errors`.
    """

    guide: ClassVar[str] = "guides/errors/#errors"


class SettingsError(LLMDocsError):
    """A variable is missing, unknown or invalid: fix the variable in the message.

    If values are invalid, `problems` has a line for each of these variables.
    """

    guide = "guides/errors/#settings"
    problems: Mapping[str, str] = MappingProxyType({})


class UnreadableFileError(SettingsError):
    """A file that you named cannot be read: fix its path or its permissions."""

    guide = "guides/errors/#files"


class RecipeError(LLMDocsError):
    """A recipe does not exist or is malformed: fix the name or the line."""

    guide = "contributing/add-a-provider/#steps"


class FormError(RecipeError):
    """A recipe format cannot represent a value: choose another format."""

    guide = "guides/recipes/#refused"


class PageError(LLMDocsError):
    """A page of the documentation cannot be expanded: fix the line in the message."""

    guide = "contributing/add-a-provider/#checks"


@dataclass(frozen=True)
class KnownCause:
    """The cause of a failure and its fix, from the provider's own error message.

    `code` is the section of the site that explains it. `own` are the settings that you have to
    correct, and `values` the right values of settings, if they are certain.
    """

    code: str
    reason: str
    fix: str
    own: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)


class ProviderError(LLMDocsError):
    """A call failed. litellm's own exception is the `__cause__`.

    `status` is the HTTP status of the answer, or None if there was none. `provider_message` and
    `provider_code` are the message and the code in the provider's error body, or None.
    `retry_after` is the wait that the provider asked for, in seconds, or None. `retried` is true
    if a retry can help, and `known_cause` is the cause that the message shows, or None.
    """

    advice: str = ""
    retried: bool = False
    known_cause: KnownCause | None = None
    status: int | None = None
    provider_message: str | None = None
    provider_code: str | None = None
    retry_after: float | None = None


class BudgetError(LLMDocsError):
    """LLM_MAX_BUDGET is spent, so nothing was sent. `spent` and `limit` are in US dollars."""

    guide = "guides/spending/#limit"

    def __init__(self, spent: float, limit: float) -> None:
        super().__init__(spent, limit)
        self.spent = spent
        self.limit = limit

    def __str__(self) -> str:
        return (
            f"Nothing was sent: {dollars(self.spent)} are spent, and LLM_MAX_BUDGET is "
            f"{dollars(self.limit)}. Raise LLM_MAX_BUDGET, or create a new LLM to start from zero."
        )


class AuthenticationError(ProviderError):
    """401 or 403: check LLM_API_KEY and its permissions."""

    guide = "guides/errors/#authentication"
    advice = "Check LLM_API_KEY and its permissions."


class NotFoundError(ProviderError):
    """404: check the address, the model or deployment, and the API version."""

    guide = "guides/errors/#not-found"
    advice = "Check LLM_BASE_URL, LLM_MODEL and, for Azure, the deployment and LLM_API_VERSION."


class RedirectError(ProviderError):
    """3xx: the server redirects, and the client does not follow, to protect the key.

    `location` is the target: scheme, host, port and path, or None if the answer has none.
    """

    guide = "guides/errors/#redirect"
    location: str | None = None
    advice = (
        "Redirects are not followed, because that could send the key to another server. If the "
        "new address is the right server, set LLM_BASE_URL to it."
    )


class RequestError(ProviderError):
    """Another 4xx, or a request that litellm cannot build: fix the request."""

    guide = "guides/errors/#request"
    advice = "Fix the request: retrying does not help."


class RateLimitError(ProviderError):
    """429, also after the last retry, or one that no retry can fix: send less, or wait longer."""

    guide = "guides/errors/#rate-limit"
    advice = "Send less at once, or raise LLM_NUM_RETRIES or LLM_RETRY_MAX_WAIT."


class QuotaError(ProviderError):
    """429, 402 or 400: the account's quota or credit is exhausted. Waiting does not help."""

    guide = "guides/errors/#quota"
    advice = "Check the account's plan and limits: waiting does not help."


class ProviderUnavailableError(ProviderError):
    """408 or 5xx, also after the last retry: the provider is unavailable."""

    guide = "guides/errors/#unavailable"
    advice = "The provider is unavailable: try again later, or raise LLM_NUM_RETRIES."


class NoConnection(Enum):
    """Reasons for a failed connection, as reported by the system."""

    UNKNOWN_HOST = "host not found (DNS)"
    REFUSED = "connection refused: nothing is listening there"
    UNTRUSTED = "its certificate is not trusted"
    NO_TLS = "it does not speak TLS there, which https:// requires"


class ConnectionFailedError(ProviderError):
    """No HTTP answer, also after the last retry: check the address, the server and the network.

    `why` is the reason that the system reported, or None if it reported no particular one.
    """

    guide = "guides/errors/#connection"
    why: NoConnection | None = None
    advice = "Check LLM_BASE_URL, whether the server is running, and the network."


class ProviderTimeoutError(ConnectionFailedError):
    """No data within LLM_TIMEOUT, also after the last retry: wait longer, or send less.

    `connected` is false if the connection itself was not established.
    """

    guide = "guides/timeouts/#time-up"
    connected: bool = True
    advice = "Raise LLM_TIMEOUT, or try a smaller request or a faster model."


class ResponseError(ProviderError):
    """An answer is unreadable, empty, malformed or cut off: check what answers there.

    It is not requested again, because you may have been charged for it.
    """

    guide = "guides/errors/#answer"
    advice = (
        "It is not requested again, because you may have been charged for it. Check what answers "
        "at LLM_BASE_URL, and whether the model supports the request."
    )


def dollars(amount: float) -> str:
    """An amount in US dollars, to four significant digits and never with an exponent: `$0.0012`."""
    text = f"{Decimal(f'{amount:.4g}'):f}"
    return f"${text}"
