"""Providers: what each needs, where it answers, and what litellm knows of its models."""
