"""A page is written with its policy, and only with the scripts and links that it may have."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable

import pytest

from llmdocs.errors import PageError
from llmdocs.pages.rules.built_page import Scripts, finish, scripts_of

SITE_URL = "https://docs.example/llm/"
TEMPLATE = (
    """<script src="{{ 'assets/theme.js' | url }}"></script>"""
    """<script>scope=new URL("{{ base_url }}",location),a=b<<1</script>"""
    """<script id="x" type="application/json">{{ x | tojson }}</script>"""
)
OWN = '<script>scope=new URL("../..",location),a=b<<1</script>'
PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>x</title>{head}</head>
<body><nav><a href="https://nav.test/">x</a></nav>
<article class="md-content__inner md-typeset">{article}</article>
<script src="../../assets/theme.js"></script>{end}
<footer><a href="https://docs.example/llm/fr/">x</a><a href="../x/">x</a></footer></body></html>"""


@pytest.fixture
def scripts() -> Scripts:
    return scripts_of([TEMPLATE], ["assets/own.js"], reloading=False)


def page(article: str = "<p>x</p>", head: str = "", end: str = "") -> str:
    return PAGE.format(head=head, article=article, end=end)


def policy_of(html: str) -> dict[str, list[str]]:
    """The sources of each directive."""
    (content,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', html)
    return {name: rest for name, *rest in (part.split() for part in content.split("; "))}


def test_the_policy_stands_before_all_that_it_holds_for(scripts: Scripts) -> None:
    html = finish(page(head=OWN), "x.md", scripts, SITE_URL)

    after = html.partition('<meta charset="utf-8">')[2].lstrip()
    assert after.startswith('<meta http-equiv="Content-Security-Policy"')


def test_the_policy_names_the_script_that_is_written(scripts: Scripts) -> None:
    body = OWN.removeprefix("<script>").removesuffix("</script>").encode()
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()

    policy = policy_of(finish(page(head=OWN), "x.md", scripts, SITE_URL))

    assert policy["script-src"] == ["'self'", "'wasm-unsafe-eval'", f"'sha256-{digest}'"]
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == ["'none'"]


def test_data_for_scripts_is_no_script(scripts: Scripts) -> None:
    data = '<script id="__config" type="application/json">{"a": "\\u003c"}</script>'

    policy = policy_of(finish(page(end=data), "x.md", scripts, SITE_URL))

    assert policy["script-src"] == ["'self'", "'wasm-unsafe-eval'"]


REFUSED = {
    "an injected script": {"head": "<script>alert(1)</script>"},
    "a script with a hole that acts": {
        "head": OWN.replace("../..", '",location),alert(1),new URL("')
    },
    "a script with more": {"head": OWN.replace("<<1", "<<1;alert(1)")},
    "a script with attributes": {"head": OWN.replace("<script>", '<script type="module">')},
    "a script of the site that is not declared": {"end": '<script src="x/evil.js"></script>'},
    "a script from elsewhere": {"end": '<script src="https://x.test/assets/own.js"></script>'},
    "a script from a host": {"end": '<script src="//x.test/assets/own.js"></script>'},
    "a script in the article": {"article": OWN},
    "a declared script in the article": {"article": '<script src="../assets/own.js"></script>'},
    "data that ends itself": {"end": '<script type="application/json">"<!-- <script>"</script>'},
    "a second article": {"article": '</article><article class="x">'},
    "an article that ends early": {"article": "</article>" + OWN},
    "a policy of its own": {
        "head": '<meta http-equiv="Content-Security-Policy" content="script-src *">'
    },
    "a redirection": {"head": '<meta http-equiv="refresh" content="0;url=https://x.test">'},
    "another charset": {"head": '<meta charset="utf-8">'},
    "a base": {"head": '<base href="https://x.test/">'},
    "a style": {"head": "<style>a{}</style>"},
    "an event around the article": {"end": '<footer onclick="alert(1)"></footer>'},
    "a script's address around it": {"end": '<a href="javascript:alert(1)">x</a>'},
    "a style sheet from elsewhere": {"head": '<link rel="stylesheet" href="https://x.test/x.css">'},
    "a connection made early": {"head": '<link rel="preconnect" href="https://x.test/">'},
    "a link without a relation": {"head": '<link href="https://x.test/">'},
}


def in_capitals(html: str) -> str:
    return re.sub(r"</?[a-z]+", lambda match: match[0].upper(), html)


@pytest.mark.parametrize("written", [str, in_capitals])
@pytest.mark.parametrize("parts", REFUSED.values(), ids=REFUSED)
def test_what_is_not_the_themes_is_refused(
    scripts: Scripts, parts: dict[str, str], written: Callable[[str], str]
) -> None:
    with pytest.raises(PageError, match=r"x\.md: the built page: "):
        finish(
            page(**{name: written(text) for name, text in parts.items()}), "x.md", scripts, SITE_URL
        )


def test_a_page_without_its_head_is_refused(scripts: Scripts) -> None:
    with pytest.raises(PageError, match="no head"):
        finish("<p>x</p>", "x.md", scripts, SITE_URL)


def test_links_to_other_sites_cannot_reach_back(scripts: Scripts) -> None:
    article = '<a href="https://x.test/?a=b&amp;c">x</a> <a class="y" href="HTTP://x.test">y</a>'

    html = finish(page(article), "x.md", scripts, SITE_URL)

    assert '<a href="https://nav.test/" rel="noopener">' in html
    assert '<a href="https://x.test/?a=b&amp;c" rel="noopener">' in html
    assert '<a class="y" href="HTTP://x.test" rel="noopener">' in html
    assert '<a href="https://docs.example/llm/fr/">' in html
    assert '<a href="../x/">' in html


def test_a_link_to_another_site_is_known_by_whatever_characters_name_it(scripts: Scripts) -> None:
    article = '<a href="&#104;ttps://x.test/">x</a>'

    html = finish(page(article), "x.md", scripts, SITE_URL)
    capitals = finish(page('<A href="https://x.test/">x</A>'), "x.md", scripts, SITE_URL)

    assert '<A href="https://x.test/" rel="noopener">' in capitals
    assert '<a href="&#104;ttps://x.test/" rel="noopener">' in html


def test_a_site_that_begins_alike_is_another(scripts: Scripts) -> None:
    article = '<a href="https://docs.example/llms">x</a>'

    assert 'llms" rel="noopener">' in finish(page(article), "x.md", scripts, SITE_URL)


def test_a_relation_of_ones_own_must_say_so_too(scripts: Scripts) -> None:
    with pytest.raises(PageError, match="noopener"):
        finish(page('<a href="https://x.test/" rel="nofollow">x</a>'), "x.md", scripts, SITE_URL)


def test_a_site_that_is_served_for_writing_lets_mkdocs_reload_it() -> None:
    scripts = scripts_of([TEMPLATE], [], reloading=True)

    policy = policy_of(finish(page(head=OWN), "x.md", scripts, SITE_URL))

    assert policy["script-src"] == ["'self'", "'wasm-unsafe-eval'", "'unsafe-inline'"]
