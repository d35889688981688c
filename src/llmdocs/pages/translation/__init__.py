"""Translations: compared with their originals, and what has changed since."""
