"""HTML of a page in another language, with what stays English in it marked as English."""

from __future__ import annotations

import re

from llmdocs.pages.strings import CODE_LANGUAGE

# The class of the paragraphs that the doctor printed.
VERDICT = "verdict"
# What a program prints, in a block of the language `text` or a verdict; and what comes out of a
# docstring.
ENGLISH_PARTS = re.compile(
    r'<(?P<tag>div(?= class="(?:language-text(?: [^"]*)?|doc doc-object(?: [^"]*)?)")'
    rf'|p(?= class="{VERDICT}"))(?! lang=)'
)


def marked(html: str, language: str) -> str:
    """The HTML of a page's content, in which English parts say so if the page is not English."""
    if language == CODE_LANGUAGE:
        return html
    return ENGLISH_PARTS.sub(rf'<\g<tag> lang="{CODE_LANGUAGE}"', html)
