"""What each field of a provider's table has to say: the evidence of litellm, SDKs and mocks.

No table is read here. A provider's recipe says what is called; litellm by itself, without this
package's client, calls it, and what arrives is the evidence.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, get_args
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.types import ASGIApp

from llmdocs import recipes
from llmdocs.catalogue.addresses import HOST_OF_CONTAINERS, is_this_machine
from llmdocs.client.litellm_module import litellm
from llmdocs.doctor.findings import Code
from llmdocs.pages.page import read
from llmdocs.recipes import mistakes
from llmdocs.wire.accounts import account_from
from llmdocs.wire.compatible import engine, tables
from llmdocs.wire.router import RecordedRequest
from llmdocs.wire.server import DIALECTS, MockedProviders
from tests.client.test_every_prefix import (
    ADDRESS,
    CREDENTIAL,
    NAME,
    elsewhere,
    made_up,
    root,
    source,
)
from tests.support.official_clients import (
    ANY_CLIENT,
    CLIENTS,
    KEY,
    MESSAGES,
    NOWHERE,
    OWN_SDKS,
    asked,
    sent_by,
)
from tests.support.site_files import DOCS, SNIPPETS

# How litellm calls what a recipe says.
ARGUMENTS = {
    "LLM_MODEL": "model",
    "LLM_API_KEY": "api_key",
    "LLM_BASE_URL": "api_base",
    "LLM_API_VERSION": "api_version",
}
# What neither litellm nor an SDK that is locked here reads, and where it was seen.
OTHERS_KEYS = {
    "vllm": {"VLLM_API_KEY"},  # vllm/envs.py: the key that the server asks for
    "lm_studio": {"LM_API_TOKEN"},  # lmstudio.ai/docs/developer/core/authentication
}
# Where a provider answers plain HTTP, with a refusal: tests/doctor/test_plain_http.py.
PLAIN_HTTP = {"openai": {"http://api.openai.com"}}
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]", HOST_OF_CONTAINERS)
VERSION = re.compile(r"_API_VERSION\Z")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")
NUMBERS = count()
OPENAIS = {"OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE"}
# github.com/ollama/ollama/blob/main/docs/api.md#list-running-models
OLLAMAS_LIST = "/api/ps"
OLLAMAS_DETAILS = "/api/show"
# What the doctor explains by a note, without a finding.
NOTES = {"context-length"}
Requests = list[RecordedRequest]


@dataclass(frozen=True)
class Judge:
    """What lets a field's value pass, and what a message says of that."""

    fits: Callable[[Any], bool]
    words: str

    def __repr__(self) -> str:
        return self.words


