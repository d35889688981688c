"""A translation differs from its original in its prose alone, and every difference is found."""

from __future__ import annotations

import pytest

from llmdocs.pages.rules.problem import Problem
from tests.pages.conftest import Site, small_site
from tests.support.site_files import NEW_LANGUAGE

ENGLISH, FRENCH = "docs/en/llms/openai.md", "docs/fr/llms/openai.md"
ANOTHER = f"docs/{NEW_LANGUAGE}/llms/openai.md"
FRONT = "---\ntitle: New\ndescription: New.\n{}---\n"
NEW_PAGE = FRONT.format("") + "# New {#new}\n"
# What the pages of a case have in common; a page that shows code names a recipe.
COMMON = FRONT.format("recipe: openai\n") + (
    "# Page {#page}\n\n## Chat {#chat}\n\n{{ recipe.table }}\n\n## Streaming {#streaming}\n"
)
START = COMMON.count("\n") + 2


def fence(snippet: str, info: str = "python", indent: str = "") -> str:
    return f'{indent}```{info}\n{indent}--8<-- "openai/{snippet}.py"\n{indent}```'


def image(name: str, alt: str) -> str:
    return f"![{alt}](../../assets/{name}.svg)"


NOTE, TABLE = '!!! note "Note"\n    Text.', "| a | b |\n| - | - |\n| a | b |"
REFERENCE = "[r]: ../../assets/new.svg"
RETRIES, DRAWING = "{{ LLM_NUM_RETRIES.default }}", "How the parts work together"
PYTHON_DOCS = "https://docs.python.org/3/library/asyncio.html"

