"""Every kind of page works under its Content-Security-Policy, which no other script passes.

That nothing is refused is held for every page that a test of this folder opens: `open_page` does.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import OpenPage, note_violations, serve
from tests.support.built_site import Site

# A home, a guide with tabs and captured errors, docstrings, a table, and missing addresses.
KINDS = ("", "llms/openai/", "guides/recipes/", "reference/api/", "reference/settings/", "gone/")
PATHS = [language + path for language in ("", "fr/") for path in KINDS]
COMPLETE = "lang => document.documentElement.lang === lang && document.readyState === 'complete'"
HASH = re.compile(r" 'sha256-[^']*'")


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_the_pages_own_scripts_run_and_its_search_finds(
    open_page: OpenPage, path: str, color_scheme: str
) -> None:
    page = open_page(path, color_scheme=color_scheme)
    # A page for missing addresses is replaced by that of the address's language.
    page.wait_for_function(COMPLETE, arg="fr" if path.startswith("fr/") else "en")

    # A script of the page's own sets it, with a name that only it knows.
    assert page.evaluate("typeof __md_get") == "function"
    page.locator("[data-pagefind]").click()
    page.keyboard.type("azure")
    expect(page.locator("pagefind-modal a[href*=azure]").first).to_be_visible()
    page.keyboard.press("Escape")
    page.evaluate("new Promise(requestAnimationFrame)")


def test_controls_work(open_page: OpenPage) -> None:
    page = open_page("llms/openai/", permissions=["clipboard-read", "clipboard-write"])

    page.locator(".tabbed-labels label").nth(1).click()
    expect(page.locator(".tabbed-set input").nth(1)).to_be_checked()
    page.locator("pre:visible").first.hover()
    page.locator(".md-code__button:visible, .md-clipboard:visible").first.click()
    expect(page.locator(".md-dialog")).to_be_visible()
    page.locator(".markdown-actions button").click()
    expect(page.locator(".markdown-actions [role=status]")).not_to_be_empty()
    page.locator("label[for^=__palette]:visible").first.click()
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    page.locator(".md-select").hover()
    page.locator(".md-select a[hreflang=fr]").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")


INJECTED = {
    "a script": "<script>window.ran = true</script>",
    "an event": '<img src="data:," onerror="window.ran = true">',
    "a script of another host": '<script src="http://127.0.0.1:9/x.js"></script>',
    "a script's data": '<script src="data:text/javascript,window.ran=true"></script>',
    "a style": "<style>body { color: red }</style>",
    "a style attribute": '<p style="color: red">x</p>',
    "a picture of another host": '<img src="http://127.0.0.1:9/x.png">',
    "a frame": '<iframe src="about:blank"></iframe><iframe src="/llm/"></iframe>',
    "an object": '<object data="/llm/assets/logo.svg"></object>',
}


@pytest.fixture
def changed(site: Site, tmp_path: Path) -> Path:
    """A folder with the files that the home page needs, to change that page in."""
    for path in (site.folder / "assets").rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(site.folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return tmp_path


def violations_of(browser: Browser, folder: Path, html: str) -> tuple[list[str], bool]:
    """What the policy of a home page refuses, and whether an injected script has run."""
    (folder / "index.html").write_text(html, "utf-8")
    found: list[str] = []
    context = browser.new_context()
    note_violations(context, found)
    with serve(folder) as address:
        page = context.new_page()
        page.goto(address, wait_until="load")
        page.evaluate("new Promise((done) => setTimeout(done, 50))")
        ran = bool(page.evaluate("window.ran ?? false"))
        context.close()
    return found, ran


def test_the_page_is_otherwise_as_the_tests_below_change_it(
    browser: Browser, site: Site, changed: Path
) -> None:
    html = (site.folder / "index.html").read_text("utf-8")

    assert violations_of(browser, changed, html) == ([], False)


@pytest.mark.parametrize("markup", INJECTED.values(), ids=INJECTED)
def test_what_is_put_into_a_page_does_not_act(
    browser: Browser, site: Site, changed: Path, markup: str
) -> None:
    html = (site.folder / "index.html").read_text("utf-8")
    assert "</article>" in html

    found, ran = violations_of(browser, changed, html.replace("</article>", f"{markup}</article>"))

    assert not ran
    assert found != []


def test_a_script_with_another_hash_does_not_run(
    browser: Browser, site: Site, changed: Path
) -> None:
    html = (site.folder / "index.html").read_text("utf-8")
    assert HASH.search(html)

    found, _ = violations_of(browser, changed, HASH.sub(" 'sha256-AAAA'", html, count=1))

    assert any("script-src" in line for line in found)
