"""Pages rendered: embeds, facts and blocks in their places, and plain Markdown."""
