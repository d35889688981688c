"""HTML of a page in another language, with what stays English in it marked as English."""

from __future__ import annotations

import re

from llmdocs.pages.strings import CODE_LANGUAGE

# What a program prints, in a block of the language `text`; and what comes out of a docstring.
ENGLISH_PARTS = re.compile(
    r'<div(?= class="(?:language-text(?: [^"]*)?|doc doc-object(?: [^"]*)?)")(?! lang=)'
)


def marked(html: str, language: str) -> str:
    """The HTML of a page's content, in which English parts say so if the page is not English."""
    if language == CODE_LANGUAGE:
        return html
    return ENGLISH_PARTS.sub(f'<div lang="{CODE_LANGUAGE}"', html)
