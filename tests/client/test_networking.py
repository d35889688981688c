"""What the guide to networking says: which failure is which, and what the variables do."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from llmdocs import LLM, recipes
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.errors import ConnectionFailedError, ProviderError, ProviderTimeoutError, RequestError
from llmdocs.wire.faults import named
from llmdocs.wire.redirect import sitecustomize as redirect
from llmdocs.wire.server import MockedProviders
from tests.client.test_faults import settings_of
from tests.support.networking_probe import PASSWORD, USER, chain
from tests.support.provider_groups import EMBEDDING, EVERY
from tests.support.site_files import ROOT, SNIPPETS

# Which failure is which

Call = Callable[[LLM, asyncio.Runner], Any]
CALLS: dict[str, Call] = {
    "complete": lambda llm, _: llm.complete("Hello"),
    "acomplete": lambda llm, runner: runner.run(llm.acomplete("Hello")),
    "embed": lambda llm, _: llm.embed("Hello"),
    "aembed": lambda llm, runner: runner.run(llm.aembed("Hello")),
}


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def failure(
    wire: MockedProviders, runner: asyncio.Runner, call: str, provider: str
) -> Callable[..., ProviderError]:
    """The error of a call to an origin, and where the client's connections are new."""

    def fail(origin: str, **changes: Any) -> ProviderError:
        wire.close_connections()
        base_url = f"{origin}{CATALOGUE[provider].base_path}"
        llm = LLM(settings_of(provider, base_url=base_url, num_retries=0, **changes))
        with pytest.raises(ProviderError) as caught:
            CALLS[call](llm, runner)
        return caught.value

    return fail


def of_the_system(error: BaseException) -> OSError:
    """The innermost error of the system under an error: it tells what failed."""
    return [cause for cause in chain(error) if isinstance(cause, OSError)][-1]


each_call = pytest.mark.parametrize("call", CALLS)


@pytest.mark.parametrize(
    ("provider", "call"),
    [
        (provider, call)
        for provider in EVERY
        for call in CALLS
        if "embed" not in call or provider in EMBEDDING
    ],
)
class TestTheCauseTells:
    def test_that_a_name_does_not_resolve(self, failure: Callable[..., ProviderError]) -> None:
        error = failure("http://nowhere.invalid")

        assert type(error) is ConnectionFailedError
        assert type(of_the_system(error)) is socket.gaierror

    def test_that_the_name_of_the_docker_host_is_unknown(
        self, failure: Callable[..., ProviderError]
    ) -> None:
        with redirect.unresolvable("host.docker.internal"):
            error = failure("http://host.docker.internal:11434")

        assert type(of_the_system(error)) is socket.gaierror

    def test_that_nothing_listens(self, failure: Callable[..., ProviderError]) -> None:
        error = failure(f"http://localhost:{closed_port()}")

        assert type(error) is ConnectionFailedError
        assert type(of_the_system(error)) is ConnectionRefusedError

    def test_that_the_certificate_is_not_trusted(
        self, failure: Callable[..., ProviderError], wire: MockedProviders
    ) -> None:
        wire.faults.append(named("untrusted-certificate"))
        error = failure("https://gateway.example")
        cause = of_the_system(error)

        assert type(error) is ConnectionFailedError
        assert type(cause) is ssl.SSLCertVerificationError
        assert "unable to get local issuer certificate" in str(cause)

    def test_that_the_port_has_no_tls(self, failure: Callable[..., ProviderError]) -> None:
        error = failure("https://localhost:11434")

        assert type(error) is ConnectionFailedError
        assert type(of_the_system(error)) is ssl.SSLError

    def test_that_the_server_is_silent(
        self, failure: Callable[..., ProviderError], wire: MockedProviders, provider: str
    ) -> None:
        wire.faults.append(named("hang"))
        error = failure(CATALOGUE[provider].origins[0], timeout=0.2)

        assert type(error) is ProviderTimeoutError
        assert isinstance(of_the_system(error), TimeoutError)


