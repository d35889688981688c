"""OpenAI's dialect: chat completions, embeddings and models."""
