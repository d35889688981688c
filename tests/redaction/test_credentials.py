"""The names of credentials are those that the locked litellm reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.redaction import credentials
from llmdocs.redaction.credentials import CREDENTIAL_VARIABLES, credentials_in, holds_a_credential
from tests.support import litellm_credentials

FILE = Path(credentials.__file__).with_name(credentials.FILE_NAME)


def test_the_list_of_credentials_is_what_litellm_reads(request: pytest.FixtureRequest) -> None:
    names = litellm_credentials.names()
    if request.config.getoption("update_examples"):
        FILE.write_text("".join(f"{name}\n" for name in names), "utf-8")
    listed = FILE.read_text("utf-8").split()

    new, gone = {*names} - {*listed}, {*listed} - {*names}
    assert not new | gone, f"new: {sorted(new)}; gone: {sorted(gone)}; run `make update`"
    assert listed == names


@pytest.mark.parametrize(
    "name",
    [
        "LLM_PASS", "LLM_AUTH", "LLM_BEARER", "AUTH_HEADER", "DB_PWD", "GITHUB_PAT", "CREDS",
        "KEYCLOAK_CLIENT_SECRET", "KEYRING_PASSWORD", "MONKEY_API_KEY",
        "ADMIN_TOKEN", "ADMIN_TOKENS", "DOMAIN_TOKEN",
    ],
)  # fmt: skip
def test_a_name_that_says_credential_in_another_word_holds_one(name: str) -> None:
    assert holds_a_credential(name)


@pytest.mark.parametrize(
    "name",
    [
        "XAUTHORITY", "SSH_AUTH_SOCK", "GIT_AUTHOR_NAME", "LLM_PATH", "COMPASS", "AUTH_TYPE", "PWD",
        "OLDPWD", "MAX_TOKENS", "AUTH_METHOD", "GNOME_KEYRING_CONTROL", "KEYCLOAK_REALM",
        "MONKEYPATCH", "TOKENIZERS_PARALLELISM",
    ],
)  # fmt: skip
def test_a_name_that_only_resembles_that_of_a_credential_holds_none(name: str) -> None:
    assert not holds_a_credential(name)


@pytest.mark.parametrize(
    "name",
    [
        "GOOGLE_API_KEY", "GEMINI_API_KEY", "OPENAI_API_KEY", "HF_TOKEN", "WATSONX_ZENAPIKEY",
        "AWS_SECRET_ACCESS_KEY", "AZURE_CLIENT_SECRET", "VERCEL_OIDC_TOKEN", "PUBLICAI_API_KEY",
        "SNOWFLAKE_JWT", "DASHSCOPE_API_KEY", "QWENCLOUD_API_KEY", "GIGACHAT_CREDENTIALS",
    ],
)  # fmt: skip
def test_a_name_that_is_read_is_listed(name: str) -> None:
    """By Google's, a JSON file's, a name that is made from the provider's, and the clouds' own."""
    assert name in CREDENTIAL_VARIABLES


def test_each_providers_own_key_in_the_catalogue_is_listed() -> None:
    own = {name for provider in CATALOGUE.values() for name in provider.key}

    # LM Studio's own tools read that; litellm does not.
    assert own - CREDENTIAL_VARIABLES <= {"LM_API_TOKEN"}
    assert all(map(holds_a_credential, own))


def test_a_value_of_a_few_characters_and_a_path_are_no_credentials() -> None:
    variables = {
        "GOOGLE_API_KEY": " AIza-of-Google ",
        "MY_TOKEN": "token-of-mine",
        "OTHER_TOKEN": "token-of-mine",
        "OPENAI_API_KEY": "none",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/run/secrets/token",
        "TOKENIZERS_PARALLELISM": "sometimes",
        "PATH": "/usr/bin:/bin",
    }

    assert credentials_in(variables) == {
        "AIza-of-Google": "GOOGLE_API_KEY",
        "token-of-mine": "MY_TOKEN",
    }
