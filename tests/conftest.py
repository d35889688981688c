"""One set of mocked providers for the whole run, with every connection redirected to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmdocs.wire.accounts import account_from
from llmdocs.wire.redirect import sitecustomize as redirect
from llmdocs.wire.server import MockedProviders

ROOT = Path(__file__).parent.parent
OLLAMA_PORT = 11434


def recipe(name: str) -> dict[str, str]:
    lines = (ROOT / "snippets" / name / "recipe.env").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


@pytest.fixture(scope="session")
def _mocked_providers() -> Iterator[MockedProviders]:
    accounts = {name: account_from(recipe(name)) for name in ("openai", "azure", "ollama")}
    with MockedProviders(accounts) as providers:
        os.environ.pop("SSL_CERT_DIR", None)
        os.environ["SSL_CERT_FILE"] = str(providers.ca_file)
        redirect.install(providers.port, frozenset({OLLAMA_PORT}))
        yield providers
        redirect.uninstall()


@pytest.fixture
def wire(_mocked_providers: MockedProviders) -> Iterator[MockedProviders]:
    """The mocked providers, with nothing recorded yet; a call to any other host fails the test."""
    _mocked_providers.requests.clear()
    yield _mocked_providers
    strangers = [request.url for request in _mocked_providers.requests if not request.provider]
    assert strangers == []
