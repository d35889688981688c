from llmdocs import LLM

llm = LLM.from_env()

for chunk in llm.stream("Why is the sky blue?"):
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)
print()
#> gpt-4.1-mini (mocked) was asked: Why is the sky blue?

print(llm.usage.total_tokens, "tokens")
#> 14 tokens
