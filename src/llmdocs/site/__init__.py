"""The plugin for MkDocs, the only package that knows it."""
