from llmdocs import LLM

llm = LLM.from_env()

answer = llm.complete("Why is the sky blue?")
print(answer.choices[0].message.content)
#> Qwen/Qwen2.5-1.5B-Instruct (mocked) was asked: Why is the sky blue?
