"""Every mistake that a page shows: the error that it ends in, the doctor's verdict, and the fix."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit

import pytest

from llmdocs import LLM, recipes
from llmdocs.catalogue.providers import CATALOGUE, Provider, unlisted
from llmdocs.cli import report
from llmdocs.client.litellm_module import litellm
from llmdocs.doctor.calls import attempts
from llmdocs.doctor.findings import GENERAL, PARTICULAR, Code, Finding, Remedy, section
from llmdocs.doctor.offline import examine
from llmdocs.errors import LLMDocsError, RecipeError
from llmdocs.pages.page import Heading, read
from llmdocs.pages.prose import block_names
from llmdocs.recipes import mistakes
from llmdocs.recipes.mistakes import Mistake
from llmdocs.wire import faults
from llmdocs.wire.redirect import sitecustomize as redirect
from llmdocs.wire.server import MockedProviders
from tests.support.site_files import COMPLETE_LANGUAGES, DOCS, ROOT, SNIPPETS, pages

TODAY = date(2026, 11, 22)
# More than any call sends.
OFTEN = 20
CONFIG = Path("config.toml")

pytestmark = pytest.mark.usefixtures("cleared_environment")
every_mistake = pytest.mark.parametrize(
    "mistake", list(map(mistakes.read, mistakes.names())), ids=str
)


@contextmanager
def circumstances(mistake: Mistake, wire: MockedProviders) -> Iterator[None]:
    """What is wrong outside the settings, while the block runs."""
    address = os.environ.get("LLM_BASE_URL", "")
    met = [faults.named(mistake.fault)] if mistake.fault else []
    met += [faults.ErrorAnswer(**mistake.answer)] if mistake.answer else []
    with ExitStack() as stack:
        if "HTTPS_PROXY" in mistake.variables:
            # litellm keeps its clients, and a client reads the variable when it is made.
            stack.callback(litellm().in_memory_llm_clients_cache.flush_cache)
            litellm().in_memory_llm_clients_cache.flush_cache()
        if mistake.unresolved:
            stack.enter_context(redirect.unresolvable(urlsplit(address).hostname or ""))
        if mistake.refused or mistake.container:
            stack.enter_context(redirect.refused(beyond_this_machine=mistake.refused))
        # A connection that is kept would lead past all of that.
        wire.close_connections()
        wire.faults.extend(met * OFTEN)
        yield
        wire.faults.clear()
    wire.close_connections()


def make(mistake: Mistake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Put the recipe, with the mistake made, into the environment, and its file beside it."""
    monkeypatch.chdir(tmp_path)
    if mistake.config:
        CONFIG.write_text(mistake.config, "utf-8")
    for name, value in mistake.changed(recipes.read(mistake.recipe)).items():
        monkeypatch.setenv(name, value)


def call(mistake: Mistake) -> None:
    """What a reader's program does, once."""
    llm = LLM.from_env(config=CONFIG if CONFIG.exists() else None, num_retries=0)
    if mistake.operation == "completion":
        llm.complete("Why is the sky blue?")
    else:
        llm.embed("Why is the sky blue?")


def verdict(mistake: Mistake) -> list[Finding]:
    """What the doctor finds: offline if it can, else by its calls."""
    examination = examine(
        config=CONFIG if mistake.config else None, container=mistake.container, today=TODAY
    )
    if examination.settings is None:
        return examination.findings
    made = (attempt.make() for attempt in attempts(examination.settings, 60))
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
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    make(mistake, monkeypatch, tmp_path)
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
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    make(mistake, monkeypatch, tmp_path)
    with circumstances(mistake, wire):
        findings = verdict(mistake)
    lines = (line for finding in findings for line in report.finding_lines(finding))
    path = mistakes.file_of(mistake.name, "doctor.txt", SNIPPETS)

    assert [finding.code for finding in findings] == [mistake.finding]
    check_or_update(path, "\n".join(lines) + "\n", request.config.getoption("update_examples"))


@every_mistake
def test_what_the_doctor_advises_makes_the_recipe_work(
    mistake: Mistake, wire: MockedProviders, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    recipe = recipes.read(mistake.recipe)
    make(mistake, monkeypatch, tmp_path)
    with circumstances(mistake, wire):
        (finding,) = verdict(mistake)
        apply(finding.remedy, recipe, monkeypatch)
        if not mistake.elsewhere:
            call(mistake)
    if mistake.elsewhere:
        CONFIG.unlink(missing_ok=True)
        call(mistake)

    assert mistake.elsewhere or finding.remedy != Remedy()
    assert examine(container=mistake.container, today=TODAY).findings == []


@every_mistake
def test_a_mistake_does_not_stand_in_the_recipe(mistake: Mistake) -> None:
    recipe = recipes.read(mistake.recipe)

    made = {**mistake.variables, **dict.fromkeys(mistake.emptied, "")}
    assert {name: recipe.get(name, "") for name in made} != made or (
        mistake.elsewhere or mistake.container
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'findings = "key"',
            r"new\.toml: 'findings' is not a key .* Did you mean finding?",
        ),
        ("", r"new\.toml: the key finding is missing"),
        ("finding = key", r"new\.toml: this file is not TOML: "),
    ],
    ids=["unknown key", "no finding", "no TOML"],
)
def test_a_file_that_is_no_mistake_is_told(tmp_path: Path, text: str, message: str) -> None:
    path = mistakes.file_of("openai/new", "toml", tmp_path)
    path.parent.mkdir(parents=True)
    path.write_text(text)

    with pytest.raises(RecipeError, match=message):
        mistakes.read("openai/new", tmp_path)


