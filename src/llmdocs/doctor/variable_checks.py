"""Checks of names and values: each yields what is wrong with the settings themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from llmdocs.catalogue import elsewhere, upstream
from llmdocs.catalogue.addresses import is_unspecified, with_host
from llmdocs.catalogue.providers import CATALOGUE, Provider, by_prefix
from llmdocs.catalogue.requirements import embedding_model, missing_variables
from llmdocs.catalogue.upstream import OldVariable
from llmdocs.doctor.environment import Configuration
from llmdocs.doctor.findings import Code, Finding, Remedy, section
from llmdocs.errors import SettingsError
from llmdocs.redaction.key_shapes import QUOTES_AND_SPACES, is_like_a_key
from llmdocs.settings.fields import Expected
from llmdocs.settings.messages import is_certain, nearest_to, place, written
from llmdocs.settings.settings import Settings
from llmdocs.settings.sources import PREFIX, SourcedValue, variable_of
from llmdocs.settings.variables import VARIABLES

# The variables of OpenHands that are none of ours.
OTHERS = {item.name: item for item in upstream.variables() if item.reason != "same"}
# `-e NAME` passes what the command's own environment holds, and sudo empties that.
PASSED_ON = (
    " In a container, pass it with -e {0}=…, --env-file or Compose. -e {0} without a value passes "
    "the value that the docker command sees; under sudo, there is none."
)
MARK = "\ufeff"
# A name of ours in the form of PowerShell, or in small letters.
SPELT = re.compile(r"(?P<shell>\$env:)?(?P<name>LLM_\w{1,60})", re.IGNORECASE)
# How other programs name a provider by itself: cognee, crawl4ai, LightRAG, MetaGPT.
NAMES_OF_THE_PROVIDER = ("LLM_PROVIDER", "LLM_BINDING", "LLM_TYPE", "LLM_CUSTOM_LLM_PROVIDER")


def unknown_names(configuration: Configuration) -> Iterator[Finding]:
    for found in configuration.unknown:
        fix, remedy = _in_place_of(found, configuration)
        yield Finding(
            "unknown-variable",
            f"{place(found)}{written(found)} is not a setting.",
            "Unknown names are an error, so that a misspelt name is not silently ignored.",
            fix,
            remedy,
            section("unknown-variable"),
        )


def marked_names(configuration: Configuration) -> Iterator[Finding]:
    """A file that begins with a byte order mark, of which a reader has made a part of the name."""
    for name, found in configuration.foreign.items():
        variable = name.lstrip(MARK)
        if name == variable or variable not in VARIABLES or found.source != "environment":
            continue
        free = variable not in configuration.chosen and found.value
        yield Finding(
            "file-form",
            f"There is a byte order mark before the name {variable}, so {variable} is not set.",
            "A Windows editor added it at the beginning of the file, and the program that read "
            "the file treated it as part of the first name.",
            "Save the file as UTF-8 without a byte order mark (BOM).",
            Remedy({variable: found.text} if free else {}, (name,)),
            section("file-form"),
        )


def other_spellings(configuration: Configuration) -> Iterator[Finding]:
    """Names that are ours but for their form, where ours is needed: another's may be so too."""
    chosen, provider = configuration.chosen, configuration.provider
    held = ((SPELT.fullmatch(name), found) for name, found in configuration.foreign.items())
    ours = {spelt["name"].upper(): (spelt, found) for spelt, found in held if spelt and found.value}
    needed = provider.needs if provider else VARIABLES if "LLM_MODEL" in ours else ()
    for variable in [name for name in ours if name in needed and name not in chosen]:
        spelt, found = ours[variable]
        code: Code = "file-form" if spelt["shell"] else "unknown-variable"
        yield Finding(
            code,
            f"{place(found)}{spelt[0]} is not a setting, and {variable} is not set.",
            f"$env: is PowerShell syntax; in a file, write {variable}=…."
            if spelt["shell"]
            else "Names are case-sensitive.",
            f"Rename it to {variable}.",
            Remedy({variable: found.text}, (spelt[0],)),
            section(code),
        )


