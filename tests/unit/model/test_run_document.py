"""The file that tells a CDK app what it is for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.errors import NotInRun
from odmd.model.run_document import DocumentInput, DocumentProduct, RunDocument

DOCUMENT = RunDocument(
    run=7,
    enver="orders/b..main",
    build="orders",
    slot="b..main",
    stage="dev",
    account="111122223333",
    region="us-west-1",
    ephemeral=False,
    inputs={"bus": DocumentInput("OdmdInBus", "foundation/b..main/bus", "odmd.model.kinds:EventBus", 3, "orders")},
    products={"endpoint": DocumentProduct("OdmdOutEndpoint", "odmd.model.kinds.web:HttpApi")},
)


@given(texts=st.dictionaries(st.text(), st.text()))
def test_a_document_is_read_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, texts: dict[str, str]) -> None:
    path = tmp_path_factory.getbasetemp() / "run.json"
    given_one = DOCUMENT.inputs["bus"]
    document = replace(DOCUMENT, inputs={name: replace(given_one, text=text) for name, text in texts.items()})
    path.write_text(document.to_json())
    assert RunDocument.read(path) == document


def without(key: str) -> str:
    data = json.loads(DOCUMENT.to_json())
    del data[key]
    return json.dumps(data)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "{}",
        '"text"',
        without("format"),
        without("inputs"),
        without("account"),
        DOCUMENT.to_json().replace('"format": 1', '"format": 2'),
        DOCUMENT.to_json().replace('"version": 3', '"verson": 3'),
    ],
)
def test_what_is_no_document_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.raises(NotInRun, match=r"run\.json is no run document") as refused:
        RunDocument.read(path)
    assert "ODMD_RUN" in refused.value.next_step


def test_a_missing_file_and_one_that_is_not_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    for name in ("missing.json", "bytes.json"):
        with pytest.raises(NotInRun, match=name):
            RunDocument.read(tmp_path / name)


def test_what_a_newer_control_plane_adds_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(DOCUMENT.to_json().replace('"run": 7', '"run": 7, "more": 1'))
    assert RunDocument.read(path) == DOCUMENT
