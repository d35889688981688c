"""Docstrings become Markdown: a heading, a signature and the text of each documented object."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import griffe
import pytest

from llmdocs.pages.render.docstrings import Filters, docstrings

CODE = '''
    """What the module is for."""
    from enum import Enum

    class Base:
        """What all have."""

    class Client(Base):
        """Calls."""

        def __init__(self, key: str, *, patience: float = 1.5) -> None:
            self.key = key

        @classmethod
        def load(cls, path: str) -> "Client":
            """Read it.

            Twice.
            """

        @property
        def usage(self) -> int:
            """How much."""

        async def ask(self, text: str) -> str:
            """Ask."""

        def silent(self) -> None: ...

        def _private(self) -> None:
            """Nobody calls it."""

    LIMIT: int = 3
    """The most."""
'''
HIDDEN: Filters = [(re.compile("^_"), True)]


@pytest.fixture
def package(tmp_path: Path) -> griffe.Object:
    (tmp_path / "sample.py").write_text(dedent(CODE), "utf-8")
    loaded = griffe.GriffeLoader(search_paths=[tmp_path]).load("sample")
    assert isinstance(loaded, griffe.Object)
    return loaded


def test_an_object_is_followed_by_its_documented_members_attributes_first(
    package: griffe.Object,
) -> None:
    assert "\n".join(docstrings(package["Client"], "sample.Client", 3, HIDDEN)) == dedent(
        """\
        ### `sample.Client`

        ```python
        class Client(Base)

        Client(key: str, *, patience: float = 1.5)
        ```

        Calls.

        #### `Client.usage`

        ```python
        @property
        usage: int
        ```

        How much.

        #### `Client.load`

        ```python
        @classmethod
        def load(path: str) -> Client
        ```

        Read it.

        Twice.

        #### `Client.ask`

        ```python
        async def ask(text: str) -> str
        ```

        Ask.
        """
    )


def test_a_module_has_its_text_and_no_signature(package: griffe.Object) -> None:
    lines = [*docstrings(package, "sample", 2, HIDDEN)]

    assert lines[:3] == ["## `sample`", "", "What the module is for."]


def test_the_members_of_a_module_are_one_level_below_it(package: griffe.Object) -> None:
    headings = [line for line in docstrings(package, "sample", 2, HIDDEN) if line[:4] == "### "]

    assert headings == ["### `LIMIT`", "### `Base`", "### `Client`"]


def test_the_last_filter_that_finds_a_name_decides(package: griffe.Object) -> None:
    filters: Filters = [(re.compile("."), True), (re.compile("^_p"), False)]

    lines = [*docstrings(package["Client"], "sample.Client", 3, filters)]

    assert [line for line in lines if line.startswith("####")] == ["#### `Client._private`"]


@pytest.fixture
def importing(tmp_path: Path) -> griffe.Object | griffe.Alias:
    """A package that gives another name to a function of one of its modules."""
    folder = tmp_path / "whole"
    folder.mkdir()
    (folder / "__init__.py").write_text("from whole.part import run\n", "utf-8")
    (folder / "part.py").write_text('def run() -> None:\n    """Run."""\n', "utf-8")
    return griffe.GriffeLoader(search_paths=[tmp_path]).load("whole")


def test_another_name_of_an_object_stands_for_it(importing: griffe.Object) -> None:
    lines = [*docstrings(importing["run"], "whole.run", 2, [])]

    assert lines == ["## `whole.run`", "", "```python", "def run() -> None", "```", "", "Run.", ""]


def test_what_is_documented_elsewhere_is_left_out(importing: griffe.Object) -> None:
    lines = [*docstrings(importing, "whole", 2, [])]

    assert [line for line in lines if line.startswith("#")] == [
        "## `whole`",
        "### `part`",
        "#### `run`",
    ]
