"""Fields of the settings: their types, defaults, units, limits and descriptions."""

from __future__ import annotations

from enum import Enum
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

ONE_DAY = 86_400
MOST_RETRIES = 10_000
MOST_MEGABYTES = 10_000


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError
    # Reading the port raises ValueError too. urlsplit itself drops line ends in silence.
    if parts.port == 0 or not value.isprintable() or " " in value:
        raise ValueError
    return value


def _header_value(secret: SecretStr) -> SecretStr:
    value = secret.get_secret_value()
    # RFC 9110, section 5.5: a header carries visible ASCII characters, and space inside.
    if not (value.isascii() and value.isprintable()) or value != value.strip():
        raise ValueError
    return secret


class Expected(Enum):
    """What a value must look like, for error messages and the reference."""

    TEXT = "text"
    KEY = "a key: visible ASCII characters, no space around it"
    URL = "an address that starts with http:// or https:// and names a host"
    COUNT = f"a whole number from 0 to {MOST_RETRIES}"
    SECONDS = f"a number of seconds from 0 to {ONE_DAY}, which is a day"
    TIMEOUT = f"a number of seconds above 0, up to {ONE_DAY}, which is a day"
    MEGABYTES = f"a number of megabytes above 0, up to {MOST_MEGABYTES}"
    DOLLARS = "an amount in US dollars, 0 or more"


# The most that a number may be, where there is a most.
MAXIMA = {
    Expected.COUNT: MOST_RETRIES,
    Expected.SECONDS: ONE_DAY,
    Expected.TIMEOUT: ONE_DAY,
    Expected.MEGABYTES: MOST_MEGABYTES,
}
Seconds = Annotated[float, Field(ge=0, le=ONE_DAY, allow_inf_nan=False)]


class Fields(BaseModel):
    """What a program may be told of a model, and of patience with it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    model: str = Field(
        min_length=1,
        description="The model of every completion, written `provider/model`; at Azure, `azure/` "
        "and the name of the deployment.",
        json_schema_extra={"expected": Expected.TEXT.name},
    )
    api_key: Annotated[SecretStr, AfterValidator(_header_value)] | None = Field(
        default=None,
        description="The provider's key. It is never printed.",
        json_schema_extra={"expected": Expected.KEY.name},
    )
    base_url: Annotated[str, AfterValidator(_http_url)] | None = Field(
        default=None,
        description="Where the provider answers. Its form differs: see the provider's guide.",
        json_schema_extra={"expected": Expected.URL.name},
    )
    api_version: str | None = Field(
        default=None,
        description="The version of Azure's API.",
        json_schema_extra={"expected": Expected.TEXT.name},
    )
    embedding_model: str | None = Field(
        default=None,
        description="The model of every embedding, written `provider/model`; at Azure, the model "
        "that the embedding deployment holds.",
        json_schema_extra={"expected": Expected.TEXT.name},
    )
    embedding_deployment_name: str | None = Field(
        default=None,
        description="At Azure, the name of the deployment that makes embeddings.",
        json_schema_extra={"expected": Expected.TEXT.name},
    )
    num_retries: int = Field(
        default=8,
        ge=0,
        le=MOST_RETRIES,
        description="How many more times a call is tried after its first try.",
        json_schema_extra={"expected": Expected.COUNT.name},
    )
    retry_min_wait: Seconds = Field(
        default=15,
        description="The wait before the first retry. Each further wait is twice as long.",
        json_schema_extra={"expected": Expected.SECONDS.name, "unit": "s"},
    )
    retry_max_wait: Seconds = Field(
        default=120,
        description="The longest wait before a retry, whatever the provider asks for.",
        json_schema_extra={"expected": Expected.SECONDS.name, "unit": "s"},
    )
    timeout: float = Field(
        default=300,
        gt=0,
        le=ONE_DAY,
        allow_inf_nan=False,
        description="The longest silence within one attempt: to connect, until the answer begins, "
        "and between two pieces of it.",
        json_schema_extra={"expected": Expected.TIMEOUT.name, "unit": "s"},
    )
    max_response_size: float = Field(
        default=100,
        gt=0,
        le=MOST_MEGABYTES,
        allow_inf_nan=False,
        description="The largest answer that is read, decoded; a stream counts as a whole.",
        json_schema_extra={"expected": Expected.MEGABYTES.name, "unit": "MB"},
    )
    max_budget: float | None = Field(
        default=None,
        ge=0,
        allow_inf_nan=False,
        description="What one `LLM` may spend, in US dollars. Once that is spent, no further call "
        "is sent.",
        json_schema_extra={"expected": Expected.DOLLARS.name, "unit": "USD"},
    )
    base_model: str | None = Field(
        default=None,
        description="The model that `LLM_MODEL` leads to, for its price: at Azure, the one that "
        "the deployment holds.",
        json_schema_extra={"expected": Expected.TEXT.name},
    )
