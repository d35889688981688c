"""Nothing is wrong with the pages, and each rule finds what breaks it, where it is broken."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmdocs.pages.documentation import Documentation
from llmdocs.pages.rules.checks import check
from llmdocs.pages.rules.numbers import SMALL_NUMBERS
from llmdocs.settings.variables import VARIABLES
from tests.pages.conftest import Site, small_site
from tests.support.site_files import ROOT

ENGLISH, FRENCH = "docs/en/llms/openai.md", "docs/fr/llms/openai.md"
# A page that shows no code.
GLOSSARY = "docs/en/reference/glossary.md"
EMBED = '--8<-- "openai/chat.py"'


# What is found in a page: lines and messages.
Found = list[tuple[int, str]]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Found]:
    """For each text of the tables below, what is found in a copy of a guide that ends with it.

    Lines count from 0, where the text begins. One check of the site does for all the copies.
    """
    site = small_site(tmp_path_factory.mktemp("cases"))
    site.write("docs/assets/new.svg", "<svg/>")
    begin = {}
    for number, (text, guide) in enumerate(guides_by_text()):
        name = guide.replace("openai", f"case-{number}")
        # The English page is there too: a translation alone is a problem of its own.
        for copy, copied in ((name.replace("/fr/", "/en/"), ENGLISH), (name, guide)):
            site.write(copy, (site.root / copied).read_text("utf-8"))
        begin[site.root / name] = (text, site.append(name, text))
    found: dict[str, Found] = {text: [] for text, _ in begin.values()}
    for problem in site.check():
        if problem.path in begin:
            text, line = begin[problem.path]
            found[text].append((problem.line - line, problem.message))
    return found


def guides_by_text() -> list[tuple[str, str]]:
    """The texts of the tables, and the guide that each one breaks, or does not."""
    wrong: tuple[dict[str, Any], ...] = (
        TYPED_CODE,
        BRACES,
        NUMBERS,
        EXCEPTIONS,
        VARIABLE_NAMES,
        LISTS,
        HEADINGS,
        LINKS,
    )
    right = (NO_CODE, NO_NUMBERS, NO_LISTS, GOOD_LINKS)
    english = [text for table in wrong for text, *_ in table.values()]
    english += [text for table in right for text in table.values()]
    return [*((text, ENGLISH) for text in english), *((text, FRENCH) for text in FRENCH_NUMBERS)]


def assert_case(found: Found, line: int, *parts: str) -> None:
    """One problem is found: at this line of the text, and with these words."""
    assert [number for number, _ in found] == [line], found
    for part in parts:
        assert part in found[0][1]


def assert_only(site: Site, name: str, line: int, *parts: str) -> None:
    """One problem is found in a file: at this line, and with these words."""
    found = site.problems(name)

    assert_case([(problem.line, problem.message) for problem in found], line, *parts)


def test_a_mistake_of_a_folder_is_a_block_of_its_pages(site: Site) -> None:
    """Not those of the snippets that are installed."""
    for ending in ("toml", "error.txt", "doctor.txt"):
        shutil.copyfile(
            site.root / f"snippets/openai/mistakes/full-url.{ending}",
            site.root / f"snippets/openai/mistakes/spare.{ending}",
        )
    line = site.append("docs/en/llms/openai.md", "{{ mistake.openai.spare2 }}")

    assert_only(site, "docs/en/llms/openai.md", line, "no fact or block", "mistake.openai.spare?")

    site.replace("docs/en/llms/openai.md", "spare2", "spare")
    site.append("docs/fr/llms/openai.md", "{{ mistake.openai.spare }}")

    assert [problem for problem in site.check() if "spare" in str(problem)] == []
    assert "{{" not in site.expand("docs/en/llms/openai.md")


def test_each_page_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read = Counter[Path]()
    whole = Path.read_text

    def counted(path: Path, *arguments: Any, **options: Any) -> str:
        read[path] += 1
        return whole(path, *arguments, **options)

    monkeypatch.setattr(Path, "read_text", counted)
    check(Documentation.at(ROOT))
    pages = {path: count for path, count in read.items() if path.suffix == ".md"}

    assert len(pages) > 50
    assert {path: count for path, count in pages.items() if count > 1} == {}


def test_nothing_is_wrong_with_the_pages() -> None:
    assert [str(problem) for problem in check(Documentation.at(ROOT))] == []


def test_nothing_is_wrong_with_the_pages_that_are_broken_here(site: Site) -> None:
    """But that they are few: the guides of other providers are missing, and snippets unused."""
    found = [problem for problem in site.check() if problem.path.is_file()]

    assert [str(problem) for problem in found if problem.path.suffix == ".md"] == []


def test_a_problem_says_where_it_is(site: Site) -> None:
    line = site.append(ENGLISH, "Set `LLM_MODLE`.")

    assert str(site.problems(ENGLISH)[0]) == (
        f"{site.root / ENGLISH}:{line}: LLM_MODLE is not a setting. Did you mean LLM_MODEL?"
    )


# Text that a page must not hold, which of its lines is at fault, and words of the message.
TYPED_CODE = {
    "code typed into a fence": ("```python\nprint(1)\n```", 0, "holds something else"),
    "an empty fence": ("```python\n```", 0, "holds something else"),
    "two embeds in a fence": (f"```python\n{EMBED}\n{EMBED}\n```", 0, "holds something else"),
    "an embed and a line": (f"```python\n{EMBED}\nprint(1)\n```", 0, "holds something else"),
    "a shell embed said to be Python": (
        '```python\n--8<-- "openai/models.sh"\n```',
        0,
        "openai/models.sh says 'python'; begin it with ```bash",
    ),
    "a Python embed said to be shell": (f"```bash\n{EMBED}\n```", 0, "begin it with ```python"),
    "an embed of no language": (f"```\n{EMBED}\n```", 0, "says 'no language'"),
    "a recipe said to be shell": ("```bash\n{{ recipe }}\n```", 0, "begin it with ```env"),
    "an installation said to be env": ("```env\n{{ install }}\n```", 0, "begin it with ```bash"),
    "a recipe that is embedded": (
        '```env\n--8<-- "azure/recipe.env"\n```',
        0,
        "azure/recipe.env is embedded",
    ),
    "a table in a fence": ("```text\n{{ settings.table }}\n```", 0, "take it out of the fence"),
    "tabs in a fence": ("```env\n{{ recipe.forms }}\n```", 0, "take it out of the fence"),
    "requirements outside a fence": ("{{ requirements }}", 0, "begin it with ```text"),
    "a fact in a fence": ("```text\n{{ LLM_NUM_RETRIES.default }}\n```", 1, "no block"),
    "a recipe outside a fence": ("{{ recipe }}", 0, "stands in a fence; begin it with ```env"),
    "an embed outside a fence": (EMBED, 0, "outside a fence"),
    "an embed within a line": (f"See {EMBED}.", 0, "outside a fence"),
    "a fence in a quotation": ("> ```python", 0, "open no fence here"),
    "indented code": ("Text.\n\n    import llmdocs", 2, "indented code"),
    "code indented by a tab": ("Text.\n\n\timport llmdocs", 2, "indented code"),
    "code under a heading": ("## New {#new}\n    import llmdocs", 1, "indented code"),
    "indented code in a list": ("- Item.\n\n        import llmdocs", 2, "indented code"),
    "indented code in a note": ('!!! note "Note"\n        import llmdocs', 1, "indented code"),
    "pre in HTML": ("Text.\n<pre>import llmdocs</pre>", 0, "<pre> is code typed"),
    "code in HTML": ("Call <code>llmdocs</code>.", 0, "<code> is code typed"),
}


@pytest.mark.parametrize(("text", "offset", "part"), TYPED_CODE.values(), ids=TYPED_CODE)
def test_code_stands_in_a_fence_and_is_an_embed_or_a_block(
    cases: dict[str, Found], text: str, offset: int, part: str
) -> None:
    assert_case(cases[text], offset, part)


NO_CODE = {
    "a further paragraph of an item": "- Item.\n\n    Text.\n\n    Text.",
    "an item of an item": "- Item.\n\n    - Item.\n\n        Text.",
    "a note": '!!! note "Note"\n\n    Text.\n\n    Text.',
    "a folded note": '??? note "Note"\n\n    Text.',
    "a tab": '=== "Tab"\n\n    Text.',
    "a definition": "Term\n\n:   Meaning.\n\n    Text.",
    "a line that goes on": "Text\n    that goes on.",
    "tags in inline code": "Write `<pre>` and ``<code>`` and `a\nbit of <pre>`.",
    "an embed in a note": f'!!! note "Note"\n\n    ```python\n    {EMBED}\n    ```',
    "a fence of tildes": f"~~~~python\n{EMBED}\n~~~~",
    "a fence with a title": f'```python title="chat.py"\n{EMBED}\n```',
}


@pytest.mark.parametrize("text", NO_CODE.values(), ids=NO_CODE)
def test_what_is_indented_in_its_place_is_no_code(cases: dict[str, Found], text: str) -> None:
    assert cases[text] == []


@pytest.mark.parametrize(
    "old", ["```env\n{{ recipe }}\n```", "{{ recipe.forms }}", "{{ recipe.table }}"]
)
def test_a_page_that_shows_a_recipe_names_it(site: Site, old: str) -> None:
    site.append(GLOSSARY, old)

    line = site.line(GLOSSARY, "{{ recipe")
    assert_only(site, GLOSSARY, line, "names no recipe", "openai")


def test_a_page_that_embeds_code_names_a_recipe(site: Site) -> None:
    line = site.append(GLOSSARY, f"```python\n{EMBED}\n```")

    assert_only(site, GLOSSARY, line + 1, "names no recipe", "openai")


def test_a_page_whose_embeds_are_no_programs_names_no_recipe(site: Site) -> None:
    site.append(GLOSSARY, '```yaml\n--8<-- "networking/host.yaml"\n```')

    assert site.problems(GLOSSARY) == []


def test_a_page_names_a_recipe_that_exists(site: Site) -> None:
    line = site.replace(ENGLISH, "recipe: openai\n---", "recipe: opnai\n---")

    assert_only(site, ENGLISH, line, "there is no recipe 'opnai'", "Did you mean openai?")


def test_a_page_that_names_a_recipe_uses_it(site: Site) -> None:
    line = site.replace(GLOSSARY, "title: Glossary", "recipe: openai\ntitle: Glossary")

    assert_only(site, GLOSSARY, line, "names the recipe 'openai' and uses it nowhere")


def test_an_embedded_file_exists(site: Site) -> None:
    line = site.append(ENGLISH, '```python\n--8<-- "openai/chta.py"\n```')

    assert_only(site, ENGLISH, line + 1, "'openai/chta.py'", "Did you mean openai/chat.py?")


def test_an_embedded_section_exists(site: Site) -> None:
    site.append("snippets/openai/chat.py", "# --8<-- [start:first]\n# --8<-- [end:first]")
    line = site.append(ENGLISH, '```python\n--8<-- "openai/chat.py:frist"\n```')

    assert_only(site, ENGLISH, line + 1, "no section 'frist'", "Did you mean first?")


@pytest.mark.parametrize("name", ["openai/new.py", "openai/new.sh", "new/new.py"])
def test_a_snippet_is_on_a_page(site: Site, name: str) -> None:
    site.write(f"snippets/{name}", "echo\n")

    assert_only(site, f"snippets/{name}", 1, "on no page")


def test_a_mistake_of_a_dialect_is_one_of_a_provider(site: Site) -> None:
    site.write("snippets/compatible/mistakes/price.toml", 'finding = "price"\n')

    assert_only(
        site, "snippets/compatible/mistakes/price.toml", 1, "with no provider of the dialect"
    )


def test_a_mistake_is_on_a_page(site: Site) -> None:
    site.write("snippets/openai/mistakes/new.toml", 'finding = "key"\n')

    assert_only(
        site, "snippets/openai/mistakes/new.toml", 1,
        "no page shows this mistake; write {{ mistake.openai.new }}",
    )  # fmt: skip


def test_each_section_of_a_snippet_is_on_a_page(site: Site) -> None:
    line = site.append("snippets/openai/chat.py", "# --8<-- [start:new]\n# --8<-- [end:new]")

    assert_only(site, "snippets/openai/chat.py", line, "the section 'new' is on no page")


def test_a_recipe_is_named_by_a_page(site: Site) -> None:
    site.write("snippets/new/recipe.env", "LLM_MODEL=openai/gpt-4.1-mini\nLLM_API_KEY=k\n")

    assert_only(site, "snippets/new/recipe.env", 1, "no page names this recipe")


BRACES = {
    "an unknown fact": ("Up to {{ LLM_NUM_RETIRES.default }}.", "Did you mean LLM_NUM_RETRIES.def"),
    "an unknown block": ("{{ setings.table }}", "Did you mean settings.table?"),
    "a name like no other": ("{{ x }}", "Known are: LLM_MAX_RESPONSE_SIZE.default"),
    "an unknown block in a fence": ("```env\n{{ recip }}\n```", "Did you mean recipe?"),
    "a block within a line": ("See {{ settings.table }} for all.", "shares its line"),
    "braces that are not closed": ("Up to {{ LLM_NUM_RETRIES.default }.", "are no pair"),
    "braces over two lines": ("Up to {{\nLLM_NUM_RETRIES.default.", "are no pair"),
}


@pytest.mark.parametrize(("text", "part"), BRACES.values(), ids=BRACES)
def test_braces_hold_a_fact_or_a_block_that_exists(
    cases: dict[str, Found], text: str, part: str
) -> None:
    assert_case(cases[text], text[: text.index("{{")].count("\n"), part)


def test_the_front_matter_holds_no_fact(site: Site) -> None:
    line = site.replace(
        ENGLISH, "title: OpenAI", 'title: "OpenAI, {{ LLM_NUM_RETRIES.default }} times"'
    )

    assert_only(site, ENGLISH, line, "not expanded in the front matter")


# A text, and the line of the paragraph at fault.
NUMBERS = {
    "digits": ("`LLM_NUM_RETRIES` is 8 by default.", 0),
    "digits with a unit": ("`LLM_RETRY_MIN_WAIT` is 15s by default.", 0),
    "a fraction": ("`LLM_RETRY_MIN_WAIT` is 1.5 by default.", 0),
    "digits in inline code": ("Set `LLM_NUM_RETRIES=3`.", 0),
    "digits on another line": ("`LLM_NUM_RETRIES` is\n8 by default.", 0),
    "a word": ("`LLM_NUM_RETRIES` is eight by default.", 0),
    "a word with a capital": ("Eight is what `LLM_NUM_RETRIES` is.", 0),
    "a word of a compound": ("`LLM_RETRY_MAX_WAIT` is twenty-one seconds.", 0),
    "a word in the plural": ("`LLM_RETRY_MAX_WAIT` is hundreds of seconds.", 0),
    "beside a fact": ("It is {{ LLM_NUM_RETRIES.default }}, which is 8.", 0),
    "a list item": ("- `LLM_NUM_RETRIES` is 8.", 0),
    "a numbered item": ("1. `LLM_NUM_RETRIES` is 8.", 0),
    "a definition": ("Term\n:   `LLM_NUM_RETRIES` is 8.", 1),
    "a table row": ("| a | b |\n| - | - |\n| `LLM_NUM_RETRIES` | 8 |", 2),
    "a heading": ("## LLM_NUM_RETRIES is 8 {#new}", 0),
    "the title of a note": ('!!! note "LLM_NUM_RETRIES is 8"\n    Text.', 0),
    "a note": ('!!! note "Note"\n    `LLM_NUM_RETRIES` is 8.', 1),
    "a value that looks like a status": ("`LLM_NUM_RETRIES=500` is much.", 0),
    "a value like a status, spaced": ("`num_retries = 500`, that is LLM_NUM_RETRIES.", 0),
    "a duration that looks like a status": ("`LLM_RETRY_MAX_WAIT` is 500 s.", 0),
    "a number of seconds like a status": ("`LLM_RETRY_MAX_WAIT` is 503 seconds.", 0),
    "a number that is no known status": ("`LLM_RETRY_MAX_WAIT` is 120.", 0),
}


@pytest.mark.parametrize(("text", "offset"), NUMBERS.values(), ids=NUMBERS)
def test_no_number_stands_beside_a_variable_whose_default_is_one(
    cases: dict[str, Found], text: str, offset: int
) -> None:
    assert_case(cases[text], offset, "stands beside LLM_")


def test_no_number_stands_beside_a_variable_in_the_front_matter(site: Site) -> None:
    line = site.replace(ENGLISH, "description: ", "description: LLM_NUM_RETRIES is\n  8. ")

    assert_only(site, ENGLISH, line, "'8' stands beside LLM_NUM_RETRIES")


FRENCH_NUMBERS = [
    f"`LLM_NUM_RETRIES` vaut {number} par défaut."
    for number in ("huit", "Quatre-vingts", "dix-sept", "deux", "cents", "mille", "zéro", "8")
]


@pytest.mark.parametrize("text", FRENCH_NUMBERS)
def test_numbers_are_found_in_the_words_of_the_language(cases: dict[str, Found], text: str) -> None:
    assert_case(cases[text], 0, "stands beside LLM_NUM_RETRIES")


NO_NUMBERS = {
    "a fact": "`LLM_NUM_RETRIES` is {{ LLM_NUM_RETRIES.default }} by default.",
    "a status by its name": "`LLM_NUM_RETRIES` does not count an HTTP 418 or a status 425.",
    "a well-known status": "`LLM_NUM_RETRIES` says how often a 429 is tried again, or a 503.",
    "a class of statuses": "`LLM_NUM_RETRIES` is for each 5xx, and for no 4xx.",
    "an anchor": "## LLM_NUM_RETRIES {#part-2}",
    "the target of a link": "`LLM_NUM_RETRIES`: see [the list](https://example.org/2/#3).",
    "a digit in a name": "`LLM_NUM_RETRIES` is for `gpt-4.1-mini`, `o3` and UTF-8.",
    "a word of another language": "`LLM_NUM_RETRIES` is not called huit.",
    "a pronoun": "`LLM_NUM_RETRIES` is one of them, counted once or twice.",
    "the number of the item": "1. `LLM_NUM_RETRIES` comes first.",
    "a word that begins like a number": "`LLM_NUM_RETRIES` often weighs on tenants.",
    "another paragraph": "`LLM_NUM_RETRIES`.\n\nThere are 8.",
    "another item": "- `LLM_NUM_RETRIES`.\n- There are 8.",
    "another row": "| a | b |\n| - | - |\n| `LLM_NUM_RETRIES` | a |\n| b | 8 |",
    "under a heading": "## LLM_NUM_RETRIES {#new}\nThere are 8.",
    "under the title of a note": '!!! note "LLM_NUM_RETRIES"\n    There are 8.',
    "a variable whose default is no number": "`LLM_MODEL` has 3 parts.",
    "a comment": "`LLM_NUM_RETRIES`.\n<!-- 3f2a9c1b -->",
    "an exception with its reason": (
        "`LLM_NUM_RETRIES` was 5 before.\n<!-- number: this is history -->"
    ),
}


@pytest.mark.parametrize("text", NO_NUMBERS.values(), ids=NO_NUMBERS)
def test_what_is_no_default_may_stand_beside_a_variable(cases: dict[str, Found], text: str) -> None:
    assert cases[text] == []


EXCEPTIONS = {
    "no reason": ("`LLM_NUM_RETRIES` was 5.\n<!-- number: -->", "has no reason"),
    "no number": ("`LLM_NUM_RETRIES`.\n<!-- number: this is history -->", "excuses nothing"),
    "no variable": ("There are 5.\n<!-- number: this is history -->", "excuses nothing"),
}


@pytest.mark.parametrize(("text", "part"), EXCEPTIONS.values(), ids=EXCEPTIONS)
def test_an_exception_has_a_reason_and_excuses_something(
    cases: dict[str, Found], text: str, part: str
) -> None:
    assert_case(cases[text], 0, part)


def test_a_variable_that_gets_a_number_for_a_default_is_watched(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = site.append(ENGLISH, "`LLM_API_VERSION` has 3 parts.")
    variable = replace(VARIABLES["LLM_API_VERSION"], default="7")
    monkeypatch.setitem(VARIABLES, "LLM_API_VERSION", variable)

    assert_only(site, ENGLISH, line, "'3' stands beside LLM_API_VERSION")


VARIABLE_NAMES = {
    "inline code": ("Set `LLM_MODLE`.", "LLM_MODLE is not a setting. Did you mean LLM_MODEL?"),
    "text": ("Set LLM_MODLE.", "LLM_MODLE is not a setting. Did you mean LLM_MODEL?"),
    "a heading": ("## LLM_MODLE {#new}", "Did you mean LLM_MODEL?"),
    "a name that begins like one": ("Set `LLM_MODEL2`.", "LLM_MODEL2 is not a setting."),
    "a name like no other": ("Set `LLM_X`.", "Known are: LLM_MODEL, LLM_API_KEY"),
}


@pytest.mark.parametrize(("text", "part"), VARIABLE_NAMES.values(), ids=VARIABLE_NAMES)
def test_every_variable_in_prose_exists(cases: dict[str, Found], text: str, part: str) -> None:
    assert_case(cases[text], 0, part)


def test_every_variable_in_the_front_matter_exists(site: Site) -> None:
    line = site.replace(ENGLISH, "description: ", "description: LLM_MODLE. ")

    assert_only(site, ENGLISH, line, "LLM_MODLE is not a setting.", "Did you mean LLM_MODEL?")


def test_every_variable_in_a_fence_exists(site: Site) -> None:
    line = site.append(ENGLISH, "```env\nLLM_MODLE=x\n```")
    found = [(problem.line, problem.message) for problem in site.problems(ENGLISH)]

    assert (line + 1, "LLM_MODLE is not a setting. Did you mean LLM_MODEL?") in found


def test_a_name_that_only_ends_like_a_variable_is_left_alone(site: Site) -> None:
    site.append(ENGLISH, "`MY_LLM_MODLE` and the `LLM_*` variables.")

    assert site.problems(ENGLISH) == []


# A text, which of its lines is at fault, and words of the message.
LISTS = {
    "a list": ("- `LLM_MODEL`: a.\n- `LLM_API_KEY`: b.", 0, "2 items of this list"),
    "a list without backticks": ("- LLM_MODEL: a.\n- LLM_API_KEY: b.", 0, "2 items"),
    "a list of links": ("- [`LLM_MODEL`](index.md)\n- **LLM_API_KEY**", 0, "2 items"),
    "a numbered list": ("1. `LLM_MODEL`\n2. `LLM_API_KEY`", 0, "2 items"),
    "a loose list": ("- `LLM_MODEL`\n\n    Text.\n\n- `LLM_API_KEY`", 0, "2 items"),
    "a list among other items": ("- a\n- `LLM_MODEL`\n- b\n- `LLM_API_KEY`", 1, "2 items"),
    "a list in a list": ("- a\n    - `LLM_MODEL`\n    - `LLM_API_KEY`", 1, "2 items"),
    "a table": (
        "| a | b |\n| - | - |\n| `LLM_MODEL` | a |\n| `LLM_API_KEY` | b |",
        2,
        "2 rows of this table",
    ),
    "a table without outer bars": (
        "a | b\n--- | ---\n`LLM_MODEL` | a\n`LLM_API_KEY` | b",
        2,
        "2 rows of this table",
    ),
}


@pytest.mark.parametrize(("text", "offset", "part"), LISTS.values(), ids=LISTS)
def test_no_list_of_variables_is_typed_by_hand(
    cases: dict[str, Found], text: str, offset: int, part: str
) -> None:
    assert_case(cases[text], offset, part, "{{ settings.table }} or {{ recipe.table }}")


NO_LISTS = {
    "one variable": "- `LLM_MODEL`\n- the key",
    "variables inside the items": "- Set `LLM_MODEL`.\n- Set `LLM_API_KEY`.",
    "two lists": "- `LLM_MODEL`\n\nText.\n\n- `LLM_API_KEY`",
    "the items of two items": "- a\n    - `LLM_MODEL`\n- b\n    - `LLM_API_KEY`",
    "two tables": (
        "| a | b |\n| - | - |\n| `LLM_MODEL` | a |\n\nText.\n\n"
        "| a | b |\n| - | - |\n| `LLM_API_KEY` | b |"
    ),
}


@pytest.mark.parametrize("text", NO_LISTS.values(), ids=NO_LISTS)
def test_variables_in_a_list_of_something_else_are_left_alone(
    cases: dict[str, Found], text: str
) -> None:
    assert cases[text] == []


HEADINGS = {
    "no anchor": ("## New", 0, "has no anchor"),
    "an anchor that is taken": ("## New {#chat}", 0, "the anchor 'chat' is on line"),
    "a second title": ("# New {#new}", 0, "a second title"),
    "a level is skipped": ("## New {#new}\n\n#### Newer {#newer}", 2, "begin it with ###"),
    "no space after the marks": ("##New {#new}", 0, "Markdown takes this for a heading"),
    "a line that begins with #": ("See issue\n#12 for more.", 1, "Markdown takes this for"),
    "an indented heading": ('!!! note "Note"\n    ## New {#new}', 1, "Markdown takes this for"),
    "a title that is underlined": ("New\n===", 1, "takes the line above for a heading"),
    "a section that is underlined": ("New\n---", 1, "takes the line above for a heading"),
}


@pytest.mark.parametrize(("text", "offset", "part"), HEADINGS.values(), ids=HEADINGS)
def test_headings_are_in_order_and_have_anchors(
    cases: dict[str, Found], text: str, offset: int, part: str
) -> None:
    assert_case(cases[text], offset, part)


def test_the_first_heading_is_the_title(site: Site) -> None:
    line = site.replace(ENGLISH, "# OpenAI {#openai}", "## OpenAI {#openai}")

    assert_only(site, ENGLISH, line, "is not the page's title")


def test_a_page_has_a_heading(site: Site) -> None:
    site.write("docs/en/new.md", "---\ntitle: New\ndescription: New.\n---\n\nText.\n")

    assert_only(site, "docs/en/new.md", 5, "no heading")


@pytest.mark.parametrize("key", ["title", "description"])
@pytest.mark.parametrize("value", ["", " 3", ' " "'])
def test_title_and_description_are_texts(site: Site, key: str, value: str) -> None:
    old = {"title": "title: OpenAI", "description": "description: Connect to OpenAI"}[key]
    rest = {"title": "", "description": "\n# "}[key]
    line = site.replace(ENGLISH, old, f"{key}:{value}{rest}")

    assert_only(site, ENGLISH, line, f"has no {key}")


def test_a_page_without_front_matter_lacks_title_and_description(site: Site) -> None:
    site.write("docs/en/new.md", "# New {#new}\n")

    assert [problem.line for problem in site.problems("docs/en/new.md")] == [1, 1]


LINKS = {
    "a page that does not exist": ("[a](azur.md)", "there is no llms/azur.md. Did you mean azure"),
    "a page without its ending": ("[a](azure/)", "there is no llms/azure. Did you mean azure.md?"),
    "an anchor that does not exist": ("[a](azure.md#chatt)", "no such anchor. Did you mean chat?"),
    "an anchor of this page": ("[a](#chatt)", "no such anchor. Did you mean chat?"),
    "a setting that does not exist": (
        "[a](../reference/settings.md#LLM_MODLE)",
        "no such anchor. Did you mean LLM_MODEL?",
    ),
    "a page in another language": ("[a](../../fr/index.md)", "leaves docs/en"),
    "an absolute address": ("[a](/en/index.md)", "leaves docs/en"),
    "the site's own address": (
        "[a](https://llmdocs.example/fr/)",
        "names this site's own address; link to the .md file",
    ),
    "its address between angle brackets": ("<https://llmdocs.example>", "own address"),
    "no target": ("[a]()", "has no target"),
    "a link over two lines": ("[a\nb](azur.md)", "there is no llms/azur.md"),
    "a link by reference": ("[a]: azur.md", "there is no llms/azur.md"),
    "a link in HTML": ('<a href="azur.md">a</a>', "there is no llms/azur.md"),
    "an image that does not exist": ("![A drawing](a.svg)", "there is no llms/a.svg"),
    "an image without words": ("![](../../assets/new.svg)", "no text alternative"),
    "an image by reference without words": ("![][a]", "no text alternative"),
    "an HTML image without words": ('<img src="../../assets/new.svg">', "no text alternative"),
    "an HTML image of empty words": (
        '<img alt="" src="../../assets/new.svg">',
        "no text alternative",
    ),
}


@pytest.mark.parametrize(("text", "part"), LINKS.values(), ids=LINKS)
def test_links_lead_somewhere_and_images_say_what_they_show(
    cases: dict[str, Found], text: str, part: str
) -> None:
    assert_case(cases[text], text.count("\n"), part)


GOOD_LINKS = {
    "a page": "[a](azure.md)",
    "a section": "[a](../quickstart.md#ask)",
    "a section of this page": "[a](#chat)",
    "a setting": "[a](../reference/settings.md#LLM_MODEL)",
    "an address that begins like the site's": "[a](https://llmdocs.example.org)",
    "another host with brackets": "[a](https://example.org/a_(b)_c)",
    "another host": "[a](https://example.org/azur.md), <https://example.org>",
    "a fact": "[a]({{ site.repository }})",
    "an image that all languages share": "![A drawing of `a`](../../assets/new.svg)",
    "an HTML image": '<img alt="A drawing" src="../../assets/new.svg">',
    "inline code": "Write `[a](azur.md)` or `![](a.svg)`.",
}


@pytest.mark.parametrize("text", GOOD_LINKS.values(), ids=GOOD_LINKS)
def test_links_that_lead_somewhere_are_left_alone(cases: dict[str, Found], text: str) -> None:
    assert cases[text] == []


def test_a_fence_that_is_never_closed_is_a_problem(site: Site) -> None:
    line = site.append(ENGLISH, "```python")

    assert_only(site, ENGLISH, line, "never closed")


def test_front_matter_that_is_no_yaml_is_a_problem(site: Site) -> None:
    site.replace(ENGLISH, "title: OpenAI", "title: [OpenAI")

    assert_only(site, ENGLISH, 1, "the front matter is not YAML")


@pytest.mark.parametrize(
    ("language", "form"),
    [
        ("en", "A call is retried {number} times."),
        ("en", "The longest wait is {number} seconds."),
        ("fr", "Un appel compte {number} nouvelles tentatives."),
        ("fr", "L’attente dure {number} secondes."),
    ],
)
@pytest.mark.parametrize("name", ["LLM_NUM_RETRIES", "LLM_RETRY_MIN_WAIT", "LLM_RETRY_MAX_WAIT"])
def test_a_default_is_not_typed_even_where_no_variable_is_named(
    site: Site, language: str, form: str, name: str
) -> None:
    page = {"en": ENGLISH, "fr": FRENCH}[language]
    default = VARIABLES[name].default
    line = site.append(page, form.format(number=default))

    assert f"{site.root / page}:{line}: {default!r} is the default of {name}" in "\n".join(
        map(str, site.problems(page))
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "A call is retried {word} times."),
        ("fr", "Un appel compte {word} nouvelles tentatives."),
    ],
)
def test_a_default_is_not_typed_in_words_either(site: Site, language: str, text: str) -> None:
    word = SMALL_NUMBERS[language].split()[int(VARIABLES["LLM_NUM_RETRIES"].default or 0) - 1]
    page = {"en": ENGLISH, "fr": FRENCH}[language]
    line = site.append(page, text.format(word=word))

    assert f"{page}:{line}: {word!r} is the default of LLM_NUM_RETRIES" in "\n".join(
        map(str, site.problems(page))
    )


def test_many_variables_in_one_paragraph_are_a_list(site: Site) -> None:
    page = ENGLISH
    line = site.append(page, "They are LLM_MODEL, LLM_API_KEY, LLM_BASE_URL and LLM_API_VERSION.")

    assert f"{page}:{line}: 4 variables are listed here" in "\n".join(map(str, site.problems(page)))
