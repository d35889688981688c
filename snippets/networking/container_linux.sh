docker run --env-file .env --env LLM_BASE_URL=http://host.docker.internal:11434 \
  --add-host host.docker.internal:host-gateway your-image
