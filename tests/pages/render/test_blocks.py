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

from llmdocs import Settings, recipes, retries
from llmdocs.catalogue import upstream
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.errors import PageError
from llmdocs.pages.page import BLOCKS, Page, read
from llmdocs.pages.render.blocks import RENDERERS, rendered
from llmdocs.pages.render.expand import expand
from llmdocs.pages.render.facts import Context, with_unit
from llmdocs.recipes.forms import FORMS, written
from llmdocs.settings.fields import MAXIMA
from llmdocs.settings.variables import VARIABLES
from tests.pages.conftest import Site
from tests.support.site_files import DOCS, ROOT, SNIPPETS, pages

ENGLISH, FRENCH = "docs/en/llms/openai.md", "docs/fr/llms/openai.md"


def rows(site: Site, block: str, page: str = ENGLISH) -> list[list[str]]:
    """The cells of a table, row by row, without its headings."""
    lines = RENDERERS[block](site.context(page))
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


@pytest.mark.parametrize("name", recipes.names())
def test_the_recipe_is_the_file(site: Site, name: str) -> None:
    site.replace(ENGLISH, "recipe: openai\n---", f"recipe: {name}\n---")
    text = (site.root / "snippets" / name / "recipe.env").read_text("utf-8")

    assert RENDERERS["recipe"](site.context(ENGLISH)) == text.splitlines()


@pytest.mark.parametrize("page", [ENGLISH, FRENCH])
def test_the_forms_of_the_recipe_stand_under_tabs_with_the_same_labels(
    site: Site, page: str
) -> None:
    lines = RENDERERS["recipe.forms"](site.context(page))
    labels = [line.split('"')[1] for line in lines if line.startswith("===")]

    assert labels == [form.label for form in FORMS.values()]


def test_each_tab_holds_what_the_command_prints(site: Site) -> None:
    text = "\n".join(RENDERERS["recipe.forms"](site.context(ENGLISH)))
    variables = recipes.read("openai")

    for form in FORMS.values():
        fence = f"```{form.info}\n{written(variables, form.name)}```\n"
        assert f'=== "{form.label}"\n\n{indent(fence, "    ")}' in text


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("provider", CATALOGUE)
def test_each_providers_guide_shows_its_recipe_in_every_form(provider: str, language: str) -> None:
    page = read(DOCS, language, f"llms/{provider}.md")

    assert page.recipe == provider
    assert [embed.file for embed in page.programs] == [f"{provider}/chat.py"]


