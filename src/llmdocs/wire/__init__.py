"""The mocked providers: servers that speak each provider's HTTP API and refuse what it refuses."""
