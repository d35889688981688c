"""A provider that the catalogue names before its files are there breaks nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.built_site import copy_repository

TABLE = """
[newcomer]
title = "Newcomer"
dialect = "compatible"
base_url = "https://api.newcomer.example/v1"
"""
RECIPE = "LLM_MODEL=newcomer/any\nLLM_API_KEY=your-newcomer-api-key\n"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout whose catalogue has one provider more, and nothing else of it."""
    root = copy_repository(tmp_path_factory.mktemp("half"))
    catalogue = root / "src/llmdocs/catalogue/providers.toml"
    catalogue.write_text(catalogue.read_text("utf-8") + TABLE, "utf-8")
    return root


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from llmdocs.cli import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_mocks_of_the_others_run(checkout: Path) -> None:
    done = run(checkout, "mock", "--recipe", "openai", "--", sys.executable, "-c", "print('ran')")

    assert (done.returncode, done.stdout) == (0, "ran\n"), done.stderr


def test_the_recipes_of_the_others_are_printed(checkout: Path) -> None:
    done = run(checkout, "recipe", "openai")

    assert done.returncode == 0, done.stderr
    assert "newcomer" not in run(checkout, "recipe").stdout


@pytest.mark.parametrize(
    "command", [("recipe", "newcomer"), ("mock", "--recipe", "newcomer", "--", "x")]
)
def test_what_it_lacks_is_one_line(checkout: Path, command: tuple[str, ...]) -> None:
    done = run(checkout, *command)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "'newcomer'" in done.stderr


def test_the_check_names_each_file_that_is_to_be_added(checkout: Path) -> None:
    done = run(checkout, "guide", "check")
    missing = {line.partition(":1: ")[0] for line in done.stdout.splitlines() if "add this" in line}

    assert done.returncode == 1
    assert {os.path.relpath(checkout / path, checkout) for path in missing} == {
        "snippets/newcomer/recipe.env",
        "docs/en/llms/newcomer.md",
        "docs/fr/llms/newcomer.md",
        "src/llmdocs/wire/compatible/newcomer.toml",
    }


def test_without_its_table_the_mock_says_so_and_plays_the_others(checkout: Path) -> None:
    recipe = checkout / "snippets/newcomer/recipe.env"
    recipe.parent.mkdir()
    recipe.write_text(RECIPE, "utf-8")
    try:
        done = run(checkout, "mock", "--", sys.executable, "-c", "print('ran')")
    finally:
        recipe.unlink()
        recipe.parent.rmdir()

    assert (done.returncode, done.stdout) == (0, "ran\n"), done.stderr
    assert "newcomer is not mocked: " in done.stderr
    assert "newcomer.toml is missing" in done.stderr


def test_two_providers_at_one_address_are_one_line_of_any_command(checkout: Path) -> None:
    catalogue = checkout / "src/llmdocs/catalogue/providers.toml"
    text = catalogue.read_text("utf-8")
    address = next(line for line in TABLE.splitlines() if line.startswith("base_url"))
    catalogue.write_text(text.replace(address, "port = 8000"), "utf-8")
    try:
        done = run(checkout, "recipe", "openai")
    finally:
        catalogue.write_text(text, "utf-8")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("llmdocs: providers.toml:")
    assert "[newcomer] answers at http://localhost:8000, and so does [vllm]" in done.stderr
    assert len(done.stderr.splitlines()) == 1
