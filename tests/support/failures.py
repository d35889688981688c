"""Failures: which concern what was changed, and which may be the machine's load alone.

A plugin of pytest, which `tests/conftest.py` registers.
"""

from __future__ import annotations

import ast
import functools
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from tests.support import concerning

# The branch that a change is to go to, by the first of its names that git knows.
MAIN = ("origin/HEAD", "origin/main", "main")
# More failures are named by their files alone.
MOST_NAMED = 20
# The heading of what is noted with a failure.
WAITED = "waited in vain"
# How Playwright says how long it waited, in milliseconds.
MILLISECONDS = re.compile(r"Timeout (\d+)ms exceeded|with timeout (\d+)ms")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note with a failure that was a wait in vain how busy the machine is."""
    report = yield
    if report.failed and call.excinfo and (waited := _wait_in(call.excinfo.value)):
        report.sections.append((WAITED, f"{waited}{_load()}"))
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any) -> Generator[None]:
    """End the run with what concerns what was changed: after pytest's own summary."""
    yield
    stats = terminalreporter.stats
    failed = [report for kind in ("failed", "error") for report in stats.get(kind, ())]
    changed = changed_files(terminalreporter.config.rootpath) if failed else []
    if changed:
        terminalreporter.section("failures and what was changed")
        for line in _summary(failed, changed, terminalreporter.config.rootpath):
            terminalreporter.write_line(line)


def _summary(failed: list[Any], changed: list[str], root: Path) -> Iterator[str]:
    reasons: dict[str, str | None] = {}
    notes: dict[str, str | None] = {}
    for report in failed:
        node = report.nodeid
        reasons[node] = reasons.get(node) or concern(report, changed, root)
        notes[node] = notes.get(node) or dict(report.sections).get(WAITED)
    ours = [node for node, file in reasons.items() if file]
    others = [node for node, file in reasons.items() if not file]
    for node in ours[:MOST_NAMED]:
        yield f"{node}: concerns {reasons[node]}"
        if notes[node]:
            yield f"  {notes[node]}"
    if len(ours) > MOST_NAMED:
        yield f"… and {len(ours) - MOST_NAMED} more"
    if ours:
        yield f"run these again: {_command(ours)}"
    if others:
        them = "1 failure concerns" if len(others) == 1 else f"{len(others)} failures concern"
        yield f"{them} nothing that changed; look whether they fail without your change:"
        yield f"  {_command(others)}"
        yield from (f"  {node}: {notes[node]}" for node in others[:MOST_NAMED] if notes[node])


def _command(nodes: list[str]) -> str:
    """What runs these tests; if they are many, those of their files that failed."""
    many = len(nodes) > MOST_NAMED
    named = sorted({node.partition("::")[0] for node in nodes}) if many else nodes
    python = os.path.relpath(sys.executable)
    return shlex.join([python, "-m", "pytest", *(["--lf"] if many else []), *named])


def changed_files(folder: Path) -> list[str]:
    """The files that are not as on the main branch, below a folder of a git checkout."""
    known = (_git(folder, "merge-base", "HEAD", name) for name in MAIN)
    base = next(filter(None, known), "HEAD").strip()
    changed = _git(folder, "diff", "--name-only", "--relative", "--no-renames", "-z", base) or ""
    new = _git(folder, "ls-files", "--others", "--exclude-standard", "-z") or ""
    return sorted({*changed.split("\0"), *new.split("\0")} - {""})


def _git(folder: Path, *arguments: str) -> str | None:
    """What git prints, or None if it fails or is not there."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, capture_output=True, encoding="utf-8", errors="replace"
        )
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


def concern(report: Any, changed: list[str], root: Path) -> str | None:
    """The first of the changed files that a failure concerns: what it names goes first."""
    told = report.longreprtext
    named = (file for file in changed if _is_named(file, told))
    file_of_test = report.nodeid.partition("::")[0]
    related = (
        file
        for file in changed
        if file in (file_of_test, *_imported(root, file_of_test))
        or _leads_to(PurePosixPath(file), report.nodeid)
    )
    return next(named, None) or next(related, None)


def _is_named(file: str, text: str) -> bool:
    """Whether a text names a file: a page by its language and name, or by its path.

    A name without an ending may be any word.
    """
    if not PurePosixPath(file).suffix:
        return False
    name = file.removeprefix("docs/") if file.endswith(".md") else file
    return bool(re.search(rf"(?<![\w.-]){re.escape(name)}(?!\w)", text))


def _leads_to(file: PurePosixPath, node: str) -> bool:
    """Whether a file is of what a test is of, by where the file is and how the test is called."""
    match file.parts:
        case (
            ("docs", "assets", *_)
            | ("overrides" | "mkdocs.yml", *_)
            | ("src", "llmdocs", "site", *_)
        ):
            return bool(concerning.BUILT.search(node.partition("::")[0]))
        case ("docs", _, *name) if file.suffix == ".md" and name[0] != "partials":
            return _concerns("/".join(name), node)
        case ("snippets", folder, *name):
            return _concerns(folder, node) or "/".join((folder, *name)) in node
        case ("src", "llmdocs", package, *_):
            own = file.suffix == ".toml" and _concerns(file.stem, node)
            return own or node.startswith(f"tests/{package}/")
        case ("tests", *_, "conftest.py"):
            return node.startswith(f"{file.parent}/")
    return False


def _concerns(name: str, node: str) -> bool:
    """Whether a test concerns a provider or a page, if that is one."""
    try:
        return bool(concerning.pattern(name).search(node))
    except pytest.UsageError:
        # A page that was deleted, or a folder of snippets that is no provider's.
        return False


@functools.cache
def _imported(root: Path, file: str) -> frozenset[str]:
    """The project's modules that a test's file imports, as paths."""
    try:
        tree = ast.parse((root / file).read_text("utf-8"))
    except (OSError, SyntaxError):
        return frozenset()
    names = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=modules):
                names |= {module.name for module in modules}
            case ast.ImportFrom(module=str(package), names=modules):
                names |= {package, *(f"{package}.{module.name}" for module in modules)}
    paths = {name.replace(".", "/") for name in names}
    return frozenset(
        f"{start}{path}{ending}"
        for path in paths
        for start in ("", "src/")
        for ending in (".py", "/__init__.py")
    )


def _wait_in(error: BaseException | None) -> str | None:
    """What a failure says of its wait, if it or what led to it is that time was up."""
    while error:
        seconds: Any = getattr(error, "timeout", None)
        told = MILLISECONDS.search(str(error))
        if told:
            seconds = int(told[1] or told[2]) / 1000
        if told or "Timeout" in type(error).__name__:
            known = isinstance(seconds, int | float)
            return f"waited {round(seconds, 1):g} s" if known else "time was up"
        error = error.__cause__ or error.__context__
    return None


def _load() -> str:
    """How busy the machine is, and what that may mean; nothing where that cannot be known."""
    if not hasattr(os, "getloadavg"):
        return ""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    alone = ": it may be that alone" if load > cores else ""
    return f"; the machine's load was {load:.0f} on {cores} cores{alone}"
