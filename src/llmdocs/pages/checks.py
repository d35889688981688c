"""What is wrong with the pages: each rule yields problems that name a file, a line and a remedy."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from llmdocs import mistakes, recipes
from llmdocs.errors import PageError, did_you_mean
from llmdocs.pages import glossary, snippets, typography
from llmdocs.pages.active_content import active_content
from llmdocs.pages.blocks import BLOCKS, MISTAKE
from llmdocs.pages.facts import Context, facts
from llmdocs.pages.fences import ENDING_INFO, typed_code
from llmdocs.pages.freshness import Originals, comment_problems
from llmdocs.pages.languages import differences, key_line
from llmdocs.pages.links import broken_links
from llmdocs.pages.numbers import LINK_TARGET, VARIABLE, typed_defaults, typed_numbers
from llmdocs.pages.page import BLOCK, FACT, HEADING, Page, languages, read_all
from llmdocs.pages.prose import (
    Paragraph,
    blocks,
    front_matter_lines,
    paragraphs,
    without_comments,
)
from llmdocs.pages.published import wrong_files
from llmdocs.pages.site_languages import Languages
from llmdocs.pages.strings import file_of
from llmdocs.pages.strings_checks import wrong_strings
from llmdocs.pages.texts import texts
from llmdocs.settings import VARIABLES

# A paragraph may speak of the three retry variables together; more are a list.
MANY_VARIABLES = 4
BEGINS_WITH_VARIABLE = re.compile(r"[`*_\[ ]*LLM_[A-Z]")

# What a rule that looks at one page yields: a line of that page, and a message.
Findings = Iterator[tuple[int, str]]


@dataclass(frozen=True, order=True)
class Problem:
    """Something to mend, and where: `line` counts from 1."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def check(docs: Path, snippet_folder: Path, site: Languages) -> list[Problem]:
    """Every problem of every page, sorted by place.

    While a file is not to be read or published, that alone: nothing is read.
    """
    if files := wrong_files(docs.parent):
        return sorted(Problem(*finding) for finding in files)
    pages: list[Page] = []
    unreadable: list[Problem] = []
    for language in languages(docs):
        for page in read_all(docs, language):
            found = list(_unreadable(page))
            unreadable += found
            pages += [] if found else [page]
    problems = [*unreadable]
    known = [*facts(Context(pages[0], docs, snippet_folder, repository=""))] if pages else []
    problems += [
        Problem(page.path, line, message)
        for page in pages
        for rule in (
            typed_code(page),
            unknown_facts(page, known),
            typed_numbers(page),
            typed_defaults(page),
            unknown_variables(page),
            typed_lists(page),
            headings(page),
            front_matter(page),
            active_content(page),
            recipe(page, snippet_folder),
            embeds(page, snippet_folder),
            broken_links(page, pages, docs, site),
        )
        for line, message in rule
    ]
    # A page that cannot be read has no sections to compare with.
    if not any(problem.path.is_relative_to(docs / site.default) for problem in unreadable):
        problems += wrong_comments(pages, Originals(docs, site.default))
    problems += unused_snippets(pages, snippet_folder)
    problems += unused_mistakes(pages, snippet_folder)
    problems += unlike_languages(pages, docs, site)
    problems += [
        Problem(file_of(docs, language), line, message)
        for language in site.all
        for line, message in wrong_strings(docs, language, site)
    ]
    problems += wrong_typography(docs)
    problems += wrong_terms(pages, docs)
    return sorted(problems)


def _unreadable(page: Page) -> Iterator[Problem]:
    try:
        _ = page.fences, page.front_matter
    except PageError as error:
        place, _, message = str(error).removeprefix(f"{page.path}:").partition(": ")
        yield Problem(page.path, int(place), " ".join(message.split()))


def recipe(page: Page, snippet_folder: Path) -> Findings:
    """A page that shows a program names the recipe it runs with, and one is named to be used."""
    line, name = key_line(page, "recipe"), page.recipe
    known = recipes.names(snippet_folder)
    shown = [number for number, block in blocks(page) if block.startswith("recipe")]
    shown += [item.line for item in page.embeds if PurePosixPath(item.file).suffix in ENDING_INFO]
    if name is None and shown:
        yield (
            min(shown),
            "this page shows code and names no recipe to run it with; add recipe: to its front "
            f"matter, with one of {', '.join(known)}.",
        )
    elif name is not None and name not in known:
        nearest = did_you_mean(str(name), known)
        yield line, f"there is no recipe {name!r}.{nearest} The recipes are: {', '.join(known)}."
    elif name is not None and not shown:
        yield (
            line,
            f"this page names the recipe {name!r} and uses it nowhere; show it with "
            "{{ recipe }}, or take the name out.",
        )


