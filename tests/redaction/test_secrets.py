"""No text that comes out of anything public holds the key, whatever its shape.

A short key stands in any text by chance. So each action is taken with two keys of one length, and
gives the same text; and a key too long to stand anywhere by chance does not stand in that text.

Out of reach: the local variables of a frame.
"""

from __future__ import annotations

import base64
import copy
import html
import json
import logging
import os
import pickle
import re
import subprocess
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import GetSetDescriptorType, MemberDescriptorType
from typing import Any
from unittest import mock
from urllib.parse import quote, quote_plus

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from llmdocs import LLM, Settings, recipes
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.cli import main
from llmdocs.client.prices import completion_price
from llmdocs.errors import ProviderError, SettingsError
from llmdocs.redaction.secrets import Redaction, without_controls, without_secrets
from llmdocs.redaction.spellings import LEAST_ANYWHERE
from llmdocs.settings.reading import read_sources
from llmdocs.wire.faults import Altered, ErrorAnswer, Fault, Page
from llmdocs.wire.server import MockedProviders
from tests.client.test_client import (
    CALLS,
    KEY,
    every_provider,
    every_provider_and_call,
    settings_of,
)
from tests.support.provider_groups import EMBEDDING, OF_EACH_DIALECT
from tests.support.site_files import ROOT

MODEL = "openai/gpt-4.1-mini"
VISIBLE = "".join(map(chr, range(0x21, 0x7F)))
# A letter that no message of ours holds beside it makes a long key one that stands nowhere.
MARK = "Zq7"

Texts = Callable[[str], str]


def keys(least: int, most: int = 40) -> st.SearchStrategy[str]:
    """Every key that LLM_API_KEY takes: visible ASCII characters, and space inside."""
    inside = st.text(VISIBLE + " ", min_size=least, max_size=most)
    return inside.filter(lambda key: key == key.strip())


long_keys = keys(LEAST_ANYWHERE).map(lambda key: MARK + key + MARK)
short_keys = keys(1, LEAST_ANYWHERE - 1)
unfit_keys = st.tuples(long_keys, st.sampled_from("\n\r\t\0é\x7f\u2028 \ud800")).map("".join)
AWKWARD = f"{MARK}\"'\\{{}}%s%41$HOME[0]&<>+/=#: \\\\n{MARK}"


def in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def in_python(text: str) -> str:
    return repr(text)[1:-1]


def in_base64(text: str) -> str:
    return base64.encodebytes(text.encode()).decode().rstrip("=\n")


def bytes_in_hexadecimal(text: str) -> str:
    return text.encode().hex(" ")


def spellings(key: str) -> set[str]:
    """A key, what it looks like once escaped, and that in an error body that is shown as such."""
    ways: list[Texts] = [
        str,
        in_json,
        in_python,
        lambda text: quote(text, safe=""),
        lambda text: quote(text, safe="").lower(),
        quote_plus,
        html.escape,
        lambda text: in_json(text).replace("&", r"\u0026").replace("<", r"\u003C"),
        # Invisible letters, and the colours of a terminal.
        "\u200b".join,
        "\xad".join,
        "\x1b[1;31m".join,
        # Lists, dumps, and breaks of other kinds.
        lambda text: str([*text.encode()]),
        lambda text: ", ".join(f"0x{byte:02X}" for byte in text.encode()),
        lambda text: " ".join(f"{byte:08b}" for byte in text.encode()),
        lambda text: text.encode().hex(":"),
        lambda text: "".join(f"&#x{byte:x}" for byte in text.encode()),
        lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
        # Escapes of other languages than JSON and Python.
        lambda text: "".join(f"\\{ord(letter):03o}" for letter in text),
        lambda text: "".join(rf"\u{{{ord(letter):x}}}" for letter in text),
        lambda text: "".join(rf"\U{ord(letter):08X}" for letter in text),
        # A dump, and lines that are wrapped.
        bytes_in_hexadecimal,
        # After a backslash no break could be told from an escape.
        lambda text: re.sub(r"(.{7}[^\\])", r"\1\n", text),
    ]
    once = {way(key) for way in ways}
    return once | {shown(text) for text in once for shown in (in_json, in_python)} | {*coded(key)}


