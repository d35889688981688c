"""Rules that pages, their words and the built site keep."""