# What the variables do


@dataclass(frozen=True)
class Scenario:
    """Variables of the network, and where every call then arrives, or how it fails.

    `{proxy}` and the like stand for what the probe makes.
    """

    variables: dict[str, str]
    reached: str = ""
    error: str = ""
    causes: tuple[str, ...] = ()
    provider: str = "openai"
    settings: dict[str, str] = field(default_factory=dict)
    public: bool = True

    def to_play(self) -> dict[str, Any]:
        authorities = {"SSL_CERT_FILE": "{public}"} if self.public else {}
        trusted = {"SSL_CERT_FILE": "{appended}"} if self.reached == "proxy" else {}
        return {**asdict(self), "variables": {**authorities, **trusted, **self.variables}}


PROXY = "{proxy}"
DEAD = "http://127.0.0.1:9"
LOCAL: dict[str, Any] = {"provider": "ollama"}
DOCKER: dict[str, Any] = {**LOCAL, "settings": {"base_url": "http://host.docker.internal:11434"}}
IPV6: dict[str, Any] = {**LOCAL, "settings": {"base_url": "http://[::1]:11434"}}
IPV4: dict[str, Any] = {**LOCAL, "settings": {"base_url": "http://127.0.0.1:11434"}}
GUARDED = f"http://{USER}:p%40ss%20word@{{guarded}}"
NO_TUNNEL = ("ProxyError", "ClientHttpProxyError")
UNTRUSTED = ("SSLCertVerificationError",)

