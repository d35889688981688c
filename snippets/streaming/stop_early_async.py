import asyncio
from contextlib import aclosing

from llmdocs import LLM

llm = LLM.from_env()


async def main() -> None:
    text = ""
    async with aclosing(llm.astream("Why is the sky blue?")) as chunks:
        async for chunk in chunks:
            if chunk.choices:
                text += chunk.choices[0].delta.content or ""
            if "asked:" in text:
                break
    print(text)
    #> gpt-4.1-mini (mocked) was asked:


asyncio.run(main())
