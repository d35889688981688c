"""`llmdocs doctor`: what is wrong with the settings, before a call and after one."""
