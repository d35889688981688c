"""Reports that `llmdocs settings` and `llmdocs doctor` print."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from llmdocs.doctor.findings import Finding
from llmdocs.redaction.credentials import holds_a_credential
from llmdocs.redaction.secrets import Redaction, without_secrets
from llmdocs.settings.messages import without_glued_key, without_remark
from llmdocs.settings.sources import SourcedValue, in_force
from llmdocs.settings.variables import VARIABLES

Rows = Mapping[str, Mapping[str, Any]]

WIDTH = 100
# Where the site is, unless LLMDOCS_SITE_URL says otherwise: `site_url` in mkdocs.yml.
SITE_URL = "https://llmdocs.example/"
# Of what `llmdocs doctor --json` prints: docs/assets/doctor.schema.json. A key that goes, or says
# something else, is a new version; a new key or a new code is none.
JSON_VERSION = 1


def rows(
    found: Sequence[SourcedValue],
    redaction: Redaction,
    empty: Mapping[str, SourcedValue] | None = None,
) -> Rows:
    """For each variable its value, its source, and the sources that this one shadows.

    `empty` are those that are set to nothing, which is told as their source.
    """
    chosen, empty = in_force(found), empty or {}
    table: dict[str, dict[str, Any]] = {}
    for name, variable in VARIABLES.items():
        item = chosen.get(name)
        default = "unset" if variable.default is None else "default"
        if name in empty:
            default = f"{empty[name].source}, empty"
        absent = "required" if variable.required and name not in empty else default
        value = item.text if item else variable.default
        table[name] = {
            "value": "set"
            if item and variable.secret
            else value and redaction.value(name, without_remark(value)),
            "source": item.source if item else absent,
            "shadows": [
                other.source for other in found if other.variable == name and other != item
            ],
        }
    return table


def table(rows: Rows, *, with_shadows: bool = False) -> Iterator[str]:
    """The rows in columns, one variable a line."""
    width = max(map(len, rows))
    values = {name: _on_one_line(row["value"] or "-") for name, row in rows.items()}
    column = max(map(len, values.values()))
    for name, row in rows.items():
        shadows = ", ".join(row["shadows"]) if with_shadows else ""
        source = f"{row['source']} (shadows {shadows})" if shadows else row["source"]
        yield f"{name:{width}}  {values[name]:{column}}  {source}"


def finding_lines(finding: Finding) -> Iterator[str]:
    """A finding in words: what, why, and what fixes it."""
    yield from textwrap.wrap(finding.problem, WIDTH, break_on_hyphens=False)
    for label, text in (("Why", finding.reason), ("Fix", finding.fix)):
        yield from _labelled(label, text)


def guide_line(finding: Finding) -> str:
    """Where the site explains a finding: an address, if LLMDOCS_SITE_URL says where it is."""
    site = without_secrets(os.environ.get("LLMDOCS_SITE_URL", "").rstrip("/"))
    return f"  See: {site}/{finding.guide}" if site else f"  See: {finding.guide}"


def _address(guide: str) -> str:
    site = os.environ.get("LLMDOCS_SITE_URL") or SITE_URL
    return f"{without_secrets(site.rstrip('/'))}/{guide}"


def finding_object(finding: Finding) -> dict[str, Any]:
    """A finding for scripts, without the value of a secret."""
    remedy = finding.remedy
    return {
        "code": finding.code,
        "problem": finding.problem,
        "reason": finding.reason,
        "fix": finding.fix,
        "guide": _address(finding.guide),
        "set": {
            name: None if _is_secret(name) or name in remedy.hidden else value
            for name, value in remedy.values.items()
        },
        "unset": [without_secrets(without_glued_key(name)) for name in remedy.removed],
        "correct": list(remedy.own),
    }


def _is_secret(name: str) -> bool:
    return VARIABLES[name].secret if name in VARIABLES else holds_a_credential(name)


def _labelled(label: str, text: str) -> Iterable[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"  {label}: ",
        subsequent_indent="       ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def _on_one_line(value: str) -> str:
    return value if value.isprintable() else repr(value)
