"""Diagnosis of a call that failed: one cause told from another, and what fixes it."""

from __future__ import annotations

import re

from llmdocs.catalogue import elsewhere
from llmdocs.catalogue.addresses import (
    for_provider,
    host_of,
)
from llmdocs.catalogue.providers import Provider
from llmdocs.doctor.connections import answered_by_a_proxy, no_connection
from llmdocs.doctor.findings import (
    PLACEHOLDER,
    Cause,
    Code,
    Finding,
    Remedy,
    section,
    without_secrets,
)
from llmdocs.errors import (
    AuthenticationError,
    BudgetError,
    ConnectionFailedError,
    KnownCause,
    LLMDocsError,
    NotFoundError,
    ProviderError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    QuotaError,
    RateLimitError,
    RedirectError,
    RequestError,
    ResponseError,
    SettingsError,
)
from llmdocs.settings.settings import Settings
from llmdocs.settings.sources import field_of

# What the class of an error tells by itself; subclasses first.
CAUSES: dict[type[LLMDocsError], Cause] = {
    SettingsError: Cause(
        "price",
        "LLM_MAX_BUDGET cannot be enforced if the price of a call is unknown.",
        "Set LLM_BASE_MODEL to a model with the same price, or remove LLM_MAX_BUDGET.",
        ("LLM_MAX_BUDGET",),
    ),
    BudgetError: Cause(
        "budget",
        "Once LLM_MAX_BUDGET is spent, no calls are sent. The doctor's call counts too.",
        "Raise LLM_MAX_BUDGET.",
        ("LLM_MAX_BUDGET",),
    ),
    QuotaError: Cause(
        "quota",
        "The account has no credit left, or has reached its limit. Waiting does not help.",
        "Add credit, or raise the limit, on the provider's billing page.",
    ),
    RateLimitError: Cause(
        "rate-limit",
        "The account sent too many requests or tokens within a short time.",
        "Wait, and send less at once. In your program, such calls are retried automatically.",
    ),
    ProviderUnavailableError: Cause(
        "unavailable",
        "The request arrived, but the provider could not process it. Your settings are not the "
        "cause.",
        "Check the provider's status page, and try again later.",
    ),
    ProviderTimeoutError: Cause(
        "timed-out",
        "The server accepted the connection, but sent no data in time.",
        "If the server is loading its model, wait, or raise LLM_TIMEOUT. Otherwise, check whether "
        "it is overloaded.",
        ("LLM_TIMEOUT",),
    ),
    ResponseError: Cause(
        "answer",
        "Something answers at this address, but not the provider's API.",
        "Check that LLM_BASE_URL is the address of the API, not of a web page or a proxy.",
        ("LLM_BASE_URL",),
    ),
}
REFUSED_REQUEST = Cause(
    "request",
    "The provider's message shows what it does not accept.",
    "Fix that part of the request.",
)
UNSENDABLE_REQUEST = Cause(
    "request", "The request could not be built.", "Fix the problem that the message shows."
)


UNREACHED = Cause(
    "timed-out",
    "The connection was neither accepted nor refused: a firewall drops it, such as the one of the "
    "server's machine, or no machine has that address.",
    "Allow the port in the firewall of the server's machine, or correct the address. You may need "
    "a VPN.",
    ("LLM_BASE_URL",),
)
LASTING_LIMIT = Cause(
    "too-large",
    "The provider asks for a wait that is longer than all retries of a call together.",
    "Send less, or have the account's limit raised.",
)


def diagnose(
    error: LLMDocsError, settings: Settings, provider: Provider, operation: str
) -> Finding:
    """The cause of an error that a call raised. `operation` is `completion` or `embedding`."""
    cause = _cause(error, settings, provider, operation)
    remedy = Remedy(values=cause.values, own=cause.own)
    guide = section(cause.code, provider)
    # What to do is said below, and better than the error's class can.
    problem = str(error).removesuffix(getattr(error, "advice", "")).strip()
    finding = Finding(cause.code, problem, cause.reason, cause.fix, remedy, guide)
    return without_secrets(finding, settings.redaction())


def _cause(error: LLMDocsError, settings: Settings, provider: Provider, operation: str) -> Cause:
    if isinstance(error, ProviderError) and error.known_cause:
        return _known(error.known_cause, error, settings, provider, operation)
    if isinstance(error, RateLimitError) and not error.retried:
        return LASTING_LIMIT
    if isinstance(error, AuthenticationError):
        return _refused_key(error, settings, provider)
    code = error.provider_code if isinstance(error, ProviderError) else None
    if isinstance(error, NotFoundError | RequestError) and _names_nothing(error):
        return _not_found(error, settings, provider, operation)
    if isinstance(error, ProviderTimeoutError) and error.connected is False:
        return UNREACHED
    if error_by_proxy := answered_by_a_proxy(error, settings, provider):
        return error_by_proxy
    for kind, cause in CAUSES.items():
        if isinstance(error, kind):
            return cause
    if isinstance(error, RedirectError):
        return _redirected(error, provider)
    if isinstance(error, ConnectionFailedError):
        return no_connection(error, settings, provider)
    if code == "OperationNotSupported":
        variable = _model_variable(provider, operation)
        return Cause(
            "operations",
            f"The deployment exists, but its model does not support {operation}s.",
            f"Set {variable} to a deployment that does.",
            (variable,),
        )
    return REFUSED_REQUEST if getattr(error, "status", None) else UNSENDABLE_REQUEST


