curl -sS "$LLM_BASE_URL/api/version"
