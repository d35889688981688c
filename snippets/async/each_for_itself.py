import asyncio

from llmdocs import LLM
from llmdocs.errors import ProviderError

llm = LLM.from_env()
QUESTIONS = ["Why is the sky blue?", "Why is grass green?", "Why is snow white?"]


async def ask(question: str) -> str:
    try:
        answer = await llm.acomplete(question)
    except ProviderError as error:
        return f"no answer: {error}"
    return answer.choices[0].message.content


async def main() -> None:
    for text in await asyncio.gather(*map(ask, QUESTIONS)):
        print(text)
        #> gpt-4.1-mini (mocked) was asked: Why is the sky blue?
        #> gpt-4.1-mini (mocked) was asked: Why is grass green?
        #> gpt-4.1-mini (mocked) was asked: Why is snow white?


asyncio.run(main())
