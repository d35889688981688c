import asyncio

from llmdocs import LLM
from llmdocs.errors import ProviderError

llm = LLM.from_env()
QUESTIONS = ["Why is the sky blue?", "Why is grass green?", "Why is snow white?"]


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(llm.acomplete(question)) for question in QUESTIONS]
    for task in tasks:
        print(task.result().choices[0].message.content)
        #> gpt-4.1-mini (mocked) was asked: Why is the sky blue?
        #> gpt-4.1-mini (mocked) was asked: Why is grass green?
        #> gpt-4.1-mini (mocked) was asked: Why is snow white?


try:
    asyncio.run(main())
except* ProviderError as failed:
    print(failed.exceptions[0])
