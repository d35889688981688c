"""English parts of a page in another language are marked as such."""

from __future__ import annotations

import pytest

from llmdocs.pages.render.html import marked

ENGLISH = {
    "a message": '<div class="language-text highlight"><pre>It is not set.</pre></div>',
    "a message alone": '<div class="language-text"><pre>It is not set.</pre></div>',
    "a docstring": '<div class="doc doc-object doc-class"><p>Calls a model.</p></div>',
}
OTHER = {
    "code": '<div class="language-python highlight"><pre>LLM()</pre></div>',
    "a language with a longer name": '<div class="language-textile highlight"><pre>a</pre></div>',
    "prose": '<div class="note"><p>Une note.</p></div>',
    "what is marked already": '<div lang="es" class="language-text highlight"><pre>a</pre></div>',
    "a class that is told of": "<p>Un mot class=\"language-text\"</p>",
}  # fmt: skip


@pytest.mark.parametrize("language", ["fr", "es"])
@pytest.mark.parametrize("html", ENGLISH.values(), ids=ENGLISH)
def test_an_english_part_is_marked(html: str, language: str) -> None:
    assert marked(html, language) == html.replace("<div ", '<div lang="en" ', 1)


@pytest.mark.parametrize("html", ENGLISH.values(), ids=ENGLISH)
def test_an_english_page_is_left(html: str) -> None:
    assert marked(html, "en") == html


@pytest.mark.parametrize("html", OTHER.values(), ids=OTHER)
def test_what_is_not_english_is_left(html: str) -> None:
    assert marked(html, "fr") == html


def test_each_part_is_marked_once() -> None:
    html = "".join(ENGLISH.values())

    assert marked(marked(html, "fr"), "fr").count('lang="en"') == len(ENGLISH)
