"""Servers that copy OpenAI's API, each played from a table."""
