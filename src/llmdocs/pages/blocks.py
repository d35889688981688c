"""Blocks rendered from their source: recipes, tables of settings, retries, providers, upstream."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from llmdocs import mistakes, recipes, retries
from llmdocs.errors import RecipeError
from llmdocs.forms import FORMS, written
from llmdocs.pages import upstream
from llmdocs.pages.facts import Context, default_of, defaults, with_unit
from llmdocs.providers import CATALOGUE
from llmdocs.settings import MOST_RETRIES, ONE_DAY, VARIABLES, Variable, Wanted

Render = Callable[[Context], list[str]]


def recipe(context: Context) -> list[str]:
    """The page's recipe, as an env file."""
    return [f"{name}={value}" for name, value in _recipe(context).items()]


def recipe_forms(context: Context) -> list[str]:
    """The page's recipe in every form, each under a tab. The tabs of all languages are the same."""
    variables = _recipe(context)
    lines: list[str] = []
    for form in FORMS.values():
        fence = _fence(form.info, written(variables, form.name))
        lines += [f'=== "{form.label}"', "", *(f"    {line}".rstrip() for line in fence), ""]
    return lines


def recipe_table(context: Context) -> list[str]:
    """The variables of the page's recipe: whether its provider needs each, and what it says."""
    words = context.strings
    values = _recipe(context)
    recipes.check(context.page.recipe or "", context.snippets)
    provider = recipes.provider_of(values)
    needs = provider.needs if provider else ()
    meanings = {item.name: _meaning(context, item) for item in VARIABLES.values()}
    rows = (
        (
            f"`{name}`",
            words.get("table", "needed" if name in needs else "optional"),
            meanings[name],
        )
        for name in values
    )
    return _table(context, ("variable", "need", "meaning"), rows)


def settings_table(context: Context) -> list[str]:
    """Every setting; each row is the target of a link to `#LLM_…`."""
    words = context.strings
    rows = (
        (
            f"`{item.name}`{{ #{item.name} }}",
            words.get("wanted", item.wanted.name.lower(), default=item.wanted.value).format(
                maximum=MOST_RETRIES if item.wanted is Wanted.COUNT else ONE_DAY
            ),
            _default(context, item),
            _meaning(context, item),
        )
        for item in VARIABLES.values()
    )
    return _table(context, ("variable", "type", "default", "meaning"), rows)


def retry_schedule(context: Context) -> list[str]:
    """The wait before each retry, by default."""
    rows = (
        (str(retry), with_unit(f"{seconds:g}", "s"))
        for retry, seconds in enumerate(retries.schedule(defaults()), start=1)
    )
    return _table(context, ("retry", "wait"), rows)


def retry_rules(context: Context) -> list[str]:
    """Every kind of failure, and whether it is retried."""
    words = context.strings
    rows = (
        (
            words.get("retries", failure.value.name, default=failure.value.description),
            words.get("table", "yes" if failure.retried else "no"),
        )
        for failure in retries.Failure
    )
    return _table(context, ("failure", "retried"), rows)


def providers_table(context: Context) -> list[str]:
    """Every provider of the catalogue: what LLM_MODEL begins with, and its guide."""
    here = posixpath.dirname(context.page.name)
    rows = (
        (
            f"[{provider.title}]({posixpath.relpath(f'llms/{provider.name}.md', here or '.')})",
            ", ".join(f"`{prefix}/`" for prefix in provider.prefixes),
        )
        for provider in CATALOGUE.values()
    )
    return _table(context, ("guide", "model"), rows)


def upstream_defaults(context: Context) -> list[str]:
    """Upstream's retry defaults through time."""
    rows = (
        (
            release.name,
            str(release.num_retries),
            with_unit(str(release.retry_min_wait), "s"),
            with_unit(str(release.retry_max_wait), "s"),
        )
        for release in upstream.releases()
    )
    return _table(context, ("release", "retries", "min_wait", "max_wait"), rows)


def upstream_variables(context: Context) -> list[str]:
    """Upstream's variables, and what became of each here."""
    words = context.strings
    rows = (
        (f"`{item.name}`", words.get("upstream", item.reason).format(now=f"`{item.now}`"))
        for item in upstream.variables()
    )
    return _table(context, ("variable", "here"), rows)


def install(context: Context) -> list[str]:
    """The command that installs the package from the repository's address."""
    return [f'pip install "llmdocs[mock] @ git+{context.repository}"']


def requirements(context: Context) -> list[str]:
    """The line of a `requirements.txt` that stands for the package."""
    return [f"llmdocs @ git+{context.repository}"]


def mistake(context: Context, name: str) -> list[str]:
    """A mistake as a reader meets it: what is changed, the error, and the doctor's verdict."""
    made = mistakes.read(name, context.snippets)
    recipe = recipes.read(made.recipe, context.snippets)
    shown = {
        "change": ("diff", "\n".join(made.difference(recipe))),
        "config": ("toml", made.config),
        "error": ("text", _captured(context, name, "error.txt")),
        "doctor": ("text", _captured(context, name, "doctor.txt")),
    }
    return [
        line
        for what, (info, text) in shown.items()
        if text
        for line in (
            context.strings.get("mistake", what), "", *_fence(info, text), "",
        )
    ]  # fmt: skip


def _captured(context: Context, name: str, ending: str) -> str:
    path = mistakes.file_of(name, ending, context.snippets)
    if not path.is_file():
        raise RecipeError(f"{path} is missing: run `make update` to capture it.")
    return mistakes.text(name, ending, context.snippets)


MISTAKE = "mistake."
BLOCKS: dict[str, Render] = {
    # Those of the package's own snippets, each by the name of its file: mistake.azure.key
    **{MISTAKE + name.replace("/", "."): partial(mistake, name=name) for name in mistakes.names()},
    "install": install,
    "providers.table": providers_table,
    "recipe": recipe,
    "recipe.forms": recipe_forms,
    "recipe.table": recipe_table,
    "requirements": requirements,
    "retries.rules": retry_rules,
    "retries.schedule": retry_schedule,
    "settings.table": settings_table,
    "upstream.defaults": upstream_defaults,
    "upstream.variables": upstream_variables,
}


def _fence(info: str, text: str) -> list[str]:
    """The text as code that it cannot end itself: the marks are longer than any it holds."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    return [f"{marks}{info}", *text.splitlines(), marks]


def _recipe(context: Context) -> dict[str, str]:
    return recipes.read(context.page.recipe or "", context.snippets)


def _default(context: Context, item: Variable) -> str:
    if item.default is not None:
        return default_of(item)
    return context.strings.get("table", "required" if item.required else "none")


def _meaning(context: Context, item: Variable) -> str:
    return context.strings.get("settings", item.name, "description", default=item.description)


def _table(context: Context, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    titles = [context.strings.get("table", heading) for heading in headings]
    lines = [titles, ["---"] * len(titles), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]
