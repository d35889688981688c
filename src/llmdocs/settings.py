"""The `LLM_*` variables: their names, types, defaults, units and limits."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Self

from dotenv.parser import parse_stream
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from llmdocs.errors import SettingsError, UnreadableFileError, did_you_mean

PREFIX = "LLM_"
ONE_DAY = 86_400
SHOWN_CHARACTERS = 60
LIST_HINT = "`llmdocs settings` lists the variables."


def _http_url(value: str) -> str:
    if not value.startswith(("http://", "https://")):
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
    URL = "an address that starts with http:// or https://"
    COUNT = "a whole number, 0 or more"
    SECONDS = f"a number of seconds from 0 to {ONE_DAY}, which is a day"


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

    def __init__(self, **arguments: Any) -> None:
        self._build([Found(_variable(name), arguments[name], "argument") for name in arguments])

    def _build(self, found: Iterable[Found]) -> None:
        """Validate the first value found for each variable.

        The error is built from field names, outside pydantic's own, which holds the input.
        """
        chosen = in_force(found)
        # pydantic takes true for 1.
        problems = [
            _problem(name, chosen) for name, item in chosen.items() if isinstance(item.value, bool)
        ]
        try:
            super().__init__(**{_field(name): item.value for name, item in chosen.items()})
        except ValidationError as error:
            problems += [
                _problem(_variable(str(detail["loc"][0])), chosen)
                for detail in error.errors(include_input=False, include_context=False)
            ]
        if problems:
            raise SettingsError("\n".join(dict.fromkeys(problems)))

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
        settings = cls.__new__(cls)
        settings._build(read_sources(env_file, config, **arguments))
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
class Found:
    """A value that one source has for a variable. `source` says where, for a reader."""

    variable: str
    value: Any
    source: str


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


def _field(variable: str) -> str:
    return variable.removeprefix(PREFIX).lower()


def _variable(field: str) -> str:
    return PREFIX + field.upper()


def _describe(name: str) -> Variable:
    field = Settings.model_fields[name]
    extra = field.json_schema_extra
    assert isinstance(extra, dict)
    assert field.description
    has_default = not field.is_required() and field.default is not None
    return Variable(
        name=_variable(name),
        description=field.description,
        wanted=Wanted[str(extra["wanted"])],
        unit=str(extra["unit"]) if "unit" in extra else None,
        default=f"{field.default:g}" if has_default else None,
        required=field.is_required(),
        secret="SecretStr" in str(field.annotation),
    )


VARIABLES: dict[str, Variable] = {
    _variable(name): _describe(name) for name in Settings.model_fields
}


def read_sources(
    env_file: str | Path | None = None,
    config: str | Path | None = None,
    environment: Mapping[str, str] | None = None,
    **arguments: Any,
) -> list[Found]:
    """Every value of every source, those that win first; empty values are left out.

    Raises `SettingsError` for an unknown `LLM_*` name in any source and for an unreadable file.
    """
    sources: list[Found] = [
        *(Found(_variable(name), value, "argument") for name, value in arguments.items()),
        *_read_environment(os.environ if environment is None else environment),
        *(_read_env_file(Path(env_file)) if env_file else ()),
        *(_read_config(Path(config)) if config else ()),
    ]
    for found in sources:
        if found.variable not in VARIABLES:
            raise SettingsError(_unknown(found))
    return [found for found in sources if found.value not in ("", None)]


def in_force(found: Iterable[Found]) -> dict[str, Found]:
    """For each variable, the first value found."""
    chosen: dict[str, Found] = {}
    for item in found:
        chosen.setdefault(item.variable, item)
    return chosen


def _read_environment(environment: Mapping[str, str]) -> Iterator[Found]:
    for name, value in environment.items():
        if name.startswith(PREFIX):
            yield Found(name, value, "environment")


def _read_env_file(path: Path) -> Iterator[Found]:
    """`NAME=value` lines, as python-dotenv parses them, without its `${NAME}` expansion.

    Names without our prefix are other programs' own.
    """
    with _readable(path), path.open(encoding="utf-8") as stream:
        bindings = list(parse_stream(stream))
    for binding in bindings:
        text = binding.original.string
        blank = text[: len(text) - len(text.lstrip())]
        line = binding.original.line + blank.count("\n")
        if binding.error or (binding.key and binding.value is None):
            raise SettingsError(f"{path}:{line}: this line is not NAME=value.")
        if binding.key and binding.key.startswith(PREFIX):
            yield Found(binding.key, binding.value, f"{path}:{line}")


def _read_config(path: Path) -> Iterator[Found]:
    """The `[llm]` table of a TOML file: lower-case keys without the prefix."""
    with _readable(path):
        document = tomllib.loads(path.read_text("utf-8"))
    table = document.get("llm")
    if not isinstance(table, dict):
        raise SettingsError(
            f"{path}: there is no [llm] table. Write [llm] on a line of its own, and under it "
            'keys without the prefix, such as model = "…".'
        )
    for key, value in table.items():
        known = key == key.lower() and _variable(key) in VARIABLES
        yield Found(_variable(key) if known else f"[llm] {key}", value, f"{path}, table [llm]")


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn what can go wrong with a file into one line that names the file."""
    problem: SettingsError | None = None
    try:
        yield
    except UnicodeDecodeError:
        problem = UnreadableFileError(f"{path}: this file is not UTF-8 text.")
    except tomllib.TOMLDecodeError as error:
        problem = SettingsError(f"{path}: this file is not TOML: {error}.")
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        problem = UnreadableFileError(f"{path}: this file cannot be read: {reason}.")
    if problem:
        raise problem


def _unknown(found: Found) -> str:
    name, known = found.variable, list(VARIABLES)
    if name.startswith("[llm] ") or found.source == "argument":
        name, known = _field(name.removeprefix("[llm] ")), [_field(name) for name in VARIABLES]
    return f"{_place(found)}{name} is not a setting.{did_you_mean(name, known)} {LIST_HINT}"


def _problem(variable: str, chosen: Mapping[str, Found]) -> str:
    """One line on a value that pydantic refused; never the value of a secret."""
    if variable not in VARIABLES:
        return _unknown(chosen[variable])
    wanted = VARIABLES[variable].wanted.value
    if variable not in chosen:
        return f"{variable} is not set; wanted: {wanted}. {LIST_HINT}"
    found = chosen[variable]
    shown = _shown(found, chosen.get("LLM_API_KEY"))
    return f"{_place(found)}{variable} is {shown}; wanted: {wanted}."


def _place(found: Found) -> str:
    return "" if found.source in ("argument", "environment") else f"{found.source}: "


def _shown(found: Found, key: Found | None) -> str:
    """A value for an error message, shortened, unless it is secret or holds the key."""
    if VARIABLES[found.variable].secret:
        return "a value that cannot be sent"
    text = str(found.value)
    if key and key.value:
        secret = (
            key.value.get_secret_value() if isinstance(key.value, SecretStr) else str(key.value)
        )
        if secret in text:
            return "a value that holds the key"
    return repr(text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…")


def render_env_example() -> str:
    """The text of `.env.example`: every variable, its meaning, and its default."""
    blocks = [
        "# Every LLM_* variable. Copy this file to .env, and take the # from those you set.\n"
        "# Rendered from src/llmdocs/settings.py by `make update`: do not edit it.\n"
    ]
    for variable in VARIABLES.values():
        unit = f" Unit: {variable.unit}." if variable.unit else ""
        need = " Required." if variable.required else ""
        blocks.append(
            f"# {variable.description}{unit}{need}\n# {variable.name}={variable.default or ''}\n"
        )
    return "\n".join(blocks)
