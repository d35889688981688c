llmdocs doctor --offline
