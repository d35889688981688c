import asyncio

from llmdocs import LLM

llm = LLM.from_env()


async def main() -> None:
    text = ""
    async for chunk in llm.astream("Why is the sky blue?"):
        if chunk.choices:
            text += chunk.choices[0].delta.content or ""
    print(text)
    #> gpt-4.1-mini (mocked) was asked: Why is the sky blue?


asyncio.run(main())
