"""Checks of names and values: each yields what is wrong with the settings themselves."""

from __future__ import annotations

from collections.abc import Iterator

from llmdocs.catalogue.providers import Provider
from llmdocs.catalogue.requirements import embedding_model, missing_variables
from llmdocs.doctor.environment import Configuration
from llmdocs.doctor.findings import Code, Finding, Remedy, section
from llmdocs.errors import SettingsError
from llmdocs.redaction.key_shapes import QUOTES_AND_SPACES, is_like_a_key
from llmdocs.settings.fields import Expected
from llmdocs.settings.messages import nearest_to, place, written
from llmdocs.settings.settings import Settings
from llmdocs.settings.sources import PREFIX, SourcedValue, variable_of
from llmdocs.settings.variables import VARIABLES


def unknown_names(configuration: Configuration) -> Iterator[Finding]:
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


def forgotten_prefixes(configuration: Configuration) -> Iterator[Finding]:
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


def quotes_and_spaces(configuration: Configuration) -> Iterator[Finding]:
    for variable, found in configuration.chosen.items():
        if not isinstance(found.value, str):
            continue
        bare = found.value.strip(QUOTES_AND_SPACES)
        if bare == found.value:
            continue
        secret = VARIABLES[variable].secret
        value = "" if secret else f", {configuration.shown(found.value, variable)},"
        fix, remedy = configuration.fix(variable, bare, "Write it without them.")
        yield Finding(
            "quotes",
            f"{place(found)}{variable}{value} has quotes or spaces around its value.",
            "They are sent as a part of the value. A shell takes them off; Docker's --env-file and "
            "the `set` of Windows do not.",
            fix,
            remedy,
            section("quotes"),
        )


def misplaced_keys(configuration: Configuration) -> Iterator[Finding]:
    for variable, found in configuration.chosen.items():
        value = configuration.text(variable)
        if VARIABLES[variable].secret or not value or not is_like_a_key(value):
            continue
        yield Finding(
            "misplaced-key",
            f"{place(found)}{variable} holds what looks like a key.",
            "LLM_API_KEY alone is sent as a key, and kept out of sight. Another variable's value "
            "is sent as what that variable says, and a provider may keep it in its logs.",
            f"Give {variable} a value of its own, and the key to LLM_API_KEY.",
            Remedy(own=(variable,)),
            section("misplaced-key"),
        )


def no_model(configuration: Configuration) -> Iterator[Finding]:
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
                "The client makes no call with a value that it would have to guess at.",
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
        return "Put the value between quotes: TOML takes it for something else than text."
    default = ", or take it out to have its default" if item.default else ""
    return f"Give it {item.expected.value}{default}."


def needs(configuration: Configuration) -> Iterator[Finding]:
    provider = configuration.provider
    if not provider:
        return
    held = {name: found.value for name, found in configuration.foreign.items()}
    for missing in missing_variables({*configuration.chosen, *configuration.own}, provider, held):
        if not missing.own:
            code: Code = "api-version" if missing.variable == "LLM_API_VERSION" else "missing"
            yield Finding(
                code,
                str(missing),
                f"A call to {provider.title} cannot be made without it.",
                f"Set {missing.variable}, as in the recipe of the guide.",
                Remedy(own=(missing.variable,)),
                section(code, provider),
            )
            continue
        found = configuration.foreign[missing.own]
        if found.source != "environment" and missing.variable not in provider.needs:
            # The client does not look into files for it, and can do without.
            continue
        yield Finding(
            "own-variables",
            f"{place(found)}{missing.variable} is not set, and {missing.own} is.",
            f"{missing.own} is read by the provider's own tools, and never by llmdocs.",
            f"Set {missing.variable} to what {missing.own} holds.",
            _taken_over(missing.variable, str(found.value)),
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


def embeddings(configuration: Configuration) -> Iterator[Finding]:
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
    if provider.deployments:
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
    fix, remedy = configuration.fix(name, prefixed, otherwise)
    if not provider.embedding_prefix:
        fix = f"Take {name} out, and make a second client for another provider's embeddings."
        remedy = Remedy(removed=("LLM_EMBEDDING_MODEL", "LLM_EMBEDDING_DEPLOYMENT_NAME"))
    return Finding("embedding-settings", problem, reason, fix, remedy, guide)
