"""The one door to litellm: imported at the first call, with its switches set."""

from __future__ import annotations

import functools
import importlib
import os
import warnings
from typing import Any

from llmdocs import log_redaction

# They keep litellm from fetching a price list or a list of Anthropic's headers, and from reading
# a `.env` file.
SWITCHES = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_MODE": "PRODUCTION",
}
# pydantic's: of litellm's own types at the first stream, and of an answer of another shape, which
# is quoted with all that it holds. A reader can do nothing about either.
IGNORED_WARNINGS = (r"Items? .* `ReadOnly` qualifier", "Pydantic serializer warnings")


def litellm() -> Any:
    """litellm, which takes seconds to import, with its switches set.

    Some are read at the first call that needs them: the environment may have changed meanwhile.
    """
    for name, value in SWITCHES.items():
        os.environ.setdefault(name, value)
    module = _module()
    log_redaction.install()
    return module


@functools.cache
def _module() -> Any:
    for message in IGNORED_WARNINGS:
        warnings.filterwarnings("ignore", message=message)
    module: Any = importlib.import_module("litellm")
    module.suppress_debug_info = True
    module.disable_hf_tokenizer_download = True
    module.DEFAULT_MAX_RETRIES = 0
    return module


def keep_from_asking_ollama(model: str) -> None:
    """Give litellm an entry for a model of Ollama's, `prefix/name`, unless it has one.

    For a model that it does not know it asks `/api/show`, at localhost or OLLAMA_API_BASE whatever
    LLM_BASE_URL says: before a call, and after it from a thread of its own, where no guard is.
    """
    name = f"ollama/{model.partition('/')[2] or model}"
    entry = {"litellm_provider": "ollama", "mode": "chat"}
    free = {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0}
    litellm().model_cost.setdefault(name, {**entry, **free})
