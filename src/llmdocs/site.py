"""The MkDocs plugin: a thin adapter over `llmdocs.pages`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment
from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.utils import get_relative_url

from llmdocs.errors import LLMDocsError
from llmdocs.pages import search
from llmdocs.pages.expand import expand
from llmdocs.pages.facts import Context
from llmdocs.pages.foreign import marked
from llmdocs.pages.freshness import Originals
from llmdocs.pages.notices import stale_notices
from llmdocs.pages.page import read
from llmdocs.pages.site_languages import site_languages
from llmdocs.pages.strings import Strings


class LlmdocsConfig(Config):  # type: ignore[no-untyped-call]  # MkDocs leaves it untyped
    """What `mkdocs.yml` says to the plugin.

    The repository that readers install from, and the languages that must have every page.
    """

    repository = config_options.Type(str)
    complete = config_options.ListOfItems(config_options.Type(str), default=[])
    snippets = config_options.Dir(default="snippets", exists=True)


class LlmdocsPlugin(BasePlugin[LlmdocsConfig]):  # type: ignore[no-untyped-call]
    """Expands each page's embeds, facts and blocks before MkDocs renders it; indexes the site."""

    def on_config(self, config: MkDocsConfig, /) -> None:
        """Refuse languages that cannot be meant before a page is built."""
        try:
            languages = site_languages(Path(config.config_file_path))
        except LLMDocsError as error:
            raise PluginError(str(error)) from None
        self._originals = Originals(Path(config.docs_dir), languages.default)

    def on_page_markdown(
        self, markdown: str, /, *, page: MkDocsPage, config: MkDocsConfig, files: Files
    ) -> str:
        docs = Path(config.docs_dir)
        context = self._context(docs, *_language_and_name(page, docs))
        try:
            return expand(context, self._notices(context, page))
        except LLMDocsError as error:
            raise PluginError(str(error)) from None

    def _notices(self, context: Context, page: MkDocsPage) -> dict[int, list[str]]:
        """What the reader of a stale translation is told, with a link to the original."""
        if context.page.language == self._originals.language:
            return {}
        original: File = page.file.alternates[self._originals.language]  # type: ignore[attr-defined]
        address = get_relative_url(original.url, page.url)
        return stale_notices(context.page, self._originals, context.strings, address)

    def on_page_content(
        self, html: str, /, *, page: MkDocsPage, config: MkDocsConfig, files: Files
    ) -> str:
        language, _ = _language_and_name(page, Path(config.docs_dir))
        return marked(html, language)

    def _context(self, docs: Path, language: str, name: str) -> Context:
        return Context(
            page=read(docs, language, name),
            docs=docs,
            snippets=Path(self.config.snippets),
            repository=self.config.repository,
        )

    def on_env(self, env: Environment, /, *, config: MkDocsConfig, files: Files) -> None:
        """Give templates the words of the interface, in the language that is being built."""
        i18n: Any = config.plugins["i18n"]
        env.globals["words"] = Strings(Path(config.docs_dir), i18n.current_language).get

    # After the i18n plugin, which builds the other languages in its own turn.
    @event_priority(-200)
    def on_post_build(self, /, *, config: MkDocsConfig) -> None:
        i18n: Any = config.plugins["i18n"]
        if i18n.building:
            return
        try:
            search.index(Path(config.site_dir))
        except LLMDocsError as error:
            raise PluginError(str(error)) from None

    def on_serve(self, server: object, /, *, config: MkDocsConfig, builder: object) -> None:
        """Rebuild when a snippet or a word of the interface changes, not pages alone."""
        watch = getattr(server, "watch", None)
        if watch:
            watch(self.config.snippets)


def _language_and_name(page: MkDocsPage, docs: Path) -> tuple[str, str]:
    """The language that a page is written in, and its path below that language's folder."""
    source = Path(page.file.abs_src_path or "").relative_to(docs)
    return source.parts[0], Path(*source.parts[1:]).as_posix()
