"""A partial is shown by pages as if it stood there, and held to every rule that pages are."""

from __future__ import annotations

from textwrap import dedent

import pytest

from llmdocs.errors import PageError
from llmdocs.pages.page import read_all
from llmdocs.pages.sections import TOP, sections
from llmdocs.pages.translation.freshness import Originals, comment_for, stale_sections
from tests.pages.conftest import Site

PAGE = "docs/en/llms/groq.md"
FRENCH_PAGE = "docs/fr/llms/groq.md"
PARTIAL = "docs/en/partials/new.md"
FRENCH = "docs/fr/partials/new.md"


def show(site: Site, body: str = "Said alike.", french: str = "Dit partout.") -> int:
    """Write a partial in both languages, shown at the end of a guide. The line in the English."""
    site.write(PARTIAL, f"# New {{#new}}\n\n{body}\n")
    original = sections(site.page(PARTIAL))[TOP]
    site.write(FRENCH, f"# Du neuf {{#new}}\n{comment_for(original)}\n\n{french}\n")
    site.append(FRENCH_PAGE, "{{ partial.new }}")
    return site.append(PAGE, "{{ partial.new }}")


def last(text: str) -> str:
    return text.rstrip("\n").rpartition("\n\n")[2]


def test_a_partial_in_both_languages_is_no_problem(site: Site) -> None:
    show(site)

    ours = {site.root / name for name in (PAGE, FRENCH_PAGE, PARTIAL, FRENCH)}
    assert [str(problem) for problem in site.check() if problem.path in ours] == []


def test_a_page_shows_what_a_partial_says_and_not_its_title(site: Site) -> None:
    show(site)

    text = site.expand(PAGE)
    assert last(text) == "Said alike."
    assert "{#new}" not in text


def test_a_translation_shows_the_partial_of_its_language_without_its_comment(site: Site) -> None:
    show(site)

    text = site.expand(FRENCH_PAGE)
    assert last(text) == "Dit partout."
    assert "<!-- en:" not in text


def test_facts_and_blocks_of_a_partial_are_those_of_the_page(site: Site) -> None:
    show(site, "{{ provider.title }}, {{ recipe.name }}:\n\n{{ recipe.table }}")

    text = site.expand(PAGE)
    assert "\nGroq, groq:\n" in text
    assert "\n| `LLM_API_KEY` | yes | The provider's key. It is never printed. |" in text


def test_the_address_in_a_container_is_that_of_the_docker_form(site: Site) -> None:
    site.replace(PAGE, "recipe: groq", "recipe: vllm")
    site.append(PAGE, "{{ program.vllm.chat }}\n\n{{ recipe.address_in_container }}")

    text = site.expand(PAGE)
    address = last(text)
    assert address.startswith("http://host.docker.internal:")
    docker = text[text.rindex('=== "Docker"') : text.rindex('=== "Compose"')]
    assert f"LLM_BASE_URL={address}\n" in docker


def test_a_partial_shows_another(site: Site) -> None:
    show(site, "{{ partial.inner }}")
    site.write("docs/en/partials/inner.md", "# Inner {#inner}\n\nInside.\n")

    assert last(site.expand(PAGE)) == "Inside."


def test_a_partial_in_a_note_is_a_part_of_the_note(site: Site) -> None:
    show(site, "One.\n\nTwo.")
    site.replace(PAGE, "\n{{ partial.new }}", '\n!!! note "A note"\n\n    {{ partial.new }}')

    assert "\n\n    One.\n\n    Two." in site.expand(PAGE).partition("!!! note")[2]


@pytest.mark.parametrize("inner", ["{{ partial.new }}", "{{ partial.try }}\n\n{{ partial.try }}"])
def test_a_page_shows_a_partial_once_and_so_in_finite_time(site: Site, inner: str) -> None:
    show(site, inner)

    with pytest.raises(PageError, match=r"new\.md:\d: 'partial\.\w+' is on this page already"):
        site.expand(PAGE)


def test_a_misspelt_partial_is_named_with_its_place_and_the_nearest(site: Site) -> None:
    line = site.append(PAGE, "{{ partial.configures }}")

    (found,) = (problem for problem in site.problems(PAGE) if problem.line == line)
    assert "there is no fact or block 'partial.configures'. Did you mean partial.configure?" in str(
        found
    )
    with pytest.raises(PageError) as caught:
        site.expand(PAGE)
    assert f"{site.root / PAGE}:{line}: there is no partial 'partial.configures'." in str(
        caught.value
    )
    assert "Did you mean partial.configure?" in str(caught.value)


