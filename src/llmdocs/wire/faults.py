"""What a provider in trouble answers, in place of what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import JSONResponse


@dataclass(frozen=True)
class Fault:
    """One error answer: its status, its headers, and the error object of its body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    error: Mapping[str, Any] = field(default_factory=lambda: {"message": "scripted fault"})

    def response(self) -> JSONResponse:
        return JSONResponse({"error": dict(self.error)}, self.status, dict(self.headers))
