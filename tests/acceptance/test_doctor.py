"""`odmd doctor` finds what is wrong, each thing by itself."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

from support.floor import Floor
from support.workbench import Workbench


def found(bench: Workbench, *words: str, code: int = 0) -> dict[str, dict[str, Any]]:
    done = bench.odmd("doctor", "--json", *words)
    assert done.returncode == code, done.stdout + done.stderr
    return {check["name"]: check for check in json.loads(done.stdout)}


def test_where_nothing_is_wrong(bench: Workbench) -> None:
    place = f"account {bench.environment['AWS_ACCESS_KEY_ID']} us-west-1"
    before = found(bench)
    assert before["state"]["state"] == "note"
    assert before[place]["fact"].startswith("reached as arn:aws:iam::")
    assert before[place]["fact"].endswith(", bootstrapped for CDK; runs act with the account's credentials")
    assert before["repository acme/reader"]["state"] == "good"
    assert not (bench.root / ".odmd" / "state.db").exists(), "it makes nothing"
    with ExitStack() as stack:
        url, process = Floor(bench, stack).server()
        there = found(bench, "--server", url)
        assert {there[name]["state"] for name in ("server", "leader", "token")} == {"good"}
        assert str(process.pid) in there["state"]["fact"], "who leads"


def test_each_thing_that_is_wrong_is_told_with_what_to_do(bench: Workbench) -> None:
    (bench.root / "repos/acme/writer").rename(bench.root / "elsewhere")
    bench.environment = {**bench.environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1"}
    there = found(bench, "--server", "http://127.0.0.1:1", code=1)
    wrong = {name for name, check in there.items() if check["state"] == "wrong"}
    assert wrong == {"repository acme/writer", f"account {bench.environment['AWS_ACCESS_KEY_ID']} us-west-1", "server"}
    assert all(there[name]["next_step"] for name in wrong)
    bench.write("contracts.py", "1 / 0")
    there = found(bench, code=1)
    assert there["contracts"]["state"] == "wrong"
    assert there["git"]["state"] == "good"