SCENARIOS: dict[str, Scenario] = {
    "no variable": Scenario({}, "direct"),
    "HTTPS_PROXY": Scenario({"HTTPS_PROXY": PROXY}, "proxy"),
    "HTTPS_PROXY, Azure": Scenario({"HTTPS_PROXY": PROXY}, "proxy", provider="azure"),
    "https_proxy": Scenario({"https_proxy": PROXY}, "proxy"),
    "HTTP_PROXY and an address with https": Scenario({"HTTP_PROXY": PROXY}, "direct"),
    "HTTPS_PROXY and an address with http": Scenario({"HTTPS_PROXY": PROXY}, "direct", **LOCAL),
    "HTTP_PROXY and localhost": Scenario({"HTTP_PROXY": PROXY}, "proxy", **LOCAL),
    "http_proxy and localhost": Scenario({"http_proxy": PROXY}, "proxy", **LOCAL),
    "ALL_PROXY": Scenario({"ALL_PROXY": PROXY}, "proxy"),
    "all_proxy and localhost": Scenario({"all_proxy": PROXY}, "proxy", **LOCAL),
    "ALL_PROXY and HTTPS_PROXY": Scenario({"ALL_PROXY": DEAD, "HTTPS_PROXY": PROXY}, "proxy"),
    "both cases": Scenario({"HTTPS_PROXY": DEAD, "https_proxy": PROXY}, "proxy"),
    "an empty value in lower case": Scenario({"HTTPS_PROXY": DEAD, "https_proxy": ""}, "direct"),
    "NO_PROXY": Scenario({"HTTP_PROXY": PROXY, "NO_PROXY": "localhost"}, "direct", **LOCAL),
    "no_proxy": Scenario({"HTTP_PROXY": PROXY, "no_proxy": "localhost"}, "direct", **LOCAL),
    "NO_PROXY against ALL_PROXY": Scenario(
        {"ALL_PROXY": PROXY, "NO_PROXY": "localhost"}, "direct", **LOCAL
    ),
    "NO_PROXY with several": Scenario(
        {"HTTP_PROXY": PROXY, "NO_PROXY": "localhost,127.0.0.1,::1,host.docker.internal"},
        "direct",
        **DOCKER,
    ),
    "NO_PROXY with the address alone": Scenario(
        {"HTTP_PROXY": PROXY, "NO_PROXY": "127.0.0.1"}, "proxy", **LOCAL
    ),
    "NO_PROXY with the address": Scenario(
        {"HTTP_PROXY": PROXY, "NO_PROXY": "127.0.0.1"}, "direct", **IPV4
    ),
    "NO_PROXY with a range": Scenario(
        {"HTTP_PROXY": PROXY, "NO_PROXY": "127.0.0.0/8"}, "proxy", **IPV4
    ),
    "NO_PROXY with ::1": Scenario({"HTTP_PROXY": PROXY, "NO_PROXY": "::1"}, "direct", **IPV6),
    "NO_PROXY with a domain": Scenario({"HTTPS_PROXY": PROXY, "NO_PROXY": "openai.com"}, "direct"),
    "NO_PROXY with an asterisk": Scenario(
        {"HTTPS_PROXY": PROXY, "NO_PROXY": "*.openai.com"}, "proxy"
    ),
    "a proxy that is not there": Scenario(
        {"HTTPS_PROXY": DEAD}, error="ConnectionFailedError", causes=("ConnectionRefusedError",)
    ),
    "a proxy whose name does not resolve": Scenario(
        {"HTTPS_PROXY": "http://proxy.invalid:3128"},
        error="ConnectionFailedError",
        causes=("gaierror",),
    ),
    "a host that the proxy does not find": Scenario(
        {"HTTPS_PROXY": PROXY},
        error="ConnectionFailedError",
        causes=NO_TUNNEL,
        settings={"base_url": "https://nowhere.invalid/v1"},
    ),
    "a user and a password": Scenario({"HTTPS_PROXY": GUARDED}, "proxy"),
    "a user and a password, plain HTTP": Scenario({"HTTP_PROXY": GUARDED}, "proxy", **LOCAL),
    "no password": Scenario(
        {"HTTPS_PROXY": "http://{guarded}"}, error="ConnectionFailedError", causes=NO_TUNNEL
    ),
    "a wrong password": Scenario(
        {"HTTPS_PROXY": "http://me:ex-password@{guarded}"},
        error="ConnectionFailedError",
        causes=NO_TUNNEL,
    ),
    "a wrong password, plain HTTP": Scenario(
        {"HTTP_PROXY": "http://me:ex-password@{guarded}"}, error="RequestError", **LOCAL
    ),
    "a private authority that is not trusted": Scenario(
        {"HTTPS_PROXY": PROXY}, error="ConnectionFailedError", causes=UNTRUSTED
    ),
    "a private authority, appended": Scenario(
        {"HTTPS_PROXY": PROXY, "SSL_CERT_FILE": "{appended}"}, "proxy"
    ),
    "a private authority, appended, and no proxy": Scenario(
        {"SSL_CERT_FILE": "{appended}"}, "direct"
    ),
    "a private authority alone": Scenario(
        {"HTTPS_PROXY": PROXY, "SSL_CERT_FILE": "{private}"}, "proxy"
    ),
    "a private authority alone, and no proxy": Scenario(
        {"SSL_CERT_FILE": "{private}"}, error="ConnectionFailedError", causes=UNTRUSTED
    ),
    "a private authority alone, and no proxy, Azure": Scenario(
        {"SSL_CERT_FILE": "{private}"},
        error="ConnectionFailedError",
        causes=UNTRUSTED,
        provider="azure",
    ),
    "SSL_VERIFY=False": Scenario(
        {"HTTPS_PROXY": PROXY, "SSL_CERT_FILE": "{public}", "SSL_VERIFY": "False"}, "proxy"
    ),
    "SSL_CERT_FILE of a file that is not there": Scenario(
        {"HTTPS_PROXY": PROXY, "SSL_CERT_FILE": "{appended}.missing"},
        error="ConnectionFailedError",
        causes=UNTRUSTED,
    ),
    **{
        f"{name} alone": Scenario(
            {"HTTPS_PROXY": PROXY, name: "{appended}"},
            error="ConnectionFailedError",
            causes=UNTRUSTED,
            public=False,
        )
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    },
}


