"""Fixes for pytest-examples 0.0.18: a crash on Python 3.11, and the cost of each print.

On 3.11 a failing example ends the whole session: the frame that is shown is built from
`co_lnotab`, where 3.11 wants `co_linetable`, and pytest cannot read its lines. And each print looks
up the source of every frame on the stack to find one. https://github.com/pydantic/pytest-examples
"""

from __future__ import annotations

import inspect
import sys
from types import CodeType, FrameType, SimpleNamespace
from typing import Any

from pytest_examples import CodeExample, run_code, traceback

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


def _short_stack() -> list[inspect.FrameInfo]:
    """`inspect.stack()` as far as a print needs it, without reading any source."""
    frames: list[inspect.FrameInfo] = []
    frame: FrameType | None = sys._getframe(1)
    while frame and len(frames) <= run_code.parent_frame_id:
        code = frame.f_code
        info = inspect.FrameInfo(frame, code.co_filename, frame.f_lineno, code.co_name, None, None)
        frames.append(info)
        frame = frame.f_back
    return frames


def install() -> None:
    if sys.version_info[:2] == (3, 11):
        traceback.create_custom_frame = _create_frame
    names = {**vars(inspect), "stack": _short_stack}
    setattr(run_code, "inspect", SimpleNamespace(**names))  # noqa: B010 (mypy knows a module)
