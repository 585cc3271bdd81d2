"""The page of kinds is what the code says."""

from __future__ import annotations

import inspect
import re
import runpy
from pathlib import Path

import pytest

from odmd.model import kinds
from odmd.model.kinds import Kind, NotOfKind, TextKind

DOCS = Path(__file__).parents[3] / "docs"


def test_the_page_of_kinds_is_what_the_code_says() -> None:
    made = runpy.run_path(str(DOCS / "kinds_page.py"))["page"]()
    assert (DOCS / "kinds.md").read_text() == made, "run python docs/kinds_page.py"


def test_the_page_names_every_kind() -> None:
    page = (DOCS / "kinds.md").read_text()
    for name, kind in vars(kinds).items():
        if inspect.isclass(kind) and issubclass(kind, Kind) and kind not in (Kind, kinds.Channel):
            assert f"`{name}`" in page or f"`{name}[" in page


def test_the_kind_on_the_page_is_one() -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", (DOCS / "kinds.md").read_text(), re.DOTALL)
    made: dict[str, type[Kind]] = {}
    exec(snippet, {"TextKind": TextKind}, made)  # type: ignore[arg-type]  # ours, and what it makes is the point
    assert made["Ticket"].parse("SHOP-12").text() == "SHOP-12"
    with pytest.raises(NotOfKind, match="expected a ticket like SHOP-12"):
        made["Ticket"].parse("12")
