llmdocs doctor