# What the English page and the French one end with, the line of each text that is at fault, from
# 0, and the message, with THERE in the place of the English page and its line. None is the end.
Case = tuple[str, str, int | None, int | None, str]
DIFFERENCES: dict[str, Case] = {
    "a heading is missing": (
        "## New {#new}", "", None, 0,
        "the heading '## {#new}' is in THERE and not here; add it.",
    ),
    "a heading too many": (
        "", "## Nouveau {#new}", 0, None,
        "the heading '## {#new}' is here and not in THERE; remove it, or add it there.",
    ),
    "the level of a heading": (
        "## New {#new}\n\n### More {#more}", "## Nouveau {#new}\n\n## Plus {#more}", 2, 2,
        "the heading '## {#more}' is here, and the heading '### {#more}' in THERE; write the same",
    ),
    "the anchor of a heading": (
        "## New {#new}", "## Nouveau {#nouveau}", 0, 0,
        "the heading '## {#nouveau}' is here, and the heading '## {#new}' in THERE; write the same",
    ),
    "the order of headings": (
        "## New {#new}\n\n## More {#more}", "## Plus {#more}\n\n## Nouveau {#new}", 0, 0,
        "the heading '## {#more}' comes here, and the heading '## {#new}' in THERE; put both in "
        "the same order.",
    ),
    "an embed": (
        fence("chat"), fence("stream"), 0, 0,
        "the code block '```python --8<-- \"openai/stream.py\"' is here, and the code block "
        "'```python --8<-- \"openai/chat.py\"' in THERE; write the same here.",
    ),
    "code that is missing": (
        fence("chat"), "", None, 0,
        "the code block '```python --8<-- \"openai/chat.py\"' is in THERE and not here; add it.",
    ),
    "highlighted lines": (
        fence("chat", 'python hl_lines="2"'), fence("chat", 'python hl_lines="3"'), 0, 0,
        "the code block '```python hl_lines=\"3\" --8<-- \"openai/chat.py\"' is here, and the code "
        "block '```python hl_lines=\"2\" --8<-- \"openai/chat.py\"' in THERE; write the same here.",
    ),
    "a title of code that is missing": (
        fence("chat", 'python title="Ask"'), fence("chat"), 0, 0,
        "the code block '```python --8<-- \"openai/chat.py\"' is here, and the code block "
        "'```python title=\"…\" --8<-- \"openai/chat.py\"' in THERE; write the same here.",
    ),
    "code that fell out of its tab": (
        '=== "Tab"\n\n' + fence("chat", indent="    "), '=== "Tab"\n\n' + fence("chat"), 2, 2,
        "the code block '```python --8<-- \"openai/chat.py\"' is here, and the code block "
        "'    ```python --8<-- \"openai/chat.py\"' in THERE; write the same here.",
    ),
    "a block": (
        "{{ recipe.table }}", "{{ settings.table }}", 0, 0,
        "the block '{{ settings.table }}' is here, and the block '{{ recipe.table }}' in THERE;",
    ),
    "a note is missing": (
        NOTE, "", None, 0, "the note '!!! note' is in THERE and not here; add it.",
    ),
    "the kind of a note": (
        NOTE, NOTE.replace("!!! note", "!!! warning"), 0, 0,
        "the note '!!! warning' is here, and the note '!!! note' in THERE; write the same here.",
    ),
    "a note that is folded": (
        NOTE, NOTE.replace("!!!", "???"), 0, 0,
        "the note '??? note' is here, and the note '!!! note' in THERE; write the same here.",
    ),
    "where a note stands": (
        NOTE.replace("note", "note inline end", 1), NOTE, 0, 0,
        "the note '!!! note' is here, and the note '!!! note inline end' in THERE; write the same",
    ),
    "a note after the code": (
        f"{NOTE}\n\n{fence('chat')}", f"{fence('chat')}\n\n{NOTE}", 0, 0,
        "the code block '```python --8<-- \"openai/chat.py\"' comes here, and the note '!!! note' "
        "in THERE; put both in the same order.",
    ),
    "the label of a tab": (
        '=== "Docker"\n\n    Text.', '=== "Conteneur"\n\n    Texte.', 0, 0,
        "the tab '=== \"Conteneur\"' is here, and the tab '=== \"Docker\"' in THERE; write the",
    ),
    "a tab is missing": (
        '=== "A"\n\n    Text.\n\n=== "B"\n\n    Text.', '=== "A"\n\n    Texte.', None, 4,
        "the tab '=== \"B\"' is in THERE and not here; add it.",
    ),
    "the columns of a table": (
        TABLE, "| a | b | c |\n| - | - | - |\n| a | b | c |", 0, 0,
        "the table 'columns: 3, rows: 1' is here, and the table 'columns: 2, rows: 1' in THERE;",
    ),
    "the rows of a table": (
        TABLE, f"{TABLE}\n| a | b |", 0, 0,
        "the table 'columns: 2, rows: 2' is here, and the table 'columns: 2, rows: 1' in THERE;",
    ),
    "a heading over no column": (
        TABLE, "| a |\n| - | - |\n| a | b |", 0, 0,
        "the table 'columns: 2, rows: 1, cells of the headings: 1' is here, and the table 'columns",
    ),
    "a row with a cell less": (
        TABLE, "| a | b |\n| - | - |\n| a |", 0, 0,
        "the table 'columns: 2, rows: 1, cells of row 1: 1' is here, and the table 'columns: 2,",
    ),
    "a row with a cell too many": (
        TABLE, f"{TABLE} c |", 0, 0,
        "the table 'columns: 2, rows: 1, cells of row 1: 3' is here, and the table 'columns: 2,",
    ),
    "a fact is missing": (
        f"## New {{#new}}\n\n{RETRIES} times.", "## Nouveau {#new}\n\nHuit fois.", 0, 2,
        "this section names the fact 'LLM_NUM_RETRIES.default' 0 times, and 1 in THERE; name it as",
    ),
    "a fact too many": (
        "## New {#new}\n\nTimes.", f"## Nouveau {{#new}}\n\n{RETRIES} fois.", 2, 0,
        "this section names the fact 'LLM_NUM_RETRIES.default' 1 times, and 0 in THERE; name it as",
    ),
    "the target of a link": (
        "[Start](../quickstart.md#quickstart)", "[Début](../quickstart.md#ask)", 0, 0,
        "the link '../quickstart.md#ask' is here, and the link "
        "'../quickstart.md#quickstart' in THERE; write the same here.",
    ),
    "a link is missing": (
        "[Chat](#chat)", "", None, 0, "the link '#chat' is in THERE and not here; add it.",
    ),
    "a link too many": (
        "", "[Chat](#chat)", 0, None, "the link '#chat' is here and not in THERE; remove it,",
    ),
    "a link in another section": (
        "[a](#chat)\n\n## New {#new}", "## Nouveau {#new}\n\n[a](#chat)", -1, 0,
        "the link '#chat' is in THERE and not here; add it.",
    ),
    "a link to another site": (
        f"[Tasks]({PYTHON_DOCS})", f"[Tâches]({PYTHON_DOCS.replace('/3/', '/2/')})", 0, 0,
        "the link 'https://docs.python.org/2/library/asyncio.html' is here, and the link "
        "'https://docs.python.org/3/library/asyncio.html' in THERE; write the same here.",
    ),
    "a link to another host": (
        "[Backoff](https://en.wikipedia.org/wiki/Backoff)", "[a](https://fr.example.org/a)", 0, 0,
        "the link 'https://fr.example.org/a' is here, and the link "
        "'https://en.wikipedia.org/wiki/Backoff' in THERE; write the same here.",
    ),
    "an address between angle brackets": (
        f"<{PYTHON_DOCS}>", "", None, 0,
        f"the link '{PYTHON_DOCS}' is in THERE and not here; add it.",
    ),
    "the file of an image": (
        image("new", "A drawing"), image("other", "Un dessin"), 0, 0,
        "the image '../../assets/other.svg' is here, and the image '../../assets/new.svg' in "
        "THERE; write the same here.",
    ),
    "an image is missing": (
        image("new", "A drawing"), "", None, 0,
        "the image '../../assets/new.svg' is in THERE and not here; add it.",
    ),
    "an image that became a link": (
        image("new", "A drawing"), image("new", "Un dessin").removeprefix("!"), 0, 0,
        "the link '../../assets/new.svg' is here, and the image '../../assets/new.svg' in THERE;",
    ),
    "words for an image that are not translated": (
        image("new", DRAWING), image("new", DRAWING), 0, 0,
        f"the text alternative '{DRAWING}' is that of THERE; say in the language of the page what",
    ),
    "words for one of two images that are not translated": (
        f"{image('other', 'A cat')} {image('new', DRAWING)}",
        f"{image('new', DRAWING)} {image('other', 'Un chat')}", 0, 0,
        f"the text alternative '{DRAWING}' is that of THERE; say in the language of the page what",
    ),
    "words for an image by reference that are not translated": (
        f"![{DRAWING}][r]\n\n{REFERENCE}", f"![{DRAWING}][r]\n\n{REFERENCE}", 0, 0,
        f"the text alternative '{DRAWING}' is that of THERE; say in the language of the page what",
    ),
    "words for an HTML image that are not translated": (
        f'<img src="../../assets/new.svg" alt="{DRAWING}">',
        f'<img alt="{DRAWING}" src="../../assets/new.svg">', 0, 0,
        f"the text alternative '{DRAWING}' is that of THERE; say in the language of the page what",
    ),
}  # fmt: skip

