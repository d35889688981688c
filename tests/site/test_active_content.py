"""What acts in a reader's browser reaches no built page, from whatever the pages are made of."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from string import ascii_lowercase

import pytest

from llmdocs.errors import PageError
from tests.pages.conftest import Site, small_site
from tests.support.built_site import build, copy_repository

ALERT = "<script>alert(7351)</script>"
PAGE = "docs/en/guides/async.md"
OPENAI = "docs/en/llms/openai.md"

# In a page's source: refused with its line, by the check and by the build.
SOURCES = {
    "a script": ALERT,
    "a script in a list": f"- one\n- {ALERT}",
    "an event": '<img src="../../assets/logo.svg" alt="x" onerror="alert(1)">',
    "an event by an attribute list": "[x](streaming.md){ onclick=alert(1) }",
    "an event by an attribute list with a colon": "*x*{: onclick='alert(1)' }",
    "an event below a paragraph": "x\n{: onmouseover=alert(1) }",
    "a style by an attribute list": '*x*{: style="background:url(//x.test)" }',
    "a script's address": "[x](javascript:alert(1))",
    "a script's address in capitals": "[x](JavaScript:alert(1))",
    "a script's address by reference": "[x][y]\n\n[y]: javascript:alert(1)",
    "a script's address in entities": "[x](&#106;avascript:alert(1))",
    "a script's address in angles": "[x](<javascript:alert(1)>)",
    "a document": "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "Visual Basic": "[x](vbscript:msgbox(1))",
    "a picture of another host": "![x](https://x.test/x.png)",
    "a picture without a scheme": "![x](//x.test/x.png)",
    "a frame": '<iframe src="https://x.test/"></iframe>',
    "an object": '<object data="x.svg"></object>',
    "a form": '<form action="https://x.test/"></form>',
    "a redirection": '<meta http-equiv="refresh" content="0;url=https://x.test/">',
    "a base": '<base href="https://x.test/">',
    "a style sheet": "<style>body { display: none }</style>",
    "a ping": '<a href="streaming.md" ping="https://x.test/">x</a>',
    "a character that Markdown drops": "::\x02:json.decoder.JSONDecodeError",
    "one more": "x\n\x03\nx",
    "an end of a line": "x\u2028::: json",
    "brackets without end": "[" * 40,
    "an unclosed tag": "<img src=x onerror=alert(1)//",
}
FRONT_MATTER = {
    "a title": ("title: Async", f"title: {ALERT}"),
    "a description": ("description: ", 'description: "><img src=x onerror=alert(1)>" # '),
    "a template": ("title: Async", "title: Async\ntemplate: redirect.html"),
    "a title that is a list": ("title: Async", "title: [Async]"),
    "a title of aliases": ("title: ", "title: [&a [x, x], [*a, *a]] # "),
}
# Front matter that MkDocs reads, and that the checks take for a part of the page.
# Written out, each is twice as long as the one before.
ALIASES = [f"&{name} [*{before}, *{before}]" for before, name in pairwise(ascii_lowercase)]
STATUS = r'status: "x\x22\x3E\x3CSCRIPT src=\x22/assets/extra.js\x22\x3E\x3C/SCRIPT\x3E"'
DIRECTIVE = """

:::json.decoder.JSONDecodeError
    options:
        extensions:
        - snippets/async/one.py

"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return small_site(tmp_path)


@pytest.mark.parametrize("text", SOURCES.values(), ids=SOURCES)
def test_a_pages_source_is_checked_with_its_line(site: Site, text: str) -> None:
    line = site.append(PAGE, text)

    found = [problem.line - line for problem in site.problems(PAGE)]

    assert found != []
    assert set(found) <= set(range(text.count("\n") + 1))


@pytest.mark.parametrize(("old", "new"), FRONT_MATTER.values(), ids=FRONT_MATTER)
def test_the_front_matter_is_checked_with_its_line(site: Site, old: str, new: str) -> None:
    line = site.replace(PAGE, old, new)

    found = [problem.line - line for problem in site.problems(PAGE)]

    assert {*found} == {new.count("\n")}


def test_the_words_of_the_interface_are_checked_with_their_line(site: Site) -> None:
    name = "docs/fr/strings.toml"
    line = site.replace(name, 'variable = "Variable"', f'variable = "{ALERT}"')

    assert [problem.line for problem in site.problems(name)] == [line]


