from llmdocs import LLM

llm = LLM.from_env()

answer = llm.complete("Why is the sky blue?")
print(answer.choices[0].message.content)
#> grok-4.3 (mocked) was asked: Why is the sky blue?
