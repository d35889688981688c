"""A provider is in the suites by being in the catalogue: none is left out, or kept in a list."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from llmdocs.catalogue.providers import CATALOGUE
from tests.support import provider_groups as providers
from tests.support.site_files import ROOT

# Collects the tests, and tells of each the providers it is played at, and by which parameters.
COLLECT = """
import json, pytest

class Cells:
    found = {}

    def pytest_collection_finish(self, session):
        for item in session.items:
            values = getattr(getattr(item, "callspec", None), "params", {})
            provider = values.get("provider") or getattr(values.get("cell"), "provider", None)
            name = item.nodeid.partition("[")[0]
            self.found.setdefault(name, []).append((provider or values.get("name"), sorted(values)))

pytest.main(["--collect-only", "-qqq", "-p", "no:cacheprovider"], plugins=[Cells()])
print()
print(json.dumps(Cells.found, default=str))
"""
GROUPS = {name: set(group) for name, group in vars(providers).items() if isinstance(group, tuple)}
# A test with these parameters alone is played at each provider alike; others have facts of some.
ALIKE = {"provider", "cell", "call", "ask", "form", "leave", "cause"}
SUITES = {
    "tests/catalogue/test_addresses.py": providers.EVERY,
    "tests/client/test_client.py": providers.EVERY,
    "tests/doctor/test_doctor.py": providers.EVERY,
    "tests/client/test_faults.py": providers.EVERY,
    "tests/recipes/test_forms.py": providers.EVERY,
    "tests/recipes/test_forms_on_the_wire.py": providers.OF_EACH_RECIPE,
    "tests/client/test_fuzzed_answers.py": providers.OF_EACH_CLIENT,
    "tests/client/test_networking.py": providers.EVERY,
    "tests/client/test_spending.py": providers.EVERY,
    "tests/client/test_tool_calling.py": providers.EVERY,
    "tests/client/test_transport.py": providers.EVERY,
    "tests/wire/test_compatible.py": providers.OF_ITS_SDK,
    "tests/wire/test_interception.py": providers.EVERY,
}


@pytest.fixture(scope="module")
def cells() -> dict[str, list[tuple[Any, list[str]]]]:
    """For each test, the provider and the parameters of each of its cells."""
    run = subprocess.run(
        [sys.executable, "-c", COLLECT], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found: dict[str, list[tuple[Any, list[str]]]] = json.loads(run.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("suite", SUITES)
def test_a_suite_has_cells_of_each_provider(cells: dict[str, Any], suite: str) -> None:
    tests = {name: found for name, found in cells.items() if name.startswith(f"{suite}::")}
    played = {provider for found in tests.values() for provider, _ in found}

    assert played & {*CATALOGUE} == {*SUITES[suite]}


def test_what_is_played_alike_is_played_at_a_group_of_the_catalogue(cells: dict[str, Any]) -> None:
    """A list that is kept by hand would leave out the next provider in silence."""
    groups = [*GROUPS.values(), GROUPS["OF_ITS_SDK"] & GROUPS["EMBEDDING"]]
    kept_by_hand = {
        name: sorted(played)
        for name, found in cells.items()
        if (played := {provider for provider, _ in found if provider in CATALOGUE})
        and {parameter for _, parameters in found for parameter in parameters} <= ALIKE
        and len(played) > 1
        and played not in groups
    }

    assert kept_by_hand == {}


def test_each_dialect_and_each_form_of_a_recipe_has_a_provider() -> None:
    kind = providers.kind_of_recipe
    dialects = {providers.dialect(name) for name in CATALOGUE}

    assert {providers.dialect(name) for name in providers.OF_EACH_DIALECT} == dialects
    assert {kind(name) for name in providers.OF_EACH_RECIPE} == {kind(name) for name in CATALOGUE}
