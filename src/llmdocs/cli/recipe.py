"""`llmdocs recipe`: a recipe in the format that a program or a shell reads."""

from __future__ import annotations

from collections.abc import Collection

import click

from llmdocs.cli.output import EXIT_USAGE, fail


def _providers(_: click.Context, __: click.Parameter, typed: str) -> list[str]:
    """What a shell may complete the name of a provider to."""
    from llmdocs import recipes

    return [name for name in recipes.providers() if name.startswith(typed)]


def _forms(_: click.Context, __: click.Parameter, typed: str) -> list[str]:
    from llmdocs.recipes.forms import FORMS

    return [name for name in FORMS if name.startswith(typed)]


def _assignments(_: click.Context, __: click.Parameter, typed: str) -> list[str]:
    from llmdocs.settings.variables import VARIABLES

    return [f"{name}=" for name in VARIABLES if name.startswith(typed)]


@click.command()
@click.argument("provider", required=False, shell_complete=_providers)
@click.option(
    "--as",
    "form",
    metavar="FORMAT",
    shell_complete=_forms,
    help="env (the default), bash, fish, powershell, docker, compose, toml or python.",
)
@click.option(
    "--set",
    "assignments",
    metavar="NAME=VALUE",
    multiple=True,
    shell_complete=_assignments,
    help="Set or add a variable in the recipe. An empty VALUE removes it. Can be used several "
    "times.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def recipe(
    provider: str | None, form: str | None, assignments: tuple[str, ...], as_json: bool
) -> None:
    """Print the recipe of PROVIDER in the format that your program or shell reads.

    Without PROVIDER, print the providers that have a recipe, one per line. Values are quoted as
    the format requires, and in a container, `localhost` is replaced with an address that works
    there. The exit code is 2 for an unknown name, and for a value that is invalid or that the
    format cannot represent.

    \b
    Examples:
      llmdocs recipe
      llmdocs recipe openai > .env
      llmdocs recipe ollama --as docker
      llmdocs recipe azure --as fish --set LLM_API_KEY="$MY_KEY"
    """
    import json

    from llmdocs import recipes

    providers = recipes.providers()
    if provider is None:
        if form is not None or assignments:
            fail("--as and --set need a provider: llmdocs recipe PROVIDER", EXIT_USAGE)
        _print_whole(json.dumps(providers) if as_json else "\n".join(providers))
        return
    if as_json and form is not None:
        fail("--json is a format of its own: omit --as.", EXIT_USAGE)
    _known("provider", provider, providers)
    from llmdocs.errors import FormError, SettingsError
    from llmdocs.recipes.forms import FORMS, written

    form = form or "env"
    _known("format", form, FORMS)
    try:
        variables = _with_assignments(provider, assignments)
        text = json.dumps(variables, indent=2) if as_json else written(variables, form)
    except (FormError, SettingsError) as error:
        fail(str(error), EXIT_USAGE)
    _print_whole(text)


def _known(what: str, name: str, known: Collection[str]) -> None:
    from llmdocs.suggestions import did_you_mean

    if name not in known:
        fail(
            f"There is no {what} {name!r}.{did_you_mean(name, known)} "
            f"The {what}s are: {', '.join(known)}.",
            EXIT_USAGE,
        )


def _with_assignments(provider: str, assignments: tuple[str, ...]) -> dict[str, str]:
    """A recipe with a reader's own values. Raises `SettingsError` for one that does not fit."""
    from llmdocs import recipes
    from llmdocs.errors import SettingsError
    from llmdocs.settings.settings import Settings
    from llmdocs.settings.sources import SourcedValue

    variables = recipes.read(provider)
    given: set[str] = set()
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            # What was typed may be a key alone: it is not shown.
            raise SettingsError("--set: this is not NAME=VALUE: it contains no =.")
        variables[name] = value
        given.add(name)
    found = [
        SourcedValue(name, value, "--set" if name in given else f"recipe {provider}", name)
        for name, value in variables.items()
    ]
    Settings.of(found)
    return {name: value for name, value in variables.items() if value}


def _print_whole(text: str) -> None:
    """Print UTF-8 that ends with one line end, whatever the locale and the system's line ends."""
    click.echo(text.removesuffix("\n").encode())
