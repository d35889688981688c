"""The `LLM_*` variables: their names, types, defaults, units and limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from llmdocs.credentials import LIKE_A_SECRET
from llmdocs.errors import SettingsError, nearest
from llmdocs.key_shapes import QUOTES_AND_SPACES
from llmdocs.secrets import Redaction, holds_key, without_secrets
from llmdocs.sources import (
    PREFIX,
    TOO_LONG_A_NUMBER,
    Found,
    field_of,
    read_arguments,
    read_config,
    read_env_file,
    read_environment,
    variable_of,
)

ONE_DAY = 86_400
MOST_RETRIES = 10_000
MOST_MEGABYTES = 10_000
SHOWN_CHARACTERS = 60
# What litellm and OpenAI's library call our settings, and no spelling leads to.
NAMES_ELSEWHERE = {
    "API_BASE": "LLM_BASE_URL",
    "ENDPOINT": "LLM_BASE_URL",
    "MAX_RETRIES": "LLM_NUM_RETRIES",
}
LIST_HINT = "`llmdocs settings` lists the variables."


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


class Wanted(Enum):
    """What a value must look like, for error messages and the reference."""

    TEXT = "text"
    KEY = "a key: visible ASCII characters, no space around it"
    URL = "an address that starts with http:// or https:// and names a host"
    COUNT = f"a whole number from 0 to {MOST_RETRIES}"
    SECONDS = f"a number of seconds from 0 to {ONE_DAY}, which is a day"
    PATIENCE = f"a number of seconds above 0, up to {ONE_DAY}, which is a day"
    MEGABYTES = f"a number of megabytes above 0, up to {MOST_MEGABYTES}"
    DOLLARS = "an amount in US dollars, 0 or more"


Seconds = Annotated[float, Field(ge=0, le=ONE_DAY, allow_inf_nan=False)]


class Settings(BaseSettings):
    """How to reach a model, and how patient to be.

    `Settings(...)` reads its arguments only; `Settings.load` reads the environment and files too.
    A value that does not fit raises `SettingsError`, which names the variable.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    model: str = Field(
        min_length=1,
        description="The model of every completion, written `provider/model`; at Azure, `azure/` "
        "and the name of the deployment.",
        json_schema_extra={"wanted": Wanted.TEXT.name},
    )
    api_key: Annotated[SecretStr, AfterValidator(_header_value)] | None = Field(
        default=None,
        description="The provider's key. It is never printed.",
        json_schema_extra={"wanted": Wanted.KEY.name},
    )
    base_url: Annotated[str, AfterValidator(_http_url)] | None = Field(
        default=None,
        description="Where the provider answers. Its form differs: see the provider's guide.",
        json_schema_extra={"wanted": Wanted.URL.name},
    )
    api_version: str | None = Field(
        default=None,
        description="The version of Azure's API.",
        json_schema_extra={"wanted": Wanted.TEXT.name},
    )
    embedding_model: str | None = Field(
        default=None,
        description="The model of every embedding, written `provider/model`; at Azure, the model "
        "that the embedding deployment holds.",
        json_schema_extra={"wanted": Wanted.TEXT.name},
    )
    embedding_deployment_name: str | None = Field(
        default=None,
        description="At Azure, the name of the deployment that makes embeddings.",
        json_schema_extra={"wanted": Wanted.TEXT.name},
    )
    num_retries: int = Field(
        default=8,
        ge=0,
        le=MOST_RETRIES,
        description="How many more times a call is tried after its first try.",
        json_schema_extra={"wanted": Wanted.COUNT.name},
    )
    retry_min_wait: Seconds = Field(
        default=15,
        description="The wait before the first retry. Each further wait is twice as long.",
        json_schema_extra={"wanted": Wanted.SECONDS.name, "unit": "s"},
    )
    retry_max_wait: Seconds = Field(
        default=120,
        description="The longest wait before a retry, whatever the provider asks for.",
        json_schema_extra={"wanted": Wanted.SECONDS.name, "unit": "s"},
    )
    timeout: float = Field(
        default=300,
        gt=0,
        le=ONE_DAY,
        allow_inf_nan=False,
        description="The longest silence within one attempt: to connect, until the answer begins, "
        "and between two pieces of it.",
        json_schema_extra={"wanted": Wanted.PATIENCE.name, "unit": "s"},
    )
    max_response_size: float = Field(
        default=100,
        gt=0,
        le=MOST_MEGABYTES,
        allow_inf_nan=False,
        description="The largest answer that is read, decoded; a stream counts as a whole.",
        json_schema_extra={"wanted": Wanted.MEGABYTES.name, "unit": "MB"},
    )
    max_budget: float | None = Field(
        default=None,
        ge=0,
        allow_inf_nan=False,
        description="What one `LLM` may spend, in US dollars. Once that is spent, no further call "
        "is sent.",
        json_schema_extra={"wanted": Wanted.DOLLARS.name, "unit": "USD"},
    )
    base_model: str | None = Field(
        default=None,
        description="The model that `LLM_MODEL` leads to, for its price: at Azure, the one that "
        "the deployment holds.",
        json_schema_extra={"wanted": Wanted.TEXT.name},
    )

    def __init__(self, **arguments: Any) -> None:
        self._build(read_arguments(arguments))

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse any change: pydantic's own refusal would print the value."""
        raise TypeError("Settings cannot be changed: make new ones")

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """pydantic's, without the secrets that a value may hold."""
        redaction = self.redaction()
        for name, value in super().__repr_args__():
            is_text = isinstance(value, str)
            yield name, redaction.value(variable_of(name or ""), value) if is_text else value

    def redaction(self) -> Redaction:
        """What may not be shown: the key, and whatever else litellm may find by itself."""
        key = self.api_key.get_secret_value() if self.api_key else None
        return Redaction.in_force(key, self.base_url)

    def without_secrets(self, text: str) -> str:
        """A text with `[LLM_API_KEY]` for the key, and without any other secret."""
        return self.redaction().text(text)

    def shown(self, text: str) -> str:
        """A value as messages quote it: on one line, not too long, without secrets."""
        return shown(text, self.redaction())

    def _build(self, found: Iterable[Found]) -> None:
        """Validate the first value found for each variable.

        The error is built from field names, outside pydantic's own, which holds the input.
        """
        known = _known(found)
        chosen = in_force(known)
        # pydantic takes true for 1.
        wrong = [name for name, item in chosen.items() if isinstance(item.value, bool)]
        try:
            super().__init__(**{field_of(name): item.value for name, item in chosen.items()})
        except ValidationError as error:
            wrong += [
                variable_of(str(detail["loc"][0]))
                for detail in error.errors(include_input=False, include_context=False)
            ]
        if wrong:
            raise _problems(wrong, chosen, redaction_of(known))

    @classmethod
    def load(
        cls,
        env_file: str | Path | None = None,
        config: str | Path | None = None,
        **arguments: Any,
    ) -> Self:
        """Settings from the arguments, then the environment, `env_file`, and `config`'s `[llm]`.

        The first that has a value for a variable wins. Raises `SettingsError`.
        """
        return cls.of(read_sources(env_file, config, **arguments))

    @classmethod
    def of(cls, found: Iterable[Found]) -> Self:
        """Settings from what was found already, those that win first. Raises `SettingsError`."""
        settings = cls.__new__(cls)
        settings._build(found)
        return settings

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments only: `read_sources` reads the rest, and tells where each value stands.

        pydantic-settings' own sources ignore unknown names and accept lower-case ones.
        """
        return (init_settings,)


@dataclass(frozen=True)
class Variable:
    """What the code says of one `LLM_*` variable. `default` is as printed, None if it has none."""

    name: str
    description: str
    wanted: Wanted
    unit: str | None
    default: str | None
    required: bool
    secret: bool


def _describe(name: str) -> Variable:
    field = Settings.model_fields[name]
    extra = field.json_schema_extra
    assert isinstance(extra, dict)
    assert field.description
    has_default = not field.is_required() and field.default is not None
    return Variable(
        name=variable_of(name),
        description=field.description,
        wanted=Wanted[str(extra["wanted"])],
        unit=str(extra["unit"]) if "unit" in extra else None,
        default=f"{field.default:g}" if has_default else None,
        required=field.is_required(),
        secret="SecretStr" in str(field.annotation),
    )


VARIABLES: dict[str, Variable] = {
    variable_of(name): _describe(name) for name in Settings.model_fields
}


def read_sources(
    env_file: str | Path | None = None, config: str | Path | None = None, **arguments: Any
) -> list[Found]:
    """Every value of every source, those that win first; empty values are left out.

    Raises `SettingsError` for an unknown `LLM_*` name in any source and for an unreadable file.
    """
    return _known([*read_arguments(arguments), *unchecked_sources(env_file, config)])


def unchecked_sources(
    env_file: str | Path | None = None, config: str | Path | None = None
) -> list[Found]:
    """Every value of the environment and the files, those that win first, known names or not.

    Raises `SettingsError` for a file that cannot be read as what it is.
    """
    return [
        *read_environment(),
        *(read_env_file(Path(env_file)) if env_file else ()),
        *(read_config(Path(config)) if config else ()),
    ]


def in_force(found: Iterable[Found]) -> dict[str, Found]:
    """For each variable, the first value found."""
    chosen: dict[str, Found] = {}
    for item in found:
        chosen.setdefault(item.variable, item)
    return chosen


def key_of(chosen: Mapping[str, Found]) -> str | None:
    """The key in force, fit to be sent or not."""
    value = chosen["LLM_API_KEY"].value if "LLM_API_KEY" in chosen else None
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return value if isinstance(value, str) else None


def redaction_of(found: Iterable[Found], foreign: Mapping[str, Found] | None = None) -> Redaction:
    """What may not be shown of what was found: keys in force, shadowed, misnamed or foreign.

    `foreign` are other programs' variables, by their names.
    """
    items = list(found)
    chosen = in_force(items)
    secrets = {name for name, variable in VARIABLES.items() if variable.secret}
    held = [(item.variable, item) for item in items if item.variable in secrets]
    held += [
        ("LLM_API_KEY", item)
        for item in items
        if item.variable not in VARIABLES and LIKE_A_SECRET.search(item.written)
    ]
    held += (foreign or {}).items()
    texts = ((name, item.value) for name, item in held if isinstance(item.value, str))
    variables = [
        {name: text} for name, value in texts for text in (value, value.strip(QUOTES_AND_SPACES))
    ]
    address = chosen["LLM_BASE_URL"].text if "LLM_BASE_URL" in chosen else None
    return Redaction.in_force(key_of(chosen), address, variables)


def _known(found: Iterable[Found]) -> list[Found]:
    """What was found, without empty values; an unknown name is an error, empty or not."""
    sources = list(found)
    for item in sources:
        if item.variable not in VARIABLES:
            raise SettingsError(_unknown(item))
    return [item for item in sources if item.value is not None and item.value != ""]


def _unknown(found: Found) -> str:
    meant = nearest_to(found)
    hint = f" Did you mean {meant}?" if meant else ""
    return f"{place(found)}{written(found)} is not a setting.{hint} {LIST_HINT}"


def nearest_to(found: Found) -> str | None:
    """The setting that an unknown name is most like, written as that source writes settings.

    What looks like the name of a key is the key's or none: another setting would be printed.
    """
    meant = _nearest_to(found)
    if meant and LIKE_A_SECRET.search(found.written):
        return meant if VARIABLES[variable_of(field_of(meant.upper()))].secret else None
    return meant


def _nearest_to(found: Found) -> str | None:
    named_as_variable = found.source != "argument" and "[llm]" not in found.source
    bare = found.written.upper().removeprefix(PREFIX)
    if bare in NAMES_ELSEWHERE:
        return NAMES_ELSEWHERE[bare] if named_as_variable else field_of(NAMES_ELSEWHERE[bare])
    return (
        nearest(found.written, VARIABLES)
        if named_as_variable
        else nearest(bare, map(field_of, VARIABLES))
    )


def written(found: Found) -> str:
    """An unknown name on one line, without the key that a forgotten `=` makes a part of it."""
    name = _shortened(without_secrets(without_glued_key(found.written)))
    return name if name.isprintable() else repr(name)


def without_glued_key(name: str) -> str:
    """An unknown name without the key that a forgotten `=` makes a part of it."""
    for variable in VARIABLES.values():
        for known in (variable.name, field_of(variable.name)):
            if variable.secret and name.lower().startswith(known.lower()) and name != known:
                return f"{name[: len(known)]}…"
    return name


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"


def shown(value: str, redaction: Redaction, variable: str = "") -> str:
    """A variable's value as messages quote it: on one line, not too long, without secrets."""
    return repr(_shortened(redaction.value(variable, value)))


