from llmdocs import LLM
from llmdocs.errors import ProviderError

llm = LLM.from_env()

text = ""
complete = False
try:
    for chunk in llm.stream("Why is the sky blue?"):
        if chunk.choices:
            text += chunk.choices[0].delta.content or ""
    complete = True
except ProviderError as error:
    print(error)

print(text)
#> gpt-4.1-mini (mocked) was asked: Why is the sky blue?
print("complete:", complete)
#> complete: True
