from llmdocs import Settings
from llmdocs.retries import schedule

settings = Settings.load()
for retry, seconds in enumerate(schedule(settings), start=1):
    print(f"retry {retry}: after {seconds:g} s")
