curl -sS https://api.groq.com/openai/v1/models -H "Authorization: Bearer $LLM_API_KEY"