def _in_place_of(found: SourcedValue, configuration: Configuration) -> tuple[str, Remedy]:
    """What to do with an unknown name: it is another program's, a misspelling, or neither."""
    removed = (found.written,)
    if theirs := OTHERS.get(found.written):
        return _of_another_program(found, theirs, configuration)
    if found.written in NAMES_OF_THE_PROVIDER:
        return _of_the_provider(found, configuration)
    meant = nearest_to(found)
    variable = variable_of(meant.lower().removeprefix(PREFIX.lower())) if meant else None
    if not meant or not variable:
        return "Remove it. `llmdocs settings` lists all settings.", Remedy(removed=removed)
    if variable in configuration.chosen:
        return f"Remove it: {variable} is set.", Remedy(removed=removed)
    if not is_certain(found, meant) or not found.value or "," in found.text:
        return f"Remove it. Or did you mean {meant}?", Remedy(removed=removed)
    return f"Rename it to {meant}.", Remedy({variable: found.text}, removed)


def _of_another_program(
    found: SourcedValue, theirs: OldVariable, configuration: Configuration
) -> tuple[str, Remedy]:
    removed, now = (found.written,), theirs.now
    if theirs.reason == "request":
        return (
            f"Remove it. It is a variable of OpenHands; in llmdocs, pass {now} to the call.",
            Remedy(removed=removed),
        )
    taken = {*configuration.chosen, *configuration.foreign}
    sure = theirs.reason == "renamed" and "EMBEDDING" not in found.written
    if sure and now and found.value and now not in taken:
        return (
            f"Rename it to {now}: {found.written} is a variable of OpenHands.",
            Remedy({now: found.text}, removed),
        )
    return (
        "Remove it. It is a variable of OpenHands, and llmdocs does not read it.",
        Remedy(removed=removed),
    )


def _of_the_provider(found: SourcedValue, configuration: Configuration) -> tuple[str, Remedy]:
    """LLM_PROVIDER and the like: here, the prefix of the model says it."""
    removed, model = (found.written,), configuration.text("LLM_MODEL")
    bare = model and "/" not in model
    prefix = elsewhere.PREFIXES.get(found.text.lower(), found.text.lower())
    known = by_prefix(prefix) or CATALOGUE.get(prefix)
    prefix = known.prefixes[0] if known else prefix
    if model and bare and known and configuration.provider != known:
        whole = f"{prefix}/{model}"
        otherwise = "Write it before the slash in LLM_MODEL."
        fix, remedy = configuration.fix("LLM_MODEL", whole, otherwise)
        return f"Remove it. {fix}", replace(remedy, removed=removed)
    return (
        "Remove it: the prefix before the slash in LLM_MODEL selects the provider.",
        Remedy(removed=removed),
    )


def forgotten_prefixes(configuration: Configuration) -> Iterator[Finding]:
    for variable in VARIABLES:
        name = variable.removeprefix(PREFIX)
        found = configuration.foreign.get(name)
        # A name of one word, such as MODEL, is too common to be ours.
        if "_" not in name or not found or not found.value or variable in configuration.chosen:
            continue
        provider = configuration.provider
        # Many a program has a BASE_URL: it is taken for ours only where ours is needed.
        if provider and variable not in provider.needs:
            continue
        yield Finding(
            "forgotten-prefix",
            f"{place(found)}{name} is set, but {variable} is not.",
            f"All settings begin with {PREFIX}; names without this prefix are not read.",
            f"Rename it to {variable}.",
            Remedy({variable: found.text}),
            section("forgotten-prefix"),
        )


def misplaced_keys(configuration: Configuration) -> Iterator[Finding]:
    for variable, found in configuration.chosen.items():
        value = configuration.text(variable)
        if VARIABLES[variable].secret or not value or not is_like_a_key(value):
            continue
        yield Finding(
            "misplaced-key",
            f"{place(found)}{variable} contains what looks like a key.",
            "Only LLM_API_KEY is sent as a key and hidden from output. The values of other "
            "variables are sent in plain sight, and the provider may log them.",
            f"Set {variable} to its proper value, and LLM_API_KEY to the key.",
            Remedy(own=(variable,)),
            section("misplaced-key"),
        )


