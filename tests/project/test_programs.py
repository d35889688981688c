"""Programs are found under the names that they go by."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import programs


@pytest.mark.parametrize("name", ["chromium-headless-shell", "chromium", "google-chrome"])
def test_a_browser_is_found_by_any_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_text("")
    (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert programs.find("chromium-headless-shell") == str(tmp_path / name)


def test_a_program_that_is_not_there_is_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert programs.find("chromium-headless-shell") is None
