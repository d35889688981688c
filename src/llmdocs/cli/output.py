"""Output of every command: how it is printed, and the codes that commands end with."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import NoReturn

import click

EXIT_FINDING = 1
EXIT_USAGE = 2


def echo(lines: Iterable[str]) -> None:
    """Print lines; in colour on a terminal only, and where NO_COLOR is unset (no-color.org)."""
    import os

    for line in lines:
        click.echo(line, color=False if os.environ.get("NO_COLOR") else None)


def print_json(document: object) -> None:
    import json

    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def fail(message: str, code: int) -> NoReturn:
    """End with a message, without the secrets that what was typed or read may hold."""
    from llmdocs.redaction.secrets import without_secrets

    click.echo(f"llmdocs: {without_secrets(message)}", err=True)
    sys.exit(code)
