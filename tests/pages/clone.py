"""A small bilingual documentation in a git repository of its own."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from llmdocs.pages.page import Page, read, read_all
from llmdocs.pages.sections import Section, sections
from llmdocs.pages.translation.changes import LeftBehind, left_behind
from llmdocs.pages.translation.freshness import Originals, comment_for, renewed
from llmdocs.pages.translation.history import History

LANGUAGES = """plugins:
  - llmdocs
  - i18n:
      languages:
        - {locale: en, default: true}
        - {locale: fr}
"""
ENGLISH = """---
title: Retries
description: What is retried.
---

# Retries {#retries}

You see what is retried.

## The schedule {#schedule}

Run `llmdocs settings` to see the 3 waits.

!!! warning "Costs"

    An attempt may cost.

## The end {#end}

Your program goes on.
"""
FRENCH = """---
title: Nouvelles tentatives
description: Ce qui est retenté.
---

# Nouvelles tentatives {#retries}

Vous voyez ce qui est retenté.

## Le calendrier {#schedule}

Lancez `llmdocs settings` pour voir les 3 attentes.

!!! warning "Coûts"

    Une tentative peut coûter.

## La fin {#end}

Votre programme continue.
"""
NAME = "guides/retries.md"


@dataclass(frozen=True)
class Clone:
    """The clone. Its one page is `NAME`, and its French sections are fresh at first."""

    root: Path

    @property
    def docs(self) -> Path:
        return self.root / "docs"

    def page(self, language: str, name: str = NAME) -> Page:
        return read(self.docs, language, name)

    def section(self, language: str, anchor: str, name: str = NAME) -> Section:
        return sections(self.page(language, name))[anchor]

    def write(self, language: str, text: str, name: str = NAME) -> None:
        path = self.docs / language / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def replace(self, language: str, old: str, new: str, name: str = NAME) -> None:
        text = self.page(language, name).text
        assert text.count(old) == 1, f"{name} does not hold {old!r} once"
        self.write(language, text.replace(old, new), name)

    def renew(self, anchor: str, name: str = NAME) -> None:
        text = renewed(self.section("fr", anchor, name), self.section("en", anchor, name))
        self.write("fr", text, name)

    def renew_all(self, name: str = NAME) -> None:
        for anchor in sections(self.page("fr", name)):
            self.renew(anchor, name)

    def git(self, *arguments: str, days_ago: float = 0) -> str:
        date = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
        who = {"NAME": "Someone", "EMAIL": "someone@git.test", "DATE": date}
        return subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env={
                "PATH": os.environ["PATH"],
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GIT_CONFIG_SYSTEM": os.devnull,
                **{
                    f"GIT_{role}_{key}": who[key] for role in ("AUTHOR", "COMMITTER") for key in who
                },
            },
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def commit(self, days_ago: float = 0) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "A change", days_ago=days_ago)

    def found(self) -> list[LeftBehind]:
        return left_behind(
            read_all(self.docs, "fr"),
            Originals(self.docs, "en", read_all(self.docs, "en")),
            History(self.root),
        )

    def the_one_found(self) -> LeftBehind:
        (found,) = self.found()
        return found


def make_clone(root: Path) -> Clone:
    """A clone whose only commit is a hundred days old."""
    clone = Clone(root)
    root.mkdir(exist_ok=True)
    (root / "mkdocs.yml").write_text(LANGUAGES, "utf-8")
    clone.write("en", ENGLISH)
    clone.write("fr", FRENCH)
    clone.renew_all()
    clone.git("init", "--quiet", "--initial-branch=main")
    clone.commit(days_ago=100)
    return clone


def comment(clone: Clone, anchor: str) -> str:
    """The comment that a French section has while it is fresh."""
    return comment_for(clone.section("en", anchor))
