"""Programs that pip cannot install, each by the name of its Debian package."""

from __future__ import annotations

import shutil

# What else a browser that Chromium's tests can drive is called.
OTHER_NAMES = {
    "chromium": ("chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
}


def find(program: str) -> str | None:
    """The path of a program, or None if it is not installed."""
    names = (program, *OTHER_NAMES.get(program, ()))
    return next((path for name in names if (path := shutil.which(name))), None)
