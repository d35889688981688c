ollama pull llama3.2
ollama pull nomic-embed-text
