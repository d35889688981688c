"""`LLM_*` settings: fields, sources, and what is said of a value that does not fit."""
