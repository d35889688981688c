llmdocs recipe azure --as powershell \
  --set LLM_MODEL=azure/my-deployment \
  --set LLM_TIMEOUT=60