def embeds(page: Page, snippet_folder: Path) -> Findings:
    """An embed names a file that exists, and a section that it has."""
    for embed in page.embeds:
        place = f"{page.path}:{embed.line}"
        try:
            snippets.find(snippet_folder, embed.file, embed.section, place)
        except PageError as error:
            yield embed.line, str(error).removeprefix(f"{place}: ")


def unused_snippets(pages: list[Page], snippet_folder: Path) -> Iterator[Problem]:
    """Snippets, sections of them and recipes that no page shows: nobody would miss them."""
    shown = {(embed.file, embed.section) for page in pages for embed in page.embeds}
    named = [page.recipe for page in pages]
    for path in sorted(snippet_folder.rglob("*")):
        file = path.relative_to(snippet_folder).as_posix()
        if path.name == recipes.FILE_NAME and posixpath.dirname(file) not in named:
            yield Problem(path, 1, "no page names this recipe; name it on one, or remove it.")
        if path.suffix not in ENDING_INFO:
            continue
        marks = (
            (number, snippets.MARK.fullmatch(line))
            for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        )
        starts = [
            (number, mark["name"]) for number, mark in marks if mark and mark["kind"] == "start"
        ]
        for number, section in starts:
            if (file, section) not in shown:
                yield Problem(
                    path, number, f"the section {section!r} is on no page; embed it, or remove it."
                )
        if not starts and (file, None) not in shown:
            yield Problem(path, 1, "this snippet is on no page; embed it, or remove it.")


def unused_mistakes(pages: list[Page], snippet_folder: Path) -> Iterator[Problem]:
    """Mistakes that no page shows."""
    shown = {name for page in pages for _, name in blocks(page)}
    for name in mistakes.names(snippet_folder):
        block = MISTAKE + name.replace("/", ".")
        if block not in shown:
            path = mistakes.file_of(name, "toml", snippet_folder)
            yield Problem(
                path, 1, f"no page shows this mistake; write {{{{ {block} }}}}, or remove it."
            )


def unknown_facts(page: Page, known: list[str]) -> Findings:
    """What stands between two pairs of braces is a fact, or a block alone on its line."""
    prose = {number for number, _ in page.prose}
    for number, line in page.lines:
        for match in FACT.finditer(line):
            name = match["name"]
            allowed = [*known, *BLOCKS] if number in prose else list(BLOCKS)
            if name not in allowed:
                kind = "fact or block" if number in prose else "block"
                nearest = (
                    did_you_mean(name, allowed) or f" Known are: {', '.join(sorted(allowed))}."
                )
                yield number, f"there is no {kind} {name!r}.{nearest}"
            elif name in BLOCKS and not BLOCK.fullmatch(line):
                yield number, f"the block {name!r} shares its line; put it on a line of its own."
        if re.search(r"\{\{|\}\}", FACT.sub("", line)):
            yield number, "these double braces are no pair; write {{ name }} on one line."
    for number, line in front_matter_lines(page):
        if "{{" in line:
            yield number, "facts are not expanded in the front matter; say it without one."


def unknown_variables(page: Page) -> Findings:
    """Every `LLM_*` word is a setting. A dead name comes from a block alone."""
    for number, line in [*front_matter_lines(page), *page.lines]:
        text = LINK_TARGET.sub("]", FACT.sub("", line))
        for name in VARIABLE.findall(text):
            if name not in VARIABLES:
                nearest = did_you_mean(name, VARIABLES) or f" Known are: {', '.join(VARIABLES)}."
                yield number, f"{name} is not a setting.{nearest}"


def typed_lists(page: Page) -> Findings:
    """A list or table of variables is rendered: one typed by hand lacks the next variable."""
    for group in _groups(page):
        lines = [item.line for item in group if BEGINS_WITH_VARIABLE.match(item.text)]
        if len(lines) > 1:
            what = "items of this list" if group[0].kind == "item" else "rows of this table"
            yield (
                lines[0],
                f"{len(lines)} {what} begin with a variable; render it with "
                "{{ settings.table }} or {{ recipe.table }}.",
            )
    for paragraph in paragraphs(page):
        names = set(VARIABLE.findall(without_comments(paragraph.text)))
        if len(names) >= MANY_VARIABLES:
            yield (
                paragraph.line,
                f"{len(names)} variables are listed here; render them with "
                "{{ settings.table }}, or link to the page that does.",
            )