def coded(key: str) -> Iterator[str]:
    """A key as headers and dumps have it: in hexadecimal digits, and in base64 after a user's name.

    A letter of base64 that tells of what stands around the key too is left out.
    """
    written = key.encode("utf-8", "surrogatepass")
    yield written.hex()
    for before, start in (("", 0), (":", 2), ("u:", 3)):
        both = before.encode() + written
        alone = base64.b64encode(both).decode()[start : len(both) * 8 // 6]
        yield from (alone, alone.translate({ord("+"): "-", ord("/"): "_"}))
        # MIME wraps it.
        yield "\r\n".join(textwrap.wrap(alone, 11))


def holds(text: str, key: str) -> bool:
    """Whether a text holds a key in any spelling, were it with a zero after each of its letters."""
    text = text.lower()
    read = {text, text.replace("\0", ""), re.sub(r"\\{1,4}(x|u00)00", "", text)}
    return any(spelling.lower() in one for spelling in spellings(key) for one in read)


def texts_of(value: object) -> str:
    return f"{value!r} {value} {value:{''}} {[value]}"


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and all that it was raised from or while handling."""
    found: list[BaseException] = []
    left = [error]
    while left:
        cause = left.pop()
        if cause is not None and all(cause is not known for known in found):
            found.append(cause)
            left += [cause.__cause__, cause.__context__]
    yield from found


def everything_of(error: BaseException) -> str:
    """Whatever an error and its chain say, down to the attributes of each."""
    texts = ["".join(traceback.format_exception(error))]
    for cause in chain(error):
        texts += [str(cause), repr(cause), repr(cause.args)]
        for value in (*vars(cause).values(), *members(cause)):
            texts += [repr(value), repr(getattr(value, "headers", None)), contents(value)]
    return "\n".join(texts)


def members(error: BaseException) -> Iterator[object]:
    """What an error keeps outside its dictionary, as `UnicodeError.object`."""
    descriptors = (MemberDescriptorType, GetSetDescriptorType)
    for kind in type(error).__mro__:
        names = [name for name, member in vars(kind).items() if isinstance(member, descriptors)]
        yield from (getattr(error, name, None) for name in names if not name.startswith("__"))


def contents(value: object) -> str:
    """What a request or a response holds, in whose repr it does not stand."""
    headers = getattr(value, "headers", None)
    return f"{dict(headers) if headers else ''} {getattr(value, 'content', '')!r}"


def error_of(action: Callable[[], object]) -> Exception:
    try:
        action()
    except Exception as error:
        return error
    raise AssertionError("there was no error")


def refusal(**values: object) -> str:
    error = error_of(lambda: Settings(**values))
    assert isinstance(error, SettingsError)
    return everything_of(error)


def other(key: str) -> str:
    """Another key of the same length, without a character in common."""
    return "".join("!" if character != "!" else "?" for character in key)


# What is printed of settings and of what is made of them


def printed(key: str) -> str:
    made = Settings(model=MODEL, api_key=key)
    llm = LLM(made)
    price = completion_price(made, CATALOGUE["openai"])
    return " ".join(
        [
            *map(texts_of, (made, llm, llm.usage, price)),
            str(made.model_dump()),
            made.model_dump_json(),
            texts_of(made.model_copy()),
            texts_of(copy.deepcopy(made)),
            texts_of(pickle.loads(pickle.dumps(made))),
            *(f"{item!r}" for item in made),
            str(vars(llm)),
        ]
    )


@given(st.one_of(long_keys, short_keys))
@example(AWKWARD)
def test_no_repr_holds_the_key(key: str) -> None:
    at_an_address = re.compile(r" at 0x[0-9a-f]+")

    assert at_an_address.sub("", printed(key)) == at_an_address.sub("", printed(other(key)))


@given(long_keys)
@example(AWKWARD)
def test_no_repr_holds_a_key_that_was_pasted_into_other_variables_too(key: str) -> None:
    made = Settings(
        model=f"openai/{key}", api_key=key, api_version=key, embedding_model=key, base_model=key
    )
    llm = LLM(made)

    assert not holds(f"{texts_of(made)} {texts_of(llm)} {vars(llm)}", key)


@given(st.text("aB9.-_~!$&'()*+,;=%@:", min_size=LEAST_ANYWHERE))
def test_no_repr_holds_the_password_of_an_address(password: str) -> None:
    password = MARK + password
    made = Settings(model=MODEL, base_url=f"https://me:{password}@host.example/v1")

    assert password not in texts_of(made)
    assert "https://***@host.example/v1" in repr(made)


def test_a_port_and_a_path_are_no_password() -> None:
    made = Settings(model=MODEL, base_url="https://host.example:8443/@scope/v1")

    assert "https://host.example:8443/@scope/v1" in repr(made)


@given(long_keys, st.sampled_from(sorted(Settings.model_fields)))
def test_the_refusal_of_a_change_does_not_hold_the_new_value(key: str, name: str) -> None:
    made = Settings(model=MODEL, api_key=key)

    for action in (
        lambda: setattr(made, name, key),
        lambda: setattr(made, key, key),
        lambda: delattr(made, name),
    ):
        assert not holds(everything_of(error_of(action)), key)


# Errors of settings


@given(unfit_keys)
@example(f"{MARK}\n")
def test_no_error_holds_a_key_that_cannot_be_sent(key: str) -> None:
    assert refusal(model=MODEL, api_key=key) == refusal(model=MODEL, api_key=f"{other(key)}\n")


@given(long_keys, st.sampled_from(sorted({*Settings.model_fields} - {"api_key", "model"})))
@example(AWKWARD, "base_url")
def test_no_error_holds_a_key_that_another_variable_holds_too(key: str, name: str) -> None:
    for pasted in (key, f" {key}", f"ftp://me:{key}@host.example", f"ftp://{key}@host.example"):
        said = refusal(model="", api_key=key, **{name: pasted})

        assert not holds(said, key)


@given(st.one_of(long_keys, short_keys), st.one_of(long_keys, short_keys))
def test_a_wrong_value_that_does_not_hold_the_key_is_told_alike_whatever_the_key(
    key: str, another: str
) -> None:
    # Words with no boundary: neither a long key nor a short one stands in them.
    assert refusal(model=MODEL, api_key=key, num_retries="µµ") == refusal(
        model=MODEL, api_key=another, num_retries="µµ"
    )


@pytest.mark.parametrize(
    "pasted",
    [
        {"model": AWKWARD},
        {"model": f"nowhere/{AWKWARD}"},
        {"model": MODEL, "embedding_model": AWKWARD},
        {"model": MODEL, "base_model": AWKWARD, "max_budget": 1},
    ],
    ids=["model", "provider", "embedding", "price"],
)
def test_no_error_of_a_client_holds_a_key_that_was_pasted_as_a_model(
    pasted: dict[str, Any],
) -> None:
    def use() -> None:
        llm = LLM(Settings(**pasted, api_key=AWKWARD))
        llm.embed("Hello") if "embedding_model" in pasted else llm.complete("Hello")

    error = error_of(use)

    assert isinstance(error, SettingsError)
    assert "[LLM_API_KEY]" in str(error)
    assert not holds(everything_of(error), AWKWARD)


# Files


def broken_env_files(key: str) -> list[str]:
    return [
        f"LLM_API_KEY '{key}\n",
        f"LLM_API_KEY={key}\nLLM_NUM_RETRIES={key}\n",
        f"LLM_API_KEY={key}\nLLM_MODLE={key}\n",
        f"LLM_API_KEY{key}=\n",
        f"llm_api_key{key}\n",
        f"LLM_API_KEY={key}\n\ufffe\x00LLM_MODEL\n",
    ]


def broken_toml_files(key: str) -> list[str]:
    return [
        f"[llm]\napi_key = {key}\n",
        f'[llm]\napi_key = "{key}\nmodel = "a/b"\n',
        f"[llm]\nLLM_API_KEY={key}\n",
        f"api_key = '''{key}'''\n",
        f"[llm]\napi_key = '''{key}'''\nnum_retries = '''{key}'''\n",
        f"[llm]\napi_key = ['''{key}''']\n",
        f"[llm]\napi_key{key} = 1\n",
        f"[{key}]\n",
    ]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("abcXYZ019+/_-", min_size=16, max_size=40).map(lambda key: MARK + key))
def test_no_error_holds_the_key_of_a_broken_file(
    cleared_environment: None, tmp_path_factory: pytest.TempPathFactory, key: str
) -> None:
    # The fixtures hold nothing that an example changes: each writes the file anew.
    path = tmp_path_factory.getbasetemp() / "broken"
    for name, texts in (("env_file", broken_env_files(key)), ("config", broken_toml_files(key))):
        for text in texts:
            path.write_text(text, "utf-8", errors="surrogatepass")
            error = error_of(partial(Settings.load, **{name: path}))

            assert isinstance(error, SettingsError)
            assert not holds(everything_of(error), key), text


@given(long_keys)
def test_the_repr_of_what_was_found_does_not_hold_the_key(key: str) -> None:
    with mock.patch.dict(os.environ, {"LLM_API_KEY": key}, clear=True):
        assert not holds(repr(read_sources()), key)


# The command


def output(variables: dict[str, str], *options: str) -> str:
    with mock.patch.dict(os.environ, variables, clear=True):
        result = CliRunner().invoke(main, ["settings", *options])
    assert isinstance(result.exception, SystemExit | None)
    return f"{result.stdout}{result.stderr}"


both_forms = pytest.mark.parametrize("options", [[], ["--json"]], ids=["table", "json"])


@both_forms
@settings(max_examples=20)
@given(key=keys(LEAST_ANYWHERE))
def test_the_command_prints_the_same_whatever_the_key(options: list[str], key: str) -> None:
    variables = {"LLM_MODEL": "µ"}

    assert output({**variables, "LLM_API_KEY": key}, *options) == output(
        {**variables, "LLM_API_KEY": other(key)}, *options
    )


@both_forms
@settings(max_examples=20)
@given(key=long_keys)
@example(key=AWKWARD)
def test_the_command_does_not_print_a_key_that_another_variable_holds(
    options: list[str], key: str
) -> None:
    pasted = dict.fromkeys(("LLM_MODEL", "LLM_API_VERSION", "LLM_BASE_MODEL"), key)
    said = output({"LLM_API_KEY": key, **pasted}, *options)

    assert said.count("[LLM_API_KEY]") == 3
    assert not holds(said, key)
    for wrong in ("LLM_BASE_URL", "LLM_NUM_RETRIES"):
        assert not holds(output({"LLM_API_KEY": key, wrong: key}, *options), key)


# Errors of calls


def echoes(key: str) -> list[Fault]:
    """Refusals that hold the key, and answers that do, which are no answers."""
    said = [f"Invalid key {spelling}." for spelling in sorted(spellings(key))]
    return [
        ErrorAnswer(401, message=said[0]),
        ErrorAnswer(403, message=" ".join(said)),
        ErrorAnswer(400, {"www-authenticate": f'Bearer realm="{quote(key)}"'}, " ".join(said)),
        Page(" ".join(said)),
        Page(json.dumps({"choices": [{"message": said}], "data": said, "message": said})),
        Altered(lambda _: json.dumps({"error": {"message": " ".join(said)}})),
    ]


def failure(wire: MockedProviders, fault: Fault, provider: str, key: str, call: str) -> Any:
    wire.faults[:] = [fault]
    llm = LLM(settings_of(provider, api_key=key, num_retries=0))
    return error_of(lambda: CALLS[call](llm))


@every_provider_and_call({name: name for name in CALLS})
def test_no_error_of_a_call_holds_the_key_that_the_provider_echoes(
    wire: MockedProviders, provider: str, call: str
) -> None:
    for fault in echoes(AWKWARD):
        error = failure(wire, fault, provider, AWKWARD, call)

        assert isinstance(error, ProviderError)
        assert not holds(everything_of(error), AWKWARD)
        assert not error.status or type(error.__cause__).__module__.startswith("litellm")


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=long_keys, provider=st.sampled_from(sorted(CATALOGUE)), number=st.integers(0, 5))
def test_no_error_of_a_call_holds_a_key_of_any_shape(
    wire: MockedProviders, key: str, provider: str, number: int
) -> None:
    # What an example leaves at the mocks is replaced by the next.
    error = failure(wire, echoes(key)[number], provider, key, "complete")

    assert isinstance(error, ProviderError)
    assert not holds(everything_of(error), key)


def test_nor_does_one_whose_text_litellm_has_redacted_before() -> None:
    """As it does outside of these tests: what it leaves of a key is another text to look in."""
    ran = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-p", "no:cacheprovider", __file__,
            "-k", "a_key_of_any_shape or provider_echoes and complete and (openai or ollama)",
        ],
        cwd=ROOT,
        env={**os.environ, "LITELLM_DISABLE_REDACT_SECRETS": "false"},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout


@given(key=long_keys)
@example(key=AWKWARD)
@example(key="/" * 7 + "n\\nr\\t" * 4)
def test_no_text_holds_a_key_however_it_is_spelt(key: str) -> None:
    redaction = Redaction(key)
    shown = {spelling: redaction.text(f"Key {spelling}. Then") for spelling in spellings(key)}

    assert [spelling for spelling, text in shown.items() if holds(text, key)] == []


@given(key=long_keys)
def test_among_hundreds_of_secrets_each_is_found_as_it_is_alone(key: str) -> None:
    others = {f"an-other-secret-{number}-of-the-environment": "OTHER" for number in range(300)}
    alone, among = Redaction(key), Redaction(key, others)
    texts = [text for it in spellings(key) for text in (f"Key {it}. Then", f"Key {it}")]

    assert [*map(among.text, texts)] == [*map(alone.text, texts)]


BREAKS = [
    "\\u000a", "%0a", "<br>", "\n> ", "\n | ", "=\n", '",\n  "', "\u2066", "\ufe0f", "\x1b]0;a\x07",
]  # fmt: skip


@pytest.mark.parametrize("between", BREAKS)
def test_no_text_holds_a_key_whatever_breaks_its_lines(between: str) -> None:
    key = "sk-Zq7Lk2mVx9Tw4Rb8Ns3P"
    shown = Redaction(key).text(f"Key {between.join([key[:9], key[9:15], key[15:]])}. Then")

    assert not {*re.findall("[A-Za-z0-9]{3,}", shown)} & {key[3:9], key[9:15], key[15:]}


def test_no_text_holds_the_letters_of_a_key_in_a_list() -> None:
    key = "sk-Zq7Lk2mVx9Tw4Rb8Ns3P"

    assert Redaction(key).text(f"Key: {[*key]}.") == "Key: ['[LLM_API_KEY]']."


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("notneeded", "The key is not needed here."),
        ("changeme", "Please change me now."),
        ("anything", "Many things are there."),
        ("your-openai-api-key", "Put your OpenAI API key there."),
        ("my-key-2024", "It is my key: 2024 of them."),
    ],
)
def test_words_of_a_sentence_make_no_key(key: str, text: str) -> None:
    assert Redaction(key).text(text) == text


@pytest.mark.parametrize("way", [str, in_json, in_python, quote, in_base64, bytes_in_hexadecimal])
def test_no_text_holds_a_document_that_is_a_key(way: Texts) -> None:
    key = json.dumps({"client": MARK, "secret": "a-secret-of-a-service " * 200}, indent=2)
    shown = Redaction(key).text(f"Key {way(key)}. Then")

    assert shown == "Key [LLM_API_KEY]. Then"


def test_an_exception_that_cannot_be_rewritten_is_taken_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """pydantic's errors print their input, and those of encodings keep it: neither is writable."""
    import httpx
    import litellm

    def validate(**_: Any) -> None:
        TypeAdapter(int).validate_python(AWKWARD)

    def encode(**_: Any) -> None:
        f"{AWKWARD}é".encode("ascii")

    def within(**_: Any) -> None:
        try:
            validate()
        except ValidationError as error:
            raise RuntimeError("within") from error

    class Unshowable(Exception):
        def __str__(self) -> str:
            return str(vars(self)["request"].url)

    def send(**_: Any) -> None:
        error = Unshowable()
        vars(error)["request"] = httpx.Request("GET", "https://host.example")
        raise error

    llm = LLM(settings_of("openai", api_key=AWKWARD))
    for refuse, cause in ((validate, None), (encode, None), (send, None), (within, "within")):
        monkeypatch.setattr(litellm, "completion", refuse)
        error = error_of(lambda: llm.complete("Hello"))

        assert not holds(everything_of(error), AWKWARD)
        assert cause is None or str(error.__cause__) == cause


MEMBERS = {
    "object": AttributeError("none", name="x", obj={"request": [AWKWARD]}),
    "opaque object": AttributeError("none", name="x", obj=mock.sentinel.opaque),
    "name": NameError("none", name=AWKWARD),
    "module": ImportError("none", name=AWKWARD, path=AWKWARD),
    "file": OSError(2, "none", AWKWARD, None, AWKWARD),
    "line": SyntaxError("none", ("file", 1, 1, AWKWARD)),
    "group": ExceptionGroup("none", [ValueError(AWKWARD)]),
    "notes": ValueError("none"),
}
MEMBERS["notes"].add_note(AWKWARD)


@pytest.mark.parametrize("place", MEMBERS)
def test_no_error_holds_the_key_outside_its_dictionary(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import litellm

    def refuse(**_: Any) -> None:
        raise MEMBERS[place]

    monkeypatch.setattr(litellm, "completion", refuse)
    error = error_of(lambda: LLM(settings_of("openai", api_key=AWKWARD)).complete("Hello"))

    assert isinstance(error, ProviderError)
    assert not holds(everything_of(error), AWKWARD)
    assert "sentinel" not in everything_of(error)


@every_provider
def test_what_the_caller_was_handling_is_left_as_it_is(
    wire: MockedProviders, provider: str
) -> None:
    wire.faults[:] = [ErrorAnswer(401, message=f"Invalid key {AWKWARD}")]
    mine = ValueError(AWKWARD, object())
    said = repr(mine)
    try:
        raise mine
    except ValueError:
        error_of(lambda: LLM(settings_of(provider, api_key=AWKWARD)).complete("Hello"))

    assert repr(mine) == said


def echoed(wire: MockedProviders, key: str) -> list[str]:
    wire.faults[:] = [ErrorAnswer(401, message=f"Invalid key {key}. Make a key elsewhere: e-mail.")]
    error = error_of(lambda: LLM(settings_of("openai", api_key=key)).complete("Hello"))
    return [str(cause) for cause in chain(error) if "Invalid key" in str(cause)]


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text("bdfh0123", min_size=1, max_size=LEAST_ANYWHERE - 1))
@example(key="e")
@example(key="a%")
def test_a_short_key_is_taken_out_as_a_word_of_its_own_and_garbles_nothing(
    wire: MockedProviders, key: str
) -> None:
    said = echoed(wire, key)

    assert said == echoed(wire, "sk-a-key-of-another-shape")
    assert "Invalid key [LLM_API_KEY]. Make a key elsewhere: e-mail." in said[0]


@settings(max_examples=30)
@given(st.text(max_size=40), st.one_of(long_keys, short_keys))
@example("mine of this: 'mine', mine-the-less", "mine")
def test_a_text_is_left_alone_but_for_the_key(text: str, key: str) -> None:
    text = without_controls(text)
    without = without_secrets(f"{text} {key} {text}", key)

    assert "[LLM_API_KEY]" in without
    assert holds(text, key) or f"{text} [LLM_API_KEY] {text}" == without or "@" in text


# Logs


@dataclass(frozen=True)
class Logged:
    """What one log record says, as it was when it was logged."""

    logger: str
    level: int
    text: str


@pytest.fixture
def logged() -> Iterator[list[Logged]]:
    """Whatever any logger says at any level, those included that pass nothing on."""
    kept: list[Logged] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            text = f"{logging.Formatter().format(record)} {vars(record)!r}"
            kept.append(Logged(record.name, record.levelno, text))

    keeper = Keeper()
    root = logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in root.manager.loggerDict)]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        if logger is root or not logger.propagate:
            logger.addHandler(keeper)
    yield kept
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
        logger.removeHandler(keeper)


