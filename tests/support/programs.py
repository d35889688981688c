"""Programs that pip cannot install, each by the name of its Debian package."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

# What else a browser that Chromium's tests can drive is called, and Node where Debian has not named
# it.
OTHER_NAMES = {
    "nodejs": ("node",),
    "chromium-headless-shell": (
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
    ),
}


# What npm installs: OpenAI's and Anthropic's clients, as `make javascript` does.
JAVASCRIPT = "javascript"
JAVASCRIPT_FOLDER = Path(sys.prefix) / "javascript"


def find(program: str) -> str | None:
    """The path of a program, or None if it is not installed."""
    if program == JAVASCRIPT:
        return str(JAVASCRIPT_FOLDER) if (JAVASCRIPT_FOLDER / "installed").exists() else None
    names = (program, *OTHER_NAMES.get(program, ()))
    return next((path for name in names if (path := shutil.which(name))), None)


def advice(program: str) -> str:
    """What is missing, and how to get it."""
    if program == JAVASCRIPT:
        return "the JavaScript clients are not installed: make javascript"
    return f"{program} is not installed; on Debian: apt-get install {program}"
