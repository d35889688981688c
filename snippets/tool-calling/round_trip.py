import json

from llmdocs import LLM

llm = LLM.from_env()
TEMPERATURES = {"Oslo": 9, "Paris": 21}


def temperature(city: str) -> str:
    if city not in TEMPERATURES:
        return f"error: unknown city; known are {', '.join(TEMPERATURES)}"
    return f"{TEMPERATURES[city]} °C in {city}"


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

messages = [{"role": "user", "content": "How warm is it in Paris?"}]
message = llm.complete(messages, tools=[tool]).choices[0].message
messages.append(message)

for call in message.tool_calls or []:
    print(call.function.name, call.function.arguments)
    #> temperature {"city": "Paris"}
    arguments = json.loads(call.function.arguments)
    result = temperature(str(arguments.get("city")))
    messages.append({"role": "tool", "tool_call_id": call.id, "content": result})

answer = llm.complete(messages, tools=[tool])
print(answer.choices[0].message.content)
#> gpt-4.1-mini (mocked) was told by the tool: 21 °C in Paris
