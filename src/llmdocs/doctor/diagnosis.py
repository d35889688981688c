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
        "LLM_MAX_BUDGET cannot be kept where the price of a call is unknown.",
        "Set LLM_BASE_MODEL to the model whose price it is, or take LLM_MAX_BUDGET out.",
        ("LLM_MAX_BUDGET",),
    ),
    BudgetError: Cause(
        "budget",
        "No call is sent once LLM_MAX_BUDGET is spent, and this call counts too.",
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
        "Wait, and send less at once; your program's own calls are tried again by themselves.",
    ),
    ProviderUnavailableError: Cause(
        "unavailable",
        "The request arrived, and the provider could not serve it. It is not your settings.",
        "Look at the provider's status page, and try again later.",
    ),
    ProviderTimeoutError: Cause(
        "timed-out",
        "Nothing came for as long as LLM_TIMEOUT, or the doctor, waits.",
        "Give a server time to load its model, and raise LLM_TIMEOUT; look whether it is "
        "overloaded.",
        ("LLM_TIMEOUT",),
    ),
    ResponseError: Cause(
        "answer",
        "Something answers at this address, and not as the provider's API does.",
        "Check that LLM_BASE_URL is the API's address, and no web page's or proxy's.",
        ("LLM_BASE_URL",),
    ),
}
REFUSED_REQUEST = Cause(
    "request", "The provider says what it does not accept.", "Change what it names."
)
UNSENDABLE_REQUEST = Cause(
    "request", "Nothing left this machine: the request could not be made.", "Fix what it names."
)


UNREACHED = Cause(
    "timed-out",
    "No connection was made, and nobody refused one: something on the way drops it, such as a "
    "firewall of the server's machine, or nothing has that address.",
    "Allow the port in the firewall of the server's machine, or correct the address; a VPN may be "
    "wanted too.",
    ("LLM_BASE_URL",),
)
LASTING_LIMIT = Cause(
    "too-large",
    "The provider asks for a longer wait than all retries of a call make together.",
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
            f"The deployment exists, and holds a model that makes no {operation}.",
            f"Name a deployment that does in {variable}.",
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
            "The key is known, and may not do this.",
            "Check what the key may do: the model, the project, the region, the network.",
        )
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    reason = f"{_asked(settings, provider)} does not know this key."
    if provider.keys_of_resources:
        reason = "A key is one resource's, and this is not the key of this one."
    if not key:
        reason = "No key was sent, and this server wants one."
    elif key.startswith(PLACEHOLDER):
        reason = f"It still begins with {PLACEHOLDER}, as in the recipe."
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
            f"The address and the key are right, and no deployment has the name in {variable}.",
            "Write the deployment's own name, as the portal shows it, and not the model's.",
            (variable,),
        )
    name = str(getattr(settings, variable.removeprefix("LLM_").lower())).partition("/")[2]
    named = bool(name and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", message))
    if named and (program := provider.pulled_by):
        return Cause(
            "model",
            f"{provider.title} answers, and this model has not been pulled.",
            f"{program} pull {name}, or a model that `{program} list` shows in {variable}.",
            (variable,),
        )
    if code == "model_not_found" or named:
        fix = _without_a_maker(settings, variable, provider)
        return Cause(
            "model",
            f"The address and the key are right, and no model there has the name in {variable}.",
            fix or f"Write a model that {_asked(settings, provider)} lists.",
            (variable,),
        )
    version = " or LLM_API_VERSION" if "LLM_API_VERSION" in provider.needs else ""
    return Cause(
        "not-found",
        "Something answers at this address, and has nothing at that path.",
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
    return f"Write a model that is listed there. Is it {prefix}/{rest}, without {maker}/?"


def _redirected(error: RedirectError, provider: Provider) -> Cause:
    place = error.location
    # What is hidden is no part of an address that works.
    known = place and "***" not in place and "[LLM_API_KEY]" not in place
    address = f"LLM_BASE_URL={for_provider(place, provider)}" if place and known else "LLM_BASE_URL"
    fix = f"{address}, if that is the right server." if known else f"Correct {address}."
    return Cause(
        "redirect",
        "What answers at this address leads to another one, and a call does not follow: it "
        "carries the key.",
        fix,
        ("LLM_BASE_URL",),
    )


def _model_variable(provider: Provider, operation: str) -> str:
    """The setting that names what a call uses."""
    if operation == "completion":
        return "LLM_MODEL"
    return "LLM_EMBEDDING_DEPLOYMENT_NAME" if provider.deployments else "LLM_EMBEDDING_MODEL"
