from llmdocs import Settings
from llmdocs.retries import schedule

settings = Settings.load()
waits = schedule(settings)
attempts = 1 + len(waits)
seconds = attempts * settings.timeout + sum(waits)
print(f"{attempts} silent attempts and the waits between them: {seconds:g} s")
#> 4 silent attempts and the waits between them: 91 s
