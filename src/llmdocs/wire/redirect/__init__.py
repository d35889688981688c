"""The folder that Python children of `llmdocs mock` find on their PYTHONPATH."""