class Evidence:
    """What was seen of one provider, whose mock is played at `wire`."""

    def __init__(self, name: str, wire: MockedProviders) -> None:
        self._name = name
        self._wire = wire
        wire.faults.clear()
        self._recipe = recipes.read(name)

    def fields(self) -> dict[str, Any]:
        """Each key of a table, and its value; or what judges a value."""
        return {
            "title": self._title,
            "prefixes": self._prefixes,
            "needs": self._needs,
            "extras": {*self._recipe} - self._needs,
            "origins": self._origins,
            "dialect": self._dialect,
            "embedding_prefix": self._embedding_prefix,
            "base_url": self._base_url,
            "base_path": self._base_path,
            "api_paths": self._api_paths,
            "hosts": self._hosts,
            "key": self._key,
            "base": self._base,
            "version": self._version,
            "explains": self._explains,
            "stream_usage": self._stream_usage,
            "free": self._free,
            "deployments": self._deployments,
            "dated_versions": self._dated_versions,
            "keys_of_resources": self._keys_of_resources,
            "pulled_by": self._pulled_by,
            "loaded_models": self._loaded_models,
            "litellm_asks": self._litellm_asks,
        }

    # How it is asked.

    def _arguments(self, *without: str, **changed: str) -> dict[str, Any]:
        """What litellm is given for the recipe."""
        recipe = {**self._recipe, **changed}
        return {
            argument: recipe[variable]
            for variable, argument in ARGUMENTS.items()
            if variable in recipe and variable not in without
        }

    def _ask(self, arguments: Mapping[str, Any], **options: Any) -> tuple[Any, Requests]:
        """litellm's answer to a chat, or what it raises, and what arrived."""
        return self._made(litellm().completion, messages=MESSAGES, **arguments, **options)

    def _embed(self, arguments: Mapping[str, Any]) -> tuple[Any, Requests]:
        return self._made(litellm().embedding, input=["Hi"], **arguments)

    def _made(self, call: Callable[..., Any], **arguments: Any) -> tuple[Any, Requests]:
        self._wire.requests.clear()
        try:
            answer = call(**arguments, timeout=5, num_retries=0, max_retries=0)
            answer = [*answer] if arguments.get("stream") else answer
        except Exception as error:
            answer = error
        return answer, [*self._wire.requests]

    def _refusal(self, **changed: str) -> tuple[str, Requests]:
        """What the provider says to a recipe with a fault, if it refuses that."""
        answer, requests = self._ask(self._arguments(**changed))
        return (str(answer) if isinstance(answer, Exception) else ""), requests

    @cached_property
    def _call(self) -> RecordedRequest:
        """The request of the recipe's call."""
        answer, requests = self._ask(self._arguments())
        assert not isinstance(answer, Exception), answer
        return next(request for request in requests if self._rest in request.url)

    @cached_property
    def _rest(self) -> str:
        """What a client adds to an address for a chat."""
        model = self._recipe["LLM_MODEL"].partition("/")[2]
        return next(asked(self._name)).replace("/m/", f"/{model}/")

    @cached_property
    def _default(self) -> str | None:
        """The address that litellm calls by itself, if it knows one."""
        _, requests = self._ask(self._arguments("LLM_BASE_URL") | {"api_key": KEY})
        urls = [item.url.partition("?")[0] for item in requests if self._rest in item.url]
        return urls[0].removesuffix(self._rest) if urls else None

    @property
    def _is_local(self) -> bool:
        return is_this_machine(self._recipe.get("LLM_BASE_URL", ""))

    @property
    def _root(self) -> str:
        parts = urlsplit(self._call.url)
        return f"{parts.scheme}://{parts.netloc}"

    def _read_from(
        self,
        values: Mapping[str, str],
        ask: Callable[[], list[Any]],
        seen: Callable[[Any], str],
    ) -> set[str]:
        """Which variables' values are seen in what a client sends, each while others are unset."""
        found: set[str] = set()
        left = dict(values)
        while True:
            with pytest.MonkeyPatch.context() as patch:
                for name, value in left.items():
                    patch.setenv(name, value)
                # It keeps clients, and what they have read.
                litellm().in_memory_llm_clients_cache.flush_cache()
                requests = ask()
            everywhere = "\n".join(f"{item.url} {dict(item.headers)}" for item in requests)
            carried = {name for name, value in left.items() if value in everywhere}
            if not carried:
                return found
            texts = "\n".join(map(seen, requests))
            found |= {name for name in carried if left[name] in texts}
            left = {name: value for name, value in left.items() if name not in carried}

    def _by_litellm(self, *without: str) -> Requests:
        """A chat and embeddings without some of the recipe, by litellm."""
        arguments = self._arguments(*without)
        requests = self._ask(arguments)[1]
        for prefix in self._prefixes:
            requests += self._embed({**arguments, "model": f"{prefix}/m"})[1]
        return requests

    def _by_the_sdk(self, address: str | None, key: str | None) -> list[Any]:
        """A chat by the provider's own client, if one is locked here."""
        if self._name not in OWN_SDKS:
            return []
        make, _ = OWN_SDKS[self._name]
        return sent_by(make, CLIENTS.get(self._name, ANY_CLIENT)[0][2][0], address, key)

    def _of_the_sdk(self, names: re.Pattern[str]) -> set[str]:
        """Names in the source of the provider's own client."""
        if self._name not in OWN_SDKS:
            return set()
        folder = Path(OWN_SDKS[self._name][1].__file__).parent
        files = [*folder.glob("*.py"), *folder.glob("lib/*.py")]
        text = "\n".join(path.read_text("utf-8") for path in files)
        return {name for name in NAME.findall(text) if names.search(name)}

    # What it has to say.

    @property
    def _title(self) -> str:
        page = read(DOCS, "en", f"llms/{self._name}.md")
        return next(heading.text for heading in page.headings)

    @property
    def _prefixes(self) -> list[str]:
        """Those of the recipe's models, as litellm takes them."""
        models = (self._recipe.get(name, "") for name in ("LLM_MODEL", "LLM_EMBEDDING_MODEL"))
        written = [model for model in models if "/" in model]
        prefixes = dict.fromkeys(model.partition("/")[0] for model in written)
        assert [*dict.fromkeys(litellm().get_llm_provider(m)[1] for m in written)] == [*prefixes]
        return [*prefixes]

    @cached_property
    def _needs(self) -> set[str]:
        """Without which the recipe's call fails, or is another; litellm fills in a version.

        Where a server of one's own is, is not for litellm to say.
        """
        needed = {"LLM_MODEL"}
        for variable in ARGUMENTS.keys() & self._recipe.keys() - needed:
            answer, requests = self._ask(self._arguments(variable))
            leads_here = variable == "LLM_BASE_URL" and self._is_local
            if isinstance(answer, Exception) or requests[-1].url != self._call.url or leads_here:
                needed.add(variable)
        return needed

    @property
    def _base_url(self) -> str | None:
        """What litellm calls by itself; for many a server of one's own, that is OpenAI's."""
        return None if self._is_local else self._default

    @property
    def _base_path(self) -> str:
        return urlsplit(self._call.url).path.removesuffix(self._rest)

    @property
    def _origins(self) -> set[str]:
        parts = urlsplit(self._call.url)
        if self._is_local:
            return {f"http://{name}:{parts.port}" for name in LOCAL_NAMES}
        return {f"{parts.scheme}://{parts.netloc}"} | PLAIN_HTTP.get(self._name, set())

    @property
    def _hosts(self) -> set[str]:
        """That of litellm's own address; or what the hosts of resources end with in its source."""
        if self._is_local:
            return set()
        if self._base_url:
            return {str(urlsplit(self._base_url).hostname)}
        domain = ".".join(str(urlsplit(self._call.url).hostname).rsplit(".", 2)[1:])
        folder = root() / "llms" / self._prefixes[0]
        text = "\n".join(path.read_text("utf-8") for path in folder.rglob("*.py"))
        found = re.findall(rf"https://[\w-]+(\.[a-z]+\.{re.escape(domain)})\b", text)
        return set(found)

    @property
    def _api_paths(self) -> Judge:
        """Judges patterns: they match each path of the clients, and none of them is too many."""
        parts = [path.strip("/").split("/") for path in asked(self._name)]
        paths = {"/".join(part[: end + 1]) for part in parts for end in range(len(part))}

        def matched(patterns: tuple[str, ...]) -> set[str]:
            return {path for path in paths for item in patterns if fnmatchcase(path, item)}

        def fit(patterns: tuple[str, ...]) -> bool:
            fewer = [tuple(p for p in patterns if p != item) for item in patterns]
            return matched(patterns) == paths and all(matched(few) != paths for few in fewer)

        return Judge(fit, f"{sorted(paths)}, of which each is matched, and no pattern is too many")

    @property
    def _key(self) -> set[str]:
        """The names by which litellm and the provider's SDK take what is sent where a key is."""
        headers = self._ask(self._arguments() | {"api_key": KEY})[1][-1].headers
        header = next(name for name, value in headers.items() if KEY in value)

        def seen(request: Any) -> str:
            return str(request.headers.get(header, ""))

        values = self._values({*made_up()} | self._of_the_sdk(CREDENTIAL), "made-up-{}-value")
        by_litellm = self._read_from(values, lambda: self._by_litellm("LLM_API_KEY"), seen)
        by_the_sdk = self._read_from(values, lambda: self._by_the_sdk(NOWHERE, None), seen)
        return by_litellm | by_the_sdk | OTHERS_KEYS.get(self._name, set())

    @property
    def _base(self) -> set[str]:
        """The names by which litellm and the provider's SDK take an address."""

        def seen(request: Any) -> str:
            return str(request.url)

        names = {*elsewhere()} | self._of_the_sdk(ADDRESS)
        values = self._values(names, "https://{}.elsewhere.example")
        by_litellm = self._read_from(values, lambda: self._by_litellm("LLM_BASE_URL"), seen)
        return by_litellm | self._read_from(values, lambda: self._by_the_sdk(None, KEY), seen)

    def _values(self, names: set[str], form: str) -> dict[str, str]:
        """A value for each, but for those that are read for others too, where theirs are unset."""
        names = names - (OPENAIS if self._name != "openai" else {"OPENAI_ADMIN_KEY"})
        return {name: form.format(name.lower().replace("_", "-")) for name in sorted(names)}

    @property
    def _version(self) -> set[str]:
        """The names by which litellm and the provider's SDK take a version."""
        names = {name for name in NAME.findall(source()) if VERSION.search(name)}
        values = self._values(names | self._of_the_sdk(VERSION), "1999-{}")

        def seen(request: Any) -> str:
            return str(request.url)

        by_litellm = self._read_from(values, lambda: self._by_litellm("LLM_API_VERSION"), seen)
        return by_litellm | self._read_from(values, lambda: self._by_the_sdk(NOWHERE, KEY), seen)

    @property
    def _explains(self) -> set[str]:
        page = read(DOCS, "en", f"llms/{self._name}.md")
        known = {*get_args(Code), *(NOTES if self._loaded_models else ())}
        return {str(heading.anchor) for heading in page.headings} & known

    @property
    def _stream_usage(self) -> bool:
        """Whether litellm tells it when asked to, and not unasked, at a gateway's address.

        At api.openai.com it asks by itself.
        """
        gateway = f"{self._wire.url}/{self._name}{self._base_path}"
        address = self._arguments() | {"api_base": gateway}
        asked_to = {"stream_options": {"include_usage": True}}
        told = [
            any(getattr(chunk, "usage", None) for chunk in self._ask(arguments, stream=True)[0])
            for arguments in (address, address | asked_to)
        ]
        return told == [False, True]

    @property
    def _free(self) -> bool:
        """Whether it is a server of this machine, and litellm's map knows no price for it."""
        entries = litellm().model_cost.values()
        own = [entry for entry in entries if entry.get("litellm_provider") in self._prefixes]
        return self._is_local and not any(entry.get("input_cost_per_token") for entry in own)

    @property
    def _embedding_prefix(self) -> str | None:
        """That of the recipe's model for it, or of the chat's, if litellm sends anything then."""
        prefix = self._prefixes[-1]
        _, requests = self._embed({**self._arguments(), "model": f"{prefix}/m"})
        return prefix if requests else None

    @property
    def _deployments(self) -> bool:
        model = f"{self._prefixes[0]}/unknown-{next(NUMBERS)}"
        return "deployment" in self._refusal(LLM_MODEL=model)[0].lower()

    @property
    def _dated_versions(self) -> bool:
        refused, requests = self._refusal(LLM_API_VERSION="2.0")
        sent = parse_qs(urlsplit(self._call.url).query).get("api-version", [""])[0]
        return bool(refused and "api-version=2.0" in requests[-1].url and DATE.fullmatch(sent))

    @property
    def _keys_of_resources(self) -> bool:
        return "resource" in self._refusal(LLM_API_KEY=KEY)[0]

    @property
    def _pulled_by(self) -> str | None:
        """The program of the guide's `pull.sh`, where the server says to try that."""
        asked = {"model": f"unknown-{next(NUMBERS)}", "input": "Hi"}
        said = httpx.post(f"{self._root}/api/embed", json=asked).text
        if "try pulling it first" not in said:
            return None
        commands = (SNIPPETS / self._name / "pull.sh").read_text("utf-8").splitlines()
        [program] = {command.partition(" pull ")[0] for command in commands}
        return program

    @property
    def _loaded_models(self) -> str | None:
        answer = httpx.get(f"{self._root}{OLLAMAS_LIST}")
        with suppress(ValueError, KeyError, TypeError):
            if all(model["context_length"] for model in answer.json()["models"]):
                return OLLAMAS_LIST
        return None

    @property
    def _litellm_asks(self) -> Judge:
        """Judges a name: an entry under it keeps litellm from asking, and without it does."""
        asks = self._asks(f"unknown-{next(NUMBERS)}")

        def fits(name: str | None) -> bool:
            model = f"unknown-{next(NUMBERS)}"
            if not name:
                return not asks
            with pytest.MonkeyPatch.context() as patch:
                entry = {"litellm_provider": name, "mode": "chat"}
                patch.setitem(litellm().model_cost, f"{name}/{model}", entry)
                return asks and not self._asks(model)

        return Judge(fits, "litellm asks" if asks else "litellm asks nothing")

    def _asks(self, model: str) -> bool:
        """Whether litellm asks for anything besides the call, by one prefix or another."""
        named = (self._refusal(LLM_MODEL=f"{prefix}/{model}") for prefix in self._prefixes)
        return any(item.url.endswith(OLLAMAS_DETAILS) for _, sent in named for item in sent)

    @property
    def _dialect(self) -> str:
        """The one that refuses a model in the words which the guide shows."""
        [mistake] = (
            mistake
            for mistake in map(mistakes.read, mistakes.names())
            if mistake.recipe == self._name and mistake.finding in ("model", "deployment")
        )
        shown = mistakes.text(mistake.name, "error.txt")
        _, requests = self._refusal(**mistake.variables)
        request = next(item for item in requests if not item.url.endswith(OLLAMAS_DETAILS))
        answers = {name: _message(_replayed(request, app)) for name, app in self._applications}
        [dialect] = (name for name, said in answers.items() if said and said in shown)
        return dialect

    @property
    def _applications(self) -> Iterator[tuple[str, ASGIApp]]:
        account = account_from(self._recipe)
        for name, dialect in DIALECTS.items():
            application, _ = dialect()
            yield name, application(account)
        if self._name in tables.names():
            yield "compatible", engine.application(self._name, account)


def _replayed(request: RecordedRequest, application: ASGIApp) -> httpx.Response:
    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(application)) as client:
            headers = dict(request.headers)
            return await client.request(
                request.method, request.url, content=request.body, headers=headers
            )

    return asyncio.run(send())


def _message(answer: httpx.Response) -> str:
    """What an error says."""
    with suppress(ValueError):
        body = answer.json()
        error = body.get("error", body)
        return str(error.get("message", "") if isinstance(error, dict) else error)
    return answer.text
