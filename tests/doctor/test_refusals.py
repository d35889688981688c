"""What the mocks refuse is read as what it means: their tables and that of the causes agree."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from llmdocs import Settings, recipes
from llmdocs import wire as wire_package
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.client.failures import ErrorTranslator
from llmdocs.doctor.calls import attempts
from llmdocs.doctor.diagnosis import diagnose
from llmdocs.wire import faults
from llmdocs.wire.compatible import tables
from llmdocs.wire.server import MockedProviders

pytestmark = pytest.mark.usefixtures("cleared_environment")

WIRE = Path(wire_package.__file__).parent
# What each case of a table means, by the doctor's code.
MEANS = {
    "no_key": "key",
    "wrong_key": "key",
    "wrong_media_type": "request",
    "not_json": "request",
    "missing_field": "request",
    "unknown_model": "model",
    "no_chat_model": "model",
    "no_embedding_model": "model",
    "response_format": "request",
    "unknown_path": "not-found",
    "wrong_method": "request",
    "invalid": "request",
    "failed": "unavailable",
    "rate_limit": "rate-limit",
    "quota": "quota",
    "too_large": "too-large",
    "overloaded": "unavailable",
}
# Whose words tell more.
TELLS_MORE = {("lm_studio", "unknown_path"): "base-url"}
# What a status means where a dialect refuses in words of its own, and which words mean another.
BY_STATUS = {
    400: "request", 401: "key", 403: "not-allowed", 404: "not-found", 405: "request",
    500: "unavailable",
}  # fmt: skip
WORDS = {
    "The model `x` does not exist or you do not have access to it.": "model",
    "model: x": "model",
    "model 'x' not found": "model",
    "The API deployment for this resource does not exist.": "deployment",
    "invalid model name": "model",
    "The x operation does not work with the specified model": "operations",
    "the input length exceeds the context length": "context-length",
    # With status 500, and no trouble of Ollama's.
    'option "x" must be of': "request",
    "invalid format: x": "request",
}
FAULTS = {
    "401": "key", "403": "not-allowed", "408": "unavailable", "429": "rate-limit",
    "500": "unavailable", "503": "unavailable", "529": "unavailable", "redirect": "redirect",
    "html": "answer", "malformed": "answer", "dropped": "no-connection",
}  # fmt: skip
# A used-up account, in the words of those who say so.
QUOTAS = {"openai": "quota", "azure": "quota", "xai": "quota", "anthropic": "credit"}


class Refused(NamedTuple):
    """A refusal as it stands in the source of a dialect, with `x` for each value in its words."""

    dialect: str
    status: int
    message: str
    code: str

    def __str__(self) -> str:
        return f"{self.dialect}-{self.status}-{self.message[:30]}"


def settings_of(name: str) -> Settings:
    variables = recipes.read(name)
    fields = {name.removeprefix("LLM_").lower(): value for name, value in variables.items()}
    return Settings(**{**fields, "num_retries": 0})


def read_as(name: str, status: int, body: Any, model: str) -> str:
    """What the doctor makes of an answer of a provider, by its code."""
    settings, provider = settings_of(name), CATALOGUE[name]
    settings = settings.model_copy(update={"model": f"{provider.prefixes[0]}/{model}"})
    text = body if isinstance(body, str) else json.dumps(body)
    response = httpx.Response(status, text=text)
    error, _ = ErrorTranslator(settings, provider).explain(ValueError(""), None, response)
    return diagnose(error, settings, provider, "completion").code


@pytest.mark.parametrize(
    ("name", "case"), [(it, case) for it in tables.names() for case in tables.table(it).refusals]
)
def test_a_case_of_a_table_is_read_as_what_it_means(name: str, case: str) -> None:
    refusal = tables.table(name).refusals[case]
    model = settings_of(name).model.partition("/")[2]
    values = {"model": model, "models": model, "keys": "k", "key": "a***b", "method": "POST"}
    said = {"message": "Something else is wrong.", "param": "messages", "code": None}
    about = {"path": "/v1/chat", "field": "messages", "body": {}, "media_type": "text/plain"}
    body = refusal.body({**values, **said, **about, "status": refusal.status})

    assert read_as(name, refusal.status, body, model) == TELLS_MORE.get((name, case), MEANS[case])


def test_each_case_has_a_meaning() -> None:
    assert MEANS.keys() == tables.CASES.keys()


def literal(node: ast.expr | None) -> Any:
    """What a node of a source says, with `x` for what is known at run time alone."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.JoinedStr(values=values):
            return "".join(literal(it) if isinstance(it, ast.Constant) else "x" for it in values)
    return None


def refusals() -> Iterator[Refused]:
    """Each refusal whose status and words stand in the source of a dialect."""
    for name, provider in CATALOGUE.items():
        for source in [WIRE / f"{provider.dialect}.py", *(WIRE / provider.dialect).glob("*.py")]:
            if provider.dialect == "compatible" or not source.is_file():
                continue
            for node in ast.walk(ast.parse(source.read_text("utf-8"))):
                match node:
                    case ast.Call(func=ast.Name(id="refusal"), args=[status, message, *_]):
                        named = {it.arg: it.value for it in node.keywords}
                        code = named.get("code")
                    case ast.Call(func=ast.Name(id="_gateway"), args=[status, code, message, *_]):
                        pass
                    case _:
                        continue
                found = literal(status), literal(message), literal(code)
                if isinstance(found[0], int) and isinstance(found[1], str):
                    yield Refused(name, found[0], found[1], found[2] or "")


ALL = [*dict.fromkeys(refusals())]


@pytest.mark.parametrize("refused", ALL, ids=str)
def test_a_refusal_of_a_dialect_is_read_as_what_it_means(refused: Refused) -> None:
    words = (code for words, code in WORDS.items() if refused.message.startswith(words))
    meant = next(words, BY_STATUS[refused.status])
    body = {"error": {"message": refused.message, "code": refused.code or None}}
    # The model's name stands in what is said of it, and in nothing else.
    model = "x" if meant == "model" else "another"

    assert read_as(refused.dialect, refused.status, body, model) == meant


def test_the_refusals_of_each_dialect_are_found() -> None:
    dialects = {CATALOGUE[refused.dialect].dialect for refused in ALL}

    assert dialects == {item.dialect for item in CATALOGUE.values()} - {"compatible"}
    assert len(ALL) > 50


@pytest.mark.parametrize("name", CATALOGUE)
@pytest.mark.parametrize(("fault", "code"), FAULTS.items())
def test_a_fault_is_read_as_what_it_means(
    wire: MockedProviders, name: str, fault: str, code: str
) -> None:
    assert met(wire, name, fault) == code


@pytest.mark.parametrize(("name", "fault"), QUOTAS.items())
def test_a_used_up_account_is_read_as_that(wire: MockedProviders, name: str, fault: str) -> None:
    assert met(wire, name, fault) == "quota"


def met(wire: MockedProviders, name: str, fault: str) -> str | None:
    """What the doctor tells of a call that meets a fault, by its code."""
    wire.faults.extend([faults.named(fault)] * 4)
    finding = next(attempts(settings_of(name), 5)).make()
    return finding.code if finding else None