# What the English page and the French one may end with.
LIKENESSES = {
    "words": ("## New {#new}\n\nText.", "## Nouveau {#new}\n\nTexte, et texte.\n\n- Texte."),
    "the title of code": (
        fence("chat", 'python title="Ask"'),
        fence("chat", 'python title="Demander"'),
    ),
    "the title of a note": (NOTE, NOTE.replace('"Note"', '"Remarque"')),
    "the order of facts": (
        f"{RETRIES} times, {{{{ LLM_RETRY_MIN_WAIT.default }}}} at least",
        f"au moins {{{{ LLM_RETRY_MIN_WAIT.default }}}}, {RETRIES} fois",
    ),
    "the order of links": (
        "[a](#chat) [b](#streaming) [a](#chat)",
        "[b](#streaming) [a](#chat) [a](#chat)",
    ),
    "bars that part no cells": (TABLE, "| a \\| c | `b | d` |\n| - | - |\n| a | b"),
    "an empty cell": (TABLE, "| | b |\n| - | - |\n| a | |"),
    "a folder of the language": (
        f"[Tasks]({PYTHON_DOCS})",
        f"[Tâches]({PYTHON_DOCS.replace('/3/', '/fr/3/')})",
    ),
    "a folder of the language and the country": (
        "[Azure](https://learn.example.org/en-us/azure)",
        "[Azure](https://learn.example.org/fr-fr/azure)",
    ),
    "a host of the language": (
        "[Backoff](https://en.wikipedia.org/wiki/Exponential_backoff)",
        "[Attente](https://fr.wikipedia.org/wiki/Attente_exponentielle)",
    ),
    "an image of the language": (image("new", "A drawing"), image("new.fr", "Un dessin")),
    "a name for an image": (image("new", "LM Studio 3"), image("new", "LM Studio 3")),
    "a word for an image": (image("new", "architecture"), image("new", "architecture")),
}


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, list[Problem]]:
    """A site with two pages for each case, and what is found in all of it at once."""
    site = small_site(tmp_path_factory.mktemp("languages"))
    for drawing in ("new", "new.fr", "other"):
        site.write(f"docs/assets/{drawing}.svg", "<svg/>")
    texts = {case: (english, french) for case, (english, french, *_) in DIFFERENCES.items()}
    for case, (english, french) in {**texts, **LIKENESSES}.items():
        for guide, text in ((ENGLISH, english), (FRENCH, french)):
            site.write(name_of(case, guide), f"{COMMON}\n{text}\n" if text else COMMON)
    return site, check_parts(site)


def check_parts(site: Site) -> list[Problem]:
    """What is found, but for what the translations were made from: these do not say it."""
    untold = "nothing says which version"
    return [problem for problem in site.check() if not problem.message.startswith(untold)]


def name_of(case: str, guide: str) -> str:
    """The page of a case in the language of a guide."""
    number = [*DIFFERENCES, *LIKENESSES].index(case)
    return guide.replace("openai", f"case-{number}")


