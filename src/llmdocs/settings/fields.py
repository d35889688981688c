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
    KEY = "a key: printable ASCII characters, without spaces around it"
    URL = "an address that starts with http:// or https:// and contains a host"
    COUNT = f"a whole number from 0 to {MOST_RETRIES}"
    SECONDS = f"a number of seconds from 0 to {ONE_DAY} (one day)"
    TIMEOUT = f"a number of seconds above 0, up to {ONE_DAY} (one day)"
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
    """Settings of a program's calls: the model, the provider, retries and limits."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    model: str = Field(
        min_length=1,
        description="The model for completions, written `provider/model`; for Azure, `azure/` "
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
        description="The address of the provider's API. Its format depends on the provider: see "
        "the provider's guide.",
        json_schema_extra={"expected": Expected.URL.name},
    )
    api_version: str | None = Field(
        default=None,
        description="The version of Azure's API.",
        json_schema_extra={"expected": Expected.TEXT.name},
    )
    embedding_model: str | None = Field(
        default=None,
        description="The model for embeddings, written `provider/model`; for Azure, the model of "
        "the embedding deployment.",
        json_schema_extra={"expected": Expected.TEXT.name},
    )
    embedding_deployment_name: str | None = Field(
        default=None,
        description="For Azure, the name of the deployment for embeddings.",
        json_schema_extra={"expected": Expected.TEXT.name},
    )
    num_retries: int = Field(
        default=8,
        ge=0,
        le=MOST_RETRIES,
        description="How many times a call is retried after the first attempt.",
        json_schema_extra={"expected": Expected.COUNT.name},
    )
    retry_min_wait: Seconds = Field(
        default=15,
        description="The wait before the first retry. It doubles with each further retry.",
        json_schema_extra={"expected": Expected.SECONDS.name, "unit": "s"},
    )
    retry_max_wait: Seconds = Field(
        default=120,
        description="The longest wait before a retry, even if the provider asks for more.",
        json_schema_extra={"expected": Expected.SECONDS.name, "unit": "s"},
    )
    timeout: float = Field(
        default=300,
        gt=0,
        le=ONE_DAY,
        allow_inf_nan=False,
        description="The longest time without data within one attempt: to connect, until the "
        "answer begins, and between two pieces of it.",
        json_schema_extra={"expected": Expected.TIMEOUT.name, "unit": "s"},
    )
    max_response_size: float = Field(
        default=100,
        gt=0,
        le=MOST_MEGABYTES,
        allow_inf_nan=False,
        description="The largest answer that is read, after decoding; for a stream, its total "
        "size.",
        json_schema_extra={"expected": Expected.MEGABYTES.name, "unit": "MB"},
    )
    max_budget: float | None = Field(
        default=None,
        ge=0,
        allow_inf_nan=False,
        description="The most that one `LLM` can spend, in US dollars. Once it is spent, no "
        "further calls are sent.",
        json_schema_extra={"expected": Expected.DOLLARS.name, "unit": "USD"},
    )
    base_model: str | None = Field(
        default=None,
        description="The model whose price is used for `LLM_MODEL`; for Azure, the model of the "
        "deployment.",
        json_schema_extra={"expected": Expected.TEXT.name},
    )
