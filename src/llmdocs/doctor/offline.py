"""Checks of the settings without a call: each yields findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from llmdocs.doctor import (
    agreement,
    network_checks,
    signing_checks,
    target_checks,
    value_checks,
    variable_checks,
)
from llmdocs.doctor.environment import Configuration
from llmdocs.doctor.findings import Finding, Remedy, section, without_secrets
from llmdocs.errors import SettingsError, UnreadableFileError
from llmdocs.redaction.secrets import Redaction
from llmdocs.settings.reading import redaction_of, unchecked_sources
from llmdocs.settings.settings import Settings
from llmdocs.settings.sources import SourcedValue, in_force, read_environment, read_foreign
from llmdocs.settings.variables import VARIABLES

# What Docker, Podman and Kubernetes put into a container.
CONTAINER_FILES = (".dockerenv", "run/.containerenv", "var/run/secrets/kubernetes.io")


@dataclass(frozen=True)
class Examination:
    """Every value that was found, and what is wrong; `settings` where nothing is.

    `redaction` is what may not be shown of them, `notes` what is better known and no fault, and
    `empty` the variables that are set to nothing.
    """

    found: list[SourcedValue]
    findings: list[Finding]
    settings: Settings | None
    redaction: Redaction
    notes: tuple[str, ...] = ()
    empty: Mapping[str, SourcedValue] = field(default_factory=dict)


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
        known = _known(list(read_environment()))
        return Examination(known, [_unreadable(error)], None, redaction_of(known))
    known = _known(found)
    configuration = Configuration(
        chosen=in_force(known),
        empty=in_force(item for item in found if item.value == "" and item.variable in VARIABLES),
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
            configuration = configuration.fixed(finding.remedy)
    redaction = redaction_of(found, configuration.foreign)
    shown = [without_secrets(finding, redaction) for finding in findings]
    noted = (agreement.notes, network_checks.notes, target_checks.notes)
    notes = tuple(redaction.text(note) for told in noted for note in told(configuration))
    settings = None if findings else Settings.of(known)
    return Examination(known, shown, settings, redaction, notes, configuration.empty)


def _known(found: list[SourcedValue]) -> list[SourcedValue]:
    """The settings that are set to something."""
    return [item for item in found if item.value not in (None, "") and item.variable in VARIABLES]


def inside_container(root: Path = Path("/")) -> bool:
    """Whether this program runs in a container, by what its makers leave there."""
    return any((root / name).exists() for name in CONTAINER_FILES)


def _unreadable(error: SettingsError) -> Finding:
    return Finding(
        "file-form",
        str(error),
        "The file has another format, so no setting in it is used.",
        "Write NAME=value lines in an env file, and an [llm] table in a TOML file.",
        Remedy(),
        section("file-form"),
    )


# In this order: each sees the settings as the remedies of those before would leave them.
CHECKS: tuple[Callable[[Configuration], Iterator[Finding]], ...] = (
    variable_checks.marked_names,
    value_checks.damaged_values,
    variable_checks.unknown_names,
    variable_checks.other_spellings,
    variable_checks.forgotten_prefixes,
    # Of those that have their right names now.
    value_checks.damaged_values,
    variable_checks.misplaced_keys,
    variable_checks.no_model,
    target_checks.no_scheme,
    variable_checks.values_that_do_not_fit,
    target_checks.no_api,
    agreement.unknown_provider,
    agreement.another_kind_of_key,
    agreement.example_of_a_key,
    agreement.disagreement,
    variable_checks.needs,
    signing_checks.session_tokens,
    agreement.listening_address,
    target_checks.base_url,
    target_checks.plain_http,
    target_checks.localhost_in_container,
    target_checks.api_version,
    variable_checks.embeddings,
    target_checks.retired_models,
    target_checks.missing_package,
    network_checks.misspelt_proxies,
    network_checks.unusable_proxies,
    network_checks.unusable_exceptions,
    network_checks.proxied_needlessly,
    network_checks.missing_certificates,
)
