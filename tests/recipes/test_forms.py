"""Each form of each recipe says the same, to the program it is written for."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from llmdocs import Settings, recipes
from llmdocs.errors import FormError
from llmdocs.recipes import forms
from llmdocs.recipes.forms import FORMS, OF_AN_ENV_FILE, docker_command, in_container, written
from llmdocs.settings.sources import field_of
from tests.support.form_readers import (
    CONTAINERS,
    ENVIRONMENTS,
    SETTINGS,
    Reading,
    Unreadable,
    each_form,
)
from tests.support.provider_groups import EVERY, OF_EACH_RECIPE
from tests.support.snippet_runs import FORMS_RUN, REMOVALS

LOCAL = {"localhost", "127.0.0.1", "::1"}
each_provider = pytest.mark.parametrize("provider", EVERY)
# What the form of a recipe decides, whoever's it is.
each_recipe = pytest.mark.parametrize("provider", OF_EACH_RECIPE)

# What some form has to quote, or cannot hold.
SPECIAL = (
    " '\"`$#\\%!~=:;&|<>(){}[]*?^@,+-.\n\r\té🦙"
    "\u2018\u2019\u201a\u201b\u201c\xa0\u2028\ufeff\x1b\x7f"
)
VALUE = st.text(st.sampled_from(SPECIAL), max_size=8) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20
)
VALUES = st.lists(VALUE, min_size=1, max_size=60)
ONE_OF_EACH = [
    *(f"{start}{middle}{end}" for middle in SPECIAL for start in ("", "a") for end in ("", "b")),
    "", "it's", "a''b", "'a'", '"a"', "\\'", "\\", "\\\\", "a\\", "é’\\u00e9", "\ue000",
    "${HOME}", "$HOME", "$$", "$(id)", "`id`", "%PATH%", "%s%%", "%self", "a #b", "# a", "a\r\nb\n",
    "~/a", "a:~", "--", "-e", "true", "null", "0", "1.0", "2024-10-21", "<a>", "{{ a }}", "!ref",
    "*a", "&a", "\U0010ffff", "- a", "a: b", "[a]", "@a",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("form")


@pytest.fixture(scope="module")
def reading_of(folder: Path) -> Callable[[str, str], Reading]:
    """What is taken from a form of a recipe, once: Compose takes a second to start."""

    @functools.cache
    def reading(provider: str, form: str) -> Reading:
        text = written(recipes.read(provider), form)
        found = ENVIRONMENTS[form](text, folder)
        FORMS_RUN.add(f"{provider}/{form}")
        return found

    return reading


def read(form: str, text: str, folder: Path) -> object:
    """What the program that a form is for takes from a text: a reading, or settings."""
    return {**ENVIRONMENTS, **SETTINGS}[form](text, folder)


@pytest.mark.usefixtures("cleared_environment")
class TestEachRecipe:
    @each_provider
    @pytest.mark.parametrize("form", each_form(*ENVIRONMENTS))
    def test_an_environment_holds_the_recipe(
        self, provider: str, form: str, reading_of: Callable[[str, str], Reading]
    ) -> None:
        reading, expected = reading_of(provider, form), recipes.read(provider)
        found = {**reading.variables}
        if form in CONTAINERS and "LLM_BASE_URL" in expected:
            found["LLM_BASE_URL"] = outside(found["LLM_BASE_URL"])

        assert found == expected
        assert bool(reading.container) == (form in CONTAINERS)

    @each_provider
    @pytest.mark.parametrize("form", SETTINGS)
    def test_settings_are_those_of_the_recipe(
        self, provider: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        variables = recipes.read(provider)
        found = SETTINGS[form](written(variables, form), tmp_path)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        FORMS_RUN.add(f"{provider}/{form}")

        assert found == Settings.load()

    @each_recipe
    def test_python_is_as_ruff_formats_it(self, provider: str) -> None:
        text = written(recipes.read(provider), "python")
        formatted = subprocess.run(
            [sys.executable, "-m", "ruff", "format", "--isolated", "-"],
            input=text, capture_output=True, text=True, check=True,
        )  # fmt: skip

        assert formatted.stdout == text

    @each_recipe
    @pytest.mark.parametrize("form", each_form(*FORMS))
    def test_losing_any_quote_or_backslash_is_noticed(
        self, provider: str, form: str, tmp_path: Path
    ) -> None:
        unnoticed = losses_unnoticed(form, written(recipes.read(provider), form), tmp_path)
        REMOVALS.update(f"{provider}/{form}:{place}" for place in unnoticed)

        assert [place for place, lost in unnoticed.items() if lost] == []


def outside(address: str) -> str:
    """An address as the recipes write it, for one that a container is given."""
    return address.replace("//host.docker.internal", "//localhost")


def losses_unnoticed(form: str, text: str, folder: Path) -> dict[int, bool]:
    """For each place of a quote or backslash, whether the text says the same without it."""
    places = [place for place, character in enumerate(text) if character in "'\"\\"]
    if form == "compose":
        # A second each would be long; what YAML reads otherwise, Compose is told otherwise.
        document = yaml.safe_load(text)
        return {place: _same_yaml(_without(text, place), document) for place in places}
    whole = read(form, text, folder) if places else None
    return {place: _same(form, _without(text, place), whole, folder) for place in places}


def _without(text: str, place: int) -> str:
    return text[:place] + text[place + 1 :]


def _same(form: str, text: str, whole: object, folder: Path) -> bool:
    try:
        return read(form, text, folder) == whole
    except Unreadable:
        return False


def _same_yaml(text: str, document: object) -> bool:
    try:
        return bool(yaml.safe_load(text) == document)
    except yaml.YAMLError:
        return False


# Values whose every quote and backslash matters in whichever form.
QUOTED = {
    "LLM_MODEL": "openai/it's",
    "LLM_API_KEY": 'a\\\'b "c" $d\\',
    "LLM_API_VERSION": "\u2019\u2018\n",
}


@pytest.mark.usefixtures("cleared_environment")
@pytest.mark.parametrize("form", each_form(*(form for form in FORMS if form not in OF_AN_ENV_FILE)))
def test_losing_any_quote_or_backslash_around_a_readers_own_values_is_noticed(
    form: str, tmp_path: Path
) -> None:
    unnoticed = losses_unnoticed(form, written(QUOTED, form), tmp_path)
    REMOVALS.update(f"quoted/{form}:{place}" for place in unnoticed)

    assert unnoticed
    assert [place for place, lost in unnoticed.items() if lost] == []


class TestContainers:
    @each_provider
    @pytest.mark.parametrize("form", each_form(*CONTAINERS))
    def test_the_host_of_the_base_url_can_be_reached_from_inside(
        self, provider: str, form: str, reading_of: Callable[[str, str], Reading]
    ) -> None:
        reading = reading_of(provider, form)
        host = urlsplit(reading.variables.get("LLM_BASE_URL", "")).hostname
        mapped = ["host.docker.internal:host-gateway"] if host == "host.docker.internal" else []
        assert reading.container

        assert host not in LOCAL
        assert reading.container.hosts == mapped

    @pytest.mark.needs("bash")
    @pytest.mark.needs("docker-compose")
    @each_provider
    def test_docker_and_compose_make_the_same_container(
        self, provider: str, reading_of: Callable[[str, str], Reading], folder: Path
    ) -> None:
        reading = reading_of(provider, "docker")
        assert reading.container

        assert reading == reading_of(provider, "compose")
        assert reading.container.mounts == [f"{folder}:{reading.container.folder}"]

    @pytest.mark.parametrize(
        ("address", "inside"),
        [
            ("http://localhost:11434", "http://host.docker.internal:11434"),
            ("http://LOCALHOST", "http://host.docker.internal"),
            ("http://localhost.:8000/v1", "http://host.docker.internal:8000/v1"),
            ("https://llm.localhost/v1", "https://host.docker.internal/v1"),
            ("http://127.0.0.1:1234/v1", "http://host.docker.internal:1234/v1"),
            ("http://127.8.9.1", "http://host.docker.internal"),
            ("http://0.0.0.0:8000", "http://host.docker.internal:8000"),
            ("http://[::1]:11434/a?b=localhost", "http://host.docker.internal:11434/a?b=localhost"),
            ("http://[::]", "http://host.docker.internal"),
            ("http://[::ffff:127.0.0.1]:80", "http://host.docker.internal:80"),
            ("http://me:localhost@localhost:1", "http://me:localhost@host.docker.internal:1"),
        ],
    )  # fmt: skip
    def test_an_address_of_this_machine_becomes_the_hosts(self, address: str, inside: str) -> None:
        assert in_container({"LLM_BASE_URL": address}) == {"LLM_BASE_URL": inside}
        assert "--add-host" in written({"LLM_BASE_URL": address}, "docker")

    @pytest.mark.parametrize(
        "address",
        [
            "https://api.openai.com/v1",
            "http://192.168.1.4:11434",
            "http://localhost.example:1",
            "http://mylocalhost:1",
            "http://127.0.0.1.example",
            "http://ollama:11434",
            "http://[::1",
            "localhost",
        ],
    )
    def test_any_other_address_stays(self, address: str) -> None:
        assert in_container({"LLM_BASE_URL": address}) == {"LLM_BASE_URL": address}
        assert "--add-host" not in written({"LLM_BASE_URL": address}, "docker")

    def test_the_mapping_comes_with_the_name_that_needs_it(self) -> None:
        text = written({"LLM_BASE_URL": "http://host.docker.internal:1"}, "compose")

        assert "- host.docker.internal:host-gateway" in text


def numbered(values: list[str]) -> dict[str, str]:
    return {f"LLM_{number}": value for number, value in enumerate(values)}


QUOTING = [form for form in ENVIRONMENTS if form not in (*OF_AN_ENV_FILE, "compose")]


class TestAnyValues:
    """Whatever a reader's own values hold comes back as it was, or is refused."""

    @pytest.mark.parametrize("form", each_form(*QUOTING))
    @given(values=VALUES)
    @example(values=ONE_OF_EACH)
    def test_come_back_from_an_environment(
        self, form: str, values: list[str], folder: Path
    ) -> None:
        variables = numbered(values)

        assert ENVIRONMENTS[form](written(variables, form), folder).variables == variables

    # Compose takes a second to start.
    @pytest.mark.needs("docker-compose")
    @settings(max_examples=3, phases=[Phase.explicit, Phase.generate])
    @given(values=st.lists(VALUE, min_size=40, max_size=90))
    @example(values=ONE_OF_EACH)
    def test_come_back_from_compose(self, values: list[str], folder: Path) -> None:
        variables = numbered(values)

        assert ENVIRONMENTS["compose"](written(variables, "compose"), folder).variables == variables

    @pytest.mark.parametrize("form", each_form(*OF_AN_ENV_FILE))
    @given(values=VALUES)
    @example(values=ONE_OF_EACH)
    def test_come_back_from_an_env_file_or_are_refused(
        self, form: str, values: list[str], folder: Path
    ) -> None:
        held = {name: value for name, value in numbered(values).items() if holds(form, value)}

        assert ENVIRONMENTS[form](written(held, form), folder).variables == held

    @pytest.mark.usefixtures("no_variables")
    @pytest.mark.parametrize("form", SETTINGS)
    @given(values=st.lists(VALUE.filter(bool), min_size=4, max_size=4))
    def test_come_back_from_settings(self, form: str, values: list[str], folder: Path) -> None:
        names = ("LLM_API_VERSION", "LLM_BASE_MODEL", "LLM_EMBEDDING_MODEL", "LLM_MODEL")
        variables = dict(zip(names, values, strict=True)) | {"LLM_API_KEY": "a"}
        variables["LLM_MODEL"] = f"openai/{variables['LLM_MODEL']}"
        found = SETTINGS[form](written(variables, form), folder)

        assert {name: getattr(found, field_of(name)) for name in names} == {
            name: variables[name] for name in names
        }


