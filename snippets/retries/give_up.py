from llmdocs import LLM
from llmdocs.errors import ProviderError, RateLimitError

llm = LLM.from_env(num_retries=0)

try:
    answer = llm.complete("Why is the sky blue?")
    print(answer.choices[0].message.content)
    #> gpt-4.1-mini (mocked) was asked: Why is the sky blue?
except RateLimitError as error:
    print("Come back later:", error.provider_message)
except ProviderError as error:
    print(error)
