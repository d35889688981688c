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

calls = []
for chunk in llm.stream("How warm is it in Paris?", tools=[tool]):
    delta = chunk.choices[0].delta if chunk.choices else None
    for piece in (delta.tool_calls if delta else None) or []:
        if piece.id:
            function = {"name": piece.function.name, "arguments": ""}
            calls.append({"id": piece.id, "type": "function", "function": function})
        calls[-1]["function"]["arguments"] += piece.function.arguments or ""

for call in calls:
    print(call["function"]["name"], call["function"]["arguments"])
    #> temperature {"city": "Paris"}
