"""The repository itself: its commands exist, its requirements are locked, its wheel works."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from llmdocs import recipes
from llmdocs.cli import main
from tests.support.site_files import DOCS, ROOT, pages
from tests.support.snippet_runs import PYTHON

GUIDES = ("README.md", "CONTRIBUTING.md")
TEXTS = {name: (ROOT / name).read_text("utf-8") for name in GUIDES}
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))


@pytest.mark.parametrize("name", GUIDES)
def test_every_make_target_that_is_named_exists(name: str) -> None:
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", TEXTS[name], flags=re.MULTILINE))

    assert named
    assert named <= make_targets()


def test_every_make_target_that_a_page_names_exists() -> None:
    named = {target for page in pages() for target in re.findall(r"`make ([a-z]+)`", page.text)}

    assert named <= make_targets()


@pytest.mark.parametrize("name", [*GUIDES, *sorted({page.name for page in pages()})])
def test_every_llmdocs_command_that_is_named_exists(name: str) -> None:
    texts = [TEXTS[name]] if name in GUIDES else [p.text for p in pages() if p.name == name]
    named = {word for text in texts for word in re.findall(r"`llmdocs ([a-z]+)", text)}

    for command in named:
        assert CliRunner().invoke(main, [command, "--help"]).exit_code == 0, command


def test_the_example_of_the_readme_is_a_snippet_with_its_recipe() -> None:
    """Each snippet is run with its recipe, and this way of running one with the quickstart's."""
    command = re.search(r"^\.venv/bin/llmdocs (mock .*)$", TEXTS["README.md"], flags=re.MULTILINE)
    assert command
    form = re.fullmatch(r"mock --recipe (\w+) -- python snippets/(\w+/\w+\.py)", command[1])

    assert form
    assert form[1] in recipes.names()
    assert form[2] in {run.file for run in PYTHON.distinct if run.recipe == form[1]}


@pytest.mark.parametrize("name", GUIDES)
def test_every_file_that_is_linked_exists(name: str) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", TEXTS[name])

    assert [target for target in targets if not (ROOT / target).exists()] == []


@pytest.mark.parametrize("name", ["dev", "site"])
def test_requirements_are_locked_with_hashes_and_name_no_index(name: str) -> None:
    text = (ROOT / f"requirements/{name}.txt").read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    locked = [entry for entry in entries if re.match(r"[a-z0-9]", entry)]

    assert len(locked) > 40
    assert [entry.splitlines()[0] for entry in locked if "--hash=sha256:" not in entry] == []
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)


def test_the_site_is_built_with_what_is_locked_for_the_tests() -> None:
    """Without litellm, whose requirements are most of them."""
    dev, site = (
        set(
            re.findall(
                r"^[a-z0-9._-]+==[^ ]+", (ROOT / f"requirements/{name}.txt").read_text(), re.M
            )
        )
        for name in ("dev", "site")
    )

    assert site < dev
    assert [item for item in site if item.startswith(("litellm", "openai"))] == []


def test_what_pip_fetches_has_a_hash_and_is_a_wheel() -> None:
    """A source distribution would run its own code while it is installed."""
    files = [ROOT / "Makefile", *WORKFLOWS, *(ROOT / ".ci").glob("*")]
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    installs = [line.split("pip install")[1].split() for line in lines if "pip install" in line]
    fetches = [words for words in installs if "--no-deps" not in words or "-e" not in words]

    assert fetches
    for words in fetches:
        assert "--require-hashes" in words
        assert words[words.index("--only-binary") + 1] == ":all:"


def test_every_direct_requirement_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    direct = [
        *project["project"]["dependencies"],
        *(item for extra in project["project"]["optional-dependencies"].values() for item in extra),
        *project["build-system"]["requires"],
    ]
    names = {re.split(r"[\[<>=;~ ]", item)[0].lower() for item in direct}
    locked = set(
        re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements/dev.txt").read_text(), re.MULTILINE)
    )

    assert names <= locked


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_digest_and_no_secret_is_asked_for(workflow: Path) -> None:
    text = workflow.read_text()
    used = re.findall(r"uses: (\S+)", text)

    assert used
    assert [action for action in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)] == []
    assert "secrets." not in text


def test_workflows_run_every_supported_python() -> None:
    document = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text())

    assert document["jobs"]["test"]["strategy"]["matrix"]["python"] == [
        "3.11", "3.12", "3.13", "3.14",
    ]  # fmt: skip


def test_no_page_says_that_the_name_is_on_a_package_index() -> None:
    assert [
        str(page.path) for page in pages() if re.search(r"pip install llmdocs|PyPI", page.text)
    ] == []


def test_the_wheel_works_alone_in_a_bare_folder(tmp_path: Path) -> None:
    built, installed, bare = tmp_path / "built", tmp_path / "installed", tmp_path / "bare"
    bare.mkdir()

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, capture_output=True, text=True, timeout=100, **options)

    run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)],
        cwd=ROOT, check=True,
    )  # fmt: skip
    (wheel,) = built.glob("*.whl")
    run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
         "--disable-pip-version-check", "--target", str(installed), str(wheel)],
        check=True,
    )  # fmt: skip
    environment = {"PATH": os.environ["PATH"], "HOME": str(bare), "PYTHONPATH": str(installed)}
    where = "import llmdocs; print(llmdocs.__file__)"

    def llmdocs(*arguments: str) -> str:
        command = [sys.executable, "-c", "from llmdocs.cli import main; main()", *arguments]
        result = run(command, cwd=bare, env=environment)
        assert result.returncode == 0, result.stderr
        return result.stdout

    assert str(installed) in llmdocs("mock", "--", sys.executable, "-c", where)
    assert "LLM_NUM_RETRIES" in llmdocs("settings")
    assert "openai/" in llmdocs(
        "mock", "--recipe", "openai", "--", sys.executable, "-c",
        "import os; print(os.environ['LLM_MODEL'])",
    )  # fmt: skip
    assert (installed / "llmdocs/wire/redirect/redirect.cjs").is_file()
    assert list(bare.iterdir()) == []


def test_nothing_is_published_that_is_not_a_page_or_an_asset() -> None:
    kinds = {path.suffix for path in DOCS.rglob("*") if path.is_file()}

    assert kinds <= {".md", ".toml", ".txt", ".css", ".js", ".json", ".svg", ".png"}