def test_a_wrong_name_in_a_partial_is_told_at_its_line_of_the_partial(site: Site) -> None:
    show(site, "{{ provider.label }}")

    with pytest.raises(PageError, match=r"new\.md:3: there is no fact 'provider\.label'") as caught:
        site.expand(PAGE)
    line = site.line(PAGE, "{{ partial.new }}")
    assert str(caught.value).endswith(f"{site.root / PAGE}:{line}: look there too.")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("You wait 120 s with `LLM_RETRY_MAX_WAIT`.", "120"),
        ("`LLM_RETRYS` says it.", "LLM_RETRYS is not a setting"),
        ("```bash\necho\n```", "this fence holds something else"),
        ("See [there](../guides/nowhere.md).", "leads nowhere"),
        ("See [here](#needs).", "leads nowhere"),
        ("## More {#more}\n\nWords.", "a partial has no headings below its title"),
        ("{{ partial.nothing }}", "there is no fact or block 'partial.nothing'"),
        ("It says {{ partial.try }}.", "shares its line"),
        ("<script>x()</script>", "script"),
    ],
)
def test_a_partial_is_held_to_the_rules_of_pages(site: Site, body: str, message: str) -> None:
    show(site, body)

    assert [problem for problem in site.problems(PARTIAL) if message in str(problem)]


@pytest.mark.parametrize(
    ("french", "message"),
    [
        ("Dit partout: oui.", "no-break"),
        ("Dit par un gateway.", "gateway"),
    ],
)
def test_a_translated_partial_is_held_to_the_rules_of_its_language(
    site: Site, french: str, message: str
) -> None:
    show(site, french=french)

    assert [problem for problem in site.problems(FRENCH) if message in str(problem)]


def test_a_partial_has_no_front_matter(site: Site) -> None:
    show(site)
    site.write(PARTIAL, "---\nrecipe: groq\n---\n\n# New {#new}\n\nSaid alike.\n")

    assert "a partial has no front matter" in str(site.problems(PARTIAL)[0])


def test_no_link_leads_to_a_partial(site: Site) -> None:
    line = site.append(PAGE, "See [there](../partials/try.md).")

    (found,) = site.problems(PAGE)
    assert (found.line, "there is no partials/try.md" in str(found)) == (line, True)


def test_a_partial_that_no_page_shows_is_told_of(site: Site) -> None:
    site.write(PARTIAL, "# New {#new}\n\nSaid alike.\n")

    (found,) = site.problems(PARTIAL)
    assert "no page shows this partial; write {{ partial.new }}" in str(found)


def test_a_complete_language_has_every_partial(site: Site) -> None:
    show(site)
    (site.root / FRENCH).unlink()

    (found,) = site.problems(FRENCH)
    assert "this page is missing" in str(found)


def test_a_translation_shows_the_same_partials(site: Site) -> None:
    show(site)
    site.replace(FRENCH_PAGE, "\n\n{{ partial.new }}", "")

    (found,) = (problem for problem in site.problems(FRENCH_PAGE))
    assert "the block '{{ partial.new }}' is in" in str(found)


@pytest.mark.parametrize("shown", ["{{ partial.new }}", "{{ partial.outer }}"])
def test_a_page_without_a_recipe_shows_no_partial_that_needs_one(site: Site, shown: str) -> None:
    show(site, "{{ provider.title }}")
    site.write("docs/en/partials/outer.md", "# Outer {#outer}\n\n{{ partial.new }}\n")
    page = "docs/en/quickstart.md"
    site.replace(page, site.page(page).text.split("---\n")[1], "title: A\ndescription: B\n")
    line = site.append(page, shown)

    (found,) = (p for p in site.problems(page) if p.line == line or "recipe" in str(p))
    assert "names no recipe" in str(found)
    with pytest.raises(PageError, match=r"There is no recipe"):
        site.expand(page)


def test_a_recipe_that_a_partial_alone_shows_is_used(site: Site) -> None:
    assert "{{ recipe" not in site.page(PAGE).text
    assert site.problems(PAGE) == []


def test_a_fact_of_an_address_that_a_recipe_lacks_is_told_of(site: Site) -> None:
    site.append(PAGE, "{{ recipe.address_in_container }}")

    with pytest.raises(PageError, match="The recipe 'groq' has no LLM_BASE_URL"):
        site.expand(PAGE)


def test_a_language_without_the_partial_shows_the_english_and_says_so(site: Site) -> None:
    show(site)
    (site.root / FRENCH).unlink()

    assert dedent(
        """\
        <div lang="en" markdown>

        Said alike.

        </div>
        """
    ) in site.expand(FRENCH_PAGE)


def test_a_change_of_a_partial_makes_its_translation_stale_and_no_page(site: Site) -> None:
    show(site)
    site.replace(PARTIAL, "Said alike.", "Said otherwise.")
    originals = Originals(site.root / "docs", "en", read_all(site.root / "docs", "en"))

    (stale,) = stale_sections(site.page(FRENCH), originals)
    assert stale.translation.anchor == TOP
    assert stale_sections(site.page(FRENCH_PAGE), originals) == []
