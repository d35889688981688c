"""`llmdocs doctor`: problems with the settings, and how to fix them."""

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
@click.option("--env-file", type=click.Path(path_type=Path), help="Also read this env file.")
@click.option(
    "--config", type=click.Path(path_type=Path), help="Also read [llm] of this TOML file."
)
@click.option("--offline", is_flag=True, help="Check only the settings: make no call.")
@click.option("--call-anyway", is_flag=True, help="Make the call despite problems, if possible.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="How long each call waits for data, unless LLM_TIMEOUT is shorter.",
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
    """Find problems with the settings, and show how to fix them. It changes nothing.

    Prints each setting, its value and its source, like `llmdocs settings`. Then it checks what can
    be checked without a call. If it finds no problem, it makes a minimal completion, and a minimal
    embedding if a model for that is set: with most providers, this costs a fraction of a cent. It
    never prints a key. The exit code is 0 if there is no problem, 1 if there is one, 2 if a file
    cannot be read.

    If it finds a problem, it makes no call. If you are sure that the settings are right, use
    --call-anyway: it makes the call with the settings unchanged, and sends the key to the address
    in them. The problems are still shown, and the exit code is 1.

    \b
    Examples:
      llmdocs doctor
      llmdocs doctor --env-file .env --offline
      llmdocs doctor --call-anyway
      llmdocs doctor --json
    """
    if offline and call_anyway:
        raise click.UsageError(
            "--offline makes no call, and --call-anyway makes one: use only one of them."
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
        click.echo(f"Calling {model} for a minimal {attempt.operation} …", err=True)
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
        return "The provider answered anyway." if all(call["ok"] for call in calls) else ""
    if not calls:
        return "No problem found in the settings. No call was made."
    return click.style("No problem found: the provider answered.", fg="green", bold=True)
