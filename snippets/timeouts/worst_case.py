from llmdocs import Settings
from llmdocs.retries import schedule

settings = Settings.load()
waits = schedule(settings)
attempts = 1 + len(waits)
seconds = attempts * settings.timeout + sum(waits)
print(f"{attempts} silent attempts: about {seconds / 60:.0f} minutes")
#> 9 silent attempts: about 15 minutes
