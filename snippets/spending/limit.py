from llmdocs import LLM
from llmdocs.errors import BudgetError

llm = LLM.from_env()

try:
    for question in range(1, 101):
        llm.complete("Why is the sky blue?")
        print(f"question {question}: {llm.usage.cost:.7f} USD so far")
        #> question 1: 0.0000164 USD so far
        #> question 2: 0.0000328 USD so far
        #> question 3: 0.0000492 USD so far
        #> question 4: 0.0000656 USD so far
except BudgetError as error:
    print(f"stopped: {error.spent:.7f} of {error.limit:.7f} USD are spent")
    #> stopped: 0.0000656 of 0.0000500 USD are spent
