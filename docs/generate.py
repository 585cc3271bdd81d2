"""Writes docs/errors.md and a page for each code from the code: `python docs/generate.py`. A test keeps it so."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from odmd import errors
from odmd.graph import rules

HERE = Path(__file__).parent
ROOT = HERE.parent
HEAD = """# Errors

Made by `docs/generate.py` from the code. Every message gives the fact, the place and the next step. `invalid`: the
input is wrong, nothing was tried. `refused`: right, but not now or not so. `failed`: tried, and the world said no;
*for now* where trying the same again later may work. Anything else that ends a command is a mistake of ours, `ODMD000`.

## Rules of the contracts

| code | a sound organisation keeps this |
|---|---|
"""
MIDDLE = """
## Commands and runs

| code | is | means |
|---|---|---|
"""


@dataclass(frozen=True)
class Code:
    """What is known of one code."""

    code: str
    is_: str
    says: str
    finds: str
    messages: tuple[str, ...]
    source: str


def pages() -> Mapping[Path, str]:
    """Every generated file and what stands in it."""
    of_rules, of_errors = sorted(_rules(), key=_by_code), sorted(_errors(), key=_by_code)
    index = HEAD + "".join(f"| [{one.code}](errors/{one.code}.md) | {one.says} |\n" for one in of_rules)
    index += MIDDLE + "".join(f"| [{one.code}](errors/{one.code}.md) | {one.is_} | {one.says} |\n" for one in of_errors)
    each = {HERE / "errors" / f"{one.code}.md": _page(one) for one in (*of_rules, *of_errors)}
    return {HERE / "errors.md": index, **each}


def _by_code(one: Code) -> str:
    return one.code


def _page(one: Code) -> str:
    text = f"# {one.code}\n\n**{one.says[:1].upper()}{one.says[1:]}.**\n\n"
    text += f"{one.finds}\n\n" if one.finds else ""
    text += f"It is *{one.is_}*.\n"
    if one.messages:
        text += "\nMessages, with `…` for what is yours:\n\n" + "".join(f"- {message}\n" for message in one.messages)
    return text + f"\n[In the code](../../{one.source}) · [all codes](../errors.md)\n"


def _rules() -> Iterator[Code]:
    for found in pkgutil.iter_modules(rules.__path__):
        module = importlib.import_module(f"{rules.__name__}.{found.name}")
        code, _, says = (module.__doc__ or "").strip().partition(": ")
        finds = inspect.getdoc(module.check) or ""
        yield Code(
            code,
            _severity(inspect.getsource(module)),
            says.removesuffix("."),
            finds,
            tuple(_messages(module)),
            _source(module),
        )


def _severity(source: str) -> str:
    """What a rule's findings are: it may have some that are mistakes, and some that are warnings."""
    found, warnings = source.count("Diagnostic("), source.count("Severity.WARNING")
    mistake = "a mistake: nothing is deployed"
    return mistake if not warnings else "a warning" if warnings == found else f"{mistake}; or a warning"


def _messages(module: ModuleType) -> Iterator[str]:
    """The facts that a rule's module can tell, in the order written."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        match node:
            case ast.Call(func=ast.Name(id="Diagnostic"), args=[_, fact, *_]) if _text(fact).strip("… :"):
                yield _text(fact)


def _text(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) if isinstance(part, ast.Constant) else "…" for part in parts)
        case _:
            return ""


def _errors() -> Iterator[Code]:
    for error in vars(errors).values():
        if isinstance(error, type) and issubclass(error, errors.OdmdError) and error.code != errors.OdmdError.code:
            says, _, finds = (inspect.getdoc(error) or "").partition("\n")
            yield Code(error.code, _kind(error), says.removesuffix("."), finds.strip(), (), "src/odmd/errors.py")


def _kind(error: type[errors.OdmdError]) -> str:
    if issubclass(error, errors.FailedForNow):
        return "failed for now"
    kinds = {errors.Invalid: "invalid", errors.Refused: "refused", errors.Failed: "failed"}
    return next(name for kind, name in kinds.items() if issubclass(error, kind))


def _source(module: ModuleType) -> str:
    return Path(module.__file__ or "").relative_to(ROOT).as_posix()


if __name__ == "__main__":
    (HERE / "errors").mkdir(exist_ok=True)
    for old in (HERE / "errors").glob("*.md"):
        old.unlink()
    for file, text in pages().items():
        file.write_text(text)
