"""The script that comments on a pull request, with a `gh` that answers from files."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.site_files import ROOT

SCRIPT = ROOT / ".github/comment-on-translations"


def section(anchor: str = "end", **fields: object) -> dict[str, object]:
    """As `llmdocs guide check --json` tells of a stale section."""
    return {
        "page": "guides/retries.md", "anchor": anchor, "language": "fr", "serious": [], **fields,
    }  # fmt: skip


STALE = [section(), section("top", serious=["the number 3 is gone"])]
# It records how it is called and what body it is given, and applies what `--jq` says to a file.
GH = r"""#!/usr/bin/env bash
echo "$*" >> "$STUB/calls"
jq=""; body=""; previous=""
for argument in "$@"; do
  [ "$previous" = --jq ] && jq=$argument
  [ "$previous" = --body-file ] && body=$argument
  case $argument in body=@*) body=${argument#body=@};; esac
  previous=$argument
done
[ -n "$body" ] && cp "$body" "$STUB/body"
case "$1 $2" in
  "run download") mkdir found; cp --no-dereference "$STUB/artifact/"* found;;
  api\ repos/*/artifacts) jq --raw-output "$jq" "$STUB/artifacts.json";;
  "pr list") jq --raw-output "$jq" "$STUB/pulls.json";;
  "api --paginate") jq --raw-output "$jq" "$STUB/comments.json";;
esac
"""
PULLS = [
    {"number": 6, "headRefOid": "other"},
    {"number": 7, "headRefOid": "head"},
]
OURS = {
    "id": 42,
    "user": {"login": "github-actions[bot]"},
    "body": "<!-- translations -->\nolder",
}
STRANGERS = [
    {"id": 40, "user": {"login": "someone"}, "body": "<!-- translations -->\nforged"},
    {"id": 41, "user": {"login": "github-actions[bot]"}, "body": "another workflow's"},
]

# What a comment may have of a pull request: in code, so that it is no mention, link or image.
LINE = re.compile(r"\*\*[a-z]{2,3}(-[A-Za-z]+)?\*\*|- `[\w/.-]+#[\w-]+`(, seriously)?", re.ASCII)

Comment = Callable[..., tuple[list[str], str]]


@pytest.fixture
def comment(tmp_path: Path) -> Comment:
    """Runs the script; gives the calls of `gh` that write, and the body that it was given."""

    def run(
        stale: list[dict[str, object]] | None, comments: list[dict[str, object]], head: str = "head"
    ) -> tuple[list[str], str]:
        stub = tmp_path / "bin"
        stub.mkdir()
        (stub / "gh").write_text(GH)
        (stub / "gh").chmod(0o755)
        (tmp_path / "pulls.json").write_text(json.dumps(PULLS))
        (tmp_path / "comments.json").write_text(json.dumps(comments))
        artifacts = [] if stale is None else [{"name": "translations"}]
        (tmp_path / "artifacts.json").write_text(json.dumps({"artifacts": artifacts}))
        artifact = tmp_path / "artifact"
        artifact.mkdir(exist_ok=True)
        if not os.path.lexists(artifact / "translations.json"):
            found = {"stale": stale, "problems": []}
            (artifact / "translations.json").write_text(json.dumps(found))
        subprocess.run(
            [SCRIPT],
            env={
                "PATH": f"{stub}:{os.environ['PATH']}",
                "TMPDIR": str(tmp_path),
                "STUB": str(tmp_path),
                "GH_REPO": "us/llmdocs",
                "RUN": "1",
                "HEAD": head,
            },
            check=True,
            capture_output=True,
            timeout=30,
        )
        calls = (tmp_path / "calls").read_text().splitlines()
        body = tmp_path / "body"
        return (
            [call for call in calls if call.startswith(("api --method", "pr comment"))],
            body.read_text() if body.exists() else "",
        )

    return run


pytestmark = pytest.mark.needs("jq")


def test_what_becomes_stale_is_said_in_a_comment(comment: Comment) -> None:
    calls, body = comment(STALE, [*STRANGERS])

    assert calls == ["pr comment 7 --body-file comment.md"]
    assert body.startswith("<!-- translations -->\nThis change makes translated sections stale.")
    assert "**fr**\n\n- `guides/retries.md#end`\n- `guides/retries.md#top`, seriously\n" in body


@pytest.mark.parametrize("stale", [STALE, []], ids=["stale", "fresh"])
def test_a_comment_of_ours_is_brought_up_to_date(
    comment: Comment, stale: list[dict[str, object]]
) -> None:
    calls, body = comment(stale, [*STRANGERS, OURS])

    assert calls == [
        "api --method PATCH repos/us/llmdocs/issues/comments/42 --field body=@comment.md"
    ]
    assert ("#end" in body) == bool(stale)


@pytest.mark.parametrize(
    ("stale", "head"),
    [([], "head"), (None, "head"), (STALE, "gone")],
    ids=["nothing is stale", "the tests ended early", "no pull request ends so"],
)
def test_nothing_is_said_if(
    comment: Comment, stale: list[dict[str, object]] | None, head: str
) -> None:
    assert comment(stale, [*STRANGERS], head) == ([], "")


@pytest.mark.parametrize(
    "fields",
    [
        {"page": "@team look `here`.md"},
        {"anchor": "end`\n\n![](https://tracker.example)"},
        {"language": "fr** @team"},
        {"serious": ["@team"]},
        {"page": "guides/retries.md\n"},
        {"page": "guides/retries.md\n\n@team"},
        {"page": "@team\n/guides/retries.md"},
        {"page": "../../@team.md"},
        {"page": f"{'a' * 200}-tracker.md"},
        {"anchor": "end\n@team"},
        {"anchor": "tracker" * 50},
        {"anchor": "end\u2028@team"},
        {"anchor": ["@team"]},
        {"anchor": None},
        {"language": "fr\n\n@team"},
        {"language": "fr-@team"},
        {"language": "fr-tracker" + "s" * 50},
        {"serious": "@team"},
    ],
    ids=lambda fields: str(*fields),
)
def test_no_words_of_the_pull_request_are_repeated(
    comment: Comment, fields: dict[str, Any]
) -> None:
    _, body = comment([section("top"), section(**fields)], [])

    assert "#top" in body
    assert "@team" not in body
    assert "tracker" not in body
    lines = body.partition("\n\n")[2].partition("A serious change")[0].splitlines()
    assert [line for line in lines if line and not LINE.fullmatch(line)] == []


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", '"@team"', "[]", '{"stale": "@team"}', '{"stale": ["@team", 1, null]}'],
)
def test_nothing_is_said_of_what_is_no_list(comment: Comment, tmp_path: Path, text: str) -> None:
    (tmp_path / "artifact").mkdir()
    (tmp_path / "artifact/translations.json").write_text(text)

    assert comment(STALE, []) == ([], "")


def test_nothing_is_read_or_written_through_a_link(comment: Comment, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(json.dumps({"stale": STALE}))
    (tmp_path / "artifact").mkdir()
    for name in ("translations.json", "sections.md", "comment.md"):
        (tmp_path / "artifact" / name).symlink_to(secret)

    assert comment(STALE, []) == ([], "")
    assert json.loads(secret.read_text()) == {"stale": STALE}


def test_what_is_too_long_is_not_read(comment: Comment, tmp_path: Path) -> None:
    (tmp_path / "artifact").mkdir()
    text = json.dumps({"stale": STALE}) + " " * 4_000_000
    (tmp_path / "artifact/translations.json").write_text(text)

    assert comment(STALE, []) == ([], "")


def test_a_comment_is_no_longer_than_github_takes(comment: Comment) -> None:
    _, body = comment([section("x" * 60)] * 5000, [])

    assert len(body) < 65_536
