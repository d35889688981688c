"""A stale section on the site: its reader is told so in their language, and no other reader is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.pages.page import Page
from tests.support import built_site
from tests.support.site_files import ROOT

PAGE = "guides/retries.md"
PARTIAL = "partials/run.md"
# What the build reads; the pages that are left out would only take time.
FOLDERS = ("docs", "overrides", "snippets", "src")


@pytest.fixture(scope="module")
def stale_site(tmp_path_factory: pytest.TempPathFactory) -> built_site.Site:
    """The site after a change of an English section, of a page's lead, and of a partial."""
    root = tmp_path_factory.mktemp("clone")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, root / name)
    shutil.copyfile(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    for name, old, new in (
        (PAGE, "doubles with each retry", "doubles, more or less, with each retry"),
        ("guides/timeouts.md", "\ndescription: ", "\ndescription: Soon, "),
        (PARTIAL, "Nothing to call yet", "Nothing to call now"),
    ):
        path = root / "docs/en" / name
        text = path.read_text("utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), "utf-8")
    site = built_site.build(tmp_path_factory.mktemp("site"), root)
    assert site.build.returncode == 0, site.build.stderr
    return site


def notices(site: built_site.Site, language: str, name: str) -> list[tuple[str, str]]:
    """Each notice of a page, as HTML, with the anchor of the heading above it."""
    html = site.file_of(Page(Path(), language, name)).read_text("utf-8")
    return re.findall(
        r'<h\d id="([^"]+)"(?:(?!<h\d).)*?(<div class="admonition info stale">.*?</div>)',
        html, flags=re.DOTALL,
    )  # fmt: skip


def test_a_stale_section_says_so_in_its_readers_language(stale_site: built_site.Site) -> None:
    ((anchor, notice),) = notices(stale_site, "fr", PAGE)

    assert anchor == "schedule"
    assert "La version anglaise a changé depuis cette traduction" in notice


def test_a_notice_leads_to_the_section_in_the_original(stale_site: built_site.Site) -> None:
    ((_, notice),) = notices(stale_site, "fr", PAGE)
    (link,) = re.findall('<a href="([^"]+)" hreflang="en">', notice)
    here = stale_site.file_of(Page(Path(), "fr", PAGE))

    assert link.endswith("#schedule")
    assert stale_site.target(here, link.partition("#")[0]) == stale_site.file_of(
        Page(Path(), "en", PAGE)
    )


def test_a_stale_lead_says_so_below_the_title(stale_site: built_site.Site) -> None:
    ((anchor, notice),) = notices(stale_site, "fr", "guides/timeouts.md")

    assert anchor == "timeouts"
    assert "#" not in "".join(re.findall('href="([^"]+)"', notice))


@pytest.mark.parametrize("provider", CATALOGUE)
def test_a_stale_partial_says_so_in_each_page_that_shows_it(
    provider: str, stale_site: built_site.Site
) -> None:
    ((anchor, notice),) = notices(stale_site, "fr", f"llms/{provider}.md")
    (link,) = re.findall('<a href="([^"]+)" hreflang="en">', notice)
    here = stale_site.file_of(Page(Path(), "fr", f"llms/{provider}.md"))

    assert anchor == "configure"
    assert stale_site.target(here, link) == stale_site.file_of(
        Page(Path(), "en", f"llms/{provider}.md")
    )
    assert notices(stale_site, "en", f"llms/{provider}.md") == []


def test_the_original_says_nothing(stale_site: built_site.Site) -> None:
    assert notices(stale_site, "en", PAGE) == []


def test_a_fresh_page_says_nothing(stale_site: built_site.Site) -> None:
    assert notices(stale_site, "fr", "guides/streaming.md") == []


def test_a_stale_section_says_so_in_markdown_too(stale_site: built_site.Site) -> None:
    twin = (stale_site.folder / "fr" / PAGE).read_text("utf-8")
    _, _, section = twin.partition("## Les attentes par défaut\n")

    assert section.strip().startswith("> **Cette section n’est plus à jour**")
    assert f"({built_site.SITE_URL}guides/retries/#schedule)" in section


def test_no_comment_of_a_translator_is_published(stale_site: built_site.Site) -> None:
    published = [
        path for ending in ("html", "md") for path in stale_site.folder.rglob(f"*.{ending}")
    ]
    comment = re.compile(r"^<!-- en: ", flags=re.MULTILINE)

    assert [path for path in published if comment.search(path.read_text("utf-8"))] == []
