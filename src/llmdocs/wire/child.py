"""The environment in which a command meets the mocked providers and no network."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from llmdocs.catalogue.providers import CATALOGUE

REDIRECT = Path(__file__).parent / "redirect"
NODE_REDIRECT = REDIRECT / "redirect.cjs"
PROXIED = ("HTTP_PROXY", "HTTPS_PROXY")
UNPROXIED = ("NO_PROXY", "ALL_PROXY")
# Who reads which: OpenSSL and httpx, requests, botocore, curl, Node, git, pip.
CERTIFICATES = (
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "AWS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "GIT_SSL_CAINFO",
    "PIP_CERT",
)


def local_ports() -> frozenset[int]:
    """The ports of this machine where a provider is played, over plain HTTP."""
    origins = (urlsplit(origin) for provider in CATALOGUE.values() for origin in provider.origins)
    return frozenset(origin.port for origin in origins if origin.scheme == "http" and origin.port)


def environment(
    base: Mapping[str, str],
    url: str,
    http_only_port: int,
    ca_file: Path,
    extras: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """`base`, with every way out led to the mocks at `url`; `extras` where `base` has none.

    Most programs read the proxy variables, in one case or the other; Python and Node programs get
    a redirect too, for clients that read none.
    """
    unwanted = {"SSL_CERT_DIR", *UNPROXIED, *(name.lower() for name in UNPROXIED)}
    result = {name: value for name, value in base.items() if name not in unwanted}
    for name in PROXIED:
        result[name] = result[name.lower()] = url
    for name in CERTIFICATES:
        result[name] = str(ca_file)
    result["LLMDOCS_MOCK_PORT"] = str(urlsplit(url).port)
    result["LLMDOCS_MOCK_HTTP_ONLY_PORT"] = str(http_only_port)
    result["LLMDOCS_MOCK_LOCAL_PORTS"] = ",".join(map(str, sorted(local_ports())))
    result["PYTHONPATH"] = _joined(str(REDIRECT), base.get("PYTHONPATH"))
    # Node 22.21, 24 and later read the proxy variables where they are told to: for programs that
    # are started with NODE_OPTIONS of their own.
    result["NODE_USE_ENV_PROXY"] = "1"
    options = [f"--require {_quoted(NODE_REDIRECT)}", base.get("NODE_OPTIONS")]
    result["NODE_OPTIONS"] = " ".join(filter(None, options))
    result["PATH"] = _joined(str(Path(sys.executable).parent), base.get("PATH"))
    for name, value in (extras or {}).items():
        result.setdefault(name, value)
    return result


def _joined(first: str, rest: str | None) -> str:
    return os.pathsep.join(filter(None, [first, rest]))


def _quoted(path: Path) -> str:
    """A path as NODE_OPTIONS takes it, with spaces or not."""
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
