export LLM_BASE_URL="http://$(ip route show default | awk '{ print $3 }'):11434"
curl -sS "$LLM_BASE_URL/api/version"
