"""The catalogue is read with its mistakes named, and generic code asks no provider for its name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import llmdocs
from llmdocs.catalogue.providers import CATALOGUE, FILE_NAME, CatalogueError, read
from llmdocs.wire.server import DIALECTS

TABLE = """\
[one]
title = "One"
dialect = "compatible"
port = 8000
base_path = "/v1"

[two]  # another server
title = "Two"
dialect = "compatible"
base_url = "https://api.two.example/v1"
"""


def test_tables_in_their_form_are_read() -> None:
    assert [*read(TABLE)] == ["one", "two"]


AT_8000 = "[two] answers at http://localhost:8000, and so does [one] (a.toml:1): change one."
ADDRESS = 'base_url = "https://api.two.example/v1"'
MISTAKES = {
    "the port of another server": (ADDRESS, 'base_path = "/v1"\nport = 8000', 7, AT_8000),
    "another name of the same port": (
        ADDRESS, f'{ADDRESS}\norigins = ["http://127.0.0.1:8000"]', 7, AT_8000,
    ),
    "an address of another provider": (
        "port = 8000", 'base_url = "https://API.two.example:443/other"', 7,
        "[two] answers at https://api.two.example:443, and so does [one]",
    ),
    "the prefix of another provider": (
        'title = "Two"', 'title = "Two"\nprefixes = ["two", "one"]', 7,
        "[two] has the prefix one/, and so does [one] (a.toml:1)",
    ),
    "a key that none has": (
        "base_path", "base_pth", 1, "'base_pth' is no key of a provider. Did you mean base_path?",
    ),
    "no title": ('title = "Two"\n', "", 7, "[two] has no 'title'"),
    "no address": (ADDRESS, "", 7, "[two] has no 'needs'"),
    "no dialect": ('title = "One"\ndialect = "compatible"', 'title = "One"', 1, "has no 'dialect'"),
    "a value where a list is expected": (
        'title = "Two"', 'title = "Two"\nkey = "TWO_KEY"', 7,
        "'key' of [two] is one value; expected: a list.",
    ),
    "a list where a value is expected": (
        'title = "Two"', 'title = ["Two"]', 7, "'title' of [two] is a list; expected: one value.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "problem"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_table_is_named_with_its_line(
    old: str, new: str, line: int, problem: str
) -> None:
    assert old in TABLE
    with pytest.raises(CatalogueError) as caught:
        read(TABLE.replace(old, new, 1), "a.toml")

    assert str(caught.value).startswith(f"a.toml:{line}: ")
    assert problem in str(caught.value)


def test_what_is_no_table_and_what_is_no_toml_are_named() -> None:
    with pytest.raises(CatalogueError, match=r"a\.toml: two stands outside of a provider's table"):
        read('two = "Two"\n', "a.toml")
    with pytest.raises(CatalogueError, match=r"a\.toml: this is not TOML: .*line 1"):
        read("two\n", "a.toml")


PACKAGE = Path(llmdocs.__file__).parent
NAMES = {
    word
    for provider in CATALOGUE.values()
    for word in (provider.name, provider.title, *provider.prefixes)
}
# Names of something else than a provider.
OTHERS = {
    ("redaction/log_records.py", "openai"): "the logger of OpenAI's package",
    ("redaction/log_records.py", "anthropic"): "the logger of Anthropic's package",
    ("catalogue/elsewhere.py", "azure"): "a table of elsewhere.toml",
    ("redaction/credentials.py", "ollama"): "a stand-in for a key",
    ("redaction/credentials.py", "vllm"): "a stand-in for a key",
    **{("wire/server.py", dialect): "a dialect" for dialect in DIALECTS if dialect in NAMES},
}


def names_in(source: str) -> Iterator[tuple[int, str]]:
    """Each literal that is a provider's name, title or prefix, with a slash or without."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=str(text)) if text.rstrip("/") in NAMES:
                yield node.lineno, text.rstrip("/")


def found() -> Iterator[tuple[str, int, str]]:
    """Those of the package, but for the dialects' own modules."""
    own = tuple(f"wire/{dialect}" for dialect in DIALECTS)
    for path in sorted(PACKAGE.rglob("*.py")):
        file = path.relative_to(PACKAGE).as_posix()
        if not file.startswith(own):
            for line, name in names_in(path.read_text("utf-8")):
                yield file, line, name


def test_generic_code_asks_no_provider_for_its_name() -> None:
    asked = [
        f"src/llmdocs/{file}:{line}: {name!r}; read a fact of {FILE_NAME} instead"
        for file, line, name in found()
        if (file, name) not in OTHERS
    ]

    assert asked == []


def test_each_name_of_something_else_is_there_once() -> None:
    assert sorted((file, name) for file, _, name in found()) == sorted(OTHERS)


@pytest.mark.parametrize(
    "line",
    [
        'if provider.name == "azure": pass',
        'if provider.title in ("Azure OpenAI", "x"): pass',
        'CATALOGUE["openai"]',
        'name = f"ollama/{model}"',
        'match name:\n    case "groq": pass',
        'prefix = "hosted_vllm/"',
    ],
)
def test_a_name_is_found_however_it_is_asked_for(line: str) -> None:
    assert [*names_in(line)]


@pytest.mark.parametrize(
    "line", ['"""azure and others."""', "import openai", "azure.application()"]
)
def test_a_word_of_a_text_and_a_module_are_no_question(line: str) -> None:
    assert [*names_in(line)] == []