# What the source does not show, or is no page: the first name is changed, the others lead there.
BUILT = {
    "a page": (PAGE, "# ", f"{ALERT}\n\n# ", f"{PAGE}:"),
    "a page's title": (PAGE, "title: Async", f"title: {ALERT}", f"{PAGE}:"),
    "a template of the theme": (PAGE, "title: ", "template: redirect.html\ntitle: ", f"{PAGE}:"),
    "words in a table": (
        "docs/en/strings.toml",
        'variable = "',
        f'variable = "{ALERT}',
        "the built page: <script>",
    ),
    "a script's address in words": (
        "docs/en/strings.toml",
        'variable = "',
        'variable = "[x](javascript:alert) ',
        "the built page: <a href=",
    ),
    "a title of the catalogue": (
        "src/llmdocs/catalogue/providers.toml",
        'title = "OpenAI"',
        f'title = "{ALERT}"',
        "the built page: <script>",
    ),
    "a docstring": (
        "src/llmdocs/errors.py",
        '"""408 or 5xx,',
        f'"""{ALERT} 408 or 5xx,',
        "the built page: <script>",
    ),
    "an event in a docstring": (
        "src/llmdocs/errors.py",
        '"""408 or 5xx,',
        '"""<b onclick="alert(1)">408</b> or 5xx,',
        "the built page: <b onclick=",
    ),
    "a directive in words": (
        "docs/en/strings.toml",
        'doctor = "',
        f'doctor = "x{DIRECTIVE}'.replace("\n", "\\n"),
        ":::json.decoder.JSONDecodeError' is made of this page",
    ),
    "a character that Markdown drops, in a snippet": (
        "snippets/async/one.py",
        "import",
        f"``\x02`\n{DIRECTIVE}\n``\x02`\nimport",
        "what stands here holds the control character U+0002",
    ),
    "a character that Markdown drops, in a captured error": (
        "snippets/openai/mistakes/key.error.txt",
        "",
        f"```\x02`\n{DIRECTIVE}\n```\x02`\n",
        "what stands here holds the control character U+0002",
    ),
    "front matter after a space": (PAGE, "---\n", f"--- \n{STATUS}\n", f"{PAGE}:1: MkDocs reads"),
    "front matter that dots end": (
        PAGE,
        "---\ntitle: Async",
        f"---\ntitle: Async\n{STATUS}\n...\n\n",
        f"{PAGE}:1: the front matter is not YAML",
    ),
    "front matter after a byte order mark": (
        PAGE,
        "---\n",
        f"\ufeff---\n{STATUS}\n",
        f"{PAGE}:1: the line holds the control character U+FEFF",
    ),
    "a title of aliases": (
        PAGE,
        "title: Async",
        f"title: [&a [x, x], {', '.join(ALIASES)}]",
        f"{PAGE}:1: title is no text",
    ),
    "a title of the menu": ("mkdocs.yml", "- Quickstart:", f'- "Q{ALERT}":', "the title"),
    "a title of a section": ("mkdocs.yml", "- Guides:", f'- "G{ALERT}":', "the title"),
    "the site's name": ("mkdocs.yml", "site_name: llmdocs", f"site_name: {ALERT}", "site_name: "),
    "the copyright": ("mkdocs.yml", "copyright: MIT", f"copyright: {ALERT} MIT", "copyright: "),
    "a language's copyright": (
        "mkdocs.yml",
        "copyright: Licence MIT",
        "copyright: <script src=/x.js></script>",
        "copyright: ",
    ),
    "the glossary": (
        "docs/en/reference/glossary.md",
        "# Glossary",
        "<b onclick=x>y</b>\n\n# Glossary",
        "docs/en/reference/glossary.md:",
    ),
    "a picture": (
        "docs/assets/logo.svg",
        "<title>",
        "<script>alert(1)</script><title>",
        "docs/assets/logo.svg:2: ",
    ),
}


def changed(tmp_path: Path, name: str, old: str, new: str) -> Path:
    root = copy_repository(tmp_path)
    text = (root / name).read_text("utf-8")
    assert old in text
    (root / name).write_text(text.replace(old, new, 1), "utf-8")
    if name == "mkdocs.yml":
        # A renamed title of the menu is a problem of its own.
        rest = (root / name).read_text("utf-8")
        (root / name).write_text(rest.replace("complete: [fr]", "complete: []"), "utf-8")
    return root


@pytest.mark.parametrize(("name", "old", "new", "part"), BUILT.values(), ids=BUILT)
def test_a_build_with_what_acts_fails_and_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, old: str, new: str, part: str
) -> None:
    root = changed(tmp_path, name, old, new)
    # The catalogue that is built is the copy's.
    monkeypatch.setenv("PYTHONPATH", str(root / "src"))

    built = build(tmp_path / "site", root)

    assert built.build.returncode != 0
    assert part in built.build.stderr
    assert "Traceback" not in built.build.stderr
    assert [file for file in built.html_files if "7351" in file.read_text("utf-8")] == []


def test_a_snippet_outside_of_a_fence_shows_no_other_docstring(tmp_path: Path) -> None:
    root = changed(tmp_path, PAGE, '```python\n--8<-- "async/one.py"\n```', '--8<-- "async/x.sh"')
    (root / "snippets/async/x.sh").write_text(DIRECTIVE, "utf-8")

    built = build(tmp_path / "site", root)

    assert built.build.returncode != 0
    assert ":::json.decoder.JSONDecodeError' is made of this page" in built.build.stderr


def test_a_captured_error_stays_code_whatever_it_says(
    tmp_path: Path,
) -> None:
    root = copy_repository(tmp_path)
    error = root / "snippets/openai/mistakes/key.error.txt"
    error.write_text(f"```\n\n{ALERT}\n\n````\n\n{ALERT}\n", "utf-8")

    built = build(tmp_path / "site", root)

    assert (built.build.returncode, built.build.stderr) == (0, "")
    html = (built.folder / "llms/openai/index.html").read_text("utf-8")
    assert ALERT not in html
    assert html.count("alert(7351)") + html.count("7351") >= 2


def test_a_snippet_cannot_end_the_fence_around_it(site: Site) -> None:
    line = site.line(PAGE, '--8<-- "async/one.py"')
    site.write("snippets/async/one.py", f"1\n```\n{ALERT}\n")

    with pytest.raises(PageError, match=rf"{PAGE}:{line}: .*would end the fence"):
        site.expand(PAGE)
