"""Docstrings of the code, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import griffe

# As `filters` of mkdocstrings: the names that a pattern finds, and whether they are left out.
Filters = Sequence[tuple[re.Pattern[str], bool]]
# What a label of griffe's looks like in code.
DECORATORS = {name: f"@{name}\n" for name in ("classmethod", "property", "staticmethod")}

# Members stand in the order of mkdocstrings: by their kind, and then as in the source.
KINDS = [
    griffe.Kind(kind)
    for kind in ("attribute", "type alias", "class", "function", "module", "alias")
]


def docstrings(
    item: griffe.Object | griffe.Alias, name: str, level: int, filters: Filters
) -> Iterator[str]:
    """The lines on an object and its documented members, below a heading of `level`."""
    if isinstance(item, griffe.Alias):
        item = item.final_target
    yield from (f"{'#' * level} `{name}`", "")
    if signature := _signature(item):
        yield from ("```python", *signature.split("\n"), "```", "")
    if item.docstring:
        yield from (*item.docstring.value.split("\n"), "")
    for member in sorted(item.members.values(), key=lambda member: KINDS.index(member.kind)):
        if not member.is_alias and member.has_docstrings and _kept(member.name, filters):
            inner = f"{item.name}.{member.name}" if item.is_class else member.name
            yield from docstrings(member, inner, level + 1, filters)


def _signature(item: griffe.Object) -> str:
    """What the code says before the body; of a class, how it is called too."""
    decorators = "".join(text for label, text in DECORATORS.items() if label in item.labels)
    if isinstance(item, griffe.Class):
        bases = ", ".join(str(base) for base in item.bases)
        header = f"class {item.name}({bases})" if bases else f"class {item.name}"
        return f"{header}\n\n{item.signature()}" if "__init__" in item.members else header
    if isinstance(item, griffe.Function):
        keyword = "async def" if "async" in item.labels else "def"
        return f"{decorators}{keyword} {item.signature()}"
    if isinstance(item, griffe.Attribute):
        annotated = f"{item.name}: {item.annotation}" if item.annotation else item.name
        return decorators + annotated
    return ""


def _kept(name: str, filters: Filters) -> bool:
    """Whether the last pattern that finds the name keeps it; one that none finds is kept."""
    decisions = [not leaves_out for pattern, leaves_out in filters if pattern.search(name)]
    return decisions[-1] if decisions else True
