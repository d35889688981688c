llmdocs doctor --call-anyway
