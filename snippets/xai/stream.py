from llmdocs import LLM

llm = LLM.from_env()

for chunk in llm.stream("Why is the sky blue?"):
    if chunk.choices and chunk.choices[0].delta.content:
        print(chunk.choices[0].delta.content)
        #> grok-4.3
        #>  (mocked)
        #>  was
        #>  asked:
        #>  Why
        #>  is
        #>  the
        #>  sky
        #>  blue?
