"""Numbers in prose: digits, and the words for them in each language."""

from __future__ import annotations

# The words that are numbers. "One", "un" and "une" are left out: they are pronouns and articles.
# In a language that is not here, digits alone are found.
NUMBER_WORDS = {
    "en": "zero two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty "
    "ninety hundred thousand",
    "fr": "zéro deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze "
    "seize vingt trente quarante cinquante soixante cent mille",
}
# Digits inside a name are none: gpt-4.1, v1, UTF-8.
DIGITS = r"(?<!\w)(?<!\w[-.,])\d[\d.,]*"
