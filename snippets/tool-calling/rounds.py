import json

from llmdocs import LLM

llm = LLM.from_env()
MOST_ROUNDS = 5
TEMPERATURES = {"Oslo": 9, "Paris": 21}


def temperature(city: str) -> str:
    if city not in TEMPERATURES:
        raise ValueError(f"unknown city; known are {', '.join(TEMPERATURES)}")
    return f"{TEMPERATURES[city]} °C in {city}"


FUNCTIONS = {"temperature": temperature}
TOOLS = [
    {
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
]


def result_of(name: str, arguments: str) -> str:
    if name not in FUNCTIONS:
        return f"error: no such tool; known are {', '.join(FUNCTIONS)}"
    try:
        return FUNCTIONS[name](**json.loads(arguments))
    except (TypeError, ValueError) as error:
        return f"error: {error}"


def ask(question: str) -> str:
    messages = [{"role": "user", "content": question}]
    for _ in range(MOST_ROUNDS):
        message = llm.complete(messages, tools=TOOLS).choices[0].message
        if not message.tool_calls:
            return message.content
        messages.append(message)
        for call in message.tool_calls:
            result = result_of(call.function.name, call.function.arguments)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    raise RuntimeError(f"the model still calls tools after {MOST_ROUNDS} rounds")


print(ask("How warm is it in Paris?"))
#> gpt-4.1-mini (mocked) was told by the tool: 21 °C in Paris
print(result_of("temperature", '{"city": "Atlantis"}'))
#> error: unknown city; known are Oslo, Paris
print(result_of("weather", "{}"))
#> error: no such tool; known are temperature
