curl -sS http://host.docker.internal:11434/api/version
