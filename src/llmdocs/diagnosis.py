"""Why a call failed: one cause told from another, and what mends it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from llmdocs.errors import (
    AnswerError,
    AnswerTimeoutError,
    AuthenticationError,
    BudgetError,
    ConnectionFailedError,
    LLMDocsError,
    NotFoundError,
    ProviderUnavailableError,
    QuotaError,
    RateLimitError,
    SettingsError,
)
from llmdocs.findings import Finding, Remedy, section
from llmdocs.providers import Provider
from llmdocs.settings import Settings

# What the recipes write where a reader puts a name or a key.
PLACEHOLDER = "your-"


@dataclass(frozen=True)
class Cause:
    """Why a call failed. `own` are the variables that the reader has to correct, if any."""

    code: str
    reason: str
    fix: str
    own: tuple[str, ...] = ()


# What the class of an error tells by itself; subclasses first.
CAUSES: dict[type[LLMDocsError], Cause] = {
    SettingsError: Cause(
        "settings", "Nothing was sent: the settings do not go together.", "Mend what it names."
    ),
    BudgetError: Cause(
        "budget",
        "No call is sent once LLM_MAX_BUDGET is spent, and this call counts too.",
        "Raise LLM_MAX_BUDGET.",
        ("LLM_MAX_BUDGET",),
    ),
    QuotaError: Cause(
        "quota",
        "The account has no credit left, or has reached its limit. No wait mends that.",
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
    AnswerTimeoutError: Cause(
        "timed-out",
        "The connection was made, or was being made, and nothing came for that long.",
        "Check that the server is not overloaded or still loading the model; else raise "
        "LLM_TIMEOUT.",
    ),
    AnswerError: Cause(
        "answer",
        "Something answers at this address, and not as the provider's API does.",
        "Check that LLM_BASE_URL is the API's address, and no web page's or proxy's.",
        ("LLM_BASE_URL",),
    ),
}
REFUSED_REQUEST = Cause(
    "request", "The provider says what it does not accept.", "Change what it names."
)


def diagnose(
    error: LLMDocsError, settings: Settings, provider: Provider, operation: str
) -> Finding:
    """The cause of an error that a call raised. `operation` is `completion` or `embedding`."""
    cause = _cause(error, settings, provider, operation)
    remedy = Remedy(own=cause.own)
    guide = section(cause.code, provider)
    return Finding(cause.code, str(error), cause.reason, cause.fix, remedy, guide)


def _cause(error: LLMDocsError, settings: Settings, provider: Provider, operation: str) -> Cause:
    if isinstance(error, AuthenticationError):
        return _refused_key(error, settings)
    if isinstance(error, NotFoundError):
        return _not_found(error, settings, provider, operation)
    for kind, cause in CAUSES.items():
        if isinstance(error, kind):
            return cause
    if isinstance(error, ConnectionFailedError):
        return _no_connection(error, settings, provider)
    if getattr(error, "provider_code", None) == "OperationNotSupported":
        variable = _model_variable(provider, operation)
        return Cause(
            "operations",
            f"The deployment exists, and holds a model that makes no {operation}.",
            f"Name a deployment that does in {variable}.",
            (variable,),
        )
    return REFUSED_REQUEST


def _refused_key(error: AuthenticationError, settings: Settings) -> Cause:
    if error.status == 403:
        return Cause(
            "not-allowed",
            "The key is known, and may not do this.",
            "Check what the key may do: the model, the project, the region, the network.",
        )
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    reason = "The provider does not know this key, or it is another resource's."
    if not key:
        reason = "No key was sent, and this server wants one."
    elif key.startswith(PLACEHOLDER):
        reason = f"It still begins with {PLACEHOLDER}, as in the recipe."
    return Cause("key", reason, "Set LLM_API_KEY to a key of this account.", ("LLM_API_KEY",))


def _not_found(
    error: NotFoundError, settings: Settings, provider: Provider, operation: str
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
    name = str(getattr(settings, variable.removeprefix("LLM_").lower()))
    if code == "model_not_found" or name.partition("/")[2] in message:
        return Cause(
            "model",
            f"The address and the key are right, and no model there has the name in {variable}.",
            "Write a model that the provider lists for you, or pull it, if it is Ollama's.",
            (variable,),
        )
    version = " or LLM_API_VERSION" if provider.name == "azure" else ""
    return Cause(
        "not-found",
        "Something answers at this address, and has nothing at that path.",
        f"Check LLM_BASE_URL{version} against the recipe of the guide.",
        ("LLM_BASE_URL", "LLM_API_VERSION") if version else ("LLM_BASE_URL",),
    )


def _no_connection(error: ConnectionFailedError, settings: Settings, provider: Provider) -> Cause:
    """Told apart by what the system said, which stands at the end of the chain of causes."""
    host = urlsplit(settings.base_url or provider.base_url or "").hostname
    kinds = list(_chain(error))
    if any(isinstance(kind, socket.gaierror) for kind in kinds):
        return Cause(
            "name-not-resolved",
            f"No address is known for the host {host}.",
            "Check the host in LLM_BASE_URL for a misspelling; if it is right, check the network, "
            "the VPN or the name server.",
            ("LLM_BASE_URL",),
        )
    if any(isinstance(kind, ssl.SSLCertVerificationError) for kind in kinds):
        return Cause(
            "certificate",
            f"The certificate that {host} shows is signed by no authority that Python trusts.",
            "If that is your company's own, set SSL_CERT_FILE to a bundle that has it.",
        )
    if any(isinstance(kind, ssl.SSLError) for kind in kinds):
        return Cause(
            "tls",
            f"What listens at {host} does not speak TLS as https:// wants it.",
            "If the server speaks plain HTTP, as Ollama does, write http:// in LLM_BASE_URL.",
            ("LLM_BASE_URL",),
        )
    if any(isinstance(kind, ConnectionRefusedError) for kind in kinds):
        return Cause(
            "refused",
            f"The machine {host} is there, and nothing listens on that port.",
            "Start the server, check the port in LLM_BASE_URL, and that it listens to more than "
            "its own machine.",
            ("LLM_BASE_URL",),
        )
    return Cause(
        "no-connection",
        "The connection could not be made, or was lost before the answer.",
        "Check the network, a firewall or a proxy between here and there.",
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


def _model_variable(provider: Provider, operation: str) -> str:
    """The setting that names what a call uses."""
    if operation == "completion":
        return "LLM_MODEL"
    return "LLM_EMBEDDING_DEPLOYMENT_NAME" if provider.name == "azure" else "LLM_EMBEDDING_MODEL"
