"""The one way to litellm: imported at the first call, with its switches set."""

from __future__ import annotations

import functools
import importlib
import logging
import os
import sys
import threading
import warnings
from typing import Any

from llmdocs.redaction import log_records

# They keep litellm from fetching a price list or a list of Anthropic's headers, and from reading
# a `.env` file.
SWITCHES = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_MODE": "PRODUCTION",
}
# How litellm's `thread_pool_executor.py` calls them.
LOGGING_THREADS = "litellm-logging"
LOGGERS = ("LiteLLM", "LiteLLM Proxy", "LiteLLM Router")
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
    log_records.install()
    return module


@functools.cache
def _module() -> Any:
    is_the_programs_own = "litellm" in sys.modules
    for message in IGNORED_WARNINGS:
        warnings.filterwarnings("ignore", message=message)
    module: Any = importlib.import_module("litellm")
    module.suppress_debug_info = True
    module.disable_hf_tokenizer_download = True
    module.DEFAULT_MAX_RETRIES = 0
    if not is_the_programs_own and not os.environ.get("LITELLM_LOG"):
        _print_no_logs()
    utils = importlib.import_module("litellm.utils")
    _keep_loggers_from(utils, "_get_max_position_embeddings")
    _keep_loggers_from(utils.ProviderConfigManager, "get_provider_model_info")
    return module


def _print_no_logs() -> None:
    """Take litellm's own handlers off: it prints warnings and tracebacks that no reader asked for.

    A program's handlers have its records still, and LITELLM_LOG brings litellm's back.
    """
    for name in LOGGERS:
        logger = logging.getLogger(name)
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
        logger.addHandler(logging.NullHandler())


def _keep_loggers_from(holder: Any, name: str) -> None:
    """Let a function of litellm's find nothing in the threads in which litellm logs a call.

    After an answer it asks servers there for the model's details, Hugging Face or one on this
    machine: no guard of the call's is there.
    """
    find = getattr(holder, name)

    @functools.wraps(find)
    def found(*arguments: Any, **options: Any) -> Any:
        if threading.current_thread().name.startswith(LOGGING_THREADS):
            return None
        return find(*arguments, **options)

    setattr(holder, name, staticmethod(found) if isinstance(holder, type) else found)


def keep_from_asking(provider: str, model: str) -> None:
    """Give litellm an entry for a model, `prefix/name`, unless it has one.

    For a model that it does not know it asks the server of `provider`, at localhost or an address
    of the environment's whatever LLM_BASE_URL says: before a call, and after it from a thread of
    its own, where no guard is.
    """
    name = f"{provider}/{model.partition('/')[2] or model}"
    entry = {"litellm_provider": provider, "mode": "chat"}
    free = {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0}
    litellm().model_cost.setdefault(name, {**entry, **free})
