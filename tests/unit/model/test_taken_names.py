"""A field is not called as what every enver has; what that is, the class itself says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from odmd.errors import ContractsNotLoaded
from odmd.graph import load_organisation
from odmd.model import CdkEnver, CommandEnver, Produces, produced
from odmd.model.kinds import Text
from support.worlds import build

TAKEN = sorted(name for name in {*dir(CdkEnver), "on", "at", "build"} if not name.startswith("_"))


def declare(name: str, base: type[Any] = CdkEnver, **more: Any) -> type[Any]:
    body = {"__annotations__": {name: Produces[Text]}, "__module__": __name__, **more}
    return type("Shop", (base,), body, build=build("shop"))


@pytest.mark.parametrize("name", TAKEN)
def test_a_product_is_not_called_as_what_an_enver_has(name: str) -> None:
    with pytest.raises(ContractsNotLoaded) as refused:
        declare(name)
    (said,) = refused.value.diagnostics()
    assert said.code == "ODMD039"
    assert f"`{name}`" in said.fact
    assert f'name="{name}"' in said.next_step


def test_what_only_some_envers_have_is_taken_there_only() -> None:
    declare("commands")
    with pytest.raises(ContractsNotLoaded):
        declare("commands", CommandEnver)


def test_a_plain_field_may_be_given_a_default() -> None:
    class Preview(CommandEnver, build=build("preview")):
        ephemeral: bool = True
        commands: tuple[str, ...] = ("true",)
        address_: Produces[Text] = produced("where it is", name="address")

    assert "address_" in Preview.declaration.products


@pytest.mark.parametrize("field", ["address: Produces[Text]", "origin: Consumes[Text]", "place: NeededSecret"])
def test_it_is_said_with_file_and_line(tmp_path: Path, field: str) -> None:
    text = "from odmd.model import *\nfrom odmd.model.kinds import *\n"
    text += f'class A(CdkEnver, build=Build("a", Repo("acme/a", Team("t")))):\n    {field}\n'
    (tmp_path / "taken.py").write_text(text)
    with pytest.raises(ContractsNotLoaded) as refused:
        load_organisation("taken.py:acme", tmp_path)
    (said,) = refused.value.diagnostics()
    assert (said.code, said.place and said.place.line) == ("ODMD039", 3)
