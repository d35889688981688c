"""Any environment at all gives settings, or an error that says what to fix: nothing else."""

from __future__ import annotations

import asyncio
import json
import math
import os
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from llmdocs import LLM, Settings, recipes
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.cli import main
from llmdocs.errors import LLMDocsError, SettingsError, UnreadableFileError
from llmdocs.retries import schedule
from llmdocs.settings.sources import PREFIX
from llmdocs.settings.variables import VARIABLES
from llmdocs.wire.server import MockedProviders

KNOWN = sorted(VARIABLES)
Environment = dict[str, str]

ODD_NUMBERS = """
inf -inf nan NaN 1e400 -1e400 1e-400 -0 -0.0 1_0 0x10 ٣ １２ ² 1. .5 + - true True no off
10000 10001 86400 86400.1 5e-324 1e308
"""
ODD_HOSTS = """
localhost 127.0.0.1 [::1] [::1 ::1 [] [v1.x] a..b . -a a_b ｅxample.com example。com ℀.com
xn--a xn-- 1.2.3 256.256.256.256 me:word@host me@host @ user:p@ss@host a%00b
"""
ODD_MODELS = """
/ // a/ /b openai/ azure/ ollama_chat/ opnai/x OpenAI/x openai//x */* gpt-4.1-mini ft:x
bedrock/x vertex_ai/x github_copilot/x chatgpt/x custom/x huggingface/a/b %s/x
"""

# What os.environ can hold: bytes but for NUL, those that are not UTF-8 as lone surrogates.
held = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30),
    st.binary(max_size=12).map(
        lambda raw: raw.replace(b"\0", b"").decode("utf-8", "surrogateescape")
    ),
)
misspelt = st.one_of(
    held.map(lambda name: PREFIX + name.replace("=", "")),
    st.sampled_from(KNOWN).map(str.title),
    st.sampled_from(KNOWN).map(lambda name: name + "S"),
    st.sampled_from(KNOWN).map(lambda name: PREFIX + name.lower()),
    st.sampled_from(["LLM_", "LLM_A\nB", "LLM_\udcff", "LLM_ＭＯＤＥＬ", "LLM_" + "X" * 5000]),
)
numbers = st.one_of(
    st.integers().map(str),
    st.floats().map(repr),
    st.sampled_from([*ODD_NUMBERS.split()]),
    st.sampled_from(["9" * 4301, "0" * 5000 + "1", "1" + "_0" * 3000, " 8 ", "8\n", "\u20038"]),
)
hosts = st.sampled_from(
    [*ODD_HOSTS.split(), "a" * 70 + ".example", "a." * 200, "", "a b", "a\nb", "a\\b", "a\udc80b"]
)
ports = st.sampled_from(["", ":", ":0", ":1", ":65535", ":65536", ":-1", ":٣", ":8_0", ":80:80"])
addresses = st.tuples(
    st.sampled_from(["http://", "https://", "HTTP://", "ftp://", "http:", "//", "http:///", ""]),
    hosts,
    ports,
    st.sampled_from(["", "/", "/v1", "/%zz", "/é", "?x=1", "#x", "/\t", "//"]),
).map("".join)
models = st.one_of(
    held,
    st.sampled_from(
        [
            *ODD_MODELS.split(),
            "x" * 20_000,
            "x/" + "y" * 20_000,
            "x" * 20_000 + "/y",
            "a\0b/c",
            "openai/\udc80",
        ]
    ),
    held.map(lambda name: f"openai/{name}"),
    held.map(lambda name: f"{name}/x"),
)
COUNTS = {"LLM_NUM_RETRIES", "LLM_RETRY_MIN_WAIT", "LLM_RETRY_MAX_WAIT", "LLM_TIMEOUT"}


def values_of(name: str) -> st.SearchStrategy[str]:
    """What a variable may be given: what suits its kind, nearly suits it, or is any text."""
    if name in COUNTS or name == "LLM_MAX_BUDGET":
        return st.one_of(numbers, numbers, held)
    if name == "LLM_BASE_URL":
        return st.one_of(addresses, addresses, held)
    return models if name.endswith("MODEL") else st.one_of(held, models)


