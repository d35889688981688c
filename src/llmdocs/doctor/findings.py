"""Findings of `llmdocs doctor`: a cause, why it matters, and a remedy that can be applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from llmdocs.catalogue.providers import CATALOGUE, Provider
from llmdocs.redaction.secrets import Redaction

GENERAL = "guides/troubleshooting"
# One provider's doing, whoever passes it on: its guide alone explains them.
PARTICULAR = ("api-version", "deployment", "operations")

# What the recipes write where a reader puts a name or a key.
PLACEHOLDER = "your-"

# What can be found; each has a section of that name on the site.
Code = Literal[
    "answer",
    "api-version",
    "base-url",
    "budget",
    "certificate",
    "containers",
    "content-filter",
    "context-length",
    "deployment",
    "embedding-settings",
    "empty",
    "file-form",
    "forgotten-prefix",
    "host-name",
    "invalid-value",
    "key",
    "misplaced-key",
    "mismatch",
    "missing",
    "model",
    "no-connection",
    "no-scheme",
    "not-allowed",
    "not-found",
    "not-passed",
    "operations",
    "organization",
    "own-variables",
    "plain-http",
    "price",
    "proxy",
    "quota",
    "quotes",
    "rate-limit",
    "redirect",
    "refused",
    "region",
    "request",
    "retired",
    "timed-out",
    "tls",
    "too-large",
    "unavailable",
    "unknown-host",
    "unknown-provider",
    "unknown-variable",
]


@dataclass(frozen=True)
class Remedy:
    """What fixes a finding in the settings; nothing, where the fault is elsewhere.

    `values` are variables and what to set them to, `removed` names to take out, and `own` the
    variables for which the reader alone has the right value. `hidden` are those of `values` that
    hold a secret, and may not be shown.
    """

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    removed: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One cause. `code` names it, and the section of the site that explains it.

    `problem`, `reason` and `fix` are sentences without secrets. `guide` is as the errors' is.
    """

    code: Code
    problem: str
    reason: str
    fix: str
    remedy: Remedy
    guide: str


@dataclass(frozen=True)
class Cause:
    """Why a call failed. `own` are the variables that the reader has to correct, if any."""

    code: Code
    reason: str
    fix: str
    own: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)


def without_secrets(finding: Finding, redaction: Redaction) -> Finding:
    """The finding as it may be shown.

    Its remedy keeps the values, and names those that may not be shown.
    """
    redaction = redaction.without_short_values()
    values = finding.remedy.values
    hidden = tuple(name for name, value in values.items() if redaction.value(name, value) != value)
    return replace(
        finding,
        problem=redaction.text(finding.problem),
        reason=redaction.text(finding.reason),
        fix=redaction.text(finding.fix),
        remedy=replace(finding.remedy, hidden=hidden),
    )


def section(code: str, provider: Provider | None = None) -> str:
    """The page and the section that explain a cause: the provider's guide's, if it has one."""
    if code in PARTICULAR:
        provider = next(item for item in CATALOGUE.values() if code in item.explains)
    if provider and code in provider.explains:
        return f"llms/{provider.name}/#{code}"
    return f"{GENERAL}/#{code}"
