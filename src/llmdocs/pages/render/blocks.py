"""Blocks rendered from their source: recipes, tables of settings, retries, providers, upstream."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from llmdocs import recipes, retries
from llmdocs.catalogue import upstream
from llmdocs.catalogue.providers import CATALOGUE, Provider
from llmdocs.errors import RecipeError
from llmdocs.pages import snippets
from llmdocs.pages.page import MISTAKE, PROGRAM, program_file
from llmdocs.pages.render.facts import Context, default_of, defaults, recipe_of, with_unit
from llmdocs.pages.render.html import VERDICT
from llmdocs.recipes import mistakes, programs
from llmdocs.recipes.forms import FORMS, written
from llmdocs.settings.fields import MAXIMA
from llmdocs.settings.variables import VARIABLES, Variable

Render = Callable[[Context], list[str]]


def recipe(context: Context) -> list[str]:
    """The page's recipe, as an env file."""
    return [f"{name}={value}" for name, value in recipe_of(context).items()]


def recipe_forms(context: Context) -> list[str]:
    """The page's recipe in every form, each under a tab. The tabs of all languages are the same."""
    variables = recipe_of(context)
    lines: list[str] = []
    for form in FORMS.values():
        fence = _fence(form.info, written(variables, form.name))
        lines += [f'=== "{form.label}"', "", *_indented(fence), ""]
    return lines


def program(context: Context, name: str) -> list[str]:
    """A snippet with the page's recipe in every form, each under a tab: files, and what to type."""
    variables = recipe_of(context)
    source = snippets.find(context.snippets, program_file(name), None, str(context.page.path))
    requirement = requirement_of(context.repository)
    lines: list[str] = []
    for form in FORMS.values():
        lines += [f'=== "{form.label}"', ""]
        for part in programs.parts(variables, form.name, source.source, requirement):
            title = part.name or context.strings.get("program", "terminal")
            lines += [*_indented(_fence(f'{part.info} title="{title}"', part.text)), ""]
    return lines


def recipe_table(context: Context) -> list[str]:
    """The variables of the page's recipe: whether its provider needs each, and what it says."""
    words = context.strings
    values = recipe_of(context)
    recipes.check(context.page.recipe or "", context.snippets)
    provider = recipes.provider_named_in(values)
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
            words.get("expected", item.expected.name.lower(), default=item.expected.value).format(
                maximum=MAXIMA.get(item.expected)
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
    """Every provider of the catalogue: its guide, its models, and which variables it knows."""
    rows = (
        (
            _guide_link(context, provider),
            ", ".join(f"`{prefix}/`" for prefix in provider.prefixes),
            _codes(name for name in provider.needs if name != "LLM_MODEL"),
            _codes(provider.may_need()),
        )
        for provider in CATALOGUE.values()
    )
    return _table(context, ("guide", "model", "needs", "may_need"), rows)


def providers_links(context: Context) -> list[str]:
    """A link to the guide of every provider of the catalogue, in one paragraph."""
    return [
        *(_guide_link(context, provider) for provider in CATALOGUE.values()),
        "{: .providers }",
    ]


def _guide_link(context: Context, provider: Provider) -> str:
    here = posixpath.dirname(context.page.name)
    guide = posixpath.relpath(f"llms/{provider.name}.md", here or ".")
    return f"[{provider.title}]({guide})"


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


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
    return [requirement_of(context.repository)]


def requirement_of(repository: str) -> str:
    return f"llmdocs @ git+{repository}"


def mistake(context: Context, name: str) -> list[str]:
    """A mistake as a reader meets it: the wrong values, the right ones, and what comes of it.

    The error and the doctor's verdict are folded. What is wrong has no button to copy it.
    """
    made = mistakes.read(name, context.snippets)
    recipe = recipes.read(made.recipe, context.snippets)
    words = partial(context.strings.get, "mistake")
    shown = {
        "wrong": ("env", "\n".join(made.wrong())),
        "config": ("toml", made.config or ""),
        "right": ("env", "\n".join(made.right(recipe))),
    }
    lines: list[str] = []
    for what, (language, text) in shown.items():
        if text:
            classes = ".right" if what == "right" else ".wrong .no-copy"
            info = f'{{ .{language} {classes} title="{words(what)}" }}'
            lines += ["", *_fence(info, text)]
    error = _fence(f'text title="{words("error")}"', _captured(context, name, "error.txt"))
    verdict = _verdict(_captured(context, name, "doctor.txt"))
    folded = [*error, "", f"**{words('doctor')}**", "", *verdict]
    return [*lines, "", f'??? outcome "{words("outcome")}"', "", *_indented(folded), ""]


# What a verdict names and a reader types: variables, with their values, and commands.
TYPED = re.compile(r"`[^`]+`|\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b(?:=\S*[^\s;,.:])?")
# What Markdown would take for its own.
MARKS = re.compile(r"[\\`*_{}\[\]<>#+!|~&-]")


def _verdict(text: str) -> Iterator[str]:
    """The doctor's words as paragraphs, for a page to wrap: in a terminal they are wrapped too."""
    # Reason and remedy begin two blanks in, and their further lines deeper.
    unwrapped = re.sub(r"\n(?! {2}\w+: )\s*", " ", text.strip())
    for line in unwrapped.split("\n"):
        yield from ("".join(_marked(line.strip())), f"{{: .{VERDICT} }}", "")


def _marked(line: str) -> Iterator[str]:
    """A line of plain text as Markdown, with code where something is typed as it stands."""
    here = 0
    for match in TYPED.finditer(line):
        yield MARKS.sub(r"\\\g<0>", line[here : match.start()])
        yield f"`{match[0].strip('`')}`"
        here = match.end()
    yield MARKS.sub(r"\\\g<0>", line[here:])


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"    {line}".rstrip() for line in lines)


def _captured(context: Context, name: str, ending: str) -> str:
    path = mistakes.file_of(name, ending, context.snippets)
    if not path.is_file():
        raise RecipeError(f"{path} is missing: run `make update` to capture it.")
    return mistakes.text(name, ending, context.snippets)


RENDERERS: dict[str, Render] = {
    "install": install,
    "providers.links": providers_links,
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


def names(folder: Path) -> list[str]:
    """The blocks that a page may show, but for partials: those of a folder's own files too."""
    shown = (MISTAKE + name.replace("/", ".") for name in mistakes.names(folder))
    return [*shown, *_programs(folder), *RENDERERS]


def _programs(folder: Path) -> Iterator[str]:
    for recipe in recipes.names(folder):
        for path in sorted((folder / recipe).glob("*.py")):
            yield f"{PROGRAM}{recipe}.{path.stem}"


def rendered(name: str, context: Context) -> list[str] | None:
    """The lines that a block stands for; None if there is none of that name."""
    if name in RENDERERS:
        return RENDERERS[name](context)
    if name.startswith(PROGRAM):
        known = (context.snippets / program_file(name)).is_file()
        return program(context, name) if known else None
    if not name.startswith(MISTAKE):
        return None
    file = name.removeprefix(MISTAKE).replace(".", "/", 1)
    return mistake(context, file) if mistakes.is_known(file, context.snippets) else None


def _fence(info: str, text: str) -> list[str]:
    """The text as code that it cannot end itself: the marks are longer than any it holds."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    return [f"{marks}{info}", *text.splitlines(), marks]


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
