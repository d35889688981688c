"""The built pages have the tags, attributes and addresses that are listed, and nothing else."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from llmdocs.pages.rules.html_policy import (
    ARTICLE,
    IN_ARTICLE,
    IN_TITLE,
    SCHEMES,
    problems,
)

ACTIVE = {
    "a script": "<script>alert(1)</script>",
    "a script in capitals": "<ScRiPt>alert(1)</sCrIpT>",
    "a script from elsewhere": '<script src="https://x.test/x.js"></script>',
    "a script that never ends": "<script>",
    "a script's end alone": "</script>",
    "a script after a slash": "<script/src=//x.test/x.js></script>",
    "an event": '<img src="x.png" alt="x" onerror="alert(1)">',
    "an event in capitals": '<img src="x.png" alt="x" OnError="alert(1)">',
    "an event without quotes": "<img src=x onerror=alert(1)>",
    "an event after a slash": '<img/onerror="alert(1)"/src=x>',
    "an event on a paragraph": '<p onclick="alert(1)">x</p>',
    "an event after a line break": '<p\nonclick="alert(1)">x</p>',
    "an event after a form feed": '<p\x0conclick="alert(1)">x</p>',
    "an event that ends a tag": '<p title="x"onclick="alert(1)">x</p>',
    "an event on details": '<details open ontoggle="alert(1)"><summary>x</summary></details>',
    "an animation's event": '<svg><animate onbegin="alert(1)" attributeName="x"/></svg>',
    "a script's address": '<a href="javascript:alert(1)">x</a>',
    "a script's address in capitals": '<a href="JaVaScRiPt:alert(1)">x</a>',
    "a script's address in entities": '<a href="&#106;avascript&#58;alert(1)">x</a>',
    "a script's address in hexadecimal": '<a href="&#x6A;avascript&colon;alert(1)">x</a>',
    "a script's address with a tab": '<a href="java\tscript:alert(1)">x</a>',
    "a script's address with a tab's entity": '<a href="java&Tab;script:alert(1)">x</a>',
    "a script's address with a line break": '<a href="java\nscript:alert(1)">x</a>',
    "a script's address after a space": '<a href=" javascript:alert(1)">x</a>',
    "a script's address after a control": '<a href="\x01javascript:alert(1)">x</a>',
    "a script's address after its entity": '<a href="&#1;javascript:alert(1)">x</a>',
    "Visual Basic": '<a href="vbscript:msgbox(1)">x</a>',
    "a document in a link": '<a href="data:text/html,&lt;script>alert(1)&lt;/script>">x</a>',
    "a picture in a link": '<img src="data:image/svg+xml;base64,PHN2Zz4=" alt="x">',
    "a blob": '<a href="blob:https://x.test/1">x</a>',
    "a file": '<a href="file:///etc/passwd">x</a>',
    "an unknown scheme": '<a href="intent://x.test">x</a>',
    "a view of the source": '<a href="view-source:https://x.test">x</a>',
    "a host without a scheme": '<a href="//x.test/">x</a>',
    "a host after backslashes": '<a href="/\\x.test/">x</a>',
    "a picture from elsewhere": '<img src="https://x.test/x.png" alt="x">',
    "a picture from elsewhere by HTTP": '<img src="http://x.test/x.png" alt="x">',
    "a picture from a host": '<img src="//x.test/x.png" alt="x">',
    "a choice of pictures": '<img srcset="https://x.test/x.png 1x" alt="x">',
    "a picture's other sources": '<picture><source srcset="https://x.test/x.png"></picture>',
    "a button that fetches": '<button type="button" data-address="https://x.test/">x</button>',
    "a diagram": '<pre class="mermaid"><code>graph TD</code></pre>',
    "a diagram among classes": '<p class="a mermaid">x</p>',
    "a ping": '<a href="x/" ping="https://x.test/">x</a>',
    "a target": '<a href="https://x.test/" target="_blank">x</a>',
    "a relation that opens": '<a href="https://x.test/" rel="opener">x</a>',
    "a style": '<p style="background:url(https://x.test/x.png)">x</p>',
    "a style alone": '<p style="color:red">x</p>',
    "a style sheet": "<style>body{display:none}</style>",
    "a linked style sheet": '<link rel="stylesheet" href="x.css">',
    "a frame": '<iframe src="https://x.test/"></iframe>',
    "a frame's document": '<iframe srcdoc="x"></iframe>',
    "an object": '<object data="x.svg"></object>',
    "an embed": '<embed src="x.svg">',
    "a form": '<form action="https://x.test/"><input name="key"></form>',
    "a field": '<input type="password" name="key">',
    "a field's form": '<button type="submit" formaction="https://x.test/">x</button>',
    "a button that sends": '<button type="submit">x</button>',
    "a text area": "<textarea></textarea>",
    "a redirection": '<meta http-equiv="refresh" content="0;url=https://x.test/">',
    "a policy": '<meta http-equiv="Content-Security-Policy" content="">',
    "another base": '<base href="https://x.test/">',
    "a drawing's link": '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    "a drawing's use": '<svg><use href="x.svg#x"></use></svg>',
    "a drawing's document": "<svg><foreignObject><p>x</p></foreignObject></svg>",
    "mathematics": '<math href="javascript:alert(1)">x</math>',
    "a video": '<video src="x.mp4"></video>',
    "a sound": '<audio src="x.mp3" autoplay></audio>',
    "a marquee": '<marquee onstart="alert(1)">x</marquee>',
    "an element of another's": "<x-script>x</x-script>",
    "text without markup": "<plaintext>",
    "what is shown without scripts": "<noscript><p>x</p></noscript>",
    "a frame set": "<frameset><frame src=x></frameset>",
    "an instruction": '<?xml-stylesheet href="x.css"?>',
    "a section of data": "<![CDATA[<script>]]>",
    "a type": "<!DOCTYPE html>",
    "a comment that ends at once": "<!--><script>alert(1)</script>-->",
    "a comment that ends early": "<!-- --!><script>alert(1)</script> -->",
    "a comment that never ends": "<!-- <script>alert(1)</script>",
    "a tag within a tag": '<p <script>alert(1)</script> title="x">',
    "a tag in a value": '<p title="<script>alert(1)</script>">x</p>',
    "a value that never ends": '<p title="x>',
    "a tag that never ends": '<img src="x.png"',
    "a less-than sign": "1 < 2",
    "single quotes": "<p title='x'>x</p>",
    "a null in a tag": "<scr\0ipt>alert(1)</script>",
    "an attribute twice": '<a href="x/" href="y/">x</a>',
    "an end with attributes": '</p onclick="alert(1)">',
    "an identifier of the theme": '<div id="__config">{"base": "https://x.test"}</div>',
    "a toggle of the theme": '<label for="__search">x</label>',
    "a component of the theme": '<div data-md-component="dialog">x</div>',
    "a class of the theme": '<div class="md-overlay">x</div>',
    "a class of the theme among others": '<div class="a md-dialog">x</div>',
    "an article": "</article><article>",
    "editing": '<p contenteditable="true">x</p>',
    "focus": '<p tabindex="0" autofocus>x</p>',
    "a part of a page": '<p is="x-y" slot="z">x</p>',
    "a copied address of elsewhere": '<button type="button" data-address="//x.test/">x</button>',
}
QUIET = {
    "text": "1 &lt; 2 &amp; 3",
    "a greater-than sign": "2 > 1",
    "a paragraph": '<p class="a b" lang="en" id="x">x</p>',
    "a link": '<a href="../x/?a=b:c#d:e">x</a>',
    "a link elsewhere": '<a href="https://x.test/a?b=c" rel="noopener">x</a>',
    "a mail address": '<a href="mailto:x@x.test">x</a>',
    "a picture": '<img src="../x.svg" alt="x" loading="lazy">',
    "a line break": "a<br>b<br/>c<br />d",
    "a tab": '<input checked="checked" id="__tabbed_1_1" name="__tabbed_1" type="radio">'
    '<label for="__tabbed_1_1">x</label>',
    "a drawing": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0"/></svg>',
    "details": '<details class="note" open="open"><summary>x</summary></details>',
    "a table": '<table><tr><th align="center">x</th><td colspan="2">y</td></tr></table>',
    "a comment": "<!-- Font Awesome - by x -->",
    "an id without a value": '<p hidden>x</p>',
}  # fmt: skip


@pytest.mark.parametrize("html", ACTIVE.values(), ids=ACTIVE)
def test_what_acts_is_refused(html: str) -> None:
    assert [*problems(html, IN_ARTICLE)] != []
    assert [*problems(f'<p class="a">x</p>\n{html}\n<p>y</p>', IN_ARTICLE)] != []
    assert [*problems(html, IN_TITLE)] != []


@pytest.mark.parametrize("html", QUIET.values(), ids=QUIET)
def test_what_pages_say_stays(html: str) -> None:
    assert [*problems(html, IN_ARTICLE)] == []


def test_a_problem_names_the_tag_and_what_is_allowed() -> None:
    (found,) = problems('<p onclick="x()">y</p>', IN_ARTICLE)

    assert found == (
        "<p onclick=\"x()\"> is not allowed: <p> has no attribute 'onclick' here; it may have: "
        "class, data-nearest, data-pagefind-weight, dir, hidden, id, lang, title."
    )


def test_a_title_has_no_link() -> None:
    assert [*problems('Wait <code>n</code> <span lang="en">seconds</span>', IN_TITLE)] == []
    assert [*problems('<a href="x/">x</a>', IN_TITLE)] != []


class Seen(HTMLParser):
    """What another parser makes of the HTML: each tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.others: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_decl(self, decl: str) -> None:
        self.others.append(decl)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)

    def unknown_decl(self, data: str) -> None:
        self.others.append(data)


