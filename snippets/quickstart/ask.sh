llmdocs mock --recipe openai -- python ask.py
