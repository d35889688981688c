"""Each field of the catalogue says what litellm, the official clients and the mocks do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from llmdocs import LLM, Settings, recipes
from llmdocs.catalogue.providers import CATALOGUE, KEYS, Provider
from llmdocs.wire.server import MockedProviders
from tests.catalogue.evidence import Evidence, Judge
from tests.conftest import CONSTANT, KEPT

INVENTED = "invented"


@pytest.fixture(scope="module", params=CATALOGUE)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def evidence(name: str, mocked_providers: MockedProviders) -> Iterator[dict[str, Any]]:
    """What was seen of a provider, in an environment that says nothing."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in os.environ.keys() - set(KEPT):
            patch.delenv(variable)
        for variable, value in CONSTANT.items():
            patch.setenv(variable, value)
        yield Evidence(name, mocked_providers).fields()


def fits(value: Any, seen: Any) -> bool:
    """Whether a table says what was seen: the value, or in any order, or what a judge lets pass."""
    if isinstance(seen, Judge):
        return seen.fits(value)
    if isinstance(seen, set):
        return isinstance(value, tuple) and set(value) == seen and len(value) == len(seen)
    return bool(value == (tuple(seen) if isinstance(seen, list) else seen))


def problems(provider: Provider, evidence: dict[str, Any]) -> list[str]:
    """The fields of a table that do not say what was seen."""
    return [
        f"{key} is {getattr(provider, key)!r}; seen: {seen!r}"
        for key, seen in evidence.items()
        if not fits(getattr(provider, key), seen)
    ]


def mutations(value: Any) -> Iterator[Any]:
    """Each other value that a mistake may give a field."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, tuple):
        yield (*value, INVENTED)
        for item in value:
            yield tuple(other for other in value if other != item)
            yield tuple(f"{other}-{INVENTED}" if other == item else other for other in value)
    elif value is None:
        yield INVENTED
    else:
        yield f"{value}-{INVENTED}"
        yield None


def test_there_is_evidence_for_each_field(evidence: dict[str, Any]) -> None:
    assert evidence.keys() == KEYS.keys()


def test_each_field_says_what_was_seen(name: str, evidence: dict[str, Any]) -> None:
    assert problems(CATALOGUE[name], evidence) == []


def test_each_field_that_says_anything_else_is_noticed(name: str, evidence: dict[str, Any]) -> None:
    provider = CATALOGUE[name]
    changed = [(key, value) for key in KEYS for value in mutations(getattr(provider, key))]
    unnoticed = [
        (key, value)
        for key, value in changed
        if [
            item.partition(" ")[0] for item in problems(replace(provider, **{key: value}), evidence)
        ]
        != [key]
    ]

    assert len(changed) > len(KEYS)
    assert unnoticed == []


@pytest.mark.parametrize("asks", [True, False])
def test_the_client_asks_for_a_streams_usage_where_the_table_says_so(
    wire: MockedProviders, monkeypatch: pytest.MonkeyPatch, name: str, asks: bool
) -> None:
    monkeypatch.setitem(CATALOGUE, name, replace(CATALOGUE[name], stream_usage=asks))
    variables = recipes.mock_variables(name, wire.url)
    fields = {key.removeprefix("LLM_").lower(): value for key, value in variables.items()}
    chunks = [*LLM(Settings(**fields)).stream("Hi")]

    assert any(getattr(chunk, "usage", None) for chunk in chunks) is asks
