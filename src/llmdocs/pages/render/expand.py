"""A page as plain Markdown: its embeds, facts and blocks replaced by what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from llmdocs.errors import PageError, RecipeError
from llmdocs.pages import partials, snippets
from llmdocs.pages.markdown import BLOCK, EMBED, FACT, FENCE
from llmdocs.pages.page import PARTIAL, Page, control_problem, target_of
from llmdocs.pages.render import blocks
from llmdocs.pages.render.facts import Context, Facts, facts
from llmdocs.pages.render.notices import in_language
from llmdocs.pages.sections import MADE_FROM
from llmdocs.recipes.programs import FROM_ENVIRONMENT, FROM_FILE
from llmdocs.suggestions import did_you_mean

# What the reader of a translation is told in a page or a partial: Markdown, by the line of the
# comment that says what the section was made from.
Notices = Callable[[Page], Mapping[int, Sequence[str]]]


def expand(context: Context, notices: Notices = lambda _: {}) -> str:
    """The page's body, without its front matter. Raises `PageError` with page and line.

    The comments that notices take the place of are left out.
    """
    return "\n".join(_Expansion(context, notices).lines(context.page))


@dataclass(frozen=True)
class _Expansion:
    """Expands one page. `shown` are the partials that it has shown so far."""

    context: Context
    notices: Notices
    shown: set[Page] = field(default_factory=set)

    @cached_property
    def known(self) -> Facts:
        return facts(self.context)

    def lines(self, page: Page) -> Iterator[str]:
        """The lines of the page itself, or of a partial that it shows."""
        notices = self.notices(page)
        for number, line in partials.lines_shown(page):
            place = f"{page.path}:{number}"
            block = BLOCK.fullmatch(line)
            if MADE_FROM.fullmatch(line.rstrip()):
                expanded = notices.get(number, ())
            elif block and block["name"].startswith(PARTIAL):
                lines = self._partial(block["name"], page, place)
                expanded = [f"{block['indent']}{text}" if text else "" for text in lines]
            else:
                expanded = _expand_line(line, self.context, self.known, place)
            for text in expanded:
                yield _checked(text, place)

    def _partial(self, block: str, page: Page, place: str) -> list[str]:
        """A partial's paragraphs, which share their lines with nothing of the page's."""
        partial = partials.find(self.context.docs, self.context.page.language, block, place)
        # What shows itself, or one that shows others twice and so on, would never end.
        if partial in self.shown:
            raise PageError(f"{place}: {block!r} is on this page already; show it once.")
        self.shown.add(partial)
        try:
            text = "\n".join(self.lines(partial)).strip("\n")
        except PageError as error:
            # Its facts and blocks are the page's: the fault may be there.
            raise PageError(f"{error} It is shown at {place}: look there too.") from None
        lines = ["", *text.split("\n"), ""]
        return lines if partial.language == page.language else in_language(lines, partial.language)


def _checked(line: str, place: str) -> str:
    if problem := control_problem(line):
        raise PageError(f"{place}: what stands here {problem}")
    return line


def _expand_line(line: str, context: Context, known: Facts, place: str) -> list[str]:
    if match := EMBED.fullmatch(line):
        file, section = target_of(match)
        source = snippets.find(context.snippets, file, section, place).source
        if context.page.programs:
            # The recipe is in the file that the first tab tells the reader to save.
            source = source.replace(FROM_ENVIRONMENT, FROM_FILE["env"])
        lines = snippets.without_marks(source)
        for text in lines:
            if FENCE.fullmatch(text.strip()):
                raise PageError(
                    f"{place}: {file} holds the line {text.strip()!r}, which would end the fence "
                    "around it; take it out of the snippet."
                )
        return [match["indent"] + text for text in lines]
    try:
        block = BLOCK.fullmatch(line)
        shown = blocks.rendered(block["name"], context) if block else None
        if block and shown is not None:
            return [block["indent"] + text for text in shown]
        return [FACT.sub(lambda match: _fact(match["name"], context, known, place), line)]
    except RecipeError as error:
        raise PageError(f"{place}: {error}") from None


def _fact(name: str, context: Context, known: Facts, place: str) -> str:
    if name in known:
        return known[name]()
    known_blocks = blocks.names(context.snippets)
    if name in known_blocks or name.startswith(PARTIAL):
        raise PageError(f"{place}: the block {name!r} stands alone on its line.")
    raise PageError(
        f"{place}: there is no fact {name!r}.{did_you_mean(name, [*known, *known_blocks])} "
        f"The facts are: {', '.join(sorted(known))}."
    )
