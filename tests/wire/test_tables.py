"""A compatible server is a table: what is wrong in one is told with its line."""

from __future__ import annotations

import json

import pytest

from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.wire.accounts import Account
from llmdocs.wire.compatible import engine, tables
from llmdocs.wire.compatible.tables import CASES, TableError, filled, names, read, table

TABLE = """\
path = "/v1"
card = '{"id": "{model}"}'

[refusals.no_key]
status = 401
json = '{"error": "no key"}'
source = "a/b#1"

[refusals.missing_field]
status = 400
json = '{"error": "{field} is missing", "param": "{field}"}'
inferred = "the words"

[refusals.unknown_model]
status = 404
text = "no model {model}"
hint = "Models: {models}."
source = "a/b#2"

[refusals.unknown_path]
status = 404
text = ""
inferred = "all"

[refusals.invalid]
status = 400
json = '{"error": "{message}"}'
inferred = "all"

[refusals.failed]
status = 500
json = '{"error": "{message}"}'
inferred = "all"
"""


def test_a_table_in_its_form_is_read() -> None:
    assert read(TABLE, "a.toml").refusals["unknown_model"].status == 404


MISTAKES = {
    "a key": ("path =", "pth =", 1, "'pth' is no key of a table. Did you mean path?"),
    "a case": ("[refusals.failed]", "[refusals.fld]", 30, "'fld' is no case of a table."),
    "a key of a case": ("hint =", "hnt =", 17, "'hnt' is no key of a table. Did you mean hint?"),
    "a placeholder": ("{models}", "{modls}", 17, "{modls} is no placeholder of this field."),
    "a placeholder of another case": ("no model {model}", "{body}", 16, "{body} is no placeholder"),
    "a body that is not JSON": ("'{\"error\": \"no key\"}'", "'{error}'", 6, "not JSON in"),
    "two bodies": ('text = ""', "text = \"\"\njson = '{}'", 20, "either `json` or `text`"),
    "no status": ("status = 401\n", "", 4, "a refusal has `status`"),
    "no source": ('source = "a/b#1"', "", 4, "`source` says where it was seen"),
    "a status that is a word": ("status = 401", 'status = "no"', 5, "status is not in its form"),
    "a path that is a number": ('path = "/v1"', "path = 1", 1, "path is not in its form"),
    "a placeholder of a model": ('"{model}"', '"{modl}"', 2, "{modl} is no placeholder"),
    "a card that is not JSON": ("card = '{", "card = '", 2, "this is not JSON in"),
    "a case that is no table": ('path = "/v1"', 'path = "/v1"\nrefusals.quota = 4', 1, "a case is"),
    "a choice that is none": ("card =", 'names_no_model = "last"\ncard =', 2, "is not in its form"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "problem"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_table_is_named_with_its_line(
    old: str, new: str, line: int, problem: str
) -> None:
    assert old in TABLE
    with pytest.raises(TableError) as caught:
        read(TABLE.replace(old, new, 1), "a.toml")

    assert str(caught.value).startswith(f"a.toml:{line}: ")
    assert problem in str(caught.value)


def test_refusals_that_are_no_tables_are_named_with_their_line() -> None:
    with pytest.raises(TableError, match=r"^a\.toml:2: a refusal is a table"):
        read("card = '{}'\nrefusals = 3\n", "a.toml")


def test_a_case_that_every_server_has_is_missed() -> None:
    with pytest.raises(TableError, match=r"a\.toml: \[refusals\.failed\] is missing"):
        read(TABLE.partition("[refusals.failed]")[0], "a.toml")


def test_what_is_not_toml_is_named() -> None:
    with pytest.raises(TableError, match=r"a\.toml: this is not TOML: .*line 1"):
        read("path 1\nb = 2\n", "a.toml")


def test_a_placeholder_alone_keeps_its_type_and_others_become_text() -> None:
    template = json.loads('{"a": "{code}", "b": ["{code}: {message}"], "c": 1, "d": null}')

    assert filled(template, {"code": None, "message": "no"}) == {
        "a": None, "b": ["None: no"], "c": 1, "d": None,
    }  # fmt: skip


@pytest.mark.parametrize(("key", "shown"), [("abcd", "abcd"), ("abcdef", "ab***ef"), ("", "")])
def test_a_key_is_masked_as_the_table_says(key: str, shown: str) -> None:
    assert tables.Mask(2, 2, "***").of(key) == shown


class TestTheTables:
    def test_are_those_of_the_catalogues_compatible_providers(self) -> None:
        compatible = [name for name, item in CATALOGUE.items() if item.dialect == "compatible"]

        assert names() == sorted(compatible)

    @pytest.mark.parametrize("name", names())
    def test_are_in_their_form(self, name: str) -> None:
        assert set(table(name).refusals) <= set(CASES)

    @pytest.mark.parametrize("name", names())
    def test_say_the_words_of_a_fault_that_a_test_gives(self, name: str) -> None:
        body = engine.error_body(name, Account(), 503, "Words of a test.", None)

        assert "Words of a test." in json.dumps(body)
