"""The `llmdocs` command."""

from __future__ import annotations

import io
import sys

import click

from llmdocs.cli.guide import guide
from llmdocs.cli.look import doctor, settings
from llmdocs.cli.mock import mock
from llmdocs.cli.recipe import recipe


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="llmdocs")
def main() -> None:
    """Connect programs to LLM backends: print a recipe, see what is wrong, try without an account.

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