known = st.lists(st.sampled_from(KNOWN), max_size=5, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: values_of(name) for name in names})
)
unknown = st.dictionaries(misspelt, held, max_size=2)
plausible = st.fixed_dictionaries(
    {"LLM_MODEL": st.just("openai/gpt-4.1-mini")},
    optional={name: values_of(name) for name in KNOWN if name != "LLM_MODEL"},
)


def possible(environment: Environment) -> Environment:
    return {name: value.replace("\0", "") for name, value in environment.items()}


environments = st.one_of(
    known, known, plausible, st.builds(lambda a, b: {**a, **b}, known, unknown)
).map(possible)


def within(environment: Environment) -> Any:
    return mock.patch.dict(os.environ, environment, clear=True)


def outcome(**sources: Any) -> Settings | SettingsError:
    try:
        return Settings.load(**sources)
    except SettingsError as error:
        return error


def exit_code(result: Settings | SettingsError) -> int:
    """What the command makes of it; it shows the rest where the model alone is missing."""
    if isinstance(result, Settings):
        return 0
    if isinstance(result, UnreadableFileError):
        return 2
    lines = str(result).split("\n")
    return 0 if len(lines) == 1 and lines[0].startswith("LLM_MODEL is not set") else 1


def check_message(error: SettingsError) -> None:
    lines = str(error).split("\n")

    assert all(line.strip() and line.isprintable() for line in lines)
    assert len(str(error)) < 500 * len(KNOWN)


def run(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["settings", *options])
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result.exit_code, result.stdout


@given(environments)
@example({"LLM_NUM_RETRIES": "9" * 4301, "LLM_MODEL": "\udc80", "LLM_TIMEOUT": "1e400"})
@example({"LLM_A\nB": "", "LLM_MODEL": "openai/x"})
def test_any_environment_gives_settings_or_an_error_that_names_a_variable(
    environment: Environment,
) -> None:
    with within(environment):
        result = outcome()
    if isinstance(result, Settings):
        assert result.model == environment["LLM_MODEL"]
        return

    check_message(result)
    for line in str(result).split("\n"):
        named = line.split(" is ")[0]
        assert (
            named in environment
            or named == "LLM_MODEL"
            or any(
                repr(name) == named or named.removesuffix("…") in (name[:60], "LLM_API_KEY")
                for name in environment
            )
        )


@given(
    st.fixed_dictionaries(
        {"LLM_MODEL": st.just("openai/x")},
        optional={
            "LLM_NUM_RETRIES": st.integers(0, 10_000).map(str),
            "LLM_RETRY_MIN_WAIT": st.one_of(numbers, st.floats(0, 86_400).map(repr)),
            "LLM_RETRY_MAX_WAIT": st.floats(0, 86_400).map(repr),
        },
    )
)
@example({"LLM_MODEL": "x", "LLM_NUM_RETRIES": "10000", "LLM_RETRY_MIN_WAIT": "5e-324"})
def test_a_wait_is_finite_never_negative_and_never_shrinks(environment: Environment) -> None:
    with within(environment):
        result = outcome()
    assume(isinstance(result, Settings))
    assert isinstance(result, Settings)
    waits = schedule(result)

    assert len(waits) == result.num_retries
    assert all(math.isfinite(wait) and 0 <= wait <= result.retry_max_wait for wait in waits)
    assert waits == sorted(waits)
    assert repr(result)


@given(environments)
@example({"LLM_API_VERSION": "\x1b[31m\n", "LLM_MODEL": "é\n"})
def test_the_command_prints_any_settings_and_refuses_the_rest(environment: Environment) -> None:
    with within({**environment, "LLM_MODEL": environment.get("LLM_MODEL") or "openai/x"}):
        result = outcome()
        table, form = run(), run("--json")

    assert table[0] == form[0] == (0 if isinstance(result, Settings) else 1)
    if isinstance(result, Settings):
        assert set(json.loads(form[1])) == set(VARIABLES)
        assert len(table[1].splitlines()) == len(VARIABLES)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=200),
        environments.map(
            lambda pairs: "\n".join(f"{name}={value}" for name, value in pairs.items()).encode(
                "utf-8", "surrogateescape"
            )
        ),
        st.text("LM_ODEABIKY=\"'\\\n#$ {}", max_size=40).map(lambda text: f"LLM_{text}".encode()),
    )
)
def test_any_env_file_gives_settings_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    # Each example writes the file anew.
    path = Path(tmp_path_factory.getbasetemp(), "any.env")
    path.write_bytes(content)
    with within({}):
        result = outcome(env_file=path)
        code, _ = run("--env-file", str(path))

    if isinstance(result, SettingsError):
        check_message(result)
    assert code == exit_code(result)


