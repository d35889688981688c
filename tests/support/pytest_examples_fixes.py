"""Fixes for pytest-examples 0.0.18: a crash on Python 3.11, the cost of each print, and its end.

On 3.11 a failing example ends the whole session: the frame that is shown is built from
`co_lnotab`, where 3.11 wants `co_linetable`, and pytest cannot read its lines. Each print looks
up the source of every frame on the stack to find one. And `end` is ignored: pieces that are printed
one after the other would be a line each. https://github.com/pydantic/pytest-examples
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


class _Printed(run_code.MockPrintFunction):
    """Prints as a reader sees them: what ends without a line end is continued by the next."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._is_open = False

    def __call__(self, *args: Any, sep: str = " ", end: str | None = "\n", **options: Any) -> None:
        before = len(self.statements)
        # One frame deeper than where it is looked for.
        run_code.parent_frame_id += 1
        try:
            super().__call__(*args, sep=sep, **options)
        finally:
            run_code.parent_frame_id -= 1
        if len(self.statements) == before:
            return
        if self._is_open:
            begun, added = self.statements[-2:]
            whole = [run_code.Arg(f"{begun}{added}")]
            self.statements[-2:] = [run_code.PrintStatement(added.line_no, "", whole)]
        self._is_open = end is not None and not end.endswith("\n")
        if self._is_open and end:
            self.statements[-1].args = [run_code.Arg(f"{self.statements[-1]}{end}")]


def install() -> None:
    if sys.version_info[:2] == (3, 11):
        traceback.create_custom_frame = _create_frame
    run_code.MockPrintFunction = _Printed  # type: ignore[assignment,misc]
    names = {**vars(inspect), "stack": _short_stack}
    setattr(run_code, "inspect", SimpleNamespace(**names))  # noqa: B010 (mypy knows a module)
