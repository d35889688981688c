from llmdocs import LLM

llm = LLM.from_env()
tool = {
    "type": "function",
    "function": {
        "name": "temperature",
        "description": "The temperature in a city now.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "examples": ["Paris"]}},
            "required": ["city"],
        },
    },
}
this_one = {"type": "function", "function": {"name": "temperature"}}
question = "How warm is it in Paris?"

in_words = llm.complete(question, tools=[tool], tool_choice="none")
print(in_words.choices[0].message.content)
#> gpt-4.1-mini (mocked) was asked: How warm is it in Paris?

by_tool = llm.complete(question, tools=[tool], tool_choice=this_one)
print(by_tool.choices[0].message.tool_calls[0].function.name)
#> temperature
