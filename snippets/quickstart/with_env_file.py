from llmdocs import LLM

llm = LLM.from_env(".env")

answer = llm.complete("Say hello in one word.")
print(answer.choices[0].message.content)
#> gpt-4.1-mini (mocked) was asked: Say hello in one word.
