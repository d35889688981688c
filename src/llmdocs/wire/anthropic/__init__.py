"""Anthropic's dialect: messages, their count of tokens, and models."""
