"""`.env.example`, rendered from the variables."""

from __future__ import annotations

from llmdocs.settings.variables import VARIABLES


def render_env_example() -> str:
    """The text of `.env.example`: every variable and its meaning."""
    blocks = [
        "# Every LLM_* variable. Copy this file to .env, and take the # from those you set.\n"
        "# The others keep their defaults: `llmdocs settings` prints them.\n"
        "# Rendered from src/llmdocs/settings/fields.py by `make update`: do not edit it.\n"
    ]
    for variable in VARIABLES.values():
        unit = f" Unit: {variable.unit}." if variable.unit else ""
        need = " Required." if variable.required else ""
        blocks.append(f"# {variable.description}{unit}{need}\n# {variable.name}=\n")
    return "\n".join(blocks)
