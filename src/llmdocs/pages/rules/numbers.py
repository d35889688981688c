"""Numbers typed beside a variable whose default is a number: the code may say another one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from llmdocs.pages.markdown import FACT, comments
from llmdocs.pages.numerals import DIGITS, NUMBER_WORDS
from llmdocs.pages.page import Page
from llmdocs.pages.prose import Paragraph, paragraphs, without_comments
from llmdocs.settings.variables import VARIABLES

# The same in order, from one on: the word for a default is looked up here.
SMALL_NUMBERS = {
    "en": "one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty",
    "fr": "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze "
    "seize",
}
# What a paragraph about a default speaks of.
TOPICS = {
    "en": re.compile(r"\b(?:retr(?:y|ie[sd])|waits?|attempts?)\b", re.IGNORECASE),
    "fr": re.compile(r"\b(?:tentatives?|attentes?|retent\w+)\b", re.IGNORECASE),
}
# Neither holds another of its kind: a beginning without an end is left as it is.
WRITTEN_ANCHOR = re.compile(r"\{ *#[^{}]*\}")
LINK_TARGET = re.compile(r"\]\((?:[^)\]]|\](?!\())*+\)")
VARIABLE = re.compile(r"\bLLM_[A-Z0-9_]+")
# What says that it is a status, or a well-known one that is neither a value nor a duration.
STATUS = re.compile(
    r"\b(?:HTTP|status(?:es)?|statuts?)\b[\s`]*[1-5]\d\d\b"
    r"|(?<![\w=.,-])(?<!= )(?:40[013489]|429|50[023]|529)(?!\w|[.,]\d)"
    r"(?!\s*(?:m?s|min|h|(?:milli)?secondes?|seconds?|minutes?|hours?|heures?)\b)"
    r"|\b[45]xx\b",
    flags=re.IGNORECASE,
)
# A comment that begins so is an exception.
EXCEPTION = re.compile(r"<!-- *number:")


def typed_numbers(page: Page) -> Iterator[tuple[int, str]]:
    """Each paragraph that holds a number and a variable whose default is one: line, message."""
    for paragraph in paragraphs(page):
        if not ("LLM_" in paragraph.text or "<!--" in paragraph.text):
            continue
        exception = _exception(paragraph.text)
        number = _number_beside_variable(paragraph, page.language)
        if exception == "":
            yield paragraph.line, "this exception has no reason; write <!-- number: reason -->."
        elif exception is not None and not number:
            yield (
                paragraph.line,
                "this exception excuses nothing; move it into the paragraph, item or row that "
                "holds the number, or take it out.",
            )
        elif number and exception is None:
            name, text = number
            yield (
                paragraph.line,
                f"{text!r} stands beside {name}, whose default is a number that the code says; "
                f"write {{{{ {name}.default }}}}, or say why it may stay: "
                "<!-- number: reason -->.",
            )


def typed_defaults(page: Page) -> Iterator[tuple[int, str]]:
    """Each paragraph about retries or waits that holds the number of a default."""
    topic = TOPICS.get(page.language)
    for paragraph in paragraphs(page) if topic else ():
        text = without_comments(paragraph.text)
        if not topic or not topic.search(text) or _exception(paragraph.text) is not None:
            continue
        for aside in (FACT, WRITTEN_ANCHOR, LINK_TARGET, VARIABLE, STATUS):
            text = aside.sub(" ", text)
        for name, spellings in _spelled_defaults(page.language).items():
            found = re.search(rf"(?<![\w.,-])(?:{'|'.join(spellings)})(?![\w-]|[.,]\d)", text, re.I)
            if found:
                yield (
                    paragraph.line,
                    f"{found[0]!r} is the default of {name}; write {{{{ {name}.default }}}}, or "
                    "say why it may stay: <!-- number: reason -->.",
                )


def _exception(text: str) -> str | None:
    """The reason of the first comment that makes an exception, or None if there is none."""
    for start, end in comments(text):
        if match := EXCEPTION.match(text, start):
            return text[match.end() : end - len("-->")].strip()
    return None


def _spelled_defaults(language: str) -> dict[str, list[str]]:
    """How each default that is a number is written in a language: in digits, and as a word."""
    words = ["", *SMALL_NUMBERS.get(language, "").split()]
    spelled = {}
    for name in filter(_has_number, VARIABLES):
        digits = VARIABLES[name].default or ""
        word = words[int(digits)] if digits.isdigit() and int(digits) < len(words) else ""
        spelled[name] = [re.escape(digits), *([word] if word else [])]
    return spelled


def _number_beside_variable(paragraph: Paragraph, language: str) -> tuple[str, str] | None:
    """A variable that the paragraph names and a number that it holds, if it has both."""
    text = without_comments(paragraph.text)
    names = [name for name in VARIABLE.findall(text) if _has_number(name)]
    for aside in (FACT, WRITTEN_ANCHOR, LINK_TARGET, VARIABLE, STATUS):
        text = aside.sub(" ", text)
    number = _pattern(language).search(text)
    return (names[0], number[0].rstrip(".,")) if names and number else None


def _has_number(name: str) -> bool:
    default = VARIABLES[name].default if name in VARIABLES else None
    return re.fullmatch(r"\d+(?:\.\d+)?", default or "") is not None


def _pattern(language: str) -> re.Pattern[str]:
    words = NUMBER_WORDS.get(language, "").split()
    named = rf"|\b(?:{'|'.join(words)})s?\b" if words else ""
    return re.compile(DIGITS + named, flags=re.IGNORECASE)
