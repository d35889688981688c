import os

from litellm import completion

answer = completion(
    model=os.environ["LLM_MODEL"],
    api_base=os.environ.get("LLM_BASE_URL"),
    api_key=os.environ.get("LLM_API_KEY"),
    api_version=os.environ.get("LLM_API_VERSION"),
    messages=[{"role": "user", "content": "Why is the sky blue?"}],
)
print(answer.choices[0].message.content)
#> llama3.2 (mocked) was asked: Why is the sky blue?