def lets_a_key_through(record: Logged) -> bool:
    """The mocks log the key that they expected."""
    return record.logger.startswith("llmdocs.wire")


@pytest.mark.parametrize(
    ("provider", "call"),
    [
        (provider, call)
        for provider in OF_EACH_DIALECT
        for call in ("complete", "astream", "aembed")
        if call != "aembed" or provider in EMBEDDING
    ],
)
def test_no_log_record_holds_the_key(
    wire: MockedProviders, logged: list[Logged], provider: str, call: str
) -> None:
    key = recipes.read(provider).get("LLM_API_KEY", "a-key-that-goes-unread")
    llm = LLM(settings_of(provider, api_key=key), sleep=lambda _: None)
    CALLS[call](llm)
    wire.faults[:] = [ErrorAnswer(500, message=f"Invalid key {key}"), *echoes(key)]
    for _ in echoes(key):
        error_of(lambda: CALLS[call](llm))

    covered = [record for record in logged if not lets_a_key_through(record)]
    assert [record for record in covered if holds(record.text, key)] == []
    assert any("[LLM_API_KEY]" in record.text for record in covered if record.logger == "llmdocs")


FIRST_CALL = """
import logging, sys
from llmdocs import LLM, Settings
from tests.support.raw_server import RawServer
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)
with RawServer() as server:
    head = f"HTTP/1.1 401 No\\r\\nWWW-Authenticate: Bearer realm={sys.argv[1]}\\r\\n\\r\\n"
    server.answer = lambda _: [head.encode() + b"{}"]
    settings = Settings(model="openai/a", api_key=sys.argv[1], base_url=server.url, num_retries=0)
    try:
        LLM(settings).complete("Hello")
    except Exception as error:
        print("refused:", error)
"""


