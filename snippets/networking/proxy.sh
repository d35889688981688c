export HTTPS_PROXY=http://proxy.example:3128
export HTTP_PROXY=http://proxy.example:3128
export NO_PROXY=localhost,127.0.0.1,host.docker.internal
python ask.py
