from llmdocs import LLM

llm = LLM.from_env()

llm.complete("Why is the sky blue?")
chunks = list(llm.stream("And why is grass green?"))
llm.embed(["The sky is blue.", "Grass is green."])

usage = llm.usage
print("calls:", usage.calls)
#> calls: 3
print("retries:", usage.retries)
#> retries: 0
print("prompt tokens:", usage.prompt_tokens)
#> prompt tokens: 17
print("completion tokens:", usage.completion_tokens)
#> completion tokens: 18
print(f"cost: {usage.cost:.8f} USD")
#> cost: 0.00003294 USD
