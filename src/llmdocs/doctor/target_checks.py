"""Checks of what a call would reach: the provider, its address and version, and the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from importlib.util import find_spec
from urllib.parse import urlsplit

from llmdocs.catalogue import elsewhere, models
from llmdocs.catalogue.addresses import (
    for_provider,
    host_of,
    is_nearby,
    is_this_machine,
    seen_from_container,
)
from llmdocs.catalogue.providers import Provider, by_prefix, unlisted
from llmdocs.doctor.environment import Configuration, is_listening
from llmdocs.doctor.findings import Finding, Remedy, section
from llmdocs.redaction.addresses import secrets_of
from llmdocs.redaction.credentials import STAND_INS

# https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
AZURE_DATE = re.compile(r"(?P<date>\d{4}-\d{2}-\d{2})(?:-preview)?")
AZURE_WORDS = ("v1", "preview", "latest")
LIKE_A_DATE = re.compile(r"(\d{4})\W?(\d{2})\W?(\d{2})\W?(preview)?", re.IGNORECASE)
# What YAML makes of a date without quotes: `2023-05-15 00:00:00 +0000 UTC`.
TIME_OF_A_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})[T ]00:00:00.*")


def no_scheme(configuration: Configuration) -> Iterator[Finding]:
    address = configuration.text("LLM_BASE_URL")
    if address is None or "://" in address:
        return
    if not isinstance(configuration.chosen["LLM_BASE_URL"].value, str):
        return
    expected = _expected_address(address, configuration.provider)
    fix, remedy = configuration.fix("LLM_BASE_URL", expected, "Write the whole address.")
    yield Finding(
        "no-scheme",
        f"{configuration.stated('LLM_BASE_URL')}, without http:// or https://.",
        "The scheme determines whether the connection is encrypted, and is never guessed.",
        fix,
        remedy,
        section("no-scheme", configuration.provider),
    )


def no_api(configuration: Configuration) -> Iterator[Finding]:
    """An address from the browser, such as that of a provider's keys, or one that it gave up."""
    address, provider = configuration.text("LLM_BASE_URL"), configuration.provider
    if not address or "://" not in address:
        return
    page = elsewhere.owner_of_page(address)
    of = page or elsewhere.GIVEN_UP.get(host_of(address) or "")
    if not of:
        return
    owner = by_prefix(of) or unlisted(of)
    is_own = not provider or provider == owner
    if "LLM_BASE_URL" in owner.needs:
        fix = f"Set it to the address that {owner.title} shows for the API."
    elif is_own:
        fix = f"Remove LLM_BASE_URL: the client knows {owner.title}'s own address."
    else:
        fix = f"Remove it; for {owner.title}, set LLM_MODEL={of}/ and one of its models."
    what = (
        f"a web page of {owner.title} and not its API"
        if page
        else f"which {owner.title} no longer serves"
    )
    certain = is_own and "LLM_BASE_URL" not in owner.needs
    yield Finding(
        "base-url",
        f"{configuration.stated('LLM_BASE_URL')}, {what}.",
        "The API has another address; here, a call gets a web page or an error.",
        fix,
        Remedy(removed=("LLM_BASE_URL",)) if certain else Remedy(own=("LLM_BASE_URL",)),
        section("base-url", provider),
    )


def missing_package(configuration: Configuration) -> Iterator[Finding]:
    """What litellm signs in with for a provider, and does not install."""
    provider = configuration.provider
    needed = elsewhere.PACKAGES.get(provider.prefixes[0]) if provider else None
    given = configuration.text("LLM_API_KEY") or configuration.text("LLM_BASE_URL")
    if not provider or not needed or given or _is_installed(needed[0]):
        return
    yield Finding(
        "request",
        f"{provider.title} needs the package {needed[1]}, which is not installed.",
        "litellm signs in with it, and sends nothing without it.",
        f"python -m pip install {needed[1]}",
        Remedy(),
        section("request"),
    )


def _is_installed(module: str) -> bool:
    with suppress(ModuleNotFoundError):
        return find_spec(module) is not None
    return False


def _expected_address(address: str, provider: Provider | None) -> str | None:
    """The address that was probably meant, or None for one that cannot be read."""
    with suppress(ValueError):
        return for_provider(address, provider) if provider else f"https://{address}"
    return None


def base_url(configuration: Configuration) -> Iterator[Finding]:
    address, provider = configuration.text("LLM_BASE_URL"), configuration.provider
    if not address or not provider or "://" not in address:
        return
    expected = (
        elsewhere.origin_at_azure(address)
        or _of_openais_api(address, provider)
        or _expected_address(address, provider)
    )
    if not expected or expected == address.rstrip("/"):
        return
    fix, remedy = configuration.fix("LLM_BASE_URL", expected, "Write only the address.")
    parts = urlsplit(expected)
    ends = f"in {parts.path}" if parts.path else f"after the {'port' if parts.port else 'host'}"
    yield Finding(
        "base-url",
        f"{configuration.stated('LLM_BASE_URL')}; for {provider.title}, it must end {ends}.",
        "The client adds the rest of the path.",
        fix,
        remedy,
        section("base-url", provider),
    )


def _of_openais_api(address: str, provider: Provider) -> str | None:
    """The whole address for a prefix that asks any server by OpenAI's API, where that is known."""
    with suppress(ValueError):
        parts = urlsplit(address)
        path, host = parts.path.rstrip("/"), parts.hostname or ""
        known = elsewhere.path_of_openais_api(host)
        known = known or ("/v1" if elsewhere.prefix_at_port(address) else None)
        prefix = provider.prefixes[0]
        asks_any = prefix in elsewhere.ANY_SERVER and host not in provider.hosts
        asks_so = asks_any or elsewhere.OWN_BASE_PATHS.get(host) == prefix
        is_cut_short = path in ("", "/api", "/v1") or f"{known}/".startswith(f"{path}/")
        if known and asks_so and is_cut_short:
            return f"{parts.scheme}://{parts.netloc}{known}"
    return None


