"""Every prefix that litellm lists: a call reaches its own hosts or LLM_BASE_URL, with our key.

The environment holds a made-up value for every credential, and an address for every address, whose
name stands in litellm's source.
"""

from __future__ import annotations

import ast
import asyncio
import json
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import wait
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from llmdocs import LLM, Settings
from llmdocs.catalogue.providers import OTHER_PREFIXES, by_prefix, unlisted
from llmdocs.client.litellm_module import litellm
from llmdocs.client.lookup import listed_prefixes, provider_of
from llmdocs.client.transport import Call
from llmdocs.errors import LLMDocsError, RequestError
from llmdocs.wire.router import RecordedRequest
from llmdocs.wire.server import MockedProviders
from tests.support.raw_server import RawServer, http

KEY = "a-key-of-this-provider"
BASE_URL = "https://gateway.example/v1"
GATEWAY = "https://gateway.example"

NAME = re.compile(r"""["']([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)["']""")
CREDENTIAL = re.compile(r"(KEY|KEY_ID|TOKEN|TOKEN_V2|SECRET|PASSWORD|CREDENTIALS|JWT|_PAT)$")
ADDRESS = re.compile(r"(BASE|URL|ENDPOINT|HOST)$")
# These configure the test's own connections, or name files.
LEFT_ALONE = re.compile(
    r"PROXY$|^SSL_|^REDIS_|GOOGLE_APPLICATION_CREDENTIALS|^VERTEX\w*_CREDENTIALS"
)

# What the provider's own tools sign with: nothing of ours stands for it.
OWN_CREDENTIALS = {
    "bedrock": "AWS_",
    "sagemaker": "AWS_",
    "gigachat": "GIGACHAT_",
    "huggingface": "HUGGINGFACE_",
}
# How a model is written where any name will not do.
MODELS = {
    "bedrock": "anthropic.claude-3-haiku-20240307-v1:0",
    "clarifai": "a.b.c",
    "huggingface": "groq/a/b",
    "ragflow": "chat/a/b",
    "replicate": "a/b",
}


def root() -> Path:
    spec = find_spec("litellm")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent


COMPATIBLE = root() / "llms/openai_like/providers.json"


@cache
def source() -> str:
    """litellm's own source and its list of compatible providers, without its proxy server."""
    files = [path for path in root().rglob("*.py") if path.relative_to(root()).parts[0] != "proxy"]
    files.append(COMPATIBLE)
    return "\n".join(path.read_text("utf-8") for path in files)


@cache
def made_up() -> dict[str, str]:
    """A value for each name of a credential, which says whose it is.

    A single word, as a key is: parts such as `openai` would be looked for in each text.
    """
    names = sorted(set(NAME.findall(source())))
    return {
        name: f"madeup0{name.lower().replace('_', '0')}0value"
        for name in names
        if CREDENTIAL.search(name) and not LEFT_ALONE.search(name) and not name.startswith("LLM_")
    }


@cache
def elsewhere() -> dict[str, str]:
    """An address for each name of an address."""
    names = sorted(set(NAME.findall(source())))
    return {
        name: f"https://{name.lower().replace('_', '-')}.elsewhere.example/v1"
        for name in names
        if ADDRESS.search(name) and not LEFT_ALONE.search(name) and not name.startswith("LLM_")
    }


def assigned(file: str, name: str) -> ast.AST:
    """What a module of litellm assigns to a name, or its class of that name."""
    for node in ast.walk(ast.parse((root() / file).read_text("utf-8"))):
        match node:
            case ast.ClassDef() if node.name == name:
                return node
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                return value
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value) if (
                found == name
            ):
                return value
    raise LookupError(name)


def texts(node: ast.AST) -> list[str]:
    constants = (item for item in ast.walk(node) if isinstance(item, ast.Constant))
    return [
        item.value for item in constants if isinstance(item.value, str) and " " not in item.value
    ]


def prefixes() -> list[str]:
    """Those of litellm's list, read from its source: importing it takes seconds at collection."""
    listed = texts(assigned("types/utils.py", "LlmProviders"))
    return sorted({*listed, *json.loads(COMPATIBLE.read_text("utf-8"))})


def model_of(prefix: str) -> str:
    return f"{prefix}/{MODELS.get(prefix, 'some-model')}"


