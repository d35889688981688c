"""The languages of the site, read from `mkdocs.yml` as data: its generator plays no part."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from llmdocs.errors import PageError
from llmdocs.suggestions import did_you_mean

# Its C half reads in a tenth of the time, where PyYAML was built with it.
LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Languages:
    """The site's languages: the `default`, which is translated, and those that have every page.

    `all` has the default too and is in the order of `mkdocs.yml`; `complete` lacks the default,
    which is complete by itself. `addresses` are where the site is, as far as `mkdocs.yml` says so.
    """

    default: str
    all: tuple[str, ...]
    complete: tuple[str, ...]
    addresses: tuple[str, ...] = ()

    def has(self, address: str) -> bool:
        """Whether an address is one of this site's."""
        homes = "|".join(re.escape(home.rstrip("/")) for home in self.addresses)
        return bool(homes) and re.match(rf"(?:{homes})(?=[/?#]|$)", address) is not None


def site_languages(mkdocs_yml: Path) -> Languages:
    """The languages under the i18n plugin, and what the llmdocs plugin says of them.

    Raises `PageError`, with the line, for a declaration that cannot be meant.
    """
    # The node tree has lines, and takes tags that only MkDocs knows, as `!ENV`, for what they are.
    tree = _tree(mkdocs_yml)
    plugins = _plugins(_child(tree, "plugins"))
    declared = _items(_child(plugins.get("i18n"), "languages"))
    if not declared:
        raise PageError(
            f"{mkdocs_yml}:1: no language is declared; list them under the i18n plugin's languages."
        )
    locales = [_locale(mkdocs_yml, language) for language in declared]
    default = _default(mkdocs_yml, declared)
    required = [*_complete(mkdocs_yml, plugins.get("llmdocs"), locales)]
    complete = tuple(locale for locale in required if locale != default)
    titles = [*_titles(_child(tree, "nav"))]
    for language, locale in zip(declared, locales, strict=True):
        if locale in complete:
            _check_menu(mkdocs_yml, titles, language)
    return Languages(
        default=default,
        all=tuple(locales),
        complete=complete,
        addresses=tuple(_addresses(_child(tree, "site_url"))),
    )


def _addresses(site_url: yaml.Node | None) -> Iterator[str]:
    """The address itself; of `!ENV [NAME, address]` what the variable says, and the fallback."""
    items = _items(site_url)
    fallback = _text(items[-1] if items else site_url)
    for address in (*(os.environ.get(_text(name)) for name in items[:-1]), fallback):
        if address:
            yield address


def _default(path: Path, declared: list[yaml.Node]) -> str:
    found = [
        _text(_child(language, "locale"))
        for language in declared
        if _text(_child(language, "default")).lower() == "true"
    ]
    if len(found) != 1:
        raise PageError(
            f"{_place(path, declared[0])}: default: true is said of "
            f"{' and '.join(found) or 'no language'}; say it of the one that the others are "
            "translated from."
        )
    return found[0]


def _complete(path: Path, llmdocs: yaml.Node | None, locales: list[str]) -> Iterator[str]:
    setting = _child(llmdocs, "complete")
    if setting and not isinstance(setting, yaml.SequenceNode):
        raise PageError(f"{_place(path, setting)}: complete is a list of languages, as in [fr].")
    for item in _items(setting):
        locale = _text(item)
        if locale not in locales:
            raise PageError(
                f"{_place(path, item)}: {locale!r} must be complete and is not declared."
                f"{did_you_mean(locale, locales)} The i18n plugin has: {', '.join(locales)}."
            )
        yield locale


def _titles(nav: yaml.Node | None) -> Iterator[yaml.Node]:
    """The titles of the menu, at every depth."""
    for item in _items(nav):
        for title, below in item.value if isinstance(item, yaml.MappingNode) else ():
            yield title
            yield from _titles(below)


def _check_menu(path: Path, titles: list[yaml.Node], language: yaml.Node) -> None:
    """A title of the menu that is renamed, or new, would stand there untranslated."""
    translations = _child(language, "nav_translations")
    pairs = translations.value if isinstance(translations, yaml.MappingNode) else []
    known, translated = [_text(title) for title in titles], [_text(title) for title, _ in pairs]
    for title, _ in pairs:
        if _text(title) not in known:
            raise PageError(
                f"{_place(path, title)}: nav has no title {_text(title)!r}."
                f"{did_you_mean(_text(title), known)} Rename or remove its translation."
            )
    for title in titles:
        if _text(title) not in translated:
            raise PageError(
                f"{_place(path, title)}: {_text(title)!r} has no translation into "
                f"{_text(_child(language, 'locale'))!r}; add it to nav_translations, even if it "
                "is a name."
            )


def _locale(path: Path, language: yaml.Node) -> str:
    locale = _text(_child(language, "locale"))
    if not locale:
        raise PageError(
            f"{_place(path, language)}: this language has no locale; add locale: and the name of "
            "its folder below docs."
        )
    return locale


def _tree(path: Path) -> yaml.Node | None:
    try:
        return yaml.compose(path.read_text("utf-8"), Loader=LOADER)
    except OSError as error:
        raise PageError(f"{path} cannot be read: {error.strerror}.") from None
    except yaml.YAMLError as error:
        raise PageError(f"{path} is not YAML: {error}") from None


def _plugins(plugins: yaml.Node | None) -> dict[str, yaml.Node]:
    """Each plugin's settings by its name. A plugin without settings is its name alone."""
    return {
        _text(key): value
        for plugin in _items(plugins)
        if isinstance(plugin, yaml.MappingNode)
        for key, value in plugin.value
    }


def _child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for name, value in pairs if name.value == key), None)


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _text(node: yaml.Node | None) -> str:
    return node.value if isinstance(node, yaml.ScalarNode) else ""


def _place(path: Path, node: yaml.Node) -> str:
    return f"{path}:{node.start_mark.line + 1}"
