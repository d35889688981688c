"""French typography: what breaks it is found and fixed, and code is left as it is."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from llmdocs.cli import main
from llmdocs.pages.masking import (
    CODE,
    MARKUP,
    WALL,
    MaskedText,
    of_page,
    texts,
)
from llmdocs.pages.page import Page, read, read_all
from llmdocs.pages.rules.typography import fixed, problems
from tests.pages.conftest import Site
from tests.support.site_files import DOCS

N = "\N{NO-BREAK SPACE}"
FRENCH = "docs/fr/llms/openai.md"
STRINGS = "docs/fr/strings.toml"
HEAD = "---\ntitle: Essai\ndescription: Un essai.\n---\n\n# Essai {#essai}\n\n"
MENDS = "`llmdocs guide typography --fix` does it"


@pytest.fixture
def site(site: Site) -> Site:
    """The small site, with one word of the interface."""
    site.write(STRINGS, f'[table]\nrequired = "Nécessaire{N}?"\n')
    return site


def text_of(folder: Path, body: str, language: str = "fr") -> MaskedText:
    path = folder / "page.md"
    path.write_text(HEAD + body, "utf-8")
    return of_page(Page(path, language, "page.md"))


def again(text: MaskedText) -> MaskedText:
    """What becomes of a page when it is fixed and read anew."""
    text.path.write_text(fixed(text), "utf-8")
    return of_page(Page(text.path, text.language, "page.md"))


# What is wrong, and the same fixed.
MENDED = {
    "no space before a colon": ("Voici: un.", f"Voici{N}: un."),
    "a space before a colon": ("Voici : un.", f"Voici{N}: un."),
    "a narrow space before a colon": ("Voici\u202f: un.", f"Voici{N}: un."),
    "two spaces before a colon": ("Voici  : un.", f"Voici{N}: un."),
    "a colon at the end of a line": ("Voici :\nun.", f"Voici{N}:\nun."),
    "a semicolon": ("Un; deux.", f"Un{N}; deux."),
    "a question": ("Pourquoi?", f"Pourquoi{N}?"),
    "an exclamation": ("Attention !", f"Attention{N}!"),
    "several marks": ("Quoi ?! Non.", f"Quoi{N}?! Non."),
    "a mark after inline code": ("Le nom `a` : un.", f"Le nom `a`{N}: un."),
    "a mark after a link": ("Voir [là](../x.md#y): un.", f"Voir [là](../x.md#y){N}: un."),
    "a mark after emphasis": ("**Attention** : un.", f"**Attention**{N}: un."),
    "a mark within emphasis": ("**Attention :** un.", f"**Attention{N}:** un."),
    "a mark after a fact": (
        "Soit {{ LLM_TIMEOUT.default }}; puis.",
        f"Soit {{{{ LLM_TIMEOUT.default }}}}{N}; puis.",
    ),
    "a mark before a comment": ("Quoi ?<!-- note -->", f"Quoi{N}?<!-- note -->"),
    "a heading": ("## Quoi ? {#quoi}", f"## Quoi{N}? {{#quoi}}"),
    "an item": ("- Un : deux.", f"- Un{N}: deux."),
    "a table's row": ("| a |\n| - |\n| Un : b |", f"| a |\n| - |\n| Un{N}: b |"),
    "a note's title": ('!!! note "Pourquoi ?"\n    Un.', f'!!! note "Pourquoi{N}?"\n    Un.'),
    "a folded note's title": ('??? note "Quoi ?"\n    Un.', f'??? note "Quoi{N}?"\n    Un.'),
    "a definition": ("Terme\n:   Un : deux.", f"Terme\n:   Un{N}: deux."),
    "the text of a link": ("Voir [quoi ?](x.md).", f"Voir [quoi{N}?](x.md)."),
    "an image's text": ("![Quoi ?](x.svg)", f"![Quoi{N}?](x.svg)"),
    "guillemets without spaces": ("Le «mot» dit.", f"Le «{N}mot{N}» dit."),
    "guillemets with spaces": ("Le « mot » dit.", f"Le «{N}mot{N}» dit."),
    "straight quotes": ('Le "mot" dit.', f"Le «{N}mot{N}» dit."),
    "English quotes": ("Le “mot” dit.", f"Le «{N}mot{N}» dit."),
    "quotes around code": ('Le "`mot`" dit.', f"Le «{N}`mot`{N}» dit."),
    "quotes before a mark": ('Le "mot": un.', f"Le «{N}mot{N}»{N}: un."),
    "quotes around a mark": ('Il dit "quoi?".', f"Il dit «{N}quoi{N}?{N}»."),
    "quotes over two lines": ('Un "mot\nlong" ici.', f"Un «{N}mot\nlong{N}» ici."),
    "quotes after an apostrophe": ('D\'"avoir" un.', f"D’«{N}avoir{N}» un."),
    "an apostrophe": ("L'adresse qu'il a.", "L’adresse qu’il a."),
    "an apostrophe before code": ("L'`adresse`.", "L’`adresse`."),
    "an apostrophe before emphasis": ("L'*adresse*.", "L’*adresse*."),
    "an apostrophe before guillemets": (f"L'«{N}adresse{N}».", f"L’«{N}adresse{N}»."),
    "an opening quote as apostrophe": ("L‘adresse.", "L’adresse."),
    "three dots": ("Un, deux...", "Un, deux…"),
    "a percentage": ("Soit 5 % ou 6%.", f"Soit 5{N}% ou 6{N}%."),
    "a unit": ("Soit 1,5 s ou 20 Go.", f"Soit 1,5{N}s ou 20{N}Go."),
    "what is beside another language": (
        'Le <span lang="en">"key": none</span> : un.',
        f'Le <span lang="en">"key": none</span>{N}: un.',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("wrong", "right"), MENDED.values(), ids=MENDED)
class TestWhatIsMendedForCertain:
    def test_is_mended(self, tmp_path: Path, wrong: str, right: str) -> None:
        assert fixed(text_of(tmp_path, wrong)) == HEAD + right

    def test_is_found_with_the_command_that_mends_it(
        self, tmp_path: Path, wrong: str, right: str
    ) -> None:
        found = list(problems(text_of(tmp_path, wrong)))

        assert found
        assert all(MENDS in message for _, message in found)

    def test_is_right_afterwards(self, tmp_path: Path, wrong: str, right: str) -> None:
        assert list(problems(text_of(tmp_path, right))) == []


# What only a person can fix, the line of the text, and words of the message.
FOUND = {
    "a mark at the beginning of a line": ("Un mot\n! Deux.", 1, "on the line of the word"),
    "a guillemet at the end of a line": ("Un «\nmot.", 0, "on the line of the word"),
    "a quote without its pair": ('Un "mot.', 0, "write « »"),
    "an inch": ('Un écran de 5" ici.', 0, "write « »"),
    "single quotes": ("Un 'mot' ici.", 0, "for quotation marks"),
}


@pytest.mark.parametrize(("wrong", "offset", "part"), FOUND.values(), ids=FOUND)
def test_what_a_person_decides_is_found_and_left(
    tmp_path: Path, wrong: str, offset: int, part: str
) -> None:
    text = text_of(tmp_path, wrong)
    found = list(problems(text))

    assert {line for line, _ in found} == {HEAD.count("\n") + 1 + offset}
    assert all(part in message and MENDS not in message for _, message in found)
    assert fixed(text) == text.text


RIGHT = {
    "inline code": 'Le `"a": b!` et ``l\'autre ` : x``.',
    "code over two lines": "Le `a\nb: c` ici.",
    "a fence": '```python\nprint("a: b!", \'c\')  # d...\n```',
    "an indented fence": '!!! note "Un"\n\n    ```bash\n    echo "a: b"\n    ```',
    "an address": "Voir <https://x.example/?a=b;c!> et https://x.example/a?b!",
    "a link's target": "Voir [là](https://x.example/l'a?b;c).",
    "a reference": "Voir [là][un].\n\n[un]: https://x.example/l'a?b \"Titre: un\"",
    "an HTML tag": "<img src=\"l'a.svg\" alt=\"x: y\">",
    "a comment": "Un.\n<!-- number: it's \"so\"! -->",
    "attributes": '![Un](x.svg){: width="5" title="a: b" }',
    "a class": "Un {: .note }",
    "a heading's anchor": "## Un {#un}",
    "a docstring's block": "::: llmdocs.LLM\n    options:\n      filters: [\"!^_\"]",
    "a table's delimiters": "| a | b |\n| :- | -: |\n| c | d |",
    "an emoji": "Un :material-check: deux.",
    "an entity": "Un &amp; deux.",
    "the time of day": "À 10:30 ou 5:1.",
    "a name with digits": "Une adresse IPv6 s’écrit en 32 chiffres, et gpt-4 s’en passe.",
    "two dots": "Un..deux.",
    "English that is marked": 'Le <span lang="en">"it\'s: so"</span> et *it\'s so!*{: lang=en }.',
    "a tab's label": '=== "L\'autre: a?"\n    Un.',
    "a definition's mark": "Terme\n:   Sens.",
    "a mark in brackets": "Un (?) et deux (!).",
}  # fmt: skip


@pytest.mark.parametrize("right", RIGHT.values(), ids=RIGHT)
def test_what_is_no_french_prose_is_left(tmp_path: Path, right: str) -> None:
    text = text_of(tmp_path, right)

    assert list(problems(text)) == []
    assert fixed(text) == text.text


def test_another_language_has_no_rules_of_french(tmp_path: Path) -> None:
    text = text_of(tmp_path, 'It\'s "so": 5 %!', language="en")

    assert list(problems(text)) == []
    assert fixed(text) == text.text


PIECES = st.sampled_from(
    [
        *"\"'«»“”‘’:;!?%.…(){}[]*_|#-<>\\&= \n", N, "\u202f", "\n\n", "...", "mot", "l", "5", " s",
        "`a: b`", "``c ' d``", "](x.md)", "![", '<b title="a: b">', "<!-- it's: -->", "{#un}",
        "{{ LLM_TIMEOUT.default }}", "https://x.example/?a;b", "\n```text\na: b!\n```\n",
        '\n!!! note "', "\n- ", "\n| a | b |\n| :- | - |\n", "\n: ", "*a*{: lang=en }",
    ]
)  # fmt: skip
BODIES = st.lists(PIECES, max_size=30).map("".join)


class TestMending:
    @given(body=BODIES)
    def test_twice_is_mending_once(
        self, body: str, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        once = again(text_of(tmp_path_factory.mktemp("page"), body))

        assert fixed(once) == once.text

    @given(body=BODIES)
    def test_leaves_code_and_marks_as_they_are(
        self, body: str, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        before = text_of(tmp_path_factory.mktemp("page"), body)

        assert _masked(again(before)) == _masked(before)

    @given(body=BODIES)
    def test_leaves_nothing_that_it_could_mend(
        self, body: str, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        once = again(text_of(tmp_path_factory.mktemp("page"), body))

        assert [message for _, message in problems(once) if MENDS in message] == []


def _masked(text: MaskedText) -> list[str]:
    """The parts of a text that are masked."""
    fillers = f"[{CODE}{MARKUP}{WALL}]+"
    return [text.text[slice(*match.span())] for match in re.finditer(fillers, text.prose)]


def test_a_mask_has_a_place_for_each_character() -> None:
    for text in texts(read_all(DOCS, "fr"), DOCS, "fr"):
        assert len(text.prose) == len(text.text), text.path
        assert [place for place, mark in enumerate(text.text) if mark == "\n"] == [
            place for place, mark in enumerate(text.prose) if mark == "\n"
        ]


# A file of the site, what stands in it, what is put in its place, and the message's first words.
BROKEN = {
    "a page": (FRENCH, "# OpenAI {", "# OpenAI: le guide {", "'# OpenAI: le guide"),
    "a title": (FRENCH, "title: OpenAI\n", "title: L'OpenAI\n", "write the apostrophe"),
    "a description": (FRENCH, "description: ", "description: Quoi? ", "put a no-break space"),
    "a word of the interface": (STRINGS, '"Nécessaire\xa0?"', '"Nécessaire ?"', "put a no-break"),
    "a title of the navigation": (
        "mkdocs.yml",
        "Errors: Erreurs",
        "Errors: Les erreurs d'ici",
        "write the apostrophe",
    ),
    "the site's description": (
        "mkdocs.yml",
        "Chaque extrait est exécuté.",
        "Chaque extrait est exécuté!",
        "put a no-break space",
    ),
    "the theme's words": (
        "mkdocs.yml",
        "Passer au mode clair",
        "Passer au mode clair!",
        "before this mark",
    ),
}


@pytest.mark.parametrize(("name", "old", "new", "part"), BROKEN.values(), ids=BROKEN)
def test_each_place_is_checked_where_readers_are_told_something(
    site: Site, name: str, old: str, new: str, part: str
) -> None:
    line = site.replace(name, old, new)

    docs = site.root / "docs"
    told = texts(read_all(docs, "fr"), docs, "fr")
    (text,) = (text for text in told if text.path == site.root / name)
    ((found, message),) = problems(text)
    assert found == line
    assert part in message


def test_english_words_of_the_configuration_are_left(site: Site) -> None:
    site.replace("mkdocs.yml", "Every snippet is executed.", "Every snippet's executed!")

    assert site.problems("mkdocs.yml") == []


@pytest.mark.parametrize("name", [FRENCH, STRINGS])
def test_wrong_typography_is_a_problem_of_the_site(site: Site, name: str) -> None:
    line = site.append(name, 'new = "Un: deux"')

    found = {problem.line for problem in site.problems(name) if MENDS in problem.message}
    assert found == {line}


class TestTheCommand:
    def run(self, site: Site, *options: str) -> Result:
        docs = str(site.root / "docs")
        return CliRunner().invoke(main, ["guide", "typography", "--docs", docs, *options])

    def test_says_that_all_is_well(self, site: Site) -> None:
        result = self.run(site)

        assert (result.exit_code, result.output) == (0, "Typography of fr: all is well.\n")

    def test_names_what_is_wrong_and_changes_nothing(self, site: Site) -> None:
        line = site.append(FRENCH, "Voici: un.")
        before = (site.root / FRENCH).read_bytes()

        result = self.run(site)

        assert result.exit_code == 1
        assert result.output.splitlines() == [
            f"{site.root / FRENCH}:{line}: 'Voici: un.': put a no-break space (U+00A0) before this "
            f"mark; {MENDS}.",
            "Typography of fr: 1 to fix.",
        ]
        assert (site.root / FRENCH).read_bytes() == before

    def test_mends_and_says_where(self, site: Site) -> None:
        line = site.append(FRENCH, "Voici: l'un.")

        result = self.run(site, "--fix")

        assert result.exit_code == 0
        assert result.output.splitlines() == [
            f"{site.root / FRENCH}: fixed on line {line}",
            "Typography of fr: 2 fixed, all is well.",
        ]
        assert site.line(FRENCH, f"Voici{N}: l’un.") == line

    def test_mends_words_of_the_interface_and_titles(self, site: Site) -> None:
        site.replace(STRINGS, '"Nécessaire\xa0?"', '"Nécessaire ?"')
        site.replace("mkdocs.yml", "Errors: Erreurs", "Errors: L'erreur")

        assert self.run(site, "--fix", "--lang", "fr").exit_code == 0
        assert site.line(STRINGS, '"Nécessaire\xa0?"')
        assert site.line("mkdocs.yml", "Errors: L’erreur")

    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_leaves_the_ends_of_lines_as_they_are(self, site: Site, end: str) -> None:
        site.append(FRENCH, "Voici: un.")
        text = (site.root / FRENCH).read_text("utf-8")
        (site.root / FRENCH).write_bytes(text.replace("\n", end).encode())

        assert self.run(site, "--fix").exit_code == 0
        assert (site.root / FRENCH).read_bytes() == (
            text.replace("Voici:", f"Voici{N}:").replace("\n", end).encode()
        )

    @pytest.mark.parametrize("folder", [".", "docs/fr/llms"])
    def test_finds_the_clone_that_it_is_run_in(
        self, site: Site, folder: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        site.append(FRENCH, "Voici: un.")
        monkeypatch.chdir(site.root / folder)

        result = CliRunner().invoke(main, ["guide", "typography"])

        assert result.output.endswith("Typography of fr: 1 to fix.\n")
        assert Path(result.output.partition(":")[0]).samefile(site.root / FRENCH)

    def test_refuses_a_folder_outside_every_clone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)

        result = CliRunner().invoke(main, ["guide", "typography"])

        assert result.exit_code == 2
        assert "is in no clone of the documentation" in result.output

    def test_says_what_is_left_to_a_person(self, site: Site) -> None:
        site.append(FRENCH, 'Voici: un "mot.')

        result = self.run(site, "--fix")

        assert result.exit_code == 1
        assert result.output.splitlines()[-1] == "Typography of fr: 1 fixed, 1 to fix."

    def test_checks_nothing_in_a_language_without_rules(self, site: Site) -> None:
        result = self.run(site, "--lang", "en")

        assert result.exit_code == 0
        assert "no typography rules for en" in result.output

    def test_refuses_a_language_without_pages(self, site: Site) -> None:
        result = self.run(site, "--lang", "fri")

        assert result.exit_code == 2
        assert "there are no pages in 'fri'. Did you mean fr?" in result.output

    @pytest.mark.parametrize("folder", ["missing", "snippets"])
    def test_refuses_a_folder_without_pages(self, site: Site, folder: str) -> None:
        result = self.run(site, "--docs", str(site.root / folder))

        assert result.exit_code == 2
        assert "is not a folder of pages" in result.output


def test_a_page_of_a_third_language_needs_no_rules(site: Site) -> None:
    site.write("docs/es/index.md", HEAD + "¡Hola! ¿Qué: tal?\n")
    page = read(site.root / "docs", "es", "index.md")

    assert list(problems(of_page(page))) == []
    assert list(problems(replace(of_page(page), language="fr"))) != []
