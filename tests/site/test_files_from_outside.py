"""No file from outside the checkout gets into the site, by whatever way a change may name it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from llmdocs import local_files
from llmdocs.cli import main
from llmdocs.errors import LLMDocsError, PageError
from llmdocs.local_files import MOST_BYTES, FileRefused
from llmdocs.pages.page import read
from llmdocs.pages.render.expand import expand
from llmdocs.pages.render.facts import Context
from tests.pages.conftest import Site, copy_site, small_site
from tests.support.built_site import build, copy_repository
from tests.support.site_files import ROOT, problems_of

SECRET = "no-reader-sees-this-7351"
PAGE = "docs/en/guides/async.md"
EMBED = '--8<-- "async/one.py"'
RECIPE = "recipe: openai"

# In the place of OUT stands the absolute path of a folder beside the checkout.
EMBEDS = {
    "an absolute path": "OUT/secret.py",
    "two slashes": "/OUT/secret.py",
    "a parent": "../../outside/secret.py",
    "a parent of a folder": "async/../../../outside/secret.py",
    "a parent that comes back": "../snippets/async/one.py",
    "this folder": "./async/one.py",
    "this folder within": "async/./one.py",
    "an empty part": "async//one.py",
    "backslashes": "..\\..\\outside\\secret.py",
    "percent signs": "%2e%2e/%2e%2e/outside/secret.py",
    "full-width dots": "\uff0e\uff0e/outside/secret.py",
    "a file address": "file://OUT/secret.py",
    "a home folder": "~/secret.py",
    "a variable": "$HOME/secret.py",
    "a hidden file": ".hidden/secret.py",
    "a folder": "async",
    "a space": " async/one.py",
    "a null": "async/one.py\0",
    "a line break": "async/one.py\u2028",
}
RECIPES = {
    "an absolute path": "OUT",
    "a parent": "../../outside",
    "a parent that comes back": "openai/../openai",
    "this folder": "./openai",
    "a slash": "openai/",
    "a list": "[openai]",
    "a number": "7",
}


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the checkout, with a file of each kind that a site is made of."""
    folder = tmp_path / "outside"
    folder.mkdir()
    for name in ("secret.py", "secret.env", "strings.toml", "words.txt", "page.html"):
        (folder / name).write_text(f'"""{SECRET}"""\n', "utf-8")
    (folder / "recipe.env").write_text(f"LLM_MODEL=openai/{SECRET}\n", "utf-8")
    (folder / "page.md").write_text(f"# {SECRET} {{#secret}}\n", "utf-8")
    (folder / "picture.svg").write_text(f"<svg><title>{SECRET}</title></svg>", "utf-8")
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Site:
    root = tmp_path / "checkout"
    root.mkdir()
    return small_site(root)


def assert_refused(site: Site, name: str, line: int) -> None:
    """The check finds it at this line; and the build's expansion stops at it, without a trace."""
    found = site.problems(name)
    assert line in [problem.line for problem in found], found
    assert SECRET not in "\n".join(map(str, found))
    with pytest.raises(PageError) as refused:
        expand(Context(site.page(name), site.root / "docs", site.root / "snippets", ""))
    assert f"{name}:" in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("target", EMBEDS.values(), ids=EMBEDS)
def test_an_embed_names_a_file_of_the_snippets(site: Site, outside: Path, target: str) -> None:
    (site.root / "snippets/.hidden").mkdir()
    shutil.copy(outside / "secret.py", site.root / "snippets/.hidden")
    target = target.replace("OUT", str(outside))
    line = site.replace(PAGE, EMBED, f'--8<-- "{target}"')

    assert_refused(site, PAGE, line)


@pytest.mark.parametrize("name", RECIPES.values(), ids=RECIPES)
def test_a_recipe_is_one_of_the_snippets(site: Site, outside: Path, name: str) -> None:
    page = "docs/en/llms/openai.md"
    line = site.replace(page, RECIPE, f"recipe: {name.replace('OUT', str(outside))}")

    assert_refused(site, page, line)


Change = Callable[[Path, Path], None]


def _link(name: str, target: str) -> Change:
    """Put a symbolic link in the place of `name`, to what `target` is outside."""

    def change(root: Path, outside: Path) -> None:
        path = root / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(outside / target)

    return change


