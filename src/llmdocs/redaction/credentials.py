"""Environment variables that hold credentials: those that litellm reads by itself, and the clouds'.

A provider may echo whatever it was sent, and litellm sends what it finds under these names.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Mapping
from pathlib import Path

# Rendered from the source of the locked litellm by `make update`, one name a line.
FILE_NAME = "credentials.txt"
# What the libraries read through which litellm signs in; they are read by no name in its source.
CLOUDS = frozenset(
    {
        # https://docs.aws.amazon.com/boto3/latest/guide/configuration.html, and botocore's
        # `credentials.py` and `tokens.py` for the last three.
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_BEARER_TOKEN_BEDROCK",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        # https://learn.microsoft.com/python/api/overview/azure/identity-readme#environment-variables
        "AZURE_CLIENT_SECRET",
        "AZURE_CLIENT_CERTIFICATE_PASSWORD",
        "AZURE_PASSWORD",
        # The SDKs of OpenAI and Anthropic: their `_client.py`.
        "AZURE_OPENAI_AD_TOKEN",
        "OPENAI_ADMIN_KEY",
        "OPENAI_WEBHOOK_SECRET",
        "ANTHROPIC_AUTH_TOKEN",
    }
)
CREDENTIAL_VARIABLES: frozenset[str] = CLOUDS | frozenset(
    Path(__file__).with_name(FILE_NAME).read_text("utf-8").split()
)
LIKE_A_SECRET = re.compile(
    r"(?<!mon)key(?!board|map|ring|cloak)|token(?!ize|izi)|secret|passw|credential|_pwd|"
    r"(?:\A|_)(?:pass|auth|bearer|jwt|pat|creds?)(?:_|\Z)",
    re.IGNORECASE,
)
# Such a name says where something is, or is of another thing altogether.
NOT_A_SECRET = re.compile(
    r"_(?:file|path|dir|url|uri|host|endpoint|id|sock|type|mode|method)\Z|"
    r"(?:\A|_)(?:max|min|num|total|prompt|completion)_tokens(?:_|\Z)",
    re.IGNORECASE,
)
# What people and servers' pages write where a server asks for no key: words, and no secrets.
STAND_INS = frozenset(
    {
        "ollama", "lm-studio", "lmstudio", "vllm", "llama.cpp", "none", "null", "empty", "any",
        "anything", "dummy", "dummy-key", "fake", "fake-key", "test", "no-key", "no_key", "nokey",
        "not-needed", "not_needed", "not-required", "unused", "local", "sk-no-key-required",
        "sk-dummy", "sk-fake", "x", "-", ".",
    }
)  # fmt: skip
# What an example has where a key belongs, and what people write there for a while: `sk-...`, `xxx`,
# `changeme`, `ADD_YOUR_KEY_HERE`, `sk-1234`. It may begin as a key does.
EXAMPLES = re.compile(
    r"(?:[a-z][a-z0-9]{0,8}[-_]){0,3}(?:x{3,200}|\*{3,200}|\.{3,200}|…|1234\d{0,6}|"
    r"(?:change|replace)[-_ ]?me|placeholder|todo|"
    r"(?:paste|insert|add|enter|put|replace|your|my|the)[-_ ](?:[a-z]{1,20}[-_ ]){0,6}"
    r"(?:here|key|token|secret))",
    re.IGNORECASE,
)
# A shorter value is part of many a word.
LEAST_CHARACTERS = 8


def is_example(value: str) -> bool:
    """Whether no provider has handed out such a key: it stands for one in an example."""
    return value.lower() in STAND_INS or bool(EXAMPLES.fullmatch(value))


@functools.lru_cache(maxsize=4096)
def holds_a_credential(name: str) -> bool:
    """Whether a variable holds a credential, by its name."""
    return name in CREDENTIAL_VARIABLES or bool(
        LIKE_A_SECRET.search(name) and not NOT_A_SECRET.search(name)
    )


def credentials_in(variables: Mapping[str, str]) -> dict[str, str]:
    """Each credential of 8 characters or more that variables hold, and the name of the first."""
    found: dict[str, str] = {}
    for name, value in variables.items():
        value = value.strip()
        if len(value) >= LEAST_CHARACTERS and holds_a_credential(name):
            found.setdefault(value, name)
    return found


def credentials_of_others(own: str | None) -> dict[str, str]:
    """Each credential that litellm may take from the environment, and its name, but for `own`."""
    names = [name for name in list(os.environ) if name in CREDENTIAL_VARIABLES]
    held = {os.environ.get(name, "").strip(): name for name in names}
    return {
        value: name
        for value, name in held.items()
        if len(value) >= LEAST_CHARACTERS and value != own
    }
