"""`llmdocs doctor`: what is wrong with the settings, and what fixes it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmdocs.cli.output import EXIT_FINDING, EXIT_USAGE, echo, fail, print_json

if TYPE_CHECKING:
    pass


@click.command()
@click.option("--env-file", type=click.Path(path_type=Path), help="Read this env file too.")
@click.option("--config", type=click.Path(path_type=Path), help="Read this TOML file's [llm] too.")
@click.option("--offline", is_flag=True, help="Look at the settings alone: call nothing.")
@click.option("--call-anyway", is_flag=True, help="Call in spite of problems, where that can be.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="How long each call may stay silent, if LLM_TIMEOUT allows as much.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def doctor(
    env_file: Path | None,
    config: Path | None,
    offline: bool,
    call_anyway: bool,
    timeout: float,
    as_json: bool,
) -> None:
    """Tell what is wrong with the settings, why, and what fixes it. It changes nothing.

    Prints each setting, its value and where that came from, as `llmdocs settings` does. Then it
    checks what can be known without a call. If all of that fits, it makes the smallest call there
    is, and one embedding if a model for that is set: at most providers this costs a fraction of a
    cent. No key is ever printed. The exit code is 0 if all is well, 1 if something is wrong, 2 if
    a file cannot be read.

    If something does not fit, it makes no call. You know better? Then --call-anyway makes it with
    the settings unchanged, and sends the key where they lead. The problems are shown all the same,
    and the exit code is 1.

    \b
    Examples:
      llmdocs doctor
      llmdocs doctor --env-file .env --offline
      llmdocs doctor --call-anyway
      llmdocs doctor --json
    """
    if offline and call_anyway:
        raise click.UsageError(
            "--offline makes no call, and --call-anyway makes one: take one out."
        )
    from llmdocs.cli import report
    from llmdocs.doctor.calls import attempts, notes, settings_despite
    from llmdocs.doctor.findings import without_secrets
    from llmdocs.doctor.offline import examine
    from llmdocs.errors import UnreadableFileError

    def say(lines: Iterable[str]) -> None:
        if not as_json:
            echo(lines)

    try:
        examination = examine(env_file, config)
    except UnreadableFileError as error:
        fail(str(error), EXIT_USAGE)
    redaction = examination.redaction
    rows, findings, calls = (
        report.rows(examination.found, redaction, examination.empty),
        [*examination.findings],
        [],
    )
    say([*report.table(rows, with_shadows=True), ""])
    settings = None if offline else examination.settings
    if call_anyway and not settings:
        settings = settings_despite(examination.found)
    for attempt in attempts(settings, timeout) if settings else ():
        model = redaction.value("LLM_MODEL", attempt.model)
        click.echo(f"Calling {model} for the smallest {attempt.operation} …", err=True)
        finding = attempt.make()
        calls.append({"operation": attempt.operation, "model": model, "ok": finding is None})
        if finding:
            findings.append(without_secrets(finding, redaction))
            break
    told = list(examination.notes)
    if calls and settings and not findings:
        told += map(redaction.text, notes(settings, timeout))
    say(f"Note: {note}\n" for note in told)
    for number, finding in enumerate(findings, start=1):
        heading = click.style(f"Problem {number} of {len(findings)}", fg="red", bold=True)
        say([heading, *report.finding_lines(finding), report.guide_line(finding), ""])
    if as_json:
        objects = [report.finding_object(finding) for finding in findings]
        document = {"settings": rows, "findings": objects, "calls": calls, "notes": told}
        print_json({"version": report.JSON_VERSION, **document})
    say([_conclusion(len(findings), calls, call_anyway)])
    sys.exit(EXIT_FINDING if findings else 0)


def _conclusion(problems: int, calls: Sequence[Mapping[str, object]], call_anyway: bool) -> str:
    if problems and not calls:
        possible = "can be" if call_anyway else "was"
        return f"No call {possible} made: fix the settings first."
    if problems:
        return "The provider answers all the same." if all(call["ok"] for call in calls) else ""
    if not calls:
        return "The settings fit together. No call was made."
    return click.style("All is well: the provider answers.", fg="green", bold=True)
