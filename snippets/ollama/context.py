from llmdocs import LLM

llm = LLM.from_env()
long_text = "blue " * 6000 + "Why is the sky blue?"

answer = llm.complete(long_text)
print(answer.usage.prompt_tokens)
#> 4096

answer = llm.complete(long_text, num_ctx=8192)
print(answer.usage.prompt_tokens)
#> 6005
