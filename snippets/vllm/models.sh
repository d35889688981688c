curl -sS "$LLM_BASE_URL/models"
