"""A page as plain Markdown: its embeds, facts and blocks replaced by what they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from llmdocs.errors import PageError, RecipeError, did_you_mean
from llmdocs.pages import snippets
from llmdocs.pages.blocks import BLOCKS
from llmdocs.pages.facts import Context, Facts, facts
from llmdocs.pages.page import BLOCK, EMBED, FACT, FENCE, control_problem, target_of
from llmdocs.pages.sections import MADE_FROM

NONE: Mapping[int, Sequence[str]] = MappingProxyType({})


def expand(context: Context, notices: Mapping[int, Sequence[str]] = NONE) -> str:
    """The page's body, without its front matter. Raises `PageError` with page and line.

    `notices` are Markdown for the reader of a translation, by the line of the comment that says
    what the section was made from. Such comments themselves are left out.
    """
    known = facts(context)
    return "\n".join(
        _checked(expanded, f"{context.page.path}:{number}")
        for number, line in context.page.lines
        for expanded in (
            notices.get(number, ())
            if MADE_FROM.fullmatch(line.rstrip())
            else _expand_line(line, context, known, f"{context.page.path}:{number}")
        )
    )


def _checked(line: str, place: str) -> str:
    if problem := control_problem(line):
        raise PageError(f"{place}: what stands here {problem}")
    return line


def _expand_line(line: str, context: Context, known: Facts, place: str) -> list[str]:
    if match := EMBED.fullmatch(line):
        file, section = target_of(match)
        lines = snippets.without_marks(snippets.find(context.snippets, file, section, place).source)
        for text in lines:
            if FENCE.fullmatch(text.strip()):
                raise PageError(
                    f"{place}: {file} holds the line {text.strip()!r}, which would end the fence "
                    "around it; take it out of the snippet."
                )
        return [match["indent"] + text for text in lines]
    if (match := BLOCK.fullmatch(line)) and match["name"] in BLOCKS:
        try:
            return [match["indent"] + text for text in BLOCKS[match["name"]](context)]
        except RecipeError as error:
            raise PageError(f"{place}: {error}") from None
    return [FACT.sub(lambda match: _fact(match["name"], known, place), line)]


def _fact(name: str, known: Facts, place: str) -> str:
    if name in known:
        return known[name]()
    if name in BLOCKS:
        raise PageError(f"{place}: the block {name!r} stands alone on its line.")
    raise PageError(
        f"{place}: there is no fact {name!r}.{did_you_mean(name, [*known, *BLOCKS])} "
        f"The facts are: {', '.join(sorted(known))}."
    )
