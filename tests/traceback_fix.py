"""Mends pytest-examples 0.0.18 on Python 3.11, where a failing example ends the whole session.

It builds the frame that it shows from `co_lnotab`, which 3.11 wants to be `co_linetable`; pytest
then cannot read the frame's lines. https://github.com/pydantic/pytest-examples
"""

from __future__ import annotations

import sys
from types import CodeType, FrameType, SimpleNamespace
from typing import Any

from pytest_examples import CodeExample, traceback

_create_custom_frame = traceback.create_custom_frame


class _CodeWithLineTable:
    """A code object whose `co_lnotab` is its line table."""

    def __init__(self, code: CodeType) -> None:
        self._code = code

    def __getattr__(self, name: str) -> Any:
        return getattr(self._code, "co_linetable" if name == "co_lnotab" else name)


def _create_frame(frame: FrameType, example: CodeExample) -> FrameType:
    shown = SimpleNamespace(
        f_code=_CodeWithLineTable(frame.f_code), f_globals=frame.f_globals, f_locals=frame.f_locals
    )
    return _create_custom_frame(shown, example)  # type: ignore[arg-type]


def install() -> None:
    if sys.version_info[:2] == (3, 11):
        traceback.create_custom_frame = _create_frame