def _known(
    known: KnownCause,
    error: ProviderError,
    settings: Settings,
    provider: Provider,
    operation: str,
) -> Cause:
    """The cause that the provider's words name."""
    code: Code = known.code  # type: ignore[assignment]  # a test holds the table to the codes
    if code == "model":
        variable = _model_variable(provider, operation)
        fix = _without_a_maker(settings, variable, provider) or known.fix
        return Cause(code, known.reason, fix, (variable,))
    return Cause(code, known.reason, known.fix, known.own, known.values)


def _names_nothing(error: ProviderError) -> bool:
    """Whether there is no such thing: LM Studio says so of a model with another status than 404."""
    return isinstance(error, NotFoundError) or error.provider_code == "model_not_found"


def _refused_key(error: AuthenticationError, settings: Settings, provider: Provider) -> Cause:
    if error.status == 403:
        return Cause(
            "not-allowed",
            "The key is valid, but not allowed to do this.",
            "Check what the key is allowed to use: model, project, region and network.",
        )
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    reason = f"{_asked(settings, provider)} does not know this key."
    if provider.keys_of_resources:
        reason = "Each resource has its own keys, and this is not one of them."
    if not key:
        reason = "No key was sent, but this server requires one."
    elif key.startswith(PLACEHOLDER):
        reason = f"The key still begins with {PLACEHOLDER}, like the placeholder in the recipe."
    return Cause("key", reason, "Set LLM_API_KEY to a key of this account.", ("LLM_API_KEY",))


def _asked(settings: Settings, provider: Provider) -> str:
    """Who was asked, for a sentence: the provider, or what answers at an address of another's."""
    host = host_of(settings.base_url or "") or ""
    is_own = not host or (provider.hosts and host.endswith(provider.hosts)) or not provider.hosts
    return provider.title if is_own else f"The server at {settings.without_secrets(host)}"


def _not_found(
    error: ProviderError, settings: Settings, provider: Provider, operation: str
) -> Cause:
    """Told apart by what the provider says: of a model it says the name, of a path it does not."""
    variable = _model_variable(provider, operation)
    message, code = error.provider_message or "", error.provider_code
    if code == "DeploymentNotFound":
        return Cause(
            "deployment",
            f"The address and the key are right, but no deployment has the name in {variable}.",
            "Use the name of the deployment that the portal shows, and not the name of the model.",
            (variable,),
        )
    name = str(getattr(settings, variable.removeprefix("LLM_").lower())).partition("/")[2]
    named = bool(name and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", message))
    if named and (program := provider.pulled_by):
        return Cause(
            "model",
            f"{provider.title} is running, but this model has not been pulled.",
            f"{program} pull {name}, or set {variable} to a model from `{program} list`.",
            (variable,),
        )
    if code == "model_not_found" or named:
        fix = _without_a_maker(settings, variable, provider)
        return Cause(
            "model",
            f"The address and the key are right, but no model there has the name in {variable}.",
            fix or f"Use a model that {_asked(settings, provider)} lists.",
            (variable,),
        )
    version = " or LLM_API_VERSION" if "LLM_API_VERSION" in provider.needs else ""
    return Cause(
        "not-found",
        "A server answers at this address, but has nothing at this path.",
        f"Check LLM_BASE_URL{version} against the recipe of the guide.",
        ("LLM_BASE_URL", "LLM_API_VERSION") if version else ("LLM_BASE_URL",),
    )


def _without_a_maker(settings: Settings, variable: str, provider: Provider) -> str | None:
    """The question whether a maker's name is too much, at a provider that serves its own models."""
    host = host_of(settings.base_url or "")
    at = elsewhere.prefix_of_host(host) if host else provider.hosts and provider.prefixes[0]
    if not at or at in elsewhere.AGGREGATORS:
        return None
    value = str(getattr(settings, field_of(variable)))
    prefix, _, name = value.partition("/")
    maker, slash, rest = name.partition("/")
    if not maker or not slash:
        return None
    return f"Use a model that is listed there. Did you mean {prefix}/{rest}, without {maker}/?"


def _redirected(error: RedirectError, provider: Provider) -> Cause:
    place = error.location
    # What is hidden is no part of an address that works.
    known = place and "***" not in place and "[LLM_API_KEY]" not in place
    address = f"LLM_BASE_URL={for_provider(place, provider)}" if place and known else "LLM_BASE_URL"
    fix = f"{address}, if that is the right server." if known else f"Correct {address}."
    return Cause(
        "redirect",
        "The server redirects to another address. Redirects are not followed, because that could "
        "send the key to another server.",
        fix,
        ("LLM_BASE_URL",),
    )


def _model_variable(provider: Provider, operation: str) -> str:
    """The setting that names what a call uses."""
    if operation == "completion":
        return "LLM_MODEL"
    return "LLM_EMBEDDING_DEPLOYMENT_NAME" if provider.deployments else "LLM_EMBEDDING_MODEL"
