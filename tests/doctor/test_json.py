"""What `llmdocs doctor --json` prints keeps to the schema that the site publishes."""

from __future__ import annotations

import json
import re
from typing import Any, get_args

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator, ValidationError

from llmdocs.cli import main
from llmdocs.cli.report import JSON_VERSION, SITE_URL
from llmdocs.doctor import offline
from llmdocs.doctor.findings import Code
from llmdocs.wire.server import MockedProviders
from tests.support.site_files import DOCS, ROOT

pytestmark = pytest.mark.usefixtures("cleared_environment")
SCHEMA = json.loads((DOCS / "assets/doctor.schema.json").read_text("utf-8"))
KEY = "sk-a-key-that-nobody-may-see"


def printed(monkeypatch: pytest.MonkeyPatch, *options: str, **variables: str) -> Any:
    monkeypatch.setattr(offline, "inside_container", lambda: False)
    result = CliRunner().invoke(main, ["doctor", "--json", *options], env=variables)
    return json.loads(result.stdout)


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"LLM_MODEL": "openai/m", "LLM_API_KEY": KEY},
        {"LLM_MODEL": "openai/m", "LLM_API_KEY": f"'{KEY}'"},
        {"LLM_MODEL": "openai/m", "LLM_API_KEY": ""},
        {"LLM_MODEL": "azure/m", "LLM_TYPE": "azure", "LLM_API_VERSION": "soon"},
        {"LLM_MODEL": "bedrock/m", "LLM_AWS_SECRET_ACCESS_KEY": "a-secret-of-the-cloud"},
        {"LLM_MODEL": "openai/m", "LLM_API_KEY": KEY, "HTTPS_PORXY": "http://u:password@p:1"},
        {"LLM_MODEL": "openai/m", "LLM_API_KEY": KEY, "LLM_MAX_BUDGET": "0"},
    ],
    ids=str,
)
@pytest.mark.parametrize("options", [(), ("--offline",), ("--call-anyway",)])
def test_what_is_printed_keeps_to_the_schema(
    wire: MockedProviders,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    variables: dict[str, str],
) -> None:
    document = printed(monkeypatch, *options, **variables)
    Draft202012Validator(SCHEMA).validate(document)

    assert not re.search("nobody|a-secret-of|password", json.dumps(document))
    for finding in document["findings"]:
        assert finding["guide"].startswith(SITE_URL)


def test_the_schema_is_one_and_knows_all_codes() -> None:
    Draft202012Validator.check_schema(SCHEMA)

    assert SCHEMA["properties"]["version"]["const"] == JSON_VERSION
    codes = SCHEMA["properties"]["findings"]["items"]["properties"]["code"]["enum"]
    assert codes == [*get_args(Code)]


def test_the_schema_notices_what_is_not_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    document = printed(monkeypatch, "--offline")
    validator = Draft202012Validator(SCHEMA)
    for wrong in (
        document | {"version": 2},
        document | {"more": 1},
        {name: value for name, value in document.items() if name != "notes"},
        document | {"findings": [document["findings"][0] | {"code": "unheard-of"}]},
    ):
        with pytest.raises(ValidationError):
            validator.validate(wrong)


def test_the_address_of_the_site_is_that_of_its_configuration() -> None:
    assert f'"{SITE_URL}"]' in (ROOT / "mkdocs.yml").read_text("utf-8")
    assert SCHEMA["$id"] == f"{SITE_URL}assets/doctor.schema.json"
