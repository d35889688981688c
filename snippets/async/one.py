import asyncio

from llmdocs import LLM

llm = LLM.from_env()


async def main() -> None:
    answer = await llm.acomplete("Why is the sky blue?")
    print(answer.choices[0].message.content)
    #> gpt-4.1-mini (mocked) was asked: Why is the sky blue?
    vectors = await llm.aembed(["The sky is blue.", "Bread needs salt."])
    print(len(vectors.data), "vectors")
    #> 2 vectors


asyncio.run(main())
