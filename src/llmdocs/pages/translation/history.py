"""The past of the original pages, from git: what a translation was made from, and since when not.

Where there is no git, or only part of the history, what it would tell is unknown.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from llmdocs.errors import PageError
from llmdocs.pages.page import Page
from llmdocs.pages.sections import Section, sections

# What the log is told to print before each commit.
COMMIT = "\x1e"
# Any anchor.
ANY = ""


@dataclass(frozen=True)
class PastPage(Page):
    """A page as it once was. `path` is where it stands, or stood, in the working tree."""

    past_text: str

    @cached_property
    def text(self) -> str:
        return self.past_text


@dataclass(frozen=True)
class Version:
    """What a commit made of a file: `blob` is the id of its text in git, empty if it is gone."""

    date: datetime
    path: str
    blob: str


class History:
    """The git repository that a folder belongs to, if it belongs to one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._logs: dict[bool, list[Version]] = {}
        self._read: dict[Version, dict[str, Section]] = {}

    @cached_property
    def is_whole(self) -> bool:
        """Whether there is one and no commit is left out, as a workflow's shallow clone does."""
        return self._git("rev-parse", "--is-shallow-repository") == "false\n"

    def made_from(self, translation: Section, originals: Path) -> Section | None:
        """The section of an original page, as it once was, that has the translation's hash.

        `originals` is their folder. The page of the same name is looked through first, the newest
        version first, and in each the section with the same anchor.
        """
        own = self._path(originals / translation.page.name)
        # Most are found at once: the versions of the other pages need not be read.
        for version in sorted(self._versions(originals), key=lambda version: version.path != own):
            found = self._sections(version, originals)
            first = [found[translation.anchor]] if translation.anchor in found else []
            for section in (*first, *found.values()):
                if section.hash == translation.made_from:
                    return section
        return None

    def stale_since(self, translation: Section, originals: Path) -> datetime | None:
        """When the original ceased to be what the translation was made from; None if unknown.

        What counts is when a change reached the main branch, not when someone wrote it. Where no
        version there has the translation's hash, it is when the translation's comment came in.
        """
        own = self._path(originals / translation.page.name)
        merged = self._versions(originals, first_parent=True)
        newest = {version.path: version for version in reversed(merged)}
        # The section may have had another anchor, and the page another name.
        former = [path for path, version in newest.items() if not version.blob]
        for path, anchor in ((own, translation.anchor), *((path, ANY) for path in (own, *former))):
            changed = datetime.now(UTC)
            for version in (version for version in merged if version.path == path):
                found = self._sections(version, originals).items()
                if any(
                    section.hash == translation.made_from
                    for name, section in found
                    if anchor in (name, ANY)
                ):
                    return changed
                changed = version.date
        return self._came_in(translation) if self.is_whole else None

    def require(self, revision: str) -> None:
        """Raise `PageError` if git knows no such revision."""
        if self._git("rev-parse", "--git-dir") is None:
            raise PageError(f"{self.folder} is in no git repository, or git is not installed.")
        if self._git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}") is None:
            raise PageError(
                f"git knows no revision {revision!r} here; fetch it first if it is a remote's."
            )

    def pages_at(self, revision: str, folder: Path) -> dict[str, dict[str, Section]]:
        """The sections of each page of a language as a revision has them, by name, then anchor."""
        root = self._path(folder)
        listed = self._git("ls-tree", "-r", f"{revision}:{root}") or ""
        found = {}
        for line in listed.splitlines():
            about, _, name = line.partition("\t")
            if name.endswith(".md"):
                version = Version(datetime.now(UTC), f"{root}/{name}", about.split()[2])
                found[name] = self._sections(version, folder)
        return found

    def _came_in(self, translation: Section) -> datetime:
        """When the translation's comment reached the main branch; now if it has not."""
        dates = self._git(
            "log", "--first-parent", "-m", f"-S{translation.made_from}", "--format=%cI",
            "--", str(translation.page.path.resolve()),
        )  # fmt: skip
        return datetime.fromisoformat(dates.split()[-1]) if dates else datetime.now(UTC)

    def _path(self, path: Path) -> str:
        """A path as git says it, from the repository's top."""
        top = (self._git("rev-parse", "--show-toplevel") or "").rstrip("\n")
        return os.path.relpath(path.resolve(), Path(top).resolve()).replace(os.sep, "/")

    def _versions(self, folder: Path, *, first_parent: bool = False) -> list[Version]:
        """Every version of every page of a folder, newest first."""
        if first_parent not in self._logs:
            told = self._git(
                "log", "-m", *(["--first-parent"] if first_parent else []), "--raw", "--no-abbrev",
                "--no-renames", f"--format={COMMIT}%cI", "--", str(folder.resolve()),
            )  # fmt: skip
            commits = (told or "").split(COMMIT)[1:]
            self._logs[first_parent] = [version for commit in commits for version in _read(commit)]
        return self._logs[first_parent]

    def _sections(self, version: Version, originals: Path) -> dict[str, Section]:
        """The sections of a page as a commit had them; none of a page that cannot be read."""
        if version not in self._read:
            text = self._git("cat-file", "blob", version.blob) if version.blob else ""
            name = version.path.removeprefix(self._path(originals) + "/")
            page = PastPage(originals / name, originals.name, name, text or "")
            try:
                self._read[version] = sections(page)
            except PageError:
                self._read[version] = {}
        return self._read[version]

    def _git(self, *arguments: str) -> str | None:
        """What git prints, or None if it fails or is not there."""
        try:
            done = subprocess.run(
                ["git", "-c", "core.quotePath=false", *arguments],
                cwd=self.folder,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
            )
        except FileNotFoundError:
            return None
        return done.stdout if done.returncode == 0 else None


def _read(commit: str) -> Iterator[Version]:
    """The versions that one commit of the log made. A line of it is in git's raw format."""
    date, *lines = commit.strip().split("\n")
    for line in filter(None, lines):
        fields, _, path = line.partition("\t")
        *_, blob, status = fields.split(" ")
        if path.endswith(".md"):
            yield Version(datetime.fromisoformat(date), path, "" if status == "D" else blob)
