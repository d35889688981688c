from llmdocs import LLM

answer = LLM.from_env().complete("Where are you?")
print(answer.choices[0].message.content)
#> gpt-4.1-mini (mocked) was asked: Where are you?
