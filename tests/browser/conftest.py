"""The built site on a server of its own, and a browser that tells what each page asked for."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Response,
    Route,
    expect,
    sync_playwright,
)
from starlette.applications import Starlette
from starlette.responses import Response as Answer
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from tests.support import programs
from tests.support.built_site import SITE_URL, Site

BASE_PATH = urlsplit(SITE_URL).path
# In milliseconds: a browser is slow on a machine that runs other tests beside it.
TIMEOUT = 30_000
expect.set_options(timeout=TIMEOUT)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.needs("chromium-headless-shell"))


@contextmanager
def serve(folder: Path, *, missing: str | None = None) -> Iterator[str]:
    """Serve a built site, and its `404.html` for a missing address; gives where its home is.

    Nothing is there of the folder `missing`.
    """
    app = Starlette(routes=[Mount(BASE_PATH, StaticFiles(directory=folder, html=True))])
    if missing:
        app.routes.insert(0, Mount(BASE_PATH + missing, Answer(status_code=404)))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}{BASE_PATH}"
        # Not by `should_exit` alone, with which it waits for the browser's open connections.
        server.should_exit = server.force_exit = True
        # A browser that lets go of a connection too late does not hold the run.
        thread.join(timeout=30)


@pytest.fixture(scope="package")
def address(site: Site) -> Iterator[str]:
    """Where the site is served, with a slash at its end."""
    with serve(site.folder) as address:
        yield address


# Not for the session: asyncio does not run in a thread in which Playwright does.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=programs.find("chromium-headless-shell"), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@dataclass
class Traffic:
    """What a page asked for: every address, and those that got no good answer."""

    addresses: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @contextmanager
    def watch(self, page: Page) -> Iterator[None]:
        """Note what the page asks for, and what its scripts raise, until the end of the block."""
        listeners = {
            "request": lambda request: self.addresses.append(request.url),
            "requestfailed": lambda request: self.failures.append(request.url),
            "response": self._response,
            "pageerror": lambda error: self.failures.append(f"{page.url}: {error}"),
        }
        for event, listener in listeners.items():
            page.on(event, listener)  # type: ignore[call-overload]
        yield
        for event, listener in listeners.items():
            page.remove_listener(event, listener)

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.failures.append(f"{response.status} {response.url}")

    def unexpected_requests(self, address: str) -> list[str]:
        """Requests to anything but the site that is served at `address`."""
        return [
            asked for asked in self.addresses if not asked.startswith((address, "data:", "blob:"))
        ]


# Pages write them where a new document does not clear them.
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  const { effectiveDirective, blockedURI, sample, sourceFile, lineNumber } = event
  console.error("refused:", effectiveDirective, blockedURI, sample, `${sourceFile}:${lineNumber}`)
})
"""


def note_violations(context: BrowserContext, found: list[str]) -> None:
    """Add to `found` what the Content-Security-Policy of any page of a context refuses."""
    context.add_init_script(REPORT_VIOLATIONS)
    context.on(
        "console",
        lambda message: (
            found.append(f"{message.page.url if message.page else ''}: {message.text}")
            if message.text.startswith("refused:") or "Content Security Policy" in message.text
            else None
        ),
    )


OpenPage = Callable[..., Page]


@pytest.fixture
def violations() -> Iterator[list[str]]:
    """What the policy of a page that is opened refuses: nothing, unless a test takes it out."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def open_page(browser: Browser, address: str, violations: list[str]) -> Iterator[OpenPage]:
    """Opens a path of the site, as `open_page("fr/", locale="fr-FR")`, with nothing remembered.

    `locale`, `color_scheme`, `viewport` and Playwright's other options of a context hold for the
    reader. `routes` are what answers an address in place of the site, by its pattern.
    """
    contexts = []

    def open(
        path: str = "",
        *,
        routes: Mapping[str, Callable[[Route], None]] | None = None,
        **options: Any,
    ) -> Page:
        context = browser.new_context(**{"locale": "en-US", **options})
        contexts.append(context)
        note_violations(context, violations)
        context.set_default_timeout(TIMEOUT)
        page = context.new_page()
        # Before the page is there: the next request of one that is goes past a new route at times.
        for pattern, answer in (routes or {}).items():
            page.route(pattern, answer)
        page.goto(address + path)
        return page

    yield open
    for context in contexts:
        context.close()
