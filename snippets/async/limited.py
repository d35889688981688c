import asyncio

from llmdocs import LLM

llm = LLM.from_env()
QUESTIONS = ["Why is the sky blue?", "Why is grass green?", "Why is snow white?"]
AT_ONCE = 2


async def ask(question: str, places: asyncio.Semaphore) -> str:
    async with places:
        answer = await llm.acomplete(question)
    return answer.choices[0].message.content


async def main() -> None:
    places = asyncio.Semaphore(AT_ONCE)
    for text in await asyncio.gather(*(ask(question, places) for question in QUESTIONS)):
        print(text)
        #> gpt-4.1-mini (mocked) was asked: Why is the sky blue?
        #> gpt-4.1-mini (mocked) was asked: Why is grass green?
        #> gpt-4.1-mini (mocked) was asked: Why is snow white?


asyncio.run(main())
