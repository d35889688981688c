"""The Architecture page, in each language, says what the tree and the import contracts say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.support.site_files import DOCS, ROOT

SOURCE = ROOT / "src/llmdocs"
PAGES = sorted(DOCS.glob("*/contributing/architecture.md"))
CODE = re.compile(r"`([^`\n]+)`")
# A file that a contributor is to write: a word of its name stands for another.
PLACEHOLDER = re.compile("NAME|CODE")
PICTURES = sorted(DOCS.glob("*/contributing/architecture*.svg"))
REGISTRIES = {"CHECKS", "DIALECTS", "FAULTS", "FORMS", "RENDERERS"}
# One or more names of a file, and the file: `A` and `B` in `a.py`; `A`, in `b.py`
NAMES_OF_A_FILE = re.compile(
    r"(?P<names>`\w+`(?:\W{1,3}(?:and|et|or|ou)\W{1,3}`\w+`)*),?\s+(?:in|dans)\s+`(?P<file>[\w/]+\.py)`"
)
LARGEST_MODULE = 400
MOST_ROOT_MODULES = 6

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parts[-3])


def layers() -> list[list[str]]:
    """The layers of the import contract, the highest first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    first = contracts["tool"]["importlinter"]["contracts"][0]
    return [layer.split(" | ") for layer in first["layers"]]


def packages() -> set[str]:
    """What stands at the root of the package: modules by their names, packages too."""
    names = {path.stem for path in SOURCE.glob("*.py")} - {"__init__"}
    return names | {path.parent.name for path in SOURCE.glob("*/__init__.py")}


def paths_in(page: Path) -> list[str]:
    """The files and folders that a page names in code, below the package or the repository."""
    codes = CODE.findall(page.read_text("utf-8"))
    return [code for code in codes if re.fullmatch(r"[\w./-]+(/|\.(py|toml|env|example))", code)]


@each_page
def test_every_package_has_its_paragraph(page: Path) -> None:
    terms = re.findall(r"^(`.*)\n:   ", page.read_text("utf-8"), re.MULTILINE)
    described = {name.rstrip("/") for term in terms for name in CODE.findall(term)}

    assert described == packages()


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_the_picture_has_the_layers_of_the_import_contract(picture: Path) -> None:
    boxes = re.findall(
        r'<text class="code" x="[\d.]+" y="([\d.]+)">(\w+)</text>', picture.read_text("utf-8")
    )
    drawn: dict[str, list[str]] = {}
    for height, name in boxes:
        drawn.setdefault(height, []).append(name)

    assert [sorted(names) for names in drawn.values()] == [sorted(layer) for layer in layers()]


@each_page
def test_the_list_has_the_layers_of_the_import_contract(page: Path) -> None:
    items = re.findall(r"^\d\. (.*?)\s?: ", page.read_text("utf-8"), re.MULTILINE)
    said = [[name.rstrip("/") for name in CODE.findall(item)] for item in items[: len(layers())]]

    assert [sorted(names) for names in said] == [sorted(layer) for layer in layers()]


@each_page
def test_every_file_that_it_names_exists(page: Path) -> None:
    named = [path for path in paths_in(page) if not PLACEHOLDER.search(path)]
    files = {str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*")}

    def exists(path: str) -> bool:
        if path.rstrip("/") in files or (ROOT / path).exists() or path == "recipe.env":
            return True
        # Its paragraph is about the package that holds it.
        return "/" not in path.rstrip("/") and path.rstrip("/") in {Path(it).name for it in files}

    assert len(named) > 50
    assert [path for path in named if not exists(path)] == []


@each_page
def test_every_registry_that_it_names_is_in_its_file(page: Path) -> None:
    named = [
        (name, match["file"])
        for match in NAMES_OF_A_FILE.finditer(page.read_text("utf-8"))
        for name in CODE.findall(match["names"])
    ]

    assert {name for name, _ in named} > REGISTRIES
    for name, file in named:
        path = SOURCE / file if (SOURCE / file).exists() else ROOT / file
        text = path.read_text("utf-8")
        assert re.search(rf"^(?:(?:class|def) {name}\b|{name}\b.*=)", text, re.MULTILINE), name


@each_page
def test_it_says_how_long_a_module_may_be(page: Path) -> None:
    assert re.search(rf"\b{LARGEST_MODULE}\b", page.read_text("utf-8"))


def test_no_module_is_longer_than_can_be_read_at_once() -> None:
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in SOURCE.rglob("*.py")}

    assert {path: count for path, count in lines.items() if count > LARGEST_MODULE} == {}


def test_the_root_has_few_modules() -> None:
    assert len(list(SOURCE.glob("*.py"))) <= MOST_ROOT_MODULES
