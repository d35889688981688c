"""`LLM_*` variables as the code describes them: names, defaults, units and what they expect."""

from __future__ import annotations

from dataclasses import dataclass

from llmdocs.settings.fields import Expected, Fields
from llmdocs.settings.sources import (
    variable_of,
)


@dataclass(frozen=True)
class Variable:
    """What the code says of one `LLM_*` variable. `default` is as printed, None if it has none."""

    name: str
    description: str
    expected: Expected
    unit: str | None
    default: str | None
    required: bool
    secret: bool


def _describe(name: str) -> Variable:
    field = Fields.model_fields[name]
    extra = field.json_schema_extra
    assert isinstance(extra, dict)
    assert field.description
    has_default = not field.is_required() and field.default is not None
    return Variable(
        name=variable_of(name),
        description=field.description,
        expected=Expected[str(extra["expected"])],
        unit=str(extra["unit"]) if "unit" in extra else None,
        default=f"{field.default:g}" if has_default else None,
        required=field.is_required(),
        secret="SecretStr" in str(field.annotation),
    )


VARIABLES: dict[str, Variable] = {
    variable_of(name): _describe(name) for name in Fields.model_fields
}
# What is the least of what, and its most.
LEAST_AND_MOST = {"LLM_RETRY_MIN_WAIT": "LLM_RETRY_MAX_WAIT"}
