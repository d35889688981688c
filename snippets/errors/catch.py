from llmdocs import LLM
from llmdocs.errors import LLMDocsError, ProviderError

try:
    llm = LLM.from_env(num_retries=0)
    answer = llm.complete("Why is the sky blue?")
    print(answer.choices[0].message.content)
    #> gpt-4.1-mini (mocked) was asked: Why is the sky blue?
except ProviderError as error:
    print("The provider did not answer:", error.status, error.provider_message)
    print("See:", error.guide)
except LLMDocsError as error:
    print("Nothing was sent:", error)
    print("See:", error.guide)
