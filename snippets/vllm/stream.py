from llmdocs import LLM

llm = LLM.from_env()

for chunk in llm.stream("Why is the sky blue?"):
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)
print()
#> Qwen/Qwen2.5-1.5B-Instruct (mocked) was asked: Why is the sky blue?
