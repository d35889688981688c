from llmdocs import LLM

llm = LLM.from_env()

for chunk in llm.stream("Why is the sky blue?"):
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)
print()
#> claude-haiku-5-5 (mocked) was asked: Why is the sky blue?
