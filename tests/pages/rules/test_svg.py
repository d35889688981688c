"""A published SVG file is a picture, also where a reader opens it by its own address."""

from __future__ import annotations

import pytest

from llmdocs.pages.rules.svg import problems
from tests.support.site_files import DOCS

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">\n{}</svg>'
)
ACTIVE = {
    "a script": "<script>alert(1)</script>",
    "a script of another namespace": '<x:script xmlns:x="http://www.w3.org/1999/xhtml">1</x:script>',
    "an event": '<rect onload="alert(1)"/>',
    "a link": '<a href="javascript:alert(1)"><text>x</text></a>',
    "an old link": '<a xlink:href="javascript:alert(1)"><text>x</text></a>',
    "a picture": '<image href="https://x.test/x.png"/>',
    "a use": '<use href="https://x.test/x.svg#x"/>',
    "an address on a rectangle": '<rect href="https://x.test/"/>',
    "a foreign object": "<foreignObject><p>x</p></foreignObject>",
    "an animation": '<animate attributeName="href" values="javascript:alert(1)"/>',
    "a setting": '<set attributeName="onload" to="alert(1)"/>',
    "a frame": "<iframe/>",
    "a style attribute": '<rect style="fill:red"/>',
    "a fill from elsewhere": '<rect fill="url(https://x.test/x.svg#x)"/>',
    "a style that loads": "<style>rect {{ fill: url(https://x.test/x) }}</style>",
    "a style that imports": "<style>@import 'https://x.test/x.css';</style>",
    "a style that is escaped": "<style>rect {{ fill: u\\72l(https://x.test/x) }}</style>",
    "a style after a comment": "<style>a<!-- b -->@import 'x';</style>",
    "a style after an element": "<style>a<g/>@import 'x';</style>",
    "a font": "<style>@font-face {{ src: url(x.woff) }}</style>",
    "a base": '<g xml:base="https://x.test/"/>',
}
WHOLE = {
    "an entity": '<!DOCTYPE svg [<!ENTITY x "y">]>\n<svg>&x;</svg>',
    "an entity of a file": '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
    "a document type": "<!DOCTYPE html><svg/>",
    "a style sheet": '<?xml-stylesheet href="x.css"?><svg/>',
    "another encoding": '<?xml version="1.0" encoding="UTF-7"?><svg/>',
    "a page": "<html><body/></html>",
    "half a file": "<svg><rect",
    "nothing": "",
}


@pytest.mark.parametrize("inside", ACTIVE.values(), ids=ACTIVE)
def test_what_acts_or_loads_is_refused_with_its_line(inside: str) -> None:
    found = [*problems(SVG.format(inside.replace("{{", "{").replace("}}", "}")))]

    assert [line for line, _ in found[:1]] == [2]


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_what_is_no_plain_picture_is_refused(text: str) -> None:
    assert [*problems(text)] != []


def test_a_picture_stays() -> None:
    text = '<?xml version="1.0" encoding="UTF-8"?>\n' + SVG.format(
        '<defs><linearGradient id="a"><stop offset="1"/></linearGradient></defs>'
        "<style>.x { fill: url(#a) }</style><!-- x --><g><text class='x' x='1'>y</text></g>"
    )

    assert [*problems(text)] == []


def test_our_own_pictures_stay() -> None:
    pictures = sorted(DOCS.rglob("*.svg"))

    assert pictures != []
    assert [found for path in pictures for found in problems(path.read_text("utf-8"))] == []
