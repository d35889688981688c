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
    log_redaction.install()
    return module
