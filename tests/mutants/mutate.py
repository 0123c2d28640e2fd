"""Small changes of a module, one at a time: pure, from source to code.

Changed are comparisons, boolean and arithmetic operators, conditions, numbers, constants, all for any and least for most,
what is returned, statements that are left out, and the elements of tables at the top of a module. Not changed are words
(messages, statements in SQL, names of fields), annotations, decorators, default values and the columns of models: these are
held by other tests, or by none.
"""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.LShift: ast.RShift,
}
CALLED = {"any": "all", "all": "any", "min": "max", "max": "min"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """`place`: the function's qualified name, or that of the constant. `code`: of the whole changed module.

    `lines`: of the statement that is changed, or of its head; whoever runs one of them runs it.
    """

    path: str
    line: int
    lines: range
    place: str
    is_constant: bool
    what: str
    tree: ast.Module

    def code(self) -> CodeType:
        return compile(self.tree, self.path, "exec")

    @property
    def name(self) -> str:
        """As others than machines call it; the same wherever its line has moved."""
        return f"{self.path.rpartition('concord/')[2]} {self.place}: {self.what}"

    def __str__(self) -> str:
        return f"{self.path.rpartition('concord/')[2]}:{self.line} {self.place}: {self.what}"


def mutants_of(path: str, source: str) -> Iterator[Mutant]:
    """In the order of the lines."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    place_of = {id(node): place for place in _places(tree) for node in place.nodes}
    lines_of = dict(_lines(tree, range(0)))
    for index, node in enumerate(nodes):
        place = place_of.get(id(node))
        if place is None:
            continue
        variants = _of_table if place.is_constant else _variants
        for number, (what, _) in enumerate(variants(node)):
            changed = copy.deepcopy(tree)
            twin = list(ast.walk(changed))[index]
            _, replacement = list(variants(twin))[number]
            _Replacing(twin, replacement).visit(changed)
            ast.fix_missing_locations(changed)
            line, lines = getattr(node, "lineno", 0), lines_of[id(node)]
            yield Mutant(path, line, lines, place.name, place.is_constant, what, changed)


def _lines(node: ast.AST, outer: range) -> Iterator[tuple[int, range]]:
    """Of every node's innermost statement; of one that holds others only the head."""
    if isinstance(node, ast.stmt):
        inner = [one.lineno for one in ast.iter_child_nodes(node) if isinstance(one, ast.stmt)]
        last = min(inner) - 1 if inner else node.end_lineno or node.lineno
        outer = range(node.lineno, max(last, node.lineno) + 1)
    yield id(node), outer
    for one in ast.iter_child_nodes(node):
        yield from _lines(one, outer)


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    is_constant: bool
    nodes: tuple[ast.AST, ...]


def _places(tree: ast.Module) -> Iterator[_Place]:
    """The bodies of functions and methods, and the values of constants at the top."""
    for top in tree.body:
        if isinstance(top, ast.FunctionDef):
            yield _Place(top.name, False, _body(top))
        elif isinstance(top, ast.ClassDef):
            for inner in top.body:
                if isinstance(inner, ast.FunctionDef):
                    yield _Place(f"{top.name}.{inner.name}", False, _body(inner))
        elif isinstance(top, ast.Assign | ast.AnnAssign) and top.value:
            target = top.targets[0] if isinstance(top, ast.Assign) else top.target
            if isinstance(target, ast.Name) and not _is_type(top.value):
                yield _Place(target.id, True, tuple(ast.walk(top.value)))


def _body(function: ast.FunctionDef) -> tuple[ast.AST, ...]:
    said = [one for one in function.body if not _is_docstring(one)]
    unseen = {id(node) for one in said for part in ast.walk(one) for node in _unread(part)}
    return tuple(node for one in said for node in ast.walk(one) if id(node) not in unseen)


def _unread(node: ast.AST) -> Iterator[ast.AST]:
    """Annotations, which do nothing."""
    if isinstance(node, ast.AnnAssign):
        yield from ast.walk(node.annotation)
    if isinstance(node, ast.arg) and node.annotation:
        yield from ast.walk(node.annotation)


def _is_type(value: ast.expr) -> bool:
    """An alias, which does nothing."""
    if isinstance(value, ast.Subscript):
        return True
    return isinstance(value, ast.BinOp) and isinstance(value.right, ast.Constant) and value.right.value is None


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _variants(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What it could be instead, and in words."""
    match node:
        case ast.Compare(left, [operator], [right]):
            for other in COMPARED[type(operator)]:
                yield _said(node, ast.Compare(left, [other()], [right]))
        case ast.Compare(left, operators, rights):
            for at, operator in enumerate(operators):
                for other in COMPARED[type(operator)]:
                    changed = [*operators[:at], other(), *operators[at + 1 :]]
                    yield _said(node, ast.Compare(left, changed, rights))
        case ast.BoolOp(operator, values):
            turned = ast.Or() if isinstance(operator, ast.And) else ast.And()
            yield _said(node, ast.BoolOp(turned, values))
            for at in range(len(values)):
                left_over = [*values[:at], *values[at + 1 :]]
                yield _said(node, left_over[0] if len(left_over) == 1 else ast.BoolOp(operator, left_over))
        case ast.UnaryOp(ast.Not(), operand):
            yield _said(node, operand)
        case ast.BinOp(left, operator, right) if type(operator) in COMPUTED and not _is_text(left):
            yield _said(node, ast.BinOp(left, COMPUTED[type(operator)](), right))
            if isinstance(operator, ast.BitOr):
                yield _said(node, left)
                yield _said(node, right)
        case ast.Constant(bool() as value):
            yield _said(node, ast.Constant(not value))
        case ast.Constant(int() as value):
            yield _said(node, ast.Constant(value + 1))
            yield _said(node, ast.Constant(value - 1))
        case ast.Constant(float() as value):
            yield _said(node, ast.Constant(2 * value))
            yield _said(node, ast.Constant(value / 2))
        case ast.Call(ast.Name(name), given, named) if name in CALLED:
            yield _said(node, ast.Call(ast.Name(CALLED[name], ast.Load()), given, named))
        case ast.If(test, body, otherwise):
            for forced in (True, False):
                yield f"if {ast.unparse(test)} -> if {forced}", ast.If(ast.Constant(forced), body, otherwise)
        case ast.IfExp(test, body, otherwise):
            yield _said(node, body)
            yield _said(node, otherwise)
        case ast.Return(value) if value is not None and not (isinstance(value, ast.Constant) and value.value is None):
            yield _said(node, ast.Return(ast.Constant(None)))
        case ast.Expr(ast.Call()) | ast.Raise() | ast.AugAssign():
            yield f"left out: {ast.unparse(node)}", ast.Pass()
        case ast.Set(elements) if len(elements) > 1:
            for at in range(len(elements)):
                yield f"without {ast.unparse(elements[at])}", ast.Set([*elements[:at], *elements[at + 1 :]])


def _of_table(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Of a constant: a part is missing, or a number is another."""
    match node:
        case ast.BinOp(left, ast.BitOr(), right):
            yield f"without {ast.unparse(right)}", left
            if not isinstance(left, ast.BinOp):
                yield f"without {ast.unparse(left)}", right
        case ast.Tuple(elements) if len(elements) > 1:
            for at in range(len(elements)):
                yield f"without {ast.unparse(elements[at])}", ast.Tuple([*elements[:at], *elements[at + 1 :]], node.ctx)
        case ast.Dict(keys, values) if len(keys) > 1:
            for at, key in enumerate(keys):
                others = ast.Dict([*keys[:at], *keys[at + 1 :]], [*values[:at], *values[at + 1 :]])
                yield f"without {ast.unparse(key) if key else '**'}", others
        case ast.Set() | ast.Constant() | ast.BinOp() | ast.UnaryOp():
            yield from _variants(node)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


def _said(old: ast.AST, new: ast.AST) -> tuple[str, ast.AST]:
    return f"{ast.unparse(old)} -> {ast.unparse(ast.fix_missing_locations(ast.copy_location(new, old)))}", new


class _Replacing(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return ast.copy_location(self._new, node) if node is self._old else self.generic_visit(node)
