"""`llmdocs settings`: what is set, and where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmdocs.cli.output import EXIT_FINDING, EXIT_USAGE, echo, fail, print_json

if TYPE_CHECKING:
    from llmdocs.settings.sources import SourcedValue


@click.command()
@click.option("--env-file", type=click.Path(path_type=Path), help="Also read this env file.")
@click.option(
    "--config", type=click.Path(path_type=Path), help="Also read [llm] of this TOML file."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def settings(env_file: Path | None, config: Path | None, as_json: bool) -> None:
    """Print each LLM_* variable, its current value and its source.

    A secret is shown as "set". Values come from the environment, then the env file, then the
    TOML file, then the defaults. The exit code is 1 if a name or a value is invalid, 2 if a file
    cannot be read.

    \b
    Examples:
      llmdocs settings
      llmdocs settings --env-file .env
      llmdocs settings --json
    """
    from llmdocs.errors import SettingsError, UnreadableFileError
    from llmdocs.settings.reading import read_sources, redaction_of
    from llmdocs.settings.settings import Settings
    from llmdocs.settings.sources import in_force, read_foreign

    found: list[SourcedValue] = []
    foreign: dict[str, SourcedValue] = {}
    try:
        found, foreign = read_sources(env_file, config), read_foreign(env_file)
        if "LLM_MODEL" in in_force(found):
            Settings.load(env_file, config)
        else:
            Settings.load(env_file, config, model="unset")
            click.echo("LLM_MODEL is not set: no model can be called yet.", err=True)
    except UnreadableFileError as error:
        fail(str(error), EXIT_USAGE)
    except SettingsError as error:
        fail(str(error), EXIT_FINDING)
    from llmdocs.cli import report

    rows = report.rows(found, redaction_of(found, foreign))
    if as_json:
        print_json(rows)
        return
    echo(report.table(rows))
