"""Checks that provider, model, key and address are of one provider."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from llmdocs.catalogue import elsewhere
from llmdocs.catalogue.addresses import host_of, is_unspecified, with_host
from llmdocs.catalogue.providers import CATALOGUE, Provider, by_prefix, unlisted
from llmdocs.client.lookup import knows_family, listed_prefixes, serves
from llmdocs.doctor.environment import Configuration
from llmdocs.doctor.findings import PLACEHOLDER, Finding, Remedy, section
from llmdocs.redaction.credentials import is_example
from llmdocs.suggestions import is_misspelling, nearest

MARKS = re.compile("[-_ .]")
# What the recipes hold in a key's place.
RECIPES = frozenset(f"{PLACEHOLDER}{name}-api-key" for name in CATALOGUE)
# What `llmdocs mock` sets for the command that it runs.
MOCK = "LLMDOCS_MOCK_PORT"
INFERENCE_PATH = re.compile(r"/models(?:/|\Z)")


class Meant(NamedTuple):
    """What was probably meant by a model, and whether that is beyond doubt."""

    model: str
    certain: bool


def unknown_provider(configuration: Configuration) -> Iterator[Finding]:
    model = configuration.text("LLM_MODEL")
    if not model or (configuration.provider and not model.endswith("/")):
        return
    meant = None if configuration.provider else _meant(model, configuration)
    value = meant.model if meant and meant.certain else None
    otherwise = "Write provider/model."
    if meant:
        shown = configuration.redaction.value("LLM_MODEL", meant.model)
        otherwise += f" Did you mean {shown}?"
    fix, remedy = configuration.fix("LLM_MODEL", value, otherwise)
    yield Finding(
        "unknown-provider",
        f"{configuration.place('LLM_MODEL')}LLM_MODEL is {configuration.shown(model)}, "
        + (
            "without the name of a model."
            if configuration.provider
            else "and litellm knows no provider for it."
        ),
        "The prefix before the first slash selects the provider. The model's own name may contain "
        "slashes too.",
        fix,
        remedy,
        section("unknown-provider"),
    )


def _meant(model: str, configuration: Configuration) -> Meant | None:
    address = configuration.text("LLM_BASE_URL")
    of = elsewhere.prefix_of_key(configuration.text("LLM_API_KEY") or "")
    if "/" in model:
        return _by_prefix(model, address, of)
    if address:
        return _by_separator(model) or Meant(f"{_prefix_at(address)}/{model}", certain=True)
    if of and of not in elsewhere.AGGREGATORS and knows_family(of, model):
        return Meant(f"{of}/{model}", certain=True)
    tagged = next(iter(elsewhere.PORTS.values()))
    return _by_separator(model) or (
        Meant(f"{tagged}/{model}", certain=False) if ":" in model else None
    )


def _by_separator(model: str) -> Meant | None:
    """`groq:llama` wants a slash for the colon; `mistral:7b` is Ollama's name, with a tag."""
    for mark in ":.":
        before, found, after = model.partition(mark)
        prefix = _listed(before)
        if found and prefix and not elsewhere.TAG.fullmatch(after):
            return Meant(f"{prefix}/{after}", certain=mark == ":")
    return None


def _by_prefix(model: str, address: str | None, of: str | None) -> Meant | None:
    """What a name with a slash was meant for: `of` is the prefix of the key's provider."""
    prefix, _, rest = model.partition("/")
    at = elsewhere.prefix_of_host(host_of(address) or "") if address else None
    maker = elsewhere.MAKERS.get(prefix)
    spelt = _listed(prefix)
    if spelt and not maker:
        alias = prefix in elsewhere.PREFIXES
        others = alias and ((address and at != spelt) or of not in (None, spelt))
        return Meant(f"{spelt}/{rest}", certain=not others)
    like = nearest(prefix, listed_prefixes())
    if like and not maker and (like in (at, of) or (not address and is_misspelling(prefix, like))):
        return Meant(f"{like}/{rest}", certain=like in (at, of) or serves(like, rest))
    if address:
        own = _prefix_at(address)
        return Meant(f"{own}/{rest if maker == own else model}", certain=not _is_near(prefix, like))
    if of in elsewhere.AGGREGATORS:
        return Meant(f"{of}/{model}", certain=True)
    if maker:
        return Meant(f"{maker}/{rest}", certain=of == maker)
    return Meant(f"{like}/{rest}", certain=serves(like, rest)) if like else None


def _is_near(prefix: str, like: str | None) -> bool:
    return bool(like and is_misspelling(prefix, like) and prefix not in elsewhere.MAKERS)


def _listed(text: str) -> str | None:
    """The prefix that a text is but for capitals and dashes, or that another program calls so."""
    spellings = {MARKS.sub("", item.lower()): item for item in listed_prefixes()}
    return elsewhere.PREFIXES.get(text) or spellings.get(MARKS.sub("", text.lower()))


def _prefix_at(address: str) -> str:
    """The prefix for a model of the server at an address."""
    host = host_of(address) or ""
    azure = elsewhere.AZURE_DEPLOYMENTS if elsewhere.is_azure(host) else None
    own = azure or elsewhere.prefix_of_host(host) or elsewhere.prefix_at_port(address)
    return own or elsewhere.ANY_SERVER[0]


def listening_address(configuration: Configuration) -> Iterator[Finding]:
    address = configuration.text("LLM_BASE_URL")
    if not address or not is_unspecified(address):
        return
    expected = with_host(address, "localhost")
    fix, remedy = configuration.fix("LLM_BASE_URL", expected, "Write the host of the server.")
    yield Finding(
        "host-name",
        f"{configuration.stated('LLM_BASE_URL')}: a server can listen on that address, but a "
        "client cannot call it.",
        f"{host_of(address)} means all addresses of the server's machine; a client needs one.",
        f"{fix}, for a server on this machine.",
        remedy,
        section("host-name"),
    )


def another_kind_of_key(configuration: Configuration) -> Iterator[Finding]:
    told = elsewhere.not_a_key(configuration.text("LLM_API_KEY") or "")
    if not told:
        return
    what, needed = told
    yield Finding(
        "key",
        f"{configuration.place('LLM_API_KEY')}LLM_API_KEY is {what}.",
        "The provider rejects it like a wrong key.",
        f"Set LLM_API_KEY to {needed}.",
        Remedy(own=("LLM_API_KEY",)),
        section("key", configuration.provider),
    )


def example_of_a_key(configuration: Configuration) -> Iterator[Finding]:
    """Servers of one's own take any; a recipe's is left to the call: `llmdocs mock` takes it."""
    key, provider = configuration.text("LLM_API_KEY") or "", configuration.provider
    address = configuration.text("LLM_BASE_URL")
    of = elsewhere.prefix_of_host(host_of(address) or "") if address else None
    asked = (by_prefix(of) or unlisted(of)) if of else None if address else provider
    if not asked or not asked.hosts or "LLM_API_KEY" not in asked.needs:
        return
    if not is_example(key) or key in RECIPES:
        return
    yield Finding(
        "key",
        f"{configuration.place('LLM_API_KEY')}LLM_API_KEY is a placeholder from an example.",
        f"{asked.title} rejects it like a wrong key.",
        f"Set LLM_API_KEY to a key of {asked.title}.",
        Remedy(own=("LLM_API_KEY",)),
        section("key", asked),
    )


def disagreement(configuration: Configuration) -> Iterator[Finding]:
    model, provider = configuration.text("LLM_MODEL"), configuration.provider
    if not model or not provider or model.endswith("/"):
        return
    address = configuration.text("LLM_BASE_URL")
    host = host_of(address) if address else None
    if found := _in_process(configuration, model, address):
        yield found
    elif address and elsewhere.speaks(address, provider.prefixes[0]):
        return
    elif address and host and elsewhere.is_azure(host):
        yield from _at_azure(configuration, model, address, provider)
    elif address and host:
        yield from _at_host(configuration, model, address, provider)
    else:
        yield from _of_key(configuration, model, provider)


def _in_process(configuration: Configuration, model: str, address: str | None) -> Finding | None:
    prefix, _, name = model.partition("/")
    if prefix not in elsewhere.IN_PROCESS or not address:
        return None
    of_servers = elsewhere.IN_PROCESS[prefix]
    return _finding(
        configuration,
        f"{prefix}/ loads the model into this program, but LLM_BASE_URL is a server.",
        f"For a server, litellm's prefix is {of_servers}/.",
        f"{of_servers}/{name}",
    )


def _at_azure(
    configuration: Configuration, model: str, address: str, provider: Provider
) -> Iterator[Finding]:
    path = urlsplit(address).path.rstrip("/")
    prefix, title = provider.prefixes[0], elsewhere.title_of(provider.prefixes[0])
    if "/openai/v1" in path and prefix in elsewhere.ANY_SERVER:
        return
    deployments, inference = elsewhere.AZURE_DEPLOYMENTS, elsewhere.AZURE_INFERENCE
    name = model.partition("/")[2] if prefix in elsewhere.ANY_SERVER + elsewhere.AZURE else ""
    name = name or model.rpartition("/")[2]
    if INFERENCE_PATH.search(path) and prefix != inference:
        yield _finding(
            configuration,
            "LLM_BASE_URL is the model inference API of Azure AI Foundry, which needs the prefix "
            f"{inference}/.",
            f"In a resource, {deployments}/ calls deployments of OpenAI models, and {inference}/ "
            "models of all vendors.",
            f"{inference}/{name}",
        )
    elif prefix in elsewhere.AZURE:
        yield from _of_key(configuration, model, provider)
    else:
        yield _finding(
            configuration,
            f"LLM_BASE_URL is an Azure resource, but {prefix}/ sends requests for {title}.",
            "Azure expects the deployment in the path, an API version, and the key in its own "
            f"header; {deployments}/ sends them.",
            f"{deployments}/{name}",
        )


def _at_host(
    configuration: Configuration, model: str, address: str, provider: Provider
) -> Iterator[Finding]:
    prefix, slash, name = model.partition("/")
    host = host_of(address) or ""
    at = elsewhere.prefix_of_host(host)
    own = provider.prefixes[0]
    title = elsewhere.title_of(own)
    hosted = provider.hosts and own not in elsewhere.ANY_SERVER
    if at is None and hosted and (served := elsewhere.prefix_at_port(address)):
        yield _finding(
            configuration,
            f"LLM_BASE_URL has the port of {elsewhere.title_of(served)}, but {own}/ sends requests "
            f"for {title}.",
            "The prefix determines the API that is called, and the name of the model.",
            None,
            f"For {elsewhere.title_of(served)}: set LLM_MODEL={served}/ and one of its models. For "
            f"{title}: remove LLM_BASE_URL.",
            ("LLM_MODEL", "LLM_BASE_URL"),
        )
        return
    if at is None:
        ends = urlsplit(address).path.rstrip("/").rpartition("/")[2]
        if provider.base_url and ends and ends in provider.api_paths and not provider.base_path:
            any_server = elsewhere.ANY_SERVER[0]
            yield _finding(
                configuration,
                f"LLM_BASE_URL ends in /{ends}, like an OpenAI-compatible address, but {own}/ "
                f"sends requests for {title} to {host}.",
                f"{own}/ adds /{ends} and the rest of {title}'s path.",
                None,
                f"If {host} has an OpenAI-compatible API: set LLM_MODEL={any_server}/ and one of "
                f"its models, such as {any_server}/{model if slash else f'{own}/{model}'}. If it "
                f"has {title}'s API: remove /{ends} from LLM_BASE_URL.",
                ("LLM_MODEL", "LLM_BASE_URL"),
            )
        return
    if provider.hosts and _same(own, at):
        if name and urlsplit(address).path.rstrip("/").endswith(f"/{elsewhere.ANY_SERVER[0]}"):
            yield _finding(
                configuration,
                f"LLM_BASE_URL is the OpenAI-compatible API of {title}, but {own}/ uses its own.",
                "The two APIs have different paths.",
                f"{elsewhere.ANY_SERVER[0]}/{name}",
            )
        else:
            yield from _of_key(configuration, model, by_prefix(at) or unlisted(at))
        return
    if own in elsewhere.ANY_SERVER:
        if name.startswith(f"{at}/") and at not in elsewhere.AGGREGATORS:
            yield _finding(
                configuration,
                f"Everything after {prefix}/ is sent as the name of the model, but {at}/ is a "
                "prefix of litellm.",
                f"The names of {elsewhere.title_of(at)}'s models do not include it.",
                f"{prefix}/{name.removeprefix(f'{at}/')}",
            )
        else:
            yield from _of_key(configuration, model, by_prefix(at) or unlisted(at))
        return
    shown = configuration.shown(model)
    whose = "a model" if slash else f"{shown}, which litellm treats as a model"
    yield _finding(
        configuration,
        f"LLM_BASE_URL is an address of {elsewhere.title_of(at)}, but LLM_MODEL is {whose} of "
        f"{title}.",
        "The prefix determines the API that is called, and the provider whose key is sent.",
        None,
        f"For {elsewhere.title_of(at)}: set LLM_MODEL={at}/ and one of its models. "
        + (f"Did you mean {at}/{model}? " if slash and at in elsewhere.AGGREGATORS else "")
        + f"For {title}: remove LLM_BASE_URL, and set LLM_API_KEY to its key.",
        ("LLM_MODEL", "LLM_BASE_URL", "LLM_API_KEY"),
    )


