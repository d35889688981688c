"""Checks of the pages: each rule yields problems that name a file, a line and a remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from llmdocs import recipes
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.errors import PageError
from llmdocs.pages import partials, snippets
from llmdocs.pages.documentation import Documentation
from llmdocs.pages.links import broken_links
from llmdocs.pages.markdown import BLOCK, FACT, HEADING
from llmdocs.pages.masking import texts
from llmdocs.pages.page import Page, is_block
from llmdocs.pages.prose import (
    Paragraph,
    front_matter_lines,
    paragraphs,
    without_comments,
)
from llmdocs.pages.render import blocks
from llmdocs.pages.render.facts import Context, facts
from llmdocs.pages.rules import glossary, typography
from llmdocs.pages.rules.active_content import active_content
from llmdocs.pages.rules.aliases import wrong_aliases
from llmdocs.pages.rules.fences import ENDING_INFO, typed_code
from llmdocs.pages.rules.numbers import LINK_TARGET, VARIABLE, typed_defaults, typed_numbers
from llmdocs.pages.rules.problem import Problem, told_by
from llmdocs.pages.rules.published import wrong_files
from llmdocs.pages.rules.recipes import wrong_recipes
from llmdocs.pages.rules.strings import wrong_strings
from llmdocs.pages.rules.unused import unused_mistakes, unused_snippets
from llmdocs.pages.strings import file_of
from llmdocs.pages.translation.comparison import differences, key_line
from llmdocs.pages.translation.freshness import Originals, comment_problems
from llmdocs.settings.variables import VARIABLES
from llmdocs.suggestions import did_you_mean

TABLES = "src/llmdocs/wire/compatible"
# A paragraph may speak of the three retry variables together; more are a list.
MANY_VARIABLES = 4
BEGINS_WITH_VARIABLE = re.compile(r"[`*_\[ ]*LLM_[A-Z]")

# What a rule that looks at one page yields: a line of that page, and a message.
Findings = Iterator[tuple[int, str]]


def check(
    documentation: Documentation, concerns: Callable[[Path], bool] = lambda path: True
) -> list[Problem]:
    """Every problem of the files that it `concerns`, sorted by place.

    While a file is not to be read or published, that alone: nothing is read.
    """
    if files := wrong_files(documentation.root):
        return sorted(Problem(*finding, unreadable=True) for finding in files)
    docs, snippet_folder = documentation.docs, documentation.snippets
    site = documentation.languages
    pages: list[Page] = []
    unreadable: list[Problem] = []
    for language in documentation.pages:
        for page in documentation.pages_in(language):
            found = list(_unreadable(page))
            unreadable += found
            pages += [] if found else [page]
    hidden = {problem.path for problem in unreadable}
    chosen = [page for page in pages if concerns(page.path)]
    problems = [*unreadable]
    known = [*facts(Context(pages[0], docs, snippet_folder, repository=""))] if pages else []
    known_blocks = blocks.names(snippet_folder)
    shared = {language: documentation.partials_in(language) for language in documentation.pages}
    problems += [
        Problem(page.path, line, message)
        for page in chosen
        for rule in (
            typed_code(page),
            unknown_facts(page, known, [*known_blocks, *shared[page.language]]),
            typed_numbers(page),
            typed_defaults(page),
            unknown_variables(page),
            typed_lists(page),
            headings(page),
            front_matter(page),
            active_content(page),
            partials.form(page),
            recipe(page, shared[page.language], snippet_folder),
            embeds(page, snippet_folder),
            broken_links(page, pages, docs, site, hidden),
        )
        for line, message in rule
    ]
    # A page that cannot be read has no sections to compare with.
    if not any(path.is_relative_to(docs / site.default) for path in hidden):
        problems += wrong_comments(chosen, documentation.originals)
    problems += unused_snippets(pages, snippet_folder)
    problems += unused_mistakes(pages, snippet_folder)
    problems += [Problem(*found) for found in partials.unused(pages)]
    problems += missing_pieces(documentation)
    problems += wrong_recipes(snippet_folder)
    problems += unlike_languages(pages, documentation)
    problems += [
        Problem(file_of(docs, language), line, message)
        for language in site.all
        for line, message in wrong_strings(docs, language, site)
    ]
    problems += [
        problem for language in site.all for problem in wrong_aliases(documentation, language)
    ]
    problems += wrong_typography(chosen, documentation)
    problems += wrong_terms(pages, chosen, documentation)
    return sorted({problem for problem in problems if concerns(problem.path)})


def tables_of(documentation: Documentation) -> Path:
    """Where the tables of refusals are: in the same clone, or else in the package."""
    folder = documentation.root / TABLES
    in_package = Path(__file__).parents[2] / "wire" / "compatible"
    return folder if folder.is_dir() else in_package


def missing_pieces(documentation: Documentation) -> Iterator[Problem]:
    """The files that a provider of the catalogue lacks; a site without guides has none to miss."""
    docs, site = documentation.docs, documentation.languages
    if not (docs / site.default / "llms").is_dir():
        return
    tables = tables_of(documentation)
    for name, provider in CATALOGUE.items():
        pieces = {documentation.snippets / name / recipes.FILE_NAME: "recipe"}
        pieces |= {
            docs / code / "llms" / f"{name}.md": f"page ({code})"
            for code in (site.default, *site.complete)
        }
        if provider.dialect == "compatible":
            pieces[tables / f"{name}.toml"] = "table of refusals"
        for path, what in pieces.items():
            if not path.exists():
                message = f"[{name}] in providers.toml has no {what}; add this file."
                yield Problem(path, 1, message)


def _unreadable(page: Page) -> Iterator[Problem]:
    try:
        if page.text.startswith("\ufeff"):
            message = "this begins with a byte order mark (U+FEFF); save it as UTF-8 without one."
            yield Problem(page.path, 1, message, unreadable=True)
            return
        _ = page.fences, page.front_matter
    except PageError as error:
        yield told_by(error, page.path)


def recipe(page: Page, shared: Mapping[str, Page], snippet_folder: Path) -> Findings:
    """A page that shows a program names the recipe it runs with, and one is named to be used.

    A partial's is that of each page that shows it.
    """
    if page.is_partial:
        return
    line, name = key_line(page, "recipe"), page.recipe
    known = recipes.names(snippet_folder)
    facts_shown = partials.facts_shown(page, shared)
    shown = [line for line, fact in facts_shown if fact.startswith(("recipe", "provider."))]
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


def unknown_facts(page: Page, known: list[str], known_blocks: list[str]) -> Findings:
    """What stands between two pairs of braces is a fact, or a block alone on its line."""
    prose = {number for number, _ in page.prose}
    for number, line in page.lines:
        for match in FACT.finditer(line):
            name = match["name"]
            allowed = [*known, *known_blocks] if number in prose else known_blocks
            if name not in allowed:
                kind = "fact or block" if number in prose else "block"
                nearest = (
                    did_you_mean(name, allowed) or f" Known are: {', '.join(sorted(allowed))}."
                )
                yield number, f"there is no {kind} {name!r}.{nearest}"
            elif is_block(name) and not BLOCK.fullmatch(line):
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
            expected = "#" * (level + 1)
            yield heading.line, f"this heading skips a level; begin it with {expected}."
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
    if page.is_partial:
        return
    for key in ("title", "description"):
        value = page.front_matter.get(key)
        if not isinstance(value, str) or not value.strip():
            yield key_line(page, key), f"the front matter has no {key}; add {key}: and a text."


def wrong_comments(pages: list[Page], originals: Originals) -> Iterator[Problem]:
    """Each section of a translation says which original it was made from, and no other does."""
    for page in pages:
        for line, message in comment_problems(page, originals):
            yield Problem(page.path, line, message)


def unlike_languages(pages: list[Page], documentation: Documentation) -> Iterator[Problem]:
    """A complete language has every page, and each has what the original has."""
    docs, site = documentation.docs, documentation.languages
    originals = documentation.pages.get(site.default, {})
    readable = {(page.language, page.name): page for page in pages}
    for language, translations in documentation.pages.items():
        if language not in site.all:
            yield Problem(
                docs / language,
                1,
                f"{language!r} is no language of mkdocs.yml.{did_you_mean(language, site.all)} "
                "Declare it under the i18n plugin's languages, or remove the folder.",
            )
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


def wrong_typography(chosen: list[Page], documentation: Documentation) -> Iterator[Problem]:
    """What readers are told keeps to the typography of their language."""
    for language in documentation.pages:
        pages = [page for page in chosen if page.language == language]
        for text in texts(pages, documentation.docs, language):
            for line, message in typography.problems(text):
                yield Problem(text.path, line, message)


def wrong_terms(
    pages: list[Page], chosen: list[Page], documentation: Documentation
) -> Iterator[Problem]:
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
        told = [page for page in chosen if page.language == language]
        for text in texts(told, documentation.docs, language):
            for line, message in glossary.unsaid_words(text, translation.page, expressions):
                yield Problem(text.path, line, message)
