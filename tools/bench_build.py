"""What building the site costs, against the same pages in stock Material and static-i18n.

`make bench` runs it, and fails where ours costs too much. The pages are copies of our own, as many
as asked for in each language that has every page. Our side gets them as they are written, with the
repository's `mkdocs.yml`; the stock side gets what they expand to. Both have the API page, and so
mkdocstrings.
Each build is a process of its own, measured in seconds of user CPU with its children.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from mkdocs.utils.yaml import yaml_load

from llmdocs.pages.page import PARTIALS, languages, read_all
from llmdocs.pages.render.expand import expand
from llmdocs.pages.render.facts import Context
from tests.support.site_files import COMPLETE_LANGUAGES, DOCS, ROOT, SNIPPETS

# Pages of a language, and how often they are built: the least of the seconds counts, as other
# programs on the machine can only add to them.
ROUNDS = {20: 3, 400: 1}
# What the site may cost, times stock; and a page in the largest site, times one in the smallest.
LIMIT = 1.2
GROWTH_LIMIT = 1.25
REPOSITORY = "https://code.example/x"
# Both sides render it with mkdocstrings, and once: a name can be documented in one place only.
API_PAGE = "reference/api.md"
DOCSTRINGS = ("autorefs", "mkdocstrings")
# What copies cannot keep: a copy that is cut short has links to pages that are not in it.
VALIDATION = {"links": dict.fromkeys(("not_found", "anchors"), "info")}


def make_ours(folder: Path, count: int) -> None:
    """Our site with `count` pages in each language, in a new folder."""
    shutil.copytree(ROOT / "overrides", folder / "overrides")
    shutil.copytree(SNIPPETS, folder / "snippets")
    _make_docs(folder / "docs", count)
    shutil.copyfile(ROOT / "mkdocs.yml", folder / "ours.yml")
    # A site that is cut short has no use for some of the menu's translations.
    plugins = _configuration()["plugins"]
    next(entry["llmdocs"] for entry in plugins if "llmdocs" in entry)["complete"] = []
    _configure(folder, count, base="ours.yml", plugins=plugins)


def make_stock(folder: Path, count: int) -> None:
    """The same pages in a new folder, already expanded, with no part of ours."""
    docs = folder / "docs"
    _make_docs(docs, count)
    (folder / "overrides").mkdir()
    for language in languages(docs):
        pages = [page for page in read_all(docs, language) if not page.is_partial]
        for page in pages:
            body = expand(Context(page, docs, SNIPPETS, REPOSITORY))
            page.path.write_text(f"---\n{yaml.safe_dump(page.front_matter)}---\n{body}", "utf-8")
        shutil.rmtree(docs / language / PARTIALS)
    shutil.copyfile(ROOT / "mkdocs.yml", folder / "ours.yml")
    plugins = _plugins()
    i18n = {**plugins["i18n"], "reconfigure_search": True}
    _configure(
        folder,
        count,
        base="ours.yml",
        plugins=["search", {"i18n": i18n}, *({name: plugins[name]} for name in DOCSTRINGS)],
        watch=[],
        extra_css=[],
        extra_javascript=[],
    )


def build(folder: Path) -> float:
    """Build the site in a folder; the seconds of user CPU that this took, with all children."""
    environment = {**os.environ, "LLMDOCS_REPOSITORY": REPOSITORY, "NO_MKDOCS_2_WARNING": "1"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet"],
        cwd=folder,
        env=environment,
        check=True,
    )
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def _make_docs(docs: Path, count: int) -> None:
    docs.mkdir(parents=True)
    (docs.parent / "src").symlink_to(ROOT / "src")
    shutil.copytree(DOCS / "assets", docs / "assets")
    for language in COMPLETE_LANGUAGES:
        shutil.copyfile(DOCS / language / "strings.toml", _made(docs / language / "strings.toml"))
        shutil.copytree(DOCS / language / PARTIALS, docs / language / PARTIALS)
        for name, original in _copies(count):
            shutil.copyfile(DOCS / language / original, _made(docs / language / name))


def _copies(count: int) -> Iterator[tuple[str, str]]:
    """The names of `count` pages, and that of ours which each is a copy of.

    The first copies stand where ours do, the others in folders of their own, so that the links
    between the pages of a copy hold.
    """
    yield API_PAGE, API_PAGE
    names = [name for name in _names(_configuration()["nav"]) if name != API_PAGE]
    for number in range(count - 1):
        copy, place = divmod(number, len(names))
        yield (f"copy-{copy}/" if copy else "") + names[place], names[place]


def _configure(folder: Path, count: int, *, base: str, **changes: Any) -> None:
    """The configuration of `base` with the navigation of the copies, and `changes`."""
    written = {name for name, _ in _copies(count)}
    copies = sorted({name.partition("/")[0] for name in written if name.startswith("copy-")})
    nav = _configuration()["nav"]
    whole = [*_kept(nav, "", written)]
    for copy in copies:
        # Every copy's sections are beside ours, as in a site that has grown.
        whole += _kept(nav, f"{copy}/", written)
    document = {"INHERIT": base, "nav": whole, "validation": VALIDATION, **changes}
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")


def _kept(nav: list[Any], prefix: str, names: set[str]) -> list[Any]:
    """A navigation of the pages that are in `names` once `prefix` is before them."""
    kept: list[Any] = []
    for entry in nav:
        title, target = next(iter(entry.items())) if isinstance(entry, dict) else ("", entry)
        if isinstance(target, list):
            target = _kept(target, prefix, names)
        elif prefix + target in names:
            target = prefix + target
        else:
            continue
        if target:
            kept.append({title: target} if title else target)
    return kept


def _names(nav: list[Any]) -> Iterator[str]:
    for entry in nav:
        target = next(iter(entry.values())) if isinstance(entry, dict) else entry
        if isinstance(target, list):
            yield from _names(target)
        else:
            yield target


def _configuration() -> dict[str, Any]:
    """What `mkdocs.yml` says, without the languages that lack pages."""
    with (ROOT / "mkdocs.yml").open("rb") as file:
        document = dict(yaml_load(file))
    i18n = next(entry["i18n"] for entry in document["plugins"] if "i18n" in entry)
    declared = i18n["languages"]
    i18n["languages"] = [item for item in declared if item["locale"] in COMPLETE_LANGUAGES]
    return document


def _plugins() -> dict[str, Any]:
    named = (entry for entry in _configuration()["plugins"] if isinstance(entry, dict))
    return {name: options for entry in named for name, options in entry.items()}


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def measure(count: int, rounds: int) -> dict[str, float]:
    """The least seconds of each side; both are built in every round, one after the other."""
    sides = {"stock": make_stock, "ours": make_ours}
    seconds = dict.fromkeys(sides, float("inf"))
    for _ in range(rounds):
        for side, make in sides.items():
            with tempfile.TemporaryDirectory() as folder:
                make(Path(folder), count)
                seconds[side] = min(seconds[side], build(Path(folder)))
    return seconds


def excesses(measured: Mapping[int, Mapping[str, float]]) -> Iterator[str]:
    """What costs more than it may, from the seconds of each side by the pages of a language."""
    for count, seconds in measured.items():
        ratio = seconds["ours"] / seconds["stock"]
        if ratio > LIMIT:
            yield f"{count} pages a language cost {ratio:.2f} times stock; {LIMIT} is the limit."
    smallest, largest = min(measured), max(measured)
    growth = (measured[largest]["ours"] / largest) / (measured[smallest]["ours"] / smallest)
    if growth > GROWTH_LIMIT:
        yield (
            f"A page costs {growth:.2f} times as much among {largest} as among {smallest}; "
            f"{GROWTH_LIMIT} is the limit."
        )


def main() -> int:
    print("Building the site, seconds of user CPU:")
    print("  pages a language    stock     ours    ratio   stock, a page   ours, a page")
    measured = {}
    for count, rounds in ROUNDS.items():
        seconds = measured[count] = measure(count, rounds)
        stock, ours = seconds["stock"], seconds["ours"]
        pages = count * len(languages(DOCS))
        print(
            f"  {count:>16}{stock:>9.1f}{ours:>9.1f}{ours / stock:>9.2f}"
            f"{stock / pages:>16.3f}{ours / pages:>15.3f}",
            flush=True,
        )
    found = [*excesses(measured)]
    for excess in found:
        print(f"Too slow: {excess}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
