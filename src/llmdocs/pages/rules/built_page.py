"""A page as it is written: held to the allow-list, its links safe, and its scripts declared.

The article may have what a page says, what is around it what the theme's templates have too. A
script that stands in the HTML is one of the theme's own; the Content-Security-Policy names each by
its hash, so that a browser runs no other.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from llmdocs.errors import PageError
from llmdocs.pages.rules.html_policy import (
    AROUND_ARTICLE,
    DOCTYPE,
    IN_ARTICLE,
    attributes,
    problems,
)

ARTICLE = re.compile(r"<(?P<end>/?+)article\b[^<>]*+>", re.IGNORECASE)
# One without its end goes on to the end of the page, as in a browser.
SCRIPT = re.compile(
    r"<script(?P<attributes>[^<>]*+)>(?P<body>(?:[^<]++|<(?!/script>))*+)(?:</script>|\Z)",
    re.IGNORECASE,
)
# What a template puts into a script: a path that leads to the site's root.
HOLE = re.compile(r"\{\{(?:(?!\{\{|\}\}).)*+\}\}", re.DOTALL)
PATH = r"[\w./-]*+"
TEMPLATE_SOURCE = re.compile(r"""<script[^<>]*?\bsrc="\{\{ '(?P<path>[^']++)' \| url \}\}\"""")
LINK = re.compile(r"<a\b[^<>]*+>", re.IGNORECASE)
ELSEWHERE = re.compile(r"https?:", re.IGNORECASE)
CHARSET = '<meta charset="utf-8">'
# Of the theme's data for its scripts, which no browser runs.
DATA = "application/json"

# `frame-ancestors` is left out: in a `<meta>` no browser heeds it. A host can send it as a header.
POLICY = {
    "default-src": ("'none'",),
    "base-uri": ("'none'",),
    "connect-src": ("'self'",),
    "font-src": ("'self'",),
    "form-action": ("'none'",),
    # The theme's style sheet holds its icons as `data:` images.
    "img-src": ("'self'", "data:"),
    "object-src": ("'none'",),
    # The search is WebAssembly.
    "script-src": ("'self'", "'wasm-unsafe-eval'"),
    "style-src": ("'self'",),
    "worker-src": ("'self'",),
}


@dataclass(frozen=True)
class Scripts:
    """The theme's scripts: those that stand in its templates, and the files that it loads.

    `files` are paths below the site's root. `reloading` is said while a site is served for
    writing: MkDocs then puts a script of its own, which is never the same, into each page.
    """

    inline: tuple[re.Pattern[str], ...]
    files: frozenset[str]
    reloading: bool = False


def scripts_of(templates: Iterable[str], files: Iterable[str], *, reloading: bool) -> Scripts:
    """The scripts of the templates' sources, and `files` that `mkdocs.yml` adds."""
    inline, found = [], {*files}
    for template in templates:
        found |= {match["path"] for match in TEMPLATE_SOURCE.finditer(template)}
        for script in SCRIPT.finditer(template):
            if not script["attributes"] and script["body"]:
                parts = HOLE.split(script["body"])
                inline.append(re.compile(PATH.join(map(re.escape, parts))))
    return Scripts(tuple(inline), frozenset(found), reloading)


def finish(html: str, place: str, scripts: Scripts, site_url: str) -> str:
    """The page with `rel="noopener"` on links to other sites, and its Content-Security-Policy.

    Raises `PageError` with `place` for all that is not on the allow-list.
    """
    elsewhere = [link for link in {*LINK.findall(html)} if _leads_elsewhere(link, site_url)]
    for link in elsewhere:
        if "rel" not in attributes(link):
            html = html.replace(link, f'{link.removesuffix(">")} rel="noopener">')
    found = [*dict.fromkeys(_problems(html, scripts))]
    found += [
        f'{link} leads to another site without rel="noopener"; take its rel out.'
        for link in elsewhere
        if "noopener" not in attributes(link).get("rel", "noopener").split()
    ]
    if found:
        raise PageError("\n".join(f"{place}: the built page: {problem}" for problem in found))
    policy = content_security_policy(html, reloading=scripts.reloading)
    meta = f'<meta http-equiv="Content-Security-Policy" content="{escape(policy, quote=False)}">'
    return html.replace(CHARSET, f"{CHARSET}\n  {meta}", 1)


def content_security_policy(html: str, *, reloading: bool = False) -> str:
    """The policy under which a page's own scripts run, and no others.

    Sources: https://www.w3.org/TR/CSP3/, and #meta-element there for what a `<meta>` cannot say.
    """
    hashes = dict.fromkeys(
        hash_of(script["body"])
        for script in SCRIPT.finditer(html)
        if script["body"] and attributes(f"<script{script['attributes']}>").get("type") != DATA
    )
    allowed = {**POLICY}
    allowed["script-src"] += ("'unsafe-inline'",) if reloading else (*hashes,)
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in allowed.items())


def hash_of(script: str) -> str:
    """A script as `script-src` names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _problems(html: str, scripts: Scripts) -> Iterator[str]:
    heads = (html.count(CHARSET), html.lower().count(CHARSET))
    if heads != (1, 1) or not DOCTYPE.match(html.lstrip()):
        yield f"it has no head of its own, with one {CHARSET}."
    ends = [*ARTICLE.finditer(html)]
    if [end["end"] for end in ends] != ["", "/"]:
        yield f"it has {len(ends)} tags of articles; the theme's one is expected, and no other."
        return
    article = html[ends[0].end() : ends[1].start()]
    around = DOCTYPE.sub("", html[: ends[0].start()] + html[ends[1].end() :], count=1)
    yield from problems(article, IN_ARTICLE)
    for script in SCRIPT.finditer(around):
        yield from _script(script, scripts)
    # Without what is in the scripts, which is no HTML.
    yield from problems(SCRIPT.sub(r"<script\g<attributes>></script>", around), AROUND_ARTICLE)


def _script(script: re.Match[str], scripts: Scripts) -> Iterator[str]:
    given = attributes(f"<script{script['attributes']}>")
    body, source = script["body"], given.get("src")
    if source is not None:
        # Below the site's root, whatever path leads there.
        path = re.sub(r"^(?:\.{0,2}/)*", "", posixpath.normpath(source))
        if body or not any(f"/{path}".endswith(f"/{file}") for file in scripts.files):
            yield (
                f"the script {source!r} is none of the theme's. Name it in mkdocs.yml under "
                "extra_javascript, or take it out."
            )
    elif given.get("type") == DATA:
        if "<" in body:
            yield "data for a script holds <, which may end it; escape it."
    elif given or not any(pattern.fullmatch(body) for pattern in scripts.inline):
        yield (
            f"<script>{body[:60]}… is none of the theme's scripts. Put it into a file below "
            "docs/assets/, and name that in mkdocs.yml under extra_javascript."
        )


def _leads_elsewhere(link: str, site_url: str) -> bool:
    # Most lead to a page of this site, and have neither the scheme nor a character by its name.
    if "&" not in link and "http" not in link.lower():
        return False
    address = attributes(link).get("href", "")
    own = bool(site_url) and address.startswith(site_url)
    return bool(ELSEWHERE.match(address)) and not own
