curl -sS https://api.openai.com/v1/models -H "Authorization: Bearer $LLM_API_KEY"
