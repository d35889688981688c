"""A recipe holds exactly what its provider needs and its declared extras, in its bare form."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmdocs import recipes
from llmdocs.catalogue.providers import CATALOGUE, PAGE_EXTRAS
from llmdocs.errors import RecipeError
from llmdocs.settings.variables import VARIABLES
from tests.support.site_files import SNIPPETS
from tests.support.snippet_runs import REMOVALS


def write(folder: Path, text: str) -> Path:
    (folder / "mine").mkdir(exist_ok=True)
    (folder / "mine" / recipes.FILE_NAME).write_text(text)
    return folder


@pytest.mark.parametrize("name", recipes.names())
def test_a_recipe_holds_exactly_the_needs_and_the_declared_extras(name: str) -> None:
    recipes.check(name)


def test_every_provider_has_a_recipe() -> None:
    assert set(CATALOGUE) <= set(recipes.names())


@pytest.mark.parametrize("name", recipes.names())
def test_losing_any_one_variable_of_a_recipe_is_noticed(name: str, tmp_path: Path) -> None:
    lines = (SNIPPETS / name / recipes.FILE_NAME).read_text().splitlines(keepends=True)
    (tmp_path / name).mkdir()
    for index, line in enumerate(lines):
        variable = line.partition("=")[0]
        (tmp_path / name / recipes.FILE_NAME).write_text(
            "".join(lines[:index] + lines[index + 1 :])
        )
        REMOVALS.add(f"{name}/{variable}")

        with pytest.raises(RecipeError, match=variable):
            recipes.check(name, tmp_path)


def test_a_variable_that_nothing_declares_is_noticed(tmp_path: Path) -> None:
    folder = write(tmp_path, "LLM_MODEL=openai/a\nLLM_API_KEY=k\nLLM_API_VERSION=1\n")

    with pytest.raises(RecipeError, match=r"recipe.env:3: LLM_API_VERSION is neither a variable"):
        recipes.check("mine", folder)


def test_a_variable_with_a_wrong_name_is_told_the_nearest(tmp_path: Path) -> None:
    folder = write(tmp_path, "LLM_MODEL=openai/a\nLLM_API_KEYS=k\n")

    with pytest.raises(RecipeError, match=r"recipe.env:2: .*Did you mean LLM_API_KEY"):
        recipes.check("mine", folder)


def test_a_model_of_no_known_provider_is_told_the_nearest_prefix(tmp_path: Path) -> None:
    folder = write(tmp_path, "LLM_API_KEY=k\nLLM_MODEL=opnai/a\n")

    with pytest.raises(RecipeError, match=r"recipe.env:2: .*'opnai'.*Did you mean openai"):
        recipes.check("mine", folder)


@pytest.mark.parametrize(
    "line",
    [
        'LLM_MODEL="openai/a"',
        "LLM_MODEL='openai/a'",
        "LLM_MODEL = openai/a",
        "LLM_MODEL=openai/a ",
        "export LLM_MODEL=openai/a",
        "LLM_MODEL=$MODEL",
        "LLM_MODEL=`model`",
        "LLM_MODEL=a*",
        "LLM_MODEL=~/a",
        "LLM_MODEL=a;b",
        "LLM_MODEL=a#b",
        "LLM_MODEL=",
        "llm_model=openai/a",
        "",
    ],
)
def test_a_line_that_is_not_bare_is_refused_with_its_number(tmp_path: Path, line: str) -> None:
    folder = write(tmp_path, f"LLM_API_KEY=k\n{line}\n")

    with pytest.raises(RecipeError, match=r"recipe.env:2: .* is not NAME=value"):
        recipes.read("mine", folder)


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, "LLM_API_KEY=k\nLLM_API_KEY=l\n")

    with pytest.raises(RecipeError, match=r"recipe.env:2: LLM_API_KEY is set twice"):
        recipes.read("mine", folder)


def test_an_unknown_recipe_is_told_the_nearest() -> None:
    with pytest.raises(RecipeError, match="Did you mean azure"):
        recipes.read("azur")


def test_the_catalogue_names_settings_only() -> None:
    names = {
        *(name for item in CATALOGUE.values() for name in (*item.needs, *item.extras)),
        *(name for extras in PAGE_EXTRAS.values() for name in extras),
    }

    assert names <= set(VARIABLES)
