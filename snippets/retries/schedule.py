from llmdocs import Settings
from llmdocs.retries import schedule

settings = Settings.load()
for retry, seconds in enumerate(schedule(settings), start=1):
    print(f"retry {retry}: after {seconds:g} s")
    #> retry 1: after 2 s
    #> retry 2: after 4 s
    #> retry 3: after 5 s
