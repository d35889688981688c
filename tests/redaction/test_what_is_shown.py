"""No output shows a secret: every output, every variable, and every way to stand in it."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from unittest import mock

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from llmdocs import LLM, Settings
from llmdocs.catalogue.models import FILE_NAME
from llmdocs.cli import main
from llmdocs.client.litellm_module import litellm
from llmdocs.doctor import offline
from llmdocs.errors import LLMDocsError, ProviderError
from llmdocs.redaction import key_shapes, secrets
from llmdocs.redaction.addresses import secrets_of, shown_address, without_address_secrets
from llmdocs.redaction.credentials import holds_a_credential
from llmdocs.redaction.key_shapes import is_like_a_key, shown_value, without_keys_by_shape
from llmdocs.redaction.secrets import MARGIN, MOST_READ, MOST_SHOWN, Redaction, without_secrets
from llmdocs.redaction.spellings import LEAST_ANYWHERE, LONGEST_SPELLING
from llmdocs.settings.variables import VARIABLES
from llmdocs.wire.faults import ErrorAnswer
from llmdocs.wire.server import MockedProviders
from tests.client.test_client import CALLS, settings_of
from tests.redaction.test_secrets import Logged, chain, error_of, everything_of, logged
from tests.support import litellm_credentials
from tests.support.growth import at_most, grows, is_suspect

__all__ = ["logged"]

KEY = "a-key-of-no-known-shape"
# Made up, each of the shape that its maker's own have.
LETTERS = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"
KEYS = {
    "openai": f"sk-{LETTERS}{LETTERS[:21]}",
    "openai project": f"sk-proj-{LETTERS}_{LETTERS}-{LETTERS}",
    "openai service account": f"sk-svcacct-{LETTERS}{LETTERS}",
    "anthropic": f"sk-ant-api03-{LETTERS}-{LETTERS}_{LETTERS}AA",
    "openrouter": f"sk-or-v1-{'0123456789abcdef' * 4}",
    "deepseek": f"sk-{'0123456789abcdef' * 2}",
    "litellm": "sk-aB3dE6gH9jK2_N5pQ8-T1w",
    "groq": f"gsk_{LETTERS}{LETTERS[:25]}",
    "google": f"AIzaSy{LETTERS}_B-dEf",
    "google access token": f"ya29.{LETTERS}-{LETTERS}",
    "xai": f"xai-{LETTERS}{LETTERS}{LETTERS}",
    "hugging face": f"hf_{LETTERS}abcdefg",
    "nvidia": f"nvapi-{LETTERS}-{LETTERS}_abc",
    "perplexity": f"pplx-{LETTERS}{LETTERS[:21]}",
    "fireworks": f"fw_{LETTERS[:24]}",
    "replicate": f"r8_{LETTERS}abcdefghij",
    "github": f"ghp_{LETTERS}abcdefghi",
    "github oauth": f"gho_{LETTERS}abcdefghi",
    "github fine-grained": f"github_pat_{LETTERS[:22]}_{LETTERS}{LETTERS}",
    "gitlab": f"glpat-{LETTERS[:20]}",
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "aws session": "ASIAIOSFODNN7EXAMPLE",
    "jwt": f"eyJ{LETTERS}.eyJ{LETTERS}.{LETTERS}-_{LETTERS}",
    "cerebras": f"csk-{LETTERS.lower()}{LETTERS.lower()[:21]}",
    "together": f"tgp_v1_{LETTERS}-{LETTERS[:15]}",
    "azure": f"{LETTERS}{LETTERS[:25]}JQQJ99BFACYeBjFXJ3w3AAALACOGz5j0",
    "azure client": "aB38Q~dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9",
    "z.ai": f"{'0123456789abcdef' * 2}.aB3dE6gH9jK2mN5p",
}
# No more than a hash, but where they are all of a value.
ALONE = {
    "azure": "0123456789abcdef" * 2,
    "mistral": f"{LETTERS}aB3dE",
    "cohere": f"{LETTERS}aB3dE6gH9jK2m",
    "aws secret": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}
PLAIN = "Zq7-a-secret-Zq7"
ADDRESSES = {
    "token": f"https://{PLAIN}@gate.example/v1",
    "password": f"https://me:{PLAIN}@gate.example/v1",
    "parameter": f"https://gate.example/v1?api-version=1&api-key={PLAIN}",
    "code": f"https://gate.example/v1?code={PLAIN}#top",
    "query": f"https://gate.example/v1?{PLAIN}",
    "fragment": f"https://gate.example/v1#{PLAIN}",
    "plain HTTP": f"http://{PLAIN}@gate.example/v1",
    "wrong path": f"https://me:{PLAIN}@gate.example/v1/chat/completions?key={PLAIN}",
    "wrong scheme": f"ftp://me:{PLAIN}@gate.example/v1",
    "wrong port": f"https://me:{PLAIN}@gate.example:99999/v1",
    "slash": f"https://me:a/{PLAIN}@gate.example/v1",
}
BROKEN = {
    "no scheme": f"me:{PLAIN}@gate.example/v1",
    "token, no scheme": f"{PLAIN}@gate.example/v1",
    "query, no scheme": f"gate.example/v1?{PLAIN}",
    "half a scheme": f"https;//{PLAIN}@gate.example/v1",
    "quoted": f"'https://{PLAIN}@gate.example/v1'",
    "spaced": f"https://me:a {PLAIN}@gate.example/v1",
}
NAMES = [*VARIABLES, "LLM_MODLE", "LLM_TOKEN", "LLM_ENDPOINT"]
OUTPUTS = {
    "settings": ("settings",),
    "settings in JSON": ("settings", "--json"),
    "doctor": ("doctor", "--offline"),
    "doctor in JSON": ("doctor", "--offline", "--json"),
}
Environment = Mapping[str, str]


def placed(variable: str) -> Iterator[tuple[str, Environment]]:
    """Each secret, and an environment that has it in this variable."""
    addresses = ADDRESSES | (BROKEN if variable == "LLM_BASE_URL" else {})
    for value in addresses.values():
        yield PLAIN, {variable: value}
    for key in ALONE.values():
        for written in (key, f"'{key}'", f" “{key}”\t"):
            yield key, {variable: written}
    for key in KEYS.values():
        for written in (key, f"openai/'{key}'", f"https://{key}.example/{key}/v1"):
            yield key, {variable: written}
    for name in ("GOOGLE_API_KEY", "AWS_SECRET_ACCESS_KEY", "MY_OWN_TOKEN", "LLM_API_KEY"):
        yield PLAIN, {name: PLAIN, variable: f"openai/{PLAIN}"}


def base(variable: str) -> dict[str, str]:
    """Settings that fit, so that the one variable is what is looked at."""
    return {
        "LLM_MODEL": "openai/gpt-4.1-mini",
        "LLM_API_KEY": KEY,
        **({"LLM_EMBEDDING_MODEL": "openai/a"} if variable != "LLM_EMBEDDING_MODEL" else {}),
    }


def printed(environment: Environment, *arguments: str) -> str:
    with mock.patch.dict(os.environ, environment, clear=True):
        result = CliRunner().invoke(main, arguments)
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result.output


def holds(text: str, secret: str) -> bool:
    """Whether a text has the secret, or the half of it that no message of ours has by chance."""
    return secret in text or secret.lower() in text or secret[-len(secret) // 2 :] in text


def reprs(environment: Environment) -> str:
    """The repr of settings, or whatever the error says that there is instead."""
    with mock.patch.dict(os.environ, environment, clear=True):
        try:
            settings = Settings.load()
            return f"{settings!r} {settings} {LLM(settings)!r}"
        except LLMDocsError as error:
            return everything_of(error)


@pytest.fixture(autouse=True)
def _no_container(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(offline, "inside_container", lambda: False)


@pytest.mark.parametrize("variable", NAMES)
@pytest.mark.parametrize("output", OUTPUTS)
def test_no_command_prints_a_secret_whatever_variable_holds_it(output: str, variable: str) -> None:
    for secret, environment in placed(variable):
        said = printed({**base(variable), **environment}, *OUTPUTS[output])

        assert said
        assert not holds(said, secret), environment


@pytest.mark.parametrize("variable", NAMES)
def test_no_repr_and_no_error_of_settings_shows_a_secret(variable: str) -> None:
    for secret, environment in placed(variable):
        said = reprs({**base(variable), **environment})

        assert said
        assert not holds(said, secret), environment


@pytest.mark.parametrize(
    "arguments",
    [
        "{}", "--{}", "doctor {}", "doctor --{}", "doctor --timeout {}", "settings {}",
        "settings --env-file {}", "settings --env-file . {}", "recipe {}", "recipe azure --as {}",
        "mock --port {}", "mock --recipe {} -- true", "mock -- {}", "guide {}", "guide check {}",
        "guide renew {}", "guide renew {}#limits",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "key",
    ["sk-ant-api03-abcdefghijklmnopqrst0123", "a-key-of-no-shape", f"sk-ant-api03-{'aB3' * 120}"],
    ids=["shape", "no shape", "too long for a file's name"],
)
def test_no_complaint_about_arguments_shows_a_key_that_was_typed_there(
    monkeypatch: pytest.MonkeyPatch, arguments: str, key: str
) -> None:
    monkeypatch.setenv("LLM_API_KEY", key)
    result = CliRunner().invoke(main, arguments.format(key).split())

    # A command that is not there is 127, as in a shell.
    assert result.exit_code in (2, 127)
    assert key not in result.output


def test_no_refusal_of_a_recipe_shows_what_was_given() -> None:
    refused = 0
    for variable in ("LLM_MODEL", "LLM_BASE_URL", "LLM_NUM_RETRIES"):
        for secret, environment in placed(variable):
            # A line end fits in no key and no address; a form that is none is refused too.
            for ending, form in (("", "env"), ("\n", "env"), ("", secret)):
                given = f"--set={variable}={environment[variable]}{ending}"
                with mock.patch.dict(os.environ, environment, clear=True):
                    result = CliRunner().invoke(main, ["recipe", "openai", given, "--as", form])
                if result.exit_code and (form == "env" or secret in KEYS.values()):
                    refused += 1
                    assert result.exit_code == 2
                    assert not holds(result.output, secret), (given, form)

    assert refused > 100


def test_the_address_of_the_site_is_shown_as_any_other() -> None:
    said = printed({"LLMDOCS_SITE_URL": ADDRESSES["password"]}, "doctor", "--offline")

    assert "See: https://***@gate.example/v1/guides/troubleshooting/#missing" in said


@pytest.mark.parametrize("output", OUTPUTS)
def test_no_name_of_a_variable_shows_the_key_that_is_a_part_of_it(output: str) -> None:
    for key in KEYS.values():
        for name in (f"LLM_API_KEY{key}", f"LLM_API_KEY_{key}", f"LLM_{key}"):
            environment = {**base("LLM_MODEL"), name: "1"}

            assert not holds(printed(environment, *OUTPUTS[output]), key), name
            assert not holds(reprs(environment), key), name


@pytest.mark.parametrize("output", OUTPUTS)
def test_what_another_line_of_the_env_file_holds_is_not_shown(output: str, tmp_path: Path) -> None:
    file = tmp_path / "own.env"
    file.write_text(
        f"COHERE_API_KEY={PLAIN}\nLLM_MODEL=openai/{PLAIN}\nLLM_API_VERSION={PLAIN}\n"
        f"LLM_API_KEY={KEY}\nLLM_BASE_MODEL={KEY}\n"
    )
    # The environment's key is in force; the file's is a key all the same.
    said = printed({"LLM_API_KEY": "another-key"}, *OUTPUTS[output], "--env-file", str(file))

    assert not holds(said, PLAIN)
    assert not holds(said, KEY)
    assert "[COHERE_API_KEY]" in said


def test_a_fix_that_holds_a_secret_is_hidden_and_still_applies() -> None:
    environment = {**base("LLM_MODEL"), "LLM_BASE_URL": ADDRESSES["plain HTTP"]}
    words = printed(environment, "doctor", "--offline")
    (told,) = json.loads(printed(environment, "doctor", "--offline", "--json"))["findings"]
    with mock.patch.dict(os.environ, environment, clear=True):
        (finding,) = offline.examine(container=False).findings

    assert "Fix: LLM_BASE_URL=https://***@gate.example/v1, if the server" in words
    assert told["set"] == {"LLM_BASE_URL": None}
    assert finding.remedy.values == {"LLM_BASE_URL": f"https://{PLAIN}@gate.example/v1"}


# What a provider echoes

ENVIRONMENT = {
    "GOOGLE_API_KEY": "what-Google-gave-me",
    "AWS_SECRET_ACCESS_KEY": "what/AWS+gave/me",
    "SNOWFLAKE_JWT": "what-Snowflake-gave",
}
ECHOED = {
    **KEYS,
    **ENVIRONMENT,
    "key in force": KEY,
    "userinfo": PLAIN,
    **{f"address: {name}": address for name, address in ADDRESSES.items()},
}
STATUSES = (400, 401, 404, 429, 503)


def secret_of(name: str) -> str:
    return PLAIN if name.startswith("address: ") else ECHOED[name]


@pytest.fixture
def llm(wire: MockedProviders) -> Iterator[Callable[..., LLM]]:
    """A client whose address holds a token, in an environment with credentials of others."""
    with mock.patch.dict(os.environ, ENVIRONMENT):
        yield lambda **options: LLM(
            settings_of(
                "openai", api_key=KEY, base_url=f"https://{PLAIN}@api.openai.com/v1", **options
            ),
            sleep=lambda _: None,
        )


@pytest.mark.parametrize("status", STATUSES)
def test_no_error_of_a_call_shows_what_the_provider_echoes(
    wire: MockedProviders, llm: Callable[..., LLM], status: int
) -> None:
    said = " ".join(f"Wrong: '{text}'." for text in ECHOED.values())
    body = {"error": {"message": said, "code": " ".join(ECHOED.values()), "type": said}}
    for fault in (
        ErrorAnswer(status, {"location": ADDRESSES["code"]}, said),
        ErrorAnswer(status, message=json.dumps(body)),
    ):
        wire.faults[:] = [fault]
        error = error_of(lambda: llm(num_retries=0).complete("Hello"))

        assert isinstance(error, ProviderError)
        assert error.provider_message
        assert "[GOOGLE_API_KEY]" in error.provider_message
        assert "[LLM_API_KEY]" in str(error)
        assert [name for name in ECHOED if holds(everything_of(error), secret_of(name))] == []
        assert type(error.__cause__).__module__.startswith("litellm")


def test_the_code_of_an_error_is_no_way_out(wire: MockedProviders, llm: Callable[..., LLM]) -> None:
    for name, code in ECHOED.items():
        wire.faults[:] = [ErrorAnswer(400, message="no", code=code)]
        error = error_of(lambda: llm(num_retries=0).complete("Hello"))

        assert isinstance(error, ProviderError)
        assert not holds(everything_of(error), secret_of(name))


def test_no_warning_before_a_retry_shows_what_the_provider_echoes(
    wire: MockedProviders, llm: Callable[..., LLM], loggers: None, logged: list[Logged]
) -> None:
    wire.faults[:] = [ErrorAnswer(503, message=f"Wrong: {text}") for text in ECHOED.values()]
    # The token in the address goes in place of the key, which ends it.
    error_of(lambda: llm(num_retries=len(ECHOED)).complete("Hello"))

    warnings = [record.text for record in logged if record.logger == "llmdocs"]
    assert len(warnings) == len(ECHOED)
    for name in ECHOED:
        assert not [text for text in warnings if holds(text, secret_of(name))], name


@pytest.fixture
def loggers() -> None:
    """Those of litellm and httpx are there once it is imported."""
    litellm()


@pytest.mark.parametrize("address", ["userinfo", "query"])
def test_no_log_at_info_holds_a_credential_of_the_address(
    wire: MockedProviders, loggers: None, logged: list[Logged], address: str
) -> None:
    """httpx logs the address of each request; at DEBUG litellm and the SDKs log all they have."""
    url = f"https://{PLAIN}@api.openai.com/v1"
    if address == "query":
        url = f"https://api.openai.com/v1?code={PLAIN}"
    settings = settings_of("openai", api_key=KEY, base_url=url, num_retries=0)
    error_of(lambda: LLM(settings).complete("Hello"))

    said = [record for record in logged if record.level >= logging.INFO]
    of_httpx = [record.text for record in said if record.logger == "httpx"]
    assert "HTTP Request: POST https://" in of_httpx[0]
    assert "***" in of_httpx[0]
    assert not [record for record in said if holds(record.text, PLAIN) and not is_mock(record)]


def is_mock(record: Logged) -> bool:
    return record.logger.startswith(("llmdocs.wire", "uvicorn"))


def test_what_others_log_with_httpx_is_left_as_it_is(loggers: None, logged: list[Logged]) -> None:
    logging.getLogger("httpx").info("GET %s %d", "https://h.example/?page=2&sort=asc#top", 200)

    assert "GET https://h.example/?page=2&sort=asc#top 200" in logged[-1].text


def test_a_short_password_of_an_address_is_not_shown() -> None:
    shown = Redaction.in_force("a-key", "https://me:Zq7x@gate.example/v1").text(
        "Wrong: Zq7x, e-mail."
    )

    assert shown == "Wrong: [LLM_BASE_URL], e-mail."


def test_the_password_of_a_proxy_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://me:{PLAIN}@proxy.example:3128")

    assert without_secrets(f"407: not {PLAIN}") == "407: not [https_proxy]"


PROXIES = [
    f"http://me:{PLAIN}@proxy.invalid:3128",
    f"http://{PLAIN}@127.0.0.1:9",
    f"http://me:{PLAIN}@proxy.invalid:99999",
    f"gopher://me:{PLAIN}@proxy.invalid",
    f"me:{PLAIN}@proxy.invalid:3128",
]


@pytest.mark.parametrize("proxy", PROXIES)
@pytest.mark.parametrize("call", ["complete", "acomplete"])
def test_no_error_shows_the_address_of_a_proxy(
    wire: MockedProviders, monkeypatch: pytest.MonkeyPatch, proxy: str, call: str
) -> None:
    # litellm keeps its clients, and a client reads the variable when it is made.
    cache = litellm().in_memory_llm_clients_cache
    cache.flush_cache()
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    llm = LLM(settings_of("openai", api_key=KEY, num_retries=0))
    error = error_of(lambda: CALLS[call](llm))
    cache.flush_cache()

    assert isinstance(error, ProviderError)
    assert not holds(everything_of(error), PLAIN)


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["words", "JSON"])
def test_the_doctor_shows_nothing_that_the_provider_echoes(
    wire: MockedProviders, options: tuple[str, ...]
) -> None:
    environment = {
        **{name: os.environ[name] for name in ("SSL_CERT_FILE", "LITELLM_LOCAL_MODEL_COST_MAP")},
        **ENVIRONMENT,
        "LLM_MODEL": "openai/gpt-4.1-mini",
        "LLM_API_KEY": KEY,
        "LLM_BASE_URL": f"https://{PLAIN}@api.openai.com/v1",
    }
    for name, text in ECHOED.items():
        for status in (401, 404):
            wire.faults[:] = [ErrorAnswer(status, message=f"Wrong: {text}")] * 2
            said = printed(environment, "doctor", *options)

            assert "Calling openai/gpt-4.1-mini" in said
            assert f"HTTP {status}" in said
            assert not holds(said, secret_of(name))


# Shapes


def model_names() -> list[str]:
    path = litellm_credentials.package() / FILE_NAME
    return list(json.loads(path.read_text("utf-8")))


def test_every_model_that_litellm_knows_is_shown() -> None:
    names = model_names()

    assert len(names) > 4000
    for name in names:
        assert shown_value(name) == name
        assert without_keys_by_shape(name) == name
        assert without_address_secrets(f"Calling {name} …") == f"Calling {name} …"
        assert not is_like_a_key(name)


@pytest.mark.parametrize(
    "text",
    [
        "azure/0f8fad5b-d9cb-469f-a165-70867728950e",
        "azure/sk-prod-gpt-4o-mini-eastus2-canary",
        "sk-learn-text-classification-v2",
        "2024-10-21-preview",
        "openai/ft:gpt-4.1-mini-2025-04-14:acme:support:B3xYz12Q",
        "bedrock/arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-v2",
        "digest sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "request req_0123456789abcdef0123456789abcdef",
        "commit b58d3f102cf3a2c84cb7f923d05c25c9b1aed84b",
        "Bearer authentication is required, and basic authorization-by-password is not",
        "Contact support@openai.com, or see https://platform.openai.com/docs/guides/errors.",
        "Incorrect API key provided: sk-abc***********xyz. You can find your API key at "
        "https://platform.openai.com/account/api-keys.",
        "https://gateway.example:8443/@scope/v1",
        "see https://go.microsoft.com/fwlink/?linkid=2197993.",
        "https://gateway.example/openai?api-version=2024-10-21",
        "https://gateway.example/openai?api-version=2024-12-01-preview",
        "What is this? It is in https://gateway.example/v1",
        "risk-assessment-of-disk-failures-with-task-queues",
        "hf_hub_download and gh_actions_workflow_dispatch_event",
    ],
)
def test_what_only_resembles_a_secret_is_shown(text: str) -> None:
    assert without_secrets(text) == text
    assert shown_value(text) == text


@pytest.mark.parametrize("rule", key_shapes.ANYWHERE)
@settings(max_examples=15)
@given(data=st.data())
def test_whatever_has_the_shape_of_a_rule_is_taken_out(rule: str, data: st.DataObject) -> None:
    """What marks it in a text is among the marks, by which it is looked for at all."""
    text = data.draw(st.from_regex(rule))

    assert without_keys_by_shape(text) != text


@pytest.mark.parametrize("name", KEYS)
def test_a_key_of_each_shape_is_taken_out_of_a_sentence_and_nothing_else_is(name: str) -> None:
    for before, after in (("Wrong key ", "."), ('{"key":"', '"}'), ("(", ")"), ("key=", " ;")):
        assert without_secrets(f"{before}{KEYS[name]}{after}") == f"{before}[redacted]{after}"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Basic"])
def test_a_token_after_the_name_of_its_scheme_is_taken_out(scheme: str) -> None:
    said = without_secrets(f"authorization: {scheme} Zm9vOmJhcjEyMzQ1Njc4OTA=")

    assert said == f"authorization: {scheme} [redacted]"


def test_a_private_key_is_taken_out_to_its_end() -> None:
    body = "\n".join(["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7"] * 20)
    key = f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"

    assert without_secrets(f"Bad key: {key}.") == "Bad key: [redacted]\n."
    assert "MIIE" not in without_secrets(json.dumps({"private_key": key, "id": "x"}))


# Addresses

hosts = st.sampled_from(["gate.example", "gate", "[::1]", "127.0.0.1", "gate.example:8443"])
safe = st.text("abcXYZ019-._~!$&'()*+,;=%", min_size=LEAST_ANYWHERE).map(lambda text: f"Zq{text}")


@given(safe, hosts, st.sampled_from(["", "/v1", "/a/b.c/v1/"]))
def test_an_address_is_shown_by_its_scheme_host_port_and_path(
    secret: str, host: str, path: str
) -> None:
    place = f"{host}{path}"
    for address, shown in {
        f"https://{secret}@{place}": f"https://***@{place}",
        f"http://me:{secret}@{place}": f"http://***@{place}",
        f"https://{place}?a=b&c={quoted(secret)}": f"https://{place}?a=***&c=***",
        f"https://{place}#{quoted(secret)}": f"https://{place}#***",
        f"https://{place}?code=123456&page=2": f"https://{place}?code=***&page=2",
        f"https://{place}": f"https://{place}",
    }.items():
        assert shown_address(address) == shown
        assert shown_address(shown) == shown
        for before, after in (("", ""), ("to ", ", and back"), ('{"url":"', '"}')):
            assert without_address_secrets(f"{before}{address}{after}") == f"{before}{shown}{after}"


def quoted(text: str) -> str:
    """Percent-escaped, so that it is one value and no punctuation ends it."""
    return "".join(f"%{ord(character):02X}" for character in text)


@given(st.text(max_size=60), safe)
def test_what_was_taken_out_once_is_taken_out(text: str, secret: str) -> None:
    """An error is looked at again after it was rewritten."""
    once = without_secrets(f"{text} https://u:{secret}@h/?k={secret} {text}")

    assert without_secrets(once) == once
    assert without_secrets(repr(once)) == repr(once)


PIECES = [
    "://", "@", "://@", "://a:", "://a@b/", "a@", "?", "?a=", "&a=", "#", ":/", "\\/", "\\", "[",
    "://[", "://a?", "x=", "http", "~", "-", ".", "eyJ", "_eyJ", "-eyJ", "eyJaaaaaaaaaa.", "sk-",
    "sk-a", "sk-aB-", "0f", "A3T", "A", "JQQJ9", "8Q~", "bearer ", "bearer a", "gh",
    "-----BEGIN PRIVATE KEY-----", "-----BEGIN ", "%25", "&amp;", KEY[:-1], "'", "1", "=", "Q~",
]  # fmt: skip
SECONDS = 20
LENGTHS = (2_500, 40_000)
# What makes a search begin, or fail at its end.
AROUND = [("", ""), ("https://h?a=", "b"), ("https://", "@"), ("?a=", "b"), ("eyJ", ".")]


@pytest.mark.parametrize("around", AROUND, ids=str)
@pytest.mark.parametrize("piece", PIECES)
def test_a_search_for_secrets_grows_as_its_text_does(piece: str, around: tuple[str, str]) -> None:
    """Twice the text takes about twice the time: a search that grows with its square takes four."""

    def run(text: str) -> None:
        without_secrets(text, KEY)
        shown_address(text)

    def text(length: int) -> str:
        return (piece * (length // len(piece))).join(around)

    with at_most(SECONDS):
        assert not (
            is_suspect(run, text, *LENGTHS) and all(grows(run, text, *LENGTHS) for _ in range(6))
        )


def test_the_list_of_names_has_what_no_word_in_a_name_tells() -> None:
    """An ID is none, but for that of a key."""
    assert not holds_a_credential("OTHER_ACCESS_KEY_ID")
    assert holds_a_credential("AWS_ACCESS_KEY_ID")


def test_the_chain_of_an_error_is_walked_whole() -> None:
    """The tests above look at every cause: they would see a secret in the last one."""
    error = ValueError("first")
    error.__cause__ = KeyError("second")
    error.__cause__.__context__ = OSError("third")

    assert len(list(chain(error))) == 3
    assert "third" in everything_of(error)


@pytest.mark.parametrize("name", [*KEYS, *ENVIRONMENT, "key in force", "userinfo"])
def test_an_excerpt_cuts_no_secret_in_two(name: str) -> None:
    secret = f"https://me:{PLAIN}@gate.example/v1" if name == "userinfo" else ECHOED[name]
    end = "words of the provider " * 2_000
    with mock.patch.dict(os.environ, ENVIRONMENT):
        redaction = Redaction.in_force(KEY)
        for before in range(0, len(secret) + 60, 7):
            text = f"{'-' * (300 - before)} {secret} {end}"
            shown = redaction.excerpt(text, 300)

            assert len(shown) <= 301
            assert shown.endswith("…")
            assert not any(secret[:size] in shown for size in (16, len(secret)))


@pytest.mark.parametrize("piece", ["x", "?", "a@", "\\u0061", "%41", "://a?", "eyJ", "sk-a"])
def test_an_excerpt_reads_no_further_than_it_has_to(
    monkeypatch: pytest.MonkeyPatch, piece: str
) -> None:
    redaction = Redaction.in_force(KEY)
    free, freed, searched = secrets.without_controls, list[int](), list[int]()

    def note_and_free(text: str) -> str:
        freed.append(len(text))
        return free(text)

    def note_and_search(text: str, length: int) -> int:
        searched.append(len(text))
        return Redaction._end_outside_secrets(redaction, text, length)

    monkeypatch.setattr(secrets, "without_controls", note_and_free)
    monkeypatch.setattr(redaction, "_end_outside_secrets", note_and_search)
    redaction.excerpt(piece * (4 * MOST_READ // len(piece)))

    assert max(freed) <= MOST_READ
    assert max(searched) <= MOST_SHOWN + MARGIN + LONGEST_SPELLING * len(KEY)


@pytest.mark.parametrize(
    "token",
    [
        "sk-live-51habcdefghijklmnop",
        "tok_0123456789abcdef",
        "aB3dE5fG7hI9jK1lM3nO5pQ7",
        "0123456789abcdef0123456789abcdef",
        "AIzaSy" + "A0" * 17,
    ],
)
@pytest.mark.parametrize("rest", ["", "/v1", "/v1?api-version=1"])
def test_a_token_in_the_path_of_an_address_is_not_shown(token: str, rest: str) -> None:
    address = f"https://gw.example/v1/{token}{rest}"
    settings = Settings(model="openai/a", api_key="k", base_url=address)
    redaction = settings.redaction()

    assert token not in redaction.value("LLM_BASE_URL", address)
    assert token not in shown_address(address)
    assert token not in repr(settings)


@pytest.mark.parametrize("token", ["sk-live-51habcdefghijklmnop", "aB3dE5fG7hI9jK1lM3nO5pQ7"])
@pytest.mark.parametrize(
    "path",
    [
        "v1;token={}",
        "v1;{};a=1",
        "{} and more",
        "{};v=1/v1",
        "key={}/v1",
        "api_key={}",
        "t={}",
        "{}==/v1",
    ],
)
def test_a_token_in_a_part_of_a_path_is_not_shown(token: str, path: str) -> None:
    address = f"https://gw.example/{path.format(token)}"

    assert shown_address(address) == f"https://gw.example/{path.format('***')}"
    assert any(token in secret for secret in secrets_of(address))


def test_a_short_value_of_a_part_that_says_it_is_secret_is_not_shown() -> None:
    assert shown_address("https://gw.example/v1;token=abc") == "https://gw.example/v1;token=***"
    assert shown_address("https://gw.example/v1;token=ab==") == "https://gw.example/v1;token=***"


def test_the_name_that_stands_for_a_secret_stays_whole() -> None:
    assert shown_address("https://gw.example/v1?key=[LLM_API_KEY]").endswith("?key=[LLM_API_KEY]")


@pytest.mark.parametrize(
    "path",
    [
        "/v1;version=2024-10-21",
        "/models/a=b/v1",
        "/openai/deployments/gpt-4o-2024-11-20",
        "/v1/models/DeepSeekR1DistillQwen32BInstruct",
        "/client/v4/accounts/123e4567-e89b-12d3-a456-426614174000/ai/v1",
        "/v1beta/openai",
        "/secret-santa-2024",
    ],
)
def test_a_path_that_holds_no_token_is_shown(path: str) -> None:
    assert shown_address(f"https://gw.example{path}") == f"https://gw.example{path}"
    assert [*secrets_of(f"https://gw.example{path}")] == []
