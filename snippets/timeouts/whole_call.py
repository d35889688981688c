import asyncio

from llmdocs import LLM
from llmdocs.errors import ProviderError

llm = LLM.from_env()


async def main() -> None:
    try:
        async with asyncio.timeout(30):
            answer = await llm.acomplete("Why is the sky blue?")
        print(answer.choices[0].message.content)
        #> gpt-4.1-mini (mocked) was asked: Why is the sky blue?
    except TimeoutError:
        print("The time for this call is up.")
    except ProviderError as error:
        print(error)


asyncio.run(main())
