llmdocs settings