def test_no_log_record_of_a_first_call_holds_the_key() -> None:
    """Some loggers are made when a connection is."""
    key = "Zq7-a-key-of-no-shape-Zq7"
    told = subprocess.run(
        [sys.executable, "-c", FIRST_CALL, key], capture_output=True, text=True, timeout=60
    )

    assert "refused: " in told.stdout
    assert "receive_response_headers.complete" in told.stdout
    assert key not in told.stdout + told.stderr


def test_what_litellm_logs_of_a_successful_call_does_not_hold_the_key(
    wire: MockedProviders, logged: list[Logged]
) -> None:
    LLM(settings_of("openai", api_key=KEY)).complete("Hello")

    of_litellm = [record for record in logged if record.logger == "LiteLLM"]
    assert of_litellm
    assert [record for record in of_litellm if holds(record.text, KEY)] == []


@pytest.mark.parametrize("name", ["LiteLLM", "httpx", "httpcore.http11", "openai._base_client"])
def test_no_log_record_of_a_library_holds_a_key_in_any_part_of_it(
    wire: MockedProviders, logged: list[Logged], name: str
) -> None:
    error_of(lambda: LLM(settings_of("openai", api_key=AWKWARD)).complete("Hello"))
    logged.clear()
    logger = logging.getLogger(name)
    try:
        raise RuntimeError(AWKWARD) from ValueError([AWKWARD])
    except RuntimeError:
        logger.exception("refused %s", AWKWARD)
    logger.error(f"{{%s}} {AWKWARD}", "one", "too many")
    logger.warning("more", extra={"headers": {"authorization": AWKWARD}})

    assert [record.logger for record in logged] == [name] * 3
    assert [record for record in logged if holds(record.text, AWKWARD)] == []
    assert "RuntimeError: [LLM_API_KEY]" in logged[0].text


@pytest.mark.parametrize("piece", ["\\", "://a:", "&amp;", "%25"])
@pytest.mark.parametrize("key", ["your-openai-api-key", "\\" * 9 + "a"])
def test_a_search_for_secrets_ends_soon_in_any_text(piece: str, key: str) -> None:
    """A pattern that tries every length of a run would take hours here."""
    assert without_secrets(piece * 5_000, key) == piece * 5_000