def test_a_heading_without_an_anchor_is_said_to_have_none(site: Site) -> None:
    line = site.append(FRENCH, "## Nouveau")

    assert f"{FRENCH}:{line}: the heading '## Nouveau' without an anchor is here" in "\n".join(
        found(site, FRENCH)
    )


def place(site: Site, case: str, guide: str, line: int | None) -> str:
    """Where a line of a case's text is; None is the page's end."""
    path = site.root / name_of(case, guide)
    last = path.read_text("utf-8").count("\n") + 1
    return f"{path}:{last if line is None else START + line}"


@pytest.mark.parametrize("case", DIFFERENCES)
def test_a_difference_names_both_places_and_what_to_do(
    compared: tuple[Site, list[Problem]], case: str
) -> None:
    site, problems = compared
    *_, line, there, message = DIFFERENCES[case]
    found = [str(item) for item in problems if item.path == site.root / name_of(case, FRENCH)]
    expected = message.replace("THERE", place(site, case, ENGLISH, there))

    assert len(found) == 1, found
    assert found[0].startswith(f"{place(site, case, FRENCH, line)}: {expected}")


@pytest.mark.parametrize("case", LIKENESSES)
def test_prose_and_the_language_of_targets_may_differ(
    compared: tuple[Site, list[Problem]], case: str
) -> None:
    site, problems = compared
    pages = [site.root / name_of(case, guide) for guide in (ENGLISH, FRENCH)]

    assert [str(problem) for problem in problems if problem.path in pages] == []


def found(site: Site, name: str) -> list[str]:
    """The problems of a file, without the folder that it is in."""
    return [str(item).replace(f"{site.root}/", "") for item in site.problems(name)]


# What to change in the French page's front matter: the old and the new text, and the message.
FRONT_MATTER = {
    "a key too many": (
        ("recipe: openai\n", "recipe: openai\nstatus: new\n"),
        f"{FRENCH}:5: the front matter has 'status' here and not in {ENGLISH}:1; remove it, or",
    ),
    "a key is missing": (
        ("recipe: openai\n", ""),
        f"{FRENCH}:1: the front matter has 'recipe' in {ENGLISH}:4 and not here; add it.",
    ),
    "a value that is no prose": (
        ("recipe: openai\n", "recipe: azure\n"),
        f"{FRENCH}:4: 'recipe' is 'azure' here, and 'openai' in {ENGLISH}:4; write the same here.",
    ),
}


@pytest.mark.parametrize(("edit", "message"), FRONT_MATTER.values(), ids=FRONT_MATTER)
def test_the_front_matter_differs_in_title_and_description_alone(
    site: Site, edit: tuple[str, str], message: str
) -> None:
    site.replace(FRENCH, *edit)

    assert [text for text in found(site, FRENCH) if text.startswith(message)]


def test_a_complete_language_has_every_page(site: Site) -> None:
    site.write("docs/en/new.md", NEW_PAGE)

    assert found(site, "docs/fr/new.md") == [
        "docs/fr/new.md:1: this page is missing, and docs/en/new.md:1 is there; translate it."
    ]


def test_a_page_that_translates_nothing_is_found(site: Site) -> None:
    site.write("docs/fr/new.md", NEW_PAGE)

    assert found(site, "docs/fr/new.md") == [
        "docs/fr/new.md:1: this page translates no page: docs/en/new.md is missing; write that "
        "first, or move or remove this one as its original was."
    ]


def add_another(site: Site, name: str, text: str) -> None:
    """Declare a language that need not be complete, and write one page of it."""
    site.replace(
        "mkdocs.yml",
        "        - locale: fr\n",
        f"        - locale: {NEW_LANGUAGE}\n        - locale: fr\n",
    )
    site.write(name, text)


def test_a_language_that_is_not_complete_may_lack_pages(site: Site) -> None:
    add_another(site, ANOTHER, (site.root / ENGLISH).read_text("utf-8"))

    assert [str(item) for item in check_parts(site) if f"docs/{NEW_LANGUAGE}" in str(item)] == []


def test_a_page_of_a_language_that_is_not_complete_is_compared_too(site: Site) -> None:
    add_another(site, ANOTHER, (site.root / ENGLISH).read_text("utf-8"))
    line = site.replace(ANOTHER, "{#streaming}", "{#flujos}")

    assert f"{ANOTHER}:{line}: the heading '## {{#flujos}}' is here" in "\n".join(
        found(site, ANOTHER)
    )


def test_a_folder_is_a_language_that_is_declared(site: Site) -> None:
    add_another(site, "docs/ess/llms/openai.md", (site.root / ENGLISH).read_text("utf-8"))

    assert found(site, "docs/ess") == [
        "docs/ess:1: 'ess' is no language of mkdocs.yml. Did you mean es? Declare it under the "
        "i18n plugin's languages, or remove the folder."
    ]
