"""Redaction of what may not be shown, in texts, addresses, logs and exceptions."""
