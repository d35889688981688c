"""`llmdocs guide` as a translator, a workflow and a script use it, wrong input included."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from llmdocs.cli import main
from llmdocs.pages.rules.spelling import DICTIONARIES, PROGRAM
from tests.pages.clone import NAME, Clone, comment, make_clone

Guide = Callable[..., Result]
FRENCH_PAGE = f"docs/fr/{NAME}"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """The clone that the command is run in."""
    clone = make_clone(tmp_path / "clone")
    monkeypatch.chdir(clone.root)
    return clone


@pytest.fixture
def guide() -> Guide:
    def run(*arguments: str, columns: int = 80) -> Result:
        return CliRunner().invoke(main, ["guide", *arguments], env={"COLUMNS": str(columns)})

    return run


class TestCheck:
    def test_of_a_fresh_translation_says_so(self, clone: Clone, guide: Guide) -> None:
        result = guide("check")

        assert (result.exit_code, result.stdout) == (0, "2 pages: nothing to fix, nothing stale.\n")

    def test_lists_what_is_stale_and_passes(self, clone: Clone, guide: Guide) -> None:
        clone.replace("en", "goes on", "goes on regardless")
        clone.commit(days_ago=40)

        result = guide("check")

        assert result.exit_code == 0
        assert f"{FRENCH_PAGE}:20: #end is stale for 40 days" in result.stdout
        assert f"llmdocs guide renew {NAME}#end --lang fr" in result.stdout
        assert "2 pages: 1 stale." in result.stdout

    def test_fails_for_a_serious_change(self, clone: Clone, guide: Guide) -> None:
        clone.replace("en", "3 waits", "4 waits")

        result = guide("check")

        assert result.exit_code == 1
        assert "seriously (the number 3 is gone; the number 4 is new)" in result.stdout

    @pytest.mark.parametrize(("max_age", "code"), [("39", 1), ("40", 0)])
    def test_fails_for_what_is_older_than_the_maximum(
        self, clone: Clone, guide: Guide, max_age: str, code: int
    ) -> None:
        clone.replace("en", "goes on", "goes on regardless")
        clone.commit(days_ago=40)

        assert guide("check", "--max-age", max_age).exit_code == code

    def test_fails_for_no_age_that_is_unknown(self, clone: Clone, guide: Guide) -> None:
        clone.replace("en", "goes on", "goes on regardless")
        shutil.rmtree(clone.root / ".git")

        result = guide("check", "--max-age", "0")

        assert result.exit_code == 0
        assert "how old and how serious some are is unknown" in result.stdout

    def test_fails_for_no_section_that_has_moved(self, clone: Clone, guide: Guide) -> None:
        clone.replace("en", "{#end}", "{#then}")
        clone.commit(days_ago=40)

        result = guide("check", "--max-age", "0")

        assert "1 moved" in result.stdout
        assert "must be translated" not in result.stdout

    def test_fails_for_a_section_that_does_not_say_what_it_was_made_from(
        self, clone: Clone, guide: Guide
    ) -> None:
        clone.replace("fr", comment(clone, "end"), "")

        result = guide("check")

        assert result.exit_code == 1
        assert f"{FRENCH_PAGE}:20: nothing says which version" in result.stdout
        assert "2 pages: 1 to fix." in result.stdout

    def test_looks_at_one_language_alone_if_told_so(self, clone: Clone, guide: Guide) -> None:
        clone.replace("en", "3 waits", "4 waits")
        languages = clone.root / "mkdocs.yml"
        languages.write_text(languages.read_text("utf-8") + "        - {locale: es}\n", "utf-8")

        assert "0 pages: " in guide("check", "--lang", "es").stdout

    def test_tells_scripts_in_json(self, clone: Clone, guide: Guide) -> None:
        clone.replace("en", "3 waits", "4 waits")
        clone.commit(days_ago=2)

        document = json.loads(guide("check", "--json").stdout)

        (stale,) = document["stale"]
        assert document["problems"] == []
        assert stale.pop("since").startswith("20")
        assert stale == {
            "page": NAME,
            "anchor": "schedule",
            "language": "fr",
            "file": FRENCH_PAGE,
            "line": 11,
            "moved_to": None,
            "days": 2,
            "serious": ["the number 3 is gone", "the number 4 is new"],
        }

    def test_tells_what_a_change_makes_stale(self, clone: Clone, guide: Guide) -> None:
        clone.replace("en", "goes on", "goes on regardless")
        clone.commit()
        clone.replace("en", "3 waits", "4 waits")

        document = json.loads(guide("check", "--since", "HEAD", "--json").stdout)

        assert [stale["anchor"] for stale in document["stale"]] == ["schedule"]

    def test_lists_all_that_is_to_be_fixed_sorted_by_place(
        self, clone: Clone, guide: Guide
    ) -> None:
        clone.replace("fr", "Votre programme", "`LLM_MODLE` et votre programme")
        clone.replace("fr", "## La fin", "### La fin")
        clone.replace("en", "Your program", "`LLM_MODLE` and your program")
        clone.renew("end")

        result = guide("check")

        places = [line.partition(": ")[0] for line in result.stdout.splitlines()[:-1]]
        assert result.exit_code == 1
        assert places == [f"docs/en/{NAME}:20", f"{FRENCH_PAGE}:20", f"{FRENCH_PAGE}:23"]

    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_tells_of_a_page_that_cannot_be_read_and_of_the_others(
        self, clone: Clone, guide: Guide, language: str
    ) -> None:
        other = "Set `LLM_MODLE`, as [retries](guides/retries.md#end) say."
        clone.write("en", f"---\ntitle: A\ndescription: B\n---\n# A {{#a}}\n\n{other}\n", "new.md")
        clone.replace(language, "\n# ", "\n```python\n# ")

        result = guide("check")

        assert result.exit_code == 2
        assert f"docs/{language}/{NAME}:6: this fence is never closed.\n" in result.stdout
        assert "docs/en/new.md:7: LLM_MODLE is not a setting." in result.stdout
        assert ("leads nowhere" in result.stdout) is False

    def test_tells_of_a_page_of_another_encoding(self, clone: Clone, guide: Guide) -> None:
        clone.page("fr").path.write_bytes(clone.page("fr").text.encode("latin-1", "replace"))

        result = guide("check")

        assert result.exit_code == 2
        assert f"{FRENCH_PAGE}:3: this is not UTF-8; save it as UTF-8.\n" in result.stdout


class TestCheckOfAPath:
    """Of two pages with the same fault in each language, those of the path alone are told of."""

    @pytest.fixture(autouse=True)
    def _faults(self, clone: Clone) -> None:
        for language, word in (("en", "Set"), ("fr", "Mettez")):
            head = f"---\ntitle: A\ndescription: B\n---\n# A {{#a}}\n\n{word} `LLM_MODLE`.\n"
            for name in ("new.md", "guides/other.md"):
                clone.write(language, head, name)

    @pytest.mark.parametrize(
        ("path", "told"),
        [
            ("docs/en/new.md", ["docs/en/new.md", "docs/fr/new.md"]),
            ("new.md", ["docs/en/new.md", "docs/fr/new.md"]),
            ("guides/other", ["docs/en/guides/other.md", "docs/fr/guides/other.md"]),
            ("docs/fr/new.md", ["docs/fr/new.md"]),
            ("docs/fr", ["docs/fr/guides/other.md", "docs/fr/new.md"]),
            ("docs/en/guides", ["docs/en/guides/other.md", "docs/fr/guides/other.md"]),
            ("mkdocs.yml", []),
        ],
    )
    def test_is_of_a_page_and_its_translations(
        self, guide: Guide, path: str, told: list[str]
    ) -> None:
        result = guide("check", path, "--json")

        problems = json.loads(result.stdout)["problems"]
        assert [item["file"] for item in problems if "LLM_MODLE" in item["message"]] == told
        assert {item["file"] for item in problems} <= {*told}

    @pytest.mark.parametrize(
        ("folder", "path"),
        [("docs/fr", "new.md"), ("docs/fr/guides", "../new.md"), ("snippets", "../docs/fr/new.md")],
    )
    def test_is_a_path_from_the_folder_that_it_is_run_in(
        self,
        clone: Clone,
        guide: Guide,
        monkeypatch: pytest.MonkeyPatch,
        folder: str,
        path: str,
    ) -> None:
        (clone.root / folder).mkdir(exist_ok=True)
        monkeypatch.chdir(clone.root / folder)

        result = guide("check", path, "--json")

        files = {Path(item["file"]).resolve() for item in json.loads(result.stdout)["problems"]}
        assert files == {clone.root / "docs/fr/new.md"}

    def test_is_of_a_clone_by_a_symbolic_link(self, clone: Clone, guide: Guide) -> None:
        link = clone.root.with_name("link")
        link.symlink_to(clone.root)

        assert "docs/fr/new.md:7: LLM_MODLE" in guide("check", f"{link}/docs/fr/new.md").stdout

    def test_is_of_a_provider_where_a_folder_has_its_name(self, clone: Clone, guide: Guide) -> None:
        (clone.root / "groq").mkdir()
        clone.write("en", clone.page("en", "new.md").text, "llms/groq.md")

        assert "docs/en/llms/groq.md:7: LLM_MODLE" in guide("check", "groq").stdout

    @pytest.mark.parametrize("path", ["..", "/etc/passwd", "README.md"])
    def test_is_of_no_file_that_is_not_checked(self, clone: Clone, guide: Guide, path: str) -> None:
        (clone.root / "README.md").write_text("a", "utf-8")

        result = guide("check", "/etc" if path == ".." else path)

        assert result.exit_code == 2
        assert "is none of the files that are checked" in result.stderr

    def test_is_not_done_where_the_original_cannot_be_read(
        self, clone: Clone, guide: Guide
    ) -> None:
        clone.replace("en", "\n# ", "\n```python\n# ")

        result = guide("check", FRENCH_PAGE)

        assert (result.exit_code, result.stdout) == (2, "1 page: nothing else to fix.\n")
        assert "What is stale was not checked" in result.stderr

    def test_is_of_the_pages_that_show_a_snippet(self, clone: Clone, guide: Guide) -> None:
        folder = clone.root / "snippets/openai"
        folder.mkdir(parents=True)
        (folder / "chat.py").write_text("print()\n", "utf-8")
        page = clone.page("en", "new.md").text + '\n```python\n--8<-- "openai/chat.py"\n```\n'
        clone.write("en", page, "new.md")

        result = guide("check", "snippets/openai", "--json")

        files = {item["file"] for item in json.loads(result.stdout)["problems"]}
        assert files == {"docs/en/new.md"}

    def test_is_of_a_provider_by_its_name(self, clone: Clone, guide: Guide) -> None:
        clone.write("en", clone.page("en", "new.md").text, "llms/groq.md")

        result = guide("check", "groq", "--json")

        files = {item["file"] for item in json.loads(result.stdout)["problems"]}
        assert files == {"docs/en/llms/groq.md", "snippets/groq/recipe.env"}


class TestCheckOfTheOtherFiles:
    @pytest.mark.parametrize(
        ("name", "text", "line", "message"),
        [
            ("snippets/openai/recipe.env", "LLM_MODEL=openai/a\nLLM_KEY=k\n", 2, "not a setting"),
            ("snippets/openai/recipe.env", "LLM_MODEL=openai/a b\n", 1, "is not NAME=value"),
            (
                "snippets/openai/mistakes/a.toml",
                "finding = 'a'\nb = 1\n",
                1,
                "not a key of a mistake",
            ),
            ("snippets/openai/mistakes/a.toml", "finding = 'a'\nb\n", 2, "is not TOML"),
            ("snippets/openai/mistakes/a.toml", "finding = 'kye'\n", 1, "Did you mean key?"),
            ("snippets/openai/mistakes/a.toml", "finding = 5\n", 1, "finding is 5"),
            (
                "snippets/openai/mistakes/a.toml",
                "finding = 'key'\nfault = 'dropped2'\n",
                1,
                "Did you mean dropped?",
            ),
            (
                "snippets/openai/mistakes/a.toml",
                "finding = 'key'\nvariables = 3\n",
                1,
                "variables is 3",
            ),
            (
                "snippets/openai/mistakes/a.toml",
                "finding = 'key'\noperation = 'chat'\n",
                1,
                "operation is 'chat'",
            ),
            ("snippets/openai/mistakes/a.error.txt", None, 1, "`make update` captures it"),
            ("src/llmdocs/wire/compatible/groq.toml", "form = 1\n", 1, "no key of a table"),
            ("src/llmdocs/wire/compatible/groq.toml", "a = 1\nb\n", 2, "is not TOML"),
        ],
    )
    def test_names_the_line(
        self, clone: Clone, guide: Guide, name: str, text: str | None, line: int, message: str
    ) -> None:
        for file, content in (
            ("snippets/openai/recipe.env", "LLM_MODEL=openai/a\nLLM_API_KEY=k\n"),
            ("snippets/openai/mistakes/a.toml", "finding = 'key'\n"),
            (name, text),
        ):
            if content is not None:
                path = clone.root / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, "utf-8")

        result = guide("check")

        told = [row for row in result.stdout.splitlines() if row.startswith(f"{name}:{line}: ")]
        assert result.exit_code in (1, 2)
        assert [row for row in told if message in row], result.stdout

    def test_tells_of_one_cause_once(self, clone: Clone, guide: Guide) -> None:
        for file, text in (
            ("snippets/openai/recipe.env", "LLM_MODEL=openai/a b\n"),
            ("snippets/openai/mistakes/a.toml", "finding = 'key'\n"),
            ("snippets/openai/mistakes/b.toml", "finding = 'key'\n"),
        ):
            (clone.root / file).parent.mkdir(parents=True, exist_ok=True)
            (clone.root / file).write_text(text, "utf-8")

        told = guide("check").stdout

        assert told.count("is not NAME=value") == 1
        assert told.count("`make update` captures it") == 0

    @pytest.mark.parametrize(
        "name", ["mkdocs.yml", "docs/fr/strings.toml", "docs/fr/words.txt", "snippets/a/b.py"]
    )
    def test_names_what_is_no_text(self, clone: Clone, guide: Guide, name: str) -> None:
        (clone.root / name).parent.mkdir(parents=True, exist_ok=True)
        (clone.root / name).write_bytes(b"\xff\xfe")

        result = guide("check")

        assert result.exit_code == 2
        assert f"{name}:1: this is not UTF-8; save it as UTF-8." in result.stderr

    def test_tells_of_a_byte_order_mark_alone(self, clone: Clone, guide: Guide) -> None:
        path = clone.docs / "en" / NAME
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

        told = guide("check").stdout.splitlines()

        assert [line.partition(": ")[0] for line in told] == [f"docs/en/{NAME}:1", "2 pages"]

    def test_says_what_it_could_not_look_at(
        self, clone: Clone, guide: Guide, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (clone.docs / "fr/words.txt").write_text("", "utf-8")
        monkeypatch.setattr(shutil, "which", lambda program: None)

        result = guide("check")

        assert "The spelling of fr was not checked: hunspell is not installed" in result.stderr
        assert result.exit_code == 0

    @pytest.mark.needs(PROGRAM)
    @pytest.mark.needs(DICTIONARIES["fr"].package)
    def test_finds_a_word_that_is_spelt_wrong(self, clone: Clone, guide: Guide) -> None:
        (clone.docs / "fr/words.txt").write_text("", "utf-8")
        clone.replace("fr", "programme continue", "adrese continue")

        assert f"{FRENCH_PAGE}:23: 'adrese' is not in the dictionary." in guide("check").stdout


class TestDiff:
    def test_marks_the_words_that_changed_and_shows_the_translation(
        self, clone: Clone, guide: Guide
    ) -> None:
        clone.replace("en", "the 3 waits", "the 4\nwaits")

        result = guide("diff", NAME, "--lang", "fr")

        assert "to see the [-3-]{+4+}\nwaits." in result.stdout
        assert "pour voir les 3 attentes." in result.stdout
        assert "The end" not in result.stdout

    def test_shows_both_side_by_side_where_there_is_room(self, clone: Clone, guide: Guide) -> None:
        clone.replace("en", "goes on", "goes on regardless")

        lines = guide("diff", NAME, "--lang", "fr", columns=140).stdout.split("\n")

        heading = next(line for line in lines if line.startswith("## The end {#end}"))
        assert heading.partition("│")[2].strip() == "## La fin {#end}"
        assert max(map(len, lines[1:])) <= 140

    def test_shows_one_section_if_told_so(self, clone: Clone, guide: Guide) -> None:
        clone.replace("en", "goes on", "goes on regardless")
        clone.replace("en", "3 waits", "4 waits")

        result = guide("diff", f"{NAME}#end", "--lang", "fr")

        assert "regardless" in result.stdout
        assert "waits" not in result.stdout

    def test_shows_the_original_where_git_has_no_older_one(
        self, clone: Clone, guide: Guide
    ) -> None:
        clone.replace("en", "goes on", "goes on regardless")
        shutil.rmtree(clone.root / ".git")

        result = guide("diff", NAME, "--lang", "fr")

        assert "Git has no version" in result.stdout
        assert "Your program goes on regardless." in result.stdout

    def test_of_a_fresh_page_says_so(self, clone: Clone, guide: Guide) -> None:
        result = guide("diff", NAME, "--lang", "fr")

        assert (result.exit_code, result.stdout) == (
            0,
            f"{NAME} is up to date in fr: nothing to translate.\n",
        )


class TestRenew:
    def test_records_what_the_section_was_made_from(self, clone: Clone, guide: Guide) -> None:
        clone.replace("en", "goes on", "goes on regardless")
        text = clone.page("fr").text

        result = guide("renew", f"{NAME}#end", "--lang", "fr")

        expected = comment(clone, "end")
        assert result.exit_code == 0
        assert expected in clone.page("fr").text
        assert len(set(clone.page("fr").text.split("\n")) ^ set(text.split("\n"))) == 2

    def test_writes_the_comment_where_there_was_none(self, clone: Clone, guide: Guide) -> None:
        text = clone.page("fr").text
        clone.replace("fr", comment(clone, "end") + "\n", "")

        guide("renew", f"{NAME}#end", "--lang", "fr")

        assert clone.page("fr").text == text

    def test_renews_the_sections_that_are_named_and_no_other(
        self, clone: Clone, guide: Guide
    ) -> None:
        for old, new in (("You see", "See"), ("3 waits", "4 waits"), ("goes on", "goes")):
            clone.replace("en", old, new)

        guide("renew", f"{NAME}#top", f"{NAME}#end", "--lang", "fr")

        assert [item.translation.anchor for item in clone.found()] == ["schedule"]

    def test_leaves_a_fresh_section_as_it_is(self, clone: Clone, guide: Guide) -> None:
        text = clone.page("fr").text

        result = guide("renew", f"{NAME}#end", "--lang", "fr")

        assert "#end was up to date" in result.stdout
        assert clone.page("fr").text == text

    def test_changes_nothing_if_one_name_is_wrong(self, clone: Clone, guide: Guide) -> None:
        clone.replace("en", "goes on", "goes on regardless")
        text = clone.page("fr").text

        guide("renew", f"{NAME}#end", f"{NAME}#endd", "--lang", "fr")

        assert clone.page("fr").text == text


WRONG = {
    "a page alone": (["renew", NAME, "--lang", "fr"], "as in guides/retries.md#top. Stale in it"),
    "no section": (["renew", "--lang", "fr"], "Missing argument 'PAGE#ANCHOR...'"),
    "no language": (["renew", f"{NAME}#end"], "Missing option '--lang'"),
    "a section": (["renew", f"{NAME}#endd", "--lang", "fr"], "Did you mean end?"),
    "a page": (["diff", "guides/retry.md", "--lang", "fr"], f"Did you mean {NAME}?"),
    "a section to show": (["diff", f"{NAME}#endd", "--lang", "fr"], "Did you mean end?"),
    "a page that is not translated": (
        ["diff", "new.md", "--lang", "fr"],
        "new.md is not translated into fr yet: copy docs/en/new.md to docs/fr/new.md",
    ),
    "a language": (["diff", NAME, "--lang", "rf"], "there is no language 'rf'"),
    "the original's": (["diff", NAME, "--lang", "en"], "There are: fr."),
    "a language to check": (["check", "--lang", "de"], "there is no language 'de'"),
    "a path to check": (["check", "docs/en/nwe.md"], "there is no file, page or provider"),
    "a page with a long name": (["diff", "a" * 5000, "--lang", "fr"], "there is no page"),
    "a long path to check": (["check", "a" * 5000], "there is no file, page or provider"),
    "a path with NUL to check": (["check", "a\0b"], "there is no file, page or provider"),
    "no path to check": (["check", ""], "there is no file, page or provider ''"),
    "a provider to check": (["check", "gorq"], "Did you mean groq?"),
    "an age": (["check", "--max-age", "-1"], "Invalid value for '--max-age'"),
    "a revision": (["check", "--since", "nowhere"], "git knows no revision 'nowhere'"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_wrong_input_is_told_in_one_line(
    clone: Clone, guide: Guide, arguments: list[str], message: str
) -> None:
    clone.write("en", "# New {#new}\n", "new.md")

    result = guide(*arguments)

    assert result.exit_code == 2
    assert message in result.stderr


def test_the_anchor_of_the_title_is_that_of_the_top(clone: Clone, guide: Guide) -> None:
    clone.replace("en", "You see", "See")

    result = guide("renew", f"{NAME}#retries", "--lang", "fr")

    assert (result.exit_code, clone.found()) == (0, [])


def test_a_revision_needs_git(clone: Clone, guide: Guide) -> None:
    shutil.rmtree(clone.root / ".git")

    result = guide("check", "--since", "HEAD")

    assert (result.exit_code, "is in no git repository" in result.stderr) == (2, True)


def test_a_section_that_the_original_lacks_is_not_renewed(clone: Clone, guide: Guide) -> None:
    clone.replace("en", "{#end}", "{#then}")

    result = guide("renew", f"{NAME}#end", "--lang", "fr")

    assert result.exit_code == 2
    assert "has no section 'end'" in result.stderr


READING = (["diff", NAME], ["diff", f"{NAME}#end"], ["renew", f"{NAME}#end"])


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_that_cannot_be_read_is_named(
    clone: Clone, guide: Guide, language: str, arguments: list[str]
) -> None:
    clone.replace(language, "\n# ", "\n```python\n# ")

    result = guide(*arguments, "--lang", "fr")

    assert (result.exit_code, result.stderr) == (
        2,
        f"llmdocs: docs/{language}/{NAME}:6: this fence is never closed.\n",
    )


def test_renewing_keeps_the_ends_of_lines(clone: Clone, guide: Guide) -> None:
    path = clone.page("fr").path
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    before = path.read_bytes()
    clone.replace("en", "goes on", "goes on regardless")

    guide("renew", f"{NAME}#end", "--lang", "fr")

    lines = zip(before.split(b"\r\n"), path.read_bytes().split(b"\r\n"), strict=True)
    assert len([pair for pair in lines if pair[0] != pair[1]]) == 1


MISPLACED = {"after a space": "{comment} ", "after a blank line": "\n{comment}"}


@pytest.mark.parametrize("form", MISPLACED.values(), ids=MISPLACED)
def test_renewing_mends_a_comment_that_is_out_of_place(
    clone: Clone, guide: Guide, form: str
) -> None:
    text, ours = clone.page("fr").text, comment(clone, "end")
    clone.replace("fr", ours, form.format(comment=ours))
    clone.replace("en", "goes on", "goes on regardless")

    guide("renew", f"{NAME}#end", "--lang", "fr")

    assert clone.page("fr").text.replace("\n\n\n", "\n\n") == text.replace(
        ours, comment(clone, "end")
    )


def test_languages_that_cannot_be_meant_are_told(clone: Clone, guide: Guide) -> None:
    (clone.root / "mkdocs.yml").write_text("plugins: []\n", "utf-8")

    result = guide("check")

    assert (result.exit_code, "mkdocs.yml:1" in result.stderr) == (2, True)


def test_outside_a_clone_there_is_nothing_to_do(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    result = guide("check")

    assert (result.exit_code, "is in no clone" in result.stderr) == (2, True)


def test_a_folder_of_the_clone_will_do(
    clone: Clone, guide: Guide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clone.docs / "fr")
    clone.replace("en", "3 waits", "4 waits")

    assert guide("check").stdout.startswith(f"../fr/{NAME}:11: ")