PIECES = st.sampled_from(
    [
        *("<", ">", "/", "=", '"', "'", " ", "\n", "\t", "\0", "\x0c", "!", "--", "?", "]]>"),
        *("a", "p", "img", "script", "svg", "style", "title", "iframe", "textarea", "article"),
        *("href", "src", "onclick", "style", "class", "id", "javascript:", "https://x.test"),
        *("<p>", "</p>", '<a href="', '">', "<img src=", "<!--", "-->", "&#106;", "&Tab;", "x"),
    ]
)


NAMES = st.sampled_from(["a", "p", "img", "script", "div", "svg", "iframe", "label"])
KEYS = st.sampled_from(["href", "src", "title", "onclick", "style", "id", "alt", "lang", "srcset"])
VALUES = st.sampled_from(
    ["x", "x/y", "https://x.test/", "//x.test", "javascript:a", "&#106;avascript:a", "a:b", "__x"]
)
ATTRIBUTES = st.tuples(st.sampled_from([" ", "\n", "/", ""]), KEYS, VALUES).map(
    lambda parts: f'{parts[0]}{parts[1]}="{parts[2]}"'
)
TAGS = st.tuples(NAMES, st.lists(ATTRIBUTES, max_size=3).map("".join)).map(
    lambda parts: f"<{parts[0]}{parts[1]}>"
)


@settings(max_examples=1000)
@given(st.one_of(st.lists(PIECES, max_size=14), st.lists(TAGS, max_size=3)).map("".join))
@example('<p title="a" onclick="b">')
@example("<!-- a - b --><p>")
def test_nothing_else_passes_whatever_another_parser_reads(html: str) -> None:
    if [*problems(html, IN_ARTICLE)]:
        return
    seen = Seen(html)
    assert seen.others == []
    for tag, says in seen.tags:
        assert tag in ARTICLE
        assert says.keys() <= ARTICLE[tag]
        for address in (says.get(name, "") for name in ("href", "src")):
            scheme, colon, _ = address.partition(":")
            assert not colon or "/" in scheme or scheme.lower() in SCHEMES
            assert not address.startswith("//")
