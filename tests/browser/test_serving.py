"""The site that a writer looks at while writing reloads itself, under a policy as the site's."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import note_violations
from tests.support.site_files import ROOT


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """The address of `mkdocs serve`."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/"
    server = subprocess.Popen(
        [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}"],
        cwd=ROOT,
        env={**os.environ, "LLMDOCS_SITE_URL": address, "NO_MKDOCS_2_WARNING": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr
    said = []
    for line in server.stderr:
        said.append(line)
        if "Serving on" in line:
            break
    else:
        pytest.fail("".join(said))
    yield address
    server.kill()
    server.wait()
    server.stderr.close()


def test_nothing_is_refused_and_the_page_reloads(browser: Browser, served: str) -> None:
    found: list[str] = []
    said: list[str] = []
    context = browser.new_context()
    note_violations(context, found)
    context.on("console", lambda message: said.append(message.text))
    page = context.new_page()
    with page.expect_request(lambda request: "/livereload/" in request.url):
        page.goto(served)
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    expect(page.locator("article h1")).to_be_visible()
    context.close()

    assert found == []
    assert "Enabled live reload" in said
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "'unsafe-inline'" in policy