def test_no_captured_text_holds_a_path_a_port_of_this_run_or_an_errno(
    wire: MockedProviders,
) -> None:
    for name in mistakes.names():
        for ending in ("error.txt", "doctor.txt"):
            text = mistakes.file_of(name, ending, SNIPPETS).read_text("utf-8")
            assert os.getcwd() not in text
            assert "Errno" not in text
            assert str(wire.port) not in text
            assert str(wire.http_only_port) not in text
            assert ".py" not in text


@pytest.mark.parametrize("language", COMPLETE_LANGUAGES)
@pytest.mark.parametrize("code", get_args(Code))
def test_the_section_of_a_finding_is_there_for_every_provider_and_for_none(
    code: Code, language: str
) -> None:
    providers = [*CATALOGUE.values(), unlisted("some"), None]
    sections = {
        f"{page.name.removesuffix('.md')}/#{heading.anchor}"
        for page in pages()
        for heading in page.headings
        if page.language == language
    }

    assert {section(code, provider) for provider in providers} - sections == set()


def test_a_guide_alone_explains_what_the_general_page_does_not() -> None:
    general = {heading.anchor for heading in read(DOCS, "en", f"{GENERAL}.md").headings}

    assert {*get_args(Code)} - general == {*PARTICULAR}


@pytest.mark.parametrize("language", COMPLETE_LANGUAGES)
@pytest.mark.parametrize("provider", CATALOGUE.values(), ids=lambda provider: provider.name)
def test_a_guide_has_a_section_of_all_that_it_explains(provider: Provider, language: str) -> None:
    guide = read(DOCS, language, f"llms/{provider.name}.md")

    assert {*provider.explains} - {heading.anchor for heading in guide.headings} == set()


@pytest.mark.parametrize("name", mistakes.shared())
def test_a_mistake_of_a_dialect_has_the_name_of_its_finding(name: str) -> None:
    dialect, _, code = name.partition("/")

    assert dialect in {provider.dialect for provider in CATALOGUE.values()}
    assert mistakes.read(name).finding == code


def test_a_mistake_of_a_dialect_is_one_of_each_provider_that_explains_it() -> None:
    sharing = {
        name
        for name in mistakes.names()
        if mistakes.file_of(name, "toml").parent.parent.name != name.partition("/")[0]
    }

    assert {"groq/key", "xai/key", "xai/base-url", "vllm/containers"} <= sharing
    # vLLM takes any key; xAI's guide explains no rate limit; Groq's address has more in its path.
    assert not {"vllm/key", "xai/rate-limit", "groq/base-url"} & sharing


def test_a_mistake_of_a_dialect_takes_values_from_the_provider_and_its_recipe() -> None:
    assert mistakes.read("groq/own-variables").variables == {
        "LLM_API_KEY": "",
        "GROQ_API_KEY": recipes.read("groq")["LLM_API_KEY"],
    }
    assert mistakes.read("xai/base-url").variables == {"LLM_BASE_URL": "https://api.x.ai"}
    assert mistakes.read("vllm/base-url").variables == {"LLM_BASE_URL": "http://localhost:8000"}


def test_a_placeholder_that_nothing_fills_is_told_with_the_nearest(tmp_path: Path) -> None:
    shutil.copytree(SNIPPETS, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "compatible/mistakes/base-url.toml"
    path.write_text(path.read_text("utf-8").replace("{origin}", "{origins}"), "utf-8")

    with pytest.raises(RecipeError, match=r"base-url\.toml: xai/base-url has nothing .*origin\?"):
        mistakes.read("xai/base-url", tmp_path)


def test_every_code_of_a_finding_has_a_mistake_that_leads_to_it() -> None:
    assert {mistakes.read(name).finding for name in mistakes.names()} == {*get_args(Code)}


@every_mistake
def test_the_section_that_a_finding_names_shows_the_mistake(mistake: Mistake) -> None:
    provider = recipes.provider_named_in(recipes.read(mistake.recipe))
    name, _, anchor = section(mistake.finding, provider).partition("/#")
    for language in COMPLETE_LANGUAGES:
        page = read(DOCS, language, f"{name}.md")
        headings = [*page.headings, Heading(page.lines[-1][0], 0, "", None)]
        sections = {heading.anchor: (heading.line, end.line) for heading, end in pairwise(headings)}
        start, end = sections[anchor]
        shown = {block for line, block in block_names(page) if start < line <= end}

        assert f"mistake.{mistake.name.replace('/', '.')}" in shown, f"{page.path}:{start}"


def test_a_mistake_is_known_if_it_is_listed_and_only_then() -> None:
    listed = mistakes.names(SNIPPETS)
    codes = {name.partition("/")[2] for name in [*listed, *mistakes.shared(SNIPPETS)]}
    tried = {f"{recipe}/{code}" for recipe in (*recipes.names(), "compatible") for code in codes}

    assert sorted(name for name in tried if mistakes.is_known(name, SNIPPETS)) == listed


def test_snippets_and_mistakes_end_so_beside_litellms_own_redaction_too() -> None:
    """Readers have it, and the other tests do not: what pages show is what readers see."""
    folder = Path(__file__).parent
    ran = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-p", "no:cacheprovider",
            str(folder / "test_snippets.py"), __file__, "-k", "snippet_runs or ends_in_the_error",
        ],
        cwd=ROOT,
        env={**os.environ, "LITELLM_DISABLE_REDACT_SECRETS": "false"},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout
