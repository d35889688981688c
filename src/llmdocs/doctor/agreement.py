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
        otherwise += f" Is it {configuration.redaction.value('LLM_MODEL', meant.model)}?"
    fix, remedy = configuration.fix("LLM_MODEL", value, otherwise)
    yield Finding(
        "unknown-provider",
        f"{configuration.place('LLM_MODEL')}LLM_MODEL is {configuration.shown(model)}, and "
        + ("names no model." if configuration.provider else "litellm knows no provider for it."),
        "What stands before the first slash says which provider is called. A model's own name may "
        "have slashes too, behind that.",
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
    fix, remedy = configuration.fix("LLM_BASE_URL", expected, "Write the server's own host.")
    yield Finding(
        "host-name",
        f"{configuration.stated('LLM_BASE_URL')}: a server listens to that, and nobody calls it.",
        f"{host_of(address)} means all addresses of the server's machine; a program needs one.",
        f"{fix}, for a server on this machine.",
        remedy,
        section("host-name"),
    )


def another_kind_of_key(configuration: Configuration) -> Iterator[Finding]:
    told = elsewhere.not_a_key(configuration.text("LLM_API_KEY") or "")
    if not told:
        return
    what, wanted = told
    yield Finding(
        "key",
        f"{configuration.place('LLM_API_KEY')}LLM_API_KEY holds {what}.",
        "A provider refuses it as it refuses a wrong key.",
        f"Set LLM_API_KEY to {wanted}.",
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
        f"{configuration.place('LLM_API_KEY')}LLM_API_KEY holds what stands for a key in examples.",
        f"{asked.title} refuses it as it refuses a wrong key.",
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
        f"{prefix}/ loads the model into this program, and LLM_BASE_URL names a server.",
        f"litellm calls a server by {of_servers}/.",
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
            f"LLM_BASE_URL is the model inference API of Azure AI Foundry, which {inference}/ "
            "calls.",
            f"At one resource, {deployments}/ calls OpenAI's models by their deployments, and "
            f"{inference}/ those of all makers.",
            f"{inference}/{name}",
        )
    elif prefix in elsewhere.AZURE:
        yield from _of_key(configuration, model, provider)
    else:
        yield _finding(
            configuration,
            f"LLM_BASE_URL is a resource's at Azure, and {prefix}/ calls it as {title}.",
            "Azure wants the deployment in the path, a version, and the key in a header of its "
            f"own; {deployments}/ sends them.",
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
            f"LLM_BASE_URL has the port of {elsewhere.title_of(served)}, and {own}/ asks it as "
            f"{title} is asked.",
            "The prefix says how the server is asked, and what the model is called there.",
            None,
            f"For {elsewhere.title_of(served)}: LLM_MODEL={served}/ and a model that it has. For "
            f"{title}: take LLM_BASE_URL out.",
            ("LLM_MODEL", "LLM_BASE_URL"),
        )
        return
    if at is None:
        ends = urlsplit(address).path.rstrip("/").rpartition("/")[2]
        if provider.base_url and ends and ends in provider.api_paths and not provider.base_path:
            any_server = elsewhere.ANY_SERVER[0]
            yield _finding(
                configuration,
                f"LLM_BASE_URL ends in /{ends}, as an address of OpenAI's API does, and {own}/ "
                f"asks {host} as {title} is asked.",
                f"{own}/ adds /{ends} itself, and the rest of {title}'s own path.",
                None,
                f"If {host} speaks OpenAI's API, LLM_MODEL={any_server}/ and its own name for the "
                f"model, such as {any_server}/{model if slash else f'{own}/{model}'}; if "
                f"{title}'s, LLM_BASE_URL without /{ends}.",
                ("LLM_MODEL", "LLM_BASE_URL"),
            )
        return
    if provider.hosts and _same(own, at):
        if name and urlsplit(address).path.rstrip("/").endswith(f"/{elsewhere.ANY_SERVER[0]}"):
            yield _finding(
                configuration,
                f"LLM_BASE_URL is where {title} speaks OpenAI's API, and {own}/ asks it "
                "by its own.",
                "At that path, each prefix finds what it asks for or nothing.",
                f"{elsewhere.ANY_SERVER[0]}/{name}",
            )
        else:
            yield from _of_key(configuration, model, by_prefix(at) or unlisted(at))
        return
    if own in elsewhere.ANY_SERVER:
        if name.startswith(f"{at}/") and at not in elsewhere.AGGREGATORS:
            yield _finding(
                configuration,
                f"All behind {prefix}/ is sent as the model's name, and {at}/ is litellm's prefix.",
                f"{elsewhere.title_of(at)} knows its models without it.",
                f"{prefix}/{name.removeprefix(f'{at}/')}",
            )
        else:
            yield from _of_key(configuration, model, by_prefix(at) or unlisted(at))
        return
    shown = configuration.shown(model)
    whose = f"one of {title}'s" if slash else f"{shown}, for litellm one of {title}'s"
    yield _finding(
        configuration,
        f"LLM_BASE_URL is {elsewhere.title_of(at)}'s, and LLM_MODEL is {whose}.",
        "The prefix says how the server is asked, and whose key is sent.",
        None,
        f"For {elsewhere.title_of(at)}: LLM_MODEL={at}/ and its own name for the model"
        + (f"; is it {at}/{model}? " if slash and at in elsewhere.AGGREGATORS else ". ")
        + f"For {title}: take LLM_BASE_URL out, and set a key of its own.",
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
    guessed = f": litellm takes {shown} for one of its models" if bare else ""
    yield _finding(
        configuration,
        f"LLM_API_KEY begins as a key of {elsewhere.title_of(of)} does, and the call goes to "
        f"{title}{guessed}.",
        "A provider refuses another's key, and may keep it in its logs.",
        f"{of}/{model}" if bare and own in elsewhere.BARE.get(of, ()) else None,
        f"For {elsewhere.title_of(of)}: LLM_MODEL={of}/ and its own name for the model. "
        f"For {title}: LLM_API_KEY with a key of its own.",
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
    """What is no fault, and is better known: whose a bare name is, and a recipe's placeholder."""
    model, provider = configuration.text("LLM_MODEL"), configuration.provider
    if model and provider and "/" not in model:
        title = elsewhere.title_of(provider.prefixes[0])
        whole = f"{provider.prefixes[0]}/{model}"
        yield (
            f"LLM_MODEL names no provider, and litellm takes it for one of {title}'s. "
            f"LLM_MODEL={configuration.redaction.value('LLM_MODEL', whole)} says so."
        )
    # Under the mock, that is the key.
    if configuration.text("LLM_API_KEY") in RECIPES and MOCK not in configuration.environment:
        yield "LLM_API_KEY is what the recipe has in a key's place: `llmdocs mock` alone takes it."