def _groups(page: Page) -> Iterator[list[Paragraph]]:
    """The items of each list, and the rows of each table."""
    groups: dict[tuple[int, str], list[Paragraph]] = {}
    for paragraph in paragraphs(page):
        place = (paragraph.indent, paragraph.kind)
        for other in list(groups):
            if other[0] >= paragraph.indent and other != place:
                yield groups.pop(other)
        if paragraph.kind in ("item", "row"):
            groups.setdefault(place, []).append(paragraph)
    yield from groups.values()


def headings(page: Page) -> Findings:
    """Headings are in order and each has its own anchor, the same in every language."""
    anchors: dict[str, int] = {}
    level = 0
    for heading in page.headings:
        if not heading.anchor:
            yield heading.line, "this heading has no anchor of its own; end it with {#name}."
        elif heading.anchor in anchors:
            first = anchors[heading.anchor]
            yield heading.line, f"the anchor {heading.anchor!r} is on line {first} too; rename one."
        else:
            anchors[heading.anchor] = heading.line
        if not level and heading.level != 1:
            yield heading.line, "the first heading is not the page's title; begin it with one #."
        elif level and heading.level == 1:
            yield heading.line, "this is a second title; begin it with two # or more."
        elif level and heading.level > level + 1:
            wanted = "#" * (level + 1)
            yield heading.line, f"this heading skips a level; begin it with {wanted}."
        level = heading.level
    if not level:
        yield page.lines[0][0], "this page has no heading; begin it with # and its title."
    previous = ""
    for number, line in page.prose:
        if line.lstrip().startswith("#") and not HEADING.fullmatch(line):
            yield number, "Markdown takes this for a heading; write ## Title {#name}, not indented."
        if re.fullmatch(r"=+ *|-+ *", line) and previous.strip():
            yield number, "Markdown takes the line above for a heading; begin headings with #."
        previous = line


def front_matter(page: Page) -> Findings:
    """Title and description: search engines and the navigation show them."""
    for key in ("title", "description"):
        value = page.front_matter.get(key)
        if not isinstance(value, str) or not value.strip():
            yield key_line(page, key), f"the front matter has no {key}; add {key}: and a text."


def wrong_comments(pages: list[Page], originals: Originals) -> Iterator[Problem]:
    """Each section of a translation says which original it was made from, and no other does."""
    for page in pages:
        for line, message in comment_problems(page, originals):
            yield Problem(page.path, line, message)


def unlike_languages(pages: list[Page], docs: Path, site: Languages) -> Iterator[Problem]:
    """A complete language has every page, and each has what the original has."""
    originals = {page.name: page for page in read_all(docs, site.default)}
    readable = {(page.language, page.name): page for page in pages}
    for language in languages(docs):
        if language not in site.all:
            yield Problem(
                docs / language,
                1,
                f"{language!r} is no language of mkdocs.yml.{did_you_mean(language, site.all)} "
                "Declare it under the i18n plugin's languages, or remove the folder.",
            )
        translations = {page.name: page for page in read_all(docs, language)}
        for name in sorted({*originals} - {*translations}) if language in site.complete else ():
            yield Problem(
                docs / language / name,
                1,
                f"this page is missing, and {originals[name].path}:1 is there; translate it.",
            )
        for name in sorted({*translations} - {*originals}):
            yield Problem(
                translations[name].path,
                1,
                f"this page translates no page: {docs / site.default / name} is missing; write "
                "that first, or move or remove this one as its original was.",
            )
        for name in sorted({*originals} & {*translations}):
            original, page = readable.get((site.default, name)), readable.get((language, name))
            if language != site.default and original and page:
                for line, message in differences(original, page):
                    yield Problem(page.path, line, message)


def wrong_typography(docs: Path) -> Iterator[Problem]:
    """What readers are told keeps to the typography of their language."""
    for language in languages(docs):
        for text in texts(docs, language):
            for line, message in typography.problems(text):
                yield Problem(text.path, line, message)


def wrong_terms(pages: list[Page], docs: Path) -> Iterator[Problem]:
    """The glossaries agree, and what readers are told keeps to the glossary of their language."""
    glossaries = {
        page.language: glossary.Glossary(page) for page in pages if page.name == glossary.NAME
    }
    original = glossaries.pop(glossary.ORIGINAL, None)
    if not original:
        return
    for language, translation in glossaries.items():
        for page, line, message in glossary.disagreements(original, translation):
            yield Problem(page.path, line, message)
        expressions = glossary.unsaid(original, translation)
        for text in texts(docs, language):
            for line, message in glossary.unsaid_words(text, translation.page, expressions):
                yield Problem(text.path, line, message)