# Plain calls and async ones do not agree on it.
WITH_A_PORT = Scenario({"HTTP_PROXY": PROXY, "NO_PROXY": "localhost:11434"}, **LOCAL)
EVERY_SCENARIO = {**SCENARIOS, "NO_PROXY with a port": WITH_A_PORT}


@functools.cache
def outcomes() -> dict[str, dict[str, dict[str, Any]]]:
    """What came of each call of each scenario: one process plays them all."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    switches = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"}
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.support.networking_probe"],
        input=json.dumps([scenario.to_play() for scenario in EVERY_SCENARIO.values()]),
        cwd=ROOT,
        env={**kept, **switches, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=180,
    )
    assert result.returncode == 0, result.stderr
    return dict(zip(EVERY_SCENARIO, json.loads(result.stdout), strict=True))


@each_call
@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str, call: str) -> None:
    expected, found = SCENARIOS[name], outcomes()[name][call]

    assert found["errors"][:1] == ([expected.error] if expected.error else []), found["text"]
    if expected.error:
        assert not expected.causes or set(expected.causes) & set(found["errors"])
    else:
        assert found["reached"] == [expected.reached]


@pytest.mark.parametrize(("call", "reached"), [("complete", "direct"), ("acomplete", "proxy")])
def test_a_port_in_no_proxy_does_not_work_in_every_call(call: str, reached: str) -> None:
    assert outcomes()["NO_PROXY with a port"][call]["reached"] == [reached]


@each_call
def test_a_proxy_that_refuses_a_plain_request_answers_in_place_of_the_provider(call: str) -> None:
    message = outcomes()["a wrong password, plain HTTP"][call]["message"]

    assert "answered HTTP 407" in message


@each_call
@pytest.mark.parametrize("name", ["a wrong password", "a wrong password, plain HTTP"])
def test_the_password_of_a_proxy_is_in_no_error(name: str, call: str) -> None:
    assert "ex-password" not in outcomes()[name][call]["text"]
    assert PASSWORD not in outcomes()[name][call]["text"]


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("NO_PROXY", "[::1]", "NO_PROXY contains [::1], which httpx cannot use"),
        ("ALL_PROXY", "socks5://127.0.0.1:1080", "a package is missing (Using SOCKS proxy"),
        ("SSL_CERT_FILE", __file__, "SSL_CERT_FILE or SSL_VERIFY is not a file of certificates"),
    ],
)
def test_a_variable_that_litellm_cannot_use_is_no_answer_of_a_provider(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, problem: str
) -> None:
    """litellm reads them when it is imported, and when it makes a client."""
    import litellm

    name = "in_memory_llm_clients_cache"
    monkeypatch.setattr(litellm, name, type(getattr(litellm, name))())
    monkeypatch.setenv(variable, value)
    with pytest.raises(RequestError, match="Nothing was sent") as caught:
        LLM(settings_of("azure")).complete("Hello")

    assert problem in str(caught.value)


# What the guide shows of Compose


@pytest.mark.needs("docker-compose")
@pytest.mark.parametrize("file", ["host.yaml", "services.yaml"])
def test_the_address_in_a_compose_file_is_a_host_that_its_service_knows(
    tmp_path: Path, file: str
) -> None:
    shutil.copy(SNIPPETS / "networking" / file, tmp_path)
    variables = recipes.read("ollama")
    lines = (f"{name}={value}\n" for name, value in variables.items())
    (tmp_path / ".env").write_text("".join(lines))
    result = subprocess.run(
        ["docker-compose", "--file", file, "config"],
        cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=60,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    services = yaml.safe_load(result.stdout)["services"]
    told = services["app"]["environment"]
    address = urlsplit(told["LLM_BASE_URL"])
    given = dict(entry.split(":") for entry in services["app"].get("extra_hosts", []))

    assert told["LLM_MODEL"] == variables["LLM_MODEL"]
    assert address.port == 11434
    assert address.hostname in {*services, *given}
    assert set(given.values()) <= {"host-gateway"}
