from llmdocs import Settings
from llmdocs.retries import schedule

settings = Settings.load()
waits = schedule(settings)
print(f"requests in all: {1 + len(waits)}")
#> requests in all: 6
print("waits in seconds:", *(f"{seconds:g}" for seconds in waits))
#> waits in seconds: 3 6 12 24 48