def call(*methods: str, **fields: Any) -> list[LLMDocsError]:
    """Ask for a completion and an embedding, or by `methods`, and give what they raised."""
    raised = []
    fields["embedding_model"] = fields["model"]
    for method in methods or ("complete", "embed"):
        try:
            result = getattr(LLM(Settings(num_retries=0, timeout=5, **fields)), method)("Hi")
            if asyncio.iscoroutine(result):
                asyncio.run(result)
        except LLMDocsError as error:
            raised.append(error)
    return raised


def origins(requests: list[RecordedRequest]) -> set[str]:
    parts = (urlsplit(request.url) for request in requests)
    return {f"{part.scheme}://{part.netloc}" for part in parts}


def beyond(prefix: str, requests: list[RecordedRequest]) -> set[str]:
    """Where requests went that is no origin of the provider's own."""
    own = provider_of(Settings(model=model_of(prefix))).origins_of_calls(None)
    return {item for item in origins(requests) if not any(fnmatchcase(item, at) for at in own)}


def text(request: RecordedRequest) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
    return f"{request.url}\n{headers}\n{request.body.decode('latin-1')}"


def carried(requests: list[RecordedRequest]) -> set[str]:
    """The names of the made-up credentials that stand in requests."""
    texts = "\n".join(map(text, requests))
    return {name for name, value in made_up().items() if value in texts}


def foreign(prefix: str, requests: list[RecordedRequest]) -> set[str]:
    own = next((mark for name, mark in OWN_CREDENTIALS.items() if prefix.startswith(name)), None)
    return {name for name in carried(requests) if not (own and name.startswith(own))}


@pytest.fixture
def wire(mocked_providers: MockedProviders) -> MockedProviders:
    """The mocks, which answer 403 for a provider that they do not play, and record what came."""
    mocked_providers.requests.clear()
    mocked_providers.faults.clear()
    return mocked_providers


@pytest.fixture(autouse=True)
def accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What some providers need besides a key, which has no `LLM_*` name."""
    litellm()  # its import reads numbers from names that end as a key's
    # It writes the frames of each failure three times, which nothing here looks at.
    monkeypatch.setattr(sys, "tracebacklimit", 1, raising=False)
    for name in ("CLOUDFLARE_ACCOUNT_ID", "PREDIBASE_TENANT_ID", "WATSONX_PROJECT_ID"):
        monkeypatch.setenv(name, "an-account")
    monkeypatch.setenv("AWS_REGION", "us-east-1")


@pytest.fixture(scope="module")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("home"))


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Hundreds of names: what `unittest.mock` does for each takes longer than the calls."""
    before = {name: os.environ[name] for name in values if name in os.environ}
    os.environ.update(values)
    yield
    for name in values:
        os.environ.pop(name, None)
    os.environ.update(before)


@pytest.fixture
def credentials(empty_home: str) -> Iterator[None]:
    with environment({**made_up(), "HOME": empty_home}):
        yield


@pytest.fixture
def addresses() -> Iterator[None]:
    with environment(elsewhere()):
        yield


@pytest.mark.parametrize("prefix", prefixes())
class TestACall:
    def test_without_an_address_goes_to_the_providers_own_hosts(
        self, wire: MockedProviders, credentials: None, prefix: str
    ) -> None:
        call(model=model_of(prefix), api_key=KEY)

        assert beyond(prefix, wire.requests) == set()
        assert foreign(prefix, wire.requests) == set()

    def test_with_an_address_goes_there_alone(
        self, wire: MockedProviders, credentials: None, addresses: None, prefix: str
    ) -> None:
        call(model=model_of(prefix), api_key=KEY, base_url=BASE_URL, api_version="2024-10-21")

        assert origins(wire.requests) <= {GATEWAY}
        assert foreign(prefix, wire.requests) == set()

    def test_heeds_no_address_of_the_environment(
        self, wire: MockedProviders, credentials: None, addresses: None, prefix: str
    ) -> None:
        call(model=model_of(prefix), api_key=KEY)

        assert beyond(prefix, wire.requests) == set()

    def test_without_a_key_takes_none_from_the_environment(
        self, wire: MockedProviders, credentials: None, prefix: str
    ) -> None:
        call(model=model_of(prefix))
        call(model=model_of(prefix), base_url=BASE_URL, api_version="2024-10-21")

        assert foreign(prefix, wire.requests) == set()

    def test_sends_nothing_beside_the_guard(
        self,
        wire: MockedProviders,
        credentials: None,
        monkeypatch: pytest.MonkeyPatch,
        prefix: str,
    ) -> None:
        """But where a cloud's own tools sign the requests, which may fetch tokens."""
        prepare, guarded = Call.prepare, []

        def prepare_and_note(self: Call, request: httpx.Request) -> None:
            guarded.append(str(request.url))
            prepare(self, request)

        monkeypatch.setattr(Call, "prepare", prepare_and_note)
        # It signs in with these where it has both.
        monkeypatch.setenv("DATABRICKS_CLIENT_ID", "an-id")
        settings = {"model": model_of(prefix), "api_key": KEY, "api_version": "2024-10-21"}
        call("complete", "embed", "acomplete", "aembed", base_url=BASE_URL, **settings)
        sent = [request.url for request in wire.requests]

        signs_by_itself = (by_prefix(prefix) or unlisted(prefix)).needs == ("LLM_MODEL",)
        assert signs_by_itself or set(sent) <= set(guarded)


