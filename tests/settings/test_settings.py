"""Where settings come from, which source wins, and what a wrong one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmdocs import Settings
from llmdocs.errors import SettingsError, UnreadableFileError
from llmdocs.settings.env_example import render_env_example
from llmdocs.settings.variables import VARIABLES
from tests.support.site_files import ROOT

KEY = "sk-secret-of-the-test"
ADDRESS = "an address that starts with http:// or https:// and contains a host"


@pytest.fixture(autouse=True)
def _only_what_the_test_sets(cleared_environment: None) -> None:
    """Settings read the environment, so it starts empty."""


def error_of(**arguments: object) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.load(**arguments)  # type: ignore[arg-type]
    assert caught.value.__context__ is None
    return str(caught.value)


def test_a_default_is_a_promise() -> None:
    """Readers rely on them. A changed one needs a line in CHANGELOG.md, and a row in the data of
    the page on upgrading: `catalogue/upstream.toml`."""
    defaults = Settings(model="openai/any").model_dump()

    assert defaults == {
        "model": "openai/any",
        "api_key": None,
        "base_url": None,
        "api_version": None,
        "embedding_model": None,
        "embedding_deployment_name": None,
        "num_retries": 8,
        "retry_min_wait": 15,
        "retry_max_wait": 120,
        "timeout": 300,
        "max_response_size": 100,
        "max_budget": None,
        "base_model": None,
    }


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        (
            {"retry_min_wait": 200},
            "LLM_RETRY_MIN_WAIT is 200, more than LLM_RETRY_MAX_WAIT, which is 120 by default. ",
        ),
        (
            {"retry_max_wait": 5},
            "LLM_RETRY_MAX_WAIT is 5, less than LLM_RETRY_MIN_WAIT, which is 15 by default. ",
        ),
        (
            {"retry_min_wait": 10, "retry_max_wait": 9.5},
            "LLM_RETRY_MIN_WAIT is 10, more than LLM_RETRY_MAX_WAIT, which is 9.5. ",
        ),
    ],
)
def test_a_least_value_above_the_most_names_both(variables: dict[str, float], problem: str) -> None:
    error = error_of(model="openai/any", **variables)

    assert error == (f"{problem}Lower LLM_RETRY_MIN_WAIT, or raise LLM_RETRY_MAX_WAIT.")


def test_a_least_value_above_the_most_is_told_with_its_line(tmp_path: Path) -> None:
    env_file = tmp_path / "a.env"
    env_file.write_text("LLM_MODEL=openai/any\nLLM_RETRY_MIN_WAIT=200\n")

    assert error_of(env_file=env_file).startswith(f"{env_file}:2: LLM_RETRY_MIN_WAIT is 200, ")


def test_settings_read_their_arguments_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_NUM_RETRIES", "2")
    monkeypatch.setenv("LLM_UNHEARD_OF", "2")

    assert Settings(model="openai/a").num_retries == Settings(model="openai/b").num_retries != 2


def test_each_source_wins_over_the_next(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    env_file, config = tmp_path / "a.env", tmp_path / "a.toml"
    monkeypatch.setenv("LLM_MODEL", "from/environment")
    monkeypatch.setenv("LLM_BASE_URL", "https://environment.example")
    env_file.write_text("LLM_BASE_URL=https://file.example\nLLM_API_VERSION=file\nLLM_MODEL=x/y\n")
    config.write_text('[llm]\nmodel = "x/z"\napi_version = "toml"\nnum_retries = 3\n')

    settings = Settings.load(env_file, config, model="from/argument")

    assert settings.model == "from/argument"
    assert settings.base_url == "https://environment.example"
    assert settings.api_version == "file"
    assert settings.num_retries == 3


def test_an_empty_value_counts_as_unset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("LLM_NUM_RETRIES=3\nLLM_API_KEY=\n")
    monkeypatch.setenv("LLM_MODEL", "openai/a")
    monkeypatch.setenv("LLM_NUM_RETRIES", "")

    settings = Settings.load(env_file)

    assert settings.num_retries == 3
    assert settings.api_key is None


def test_the_model_is_required() -> None:
    assert error_of().startswith("LLM_MODEL is not set; expected: text.")


def test_an_unknown_name_is_told_the_nearest_known_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    env_file, config = tmp_path / "a.env", tmp_path / "a.toml"
    env_file.write_text("# comment\n\nLLM_MODLE=openai/a\nOTHER_PROGRAM=1\n")
    config.write_text('title = "x"\n[llm]\nnum_retry = 3\n[other]\nx = 1\n')

    assert f"{env_file}:3: LLM_MODLE is not a setting. Did you mean LLM_MODEL?" in error_of(
        env_file=env_file
    )
    assert f"{config}, table [llm]: num_retry is not a setting. Did you mean num_retries?" in (
        error_of(config=config)
    )
    assert "nam_retries is not a setting. Did you mean num_retries?" in error_of(nam_retries=1)
    monkeypatch.setenv("LLM_NUMRETRIES", "3")
    assert "LLM_NUMRETRIES is not a setting. Did you mean LLM_NUM_RETRIES?" in error_of()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("LLM_NUM_RETRIES", "many", "a whole number from 0 to 10000"),
        ("LLM_NUM_RETRIES", "-1", "a whole number from 0 to 10000"),
        ("LLM_NUM_RETRIES", "2.5", "a whole number from 0 to 10000"),
        ("LLM_RETRY_MIN_WAIT", "inf", "a number of seconds from 0 to 86400 (one day)"),
        ("LLM_RETRY_MAX_WAIT", "nan", "a number of seconds from 0 to 86400 (one day)"),
        ("LLM_RETRY_MAX_WAIT", "1e9", "a number of seconds from 0 to 86400 (one day)"),
        ("LLM_BASE_URL", "localhost:11434", ADDRESS),
        ("LLM_BASE_URL", "http://", ADDRESS),
        ("LLM_BASE_URL", "http://[::1", ADDRESS),
        ("LLM_BASE_URL", "http://localhost:abc", ADDRESS),
        ("LLM_BASE_URL", "http://a b", ADDRESS),
        ("LLM_NUM_RETRIES", "9" * 400, "a whole number from 0 to 10000"),
    ],
)
def test_a_value_that_does_not_fit_is_told_what_is_expected(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv("LLM_MODEL", "openai/a")
    monkeypatch.setenv(name, value)

    message = error_of()

    assert message.startswith(f"{name} is {value[:60]!r}"[:-1])
    assert message.endswith(f"; expected: {expected}.")


def test_every_wrong_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_NUM_RETRIES", "x")
    monkeypatch.setenv("LLM_BASE_URL", "y")

    lines = error_of().splitlines()

    assert [line.split()[0] for line in lines] == ["LLM_MODEL", "LLM_BASE_URL", "LLM_NUM_RETRIES"]


@pytest.mark.parametrize("key", [f"{KEY}\n", f" {KEY}", f"{KEY}é", f"{KEY}\x00"])
def test_a_key_that_no_header_carries_is_refused_and_not_shown(key: str) -> None:
    message = error_of(model="openai/a", api_key=key)

    assert message.startswith("LLM_API_KEY is not a valid header value; expected: a key")
    assert KEY not in message


def test_a_key_pasted_into_another_variable_is_not_shown() -> None:
    message = error_of(model="openai/a", api_key=KEY, base_url=KEY, num_retries=KEY)

    assert KEY not in message
    assert message.count("a value that contains the key") == 2


@pytest.mark.parametrize(
    ("variable", "value", "shown"),
    [
        ("timeout", "30 # hunter2", "LLM_TIMEOUT is '30' and a comment"),
        ("timeout", "30\t// hunter2 for Ann", "LLM_TIMEOUT is '30' and a comment"),
        ("num_retries", "none # hunter2", "LLM_NUM_RETRIES is 'none' and a comment"),
    ],
)
def test_a_comment_after_a_value_is_not_shown(variable: str, value: str, shown: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(model="openai/a", **{variable: value})

    assert str(caught.value).startswith(f"{shown}; expected: ")
    assert "hunter2" not in str(caught.value)


def test_the_key_is_not_in_what_is_printed_of_settings() -> None:
    settings = Settings(model="openai/a", api_key=KEY)

    assert KEY not in f"{settings!r} {settings} {settings.model_dump()}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("LLM_MODEL\n", ":1: this line is not NAME=value."),
        ("LLM_MODEL=x/y\n\nLLM_API_KEY='open\n", ":3: this line is not NAME=value."),
    ],
)
def test_a_line_of_an_env_file_that_is_no_assignment_is_named(
    tmp_path: Path, text: str, message: str
) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(text)

    assert error_of(env_file=env_file) == f"{env_file}{message}"


def test_a_toml_file_is_told_what_is_wrong_with_it(tmp_path: Path) -> None:
    config = tmp_path / "a.toml"
    config.write_text('model = "openai/a"\n')
    assert "there is no [llm] table" in error_of(config=config)

    config.write_text("[llm\n")
    assert f"{config}: this file is not TOML" in error_of(config=config)

    config.write_text('[llm]\nmodel = "openai/a"\nnum_retries = true\n')
    assert "LLM_NUM_RETRIES is 'True'; expected: a whole number" in error_of(config=config)


def test_an_unreadable_file_is_an_error_of_its_own(tmp_path: Path) -> None:
    binary = tmp_path / "binary.env"
    binary.write_bytes(b"\xff\xfe\x00")

    for path in (tmp_path / "none.env", tmp_path, binary):
        with pytest.raises(UnreadableFileError, match=f"^{path}: this file"):
            Settings.load(path)


def test_every_variable_has_a_field_a_meaning_and_a_form() -> None:
    assert {f"LLM_{name.upper()}" for name in Settings.model_fields} == set(VARIABLES)
    assert all(variable.description and variable.expected for variable in VARIABLES.values())


def test_env_example_is_what_the_code_says(request: pytest.FixtureRequest) -> None:
    path = ROOT / ".env.example"
    if request.config.getoption("update_examples"):
        path.write_text(render_env_example(), "utf-8")

    assert path.read_text("utf-8") == render_env_example(), "run `make update` to render it"


@pytest.mark.parametrize("value", ["", None])
def test_an_empty_argument_counts_as_unset_too(value: str | None) -> None:
    settings = Settings(model="openai/a", base_url=value, num_retries=value, api_key=value)

    assert settings == Settings(model="openai/a")


def test_the_last_line_for_a_name_wins_as_in_a_shell(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("\ufeffLLM_MODEL=a/b\r\nLLM_MODEL=c/d\r\n")

    assert Settings.load(env_file).model == "c/d"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('LLM_MODEL = "a/b"', "LLM_MODEL is not a setting. Did you mean model?"),
        ('Model = "a/b"', "Model is not a setting. Did you mean model?"),
    ],
)
def test_a_toml_key_is_named_as_it_is_written(tmp_path: Path, line: str, message: str) -> None:
    config = tmp_path / "a.toml"
    config.write_text(f"[llm]\n{line}\n")

    assert f"table [llm]: {message}" in error_of(config=config)


def test_an_argument_in_capitals_is_told_its_name() -> None:
    with pytest.raises(SettingsError, match=r"^LLM_MODEL is not a setting. Did you mean model\?"):
        Settings(LLM_MODEL="a/b")


def test_a_variable_in_another_case_is_told_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_Model", "a/b")

    assert "LLM_Model is not a setting. Did you mean LLM_MODEL?" in error_of()


@pytest.mark.parametrize("text", [f"[llm]\nx = {'[' * 100_000}", f"[llm]\nx = {'9' * 5000}"])
def test_a_toml_file_beyond_reason_is_an_error_of_ours(tmp_path: Path, text: str) -> None:
    config = tmp_path / "a.toml"
    config.write_text(text)

    assert f"{config}: this file is not TOML" in error_of(config=config)


def test_a_number_beyond_reason_is_an_error_of_ours() -> None:
    assert "LLM_RETRY_MIN_WAIT is a number with thousands of digits" in error_of(
        model="a/b", retry_min_wait=10**5000
    )


def test_settings_cannot_be_changed_and_say_so_without_the_value() -> None:
    with pytest.raises(TypeError) as caught:
        # The type checker knows it too: the model is frozen.
        Settings(model="a/b").api_key = KEY  # type: ignore[misc,assignment]

    assert KEY not in str(caught.value)


def test_the_password_of_an_address_is_shown_nowhere() -> None:
    settings = Settings(model="a/b", base_url="https://me:pa55word@host.example/v1")
    message = error_of(model="a/b", base_url="ftp://me:pa55word@host.example")

    assert "https://***@host.example/v1" in repr(settings)
    assert "ftp://***@host.example" in message


def test_an_error_keeps_nothing_of_an_unreadable_file(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_bytes(f"LLM_API_KEY={KEY}\n".encode() + b"\xff")

    with pytest.raises(UnreadableFileError) as caught:
        Settings.load(env_file)

    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
