"""Every regular expression of the package, and texts that are hard for each."""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from functools import cache, partial
from re import _constants as op  # type: ignore[attr-defined]  # the parser has no stub
from re import _parser  # type: ignore[attr-defined]
from types import MappingProxyType, ModuleType
from typing import Any

import llmdocs

# It replaces parts of other libraries where it is imported: a child does that alone.
NOT_IMPORTED = "llmdocs.wire.redirect.sitecustomize"
ANCHORED = {"match", "fullmatch"}
SEARCHING = {"search", "finditer", "findall", "sub", "subn", "split"}
# Openers and separators of the languages that pages, files and answers are written in.
COMMON = (
    "<!--", "{{", "{{ ", "{", "[", "](", "](a", "[^", "(", "`", "``", "*", "a*", '"', "'", "\\",
    "\n", " ", "\t", "a", "A", "0", "9.", "_", "-", "- ", "|", "| ", ":", "&", "<a ", "<a", "</",
    "://", "%25", "&amp;", "\u00a0", "\ue000", "« ", "“", "é", "\ufffc", "\n[", "![", "lang= ",
    "<a lang=b>", " markdown", "<a markdown", "*a*{:", 'title="', "alt='", '"\\', "href='",
    "!!! a", "https://a",
)  # fmt: skip
# The kinds of character that classes speak of.
KINDS = "aA0_-.,:/\\\"'`*#%&()[]{}<>|=+!?;@~$\n\té«’ \u00a0"


@dataclass(frozen=True)
class Case:
    """A pattern, where it is written, and whether it is used from the start of a text alone."""

    name: str
    pattern: re.Pattern[str]
    anchored: bool = False

    def run(self, text: str) -> None:
        if self.anchored:
            self.pattern.fullmatch(text)
            self.pattern.match(text)
        else:
            for _ in self.pattern.finditer(text):
                pass


@dataclass
class Source:
    """A module of the package, and its code."""

    module: ModuleType
    tree: ast.Module
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)

    def function_of(self, node: ast.AST) -> str | None:
        """The name of the function that a node stands in, or None at the top of the module."""
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                return node.name
        return None


@cache
def sources() -> tuple[Source, ...]:
    """Every module of the package."""
    names = [item.name for item in pkgutil.walk_packages(llmdocs.__path__, "llmdocs.")]
    modules = [llmdocs, *(importlib.import_module(name) for name in names if name != NOT_IMPORTED)]
    found = []
    for module in modules:
        source = Source(module, ast.parse(inspect.getsource(module)))
        for node in ast.walk(source.tree):
            source.parents.update(dict.fromkeys(ast.iter_child_nodes(node), node))
        found.append(source)
    return tuple(found)


def compiled() -> Iterator[tuple[str, re.Pattern[str]]]:
    """The patterns that modules hold, in whatever: the constant's name, and the pattern."""
    seen: set[int] = set()
    for source in sources():
        for name, value in vars(source.module).items():
            for pattern in _patterns_in(value, seen):
                yield f"{source.module.__name__}.{name}", pattern


def _patterns_in(value: Any, seen: set[int]) -> Iterator[re.Pattern[str]]:
    if id(value) in seen or isinstance(value, str | bytes | int | float | ModuleType):
        return
    if isinstance(value, re.Pattern):
        seen.add(id(value))
        if isinstance(value.pattern, str):
            yield value
        return
    seen.add(id(value))
    if isinstance(value, Mapping):
        items: Iterable[Any] = itertools.chain(value.keys(), value.values())
    elif isinstance(value, list | tuple | set | frozenset):
        items = value
    elif getattr(type(value), "__module__", "").startswith("llmdocs") and is_dataclass(value):
        items = vars(value).values()
    elif isinstance(value, type) and value.__module__.startswith("llmdocs"):
        items = list(vars(value).values())
    else:
        return
    for item in items:
        yield from _patterns_in(item, seen)


@dataclass(frozen=True)
class Call:
    """A call of `re` within a function. `place` is its module and the function's name."""

    place: str
    module: ModuleType
    node: ast.Call

    @property
    def anchored(self) -> bool:
        return isinstance(self.node.func, ast.Attribute) and self.node.func.attr in ANCHORED

    def pattern(self, names: Mapping[str, object] = MappingProxyType({})) -> re.Pattern[str] | None:
        """Its pattern, with what the function's own `names` stand for; None if one is missing."""
        given = [word.value for word in self.node.keywords if word.arg == "flags"]
        given += [item for item in self.node.args[1:] if ast.unparse(item).startswith("re.")]
        flags = [item for item in given if not isinstance(item, ast.Call)]
        try:
            pattern, *values = [self._value(item, names) for item in (self.node.args[0], *flags)]
        except NameError:
            return None
        return re.compile(pattern, *values)

    def _value(self, expression: ast.expr, names: Mapping[str, object]) -> Any:
        code = compile(ast.Expression(expression), "<call>", "eval")
        return eval(code, {**vars(self.module), **names})