def _problems(
    variables: Iterable[str], chosen: Mapping[str, Found], redaction: Redaction
) -> SettingsError:
    """One error for every value that pydantic refused."""
    problems = {variable: _problem(variable, chosen, redaction) for variable in variables}
    error = SettingsError("\n".join(problems.values()))
    error.problems = problems
    return error


def _problem(variable: str, chosen: Mapping[str, Found], redaction: Redaction) -> str:
    """One line on a value that pydantic refused; never the value of a secret."""
    wanted = VARIABLES[variable].wanted.value
    if variable not in chosen:
        return f"{variable} is not set; wanted: {wanted}. {LIST_HINT}"
    found = chosen[variable]
    value = _shown(found, key_of(chosen), redaction)
    return f"{place(found)}{variable} is {value}; wanted: {wanted}."


def place(found: Found) -> str:
    """The file and line of a value, with a colon, for the start of a message."""
    return "" if found.source in ("argument", "environment") else f"{found.source}: "


def _shown(found: Found, key: str | None, redaction: Redaction) -> str:
    """A value for an error message, shortened, unless it is secret or holds the key."""
    if VARIABLES[found.variable].secret:
        return "a value that cannot be sent"
    if found.text == TOO_LONG_A_NUMBER:
        return found.text
    if holds_key(found.text, key):
        return "a value that holds the key"
    return shown(found.text, redaction, found.variable)


def render_env_example() -> str:
    """The text of `.env.example`: every variable and its meaning."""
    blocks = [
        "# Every LLM_* variable. Copy this file to .env, and take the # from those you set.\n"
        "# The others keep their defaults: `llmdocs settings` prints them.\n"
        "# Rendered from src/llmdocs/settings.py by `make update`: do not edit it.\n"
    ]
    for variable in VARIABLES.values():
        unit = f" Unit: {variable.unit}." if variable.unit else ""
        need = " Required." if variable.required else ""
        blocks.append(f"# {variable.description}{unit}{need}\n# {variable.name}=\n")
    return "\n".join(blocks)
