from llmdocs import LLM

quick = LLM.from_env(timeout=5)
patient = LLM.from_env(timeout=600)

answer = quick.complete("Why is the sky blue?")
print(answer.choices[0].message.content)
#> gpt-4.1-mini (mocked) was asked: Why is the sky blue?