def calls() -> Iterator[Call]:
    """Each call of `re` within a function; what a module calls, it holds."""
    for source in sources():
        for node in ast.walk(source.tree):
            function = source.function_of(node)
            if function and isinstance(node, ast.Call) and _is_of_re(node.func):
                yield Call(f"{source.module.__name__}.{function}", source.module, node)


def _is_of_re(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "re"
        and function.attr in {"compile", *ANCHORED, *SEARCHING}
    )


@cache
def _uses() -> Mapping[int, set[str]]:
    """How each pattern is used that a module names: the methods called on it, `…` for all else."""
    uses: dict[int, set[str]] = {}
    for source in sources():
        for node in ast.walk(source.tree):
            pattern = _named(node, source.module)
            if not (isinstance(pattern, re.Pattern) and isinstance(node.ctx, ast.Load)):  # type: ignore[attr-defined]  # it is a name
                continue
            above = source.parents[node]
            method = above.attr if isinstance(above, ast.Attribute) else "…"
            if method != "pattern":
                uses.setdefault(id(pattern), set()).add(method)
    return uses


def _named(node: ast.AST, module: ModuleType) -> object:
    """What a name in the code of a module stands for, if that is known before a call."""
    if isinstance(node, ast.Name):
        return vars(module).get(node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return getattr(vars(module).get(node.value.id), node.attr, None)
    return None


def is_anchored(pattern: re.Pattern[str]) -> bool:
    """Whether a pattern is used nowhere but at the start of a text."""
    uses = _uses().get(id(pattern))
    return uses <= ANCHORED if uses else False


def cases(
    names: Mapping[str, Mapping[str, object]], built: Mapping[str, Sequence[re.Pattern[str]]]
) -> list[Case]:
    """Every pattern of the package, each once.

    By the place of a call, `names` has what names of the function stand for, and `built` patterns
    that the function makes.
    """
    found = [Case(name, pattern, is_anchored(pattern)) for name, pattern in compiled()]
    for call in calls():
        if pattern := call.pattern(names.get(call.place, {})):
            found.append(Case(f"{call.place}: {ast.unparse(call.node)}", pattern, call.anchored))
    found += [Case(place, pattern) for place, patterns in built.items() for pattern in patterns]
    # What is searched for in one place and matched in another is searched for.
    once = {case.pattern: case for case in sorted(found, key=lambda case: not case.anchored)}
    return sorted(once.values(), key=lambda case: case.name)


Text = Callable[[int], str]


def hard_texts(pattern: re.Pattern[str]) -> Iterator[Text]:
    """Texts that a pattern may take long for, made of what it looks for, by their length.

    Each is of one piece over and over, or of two in turn or one after the other, with a beginning
    of a match before it and what no match ends with after it.
    """
    parsed = _parser.parse(pattern.pattern, pattern.flags)
    wholes = list(dict.fromkeys(_samples(parsed)))
    leads = list(dict.fromkeys(lead for whole in wholes[:4] for lead in _leads(whole)))
    literals, characters = list(dict.fromkeys(_literals(parsed))), list(_characters(parsed))
    words = [f" {literal}" for literal in literals[:4]]
    bodies = list(dict.fromkeys(_bodies(parsed)))
    core = list(dict.fromkeys([*literals[:5], *characters[:8]]))
    for piece in filter(None, dict.fromkeys([*wholes, *literals, *characters, *bodies, *COMMON])):
        yield partial(_run, piece)
        yield partial(_led, "", piece)
    for lead in leads:
        for end in ("", " ", "\n", "a"):
            yield partial(_run, lead + end)
        yield partial(_run, f"\n{lead}")
        for piece in dict.fromkeys([*characters[:8], *bodies[:8], *words]):
            yield partial(_led, lead, piece)
    for one, other in itertools.permutations(core, 2):
        yield partial(_run, one + other)
        yield partial(_halves, one, other)
    for one, other in itertools.product(core, (" ", "a")):
        yield partial(_stairs, one, other)


def _run(piece: str, size: int) -> str:
    return piece * (size // len(piece))


def _led(lead: str, piece: str, size: int) -> str:
    return f"{lead}{_run(piece, size)}\x01"


def _halves(one: str, other: str, size: int) -> str:
    return _run(one, size // 2) + _run(other, size // 2)


def _stairs(one: str, other: str, size: int) -> str:
    """Runs of one piece, each longer than the last, with the other between."""
    steps = int((2 * size / len(one)) ** 0.5)
    return other.join(one * step for step in range(1, steps))


def _leads(whole: str) -> Iterator[str]:
    """What a sample begins with."""
    yield from (whole[:end] for end in range(1, min(len(whole), 16)))


def _literals(parsed: Any) -> Iterator[str]:
    """The words and marks of a pattern that stand for themselves."""
    run = ""
    for name, value in parsed:
        if name is op.LITERAL:
            run += chr(value)
            continue
        if run:
            yield run
        run = ""
        for below in _below((name, value)):
            yield from _literals(below)
    if run:
        yield run


def _characters(parsed: Any) -> Iterator[str]:
    """The characters of each class of a pattern in turn, without repetition."""
    classes = [list(_of_class(value)) for name, value in _items(parsed) if name is op.IN]
    in_turn = itertools.zip_longest(*classes)
    yield from dict.fromkeys(letter for letters in in_turn for letter in letters if letter)


def _bodies(parsed: Any) -> Iterator[str]:
    """Samples of what each repeat of a pattern repeats."""
    for item in _items(parsed):
        if item[0] in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            yield from filter(None, itertools.islice(_samples(item[1][2]), 4))


def _items(parsed: Any) -> Iterator[tuple[Any, Any]]:
    for item in parsed:
        yield item
        for below in _below(item):
            yield from _items(below)


def _below(item: tuple[Any, Any]) -> list[Any]:
    """The patterns within an item of a parsed pattern."""
    kind, value = item
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return [value[2]]
    if kind is op.SUBPATTERN:
        return [value[-1]]
    if kind is op.BRANCH:
        return list(value[1])
    if kind in (op.ASSERT, op.ASSERT_NOT):
        return [value[1]]
    return [value] if kind is op.ATOMIC_GROUP else []


def _samples(parsed: Any) -> Iterator[str]:
    """Texts that a parsed pattern is likely to match, one with each of its alternatives."""
    most = max(
        (len(list(item[1][1])) for item in _items(parsed) if item[0] is op.BRANCH), default=1
    )
    for choice in range(min(most, 8)):
        for kind in range(3):
            groups: dict[int, str] = {}
            yield "".join(_sample(item, choice, kind, groups) for item in parsed)


def _sample(item: tuple[Any, Any], choice: int, kind: int, groups: dict[int, str]) -> str:
    name, value = item

    def whole(parsed: Any) -> str:
        return "".join(_sample(item, choice, kind, groups) for item in parsed)

    if name is op.LITERAL:
        return chr(value)
    if name is op.NOT_LITERAL:
        return "a" if value != ord("a") else "b"
    if name is op.ANY:
        return "a 0"[kind % 3]
    if name is op.IN:
        found = list(_of_class(value))
        return found[kind % len(found)] if found else ""
    if name in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        least, most, body = value
        times: int = min(max(least, kind), most, 300)
        return whole(body) * times
    if name is op.SUBPATTERN:
        text: str = whole(value[-1])
        groups[value[0]] = text
        return text
    if name is op.GROUPREF:
        return groups.get(value, "")
    if name is op.BRANCH:
        return whole(value[1][choice % len(value[1])])
    return whole(value) if name is op.ATOMIC_GROUP else ""


def _of_class(items: Any) -> Iterator[str]:
    """A few characters of a class, each of another kind."""
    within = re.compile("[" + "".join(_written(item) for item in items) + "]")
    first = [chr(value if name is op.LITERAL else value[0]) for name, value in items
             if name in (op.LITERAL, op.RANGE)]  # fmt: skip
    yield from dict.fromkeys(
        [*(kind for kind in KINDS if within.fullmatch(kind)), *filter(within.fullmatch, first)]
    )


CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d", op.CATEGORY_NOT_DIGIT: r"\D", op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S", op.CATEGORY_WORD: r"\w", op.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def _written(item: tuple[Any, Any]) -> str:
    name, value = item
    if name is op.NEGATE:
        return "^"
    if name is op.CATEGORY:
        return CATEGORIES[value]
    if name is op.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    return re.escape(chr(value))
