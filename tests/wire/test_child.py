"""The environment of a command that runs among the mocks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from llmdocs.wire import child

URL = "http://127.0.0.1:4010"
HTTP_ONLY_PORT = 4011
CA_FILE = Path("/ca.pem")


@pytest.mark.parametrize(
    "name",
    [
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "AWS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "NODE_EXTRA_CA_CERTS",
    ],
)
def test_every_client_is_told_the_throw_away_authority(name: str) -> None:
    assert child.environment({name: "/its/own"}, URL, HTTP_ONLY_PORT, CA_FILE)[name] == str(CA_FILE)


@pytest.mark.parametrize("name", ["SSL_CERT_DIR", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"])
def test_what_would_lead_past_the_mocks_is_taken_away(name: str) -> None:
    assert name not in child.environment({name: "inherited"}, URL, HTTP_ONLY_PORT, CA_FILE)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"])
def test_the_proxy_is_the_mocks_in_both_cases(name: str) -> None:
    assert (
        child.environment({name: "http://proxy.example"}, URL, HTTP_ONLY_PORT, CA_FILE)[name] == URL
    )


def test_a_sitecustomize_of_the_readers_own_still_runs(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('the reader’s own')\n", "utf-8")
    base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), "PYTHONUTF8": "1"}
    result = subprocess.run(
        [sys.executable, "-c", "pass"],
        env=child.environment(base, URL, HTTP_ONLY_PORT, CA_FILE),
        capture_output=True,
        encoding="utf-8",
    )

    assert result.stdout == "the reader’s own\n", result.stderr