def _relative_link(root: Path, _: Path) -> None:
    (root / "docs/assets/relative.svg").symlink_to("../../../outside/picture.svg")


def _loop(root: Path, _: Path) -> None:
    (root / "docs/assets/loop.svg").symlink_to("loop.svg")


def _inner_folder(root: Path, _: Path) -> None:
    (root / "docs/en/again").symlink_to("..")


def _chain(root: Path, outside: Path) -> None:
    (root / "docs/assets/first.svg").symlink_to("second.svg")
    (root / "docs/assets/second.svg").symlink_to(outside / "picture.svg")


def _pipe(name: str) -> Change:
    return lambda root, _: os.mkfifo(root / name)


def _endless(name: str) -> Change:
    def change(root: Path, _: Path) -> None:
        (root / name).unlink(missing_ok=True)
        (root / name).symlink_to("/dev/zero")

    return change


def _large(name: str) -> Change:
    def change(root: Path, _: Path) -> None:
        with (root / name).open("ab") as file:
            file.truncate(MOST_BYTES + 1)

    return change


# Each change of a checkout, by the file that is refused.
TREES: dict[str, Change] = {
    "snippets/async/one.py": _link("snippets/async/one.py", "secret.py"),
    "snippets/new.py": _link("snippets/new.py", "secret.py"),
    "snippets/async": _link("snippets/async", "."),
    "snippets/openai/recipe.env": _link("snippets/openai/recipe.env", "recipe.env"),
    "snippets/new": _link("snippets/new", "."),
    "snippets/openai/mistakes/key.toml": _link("snippets/openai/mistakes/key.toml", "secret.py"),
    "snippets/openai/mistakes/key.error.txt": _link(
        "snippets/openai/mistakes/key.error.txt", "secret.py"
    ),
    "snippets/openai/mistakes/key.doctor.txt": _link(
        "snippets/openai/mistakes/key.doctor.txt", "secret.py"
    ),
    "snippets/openai/mistakes": _link("snippets/openai/mistakes", "."),
    "snippets/pipe.py": _pipe("snippets/pipe.py"),
    "snippets/openai/chat.py": _endless("snippets/openai/chat.py"),
    "snippets/openai/stream.py": _large("snippets/openai/stream.py"),
    "docs/assets/new.svg": _link("docs/assets/new.svg", "picture.svg"),
    "docs/assets/relative.svg": _relative_link,
    "docs/assets/first.svg": _chain,
    "docs/assets/loop.svg": _loop,
    "docs/assets/pipe.svg": _pipe("docs/assets/pipe.svg"),
    "docs/assets/extra.css": _endless("docs/assets/extra.css"),
    "docs/assets/extra.js": _large("docs/assets/extra.js"),
    "docs/assets/gone.svg": _link("docs/assets/gone.svg", "missing.svg"),
    "docs/en/picture.svg": _link("docs/en/picture.svg", "picture.svg"),
    "docs/en/new.md": _link("docs/en/new.md", "page.md"),
    "docs/en/quickstart.md": _link("docs/en/quickstart.md", "page.md"),
    "docs/fr/guides": _link("docs/fr/guides", "."),
    "docs/en/again": _inner_folder,
    "docs/fr/strings.toml": _link("docs/fr/strings.toml", "strings.toml"),
    "docs/fr/words.txt": _link("docs/fr/words.txt", "words.txt"),
    "docs/en/.hidden": _link("docs/en/.hidden", "page.md"),
    "overrides/partials/copyright.html": _link("overrides/partials/copyright.html", "page.html"),
    "overrides/assets": _link("overrides/assets", "."),
}
# A whole folder that is elsewhere.
HOMES = ("docs", "snippets", "overrides")


@pytest.mark.parametrize(("name", "change"), TREES.items(), ids=TREES)
def test_the_check_refuses_a_tree_with_a_file_from_elsewhere(
    site: Site, outside: Path, name: str, change: Change
) -> None:
    (site.root / "overrides/partials").mkdir(parents=True)
    change(site.root, outside)

    found = site.check()

    assert site.root / name in [problem.path for problem in found]
    assert SECRET not in "\n".join(map(str, found))


