cat "$(python -m certifi)" company-ca.pem > authorities.pem
export SSL_CERT_FILE="$PWD/authorities.pem"
python ask.py
