"""The one door to litellm: imported at the first call, with its switches set."""

from __future__ import annotations

import functools
import importlib
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

_timeout: ContextVar[float | None] = ContextVar("llmdocs_timeout", default=None)


# They keep litellm from fetching a price list or a list of Anthropic's headers, and from reading
# a `.env` file.
SWITCHES = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_MODE": "PRODUCTION",
}


def litellm() -> Any:
    """litellm, which takes seconds to import, with its switches set.

    Some are read at the first call that needs them: the environment may have changed meanwhile.
    """
    for name, value in SWITCHES.items():
        os.environ.setdefault(name, value)
    return _module()


@functools.cache
def _module() -> Any:
    # pydantic warns of litellm's own types at the first stream; a reader can do nothing about it.
    warnings.filterwarnings("ignore", message=r"Items? .* `ReadOnly` qualifier")
    module: Any = importlib.import_module("litellm")
    module.suppress_debug_info = True
    module.disable_hf_tokenizer_download = True
    module.DEFAULT_MAX_RETRIES = 0
    return module


@contextmanager
def silence_of_at_most(seconds: float) -> Iterator[None]:
    """Bound the silence of requests that litellm sends, in the block, without a timeout."""
    _install_hooks()
    token = _timeout.set(seconds)
    try:
        yield
    finally:
        _timeout.reset(token)


def _install_hooks() -> None:
    """Let `_limit` see the requests of litellm's own clients, which may be new ones at any time.

    litellm sends Ollama's embeddings through these two, without the call's timeout.
    """
    module = litellm()
    for handler, hook in (
        (module.module_level_client, _limit),
        (module.module_level_aclient, _limit_async),
    ):
        hooks = handler.client.event_hooks
        if hook not in hooks["request"]:
            handler.client.event_hooks = {**hooks, "request": [*hooks["request"], hook]}


def _limit(request: httpx.Request) -> None:
    seconds = _timeout.get()
    if seconds is not None:
        names = ("connect", "read", "write", "pool")
        request.extensions["timeout"] = dict.fromkeys(names, seconds)


async def _limit_async(request: httpx.Request) -> None:
    _limit(request)
