"""Writes docs/errors.md from the code: `python docs/generate.py`. A test fails when it is out of date."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

from odmd import errors
from odmd.graph import rules

PAGE = Path(__file__).parent / "errors.md"
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


def page() -> str:
    """The whole page."""
    of_rules = "".join(f"| {code} | {rest} |\n" for code, rest in sorted(_rules()))
    of_errors = "".join(f"| {code} | {kind} | {text} |\n" for code, kind, text in sorted(_errors()))
    return HEAD + of_rules + MIDDLE + of_errors


def _rules() -> Iterator[tuple[str, str]]:
    for module in pkgutil.iter_modules(rules.__path__):
        about = importlib.import_module(f"{rules.__name__}.{module.name}").__doc__ or ""
        code, _, rest = about.strip().partition(": ")
        yield code, rest.removesuffix(".")


def _errors() -> Iterator[tuple[str, str, str]]:
    for error in vars(errors).values():
        if isinstance(error, type) and issubclass(error, errors.OdmdError) and error.code != errors.OdmdError.code:
            yield error.code, _kind(error), (error.__doc__ or "").strip().splitlines()[0].removesuffix(".")


def _kind(error: type[errors.OdmdError]) -> str:
    if issubclass(error, errors.FailedForNow):
        return "failed for now"
    kinds = {errors.Invalid: "invalid", errors.Refused: "refused", errors.Failed: "failed"}
    return next(name for kind, name in kinds.items() if issubclass(error, kind))


if __name__ == "__main__":
    PAGE.write_text(page())