def _of_key(configuration: Configuration, model: str, provider: Provider) -> Iterator[Finding]:
    """A key of another provider than the one to which it would be sent."""
    key = configuration.text("LLM_API_KEY") or ""
    of = elsewhere.prefix_of_key(key)
    own = provider.prefixes[0]
    if not of or not provider.hosts or _same(own, of):
        return
    bare = "/" not in model
    title, shown = elsewhere.title_of(own), configuration.shown(model)
    guessed = f": litellm treats {shown} as one of its models" if bare else ""
    yield _finding(
        configuration,
        f"LLM_API_KEY begins like a key of {elsewhere.title_of(of)}, but the call goes to "
        f"{title}{guessed}.",
        "A provider rejects the key of another provider, and may log it.",
        f"{of}/{model}" if bare and own in elsewhere.BARE.get(of, ()) else None,
        f"For {elsewhere.title_of(of)}: set LLM_MODEL={of}/ and one of its models. "
        f"For {title}: set LLM_API_KEY to its key.",
        ("LLM_MODEL", "LLM_API_KEY"),
    )


def _finding(
    configuration: Configuration,
    problem: str,
    reason: str,
    model: str | None,
    otherwise: str = "Write it as in the recipe of the guide.",
    own: tuple[str, ...] = ("LLM_MODEL",),
) -> Finding:
    fix, remedy = configuration.fix("LLM_MODEL", model, otherwise)
    if not remedy.values:
        remedy = Remedy(own=own)
    place = configuration.place("LLM_MODEL")
    return Finding("mismatch", f"{place}{problem}", reason, fix, remedy, section("mismatch"))


def _same(one: str, other: str) -> bool:
    """Whether two prefixes are of providers at the same hosts."""
    related = elsewhere.are_related(one, other)
    return one == other or related or bool({*_hosts(one)} & {*_hosts(other)})


def _hosts(prefix: str) -> tuple[str, ...]:
    return (by_prefix(prefix) or unlisted(prefix)).hosts


def notes(configuration: Configuration) -> Iterator[str]:
    """Information that is not a problem: the provider of a bare name, a recipe's placeholder."""
    model, provider = configuration.text("LLM_MODEL"), configuration.provider
    if model and provider and "/" not in model:
        title = elsewhere.title_of(provider.prefixes[0])
        whole = f"{provider.prefixes[0]}/{model}"
        yield (
            f"LLM_MODEL has no prefix, and litellm treats it as a model of {title}. To make that "
            f"explicit, set LLM_MODEL={configuration.redaction.value('LLM_MODEL', whole)}."
        )
    # Under the mock, that is the key.
    if configuration.text("LLM_API_KEY") in RECIPES and MOCK not in configuration.environment:
        yield "LLM_API_KEY is the placeholder of the recipe: only `llmdocs mock` accepts it."
