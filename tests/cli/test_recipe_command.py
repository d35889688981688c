"""`llmdocs recipe` as a person, a script and a shell's completion use it, wrong input included."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from llmdocs import recipes
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.cli import main
from llmdocs.recipes.forms import FORMS, written
from tests.cli.test_cli import LLMDOCS, PLAIN

SECRET = "sk-secret"


@pytest.fixture
def recipe() -> Callable[..., Result]:
    """In this process, with nothing of its environment to be seen in what is printed."""
    return lambda *arguments: CliRunner().invoke(
        main, ["recipe", *arguments], env={"LLM_NUM_RETRIES": "many"}
    )


class TestWithoutAProvider:
    def test_lists_the_catalogue_one_a_line(self, recipe: Callable[..., Result]) -> None:
        result = recipe()

        assert (result.exit_code, result.stdout.split("\n")) == (0, [*CATALOGUE, ""])

    def test_lists_it_as_json(self, recipe: Callable[..., Result]) -> None:
        assert json.loads(recipe("--json").stdout) == [*CATALOGUE]

    @pytest.mark.parametrize("option", [["--as", "env"], ["--set", "LLM_MODEL=a"]])
    def test_takes_no_option_of_a_recipe(
        self, recipe: Callable[..., Result], option: list[str]
    ) -> None:
        result = recipe(*option)

        assert (result.exit_code, result.stdout) == (2, "")
        assert "llmdocs recipe PROVIDER" in result.stderr


class TestARecipe:
    @pytest.mark.parametrize("provider", CATALOGUE)
    @pytest.mark.parametrize("form", FORMS)
    def test_is_printed_in_each_form(
        self, recipe: Callable[..., Result], provider: str, form: str
    ) -> None:
        result = recipe(provider, "--as", form)

        assert result.exit_code == 0
        assert result.stdout_bytes.decode() == written(recipes.read(provider), form)

    def test_is_an_env_file_unless_another_form_is_named(
        self, recipe: Callable[..., Result]
    ) -> None:
        assert recipe("azure").stdout == recipe("azure", "--as", "env").stdout

    def test_is_json_for_scripts(self, recipe: Callable[..., Result]) -> None:
        result = recipe("azure", "--json", "--set", "LLM_NUM_RETRIES=3")

        assert json.loads(result.stdout) == {**recipes.read("azure"), "LLM_NUM_RETRIES": "3"}

    def test_takes_a_readers_own_values(self, recipe: Callable[..., Result]) -> None:
        result = recipe(
            "openai", "--as", "bash",
            "--set", "LLM_API_KEY=it's = mine", "--set", "LLM_TIMEOUT=5", "--set", "LLM_TIMEOUT=6",
            "--set", "LLM_EMBEDDING_MODEL=",
        )  # fmt: skip

        assert result.stdout == (
            "export LLM_MODEL=openai/gpt-4.1-mini\n"
            """export LLM_API_KEY='it'"'"'s = mine'\n"""
            "export LLM_TIMEOUT=6\n"
        )

    def test_is_utf_8_that_ends_with_one_line_end_in_any_locale(self) -> None:
        result = subprocess.run(
            [LLMDOCS, "recipe", "openai", "--as", "powershell", "--set", "LLM_MODEL=openai/é’\n"],
            env={**PLAIN, "LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "ascii"}, capture_output=True,
        )  # fmt: skip
        lines = result.stdout.decode("utf-8").split("\n")

        assert lines[:2] == ["$env:LLM_MODEL = 'openai/é’’", "'"]
        assert lines[-2:] == ["$env:LLM_EMBEDDING_MODEL = 'openai/text-embedding-3-small'", ""]


class TestWrongInput:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["azur"], "There is no provider 'azur'. Did you mean azure? The providers are: "),
            (["retries"], "There is no provider 'retries'."),
            (["azure", "--as", "powershel"], "no format 'powershel'. Did you mean powershell? The"),
            (["azure", "--json", "--as", "env"], "--json is a format of its own: omit --as."),
            (["azure", "--set", "LLM_MODLE=a"], "--set: LLM_MODLE is not a setting. Did you mean "),
            (["azure", "--set", "LLM_MODLE="], "--set: LLM_MODLE is not a setting. Did you mean "),
            (
                ["azure", "--set", "LLM_TIMEOUT=a"],
                "--set: LLM_TIMEOUT is 'a'; expected: a number of",
            ),
            (["azure", "--set", "LLM_MODEL="], "LLM_MODEL is not set; expected: text."),
            (["azure", "--set", f"{SECRET}"], "--set: this is not NAME=VALUE"),
            (["azure", "--set", f"LLM_API_KEY{SECRET}="], "--set: LLM_API_KEY… is not a setting."),
            (
                ["azure", "--set", f"LLM_API_KEY={SECRET}é"],
                "--set: LLM_API_KEY is not a valid header value",
            ),
            (
                ["azure", "--set", f"LLM_API_KEY={SECRET} b"],
                "LLM_API_KEY contains a space, which",
            ),
            (
                ["azure", "--set", f"LLM_API_KEY={SECRET}$"],
                "Choose another format: bash, fish, power",
            ),
        ],
    )
    def test_exits_2_with_one_line_and_no_secret(
        self, recipe: Callable[..., Result], arguments: list[str], message: str
    ) -> None:
        result = recipe(*arguments)

        assert (result.exit_code, result.stdout) == (2, "")
        assert message in result.stderr
        assert result.stderr.count("\n") == 1
        assert SECRET not in result.stderr

    def test_a_value_is_refused_in_one_form_and_printed_in_another(
        self, recipe: Callable[..., Result]
    ) -> None:
        arguments = ["azure", "--set", "LLM_API_KEY=a b"]

        assert recipe(*arguments).exit_code == 2
        assert 'LLM_API_KEY: "a b"' in recipe(*arguments, "--as", "compose").stdout


class TestHelp:
    def test_names_every_form(self, recipe: Callable[..., Result]) -> None:
        words = " ".join(recipe("--help").stdout.replace(",", " ").replace(".", " ").split())
        *most, last = FORMS

        assert f"env (the default) {' '.join(most[1:])} or {last}" in words

    @pytest.mark.parametrize(
        ("typed", "word", "offered"),
        [
            (["recipe"], "az", ["azure"]),
            (["recipe", "azure", "--as"], "d", ["docker"]),
            (["recipe", "azure", "--set"], "LLM_MODEL", ["LLM_MODEL="]),
        ],
    )
    def test_a_shell_completes_names(self, typed: list[str], word: str, offered: list[str]) -> None:
        completions = ShellComplete(main, {}, "llmdocs", "_").get_completions(typed, word)

        assert [completion.value for completion in completions] == offered