def test_a_recipe_that_a_form_cannot_hold_fails_with_page_and_line(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = "docs/en/llms/openai.md"
    line = site.line(guide, "{{ program.openai.chat }}")
    monkeypatch.setattr(recipes, "read", lambda *_: {"LLM_MODEL": "a b"})

    with pytest.raises(PageError, match=rf"openai\.md:{line}: LLM_MODEL contains a space"):
        site.expand(guide)


def test_the_requirements_name_the_repository(site: Site) -> None:
    assert RENDERERS["requirements"](site.context(ENGLISH)) == [
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


def test_the_table_of_providers_has_the_variables_of_each(site: Site) -> None:
    table = rows(site, "providers.table", "docs/en/llms/index.md")
    azure = next(row for row in table if row[0].startswith("[Azure"))
    named = {name for row in table for name in re.findall(r"LLM_\w+", " ".join(row))}

    assert azure[2:] == [
        "`LLM_API_KEY`, `LLM_BASE_URL`, `LLM_API_VERSION`",
        "`LLM_EMBEDDING_DEPLOYMENT_NAME`, `LLM_EMBEDDING_MODEL`",
    ]
    # Those that upstream's page lists.
    assert named == {
        "LLM_API_KEY", "LLM_BASE_URL", "LLM_API_VERSION", "LLM_EMBEDDING_MODEL",
        "LLM_EMBEDDING_DEPLOYMENT_NAME",
    }  # fmt: skip


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_example_of_a_provider_without_a_guide_has_none(site: Site, language: str) -> None:
    text = (site.root / f"docs/{language}/llms/index.md").read_text("utf-8")
    (section,) = re.findall(r"\{#other\}(.*?)\n## ", text, re.DOTALL)
    named = {name for name in re.findall(r"`(\w+_API_KEY)`", section) if name != "LLM_API_KEY"}
    own = {name for provider in CATALOGUE.values() for name in provider.key}

    assert len(named) == 1
    assert not named & own


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
    assert ["`LLM_OLLAMA_BASE_URL`", "not read; use `LLM_BASE_URL`"] in shown


def test_the_installation_names_the_repository(site: Site) -> None:
    assert RENDERERS["install"](site.context(ENGLISH)) == [
        'pip install "llmdocs[mock] @ git+https://git.test/llmdocs"'
    ]


# For each table, its headings and a row in French.
IN_FRENCH = {
    "settings.table": ("| Variable | Type | Valeur par défaut | Sens |", "une clé : des carac"),
    "recipe.table": ("| Variable | Nécessaire ? | Sens |", "| oui | La clé du fournisseur."),
    "retries.schedule": ("| Nouvelle tentative | Attente |", "\N{NO-BREAK SPACE}s |"),
    "retries.rules": (
        "| Échec | Retenté |",
        "| Quota épuisé : 402, ou un 400, un 403 ou un 429 qui l’indique | non |",
    ),
    "providers.links": ("[OpenAI](openai.md)", "[Ollama](ollama.md)"),
    "providers.table": (
        "| Guide | `LLM_MODEL` commence par | Nécessite aussi | Peut nécessiter |",
        "| [Ollama](ollama.md) |",
    ),
    "upstream.defaults": ("| Versions | Tentatives | Attente minimale | Attente m", "| OpenDevin"),
    "upstream.variables": ("| Variable | Ici |", "passez `seed` à l"),
}


@pytest.mark.parametrize(("block", "texts"), IN_FRENCH.items(), ids=IN_FRENCH)
def test_french_tables_have_french_words(site: Site, block: str, texts: tuple[str, str]) -> None:
    shown = "\n".join(RENDERERS[block](site.context(FRENCH))).replace("\N{NO-BREAK SPACE}", " ")
    headings, row = (text.replace("\N{NO-BREAK SPACE}", " ") for text in texts)

    assert shown.startswith(headings)
    assert row in shown


@pytest.mark.parametrize("page", [ENGLISH, FRENCH])
def test_the_settings_table_has_the_greatest_value_of_each_number(site: Site, page: str) -> None:
    types = {row[0].split("`")[1]: row[1] for row in rows(site, "settings.table", page)}
    maxima = {item.name: MAXIMA.get(item.expected) for item in VARIABLES.values()}

    assert {name for name, most in maxima.items() if most} >= {"LLM_MAX_RESPONSE_SIZE"}
    for name, most in maxima.items():
        assert most is None or re.search(rf"\b{most}\b", types[name]), name


def test_every_block_that_pages_may_name_is_rendered() -> None:
    assert RENDERERS.keys() == BLOCKS


def test_every_table_is_checked_in_french() -> None:
    assert {*IN_FRENCH} == {*RENDERERS} - {"install", "recipe", "recipe.forms", "requirements"}


def test_a_mistake_shows_the_right_value_and_folds_the_error_and_the_verdict(site: Site) -> None:
    assert rendered("mistake.azure.no-version", site.context("docs/en/llms/azure.md")) == [
        "",
        '```{ .env .right title="Right" }',
        "LLM_API_VERSION=2024-10-21",
        "```",
        "",
        '??? outcome "The error, and what llmdocs doctor reports"',
        "",
        '    ```text title="Error"',
        "    llmdocs.errors.SettingsError: LLM_API_VERSION is not set, and Azure OpenAI needs it.",
        "    ```",
        "",
        "    **llmdocs doctor**",
        "",
        "    `LLM_API_VERSION` is not set, and Azure OpenAI needs it.",
        "    {: .verdict }",
        "",
        "    Why: Azure OpenAI cannot be called without it.",
        "    {: .verdict }",
        "",
        "    Fix: Set `LLM_API_VERSION`, as in the recipe of the guide.",
        "    {: .verdict }",
        "",
        "",
    ]


def test_a_wrong_value_is_marked_as_wrong_and_offers_no_copy(site: Site) -> None:
    lines = rendered("mistake.azure.deployment", site.context("docs/fr/llms/azure.md"))
    assert lines

    assert lines[:8] == [
        "",
        '```{ .env .wrong .no-copy title="Erroné" }',
        "LLM_MODEL=azure/gpt-4.1-mini",
        "```",
        "",
        '```{ .env .right title="Correct" }',
        "LLM_MODEL=azure/your-chat-deployment",
        "```",
    ]


def test_a_mistake_outside_the_settings_shows_no_value(site: Site) -> None:
    lines = rendered("mistake.openai.quota", site.context("docs/fr/llms/openai.md"))
    assert lines

    assert lines[:2] == ["", '??? outcome "L’erreur, et ce qu’en dit llmdocs doctor"']


def test_a_mistake_of_a_file_shows_the_file(site: Site) -> None:
    lines = rendered("mistake.openai.no-table", site.context("docs/en/guides/troubleshooting.md"))
    assert lines

    assert lines[1:3] == [
        '```{ .toml .wrong .no-copy title="In the TOML file, wrong" }',
        'model = "openai/gpt-4.1-mini"',
    ]


def test_what_a_verdict_says_is_text_and_no_markdown(site: Site) -> None:
    path = site.root / "snippets/azure/mistakes/key.doctor.txt"
    path.write_text("A *star*, <b> and\n[x](y).\n  Why: LLM_A=b_c; it is\n       so.\n")
    lines = rendered("mistake.azure.key", site.context("docs/en/llms/azure.md"))
    assert lines

    assert "    A \\*star\\*, \\<b\\> and \\[x\\](y)." in lines
    assert "    Why: `LLM_A=b_c`; it is so." in lines


def test_a_mistake_whose_error_was_not_captured_names_the_command(site: Site) -> None:
    (site.root / "snippets/azure/mistakes/key.error.txt").unlink()

    with pytest.raises(PageError, match=r"azure\.md:\d+: .*key\.error\.txt is missing: run"):
        site.expand("docs/en/llms/azure.md")


def test_the_words_of_a_table_are_those_of_strings_toml(site: Site) -> None:
    site.replace("docs/fr/strings.toml", 'variable = "Variable"', 'variable = "Nom"')

    assert RENDERERS["settings.table"](site.context(FRENCH))[0].startswith("| Nom | Type |")


def test_words_that_a_language_lacks_are_english(site: Site) -> None:
    site.write("docs/fr/strings.toml", '[table]\nyes = "oui"\n')

    assert RENDERERS["recipe.table"](site.context(FRENCH))[:3] == [
        "| Variable | Needed? | Meaning |",
        "| --- | --- | --- |",
        f"| `LLM_MODEL` | yes | {VARIABLES['LLM_MODEL'].description} |",
    ]


def test_a_language_without_strings_has_english_tables(site: Site) -> None:
    site.write("docs/de/llms/openai.md", "---\nrecipe: openai\n---\n")
    german = site.context("docs/de/llms/openai.md")

    assert RENDERERS["settings.table"](german) == RENDERERS["settings.table"](site.context(ENGLISH))


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
from llmdocs.pages.render.expand import expand
from llmdocs.pages.render.facts import Context
from llmdocs.pages.page import languages, read_all

docs, snippets = Path(sys.argv[1]), Path(sys.argv[2])
pages = [page for language in languages(docs) for page in read_all(docs, language)]
contexts = [Context(page, docs, snippets, "") for page in pages if not page.is_partial]
print(json.dumps({f"{c.page.language}/{c.page.name}": expand(c) for c in contexts}))
"""


# A field with a default, and what becomes of it where a schedule is looked at.
DEFAULT = r"(?<=^    )(?P<field>\w+)(?P<kind>: .* = Field\(\n {8}default=)(?!None)(?P<value>[\w.]+)"
OF_THE_SCHEDULE = {"num_retries": "2", "retry_min_wait": "7", "retry_max_wait": "11"}


def _another(match: re.Match[str]) -> str:
    """The field with another default than its own."""
    another = OF_THE_SCHEDULE.get(match["field"], f"{match['value']} + 1")
    return f"{match['field']}{match['kind']}{another}"


def test_every_page_follows_the_code_when_its_defaults_change(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src/llmdocs", tmp_path / "llmdocs")
    shutil.copytree(SNIPPETS, tmp_path / "llmdocs/snippets")
    source = tmp_path / "llmdocs/settings/fields.py"
    text, count = re.subn(DEFAULT, _another, source.read_text("utf-8"), flags=re.MULTILINE)
    assert count == len(NUMBERED)
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
        for name in [item.name for item in NUMBERED if item.unit == "s"]:
            assert f" {VARIABLES[name].default}{space}s" not in everything
