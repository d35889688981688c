"""Names under which the locked litellm looks for credentials, as its source has them."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

# A name in capitals, between quotation marks: in Python, and in the JSON of its smaller providers.
QUOTED_NAME = re.compile(r"""["']([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)["']""")
SECRET = re.compile(
    r".*_?(?:KEY|ACCESS_KEY_ID|TOKEN|TOKEN_V\d|SECRET|SECRET_ID|PASSWORD|CREDENTIALS?|JWT|"
    r"AUTH_CONTENT)"
)
# A path, a length, and the ID of an encryption key.
NOT_SECRETS = {
    "GOOGLE_APPLICATION_CREDENTIALS",
    "LENGTH_OF_LITELLM_GENERATED_KEY",
}
# Its server reads them, and no call does.
SERVER = "proxy"


def package() -> Path:
    """The folder of the installed litellm, which is not imported for that."""
    spec = importlib.util.find_spec("litellm")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent


def names() -> list[str]:
    """Every name of a variable that holds a secret, sorted; with those made from a provider's."""
    return sorted({*_written(package()), *_made_from_providers()} - NOT_SECRETS)


def _written(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.suffix in (".py", ".json") and path.relative_to(folder).parts[0] != SERVER:
            found = QUOTED_NAME.findall(path.read_text("utf-8"))
            yield from (name for name in found if SECRET.fullmatch(name))


def _made_from_providers() -> Iterator[str]:
    """`f"{provider.upper()}_API_KEY"`: utils.get_valid_models does so for every provider."""
    from litellm.types.utils import LlmProviders

    for provider in LlmProviders:
        for name in (provider.value, provider.value.replace("_", "")):
            yield f"{name.upper().replace('-', '_')}_API_KEY"