toml_values = st.one_of(
    numbers,
    held.map(json.dumps),
    st.sampled_from(
        ["[]", "{}", "true", "1979-05-27", "07:32:00", "[[1], {a = 2}]", "inf", "nan", "0xff"]
    ),
)
toml_keys = st.one_of(
    st.sampled_from(sorted(Settings.model_fields)), held.map(json.dumps), st.just("a.b")
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=100),
        st.text("[llm]model=\"\n'{}#", max_size=60).map(str.encode),
        st.dictionaries(toml_keys, toml_values, max_size=4).map(
            lambda pairs: (
                "[llm]\n" + "\n".join(f"{key} = {value}" for key, value in pairs.items())
            ).encode("utf-8", "replace")
        ),
    )
)
@example(b"[llm]\nnum_retries = " + b"9" * 5000)
@example(b"[llm]\nmodel = " + b"[" * 50_000)
def test_any_toml_file_gives_settings_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = Path(tmp_path_factory.getbasetemp(), "any.toml")
    path.write_bytes(content)
    with within({}):
        result = outcome(config=path)
        code, _ = run("--config", str(path))

    if isinstance(result, SettingsError):
        check_message(result)
    assert code == exit_code(result)


@settings(max_examples=40)
@given(models, environments)
@example("github_copilot/x", {})
@example("/", {})
@example("x" * 20_000, {})
def test_any_settings_give_a_client_or_an_error(model: str, environment: Environment) -> None:
    with within({**environment, "LLM_MODEL": model.replace("\0", "")}):
        result = outcome()
        if isinstance(result, Settings):
            try:
                assert LLM(result).settings is result
            except SettingsError as error:
                check_message(error)


def test_no_client_asks_for_a_login_when_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """litellm, asked for the provider of such a model, would begin one and wait for it."""
    import litellm

    monkeypatch.setattr(litellm, "get_llm_provider", None)

    assert LLM(Settings(model="github_copilot/gpt-4o", api_key="x")).usage.calls == 0


def test_whatever_litellm_raises_for_a_name_is_an_error_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import litellm

    def refuse(model: str) -> None:
        raise KeyError(model)

    monkeypatch.setattr(litellm, "get_llm_provider", refuse)

    with pytest.raises(SettingsError, match="litellm knows no provider for it"):
        LLM(Settings(model="odd"))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    provider=st.sampled_from(sorted(CATALOGUE)),
    name=held.filter(lambda name: bool(name.isprintable())),
    changes=st.fixed_dictionaries(
        {},
        optional={
            "LLM_API_KEY": held.filter(bool),
            "LLM_API_VERSION": held,
            "LLM_MAX_BUDGET": numbers,
            "LLM_BASE_MODEL": models,
        },
    ),
    path=st.sampled_from(["", "/", "/v1", "/%zz", "/é", "?x=1", "#x", "//", "/a:b@c"]),
    streamed=st.booleans(),
)
def test_any_settings_that_stay_at_the_mocks_give_an_answer_or_an_error(
    wire: MockedProviders,
    provider: str,
    name: str,
    changes: Environment,
    path: str,
    streamed: bool,
) -> None:
    # The mocks are the same throughout: no example leaves anything there.
    recipe = recipes.mock_variables(provider, wire.url)
    variables = {
        **recipe,
        **possible(changes),
        "LLM_MODEL": f"{CATALOGUE[provider].prefixes[0]}/{name}",
        "LLM_BASE_URL": f"{wire.url}/{provider}{path}",
        "LLM_NUM_RETRIES": "1",
        "LLM_TIMEOUT": "20",
    }
    with within(variables):
        made = outcome()
    if isinstance(made, SettingsError):
        return
    with suppress(LLMDocsError):
        llm = LLM(made, sleep=lambda _: None)
        if streamed:
            assert list(llm.stream("Hello", max_tokens=1))
        else:
            assert asyncio.run(llm.acomplete("Hello", max_tokens=1)).choices