def plain_http(configuration: Configuration) -> Iterator[Finding]:
    address, provider = configuration.text("LLM_BASE_URL"), configuration.provider
    if not address or not _sends_a_key_in_the_clear(configuration) or is_nearby(address):
        return
    host, safe = host_of(address), _with_tls(address)
    fix, remedy = configuration.fix("LLM_BASE_URL", safe, "Write https:// instead of http://.")
    if not (provider and provider.hosts and (host or "").endswith(provider.hosts)):
        fix += ", if the server supports TLS; if not, put a proxy with TLS in front of it."
    yield Finding(
        "plain-http",
        f"{configuration.stated('LLM_BASE_URL')}, so the key is sent to {host} unencrypted.",
        "Anyone on the network path can read the key, the prompts and the answers.",
        fix,
        remedy,
        section("plain-http"),
    )


def _with_tls(address: str) -> str:
    """The address with https, and without the port of plain HTTP."""
    netloc = urlsplit(address).netloc
    return f"https://{netloc.removesuffix(':80')}{address[len('http://') + len(netloc) :]}"


def notes(configuration: Configuration) -> Iterator[str]:
    """Useful information that is not a problem."""
    address = configuration.text("LLM_BASE_URL")
    if address and _sends_a_key_in_the_clear(configuration) and is_nearby(address):
        yield (
            f"The key is sent to {host_of(address)} unencrypted. This is a private address; on a "
            f"shared network, use https://. See {section('plain-http')}."
        )


def _sends_a_key_in_the_clear(configuration: Configuration) -> bool:
    """Whether a key, or a credential in the address, goes by plain HTTP to another machine."""
    address = configuration.text("LLM_BASE_URL") or ""
    with suppress(ValueError):
        parts = urlsplit(address)
        key = configuration.chosen.get("LLM_API_KEY")
        has_key = bool(key and key.text.lower() not in STAND_INS) or any(secrets_of(address))
        return parts.scheme == "http" and has_key and not is_this_machine(address)
    return False


def localhost_in_container(configuration: Configuration) -> Iterator[Finding]:
    address = configuration.text("LLM_BASE_URL")
    if not configuration.container or not address or not is_this_machine(address):
        return
    if is_listening(address):
        return
    # A pod has no such name as Docker's.
    pod = "KUBERNETES_SERVICE_HOST" in configuration.foreign
    expected = None if pod else seen_from_container(address)
    otherwise = (
        "Use the name of the Service, such as http://ollama.default.svc.cluster.local:11434."
    )
    fix, remedy = configuration.fix("LLM_BASE_URL", expected, otherwise)
    if not pod:
        fix += "; on Linux, also docker run --add-host host.docker.internal:host-gateway"
    host = urlsplit(address).hostname
    yield Finding(
        "containers",
        f"{configuration.stated('LLM_BASE_URL')}, but nothing is listening there.",
        f"This is a container, and inside a container {host} is the container itself.",
        fix,
        remedy,
        section("containers", configuration.provider),
    )


def api_version(configuration: Configuration) -> Iterator[Finding]:
    version, provider = configuration.text("LLM_API_VERSION"), configuration.provider
    if not version or not provider or not provider.dated_versions or _is_api_version(version):
        return
    digits = LIKE_A_DATE.fullmatch(version) or TIME_OF_A_DATE.fullmatch(version)
    meant = "-".join(filter(None, digits.groups())).lower() if digits else ""
    known = meant if _is_api_version(meant) else None
    otherwise = "Use a version as in the recipe of the guide."
    fix, remedy = configuration.fix("LLM_API_VERSION", known, otherwise)
    yield Finding(
        "api-version",
        f"{configuration.place('LLM_API_VERSION')}LLM_API_VERSION is "
        f"{configuration.shown(version)}, which is not a version of Azure's API.",
        "A version is a date, YYYY-MM-DD, optionally followed by -preview; or v1, preview, latest."
        + (" Without quotes, YAML reads a date as a time." if ":" in version else ""),
        fix,
        remedy,
        section("api-version", provider),
    )


def _is_api_version(text: str) -> bool:
    match = AZURE_DATE.fullmatch(text)
    with suppress(ValueError):
        return text in AZURE_WORDS or bool(match and date.fromisoformat(match["date"]))
    return False


def retired_models(configuration: Configuration) -> Iterator[Finding]:
    address = configuration.text("LLM_BASE_URL")
    for variable in ("LLM_MODEL", "LLM_EMBEDDING_MODEL", "LLM_BASE_MODEL"):
        model, provider = configuration.text(variable), configuration.provider
        if not model or not provider or (variable == "LLM_MODEL" and provider.deployments):
            # That is a deployment's name, which may be any model's.
            continue
        served = variable != "LLM_BASE_MODEL"
        if (
            served
            and address
            and not (provider.hosts and (host_of(address) or "").endswith(provider.hosts))
        ):
            # A server of another's may call anything so, and serve it as long as it likes.
            continue
        prefix = None if "/" in model else provider.prefixes[0]
        day = models.retirement(model, prefix)
        if day and day <= configuration.today:
            yield Finding(
                "retired",
                f"{configuration.place(variable)}{variable} is {configuration.shown(model)}, which "
                f"{provider.title} retired on {day}.",
                "A retired model is no longer available, or soon will not be. The date comes from "
                "litellm's list of models.",
                "Choose a current model: the recipe of the guide has one.",
                Remedy(own=(variable,)),
                section("retired"),
            )
