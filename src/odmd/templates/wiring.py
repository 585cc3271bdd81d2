"""Adds an enver to the module that wires an organisation, by what the module says and not by marks in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from odmd.templates.names import Names


class Insertion(NamedTuple):
    """Text to put in front of a byte."""

    at: int
    text: str


def bound_names(source: str) -> frozenset[str]:
    """What a module's top level calls things."""
    return frozenset(_bound(ast.parse(source)))


def declared_team(source: str, team: str) -> str | None:
    """The variable that `teams.py` keeps a team in."""
    return next((name for name, said in _teams(source) if said == team), None)


def first_team(source: str) -> str | None:
    """The team that is named first."""
    return next((said for _, said in _teams(source)), None)


def organisation_name(source: str, attribute: str) -> str | None:
    """What `attribute = Organisation("acme", …)` names it."""
    call = _call(ast.parse(source), attribute)
    first = call.args[0] if call and call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def lines_to_add(names: Names, on: str = "main", at: str = "dev") -> tuple[str, str]:
    """An import, and an enver to list in `envers`."""
    imported = f"from {names.package}.services.{names.module} import {names.cls}"
    return imported, f"{names.module} = {names.cls}(on={on}, at={at})"


def with_enver(source: str, attribute: str, names: Names) -> str | None:
    """The module with one enver more, on and at what its neighbour in the list is; None where that cannot be seen.

    Args:
        attribute: the variable that holds the organisation.
    """
    module = ast.parse(source)
    listed = _envers(module, attribute)
    neighbour = _neighbour(module, listed) if listed else None
    if listed is None or neighbour is None:
        return None
    statement, on, at = neighbour
    imported, enver = lines_to_add(names, ast.unparse(on), ast.unparse(at))
    text = _Text(source)
    insertions = [
        Insertion(text.line_start(_import_line(module, names.package, imported)), f"{imported}\n"),
        Insertion(text.line_start((statement.end_lineno or statement.lineno) + 1), f"{enver}\n"),
        *_into_list(text, listed, names.module),
    ]
    made = text.with_(insertions)
    return made if _is_listed(made, attribute, names.module) else None


class _Text:
    """A source by the line numbers and byte columns that `ast` counts in."""

    def __init__(self, source: str) -> None:
        self.lines = source.encode().splitlines(keepends=True)
        if self.lines and not self.lines[-1].endswith(b"\n"):
            self.lines[-1] += b"\n"

    def line_start(self, line: int) -> int:
        return sum(map(len, self.lines[: line - 1]))

    def at(self, line: int, column: int) -> int:
        return self.line_start(line) + column

    def with_(self, insertions: list[Insertion]) -> str:
        whole = b"".join(self.lines)
        for one in sorted(insertions, reverse=True):
            whole = whole[: one.at] + one.text.encode() + whole[one.at :]
        return whole.decode()


def _into_list(text: _Text, listed: ast.List, name: str) -> Iterator[Insertion]:
    """As a line of its own where the last one stands so."""
    last = listed.elts[-1]
    end = last.end_lineno or last.lineno
    after = text.at(end, last.end_col_offset or 0)
    if end == listed.end_lineno:
        yield Insertion(after, f", {name}")
        return
    rest = text.lines[end - 1][last.end_col_offset or 0 :]
    if not rest.lstrip().startswith(b","):
        yield Insertion(after, ",")
    yield Insertion(text.line_start(end + 1), f"{' ' * last.col_offset}{name},\n")


def _import_line(module: ast.Module, package: str, imported: str) -> int:
    """Where the import belongs: in order among those of the package, else after the last one."""
    imports = [one for one in module.body if isinstance(one, (ast.Import, ast.ImportFrom))]
    own = [one for one in imports if isinstance(one, ast.ImportFrom) and (one.module or "").split(".")[0] == package]
    later = [one.lineno for one in own if ast.unparse(one) > imported]
    return min(later) if later else max(((one.end_lineno or one.lineno) for one in own or imports), default=0) + 1


def _neighbour(module: ast.Module, listed: ast.List) -> tuple[ast.Assign, ast.expr, ast.expr] | None:
    """The last listed enver whose declaration says on what and at what it is."""
    for element in reversed(listed.elts):
        for statement in module.body:
            if isinstance(element, ast.Name) and isinstance(statement, ast.Assign) and _binds(statement, element.id):
                said = _keywords(statement.value)
                if "on" in said and "at" in said:
                    return statement, said["on"], said["at"]
    return None


def _is_listed(source: str, attribute: str, name: str) -> bool:
    listed = _envers(ast.parse(source), attribute)
    return listed is not None and any(isinstance(one, ast.Name) and one.id == name for one in listed.elts)


def _envers(module: ast.Module, attribute: str) -> ast.List | None:
    call = _call(module, attribute)
    listed = _keywords(call).get("envers") if call else None
    return listed if isinstance(listed, ast.List) and listed.elts else None


def _call(module: ast.Module, attribute: str) -> ast.Call | None:
    for statement in module.body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and _binds(statement, attribute):
            return statement.value if isinstance(statement.value, ast.Call) else None
    return None


def _keywords(value: ast.expr) -> dict[str, ast.expr]:
    return {one.arg: one.value for one in value.keywords if one.arg} if isinstance(value, ast.Call) else {}


def _binds(statement: ast.Assign | ast.AnnAssign, name: str) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _bound(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        match node:
            case ast.Import() | ast.ImportFrom():
                yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
            case ast.FunctionDef() | ast.ClassDef():
                yield node.name
            case _:
                stored = (one for one in ast.walk(node) if isinstance(one, ast.Name))
                yield from (one.id for one in stored if isinstance(one.ctx, ast.Store))


def _teams(source: str) -> Iterator[tuple[str, str]]:
    for statement in ast.parse(source).body:
        value = statement.value if isinstance(statement, ast.Assign) else None
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "Team" and value.args:
            target, said = statement.targets[0] if isinstance(statement, ast.Assign) else None, value.args[0]
            if isinstance(target, ast.Name) and isinstance(said, ast.Constant) and isinstance(said.value, str):
                yield target.id, said.value