@pytest.mark.parametrize("name", HOMES)
def test_the_check_refuses_a_folder_that_is_elsewhere(site: Site, outside: Path, name: str) -> None:
    (site.root / "overrides").mkdir()
    _link(name, ".")(site.root, outside)

    assert [problem.path for problem in site.check()] == [site.root / name]


def test_the_guide_command_refuses_such_a_tree_too(
    site: Site, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _link("docs/fr/guides/async.md", "page.md")(site.root, outside)
    monkeypatch.chdir(site.root)

    result = CliRunner().invoke(main, ["guide", "check"])

    assert (result.exit_code, "docs/fr/guides/async.md:1: " in result.output) == (2, True)


def secrets_in(folder: Path) -> list[Path]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if SECRET.encode() in path.read_bytes()]


def assert_build_refused(root: Path, *parts: str) -> None:
    built = build(root.parent / "site", root)

    assert built.build.returncode != 0
    for part in parts:
        assert part in built.build.stderr
    assert "Traceback" not in built.build.stderr
    assert SECRET not in built.build.stderr + built.build.stdout
    assert secrets_in(built.folder) == []


def test_the_build_refuses_every_file_from_elsewhere_by_name(tmp_path: Path, outside: Path) -> None:
    root = copy_repository(tmp_path)
    folders = {"snippets/async", "snippets/openai/mistakes", "docs/fr/guides"}
    # A file within a folder that another change replaces is left to the check's own test.
    for name, change in TREES.items():
        if not any(name != folder and name.startswith(folder + "/") for folder in folders):
            change(root, outside)

    built = build(tmp_path / "site", root)

    assert built.build.returncode != 0
    named = [name for name in TREES if f"{root / name}:1: " in built.build.stderr]
    assert len(named) == len(TREES) - 4
    assert "Traceback" not in built.build.stderr
    assert SECRET not in built.build.stderr
    assert secrets_in(built.folder) == []


@pytest.mark.parametrize("name", HOMES)
def test_the_build_refuses_a_folder_that_is_elsewhere(
    tmp_path: Path, outside: Path, name: str
) -> None:
    root = copy_repository(tmp_path)
    shutil.copytree(root / name, outside / "all" / name)
    shutil.rmtree(root / name)
    (root / name).symlink_to(outside / "all" / name)

    assert_build_refused(root, f"{root / name}:1: this folder is elsewhere")


CONFIGURED = {
    "snippets": ("snippets: snippets", "snippets: ../outside"),
    "templates": ("custom_dir: overrides", "custom_dir: ../outside"),
    "an extension": ("  - tables\n", "  - tables\n  - pymdownx.snippets\n"),
    "pictures put into pages": ("  - tables\n", "  - tables\n  - pymdownx.b64\n"),
}


@pytest.mark.parametrize(("old", "new"), CONFIGURED.values(), ids=CONFIGURED)
def test_the_build_refuses_a_configuration_that_reads_elsewhere(
    tmp_path: Path, outside: Path, old: str, new: str
) -> None:
    root = copy_repository(tmp_path)
    text = (root / "mkdocs.yml").read_text("utf-8")
    assert text.count(old) == 1
    (root / "mkdocs.yml").write_text(text.replace(old, new), "utf-8")

    assert_build_refused(root, "elsewhere" if "outside" in new else "reads files by itself")


PAGES = {
    "an embed": (PAGE, EMBED, '--8<-- "../../outside/secret.py"'),
    "a recipe": ("docs/en/llms/openai.md", RECIPE, "recipe: ../../outside"),
    "a script of a partial": (
        "docs/en/partials/run.md",
        "Nothing to",
        "<script src='//x'>Nothing to",
    ),
    "the source of another package": (
        "docs/en/reference/api.md",
        "::: llmdocs.LLM",
        "::: llmdocs.LLM\n    options:\n      show_source: true",
    ),
    "a module that ours imports": (
        "docs/en/reference/api.md",
        "::: llmdocs.LLM",
        "::: llmdocs.settings.sources.os",
    ),
    "a name that is not there": (
        "docs/en/reference/api.md",
        "::: llmdocs.LLM",
        "::: llmdocs.Nobody",
    ),
}


