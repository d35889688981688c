"""A translated section is stale once its original says something else, seriously or not."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from llmdocs.errors import PageError
from llmdocs.pages.languages import site_languages
from llmdocs.pages.page import read_all
from llmdocs.pages.sections import Section, sections
from llmdocs.pages.translation.changes import made_stale_since, word_changes
from llmdocs.pages.translation.freshness import Originals, comment_problems, likely_serious_changes
from llmdocs.pages.translation.history import History
from tests.pages.clone import ENGLISH, FRENCH, NAME, Clone, comment, make_clone
from tests.support.site_files import DOCS, MKDOCS_YML, pages, stale_translations


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return make_clone(tmp_path / "clone")


def anchors(clone: Clone) -> list[str]:
    return [item.translation.anchor for item in clone.found()]


class TestOurTranslations:
    """Those of this site. What is found here is fixed with `llmdocs guide diff` and `renew`."""

    def test_say_nothing_that_a_serious_change_of_the_original_has_made_wrong(self) -> None:
        assert [str(item) for item in stale_translations() if item.changes] == []


class TestStale:
    def test_nothing_is_while_the_original_says_the_same(self, clone: Clone) -> None:
        assert clone.found() == []

    def test_a_section_is_once_its_original_says_something_else(self, clone: Clone) -> None:
        clone.replace("en", "goes on", "goes on regardless")

        assert anchors(clone) == ["end"]

    def test_the_top_is_once_the_description_says_something_else(self, clone: Clone) -> None:
        clone.replace("en", "What is retried.", "What is retried, and when.")

        assert anchors(clone) == ["top"]

    def test_a_section_is_whose_original_is_gone(self, clone: Clone) -> None:
        clone.replace("en", "## The end {#end}\n\nYour program goes on.\n", "")

        found = clone.the_one_found()

        assert found.changes == ["the original has no section 'end' any more"]
        assert "take it out" in str(found)

    def test_a_section_is_not_any_more_once_it_is_renewed(self, clone: Clone) -> None:
        clone.replace("en", "goes on", "goes on regardless")
        clone.renew("end")

        assert clone.found() == []

    def test_a_section_whose_words_are_under_another_anchor_has_moved(self, clone: Clone) -> None:
        clone.replace("en", "{#end}", "{#then}")

        found = clone.the_one_found()

        assert found.stale.moved_to == clone.section("en", "then")
        assert found.changes == []
        assert f"words that are in {NAME}#then now; move it there" in str(found)

    def test_words_that_got_a_new_anchor_have_moved_though_others_took_the_old(
        self, clone: Clone
    ) -> None:
        clone.replace("en", "{#end}", "{#then}")
        clone.replace("en", "## The schedule", "## Other {#end}\n\nOther.\n\n## The schedule")

        moved_to = clone.the_one_found().stale.moved_to

        assert moved_to
        assert moved_to.anchor == "then"

    def test_a_section_whose_words_are_on_another_page_has_moved(self, clone: Clone) -> None:
        end = "## The end {#end}\n\nYour program goes on.\n"
        clone.replace("en", end, "")
        clone.write("en", f"---\ntitle: More\ndescription: More.\n---\n\n# More {{#more}}\n\n{end}",
                    "more.md")  # fmt: skip

        moved_to = clone.the_one_found().stale.moved_to

        assert moved_to
        assert moved_to.name == "more.md#end"

    def test_a_section_whose_words_another_page_has_too_has_not_moved(self, clone: Clone) -> None:
        clone.write("en", ENGLISH, "other.md")
        clone.write("fr", FRENCH, "other.md")
        clone.renew_all("other.md")
        clone.replace("en", "goes on", "goes on regardless")

        assert clone.the_one_found().stale.moved_to is None

    def test_a_section_whose_words_an_untranslated_page_has_too_has_not_moved(
        self, clone: Clone
    ) -> None:
        clone.write("en", ENGLISH, "other.md")
        clone.replace("en", "3 waits", "4 waits")

        found = clone.the_one_found()

        assert found.stale.moved_to is None
        assert found.changes

    def test_every_section_is_whose_page_is_gone(self, clone: Clone) -> None:
        clone.page("en").path.unlink()

        found = clone.found()

        assert [item.translation.anchor for item in found] == ["top", "schedule", "end"]
        assert all("made from a page that is gone" in str(item) for item in found)


SERIOUS = {
    "inline code": ("`llmdocs settings`", "`llmdocs doctor`", ["`llmdocs settings` is gone",
                                                               "`llmdocs doctor` is new"]),
    "a variable outside inline code": ("the 3 waits", "the 3 waits of LLM_TIMEOUT",
                                       ["`LLM_TIMEOUT` is new"]),
    "a decimal point": ("3 waits", "3.5 waits", ["the number 3 is gone", "the number 3.5 is new"]),
    "a sign": ("the 3 waits", "the -3 waits", ["the number 3 is gone", "the number -3 is new"]),
    "a unit": ("3 waits", "3 s of waits", ["the number 3 is gone", "the number 3 s is new"]),
    "a name with a digit": ("goes on", "goes on with gpt-5", ["the number gpt-5 is new"]),
    "a number in digits": ("3 waits", "4 waits", ["the number 3 is gone", "the number 4 is new"]),
    "a number in a word": ("the 3 waits", "the 3 waits twice, and two more",
                           ["the number twice is new", "the number two is new"]),
    "a warning in an item": ('!!! warning "Costs"', '- !!! danger "Costs"',
                             ["a warning has changed"]),
    "a warning": ("may cost", "does cost", ["a warning has changed"]),
    "the title of a warning": ('"Costs"', '"Prices"', ["a warning has changed"]),
    "a warning that is gone": ('!!! warning "Costs"\n\n    An attempt may cost.\n', "",
                               ["a warning has changed"]),
    "a warning that has become a note": ("!!! warning", "!!! note", ["a warning has changed"]),
    "a second warning": ("cost.\n", 'cost.\n\n!!! danger "No"\n\n    Never.\n',
                         ["a warning has changed"]),
}  # fmt: skip


class TestAChange:
    @pytest.mark.parametrize(("old", "new", "changes"), SERIOUS.values(), ids=SERIOUS)
    def test_of_what_a_reader_types_or_is_warned_of_is_serious(
        self, clone: Clone, old: str, new: str, changes: list[str]
    ) -> None:
        clone.replace("en", old, new)

        assert clone.the_one_found().changes == changes

    @pytest.mark.parametrize(
        ("old", "new"),
        [("Run `llmdocs", "Type `llmdocs"), ("waits.", "waits.\n\nOne is short."),
         ("An attempt may cost.", "An attempt\n    may cost."), ("the 3 waits", "3 waits, all"),
         ("may cost.\n", "may cost.\n\nIt rarely does.\n")],
        ids=["a word", "a pronoun", "the lines of a warning", "words around a number",
             "what follows a warning"],
    )  # fmt: skip
    def test_of_other_words_is_not(self, clone: Clone, old: str, new: str) -> None:
        clone.replace("en", old, new)

        assert [change for found in clone.found() for change in found.changes] == []

    def test_is_judged_against_the_translation_where_no_history_tells(self, clone: Clone) -> None:
        shutil.rmtree(clone.root / ".git")
        clone.replace("en", "see the 3 waits", "see the waits")
        clone.replace("en", "goes on", "goes on regardless")

        assert {item.translation.anchor: item.changes for item in clone.found()} == {
            "schedule": ["the number 3 is gone"],
            "end": [],
        }

    def test_of_the_order_of_numbers_is_serious(self, clone: Clone) -> None:
        for old, new in (("the 3 waits", "3 waits or 4"), ("3 waits or 4", "4 waits or 3")):
            clone.replace("en", old, new)
            found = clone.the_one_found()
            clone.commit()
            clone.renew("schedule")

        assert found.changes == ["the numbers are in another order"]

    def test_without_history_is_not_serious_in_a_section_of_ours_that_is_fresh(self) -> None:
        """Else a word that someone fixes there would fail the tests."""
        default = site_languages(MKDOCS_YML).default
        originals = Originals(DOCS, default, read_all(DOCS, default))
        translated = [page for page in pages() if page.language != default]

        assert translated
        assert {
            section.name: changes
            for page in translated
            for section in sections(page).values()
            if (original := originals.pages[page.name].get(section.anchor))
            and (changes := likely_serious_changes(section, original))
        } == {}

    def test_of_how_a_number_is_written_is_none_between_languages(self, clone: Clone) -> None:
        shutil.rmtree(clone.root / ".git")
        clone.replace("en", "3 waits", "64,000 waits")
        clone.replace("fr", "3 attentes", "64\u00a0000 attentes")

        assert clone.the_one_found().changes == []


class TestTheHistory:
    def test_tells_when_a_section_became_stale(self, clone: Clone) -> None:
        clone.replace("en", "goes on", "goes on regardless")
        clone.commit(days_ago=40)
        clone.replace("en", "regardless", "nevertheless")
        clone.commit(days_ago=10)

        assert clone.the_one_found().days == 40

    def test_of_another_page_does_not_count(self, clone: Clone) -> None:
        clone.replace("en", "goes on", "goes on regardless")
        clone.commit(days_ago=40)
        clone.write("en", ENGLISH, "other.md")
        clone.commit(days_ago=10)
        clone.write("en", ENGLISH.replace("goes on", "stops"), "other.md")
        clone.commit(days_ago=5)

        assert clone.the_one_found().days == 40

    def test_tells_what_a_section_was_made_from(self, clone: Clone) -> None:
        before = clone.section("en", "end").source
        clone.replace("en", "goes on", "goes on regardless")
        clone.commit(days_ago=40)

        base = clone.the_one_found().base

        assert base
        assert base.source == before

    def test_a_change_that_is_not_committed_is_new(self, clone: Clone) -> None:
        clone.replace("en", "goes on", "goes on regardless")

        assert clone.the_one_found().days == 0

    def test_a_change_counts_from_when_it_reached_the_main_branch(self, clone: Clone) -> None:
        clone.git("switch", "--quiet", "--create", "change")
        clone.replace("en", "goes on", "goes on regardless")
        clone.commit(days_ago=60)
        clone.git("switch", "--quiet", "main")
        clone.git("merge", "--quiet", "--no-ff", "--no-edit", "change", days_ago=5)

        assert clone.the_one_found().days == 5

    def test_finds_the_words_on_a_branch_that_was_merged(self, clone: Clone) -> None:
        clone.git("switch", "--quiet", "--create", "change")
        clone.replace("en", "goes on", "goes on regardless")
        clone.renew("end")
        clone.commit(days_ago=60)
        clone.replace("en", "regardless", "nevertheless")
        clone.commit(days_ago=59)
        clone.git("switch", "--quiet", "main")
        clone.git("merge", "--quiet", "--no-ff", "--no-edit", "change", days_ago=5)

        found = clone.the_one_found()

        assert found.base
        assert "regardless" in found.base.source
        assert found.days == 5

    def test_counts_on_when_an_anchor_is_renamed(self, clone: Clone) -> None:
        clone.replace("en", "goes on", "goes on regardless")
        clone.commit(days_ago=40)
        for language in ("en", "fr"):
            clone.replace(language, "{#end}", "{#then}")
        clone.commit(days_ago=5)

        assert clone.the_one_found().days == 40

    def test_counts_on_when_a_page_is_renamed(self, clone: Clone) -> None:
        clone.replace("en", "goes on", "goes on regardless")
        clone.commit(days_ago=40)
        for language in ("en", "fr"):
            clone.git("mv", f"docs/{language}/{NAME}", f"docs/{language}/waits.md")
        clone.commit(days_ago=5)

        assert clone.the_one_found().days == 40

    def test_finds_the_words_under_the_name_that_the_page_had(self, clone: Clone) -> None:
        for language in ("en", "fr"):
            clone.git("mv", f"docs/{language}/{NAME}", f"docs/{language}/waits.md")
        clone.commit(days_ago=50)
        clone.replace("en", "goes on", "goes on regardless", "waits.md")

        base = clone.the_one_found().base

        assert base
        assert "Your program goes on." in base.source

    def test_a_hash_that_no_version_has_counts_from_when_it_came_in(self, clone: Clone) -> None:
        clone.replace("fr", comment(clone, "end"), "<!-- en: 00000000 -->")
        clone.commit(days_ago=20)

        found = clone.the_one_found()

        assert (found.base, found.days) == (None, 20)

    def test_that_is_not_whole_does_not_tell_an_age(self, clone: Clone, tmp_path: Path) -> None:
        clone.replace("en", "goes on", "goes on regardless")
        clone.commit(days_ago=40)
        shallow = Clone(tmp_path / "shallow")
        clone.git("clone", "--quiet", "--depth=1", clone.root.as_uri(), str(shallow.root))

        found = shallow.the_one_found()

        assert (found.base, found.since, found.days) == (None, None, None)
        assert "stale since when is unknown" in str(found)

    def test_that_is_not_there_does_not_tell_an_age(self, clone: Clone) -> None:
        shutil.rmtree(clone.root / ".git")
        clone.replace("en", "goes on", "goes on regardless")

        assert clone.the_one_found().days is None

    def test_is_none_where_git_is_not_installed(
        self, clone: Clone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "")
        clone.replace("en", "goes on", "goes on regardless")

        assert clone.the_one_found().days is None

    def test_a_page_that_could_not_be_read_once_is_passed_over(self, clone: Clone) -> None:
        clone.replace("en", "Your program", "```python\nYour program")
        clone.commit(days_ago=50)
        clone.replace("en", "```python\nYour program goes", "Your program still goes")
        clone.commit(days_ago=30)

        assert clone.the_one_found().days == 50


class TestWhatARevisionMakesStale:
    def made_stale(self, clone: Clone, revision: str = "HEAD") -> list[str]:
        originals, history = (
            Originals(clone.docs, "en", read_all(clone.docs, "en")),
            History(clone.root),
        )
        found = made_stale_since(revision, clone.found(), originals, history)
        return [item.translation.anchor for item in found]

    def test_is_what_was_fresh_before_it(self, clone: Clone) -> None:
        clone.replace("en", "goes on", "goes on regardless")
        clone.commit()
        clone.replace("en", "You see", "You can see")

        assert self.made_stale(clone) == ["top"]
        assert self.made_stale(clone, "HEAD~1") == ["top", "end"]

    def test_is_also_what_comes_in_stale_with_its_page(self, clone: Clone) -> None:
        clone.write("en", ENGLISH, "new.md")
        clone.write("fr", FRENCH, "new.md")
        clone.renew_all("new.md")
        clone.replace("en", "You see", "You can see", "new.md")

        assert self.made_stale(clone) == ["top"]

    def test_is_not_what_was_stale_under_another_name(self, clone: Clone) -> None:
        clone.replace("en", "goes on", "goes on regardless")
        clone.replace("en", "3 waits", "4 waits")
        clone.commit()
        for language in ("en", "fr"):
            clone.replace(language, "{#end}", "{#then}")
            clone.git("mv", f"docs/{language}/{NAME}", f"docs/{language}/waits.md")
        clone.commit()

        assert self.made_stale(clone, "HEAD~1") == []

    def test_of_an_unknown_revision_is_an_error(self, clone: Clone) -> None:
        clone.replace("en", "You see", "You can see")

        with pytest.raises(PageError, match="git knows no revision 'nowhere'"):
            self.made_stale(clone, "nowhere")


def test_two_who_renew_neighbouring_sections_do_not_conflict(clone: Clone) -> None:
    clone.replace("en", "3 waits", "4 waits")
    clone.replace("en", "goes on", "goes on regardless")
    clone.commit()
    for branch, anchor, old, new in (
        ("one", "schedule", "3 attentes", "4 attentes"),
        ("two", "end", "continue", "continue malgré tout"),
    ):
        clone.git("switch", "--quiet", "--create", branch, "main")
        clone.replace("fr", old, new)
        clone.renew(anchor)
        clone.commit()

    clone.git("merge", "--quiet", "--no-edit", "one")

    assert clone.found() == []


def problems(clone: Clone) -> list[tuple[int, str]]:
    return list(
        comment_problems(clone.page("fr"), Originals(clone.docs, "en", read_all(clone.docs, "en")))
    )


COMMENTS = {
    "missing": ("{comment}\n", "", 20, "llmdocs guide renew guides/retries.md#end --lang fr"),
    "too short": ("{comment}", "<!-- en: 3f2a -->", 21, "has the form <!-- en:"),
    "of another language": ("<!-- en:", "<!-- de:", 21, "names de; write en."),
    "in capitals": ("{comment}", "<!-- EN: 3f2a9c1b -->", 21, "has the form <!-- en:"),
    "after a blank line": ("{comment}", "\n{comment}", 22, "on the line below its section's"),
    "in a line with text": ("{comment}", "{comment} Voici.", 21, "on a line of its own"),
    "a second one": ("continue.", "continue.\n\n{comment}", 25, "on the line below its section's"),
}


class TestAComment:
    @pytest.mark.parametrize(("old", "new", "line", "message"), COMMENTS.values(), ids=COMMENTS)
    def test_is_checked(self, clone: Clone, old: str, new: str, line: int, message: str) -> None:
        ours = comment(clone, "end")
        text = clone.page("fr").text
        head, section, tail = text.partition("## La fin")
        clone.write(
            "fr", head + section + tail.replace(old.format(comment=ours), new.format(comment=ours))
        )

        found = problems(clone)

        assert (line, True) in [(number, message in text) for number, text in found], found

    def test_is_not_wanted_of_a_section_that_the_original_lacks(self, clone: Clone) -> None:
        clone.replace("fr", "Votre", "Votre\n\n## De plus {#more}\n\nEt votre")

        assert problems(clone) == []

    def test_is_none_in_inline_code(self, clone: Clone) -> None:
        clone.replace("fr", "Votre", "Voyez `<!-- en: 3f2a9c1b -->`. Votre")

        assert problems(clone) == []
        assert clone.found() == []

    def test_belongs_into_no_original(self, clone: Clone) -> None:
        clone.replace("en", "Your program", f"{comment(clone, 'end')}\nYour program")
        page = clone.page("en")

        ((_, message),) = comment_problems(
            page, Originals(clone.docs, "en", read_all(clone.docs, "en"))
        )

        assert "belongs into translations alone" in message


class TestTheWordsThatChanged:
    def test_are_told_from_those_that_did_not(self) -> None:
        assert word_changes("It waits 8\nseconds at\nmost.", "It waits 9 seconds at most.") == [
            ("same", "It waits "),
            ("gone", "8"),
            ("new", "9"),
            ("same", " seconds at most."),
        ]

    def test_stand_within_inline_code(self) -> None:
        assert word_changes("Run `a b`.", "Run `a c`.") == [
            ("same", "Run `a "),
            ("gone", "b"),
            ("new", "c"),
            ("same", "`."),
        ]

    def test_leave_every_line_as_it_is(self) -> None:
        text = '---\ntitle: One\n---\n\n- two\n- three\n\n!!! note "Four"\n\n    five\n'

        assert word_changes(text, text) == [("same", text)]

    def test_tell_a_new_paragraph(self) -> None:
        assert ("new", "\n\n") in word_changes("One. Two.", "One.\n\nTwo.")


def test_a_section_knows_what_it_is_called(clone: Clone) -> None:
    section: Section = clone.section("fr", "end")

    assert section.name == "guides/retries.md#end"
    assert section.place == f"{clone.docs}/fr/{NAME}:20"


def test_an_age_is_whole_days(clone: Clone) -> None:
    clone.replace("en", "goes on", "goes on regardless")
    clone.commit(days_ago=1.9)

    found = clone.the_one_found()

    assert found.since
    assert datetime.now(UTC) - found.since > timedelta(days=1.8)
    assert found.days == 1
    assert "for 1 day." in str(found)
