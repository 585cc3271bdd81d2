"""What others would say of the template of Postgres: cfn-lint and cdk-nag find nothing that has no reason."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from odmd.cdk import target
from odmd.model import naming
from odmd.model.run_document import VARIABLE, DocumentConfig, DocumentProduct, DocumentRequest, RunDocument
from odmd.services.postgres import PostgresEnver
from odmd.services.postgres.stack import PostgresStack
from support.soak import soak_only

KEY = "orders.b..main/db"
PRODUCTS = ("writer", "cluster", *(f"{KEY}/{kind}" for kind in ("migrate", "app", "readonly")))
REQUEST = DocumentRequest(KEY, "orders/b..main", "111122223333", {"schema": "orders", "drop": True})
RUN = RunDocument(
    *(7, "shared/s..dev", "shared", "s..dev", "dev", "111122223333", "us-west-1"),
    ephemeral=False,
    inputs={},
    products={name: DocumentProduct(naming.output_name(name), "Text") for name in PRODUCTS},
    requests={"schemas": (REQUEST,)},
    config={"config": DocumentConfig("synth", "{}", "", "")},
)


@soak_only
def test_neither_cdk_nag_nor_cfn_lint_finds_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run.json").write_text(RUN.to_json())
    monkeypatch.setenv(VARIABLE, str(tmp_path / "run.json"))
    app = App(analytics_reporting=False, outdir=str(tmp_path / "out"))
    stack = PostgresStack(app, target(PostgresEnver))
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()  # which fails where cdk-nag finds what nobody gave a reason for
    template = tmp_path / "out" / f"{stack.stack_name}.template.json"
    words = ["--regions", "us-west-1", "--ignore-checks", "W3005", "--", str(template)]
    found = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), *words], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout
