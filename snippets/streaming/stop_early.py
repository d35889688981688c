from contextlib import closing

from llmdocs import LLM

llm = LLM.from_env()

text = ""
with closing(llm.stream("Why is the sky blue?")) as chunks:
    for chunk in chunks:
        if chunk.choices:
            text += chunk.choices[0].delta.content or ""
        if "asked:" in text:
            break

print(text)
#> gpt-4.1-mini (mocked) was asked:
print(llm.usage.total_tokens, "tokens, by an estimate")
#> 27 tokens, by an estimate