@pytest.fixture(scope="module")
def no_variables() -> Iterator[None]:
    """TOML and Python are read beside the environment, which holds none for the whole module."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("LLM_")]:
            patch.delenv(name)
        yield


def holds(form: str, value: str) -> bool:
    try:
        written({"LLM_MODEL": value}, form)
    except FormError:
        return False
    return True


class TestEnvFiles:
    @pytest.mark.parametrize(
        "value",
        ["", "#a", "a#b", "*", "?", "!", "[a]", "{a,b}", "%41", "^", ",", "@", "-", "a=b", "a~",
         "a/~", "é", "🦙"],
    )  # fmt: skip
    def test_hold_what_is_read_alike(self, value: str) -> None:
        assert holds("env", value)

    @pytest.mark.needs("bash")
    @pytest.mark.needs("dash")
    @pytest.mark.parametrize(
        "value",
        ["a b", "a ", " a", "a\t", "a\nb", "a\r", "a\r\n", '"a"', "'a'", "a'b", 'a"', "a`b", "a\\b",
         "a\\", "a$b", "${a}", "a&b", "a|b", "a;b", "a<b", "a>b", "a(b", "a)b", "~", "~/a", "a:~/b",
         "\xa0a", "a\u2003", "a\x85"],
    )  # fmt: skip
    def test_refuse_only_what_is_read_otherwise(self, value: str, tmp_path: Path) -> None:
        assert not holds("env", value)
        try:
            found = ENVIRONMENTS["env"](f"LLM_MODEL={value}\n", tmp_path).variables
        except Unreadable:
            return
        assert found != {"LLM_MODEL": value}

    @pytest.mark.parametrize(
        ("value", "character"),
        [
            ("sk-secret word", "a space"),
            ("sk-secret\n", "a line break"),
            ("sk-secret\tword", "a tab"),
            ("sk-secret\rword", "a carriage return"),
            ("sk-secret$word", "$"),
            ("sk-secret\u2028word", "U+2028 LINE SEPARATOR"),
            ("sk-secret\x1bword", "U+001B"),
        ],
    )
    def test_name_what_is_in_the_way_and_the_forms_that_hold_it(
        self, value: str, character: str
    ) -> None:
        with pytest.raises(FormError) as caught:
            written({"LLM_API_KEY": value}, "env")

        assert str(caught.value) == (
            f"LLM_API_KEY contains {character}, which python-dotenv, Docker and shells do not "
            "read alike in an env file. Choose another format: "
            f"{', '.join(form for form in FORMS if form not in OF_AN_ENV_FILE)}."
        )

    def test_hold_no_line_that_is_too_long_for_docker(self) -> None:
        longest = 64 * 1024 - 1 - len("LLM_MODEL=")

        assert holds("env", "a" * longest)
        with pytest.raises(FormError, match="LLM_MODEL makes a line too long for Docker"):
            written({"LLM_MODEL": "a" * (longest + 1)}, "env")


def test_no_value_stands_on_the_command_line_of_docker() -> None:
    """Other users of the machine see it, and the shell keeps it."""
    command = "\n".join(docker_command({"LLM_API_KEY": "sk-secret", "LLM_MODEL": "openai/m"}))

    assert command.startswith("docker run ")
    assert "sk-secret" not in command
    assert "openai/m" not in command


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", ["sk-\0", "sk-\udc80"])
def test_no_form_holds_what_no_environment_does(form: str, value: str) -> None:
    with pytest.raises(FormError) as caught:
        written({"LLM_API_KEY": value}, form)

    assert (
        str(caught.value)
        == "LLM_API_KEY is not valid in an environment: no format can represent it."
    )


@pytest.mark.parametrize("number", ["3", "0", "0.5", "15.0", "0.00005", "1e-5", "1e2"])
def test_numbers_are_numbers_in_toml_and_python(number: str) -> None:
    variables = {"LLM_RETRY_MIN_WAIT": number, "LLM_API_VERSION": number}

    assert f'[llm]\nretry_min_wait = {number}\napi_version = "{number}"\n' == written(
        variables, "toml"
    )
    assert f"        retry_min_wait={number},\n" in written(variables, "python")


@pytest.mark.parametrize("number", ["03", "+3", ".5", "5.", "1_000", " 3", "１"])
def test_what_toml_or_python_would_read_otherwise_stays_a_string(number: str) -> None:
    assert f'num_retries = "{number}"\n' in written({"LLM_NUM_RETRIES": number}, "toml")


def test_every_form_is_read_by_something() -> None:
    assert {*ENVIRONMENTS, *SETTINGS} == {*FORMS}


def test_the_labels_are_distinct() -> None:
    assert len({form.label for form in FORMS.values()}) == len(forms.FORMS)
