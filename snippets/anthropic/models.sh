curl -sS https://api.anthropic.com/v1/models -H "x-api-key: $LLM_API_KEY" -H "anthropic-version: 2023-06-01"
