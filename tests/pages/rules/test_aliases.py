"""Aliases of sections: each leads to one place, which is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmdocs.pages.documentation import Documentation
from llmdocs.pages.languages import site_languages
from llmdocs.pages.rules.aliases import wrong_aliases
from tests.pages.conftest import Site
from tests.support.site_files import MKDOCS_YML

ALIASES = "docs/en/aliases.toml"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    site.write("docs/en/first.md", "# A page {#page}\n\n## Keys {#key}\n")
    return site


def found(site: Site, aliases: str) -> list[str]:
    site.write(ALIASES, aliases)
    documentation = Documentation(
        site.root / "docs", site.root / "snippets", site_languages(MKDOCS_YML)
    )
    problems = wrong_aliases(documentation, "en")
    return [str(problem).removeprefix(f"{site.root}/{ALIASES}:") for problem in problems]


def test_a_page_and_a_section_have_aliases(site: Site) -> None:
    assert found(site, '"first.md" = ["one"]\n"first.md#key" = ["two", "three"]\n') == []


@pytest.mark.parametrize(
    ("aliases", "message"),
    [
        ('"frist.md" = ["a"]', "1: there is no page 'frist.md'. Did you mean first.md?"),
        ('\n"first.md#keys" = ["a"]', "2: first.md has no section #keys. Did you mean key?"),
        ('"first.md" = "a"', "1: the aliases of first.md are 'a'; write them as"),
        ('"first.md" = [" "]', "1: the aliases of first.md are [' ']; write them as"),
        (
            '"first.md" = ["401 No"]\n"first.md#key" = ["401 no"]',
            "2: '401 no' leads to first.md too; leave it at one of them.",
        ),
        ('"first.md" = [', "1: "),
    ],
)
def test_what_is_wrong_is_told_with_its_line(site: Site, aliases: str, message: str) -> None:
    (problem,) = found(site, aliases)

    assert problem.startswith(message)
