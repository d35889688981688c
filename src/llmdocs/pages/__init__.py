"""Markdown as data: read a page, expand its embeds, facts and blocks, find what is wrong in it."""
