from llmdocs import LLM

llm = LLM.from_env()

answer = llm.embed(["The sky is blue.", "Blue is the sky.", "Bread needs salt."])
sky, same_sky, bread = (item["embedding"] for item in answer.data)


def similarity(one: list[float], other: list[float]) -> float:
    return sum(x * y for x, y in zip(one, other, strict=True))


print(len(sky))
#> 768
print(f"{similarity(sky, same_sky):.2f}")
#> 1.00
print(f"{similarity(sky, bread):.2f}")
#> 0.00
