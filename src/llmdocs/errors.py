"""Errors of this package, in words that a reader can act on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import ClassVar


class LLMDocsError(Exception):
    """Anything this package raises on purpose: its message says what to do.

    `guide` is the page and the section of this site that explain it, below the site's address or
    below a language's: `guides/errors/#errors`, `fr/guides/errors/#errors`.
    """

    guide: ClassVar[str] = "guides/errors/#errors"


class SettingsError(LLMDocsError):
    """A variable is missing, unknown, or does not parse: fix the variable it names.

    `problems` has a line on each variable whose value does not fit, if that is what is wrong.
    """

    guide = "guides/errors/#settings"
    problems: Mapping[str, str] = MappingProxyType({})


class UnreadableFileError(SettingsError):
    """A file that the reader named cannot be read: fix its path or its rights."""

    guide = "guides/errors/#files"


class RecipeError(LLMDocsError):
    """A recipe does not exist or is not in its form: fix the name or the line."""

    guide = "contributing/add-a-provider/#steps"


class FormError(RecipeError):
    """A form cannot hold a value as it is: choose another form."""

    guide = "guides/recipes/#refused"


class PageError(LLMDocsError):
    """A page of the documentation cannot be expanded: fix the line it names."""

    guide = "contributing/add-a-provider/#checks"


@dataclass(frozen=True)
class KnownCause:
    """What a provider's own words say of a failure: why it is, and what helps.

    `code` names the section of the site that explains it. `own` are the settings that the reader
    has to correct, and `values` what settings have to be, where that is sure.
    """

    code: str
    reason: str
    fix: str
    own: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)


class ProviderError(LLMDocsError):
    """A call did not end in an answer. litellm's own exception is the `__cause__`.

    `status` is the HTTP status that the provider sent, or None if none came. `provider_message`
    is the message in the provider's own error body, or None, and `provider_code` is its code for
    it. `retry_after` is the wait that the provider asked for, in seconds, or None. `retried` says
    whether trying again may help, and `known_cause` is what its words say of the cause, or None.
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
            f"{dollars(self.limit)}. Raise it, or make a new LLM to count from nothing."
        )


class AuthenticationError(ProviderError):
    """401 or 403: check LLM_API_KEY and what it may do."""

    guide = "guides/errors/#authentication"
    advice = "Check LLM_API_KEY, and what that key may do."


class NotFoundError(ProviderError):
    """404: check the address, the model or deployment, and the API version."""

    guide = "guides/errors/#not-found"
    advice = "Check LLM_BASE_URL, LLM_MODEL and, at Azure, the deployment and LLM_API_VERSION."


class RedirectError(ProviderError):
    """A 3xx: LLM_BASE_URL leads elsewhere, and a call does not follow with the key.

    `location` is where it points: scheme, host, port and path, or None if it does not say.
    """

    guide = "guides/errors/#redirect"
    location: str | None = None
    advice = (
        "No call follows a redirect, which may lead the key to another server. Check LLM_BASE_URL, "
        "and set it to the new address if that is the right server."
    )


class RequestError(ProviderError):
    """Another 4xx, or a request that litellm cannot write: change the request."""

    guide = "guides/errors/#request"
    advice = "Change the request: trying again does not help."


class RateLimitError(ProviderError):
    """429, still there after every retry, or one that no retry ends: send less, or wait longer."""

    guide = "guides/errors/#rate-limit"
    advice = "Send less, or raise LLM_NUM_RETRIES or LLM_RETRY_MAX_WAIT."


class QuotaError(ProviderError):
    """429, 402 or 400 because the account's quota or credit is used up: waiting does not help."""

    guide = "guides/errors/#quota"
    advice = "Check the account's plan and limits: waiting does not help."


class ProviderUnavailableError(ProviderError):
    """408 or 5xx, still there after every retry: the provider is in trouble."""

    guide = "guides/errors/#unavailable"
    advice = "The provider is in trouble: try later, or raise LLM_NUM_RETRIES."


class NoConnection(Enum):
    """Why there is no connection, where the system says it."""

    UNKNOWN_HOST = "host not found (DNS): no address is known for it"
    REFUSED = "connection refused: nothing listens there"
    UNTRUSTED = "its certificate is not trusted"
    NO_TLS = "it does not speak TLS there, as https:// asks"


class ConnectionFailedError(ProviderError):
    """No HTTP answer came, after every retry: check the address, the server and the network.

    `why` is what the system said of it, or None if that was nothing in particular.
    """

    guide = "guides/errors/#connection"
    why: NoConnection | None = None
    advice = "Check LLM_BASE_URL, that the server runs, and the network."


class ProviderTimeoutError(ConnectionFailedError):
    """Silence for LLM_TIMEOUT, after every retry: wait longer, or ask for less.

    `connected` says whether there was a connection: without one, nobody has refused it either.
    """

    guide = "guides/timeouts/#time-up"
    connected: bool = True
    advice = "Raise LLM_TIMEOUT, or try a smaller request or a faster model."


class ResponseError(ProviderError):
    """An answer came but is unreadable, empty, misshapen or cut off: look at what answers there.

    It may have been paid for, so it is not asked for again.
    """

    guide = "guides/errors/#answer"
    advice = (
        "It may have been paid for, so it is not asked for again. Check what answers at "
        "LLM_BASE_URL, and that the model suits the request."
    )


def dollars(amount: float) -> str:
    """An amount in US dollars, to four significant digits and never with an exponent: `$0.0012`."""
    text = f"{Decimal(f'{amount:.4g}'):f}"
    return f"${text}"