@pytest.mark.parametrize(("name", "old", "new"), PAGES.values(), ids=PAGES)
def test_the_build_refuses_a_page_that_names_what_is_elsewhere(
    tmp_path: Path, outside: Path, name: str, old: str, new: str
) -> None:
    root = copy_repository(tmp_path)
    Site(root).replace(name, old, new)

    assert_build_refused(root, f"{root / name}:")


DOCSTRINGS = {
    "another package": "::: json",
    "another package without a space": ":::json",
    "in a heading": "## ::: json",
    "in a list": "- ::: json",
    "in a quotation": "> ::: json",
    "in a fence": "```python\n::: json\n```",
    "a name that begins alike": "::: llmdocs_secrets",
    "a path": "::: llmdocs/../secret",
    "options": "::: llmdocs.errors\n    options:\n      show_source: true",
}


@pytest.mark.parametrize("text", DOCSTRINGS.values(), ids=DOCSTRINGS)
def test_docstrings_are_this_packages_and_without_options(site: Site, text: str) -> None:
    line = site.append("docs/en/reference/api.md", text)

    found = [problem.line - line for problem in site.problems("docs/en/reference/api.md")]

    assert found
    assert set(found) <= {0, 1}


LINKS = {
    "a parent": "[x](../../../outside/secret.py)",
    "an absolute path": "[x](/etc/passwd)",
    "an image": "![x](../../../../outside/picture.svg)",
    "an asset's parent": "![x](../../assets/../../../outside/picture.svg)",
    "percent signs": "[x](%2e%2e/%2e%2e/%2e%2e/outside/secret.py)",
    "a file address": "[x](file:///etc/passwd)",
    "backslashes": "[x](..\\..\\..\\outside\\secret.py)",
    "raw HTML": '<img src="../../../../outside/picture.svg" alt="x">',
}


@pytest.mark.parametrize("text", LINKS.values(), ids=LINKS)
def test_a_link_leads_to_what_the_site_has(site: Site, outside: Path, text: str) -> None:
    line = site.append(PAGE, text)

    assert {problem.line for problem in site.problems(PAGE)} == {line}


@pytest.mark.parametrize(
    "name",
    [
        "docs/en/x.html",
        "docs/en/x.js",
        "docs/en/x.xml",
        "docs/x.md~",
        "docs/assets/x.html",
        "docs/assets/x.SVG",
        "docs/fr/x.xhtml",
        "docs/fr/guides/strings.toml",
        "docs/en/x",
        "docs/en/x.css",
        "docs/assets/x.png",
        "docs/assets/x.jpg",
        "docs/assets/x.webp",
    ],
)
def test_a_file_that_would_be_published_as_it_is_is_of_a_known_kind(site: Site, name: str) -> None:
    site.write(name, "<script>alert(1)</script>")

    (found,) = site.check()

    assert (found.path, found.line) == (site.root / name, 1)


class TestResolve:
    def test_a_link_within_the_folder_is_followed(self, tmp_path: Path) -> None:
        (tmp_path / "a.py").write_text("1\n", "utf-8")
        (tmp_path / "b.py").symlink_to("a.py")

        assert local_files.resolve(tmp_path, "b.py") == (tmp_path / "a.py").resolve()

    def test_a_folder_may_itself_be_reached_by_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "real/a.py").write_text("1\n", "utf-8")
        (tmp_path / "home").symlink_to("real")

        assert local_files.read_text(tmp_path / "home", "a.py") == "1\n"

    def test_a_sibling_with_a_longer_name_is_outside(self, tmp_path: Path) -> None:
        for name in ("docs", "docs-secret"):
            (tmp_path / name).mkdir()
        (tmp_path / "docs-secret/a.py").write_text("1\n", "utf-8")
        (tmp_path / "docs/a.py").symlink_to("../docs-secret/a.py")

        with pytest.raises(FileRefused, match="leads out of docs/"):
            local_files.resolve(tmp_path / "docs", "a.py")

    def test_what_is_refused_is_no_error_of_the_packages_callers(self) -> None:
        assert not issubclass(FileRefused, LLMDocsError)


def test_a_page_is_read_as_before(tmp_path: Path) -> None:
    site = copy_site(tmp_path)

    assert SECRET not in read(site.root / "docs", "en", "guides/async.md").text
    # What is wrong with our own pages is wrong with a copy of them, and nothing else.
    assert problems_of(site.root) == problems_of(ROOT)
