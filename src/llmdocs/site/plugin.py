"""The MkDocs plugin: a thin adapter over `llmdocs.pages`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, cast

import griffe
from jinja2 import Environment
from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure import StructureItem
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.nav import Section as MkDocsSection
from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.utils import write_file
from mkdocs.utils.templates import TemplateContext
from mkdocstrings import CollectionError

from llmdocs.errors import LLMDocsError, PageError
from llmdocs.pages import addresses, search
from llmdocs.pages.languages import site_languages
from llmdocs.pages.page import Page, languages, read, read_all
from llmdocs.pages.render import llms_txt
from llmdocs.pages.render.docstrings import docstrings
from llmdocs.pages.render.expand import expand
from llmdocs.pages.render.facts import Context
from llmdocs.pages.render.html import marked, named
from llmdocs.pages.render.notices import stale_notices
from llmdocs.pages.render.plain_markdown import Twins, twin
from llmdocs.pages.rules import built_page, html_policy, published
from llmdocs.pages.rules.active_content import active_content
from llmdocs.pages.strings import Strings, read_words
from llmdocs.pages.translation.freshness import Originals
from llmdocs.site import recipe_data
from llmdocs.site.directives import Directives
from llmdocs.site.schemes import write_dark
from llmdocs.site.templates import once, sources
from llmdocs.site.tested import with_note

MISSING = "404.html"
# Extensions of Markdown that put a file into a page by themselves, wherever it is.
READ_FILES = ("pymdownx.b64", "pymdownx.snippets", "markdown_include.include")


class LlmdocsConfig(Config):  # type: ignore[no-untyped-call]  # MkDocs leaves it untyped
    """What `mkdocs.yml` says to the plugin.

    The repository that readers install from, and the languages that must have every page.
    """

    repository = config_options.Type(str)
    complete = config_options.ListOfItems(config_options.Type(str), default=[])
    snippets = config_options.Dir(default="snippets", exists=True)


class LlmdocsPlugin(BasePlugin[LlmdocsConfig]):  # type: ignore[no-untyped-call]
    """Expands each page, publishes it as Markdown too, and indexes the site for the search."""

    def __init__(self) -> None:
        # Of the language that is being built: static-i18n builds one after the other.
        self._markdown: dict[Page, str] = {}
        self._nav: Navigation | None = None
        self._scripts = built_page.Scripts((), frozenset())
        self._serving = False

    def on_startup(
        self, /, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool
    ) -> None:
        self._serving = command == "serve"

    def _check_files(self, config: MkDocsConfig, /) -> None:
        """Refuse what is not to be read or published, before anything is."""
        self._markdown, self._nav = {}, None
        i18n: Any = config.plugins["i18n"]
        if i18n.building:
            # Another language of the same files.
            return
        root = Path(config.config_file_path).parent
        docs, *others = (
            os.path.relpath(folder, root)
            for folder in (config.docs_dir, self.config.snippets, config.theme.custom_dir)
            if folder
        )
        wrong = [
            f"{path}:{line}: {message}"
            for path, line, message in published.wrong_files(root, (docs, *others), docs)
        ]
        wrong += [] if wrong else [*_wrong_partials(Path(config.docs_dir))]
        wrong += [
            f"{config.config_file_path}: the extension {name} reads files by itself; take it out, "
            'and embed code with --8<-- "folder/file.py".'
            for name in READ_FILES
            if name in config.markdown_extensions
        ]
        if wrong:
            raise PluginError("\n".join(wrong))

    def _read_languages(self, config: MkDocsConfig, /) -> None:
        """Refuse languages that cannot be meant before a page is built."""
        try:
            languages = site_languages(Path(config.config_file_path))
        except LLMDocsError as error:
            raise PluginError(str(error)) from None
        docs = Path(config.docs_dir)
        self._originals = Originals(docs, languages.default, read_all(docs, languages.default))

    # After static-i18n, which says here what language it builds.
    @event_priority(-101)
    def _fix_i18n(self, config: MkDocsConfig, /) -> None:
        # Each language's build writes `objects.inv` over: the first is the default language's.
        if _language(config) != _languages(config).default:
            config.plugins["mkdocstrings"].config.enable_inventory = False
        # static-i18n leaves the last page's language links to pages that have none of their own.
        extra: Any = config.extra
        extra.alternate = extra.get("alternate")
        config.markdown_extensions.append(Directives())  # type: ignore[arg-type]
        for key in ("site_name", "site_description", "copyright"):
            for problem in html_policy.problems(config[key] or "", html_policy.IN_ARTICLE):
                raise PluginError(f"{config.config_file_path}: {key}: {problem}")

    on_config = CombinedEvent(_check_files, _read_languages, _fix_i18n)

    def on_files(self, files: Files, /, *, config: MkDocsConfig) -> Files:
        """Whatever another plugin or the theme adds comes from the theme or from this checkout."""
        homes = [Path(folder).resolve() for folder in (config.docs_dir, *config.theme.dirs)]
        for file in files:
            source = Path(file.abs_src_path).resolve() if file.abs_src_path else None
            if source and not any(source.is_relative_to(home) for home in homes):
                raise PluginError(
                    f"{file.src_uri} would be published from {source}, which is outside of the "
                    "site; put a copy below docs/."
                )
        return files

    def on_nav(self, nav: Navigation, /, *, config: MkDocsConfig, files: Files) -> Navigation:
        for title in _titles(nav.items):
            _check_title(title, config.config_file_path)
        return nav

    def on_page_markdown(
        self, markdown: str, /, *, page: MkDocsPage, config: MkDocsConfig, files: Files
    ) -> str:
        source = _source(page, config)
        try:
            for line, message in active_content(source):
                raise PageError(f"{source.path}:{line}: {message}")
            for key, value in source.front_matter.items():
                # To compare lists of aliases to lists would take for ever.
                if not isinstance(value, str):
                    raise PageError(f"{source.path}:1: {key} is no text; write it between quotes.")
            if page.meta != source.front_matter:
                raise PageError(
                    f"{source.path}:1: MkDocs reads another front matter than the checks; begin "
                    "the file with a line of three hyphens, and end the front matter with one."
                )
            context = self._context(source, config)
            body = expand(context, partial(self._notices, context, config))
            named = partial(_docstrings, config, source)
            self._markdown[source] = twin(source, body, _twins(config), named)
        except LLMDocsError as error:
            raise PluginError(str(error)) from None
        return body

    def _notices(
        self, context: Context, config: MkDocsConfig, translated: Page
    ) -> dict[int, list[str]]:
        """What the reader of a stale translation is told, with a link to the original page."""
        default = self._originals.language
        if translated.language == default:
            return {}
        address = _twins(config).page(read(context.docs, default, context.page.name))
        return stale_notices(translated, self._originals, context.strings, address)

    def on_page_content(
        self, html: str, /, *, page: MkDocsPage, config: MkDocsConfig, files: Files
    ) -> str:
        view = _view(page, config)
        source = _source(page, config)
        try:
            aliases = read_words(search.file_of(Path(config.docs_dir), source.language))
            html = search.with_aliases(html, source.name, aliases)
            words = Strings(Path(config.docs_dir), source.language)
            html = with_note(html, source, words, Path(config.config_file_path).parent)
        except LLMDocsError as error:
            raise PluginError(str(error)) from None
        html = marked(named(html, words, source), view.written_in)
        return addresses.in_language(html, view.written_in) if view.is_fallback else html

    def on_page_context(
        self,
        context: TemplateContext,
        /,
        *,
        page: MkDocsPage,
        config: MkDocsConfig,
        nav: Navigation,
    ) -> None:
        """Tell the template how the page is shown: translated or not, and where else it is."""
        self._nav = nav
        _check_title(str(page.title), str(_source(page, config).path))
        source = _source(page, config)
        cast(dict[str, Any], context).update(
            view=_view(page, config),
            twin=_twins(config).path(source),
            source=f"docs/{source.language}/{source.name}",
        )

    def _write_markdown(self, /, *, config: MkDocsConfig) -> None:
        """Write what is for machines, of the language that has been built."""
        language, twins = _language(config), _twins(config)
        strings = Strings(Path(config.docs_dir), language)
        home = twins.home(language)
        site = llms_txt.Site(config.site_name, config.site_description or "", home, strings)
        listed = [*_sections(self._nav.items if self._nav else [], config)]
        pages = [_source(page, config) for page in (self._nav.pages if self._nav else [])]
        files = {
            twins.path(page): text
            for page, text in self._markdown.items()
            if page.language == language
        }
        folder = home.removeprefix(twins.site_url)
        files[f"{folder}llms.txt"] = site.index(listed)
        files[f"{folder}llms-full.txt"] = site.full(self._markdown[page] for page in pages)
        for name, text in files.items():
            path = Path(config.site_dir, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        self._markdown, self._nav = {}, None

    def _context(self, page: Page, config: MkDocsConfig) -> Context:
        return Context(
            page=page,
            docs=Path(config.docs_dir),
            snippets=Path(self.config.snippets),
            repository=self.config.repository,
        )

    def on_env(self, env: Environment, /, *, config: MkDocsConfig, files: Files) -> None:
        """Give the templates the site's languages, their words, and where each page is."""
        docs, languages = Path(config.docs_dir), _languages(config)
        self._scripts = built_page.scripts_of(
            sources(env, config), map(str, config.extra_javascript), reloading=self._serving
        )
        env.globals.update(
            built_language=_language(config),
            site_languages=languages,
            words=lambda language: Strings(docs, language),
            view_of=lambda language, name: addresses.view(docs, languages, language, name),
            views=lambda: addresses.views(docs, languages),
            titles=lambda: addresses.titles(docs, languages),
            once=once(),
            version=version("llmdocs"),
        )

    # After every other plugin: nothing is put into the page any more.
    @event_priority(-300)
    def on_post_page(self, output: str, /, *, page: MkDocsPage, config: MkDocsConfig) -> str:
        return self._finished(output, str(_source(page, config).path), config)

    def _finished(self, html: str, place: str, config: MkDocsConfig) -> str:
        try:
            return built_page.finish(html, place, self._scripts, config.site_url or "")
        except LLMDocsError as error:
            raise PluginError(str(error)) from None

    def on_post_template(self, output: str, /, *, template_name: str, config: MkDocsConfig) -> str:
        """Each language has a page for missing addresses; the default's is that of the site."""
        if template_name.endswith(".html"):
            output = self._finished(output, template_name, config)
        language = _language(config)
        if template_name != MISSING or language == _languages(config).default:
            return output
        write_file(output.encode(), str(Path(config.site_dir, language, MISSING)))
        # MkDocs writes no empty file: the page of the site stays.
        return ""

    # After the i18n plugin, which builds the other languages in its own turn.
    @event_priority(-200)
    def _index(self, /, *, config: MkDocsConfig) -> None:
        i18n: Any = config.plugins["i18n"]
        if i18n.building:
            return
        try:
            site = Path(config.site_dir)
            search.index(site)
            write_dark(site, Path(config.docs_dir, "assets/extra.css"))
            recipe_data.write(site, Path(self.config.snippets), self.config.repository)
        except LLMDocsError as error:
            raise PluginError(str(error)) from None

    on_post_build = CombinedEvent(_write_markdown, _index)


