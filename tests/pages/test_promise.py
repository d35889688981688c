"""What the home page shows of its promise is what happens: a renamed setting, and the red lines."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.site_files import COMPLETE_LANGUAGES, ROOT, SNIPPETS

CHANGE, SHOWN = SNIPPETS / "promise/rename.diff", SNIPPETS / "promise/check.text"
# One guide, for a home page; the others that name the setting are red too.
GUIDE = "/guides/retries.md:"
CHECK = "from llmdocs.cli import main; main()"


@pytest.fixture(scope="module")
def red_lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What `guide check` prints of settings where the code has another name for one."""
    root = tmp_path_factory.mktemp("renamed")
    for name in ("docs", "snippets", "src"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    old, new = (line.split(":")[0].strip("+- ") for line in CHANGE.read_text().splitlines())
    declared = root / "src/llmdocs/settings/fields.py"
    before, after = (line[1:] for line in CHANGE.read_text().splitlines())
    assert declared.read_text("utf-8").count(f"{before}\n") == 1
    for path in (*(root / "src").rglob("*.py"), *(root / "src").rglob("*.toml")):
        text = path.read_text("utf-8")
        path.write_text(text.replace(old, new).replace(old.upper(), new.upper()), "utf-8")
    assert f"{after}\n" in declared.read_text("utf-8")
    checked = subprocess.run(
        [sys.executable, "-c", CHECK, "guide", "check"],
        cwd=root, env={**os.environ, "PYTHONPATH": "src"}, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    assert checked.returncode == 1, checked.stderr
    return [line for line in checked.stdout.splitlines() if " is not a setting." in line]


def test_the_home_page_shows_what_a_renamed_setting_does(
    red_lines: list[str], request: pytest.FixtureRequest
) -> None:
    found = "".join(f"{line}\n" for line in red_lines if GUIDE in line)
    if request.config.getoption("--update-examples"):
        SHOWN.write_text(found, "utf-8")

    assert found == SHOWN.read_text("utf-8"), "If that is what it should print: make update"


def test_both_languages_are_red(red_lines: list[str]) -> None:
    pages = [Path(line) for line in red_lines if line.startswith("docs/")]

    assert {page.parts[1] for page in pages} == {*COMPLETE_LANGUAGES}
