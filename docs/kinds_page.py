"""Writes docs/kinds.md from the code: `python docs/kinds_page.py`. A test fails when it is out of date."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator, Sequence
from pathlib import Path

from odmd.model import kinds
from odmd.model.kinds import Kind

PAGE = Path(__file__).parent / "kinds.md"
MODULES = (
    "text", "web", "messaging", "aws", "secrets", "databases", "images", "packages", "kubernetes", "network",
    "identity",
)  # fmt: skip
HEAD = """# Kinds

Made by `docs/kinds_page.py` from the code. All are in `odmd.model.kinds`. What an enver publishes must look like its
kind, or the run fails and no consumer sees it. *Access* is what a consumer may ask for. *Handover* is how consumers get
from a replaced value to its successor; with `none`, replacing is destructive. A *sensitive* value is shown to nobody,
but published as text: what opens doors belongs into a secret, which is a reference.

A kind of one's own extends `TextKind`, `ArnKind`, `UrlKind` or `JsonKind`; what it does not say is as in its base:

```python
class Ticket(TextKind):
    \"\"\"A ticket of the tracker.\"\"\"

    pattern = r"[A-Z]+-[0-9]+"
    looks_like = "a ticket like SHOP-12"
```

`ArnKind` takes `service` and `resource`, `UrlKind` takes `schemes`, a `JsonKind` is a frozen dataclass with the fields
of a JSON object. `identity()` says what makes two values the same, `short()` what people see, `consumed()` what a CDK
app gets.
"""
TABLE = """
| kind | is | looks like | access | handover | sensitive |
|---|---|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    return (
        HEAD + "".join(_part(importlib.import_module(f"odmd.model.kinds.{module}")) for module in MODULES) + _children()
    )


def _part(module: object) -> str:
    title = (inspect.getdoc(module) or "").splitlines()[0].split(". ")[0].removesuffix(".")
    rows = "".join(f"| {' | '.join(_row(kind))} |\n" for kind in _kinds(module))
    return f"\n## {title}\n{TABLE}{rows}"


def _kinds(module: object) -> Iterator[type[Kind]]:
    """The kinds that a module defines, in its order, without what is only a base of others."""
    public = {kind for kind in vars(kinds).values() if _is_kind(kind)}
    for kind in filter(_is_kind, vars(module).values()):
        if kind in public and kind.__module__ == vars(module)["__name__"] and public.isdisjoint(kind.__subclasses__()):
            yield kind


def _is_kind(some: object) -> bool:
    return inspect.isclass(some) and issubclass(some, Kind)


def _row(kind: type[Kind]) -> Sequence[str]:
    about = (inspect.getdoc(kind) or "").splitlines()[0]
    parameters = ", ".join(one.__name__.removesuffix("_co") for one in getattr(kind, "__parameters__", ()))
    name = f"{kind.__name__}[{parameters}]" if parameters else kind.__name__
    access = ", ".join(access.value for access in kind.accesses) if len(kind.accesses) < 3 else "any"
    cells = (f"`{name}`", about, kind.looks_like, access, kind.handover.value, "yes" if kind.sensitive else "no")
    return [cell.replace("|", r"\|") for cell in cells]


def _children() -> str:
    rows = "".join(
        f"| `{name}` | `{child.of.__name__}` | `{child.name}` | `{child.kind.__name__}` |\n"
        for name, child in sorted(vars(kinds).items())
        if isinstance(child, kinds.Child)
    )
    head = "\n## What comes with another product\n\nUsed as `api.child(API_DOC)`.\n\n| child | of | product | kind |\n"
    return f"{head}|---|---|---|---|\n{rows}"


if __name__ == "__main__":
    PAGE.write_text(page())
