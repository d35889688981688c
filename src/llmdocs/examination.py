"""What can be known of the settings without a call: each check yields findings."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from llmdocs import models
from llmdocs.addresses import for_provider, is_this_machine, seen_from_container
from llmdocs.client import listed_prefixes
from llmdocs.configuration import Configuration
from llmdocs.errors import (
    SettingsError,
    UnreadableFileError,
    nearest,
)
from llmdocs.findings import Code, Finding, Remedy, section, without_keys
from llmdocs.needs import embedding_model, lacks
from llmdocs.providers import Provider
from llmdocs.secrets import holds_key
from llmdocs.settings import (
    LIKE_A_SECRET,
    VARIABLES,
    Settings,
    Wanted,
    in_force,
    key_of,
    nearest_to,
    place,
    unchecked_sources,
    written,
)
from llmdocs.sources import PREFIX, Found, read_environment, read_foreign, variable_of

QUOTES_AND_SPACES = "\"'`“”„‘’«» \t\r\n\N{NO-BREAK SPACE}"
# https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
AZURE_DATE = re.compile(r"(?P<date>\d{4}-\d{2}-\d{2})(?:-preview)?")
AZURE_WORDS = ("v1", "preview", "latest")
LIKE_A_DATE = re.compile(r"(\d{4})\W?(\d{2})\W?(\d{2})\W?(preview)?", re.IGNORECASE)
PROBE_SECONDS = 1
# What Docker, Podman and Kubernetes put into a container.
CONTAINER_FILES = (".dockerenv", "run/.containerenv", "var/run/secrets/kubernetes.io")


@dataclass(frozen=True)
class Examination:
    """Every value that was found, and what is wrong; `settings` where nothing is."""

    found: list[Found]
    findings: list[Finding]
    settings: Settings | None


def examine(
    env_file: str | Path | None = None,
    config: str | Path | None = None,
    *,
    container: bool | None = None,
    today: date | None = None,
) -> Examination:
    """Look at the environment and the files, without calling anything.

    `container` says whether the program runs in one, if that is not to be found out, and `today`
    is the day by which models are retired. Raises `UnreadableFileError`.
    """
    try:
        found = unchecked_sources(env_file, config)
    except UnreadableFileError:
        raise
    except SettingsError as error:
        return Examination(_known(list(read_environment())), [_unreadable(error)], None)
    known = _known(found)
    configuration = Configuration(
        chosen=in_force(known),
        unknown=tuple(item for item in found if item.variable not in VARIABLES),
        foreign=read_foreign(Path(env_file) if env_file else None),
        container=inside_container() if container is None else container,
        today=today or date.today(),
        unread_file=not env_file and not config and Path(".env").is_file(),
    )
    findings: list[Finding] = []
    for check in CHECKS:
        for finding in check(configuration):
            findings.append(finding)
            configuration = configuration.mended(finding.remedy)
    keys = _keys(configuration, found)
    shown = [without_keys(finding, keys) for finding in findings]
    return Examination(known, shown, None if findings else Settings.of(known))


def _known(found: list[Found]) -> list[Found]:
    """The settings that are set to something."""
    return [item for item in found if item.value not in (None, "") and item.variable in VARIABLES]


def _keys(configuration: Configuration, found: list[Found]) -> set[str]:
    """Every value that is a key, or has the name of one: in force, shadowed or misnamed."""
    items = [*found, *configuration.chosen.values()]
    names = {name for name, variable in VARIABLES.items() if variable.secret}
    texts = (
        item.value.strip(QUOTES_AND_SPACES)
        for item in items
        if isinstance(item.value, str)
        and (item.variable in names or LIKE_A_SECRET.search(item.written))
    )
    return set(filter(None, texts))


def inside_container(root: Path = Path("/")) -> bool:
    """Whether this program runs in a container, by what its makers leave there."""
    return any((root / name).exists() for name in CONTAINER_FILES)


def _unreadable(error: SettingsError) -> Finding:
    return Finding(
        "file-form",
        str(error),
        "A line or a file of another form cannot be read, and nothing in it counts.",
        "Write NAME=value lines in an env file, and an [llm] table in a TOML file.",
        Remedy(),
        section("file-form"),
    )


def _unknown_names(configuration: Configuration) -> Iterator[Finding]:
    for found in configuration.unknown:
        meant, name = nearest_to(found), written(found)
        variable = variable_of(meant.lower().removeprefix(PREFIX.lower())) if meant else None
        free = variable and variable not in configuration.chosen and found.value
        yield Finding(
            "unknown-variable",
            f"{place(found)}{name} is not a setting.",
            "A misspelt name would be ignored in silence; the client refuses it.",
            f"Rename it {meant}." if meant else "Take it out: `llmdocs settings` lists them all.",
            Remedy({variable: found.text} if free and variable else {}, (found.written,)),
            section("unknown-variable"),
        )


def _forgotten_prefixes(configuration: Configuration) -> Iterator[Finding]:
    for variable in VARIABLES:
        name = variable.removeprefix(PREFIX)
        found = configuration.foreign.get(name)
        # A name of one word, such as MODEL, is too common to be ours.
        if "_" not in name or not found or not found.value or variable in configuration.chosen:
            continue
        yield Finding(
            "forgotten-prefix",
            f"{place(found)}{name} is set, and {variable} is not.",
            f"Every setting begins with {PREFIX}; a name without it is not read.",
            f"Rename it {variable}.",
            Remedy({variable: found.text}),
            section("forgotten-prefix"),
        )


def _quotes_and_spaces(configuration: Configuration) -> Iterator[Finding]:
    for variable, found in configuration.chosen.items():
        if not isinstance(found.value, str):
            continue
        bare = found.value.strip(QUOTES_AND_SPACES)
        if bare == found.value:
            continue
        secret = VARIABLES[variable].secret
        value = "" if secret else f", {configuration.shown(found.value)},"
        fix, remedy = _mend(configuration, variable, bare, "Write it without them.")
        yield Finding(
            "quotes",
            f"{place(found)}{variable}{value} has quotes or spaces around its value.",
            "They are sent as a part of the value. A shell takes them off; Docker's --env-file and "
            "the `set` of Windows do not.",
            fix,
            remedy,
            section("quotes"),
        )


def _mend(
    configuration: Configuration, variable: str, value: str | None, otherwise: str
) -> tuple[str, Remedy]:
    """The fix that gives a variable a value, in words and as a remedy.

    `otherwise` are the words where that value is unknown, or made from one that holds the key.
    """
    key = key_of(configuration.chosen)
    secret = VARIABLES[variable].secret
    if not value or (not secret and holds_key(f"{configuration.text(variable)} {value}", key)):
        return otherwise, Remedy(own=(variable,))
    return otherwise if secret else f"{variable}={value}", Remedy({variable: value})


def _no_model(configuration: Configuration) -> Iterator[Finding]:
    if "LLM_MODEL" in configuration.chosen:
        return
    if configuration.container and not configuration.chosen and not configuration.unread_file:
        yield Finding(
            "not-passed",
            "No LLM_* variable is set in this container.",
            "The variables of the machine around a container do not come in by themselves.",
            "Pass them: docker run -e LLM_MODEL …, --env-file, or `environment:` in Compose.",
            Remedy(own=tuple(VARIABLES)),
            section("not-passed"),
        )
        return
    yield Finding(
        "missing",
        "LLM_MODEL is not set.",
        "It names the provider and the model of every call.",
        "Set it: provider/model, as in the recipe of your provider's guide."
        + (
            ' A file .env lies here, and nothing reads it: name it, LLM.from_env(".env") and '
            "llmdocs doctor --env-file .env."
            if configuration.unread_file
            else ""
        ),
        Remedy(own=("LLM_MODEL",)),
        section("missing"),
    )


def _no_scheme(configuration: Configuration) -> Iterator[Finding]:
    address = configuration.text("LLM_BASE_URL")
    if address is None or "://" in address:
        return
    if not isinstance(configuration.chosen["LLM_BASE_URL"].value, str):
        return
    wanted = _wanted_address(address, configuration.provider)
    fix, remedy = _mend(configuration, "LLM_BASE_URL", wanted, "Write the whole address.")
    yield Finding(
        "no-scheme",
        f"{configuration.place('LLM_BASE_URL')}LLM_BASE_URL is {configuration.shown(address)}, "
        "without http:// or https://.",
        "The scheme says whether the connection is encrypted, and nothing guesses it.",
        fix,
        remedy,
        section("no-scheme", configuration.provider),
    )


def _wanted_address(address: str, provider: Provider | None) -> str | None:
    """The address that was probably meant, or None for one that cannot be read."""
    with suppress(ValueError):
        return for_provider(address, provider) if provider else f"https://{address}"
    return None


def _values_that_do_not_fit(configuration: Configuration) -> Iterator[Finding]:
    judged = [item for name, item in configuration.chosen.items() if name not in configuration.own]
    if not configuration.text("LLM_MODEL"):
        judged.append(Found("LLM_MODEL", "unset", "argument", "model"))
    try:
        Settings.of(judged)
    except SettingsError as error:
        for variable, line in error.problems.items():
            yield Finding(
                "invalid-value",
                line,
                "The client makes no call with a value that it would have to guess at.",
                _fitting(variable, configuration),
                Remedy(own=(variable,)),
                section("invalid-value"),
            )


def _fitting(variable: str, configuration: Configuration) -> str:
    """What to give a variable whose value does not fit."""
    item, found = VARIABLES[variable], configuration.chosen.get(variable)
    if item.wanted in (Wanted.TEXT, Wanted.KEY) and found and not isinstance(found.value, str):
        return "Put the value between quotes: TOML takes it for something else than text."
    default = ", or take it out to have its default" if item.default else ""
    return f"Give it {item.wanted.value}{default}."


def _unknown_provider(configuration: Configuration) -> Iterator[Finding]:
    model = configuration.text("LLM_MODEL")
    if not model or (configuration.provider and not model.endswith("/")):
        return
    prefix, _, name = model.partition("/")
    meant = nearest(prefix, listed_prefixes()) if name else None
    wanted = f"{meant}/{name}" if meant else None
    fix, remedy = _mend(configuration, "LLM_MODEL", wanted, "Write provider/model.")
    yield Finding(
        "unknown-provider",
        f"{configuration.place('LLM_MODEL')}LLM_MODEL is {configuration.shown(model)}, and "
        + ("names no model." if configuration.provider else "litellm knows no provider for it."),
        "What stands before the first slash says which provider is called.",
        fix,
        remedy,
        section("unknown-provider"),
    )


def _needs(configuration: Configuration) -> Iterator[Finding]:
    provider = configuration.provider
    if not provider:
        return
    for lack in lacks({*configuration.chosen, *configuration.own}, provider):
        if not lack.own:
            code: Code = "api-version" if lack.variable == "LLM_API_VERSION" else "missing"
            yield Finding(
                code,
                str(lack),
                f"A call to {provider.title} cannot be made without it.",
                f"Set {lack.variable}, as in the recipe of the guide.",
                Remedy(own=(lack.variable,)),
                section(code, provider),
            )
            continue
        yield Finding(
            "own-variables",
            f"{lack.variable} is not set, and {lack.own} is.",
            f"{lack.own} is read by the provider's own tools, and never by llmdocs.",
            f"Set {lack.variable} to what {lack.own} holds.",
            _taken_over(lack.variable, os.environ[lack.own]),
            section("own-variables", provider),
        )


def _taken_over(variable: str, value: str) -> Remedy:
    """The remedy that gives a variable the value of a provider's own, if that is of use here.

    OLLAMA_HOST is where the server listens, such as `0.0.0.0`, which is no address to call.
    """
    value = value.strip(QUOTES_AND_SPACES)
    if variable == "LLM_BASE_URL" and "://" not in value:
        return Remedy(own=(variable,))
    return Remedy({variable: value})


def _base_url(configuration: Configuration) -> Iterator[Finding]:
    address, provider = configuration.text("LLM_BASE_URL"), configuration.provider
    if not address or not provider or "://" not in address:
        return
    wanted = _wanted_address(address, provider)
    if not wanted or wanted == address.rstrip("/"):
        return
    fix, remedy = _mend(configuration, "LLM_BASE_URL", wanted, "Write the address alone.")
    parts = urlsplit(wanted)
    ends = f"in {parts.path}" if parts.path else f"after the {'port' if parts.port else 'host'}"
    yield Finding(
        "base-url",
        f"{configuration.place('LLM_BASE_URL')}LLM_BASE_URL is {configuration.shown(address)}; for "
        f"{provider.title} it ends {ends}.",
        "The client adds the rest of the path itself.",
        fix,
        remedy,
        section("base-url", provider),
    )


def _localhost_in_container(configuration: Configuration) -> Iterator[Finding]:
    address = configuration.text("LLM_BASE_URL")
    if not configuration.container or not address or not is_this_machine(address):
        return
    if _is_listening(address):
        return
    wanted = seen_from_container(address)
    fix, remedy = _mend(configuration, "LLM_BASE_URL", wanted, "Write the host's address.")
    host = urlsplit(address).hostname
    yield Finding(
        "containers",
        f"{configuration.place('LLM_BASE_URL')}LLM_BASE_URL is {configuration.shown(address)}, and "
        "nothing listens there.",
        f"This is a container, and in a container {host} is the container itself.",
        f"{fix}; on Linux also docker run --add-host host.docker.internal:host-gateway",
        remedy,
        section("containers", configuration.provider),
    )


def _is_listening(address: str) -> bool:
    """Whether a server on this machine takes connections at an address."""
    parts = urlsplit(address)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    server = (parts.hostname, port)
    # UnicodeError: a part of the name is empty, or too long for a name server.
    with suppress(OSError, UnicodeError), socket.create_connection(server, PROBE_SECONDS):
        return True
    return False


def _api_version(configuration: Configuration) -> Iterator[Finding]:
    version, provider = configuration.text("LLM_API_VERSION"), configuration.provider
    if not version or not provider or provider.name != "azure" or _is_api_version(version):
        return
    digits = LIKE_A_DATE.fullmatch(version)
    meant = "-".join(filter(None, digits.groups())).lower() if digits else ""
    known = meant if _is_api_version(meant) else None
    otherwise = "Write a version as in the recipe of the guide."
    fix, remedy = _mend(configuration, "LLM_API_VERSION", known, otherwise)
    yield Finding(
        "api-version",
        f"{configuration.place('LLM_API_VERSION')}LLM_API_VERSION is "
        f"{configuration.shown(version)}, which is no version of Azure's API.",
        "It is a date, YYYY-MM-DD, with -preview after it or not; or v1, preview, latest.",
        fix,
        remedy,
        section("api-version", provider),
    )


def _is_api_version(text: str) -> bool:
    match = AZURE_DATE.fullmatch(text)
    with suppress(ValueError):
        return text in AZURE_WORDS or bool(match and date.fromisoformat(match["date"]))
    return False


def _embeddings(configuration: Configuration) -> Iterator[Finding]:
    names = ("LLM_EMBEDDING_MODEL", "LLM_EMBEDDING_DEPLOYMENT_NAME")
    values = {name: configuration.text(name) for name in (*names, "LLM_MODEL")}
    provider = configuration.provider
    if not provider or not any(values[name] for name in names) or {*names} & configuration.own:
        return
    fields = {name.removeprefix(PREFIX).lower(): value for name, value in values.items()}
    try:
        embedding_model(Settings(**fields), provider)
    except SettingsError as error:
        yield _wrong_embeddings(configuration, str(error), provider)


def _wrong_embeddings(configuration: Configuration, problem: str, provider: Provider) -> Finding:
    guide = section("embedding-settings", provider)
    if provider.name == "azure":
        name = "LLM_EMBEDDING_DEPLOYMENT_NAME"
        reason = "At Azure each deployment does one thing; embeddings have their own."
        fix = f"Set {name}, as in the recipe of the guide."
        return Finding("embedding-settings", problem, reason, fix, Remedy(own=(name,)), guide)
    name = "LLM_EMBEDDING_MODEL"
    reason = "Chat and embeddings share the key and the address, so both are one provider's."
    prefix, slash, rest = (configuration.text(name) or "").rpartition("/")
    bare = rest and (not slash or prefix in provider.prefixes)
    prefixed = f"{provider.embedding_prefix}/{rest}" if bare else None
    otherwise = f"Set {name}, as in the recipe of the guide."
    fix, remedy = _mend(configuration, name, prefixed, otherwise)
    if not provider.embedding_prefix:
        fix = f"Take {name} out, and make a second client for another provider's embeddings."
        remedy = Remedy(removed=("LLM_EMBEDDING_MODEL", "LLM_EMBEDDING_DEPLOYMENT_NAME"))
    return Finding("embedding-settings", problem, reason, fix, remedy, guide)


def _retired_models(configuration: Configuration) -> Iterator[Finding]:
    for variable in ("LLM_MODEL", "LLM_EMBEDDING_MODEL", "LLM_BASE_MODEL"):
        model, provider = configuration.text(variable), configuration.provider
        if not model or not provider or (variable, provider.name) == ("LLM_MODEL", "azure"):
            # At Azure that is a deployment's name, which may be any model's.
            continue
        prefix = None if "/" in model else provider.prefixes[0]
        day = models.retirement(model, prefix)
        if day and day <= configuration.today:
            yield Finding(
                "retired",
                f"{configuration.place(variable)}{variable} is {configuration.shown(model)}, which "
                f"{provider.title} retired on {day}.",
                "A retired model is no longer served, or not for long. The day is from litellm's "
                "list of models.",
                "Choose a current model: the recipe of the guide has one.",
                Remedy(own=(variable,)),
                section("retired"),
            )


# In this order: each sees the settings as the remedies of those before would leave them.
CHECKS: tuple[Callable[[Configuration], Iterator[Finding]], ...] = (
    _unknown_names,
    _forgotten_prefixes,
    _quotes_and_spaces,
    _no_model,
    _no_scheme,
    _values_that_do_not_fit,
    _unknown_provider,
    _needs,
    _base_url,
    _localhost_in_container,
    _api_version,
    _embeddings,
    _retired_models,
)
