"""Every mistake that a page shows: the error that it ends in, the doctor's verdict, and the fix."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from llmdocs import LLM, doctor, mistakes, recipes, report
from llmdocs.errors import LLMDocsError
from llmdocs.findings import Finding, Remedy
from llmdocs.mistakes import Mistake
from llmdocs.wire import faults
from llmdocs.wire.redirect import sitecustomize as redirect
from llmdocs.wire.server import MockedProviders
from tests.site_files import SNIPPETS

TODAY = date(2026, 11, 22)
# More than any call sends.
OFTEN = 20

pytestmark = pytest.mark.usefixtures("cleared_environment")
every_mistake = pytest.mark.parametrize(
    "mistake", list(map(mistakes.read, mistakes.names())), ids=str
)


@contextmanager
def circumstances(mistake: Mistake, wire: MockedProviders) -> Iterator[None]:
    """What is wrong outside the settings, while the block runs."""
    address = os.environ.get("LLM_BASE_URL", "")
    names = [mistake.fault] if mistake.fault else []
    with ExitStack() as stack:
        if mistake.unresolved:
            stack.enter_context(redirect.unresolvable(urlsplit(address).hostname or ""))
        if mistake.refused or mistake.container:
            stack.enter_context(redirect.refused(beyond_this_machine=mistake.refused))
        # A connection that is kept would lead past all of that.
        wire.hang_up()
        wire.faults.extend(fault for name in names for fault in [faults.named(name)] * OFTEN)
        yield
        wire.faults.clear()
    wire.hang_up()


def make(mistake: Mistake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the recipe, with the mistake made, into the environment."""
    for name, value in mistake.changed(recipes.read(mistake.recipe)).items():
        monkeypatch.setenv(name, value)


def call(mistake: Mistake) -> None:
    """What a reader's program does, once."""
    llm = LLM.from_env(num_retries=0)
    if mistake.operation == "completion":
        llm.complete("Why is the sky blue?")
    else:
        llm.embed("Why is the sky blue?")


def verdict(mistake: Mistake) -> list[Finding]:
    """What the doctor finds: offline if it can, else by its calls."""
    examination = doctor.examine(container=mistake.container, today=TODAY)
    if examination.settings is None:
        return examination.findings
    made = (attempt.make() for attempt in doctor.attempts(examination.settings, 60))
    return [finding for finding in made if finding][:1]


def apply(remedy: Remedy, recipe: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What the doctor says; what only the reader knows is what the recipe has."""
    for name in remedy.removed:
        monkeypatch.delenv(name)
    for name, value in remedy.values.items():
        monkeypatch.setenv(name, value)
    for name in remedy.own:
        if name in recipe:
            monkeypatch.setenv(name, recipe[name])
        else:
            monkeypatch.delenv(name, raising=False)


def check_or_update(path: Path, text: str, update: bool) -> None:
    if update:
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text, f"{path}: run `make update` to capture it"


@every_mistake
def test_a_mistake_ends_in_the_error_that_its_page_shows(
    mistake: Mistake,
    wire: MockedProviders,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    make(mistake, monkeypatch)
    with circumstances(mistake, wire), pytest.raises(LLMDocsError) as failure:
        call(mistake)
    text = "".join(traceback.format_exception_only(failure.value))
    path = mistakes.file_of(mistake.name, "error.txt", SNIPPETS)

    check_or_update(path, text, request.config.getoption("update_examples"))


@every_mistake
def test_the_doctor_names_the_cause_of_a_mistake_as_its_page_shows(
    mistake: Mistake,
    wire: MockedProviders,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    make(mistake, monkeypatch)
    with circumstances(mistake, wire):
        findings = verdict(mistake)
    lines = (line for finding in findings for line in report.finding_lines(finding))
    path = mistakes.file_of(mistake.name, "doctor.txt", SNIPPETS)

    assert [finding.code for finding in findings] == [mistake.finding]
    check_or_update(path, "\n".join(lines) + "\n", request.config.getoption("update_examples"))


@every_mistake
def test_what_the_doctor_advises_makes_the_recipe_work(
    mistake: Mistake, wire: MockedProviders, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = recipes.read(mistake.recipe)
    make(mistake, monkeypatch)
    with circumstances(mistake, wire):
        (finding,) = verdict(mistake)
        apply(finding.remedy, recipe, monkeypatch)
        if not mistake.elsewhere:
            call(mistake)
    if mistake.elsewhere:
        call(mistake)

    assert mistake.elsewhere or finding.remedy != Remedy()
    assert doctor.examine(container=mistake.container, today=TODAY).findings == []


@every_mistake
def test_a_mistake_does_not_stand_in_the_recipe(mistake: Mistake) -> None:
    recipe = recipes.read(mistake.recipe)

    assert {name: recipe.get(name, "") for name in mistake.variables} != mistake.variables or (
        mistake.elsewhere or mistake.container
    )


def test_no_captured_text_holds_a_path_a_port_of_this_run_or_an_errno() -> None:
    for name in mistakes.names():
        for ending in ("error.txt", "doctor.txt"):
            text = mistakes.file_of(name, ending, SNIPPETS).read_text("utf-8")
            assert os.getcwd() not in text
            assert "Errno" not in text
            assert ".py" not in text
