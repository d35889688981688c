"""The allow-list of the built pages: the tags, attributes and addresses that their HTML may have.

What is not listed is an error, never taken out in silence. The HTML is held to a strict grammar
first, which every parser reads alike: what one parser could take for text and another for a tag is
refused, so nothing hides between them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from types import MappingProxyType

# Possessive throughout: the time is proportional to the text, whatever it holds.
_ATTRIBUTE = r'(?<!\s)\s++(?P<name>[A-Za-z][\w-]*+)(?:="(?P<value>[^"<>]*+)")?+'
ATTRIBUTE = re.compile(_ATTRIBUTE, re.ASCII)
_ATTRIBUTES = rf"(?:{re.sub(r'[?]P<[a-z]+>', '?:', _ATTRIBUTE)})*+"
TAG = re.compile(
    rf"<(?P<end>/?+)(?P<tag>[A-Za-z][A-Za-z0-9]*+)(?P<attributes>{_ATTRIBUTES})\s*+/?+>", re.ASCII
)
COMMENT = re.compile(r"<!--(?!-?>)[^<>-]*+(?:-[^<>-]++)*+-->")
DOCTYPE = re.compile(r"<!doctype html>", re.IGNORECASE)
# Without groups: what it finds is a list of texts.
MARKUP = re.compile(
    re.sub(r"[?]P<[a-z]+>", "?:", rf"{TAG.pattern}|{COMMENT.pattern}").replace("(/?+)", "/?+"),
    re.ASCII,
)

SCHEMES = ("https", "http", "mailto")
SCHEME = re.compile(r"(?P<scheme>[^/?#:]*):")
# A browser leaves some of these out of an address and takes a backslash for a slash.
UNCLEAR = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ufeff]")

GLOBAL = frozenset({"class", "id", "lang", "title", "hidden", "dir"})
PLAIN = (
    "abbr b blockquote br cite code dd del dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr "
    "i ins kbd li mark p pre q s samp section small span strong sub summary sup table tbody tfoot "
    "thead tr ul var wbr"
)
# What pages may say, and what the theme and the extensions of mkdocs.yml make of it.
ARTICLE: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        **dict.fromkeys(PLAIN.split(), GLOBAL),
        "a": GLOBAL | {"href", "hreflang", "rel", "type", "aria-label"},
        "button": GLOBAL | {"type", "data-address"},
        "circle": frozenset({"cx", "cy", "r"}),
        "details": GLOBAL | {"open"},
        "div": GLOBAL
        | {"data-tabs", "data-pagefind-body", "data-pagefind-ignore", "role", "aria-label"}
        | {"data-recipe", "data-picker"},
        "img": GLOBAL | {"src", "alt", "width", "height", "loading"},
        "input": GLOBAL | {"checked", "name", "type"},
        "label": GLOBAL | {"for"},
        "ol": GLOBAL | {"start"},
        "p": GLOBAL | {"data-nearest", "data-pagefind-weight"},
        "path": frozenset({"d", "fill-rule", "clip-rule"}),
        "span": GLOBAL | {"role"},
        "svg": frozenset({"xmlns", "viewbox", "class"}),
        "td": GLOBAL | {"align", "colspan", "rowspan", "data-label"},
        "template": frozenset({"data-outcome"}),
        "th": GLOBAL | {"align", "colspan", "rowspan"},
    }
)
# What a title may have: what is emphasised, code, and another language than the page's.
TITLE: Mapping[str, frozenset[str]] = MappingProxyType(
    dict.fromkeys(("abbr", "b", "code", "em", "i", "kbd", "mark", "span", "strong"), GLOBAL)
)
# What the theme's templates add around the article.
_DATA = {"data-md-component", "data-md-level", "data-md-scrollfix", "data-md-toggle"}
_DATA |= {"data-md-color-scheme", "data-md-color-primary", "data-md-color-accent", "data-md-type"}
_DATA |= {"data-md-color-media"}
_THEME = GLOBAL | _DATA | {"aria-label", "aria-labelledby", "aria-expanded", "aria-hidden"}
_THEME |= {"tabindex"}
_SEARCH = {"data-pagefind", "data-clear", "data-failed", "data-failed-language"}
_AROUND: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("article", "aside", "body", "footer", "form", "header", "main"), _THEME),
    **dict.fromkeys(("head", "html", "nav", "title"), _THEME),
    "a": frozenset(),
    "button": frozenset({"aria-haspopup", "aria-keyshortcuts", *_SEARCH}),
    "input": frozenset({"autocomplete"}),
    "link": frozenset({"rel", "href", "hreflang", "media", "type"}),
    "meta": frozenset({"charset", "name", "content", "property", "lang"}),
    "script": frozenset({"id", "src", "type"}),
    "template": frozenset({"data-offer", "id"}),
}
PAGE: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        tag: ARTICLE.get(tag, frozenset()) | _AROUND.get(tag, frozenset())
        | (_THEME if tag in ARTICLE and tag not in ("path", "circle") else frozenset())
        for tag in {*ARTICLE, *_AROUND}
    }
)  # fmt: skip

# What an attribute may say. `__` begins the names that the theme's scripts look for.
GENERATED = r"__(?:tabbed_\d++(?:_\d++)?+|codelineno[\w-]*+|span[\w-]*+)"
VALUES: Mapping[tuple[str, str], re.Pattern[str]] = MappingProxyType(
    {
        ("a", "rel"): re.compile(r"(?:noopener|noreferrer|nofollow|license|\s++)*+"),
        ("button", "type"): re.compile("button"),
        ("div", "role"): re.compile("group"),
        ("p", "data-pagefind-weight"): re.compile("10"),
        ("input", "type"): re.compile("radio"),
        ("input", "name"): re.compile(GENERATED),
        ("label", "for"): re.compile(GENERATED),
        ("*", "id"): re.compile(rf"{GENERATED}|(?!__).*", re.DOTALL),
        # Classes of the theme's own controls: what looks like the site's menu is the site's menu.
        # For a diagram its script would ask another host.
        ("*", "class"): re.compile(r"(?:(?!md-|mermaid\b)\S++|md-button\S*+|\s++)*+"),
    }
)
ADDRESSES = frozenset({"href", "src", "data-address", "data-pagefind"})
LOADED = frozenset({"button", "img", "script", "link"})
# The relations of a link that a browser does not load by itself.
NAMED = frozenset({"alternate", "canonical", "next", "prev"})


@dataclass(frozen=True)
class Policy:
    """Which tags there may be, with their attributes, and what some attributes may say."""

    tags: Mapping[str, frozenset[str]]
    values: Mapping[tuple[str, str], re.Pattern[str]] = field(default_factory=dict)
    # What is wrong with each tag that has been looked at: pages repeat them.
    known: dict[str, str | None] = field(default_factory=dict)

    def allows(self, tag: str, attribute: str, value: str) -> bool:
        patterns = (self.values.get((name, attribute)) for name in (tag, "*"))
        return all(pattern.fullmatch(value) for pattern in patterns if pattern)


IN_ARTICLE = Policy(ARTICLE, VALUES)
IN_TITLE = Policy(TITLE, VALUES)
AROUND_ARTICLE = Policy(PAGE)
# Raw HTML in a page's source: `markdown` says that what is between the tags is Markdown.
IN_SOURCE = Policy({tag: names | {"markdown"} for tag, names in ARTICLE.items()}, VALUES)


def problems(html: str, policy: Policy) -> Iterator[str]:
    """What the HTML holds that is not on the list: each tag once, with what is expected."""
    found = MARKUP.findall(html)
    if html.count("<") != len(found):
        yield from _unclear(html)
    for text in dict.fromkeys(found):
        if text not in policy.known:
            is_comment = text.startswith("<!")
            policy.known[text] = None if is_comment else tag_problem(text, policy)
        if problem := policy.known[text]:
            yield problem


def _unclear(html: str) -> Iterator[str]:
    rest = MARKUP.sub(lambda match: " " * len(match[0]), html)
    begin = rest.find("<")
    shown = " ".join(html[begin : begin + 60].split())
    yield (
        f'{shown!r} is no tag in the form that is allowed: <name attribute="value">; write a '
        "less-than sign as &lt;, or the tag in that form."
    )


def tag_problem(text: str, policy: Policy) -> str | None:
    """What is wrong with one tag that `TAG` matches, and what is allowed; None if it may stay."""
    match = TAG.fullmatch(text)
    if not match:
        return next(_unclear(text))
    tag = match["tag"].lower()
    if tag not in policy.tags:
        return (
            f"{_shown(text)} is not allowed: pages have no <{tag}>. The tags are: "
            f"{_listed(policy.tags)}."
        )
    given = [*_attributes(match)]
    if len(given) != len(dict(given)):
        return f"{_shown(text)} is not allowed: it has an attribute twice; leave one."
    for problem in _attribute_problems(tag, dict(given), policy):
        return f"{_shown(text)} is not allowed: {problem}"
    return None


def attributes(tag: str) -> dict[str, str]:
    """The attributes of a tag that `TAG` matches, in lower case, with what they say."""
    match = TAG.fullmatch(tag)
    return dict(_attributes(match)) if match else {}


def _attributes(tag: re.Match[str]) -> Iterator[tuple[str, str]]:
    for attribute in ATTRIBUTE.finditer(tag["attributes"]):
        yield attribute["name"].lower(), unescape(attribute["value"] or "")


def _attribute_problems(tag: str, given: Mapping[str, str], policy: Policy) -> Iterator[str]:
    allowed = policy.tags[tag]
    named = tag == "link" and NAMED.issuperset(given.get("rel", "stylesheet").split())
    for name, value in given.items():
        if name not in allowed:
            may = f"it may have: {_listed(allowed)}" if allowed else "it may have none"
            yield f"<{tag}> has no attribute {name!r} here; {may}."
        elif not policy.allows(tag, name, value):
            yield f"{name} says {value!r}, which is kept for the theme; choose another."
        elif name in ADDRESSES and (
            problem := address_problem(value, loaded=tag in LOADED and not named)
        ):
            yield problem


def address_problem(address: str, *, loaded: bool = False) -> str | None:
    """What is wrong with where a link leads, or with what a page loads, which is of this site."""
    if UNCLEAR.search(address):
        return f"the address {address!r} holds a space, a control character or a backslash."
    scheme = SCHEME.match(address)
    if scheme and scheme["scheme"].lower() not in SCHEMES:
        return (
            f"the address {address!r} begins with {scheme[0]!r}; an address begins with "
            f"{_listed(f'{item}:' for item in SCHEMES)}, or is relative."
        )
    if address.startswith("//"):
        return f"the address {address!r} names a host without a scheme; write https: before it."
    if loaded and scheme:
        return (
            f"{address!r} would be loaded from another host; put the file below docs/ and name "
            "it by a relative path."
        )
    return None


def _shown(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"


def _listed(names: Collection[str] | Iterator[str]) -> str:
    return ", ".join(sorted(names))
