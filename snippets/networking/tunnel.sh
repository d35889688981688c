ssh -N -L 11434:localhost:11434 you@server.example
