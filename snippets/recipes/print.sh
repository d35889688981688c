llmdocs recipe ollama --as docker
