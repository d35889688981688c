docker run --env-file .env --env LLM_BASE_URL=http://host.docker.internal:11434 your-image
