"""The report of the last run of all tests, from which guides say when they were tested."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version

import pytest

from llmdocs.site.tested import REPORT

CHOOSING = ("concerning", "keyword", "markexpr", "lf", "collectonly")


def report(
    stats: Mapping[str, Sequence[object]], outcome: pytest.ExitCode | int, config: pytest.Config
) -> None:
    """Write what a run of all tests found, if each passed; a run of some leaves the report."""
    # A run may leave the plugins out that know some of these.
    chosen = any(config.getoption(option, None) for option in CHOOSING)
    whole = config.args == config.getini("testpaths") and not chosen
    if outcome != pytest.ExitCode.OK or not whole:
        return
    path = config.rootpath / REPORT
    path.parent.mkdir(exist_ok=True)
    found = {
        "date": datetime.now(UTC).date().isoformat(),
        "litellm": version("litellm"),
        "passed": len(stats.get("passed", ())),
        "skipped": len(stats.get("skipped", ())),
    }
    path.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
