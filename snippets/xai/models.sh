curl -sS https://api.x.ai/v1/models -H "Authorization: Bearer $LLM_API_KEY"
