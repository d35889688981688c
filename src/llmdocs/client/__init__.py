"""The client: one call, its retries, and what is made of what comes back."""
