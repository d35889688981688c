from llmdocs import LLM

llm = LLM.from_env()

answer = llm.complete("Why is the sky blue?")
print(answer.choices[0].message.content)
#> openai/gpt-oss-20b (mocked) was asked: Why is the sky blue?
