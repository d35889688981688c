"""The `llmdocs` command."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from llmdocs.cli.doctor import doctor
from llmdocs.cli.guide import guide
from llmdocs.cli.mock import mock
from llmdocs.cli.output import EXIT_FINDING, EXIT_USAGE, fail
from llmdocs.cli.recipe import recipe
from llmdocs.cli.settings import settings


class Commands(click.Group):
    """A group whose complaints show no key that was typed, and no traceback."""

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """Parse the group's own arguments."""
        with _without_keys():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Parse those of a command, and run it."""
        with _without_keys(), _as_a_line():
            return super().invoke(ctx)


@contextmanager
def _without_keys() -> Iterator[None]:
    try:
        yield
    except click.UsageError as error:
        from llmdocs.redaction.secrets import without_secrets

        error.message = without_secrets(error.message)  # type: ignore[misc]  # as click's own do
        raise


@contextmanager
def _as_a_line() -> Iterator[None]:
    """End with the message of an error that is told on purpose, or of what is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        # What the site is built with in a clone does without it.
        if error.name == "litellm":
            fail("litellm is not installed. In a clone: make .venv/installed", EXIT_FINDING)
        raise
    except Exception as error:
        # Imported here: it takes longer than the rest of this module.
        from llmdocs.errors import LLMDocsError

        if isinstance(error, LLMDocsError):
            fail(str(error), EXIT_USAGE)
        raise


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="llmdocs")
def main() -> None:
    """Connect programs to LLM backends: print recipes, check settings, test without an account.

    \b
    Examples:
      llmdocs recipe azure --as docker
      llmdocs settings
      llmdocs doctor
      llmdocs mock --recipe openai -- python ask.py
      llmdocs guide check
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal of another encoding than UTF-8 shows what it can.
            stream.reconfigure(errors="backslashreplace")


for command in (settings, doctor, recipe, mock, guide):
    main.add_command(command)
