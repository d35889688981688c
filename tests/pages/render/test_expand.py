"""Embeds, facts and blocks become what they stand for; a wrong name fails with its place."""

from __future__ import annotations

from textwrap import dedent

import pytest

from llmdocs.errors import PageError
from llmdocs.settings.variables import VARIABLES
from tests.pages.conftest import Site

PAGE = "docs/en/llms/new.md"
CODE = """\
import llmdocs

# --8<-- [start:first]
def first() -> None:
    pass
# --8<-- [end:first]


def second() -> None:
    pass
"""


@pytest.fixture(autouse=True)
def code(site: Site) -> None:
    site.write("snippets/new/code.py", CODE)


def expanded(site: Site, body: str, front_matter: str = "title: New") -> str:
    site.write(PAGE, f"---\n{front_matter}\n---\n{body}")
    return site.expand(PAGE)


def test_an_embed_becomes_the_file(site: Site) -> None:
    chat = (site.root / "snippets/openai/chat.py").read_text("utf-8")

    assert expanded(site, '```python\n--8<-- "openai/chat.py"\n```') == f"```python\n{chat}```"


def test_the_marks_of_sections_are_not_shown(site: Site) -> None:
    text = expanded(site, '--8<-- "new/code.py"')

    assert (
        text
        == "import llmdocs\n\ndef first() -> None:\n    pass\n\n\ndef second() -> None:\n    pass"
    )


def test_an_embed_of_a_section_becomes_its_lines(site: Site) -> None:
    assert expanded(site, '--8<-- "new/code.py:first"') == "def first() -> None:\n    pass"


def test_a_section_in_a_section_loses_its_marks(site: Site) -> None:
    site.append(
        "snippets/new/code.py",
        "# --8<-- [start:outer]\n# --8<-- [start:inner]\nx = 1\n"
        "# --8<-- [end:inner]\n# --8<-- [end:outer]",
    )

    assert expanded(site, '--8<-- "new/code.py:outer"') == "x = 1"


def test_an_embed_keeps_its_indentation(site: Site) -> None:
    body = '!!! note\n\n    ```python\n    --8<-- "new/code.py:first"\n    ```'

    assert expanded(site, body) == dedent(
        """\
        !!! note

            ```python
            def first() -> None:
                pass
            ```"""
    )


def test_a_block_keeps_its_indentation(site: Site) -> None:
    text = expanded(site, "    {{ recipe }}", "recipe: ollama")

    assert text.split("\n")[0] == "    LLM_MODEL=ollama_chat/llama3.2"
    assert all(line.startswith("    LLM_") for line in text.split("\n"))


def test_facts_become_their_text_wherever_they_stand(site: Site) -> None:
    text = expanded(site, "From {{ LLM_NUM_RETRIES.default }} to {{LLM_RETRY_MIN_WAIT.default}}.")

    retries, wait = (VARIABLES[name].default for name in ("LLM_NUM_RETRIES", "LLM_RETRY_MIN_WAIT"))
    assert text == f"From {retries} to {wait}\N{NO-BREAK SPACE}s."


def test_a_fact_in_a_link_becomes_its_address(site: Site) -> None:
    assert expanded(site, "[it]({{ site.repository }})") == "[it](https://git.test/llmdocs)"


def test_other_lines_are_left_as_they_are(site: Site) -> None:
    body = "# New {#new}\n\nText, with { braces } and `--8<--`.\n"

    assert expanded(site, body) == body


def test_the_front_matter_is_left_out(site: Site) -> None:
    assert expanded(site, "Text.", "title: New\ndescription: New.") == "Text."


# What a page may not hold, and the words of the error after page and line.
WRONG = {
    "an unknown fact": (
        "{{ LLM_NUM_RETRYS.default }}",
        "there is no fact 'LLM_NUM_RETRYS.default'. Did you mean LLM_NUM_RETRIES.default?",
    ),
    "a setting without a default": (
        "{{ LLM_MODEL.default }}",
        "there is no fact 'LLM_MODEL.default'.",
    ),
    "an unknown block": (
        "{{ settings.tabel }}",
        "there is no fact 'settings.tabel'. Did you mean settings.table?",
    ),
    "a name like no other": (
        "{{ x }}",
        "there is no fact 'x'. The facts are: LLM_MAX_RESPONSE_SIZE.",
    ),
    "a block within a line": (
        "See {{ settings.table }}.",
        "the block 'settings.table' stands alone on its line.",
    ),
    "two blocks on a line": (
        "{{ settings.table }} {{ settings.table }}",
        "the block 'settings.table' stands alone on its line.",
    ),
    "an unknown snippet": (
        '--8<-- "new/cod.py"',
        "there is no snippet 'new/cod.py'. Did you mean new/code.py?",
    ),
    "an unknown section": (
        '--8<-- "new/code.py:frist"',
        "new/code.py has no section 'frist' that starts and ends. Did you mean first?",
    ),
    "the recipe of a page that names none": ("{{ recipe }}", "There is no recipe ''."),
}


@pytest.mark.parametrize(("line", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_name_fails_with_page_and_line_and_the_nearest_name(
    site: Site, line: str, message: str
) -> None:
    with pytest.raises(PageError) as failure:
        expanded(site, f"# New {{#new}}\n\n{line}\n")

    assert str(failure.value).startswith(f"{site.root / PAGE}:6: {message}")


def test_a_section_that_never_ends_is_none(site: Site) -> None:
    site.append("snippets/new/code.py", "# --8<-- [start:open]")

    with pytest.raises(PageError, match=r"has no section 'open' that starts and ends"):
        expanded(site, '--8<-- "new/code.py:open"')
