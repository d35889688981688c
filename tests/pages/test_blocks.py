"""Each block and each fact follows its source, in every language."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from textwrap import indent

import pytest

from llmdocs import recipes, retries
from llmdocs.errors import PageError
from llmdocs.forms import FORMS, written
from llmdocs.pages import upstream
from llmdocs.pages.blocks import BLOCKS, MISTAKE
from llmdocs.pages.expand import expand
from llmdocs.pages.facts import Context, with_unit
from llmdocs.pages.page import Page, read
from llmdocs.pages.prose import blocks
from llmdocs.providers import CATALOGUE
from llmdocs.settings import VARIABLES, Settings
from tests.pages.conftest import Site
from tests.site_files import DOCS, ROOT, SNIPPETS, pages

ENGLISH, FRENCH = "docs/en/llms/openai.md", "docs/fr/llms/openai.md"


def rows(site: Site, block: str, page: str = ENGLISH) -> list[list[str]]:
    """The cells of a table, row by row, without its headings."""
    lines = BLOCKS[block](site.context(page))
    return [line.removeprefix("| ").removesuffix(" |").split(" | ") for line in lines[2:]]


def expanded(page: Page) -> str:
    return expand(Context(page, DOCS, SNIPPETS, "https://git.test/llmdocs"))


@pytest.mark.parametrize("page", pages(), ids=lambda page: f"{page.language}/{page.name}")
def test_nothing_on_a_page_is_left_to_expand(page: Page) -> None:
    text = expanded(page)

    assert "{{" not in text
    assert "--8<--" not in text


def test_the_settings_table_has_every_variable_with_its_default(site: Site) -> None:
    shown = {row[0]: row[2] for row in rows(site, "settings.table")}

    assert shown == {
        f"`{item.name}`{{ #{item.name} }}": with_unit(item.default, item.unit)
        if item.default
        else ("required" if item.required else "none")
        for item in VARIABLES.values()
    }


def test_the_settings_table_says_what_the_code_says(site: Site) -> None:
    meanings = [row[3] for row in rows(site, "settings.table")]

    assert meanings == [item.description for item in VARIABLES.values()]


def test_the_settings_table_gains_a_row_with_a_new_variable(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = replace(VARIABLES["LLM_NUM_RETRIES"], name="LLM_NEW", description="New.", default="7")
    monkeypatch.setitem(VARIABLES, "LLM_NEW", new)

    assert rows(site, "settings.table")[-1] == [
        "`LLM_NEW`{ #LLM_NEW }",
        "a whole number from 0 to 10000",
        "7",
        "New.",
    ]


@pytest.mark.parametrize("name", ["azure", "ollama", "openai", "retries", "upgrading"])
def test_the_recipe_is_the_file(site: Site, name: str) -> None:
    site.replace(ENGLISH, "recipe: openai\n---", f"recipe: {name}\n---")
    text = (site.root / "snippets" / name / "recipe.env").read_text("utf-8")

    assert BLOCKS["recipe"](site.context(ENGLISH)) == text.splitlines()


@pytest.mark.parametrize("page", [ENGLISH, FRENCH])
def test_the_forms_of_the_recipe_stand_under_tabs_with_the_same_labels(
    site: Site, page: str
) -> None:
    lines = BLOCKS["recipe.forms"](site.context(page))
    labels = [line.split('"')[1] for line in lines if line.startswith("===")]

    assert labels == [".env", "Bash", "fish", "PowerShell", "Docker", "Compose", "TOML", "Python"]


def test_each_tab_holds_what_the_command_prints(site: Site) -> None:
    text = "\n".join(BLOCKS["recipe.forms"](site.context(ENGLISH)))
    variables = recipes.read("openai")

    for form in FORMS.values():
        fence = f"```{form.info}\n{written(variables, form.name)}```\n"
        assert f'=== "{form.label}"\n\n{indent(fence, "    ")}' in text


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("provider", CATALOGUE)
def test_each_providers_guide_shows_its_recipe_in_every_form(provider: str, language: str) -> None:
    page = read(DOCS, language, f"llms/{provider}.md")

    assert page.recipe == provider
    assert "recipe.forms" in [name for _, name in blocks(page)]


def test_a_recipe_that_a_form_cannot_hold_fails_with_page_and_line(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = site.line(ENGLISH, "{{ recipe.forms }}")
    monkeypatch.setattr(recipes, "read", lambda *_: {"LLM_MODEL": "a b"})

    with pytest.raises(PageError, match=rf"openai\.md:{line}: LLM_MODEL holds a space"):
        site.expand(ENGLISH)


def test_the_requirements_name_the_repository(site: Site) -> None:
    assert BLOCKS["requirements"](site.context(ENGLISH)) == [
        "llmdocs @ git+https://git.test/llmdocs"
    ]


def test_the_recipe_table_has_the_variables_of_the_recipe(site: Site) -> None:
    assert [(row[0], row[1]) for row in rows(site, "recipe.table")] == [
        ("`LLM_MODEL`", "yes"),
        ("`LLM_API_KEY`", "yes"),
        ("`LLM_EMBEDDING_MODEL`", "optional"),
    ]


def test_the_schedule_is_that_of_the_client(site: Site) -> None:
    waits = retries.schedule(Settings(model="openai/x"))

    assert rows(site, "retries.schedule") == [
        [str(number), with_unit(f"{wait:g}", "s")] for number, wait in enumerate(waits, start=1)
    ]


def test_the_rules_have_every_kind_of_failure(site: Site) -> None:
    assert rows(site, "retries.rules") == [
        [failure.value.description, "yes" if failure.retried else "no"]
        for failure in retries.Failure
    ]


def test_the_table_of_providers_has_the_catalogue(site: Site) -> None:
    titles = [row[0] for row in rows(site, "providers.table", "docs/en/llms/index.md")]

    assert titles == [f"[{item.title}]({item.name}.md)" for item in CATALOGUE.values()]


def test_the_links_of_the_providers_are_relative_to_the_page(site: Site) -> None:
    titles = [row[0] for row in rows(site, "providers.table", "docs/en/guides/retries.md")]

    assert titles[0] == "[OpenAI](../llms/openai.md)"


def test_upstream_defaults_are_those_of_the_data(site: Site) -> None:
    assert rows(site, "upstream.defaults") == [
        [
            release.name,
            str(release.num_retries),
            with_unit(str(release.retry_min_wait), "s"),
            with_unit(str(release.retry_max_wait), "s"),
        ]
        for release in upstream.releases()
    ]


def test_upstream_variables_are_those_of_the_data(site: Site) -> None:
    shown = rows(site, "upstream.variables")

    assert [row[0] for row in shown] == [f"`{item.name}`" for item in upstream.variables()]
    assert ["`LLM_OLLAMA_BASE_URL`", "not read here; use `LLM_BASE_URL`"] in shown


def test_the_installation_names_the_repository(site: Site) -> None:
    assert BLOCKS["install"](site.context(ENGLISH)) == [
        'pip install "llmdocs[mock] @ git+https://git.test/llmdocs"'
    ]


# For each table, its headings and a row in French.
IN_FRENCH = {
    "settings.table": ("| Variable | Type | Valeur par défaut | Sens |", "une clé : des carac"),
    "recipe.table": ("| Variable | Nécessaire ? | Sens |", "| oui | La clé du fournisseur."),
    "retries.schedule": ("| Nouvelle tentative | Attente |", "\N{NO-BREAK SPACE}s |"),
    "retries.rules": (
        "| Échec | Retenté |",
        "| 402, et un 400 ou un 429 qui le dit : le quota est épuisé | non |",
    ),
    "providers.table": ("| Guide | `LLM_MODEL` commence par |", "| [Ollama](ollama.md) |"),
    "upstream.defaults": ("| Versions | Tentatives | Attente minimale | Attente m", "| OpenDevin"),
    "upstream.variables": ("| Variable | Ici |", "passez `seed` à l"),
}


@pytest.mark.parametrize(("block", "texts"), IN_FRENCH.items(), ids=IN_FRENCH)
def test_french_tables_have_french_words(site: Site, block: str, texts: tuple[str, str]) -> None:
    shown = "\n".join(BLOCKS[block](site.context(FRENCH))).replace("\N{NO-BREAK SPACE}", " ")
    headings, row = (text.replace("\N{NO-BREAK SPACE}", " ") for text in texts)

    assert shown.startswith(headings)
    assert row in shown


def test_every_table_is_checked_in_french() -> None:
    named = {name for name in BLOCKS if not name.startswith(MISTAKE)}

    assert {*IN_FRENCH} == named - {"install", "recipe", "recipe.forms", "requirements"}


def test_a_mistake_shows_what_changes_the_error_and_the_verdict(site: Site) -> None:
    lines = BLOCKS["mistake.azure.no-version"](site.context("docs/en/llms/azure.md"))

    assert lines == [
        "What is changed in the recipe:",
        "",
        "```diff",
        "-LLM_API_VERSION=2024-10-21",
        "```",
        "",
        "The error that ends the program:",
        "",
        "```text",
        "llmdocs.errors.SettingsError: LLM_API_VERSION is not set, and Azure OpenAI needs it.",
        "```",
        "",
        "What `llmdocs doctor` says:",
        "",
        "```text",
        "LLM_API_VERSION is not set, and Azure OpenAI needs it.",
        "  Why: A call to Azure OpenAI cannot be made without it.",
        "  Fix: Set LLM_API_VERSION, as in the recipe of the guide.",
        "```",
        "",
    ]


def test_a_mistake_outside_the_settings_shows_no_change(site: Site) -> None:
    lines = BLOCKS["mistake.openai.quota"](site.context("docs/fr/llms/openai.md"))

    assert lines[0] == "L’erreur qui arrête le programme :"


def test_a_mistake_of_a_file_shows_the_file(site: Site) -> None:
    lines = BLOCKS["mistake.openai.no-table"](site.context("docs/en/guides/troubleshooting.md"))

    assert lines[:4] == [
        "What the TOML file holds:", "", "```toml", 'model = "openai/gpt-4.1-mini"',
    ]  # fmt: skip


def test_a_mistake_whose_error_was_not_captured_names_the_command(site: Site) -> None:
    (site.root / "snippets/azure/mistakes/key.error.txt").unlink()

    with pytest.raises(PageError, match=r"azure\.md:\d+: .*key\.error\.txt is missing: run"):
        site.expand("docs/en/llms/azure.md")


def test_the_words_of_a_table_are_those_of_strings_toml(site: Site) -> None:
    site.replace("docs/fr/strings.toml", 'variable = "Variable"', 'variable = "Nom"')

    assert BLOCKS["settings.table"](site.context(FRENCH))[0].startswith("| Nom | Type |")


def test_words_that_a_language_lacks_are_english(site: Site) -> None:
    site.write("docs/fr/strings.toml", '[table]\nyes = "oui"\n')

    assert BLOCKS["recipe.table"](site.context(FRENCH))[:3] == [
        "| Variable | Needed? | Meaning |",
        "| --- | --- | --- |",
        f"| `LLM_MODEL` | yes | {VARIABLES['LLM_MODEL'].description} |",
    ]


def test_a_language_without_strings_has_english_tables(site: Site) -> None:
    site.write("docs/de/llms/openai.md", "---\nrecipe: openai\n---\n")
    german = site.context("docs/de/llms/openai.md")

    assert BLOCKS["settings.table"](german) == BLOCKS["settings.table"](site.context(ENGLISH))


NUMBERED = [item for item in VARIABLES.values() if item.default is not None]


@pytest.mark.parametrize("name", [item.name for item in NUMBERED])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_follows_a_default_that_changes(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str, language: str
) -> None:
    page = f"docs/{language}/llms/index.md"
    old = site.expand(page)
    monkeypatch.setitem(VARIABLES, name, replace(VARIABLES[name], default="77"))
    new = site.expand(page)

    assert "77" not in old
    assert new.count(with_unit("77", VARIABLES[name].unit)) == 1


EXPAND_ALL = """
from pathlib import Path
import json, sys
from llmdocs.pages.expand import expand
from llmdocs.pages.facts import Context
from llmdocs.pages.page import languages, read_all

