"""The script that comments on a pull request, with a `gh` that answers from files."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.site_files import ROOT

SCRIPT = ROOT / ".github/comment-on-translations"
STALE = "This change makes translated sections stale.\n\n- `guides/retries.md#end`\n"
FRESH = "No translation becomes stale by this change.\n"
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
  "run download") [ -f "$STUB/translations.md" ] && cp "$STUB/translations.md" .;;
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

Comment = Callable[..., tuple[list[str], str]]


@pytest.fixture
def comment(tmp_path: Path) -> Comment:
    """Runs the script; gives the calls of `gh` that write, and the body that it was given."""

    def run(
        translations: str | None, comments: list[dict[str, object]], head: str = "head"
    ) -> tuple[list[str], str]:
        stub = tmp_path / "bin"
        stub.mkdir()
        (stub / "gh").write_text(GH)
        (stub / "gh").chmod(0o755)
        (tmp_path / "pulls.json").write_text(json.dumps(PULLS))
        (tmp_path / "comments.json").write_text(json.dumps(comments))
        if translations is not None:
            (tmp_path / "translations.md").write_text(translations)
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
    assert comment(STALE, [*STRANGERS]) == (
        ["pr comment 7 --body-file comment.md"],
        f"<!-- translations -->\n{STALE}",
    )


@pytest.mark.parametrize("translations", [STALE, FRESH])
def test_a_comment_of_ours_is_brought_up_to_date(comment: Comment, translations: str) -> None:
    assert comment(translations, [*STRANGERS, OURS]) == (
        ["api --method PATCH repos/us/llmdocs/issues/comments/42 --field body=@comment.md"],
        f"<!-- translations -->\n{translations}",
    )


@pytest.mark.parametrize(
    ("translations", "head"),
    [(FRESH, "head"), (None, "head"), (STALE, "gone")],
    ids=["nothing is stale", "the tests ended early", "no pull request ends so"],
)
def test_nothing_is_said_if(comment: Comment, translations: str | None, head: str) -> None:
    assert comment(translations, [*STRANGERS], head) == ([], "")


def test_a_comment_is_no_longer_than_github_takes(comment: Comment) -> None:
    _, body = comment(STALE + "- x\n" * 50_000, [])

    assert len(body) < 65_536
