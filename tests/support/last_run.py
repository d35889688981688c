"""The report of the last run of all tests, from which guides say when they were tested."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version

import pytest

from llmdocs.site.tested import REPORT


def report(
    stats: Mapping[str, Sequence[object]], outcome: pytest.ExitCode | int, config: pytest.Config
) -> None:
    """Write what a run found, if it was asked to and each test passed: `make test` asks."""
    if outcome != pytest.ExitCode.OK or not config.getoption("leave_report"):
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
