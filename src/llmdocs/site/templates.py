"""Templates of the site: their sources, and what they call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig

# Where the theme's scripts are, besides the templates of our own.
THEME_SCRIPTS = (
    "base.html",
    "partials/javascripts/base.html",
    "partials/javascripts/content.html",
    "partials/javascripts/palette.html",
)


def sources(env: Environment, config: MkDocsConfig) -> Iterator[str]:
    """The sources of the templates that have scripts: of the theme, and all of our own."""
    for name in THEME_SCRIPTS:
        source, *_ = env.loader.get_source(env, name) if env.loader else ("",)
        yield source
    for path in sorted(Path(config.theme.custom_dir or "").rglob("*.html")):
        yield path.read_text("utf-8")


def once() -> Callable[..., str]:
    """What a template calls a block with: its text, rendered once for each value of `key`."""
    rendered: dict[tuple[object, ...], str] = {}

    def once(*key: object, caller: Callable[[], str]) -> str:
        if key not in rendered:
            rendered[key] = caller()
        return rendered[key]

    return once
