"""A plan of a server says whose contracts it is made of, where those here say something else."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from odmd.bootstrap.plane import contracts_here
from odmd.cli.whose import say_whose_contracts
from odmd.client.plane import HttpPlane
from odmd.errors import OdmdError
from support.served import Served
from support.workbench import CONTRACTS


def said(served: Served, contracts: str | None, capsys: pytest.CaptureFixture[str]) -> str:
    with HttpPlane(served.url, partial(contracts_here, contracts), served.own) as there:
        say_whose_contracts(there)
    return capsys.readouterr().err


def test_it_names_both_and_how_to_see_ones_own(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "contracts.py").write_text(CONTRACTS)
    told = said(served, "contracts.py:acme", capsys)
    assert f"the server planned with its own contracts, acme ({served.graph.digest()[7:14]})" in told
    assert "those here are acme (" in told
    assert "without --server" in told


def test_where_there_are_none_here_nothing_is_said(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(served, None, capsys) == ""


def test_those_that_somebody_gave_have_to_be_there(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(OdmdError, match=r"none\.py"):
        said(served, "none.py:acme", capsys)
