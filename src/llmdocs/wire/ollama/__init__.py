"""Ollama's dialect: its own API, and the OpenAI-compatible one."""
