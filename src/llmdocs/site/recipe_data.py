"""What the site's script writes recipes from: the same files that the pages are written from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from llmdocs import recipes
from llmdocs.catalogue.addresses import HOST_OF_CONTAINERS
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.pages.render.blocks import requirement_of
from llmdocs.recipes.forms import COMMAND, FOLDER, FORMS, IMAGE, MACHINE_MAPPING, NUMERIC
from llmdocs.settings.sources import field_of
from llmdocs.settings.variables import VARIABLES

FILE = Path("assets/recipes.json")
NEEDS = ("chat", "stream", "embed")
# What a reader puts a value of their own in place of, within a value.
PLACEHOLDER = re.compile(r"\byour-[a-z-]+")


def recipe_data(snippets: Path, requirement: str) -> dict[str, Any]:
    """The recipes of all providers, their programs, and what the formats are made with.

    `own` are the values that a reader may put in, each with the text that it takes the place of. A
    key is none of them: it is never typed into a page.
    """
    return {
        "requirement": requirement,
        "forms": {form.label: form.name for form in FORMS.values()},
        "fields": {name: field_of(name) for name in VARIABLES},
        "numeric": [name for name, item in VARIABLES.items() if item.expected in NUMERIC],
        "container": {
            "host": HOST_OF_CONTAINERS,
            "mapping": MACHINE_MAPPING,
            "image": IMAGE,
            "folder": FOLDER,
            "command": COMMAND,
        },
        "providers": {name: _provider(name, snippets) for name in recipes.providers(snippets)},
    }


def _provider(name: str, snippets: Path) -> dict[str, Any]:
    variables = recipes.read(name, snippets)
    files = {need: snippets / name / f"{need}.py" for need in NEEDS}
    return {
        "title": CATALOGUE[name].title,
        "variables": [*variables.items()],
        "own": [*_own(variables)],
        "programs": {
            need: file.read_text("utf-8") for need, file in files.items() if file.is_file()
        },
    }


def _own(variables: Mapping[str, str]) -> Iterator[dict[str, str]]:
    for name, value in variables.items():
        if VARIABLES[name].secret:
            continue
        found = PLACEHOLDER.search(value)
        replaced = found[0] if found else value
        key = replaced.removeprefix("your-") if found else field_of(name)
        yield {"key": key, "variable": name, "text": replaced, "field": field_of(name)}


def write(site: Path, snippets: Path, repository: str) -> None:
    """Write the data beside the script. Raises `RecipeError`."""
    found = recipe_data(snippets, requirement_of(repository))
    data = json.dumps(found, separators=(",", ":"), ensure_ascii=False)
    (site / FILE).write_text(data, "utf-8")
