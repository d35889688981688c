"""What litellm logs reaches no reader who has not asked for it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from llmdocs.client.litellm_module import LOGGERS

PROGRAM = """
import logging
{before}
from llmdocs.client.litellm_module import litellm
litellm()
for name in {names}:
    logging.getLogger(name).warning("said by %s", name)
    try:
        1 / 0
    except ZeroDivisionError:
        logging.getLogger(name).exception("raised by %s", name)
"""


def printed(before: str = "", **variables: str) -> str:
    program = PROGRAM.format(before=before, names=LOGGERS)
    environment = {**os.environ, **variables}
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def test_nothing_of_it_is_printed() -> None:
    assert printed() == ""


@pytest.mark.parametrize(
    ("before", "variables"),
    [("", {"LITELLM_LOG": "WARNING"}), ("logging.basicConfig()", {}), ("import litellm", {})],
    ids=["LITELLM_LOG", "the program's handler", "the program's own litellm"],
)
def test_it_is_there_for_who_asks_for_it(before: str, variables: dict[str, str]) -> None:
    text = printed(before, **variables)

    assert [name for name in LOGGERS if f"said by {name}" not in text] == []
