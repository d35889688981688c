from llmdocs import Settings
from llmdocs.retries import schedule

settings = Settings.load()
waits = schedule(settings)
print(f"requests in all: {1 + len(waits)}")
print("waits in seconds:", *(f"{seconds:g}" for seconds in waits))
