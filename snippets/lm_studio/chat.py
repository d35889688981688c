from llmdocs import LLM

llm = LLM.from_env()

answer = llm.complete("Why is the sky blue?")
print(answer.choices[0].message.content)
#> qwen/qwen3-4b-2507 (mocked) was asked: Why is the sky blue?
