"""A recipe with a reader's own values, in the format and of the provider that they choose."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from llmdocs import recipes
from llmdocs.recipes.forms import FORMS
from llmdocs.recipes.programs import parts
from llmdocs.site.recipe_data import FILE
from tests.browser.conftest import OpenPage
from tests.support.built_site import Site
from tests.support.site_files import SNIPPETS

GUIDES = [f"{language}llms/{name}/" for language in ("", "fr/") for name in recipes.providers()]
CLIPBOARD = ["clipboard-read", "clipboard-write"]
each_language = pytest.mark.parametrize("language", ["", "fr/"])
# Runs what a reader saved in each folder that it is given, as `python chat.py` there would.
DRIVER = """
import contextlib, io, json, os, runpy, sys
printed = {}
for folder in json.load(open(sys.argv[1])):
    os.chdir(folder)
    with contextlib.redirect_stdout(io.StringIO()) as output:
        runpy.run_path("chat.py", run_name="__main__")
    printed[folder] = output.getvalue()
print(json.dumps(printed))
"""


def blocks(page: Page) -> Iterator[tuple[str, str]]:
    """The title of each block of the chosen tab, and what its button copies."""
    for block in page.locator(".tabbed-block:visible > .highlight").all():
        title = block.locator(".filename").evaluate("title => title.firstChild.data")
        block.locator(".md-code__button").click()
        yield title, page.evaluate("navigator.clipboard.readText()")


def shown(page: Page) -> list[str]:
    """The text of each block of the chosen tab."""
    return [code.inner_text() for code in page.locator(".tabbed-block:visible code").all()]


def values(page: Page) -> None:
    page.locator(".recipe-values > summary").click()


def choose(page: Page, label: str) -> None:
    page.locator(".tabbed-labels > label", has_text=label).first.click()


def test_the_first_tab_of_every_guide_runs_as_it_is_copied(
    open_page: OpenPage, tmp_path: Path
) -> None:
    folders = []
    for guide in GUIDES:
        page = open_page(guide, permissions=CLIPBOARD)
        folder = tmp_path / guide.replace("/", "-")
        folder.mkdir()
        *files, (terminal, command) = blocks(page)
        for name, text in files:
            (folder / name).write_text(f"{text}\n", "utf-8")
        assert terminal == "Terminal"
        assert command.strip() == "python chat.py"
        folders.append(str(folder))
        page.context.close()
    (tmp_path / "driver.py").write_text(DRIVER)
    (tmp_path / "folders.json").write_text(json.dumps(folders))
    run = subprocess.run(
        [
            sys.executable, "-c", "from llmdocs.cli import main; main()", "mock", "--",
            sys.executable, "driver.py", "folders.json",
        ],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
        env={name: value for name, value in os.environ.items() if not name.startswith("LLM_")},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    printed = json.loads(run.stdout)

    assert [*printed] == folders
    for folder, output in printed.items():
        (expected,) = (
            line.removeprefix("#> ")
            for line in Path(folder, "chat.py").read_text("utf-8").splitlines()
            if line.startswith("#> ")
        )
        assert output == f"{expected}\n"


@each_language
def test_a_value_appears_in_every_format_and_in_other_snippets(
    language: str, open_page: OpenPage
) -> None:
    page = open_page(f"{language}llms/azure/")
    values(page)
    page.get_by_label("your-resource").fill("contoso")
    variables = recipes.read("azure") | {"LLM_BASE_URL": "https://contoso.openai.azure.com"}
    source = (SNIPPETS / "azure/chat.py").read_text("utf-8")
    requirement = page.evaluate(
        "fetch(new URL(document.querySelector('link[rel=icon]').href + '/../recipes.json'))"
        ".then(response => response.json()).then(data => data.requirement)"
    )

    for form in FORMS.values():
        choose(page, form.label)
        wanted = [part.text for part in parts(variables, form.name, source, requirement)]
        assert [text.rstrip("\n") for text in shown(page)] == [text.rstrip("\n") for text in wanted]


def test_values_stay_in_this_browser_for_the_other_language_and_go_with_reset(
    address: str, open_page: OpenPage
) -> None:
    page = open_page("llms/azure/")
    values(page)
    page.get_by_label("your-resource").fill("contoso")
    page.goto(f"{address}fr/llms/azure/")
    expect(page.locator(".tabbed-block:visible code").first).to_contain_text("contoso.openai")
    page.get_by_role("button", name="Réinitialiser").click()
    expect(page.locator(".tabbed-block:visible code").first).to_contain_text("your-resource")
    page.reload()

    expect(page.locator(".tabbed-block:visible code").first).to_contain_text("your-resource")


def test_no_field_asks_for_a_key(open_page: OpenPage, site: Site) -> None:
    data = json.loads((site.folder / FILE).read_text("utf-8"))
    page = open_page("llms/azure/")
    values(page)
    labels = page.locator(".recipe-fields label").all_inner_texts()

    assert len(labels) == len(data["providers"]["azure"]["own"])
    assert not any("KEY" in label for label in labels)


def test_a_value_that_a_format_cannot_hold_is_said_and_not_copied(open_page: OpenPage) -> None:
    page = open_page("llms/ollama/")
    values(page)
    page.get_by_label("LLM_MODEL", exact=True).fill("ollama_chat/it's $HOME")
    expect(page.locator(".tabbed-block:visible code").first).to_contain_text("LLM_MODEL holds a")
    expect(page.locator(".tabbed-block:visible .md-code__button").first).to_be_hidden()
    choose(page, "Bash")

    expect(page.locator(".tabbed-block:visible code").first).to_contain_text(
        """export LLM_MODEL='ollama_chat/it'"'"'s $HOME'"""
    )


@pytest.mark.parametrize(
    ("label", "client"),
    [
        (".env", 'LLM.from_env(".env")'),
        ("fish", "LLM.from_env()"),
        ("Docker", "LLM.from_env()"),
        ("TOML", 'LLM.from_env(config="llm.toml")'),
        ("Python", "LLM(\n    Settings("),
    ],
)
def test_later_snippets_follow_the_format(label: str, client: str, open_page: OpenPage) -> None:
    page = open_page("llms/groq/")
    choose(page, label)

    expect(page.locator("#streaming ~ .language-python code").first).to_contain_text(
        f"llm = {client}"
    )


def test_snippets_of_other_pages_follow_the_format_that_was_chosen(
    address: str, open_page: OpenPage
) -> None:
    page = open_page("llms/groq/")
    choose(page, "TOML")
    page.goto(f"{address}guides/streaming/")

    expect(page.locator(".language-python code").first).to_contain_text(
        'LLM.from_env(config="llm.toml")'
    )


class TestALink:
    def test_opens_its_format_and_fills_in(self, open_page: OpenPage) -> None:
        page = open_page("llms/azure/?form=docker&resource=contoso&model=chat")

        expect(page.get_by_role("radio", name="Docker")).to_be_checked()
        expect(page.locator(".tabbed-block:visible code").first).to_contain_text("azure/chat")
        expect(page.locator(".recipe-notice")).to_contain_text("resource=contoso")

    def test_is_forgotten_unless_its_values_are_kept(
        self, address: str, open_page: OpenPage
    ) -> None:
        page = open_page("llms/azure/?resource=contoso")
        page.goto(f"{address}llms/azure/")
        expect(page.locator(".tabbed-block:visible code").first).to_contain_text("your-resource")
        page.goto(f"{address}llms/azure/?resource=contoso")
        page.get_by_role("button", name="Keep").click()
        page.goto(f"{address}llms/azure/")

        expect(page.locator(".tabbed-block:visible code").first).to_contain_text("contoso.openai")

    def test_is_text_whatever_it_holds(self, open_page: OpenPage) -> None:
        page = open_page("llms/azure/?resource=%3Cimg%20src=x%20onerror=alert(1)%3E&form=toml")
        expect(page.locator(".tabbed-block:visible code").first).to_contain_text("<img src=x")

        assert page.locator("article img").count() == 0

    def test_cannot_set_a_key(self, open_page: OpenPage) -> None:
        page = open_page("llms/azure/?api_key=sk-1&LLM_API_KEY=sk-1&azure-api-key=sk-1")
        expect(page.locator(".recipe-values")).to_be_visible()

        assert "sk-1" not in page.locator("article").inner_text()


@each_language
@pytest.mark.parametrize("path", ["", "guides/recipes/"])
def test_the_picker_shows_what_is_picked(path: str, language: str, open_page: OpenPage) -> None:
    page = open_page(f"{language}{path}", permissions=CLIPBOARD)
    provider, need = (page.locator(".recipe-picker select").nth(place) for place in (0, 1))
    provider.select_option("ollama")
    need.select_option("stream")
    choose(page, "TOML")
    source = (SNIPPETS / "ollama/stream.py").read_text("utf-8")
    wanted = parts(recipes.read("ollama"), "toml", source, "")

    assert [text for _, text in blocks(page)] == [part.text.rstrip("\n") for part in wanted]
    expect(page.locator(".recipe-check")).to_contain_text("llmdocs doctor --config llm.toml")
    assert "?provider=ollama&need=stream" in page.url


def test_a_provider_without_embeddings_offers_none(open_page: OpenPage) -> None:
    page = open_page("?provider=azure&need=embed")
    provider, need = (page.locator(".recipe-picker select").nth(place) for place in (0, 1))
    expect(need).to_have_value("embed")
    provider.select_option("groq")

    expect(page.locator(".recipe-picker select").nth(1)).to_have_value("chat")
    assert page.locator(".recipe-picker option[value=embed]").count() == 0


def test_a_file_is_downloaded_as_it_is_shown(open_page: OpenPage) -> None:
    page = open_page("?provider=azure")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download chat.py").first.click()
    download = waiting.value

    assert download.suggested_filename == "chat.py"
    assert Path(download.path()).read_text("utf-8").rstrip("\n") == shown(page)[1].rstrip("\n")


@each_language
def test_without_a_script_the_recipe_and_the_guides_are_there(
    language: str, open_page: OpenPage
) -> None:
    page = open_page(language, java_script_enabled=False)

    expect(page.locator(".tabbed-block:visible code").first).to_contain_text("LLM_MODEL=openai/")
    for name in recipes.providers():
        expect(page.locator(f".providers a[href*='{name}']")).to_be_visible()