docs, snippets = Path(sys.argv[1]), Path(sys.argv[2])
pages = [page for language in languages(docs) for page in read_all(docs, language)]
contexts = [Context(page, docs, snippets, "") for page in pages]
print(json.dumps({f"{c.page.language}/{c.page.name}": expand(c) for c in contexts}))
"""


def test_every_page_follows_the_code_when_its_defaults_change(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src/llmdocs", tmp_path / "llmdocs")
    shutil.copytree(SNIPPETS, tmp_path / "llmdocs/snippets")
    source = tmp_path / "llmdocs/settings.py"
    new_defaults = iter(("2", "7", "11", "44", "55"))
    text = re.sub(
        r"(?<=default=)\d+(?=,\n)", lambda _: next(new_defaults), source.read_text("utf-8")
    )
    assert list(new_defaults) == []
    source.write_text(text, "utf-8")
    run = subprocess.run(
        [sys.executable, "-c", EXPAND_ALL, DOCS, SNIPPETS],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    shown = json.loads(run.stdout)
    space = "\N{NO-BREAK SPACE}"

    assert f"| 1 | 7{space}s |\n| 2 | 11{space}s |\n\n" in shown["en/guides/retries.md"]
    assert f"18{space}s en tout" in shown["fr/guides/retries.md"].replace("\n", " ")
    for language in ("en", "fr"):
        everything = shown[f"{language}/llms/index.md"] + shown[f"{language}/reference/settings.md"]
        for name in ("LLM_RETRY_MIN_WAIT", "LLM_RETRY_MAX_WAIT", "LLM_TIMEOUT"):
            assert f" {VARIABLES[name].default}{space}s" not in everything