def _wrong_partials(docs: Path) -> Iterator[str]:
    """What partials may not say: MkDocs knows nothing of them."""
    for page in (page for language in languages(docs) for page in read_all(docs, language)):
        if page.is_partial:
            yield from (f"{page.path}:{line}: {said}" for line, said in active_content(page))


def _titles(items: Sequence[StructureItem]) -> Iterator[str]:
    """The titles that `mkdocs.yml` gives. A page's own is known once the page is read."""
    for item in items:
        if item.title is not None:
            yield str(item.title)
        if isinstance(item, MkDocsSection):
            yield from _titles(item.children)


def _check_title(title: str, place: str) -> None:
    """Templates print titles as HTML, as a heading's are."""
    for problem in html_policy.problems(title, html_policy.IN_TITLE):
        raise PluginError(f"{place}: the title {title!r}: {problem}")


def _source(page: MkDocsPage, config: MkDocsConfig) -> Page:
    """The page as a file; its language is not the built one if it is not translated."""
    docs = Path(config.docs_dir)
    source = Path(page.file.abs_src_path or "").relative_to(docs)
    return read(docs, source.parts[0], Path(*source.parts[1:]).as_posix())


def _language(config: MkDocsConfig) -> str:
    """The language that is being built."""
    i18n: Any = config.plugins["i18n"]
    return str(i18n.current_language)