def no_model(configuration: Configuration) -> Iterator[Finding]:
    if "LLM_MODEL" in configuration.chosen:
        return
    if "LLM_MODEL" in configuration.empty:
        yield _empty("LLM_MODEL", configuration)
        return
    if configuration.container and not configuration.chosen and not configuration.unread_file:
        yield Finding(
            "not-passed",
            "No LLM_* variable is set in this container.",
            "A container does not inherit the variables of its host.",
            "Pass them: docker run -e LLM_MODEL …, --env-file, or `environment:` in Compose.",
            Remedy(own=tuple(VARIABLES)),
            section("not-passed"),
        )
        return
    yield Finding(
        "missing",
        "LLM_MODEL is not set.",
        "It selects the provider and the model.",
        "Set it to provider/model, as in the recipe of your provider's guide."
        + (PASSED_ON.format("LLM_MODEL") if configuration.container else "")
        + (
            " There is a file .env in this folder, but it is not loaded automatically: use "
            'LLM.from_env(".env") and llmdocs doctor --env-file .env.'
            if configuration.unread_file
            else ""
        ),
        Remedy(own=("LLM_MODEL",)),
        section("missing"),
    )


def _empty(variable: str, configuration: Configuration) -> Finding:
    return Finding(
        "empty",
        f"{place(configuration.empty[variable])}{variable} is set, but empty.",
        "An empty value counts as unset. Usual causes: NAME is not set, with ${NAME:-} in Compose "
        'or -e NAME="$NAME" in a shell; or a CI secret is missing, or not available to a fork.',
        f"Set {variable} to a value there, or remove it, so that the value in a file is used.",
        Remedy(own=(variable,)),
        section("empty"),
    )


def values_that_do_not_fit(configuration: Configuration) -> Iterator[Finding]:
    judged = [item for name, item in configuration.chosen.items() if name not in configuration.own]
    if not configuration.text("LLM_MODEL"):
        judged.append(SourcedValue("LLM_MODEL", "unset", "argument", "model"))
    try:
        Settings.of(judged)
    except SettingsError as error:
        for variable, line in error.problems.items():
            yield Finding(
                "invalid-value",
                line,
                "The client makes no call with an invalid value.",
                _fitting(variable, configuration),
                Remedy(own=(variable,)),
                section("invalid-value"),
            )


def _fitting(variable: str, configuration: Configuration) -> str:
    """What to give a variable whose value does not fit."""
    item, found = VARIABLES[variable], configuration.chosen.get(variable)
    if (
        item.expected in (Expected.TEXT, Expected.KEY)
        and found
        and not isinstance(found.value, str)
    ):
        return "Put the value in quotes: without them, TOML does not read it as text."
    default = ", or remove it to use the default" if item.default else ""
    return f"Set it to {item.expected.value}{default}."


def needs(configuration: Configuration) -> Iterator[Finding]:
    provider = configuration.provider
    if not provider:
        return
    held = {name: found.value for name, found in configuration.foreign.items()}
    for missing in missing_variables({*configuration.chosen, *configuration.own}, provider, held):
        if not missing.own and missing.variable in configuration.empty:
            yield _empty(missing.variable, configuration)
            continue
        if not missing.own and (other := _other_provider(configuration, provider)):
            yield _of_another_provider(configuration, provider, *other)
            return
        if not missing.own:
            code: Code = "api-version" if missing.variable == "LLM_API_VERSION" else "missing"
            yield Finding(
                code,
                str(missing),
                f"{provider.title} cannot be called without it.",
                f"Set {missing.variable}, as in the recipe of the guide."
                + (PASSED_ON.format(missing.variable) if configuration.container else ""),
                Remedy(own=(missing.variable,)),
                section(code, provider),
            )
            continue
        found = configuration.foreign[missing.own]
        if found.source != "environment" and missing.variable not in provider.needs:
            # The client does not look into files for it, and can do without.
            continue
        value = _taken_over(missing.variable, str(found.value))
        fix = f"Set {missing.variable} to the value of {missing.own}."
        if missing.variable == "LLM_BASE_URL":
            fix, remedy = configuration.fix(missing.variable, value, fix)
        else:
            remedy = Remedy({missing.variable: value})
        yield Finding(
            "own-variables",
            f"{place(found)}{missing.variable} is not set, but {missing.own} is.",
            f"{missing.own} is for the provider's own tools; llmdocs never reads it.",
            fix,
            remedy,
            section("own-variables", provider),
        )


