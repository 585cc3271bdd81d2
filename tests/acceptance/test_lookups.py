"""What an app looks up in its account is refused, or looked up for it and kept until somebody says otherwise."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator
from support.workbench import APP, Workbench, bus, without

LOOKS_UP = """
import json, os, pathlib
account, region = os.environ["CDK_DEFAULT_ACCOUNT"], os.environ["CDK_DEFAULT_REGION"]
key = f"ssm:account={account}:parameterName=/bus/name:region={region}"
context = json.loads(os.environ["CDK_CONTEXT_JSON"])
stacks = json.loads(pathlib.Path("stacks.json").read_text())
stacks[""]["Resources"]["Bus"]["Properties"]["Name"] = context.get(key, "dummy")
pathlib.Path("stacks.json").write_text(json.dumps(stacks))
"""
MISSING = """
if key not in context:
    props = {"account": account, "region": region, "parameterName": "/bus/name", "dummyValue": "dummy"}
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["missing"] = [{"key": key, "provider": "ssm", "props": props}]
    (out / "manifest.json").write_text(json.dumps(manifest))
"""


@pytest.fixture
def parameter(emulator: Emulator, target: Target) -> Any:
    """Writes the parameter that the app looks up."""
    session = boto3.Session(target.account, "x", region_name=target.region)
    ssm = session.client("ssm", endpoint_url=emulator.endpoint)
    return lambda text: ssm.put_parameter(Name="/bus/name", Type="String", Value=text, Overwrite=True)


@pytest.fixture
def alone(bench: Workbench) -> Workbench:
    """An organisation whose one app looks something up."""
    bench.write("contracts.py", without((bench.root / "contracts.py").read_text(), "reader", "writer"))
    bench.commit("foundation", {"": bus("one")}, LOOKS_UP + APP + MISSING)
    return bench


def published(bench: Workbench) -> str:
    newest = max(
        (one["value"] for one in bench.data("values") if one["value"]["product"].endswith("/bus")),
        key=lambda value: value["version"],
    )
    return json.dumps(newest["text"])


def test_an_answer_is_kept_until_it_is_looked_up_again(alone: Workbench, parameter: Any) -> None:
    parameter("first")
    refused = alone.apply()
    assert refused.returncode == 1
    assert "ODMD205" in refused.stdout + refused.stderr
    assert 'lookups = "made"' in refused.stdout + refused.stderr

    alone.write("pyproject.toml", (alone.root / "pyproject.toml").read_text() + 'lookups = "made"\n')
    assert (done := alone.apply()).returncode == 0, done.stdout + done.stderr
    assert "first" in published(alone)

    parameter("second")
    assert alone.data("plan")["plan"]["stages"] == []
    alone.commit("foundation", {"": bus("one")}, LOOKS_UP + APP + MISSING)
    assert (done := alone.apply()).returncode == 0, done.stdout + done.stderr
    assert "first" in published(alone)

    again = ("--target", "foundation@main", "--look-up-again")
    said = alone.odmd("plan", *again).stdout
    assert "what it looked up is looked up again: ssm:account=" in said
    digest = alone.data("plan", *again)["digest"]
    assert (done := alone.odmd("apply", digest)).returncode == 0, done.stdout + done.stderr
    assert "second" in published(alone)
    why = alone.odmd("why", "foundation@main").stdout
    assert "lookup ssm:account=" in why
    assert "changed" in why
    assert alone.data("plan")["plan"]["stages"] == []
