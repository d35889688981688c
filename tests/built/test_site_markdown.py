"""The site as Markdown: a twin of each page, `llms.txt` and `llms-full.txt`, in each language."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from mkdocs.utils.yaml import yaml_load

from llmdocs.pages import snippets
from llmdocs.pages.markdown import EXTERNAL, FACT, FENCE, LINK
from llmdocs.pages.page import Page, languages
from llmdocs.pages.prose import without_code
from llmdocs.pages.render.facts import Context, facts
from llmdocs.recipes.programs import FROM_ENVIRONMENT, FROM_FILE
from llmdocs.settings.variables import VARIABLES
from tests.support.built_site import DEFAULT_LANGUAGE, REPOSITORY, SITE_URL, Site, build
from tests.support.site_files import (
    COMPLETE_LANGUAGES,
    DOCS,
    NEW_LANGUAGE,
    ROOT,
    SNIPPETS,
    pages,
)

PAGES = pages()
LANGUAGES = languages(DOCS)
LISTED = re.compile(r"- \[(?P<title>[^\]]+)\]\((?P<address>[^)]+)\): (?P<description>.+)")
# What only a generator reads, at the beginning of a line and within one.
LEFT = re.compile(
    r"^ *(?:!!!|\?\?\?|===|:::).*|\{\{|--8<--|\{:? *[#.][\w-]|<!--|:material-|\bmarkdown>",
    flags=re.MULTILINE,
)
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.language}/{page.name}")
each_language = pytest.mark.parametrize("language", COMPLETE_LANGUAGES)


def folder(language: str) -> str:
    return "" if language == DEFAULT_LANGUAGE else f"{language}/"


def file_of(page: Page, site: Site) -> Path:
    return site.folder / (folder(page.language) + page.name)


def outside_fences(text: str) -> list[str]:
    lines: list[str] = []
    marks = ""
    for line in text.splitlines():
        match = FENCE.fullmatch(line.removeprefix("> "))
        if match and not marks:
            marks = match["marks"]
        elif match and match["marks"].startswith(marks) and not match["info"]:
            marks = ""
        elif not marks:
            lines.append(line)
    return lines


def prose_of(text: str) -> str:
    """The text without its code, in blocks or in lines."""
    return without_code("\n".join(outside_fences(text)))


def links(text: str) -> list[str]:
    return [match[match.lastgroup or 0] for match in LINK.finditer(prose_of(text))]


def without_indentation(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines())


class TestATwin:
    @each_page
    def test_leaves_nothing_that_only_a_generator_reads(self, page: Page, site: Site) -> None:
        prose = prose_of(file_of(page, site).read_text("utf-8"))

        assert LEFT.findall(prose) == []

    @each_page
    def test_has_the_headings_of_the_page(self, page: Page, site: Site) -> None:
        known = facts(Context(page, DOCS, SNIPPETS, REPOSITORY))
        headings = [f"{'#' * item.level} {item.text}" for item in page.headings]
        expected = [FACT.sub(lambda match: known[match["name"]](), item) for item in headings]

        lines = outside_fences(file_of(page, site).read_text("utf-8"))

        assert [line for line in lines if line in expected] == expected

    @each_page
    def test_holds_the_code_that_the_page_embeds(self, page: Page, site: Site) -> None:
        text = without_indentation(file_of(page, site).read_text("utf-8"))
        embeds = [(embed.file, embed.section, f"{page.path}:{embed.line}") for embed in page.embeds]
        shown = [snippets.find(SNIPPETS, *embed).source for embed in embeds]
        if page.programs:
            # The first form that the page shows is the one that its snippets go with.
            shown = [code.replace(FROM_ENVIRONMENT, FROM_FILE["env"]) for code in shown]

        missing = [
            code
            for code in shown
            if without_indentation("\n".join(snippets.without_marks(code))) not in text
        ]

        assert missing == []

    @each_page
    def test_has_links_that_lead_to_files(self, page: Page, site: Site) -> None:
        targets = links(file_of(page, site).read_text("utf-8"))
        relative = [target for target in targets if not EXTERNAL.match(target)]
        ours = [target for target in targets if target.startswith(SITE_URL)]

        assert relative == []
        assert [
            target
            for target in ours
            if not (site.folder / target.removeprefix(SITE_URL).partition("#")[0]).is_file()
        ] == []

    @each_page
    def test_links_to_its_own_language(self, page: Page, site: Site) -> None:
        """To the default one where its own lacks the page."""
        targets = links(file_of(page, site).read_text("utf-8"))
        twins = [target for target in targets if target.startswith(SITE_URL) and ".md" in target]
        home = SITE_URL + folder(page.language)
        others = {SITE_URL + folder(other) for other in LANGUAGES} - {SITE_URL, home}
        translated = {item.name for item in PAGES if item.language == page.language}

        foreign = [
            target
            for target in twins
            if target.startswith((*others,))
            or (
                not target.startswith(home)
                and target.removeprefix(SITE_URL).partition("#")[0] in translated
            )
        ]

        assert foreign == []

    @each_page
    def test_names_its_page(self, page: Page, site: Site) -> None:
        head = file_of(page, site).read_text("utf-8").split("---\n")[1]

        assert yaml.safe_load(head) == {
            "title": page.front_matter["title"],
            "description": page.front_matter["description"],
            "language": page.language,
            "url": site.address_of(site.file_of(page)),
        }

    @each_page
    def test_is_linked_from_its_page(self, page: Page, site: Site) -> None:
        document = site.read(site.file_of(page))
        targets = {site.target(site.file_of(page), link) for link in document.markdown}

        assert targets == {file_of(page, site)}


class TestTheTwinOfTheSettings:
    @each_language
    @pytest.mark.parametrize("name", [item.name for item in VARIABLES.values() if item.default])
    def test_prints_the_default_of_the_code(self, language: str, name: str, site: Site) -> None:
        twin = file_of(Page(DOCS, language, "reference/settings.md"), site).read_text("utf-8")
        (row,) = re.findall(rf"^\| `{name}` \|.*$", twin, flags=re.MULTILINE)

        assert row.split(" | ")[2].split("\N{NO-BREAK SPACE}")[0] == VARIABLES[name].default


@each_language
def test_the_twin_of_the_api_documents_what_the_page_documents(language: str, site: Site) -> None:
    page = Page(DOCS, language, "reference/api.md")
    html = site.file_of(page).read_text("utf-8")
    shown = re.findall(r'<h(\d) id="llmdocs\.[\w.]*?(\w+)"', html)

    twin = file_of(page, site).read_text("utf-8")

    assert re.findall(r"^(#+) `(?:\w+\.)*(\w+)`$", twin, flags=re.MULTILINE) == [
        ("#" * int(level), name) for level, name in shown
    ]


def configuration() -> dict[str, Any]:
    with (ROOT / "mkdocs.yml").open("rb") as file:
        return dict(yaml_load(file))


def navigation() -> list[tuple[str, str | list[Any]]]:
    """The first level of the navigation: titles, and a page or what is below each."""
    return [next(iter(entry.items())) for entry in configuration()["nav"]]


def translations(language: str) -> dict[str, str]:
    """The titles of the navigation in another language than the default one."""
    (i18n,) = (entry["i18n"] for entry in configuration()["plugins"] if "i18n" in entry)
    (entry,) = (entry for entry in i18n["languages"] if entry["locale"] == language)
    return dict(entry.get("nav_translations", {}))


class TestLlmsTxt:
    @each_language
    def test_lists_each_page_once_in_the_order_of_the_navigation(
        self, language: str, site: Site
    ) -> None:
        text = (site.folder / folder(language) / "llms.txt").read_text("utf-8")
        listed = [match["address"] for match in LISTED.finditer(text)]
        names = re.findall(r"[\w/-]+\.md", str(navigation()))

        assert sorted(names) == sorted(page.name for page in PAGES if page.language == language)
        assert listed == [SITE_URL + folder(language) + name for name in names]

    @each_language
    def test_describes_each_page_in_the_readers_language(self, language: str, site: Site) -> None:
        text = (site.folder / folder(language) / "llms.txt").read_text("utf-8")
        descriptions = sorted(match["description"] for match in LISTED.finditer(text))

        assert descriptions == sorted(
            page.front_matter["description"] for page in PAGES if page.language == language
        )

    @each_language
    def test_has_the_titles_of_the_navigation(self, language: str, site: Site) -> None:
        text = (site.folder / folder(language) / "llms.txt").read_text("utf-8")
        titles = [title for title, below in navigation() if isinstance(below, list)]
        words = translations(language)

        found = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)

        assert found[1:] == [words.get(title, title) for title in titles]


@each_language
def test_the_full_text_holds_every_twin(language: str, site: Site) -> None:
    full = (site.folder / folder(language) / "llms-full.txt").read_text("utf-8")
    twins = [page for page in PAGES if page.language == language]

    missing = [page.name for page in twins if file_of(page, site).read_text("utf-8") not in full]

    assert missing == []
    assert full.count("\nurl: ") == len(twins)


def test_the_page_for_a_missing_address_has_no_twin(site: Site) -> None:
    assert site.read(site.folder / "404.html").markdown == []


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> Site:
    root = tmp_path_factory.mktemp("repository")
    for name in ("docs", "overrides", "snippets"):
        shutil.copytree(ROOT / name, root / name)
    (root / "src").symlink_to(ROOT / "src")
    home = root / f"docs/{NEW_LANGUAGE}/index.md"
    home.parent.mkdir()
    home.write_text(
        "---\ntitle: Inicio\ndescription: La portada.\n---\n\n# Inicio {#home}\n\n"
        "[Azure](llms/azure.md#chat)\n",
        "utf-8",
    )
    written = (ROOT / "mkdocs.yml").read_text("utf-8")
    before, first, after = written.partition("        - locale: fr\n")
    entry = f"        - {{locale: {NEW_LANGUAGE}, name: Another, build: true}}\n"
    (root / "mkdocs.yml").write_text(before + entry + first + after, "utf-8")
    return build(root / "site", root)


class TestALanguageWithAHomePageAlone:
    """Its other pages are shown in English, and their twins are the English ones."""

    def test_lists_them_as_english(self, another: Site) -> None:
        text = (another.folder / f"{NEW_LANGUAGE}/llms.txt").read_text("utf-8")
        listed = {match["address"]: match["description"] for match in LISTED.finditer(text)}
        own = listed.pop(f"{SITE_URL}{NEW_LANGUAGE}/index.md")
        english = [page for page in PAGES if page.language == "en" and page.name != "index.md"]

        assert another.build.stderr == ""
        assert own == "La portada."
        assert sorted(listed) == sorted(SITE_URL + page.name for page in english)
        assert all(description.endswith(" (in English)") for description in listed.values())

    def test_has_no_twin_of_them(self, another: Site) -> None:
        twins = [path.name for path in (another.folder / NEW_LANGUAGE).rglob("*.md")]

        assert twins == ["index.md"]

    def test_shows_them_with_a_link_to_the_english_twin(self, another: Site) -> None:
        file = another.folder / f"{NEW_LANGUAGE}/llms/azure/index.html"
        targets = {another.target(file, link) for link in another.read(file).markdown}

        assert targets == {another.folder / "llms/azure.md"}

    def test_links_to_their_twins(self, another: Site) -> None:
        text = (another.folder / f"{NEW_LANGUAGE}/index.md").read_text("utf-8")

        assert links(text) == [f"{SITE_URL}llms/azure.md#chat"]