def _other_provider(
    configuration: Configuration, provider: Provider
) -> tuple[Provider, str] | None:
    """A provider whose own key is set while that of the model's provider is not, and its name."""
    for other in CATALOGUE.values():
        for name in other.key:
            if name in configuration.environment and other != provider:
                return other, name
    return None


def _of_another_provider(
    configuration: Configuration, provider: Provider, other: Provider, name: str
) -> Finding:
    model = configuration.shown(configuration.text("LLM_MODEL") or "")
    return Finding(
        "mismatch",
        f"LLM_API_KEY is not set. LLM_MODEL is {model}, a model of {provider.title}, but {name} is "
        f"set, a key of {other.title}.",
        "The prefix of LLM_MODEL selects the provider; its key belongs in LLM_API_KEY.",
        f"For {other.title}: set LLM_MODEL={other.prefixes[0]}/ and one of its models, and "
        f"LLM_API_KEY to the value of {name}. For {provider.title}: set LLM_API_KEY to its key.",
        Remedy(own=("LLM_MODEL", "LLM_API_KEY")),
        section("mismatch"),
    )


def _taken_over(variable: str, value: str) -> str:
    """What a provider's own variable says, as ours does.

    OLLAMA_HOST is where the server listens: `0.0.0.0` there is any of the machine's addresses.
    """
    value = value.strip(QUOTES_AND_SPACES)
    value = f"localhost{value}" if value.startswith(":") else value
    if variable != "LLM_BASE_URL" or "://" in value:
        whole = value
    else:
        port = "" if ":" in value.rpartition("]")[2] else f":{next(iter(elsewhere.PORTS))}"
        whole = f"http://{value}{port}"
    if variable == "LLM_BASE_URL" and is_unspecified(whole):
        return with_host(whole, "localhost")
    return whole


def embeddings(configuration: Configuration) -> Iterator[Finding]:
    names = ("LLM_EMBEDDING_MODEL", "LLM_EMBEDDING_DEPLOYMENT_NAME")
    values = {name: configuration.text(name) for name in (*names, "LLM_MODEL")}
    provider = configuration.provider
    if not provider or not any(values[name] for name in names) or {*names} & configuration.own:
        return
    chat = (values["LLM_MODEL"] or "").partition("/")[2]
    if provider.deployments and chat == values["LLM_EMBEDDING_DEPLOYMENT_NAME"]:
        yield _same_deployment(configuration, provider)
        return
    fields = {name.removeprefix(PREFIX).lower(): value for name, value in values.items()}
    try:
        embedding_model(Settings(**fields), provider)
    except SettingsError as error:
        yield _wrong_embeddings(configuration, str(error), provider)


def _same_deployment(configuration: Configuration, provider: Provider) -> Finding:
    name = "LLM_EMBEDDING_DEPLOYMENT_NAME"
    return Finding(
        "operations",
        f"{configuration.stated(name)}, and LLM_MODEL names the same deployment.",
        "In Azure, a deployment has one model, and a chat model does not create embeddings.",
        f"Set {name} to the deployment of an embedding model.",
        Remedy(own=(name,)),
        section("operations", provider),
    )


def _wrong_embeddings(configuration: Configuration, problem: str, provider: Provider) -> Finding:
    guide = section("embedding-settings", provider)
    if provider.deployments:
        name = "LLM_EMBEDDING_DEPLOYMENT_NAME"
        reason = "In Azure, embeddings need a deployment of their own."
        fix = f"Set {name}, as in the recipe of the guide."
        return Finding("embedding-settings", problem, reason, fix, Remedy(own=(name,)), guide)
    name = "LLM_EMBEDDING_MODEL"
    reason = "Chat and embeddings share the key and the address, so the provider must be the same."
    prefix, slash, rest = (configuration.text(name) or "").rpartition("/")
    bare = rest and (not slash or prefix in provider.prefixes)
    prefixed = f"{provider.embedding_prefix}/{rest}" if bare else None
    otherwise = f"Set {name}, as in the recipe of the guide."
    fix, remedy = configuration.fix(name, prefixed, otherwise)
    if not provider.embedding_prefix:
        fix = f"Remove {name}, and create a second client for another provider's embeddings."
        remedy = Remedy(removed=("LLM_EMBEDDING_MODEL", "LLM_EMBEDDING_DEPLOYMENT_NAME"))
    return Finding("embedding-settings", problem, reason, fix, remedy, guide)