def _languages(config: MkDocsConfig) -> addresses.SiteLanguages:
    """What `mkdocs.yml` declares."""
    i18n: Any = config.plugins["i18n"]
    names = {language.locale: language.name for language in i18n.config.languages if language.build}
    return addresses.SiteLanguages(names, i18n.default_language)


def _twins(config: MkDocsConfig) -> Twins:
    return Twins(config.site_url or "/", Path(config.docs_dir), _languages(config))


def _view(page: MkDocsPage, config: MkDocsConfig) -> addresses.View:
    name = Path(page.file.src_uri)
    return addresses.view(
        Path(config.docs_dir),
        _languages(config),
        _language(config),
        name.relative_to(name.parts[0]).as_posix(),
    )


def _docstrings(config: MkDocsConfig, page: Page, name: str, level: int) -> list[str]:
    mkdocstrings: Any = config.plugins["mkdocstrings"]
    handler = mkdocstrings.get_handler("python")
    options = handler.get_options({})
    try:
        # A name that a module imports has its docstring elsewhere.
        return [*docstrings(handler.collect(name, options), name, level, options.filters)]
    except (CollectionError, griffe.AliasResolutionError) as error:
        line = next(number for number, text in page.lines if text.split() == [":::", name])
        found = "nothing" if isinstance(error, CollectionError) else "no docstring of its own"
        raise PageError(f"{page.path}:{line}: the code has {found} by the name {name!r}.") from None


def _sections(items: Sequence[StructureItem], config: MkDocsConfig) -> Iterator[llms_txt.Section]:
    """The navigation by its first level; pages of that level that follow each other are one."""
    for is_section, group in groupby(items, key=lambda item: isinstance(item, MkDocsSection)):
        if is_section:
            for section in group:
                yield llms_txt.Section(section.title, [*_entries([section], config)])
        else:
            yield llms_txt.Section(None, [*_entries([*group], config)])


def _entries(items: Sequence[StructureItem], config: MkDocsConfig) -> Iterator[llms_txt.Entry]:
    for item in items:
        if isinstance(item, MkDocsSection):
            yield from _entries(item.children, config)
        elif isinstance(item, MkDocsPage):
            source = _source(item, config)
            yield llms_txt.Entry(
                title=str(item.title),
                address=_twins(config).address(source),
                description=str(item.meta.get("description", "")),
                language=source.language,
            )