ANSWER = {
    "choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": "Hello"}}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}


@pytest.mark.parametrize("prefix", prefixes())
def test_after_an_answer_litellm_asks_nothing_from_the_threads_in_which_it_logs(
    wire: MockedProviders, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    """No guard of the call's is there."""
    from litellm.litellm_core_utils.thread_pool_executor import executor

    asked = []
    send = httpx.Client.send

    def note_and_send(self: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        if threading.current_thread().name.startswith("litellm-logging"):
            asked.append(str(request.url))
        return send(self, request, **options)

    monkeypatch.setattr(httpx.Client, "send", note_and_send)
    with RawServer(http(json.dumps(ANSWER).encode())) as server:
        call("complete", "acomplete", model=model_of(prefix), api_key=KEY, base_url=server.url)
        # What is asked to do nothing is done once all that came before it is begun.
        done = threading.Barrier(executor._max_workers, timeout=5)
        wait([executor.submit(done.wait) for _ in range(executor._max_workers)])

    assert asked == []


def endpoints() -> list[str]:
    written = texts(assigned("constants.py", "openai_compatible_endpoints"))
    return sorted({*written, "https://api.getnadir.com/v1"})  # the last has a name of its own there


@pytest.mark.parametrize("endpoint", endpoints())
def test_a_known_address_brings_in_no_key_of_the_environment(
    wire: MockedProviders, credentials: None, endpoint: str
) -> None:
    """litellm tells some providers by their address, and reads their keys then."""
    address = endpoint if "://" in endpoint else f"https://{endpoint}"
    call(model="openai/some-model", api_key=KEY, base_url=address)

    parts = urlsplit(address)
    assert origins(wire.requests) == {f"{parts.scheme}://{parts.netloc}"}
    assert carried(wire.requests) == set()


# What no call here reaches, and why: only litellm's source speaks for these lines.
UNREACHED = {
    "chatgpt": "it asks for a login",
    "github_copilot": "it asks for a login",
    "gradient_ai": "litellm refuses max_retries for it",
    "oci": "it needs a key file of Oracle's",
    "sagemaker": "AWS signs the requests: no key of ours is sent",
    "sagemaker_chat": "AWS signs the requests",
    "sagemaker_nova": "AWS signs the requests",
    "sap": "it needs a service key of SAP's",
    "vertex_ai": "it needs google-auth",
    "vertex_ai_beta": "it needs google-auth",
}
UNPROVEN = {
    "GIGACHAT_API_BASE": "it asks for a token first, elsewhere",
    "GRADIENT_AI_AGENT_ENDPOINT": UNREACHED["gradient_ai"],
    "GRADIENT_AI_API_KEY": UNREACHED["gradient_ai"],
    "HF_TOKEN": "huggingface_hub reads it when it is imported",
    "VERTEXAI_API_BASE": UNREACHED["vertex_ai"],
    "VERTEX_API_BASE": UNREACHED["vertex_ai"],
    "WATSONX_API_BASE": "it asks for a token first, elsewhere",
    "WATSONX_URL": "it asks for a token first, elsewhere",
    "WX_URL": "it asks for a token first, elsewhere",
}

every_line = pytest.mark.parametrize("prefix", OTHER_PREFIXES)


def every(field: str) -> pytest.MarkDecorator:
    lines = OTHER_PREFIXES.items()
    pairs = [(prefix, name) for prefix, line in lines for name in line.get(field, ())]
    return pytest.mark.parametrize(("prefix", "name"), pairs)


def address_of(prefix: str) -> str | None:
    """An address for a provider that needs one: the provider's own where it asks others too."""
    if "LLM_BASE_URL" not in unlisted(prefix).needs:
        return None
    return "https://eu-de.ml.cloud.ibm.com" if prefix.startswith("watsonx") else BASE_URL


def ask_litellm(prefix: str, **arguments: Any) -> None:
    """A completion and an embedding by litellm alone, as it does without this package's guard."""
    options = {"timeout": 5, "num_retries": 0, "max_retries": 0, **arguments}
    with suppress(Exception):
        litellm().completion(
            model_of(prefix), messages=[{"role": "user", "content": "Hi"}], **options
        )
    with suppress(Exception):
        litellm().embedding(model_of(prefix), input=["Hi"], **options)


def test_a_credential_that_litellm_prefers_to_our_key_is_named_and_not_sent(
    wire: MockedProviders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """litellm sends the token in place of the key that it is given."""
    monkeypatch.setenv("WATSONX_TOKEN", "a-token-of-someone-else")
    llm = LLM(Settings(model="watsonx/m", api_key=KEY, base_url=BASE_URL, num_retries=0))

    with pytest.raises(RequestError, match="contained the value of WATSONX_TOKEN") as caught:
        llm.complete("Hi")

    assert "a-token-of-someone-else" not in str(caught.value)
    assert wire.requests == []


class TestTheList:
    def test_is_tried_over_all_that_litellm_lists(self) -> None:
        assert set(listed_prefixes()) <= set(prefixes())
        assert {str(item) for item in litellm().openai_compatible_endpoints} == set(endpoints())

    def test_names_prefixes_that_litellm_knows(self) -> None:
        assert set(OTHER_PREFIXES) <= set(prefixes())

    def test_names_no_prefix_that_has_a_guide(self) -> None:
        assert [prefix for prefix in OTHER_PREFIXES if by_prefix(prefix)] == []

    @every_line
    def test_lets_a_call_through_with_our_key(self, wire: MockedProviders, prefix: str) -> None:
        call(model=model_of(prefix), api_key=KEY, base_url=address_of(prefix))

        reached = any(KEY in text(request) for request in wire.requests)
        assert reached is (prefix not in UNREACHED)

    @every("key")
    def test_has_keys_that_litellm_takes(
        self, wire: MockedProviders, monkeypatch: pytest.MonkeyPatch, prefix: str, name: str
    ) -> None:
        monkeypatch.setenv(name, "taken-from-the-environment")
        ask_litellm(prefix, api_base=address_of(prefix))

        taken = any("taken-from-the-environment" in text(request) for request in wire.requests)
        assert taken is (name not in UNPROVEN)

    @every("base")
    def test_has_addresses_that_litellm_takes(
        self, wire: MockedProviders, monkeypatch: pytest.MonkeyPatch, prefix: str, name: str
    ) -> None:
        monkeypatch.setenv(name, f"{GATEWAY}/v1")
        ask_litellm(prefix, api_key=KEY)

        assert (GATEWAY in origins(wire.requests)) is (name not in UNPROVEN)

    @pytest.mark.parametrize("prefix", prefixes())
    def test_has_every_key_that_litellm_takes(
        self, wire: MockedProviders, credentials: None, prefix: str
    ) -> None:
        """But OpenAI's, which it sends to others too where theirs is missing."""
        ask_litellm(prefix)
        ask_litellm(prefix, api_base=BASE_URL, api_version="2024-10-21")
        provider = by_prefix(prefix) or unlisted(prefix)

        others = {"OPENAI_API_KEY", "OPENAI_ADMIN_KEY"}
        assert foreign(prefix, wire.requests) - others <= set(provider.key)


def test_an_error_calls_a_provider_without_a_guide_as_people_do() -> None:
    assert provider_of(Settings(model="deepseek/deepseek-chat")).title == "DeepSeek"
    assert provider_of(Settings(model="aiml/any")).title == "aiml"
