"""An app that knows nothing of odmd is deployed unchanged, and its values flow as others do."""

from __future__ import annotations

import boto3

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator
from support.workbench import APP, Workbench, bus

OWN_NAMES = APP.replace('run = json.loads(pathlib.Path(os.environ["ODMD_RUN"]).read_text())\n', "").replace(
    'slot = run["slot"].removeprefix("b..").replace("-_b..", "--").replace("..", "--")\n', ""
)
OWN_NAMES = OWN_NAMES.replace('run["build"] + ("-" + part if part else "") + "--" + slot', '"legacy-" + part').replace(
    '"aws://" + run["account"] + "/" + run["region"]', '"aws://unknown-account/unknown-region"'
)
PARAMETER = {"BusName": {"Type": "String"}}
READS = {
    "Parameters": PARAMETER,
    "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "BusName"}}},
        "Told": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Name": "/legacy/queue", "Type": "String", "Value": {"Ref": "Queue"}},
        },
    },
}


def queues(bench: Workbench) -> list[str]:
    """All that reader published, the newest last."""
    values = [one["value"] for one in bench.data("values") if one["value"]["product"] == "reader/b..main/queue"]
    return [value["text"] for value in sorted(values, key=lambda value: value["version"])]


def test_it_is_deployed_unchanged_and_a_new_value_needs_no_synthesis(
    bench: Workbench, emulator: Emulator, target: Target
) -> None:
    said = bench.root / "contracts.py"
    contracts = said.read_text().replace(
        '    bus: Consumes[EventBus[str]]\n    queue: Produces[Queue] = produced("what was read")',
        '    bus: Consumes[EventBus[str]] = consumed("events", to=Parameter("BusName"))\n'
        '    queue: Produces[Queue] = produced("what was read", of=SsmParameter("/legacy/queue"))',
    )
    contracts = contracts.replace(
        "reader = Reader(on=main, at=dev, bus=foundation.bus)",
        'reader = Reader(on=main, at=dev, bus=foundation.bus, stacks=("legacy-a",))',
    )
    bench.write("contracts.py", contracts)
    bench.commit("reader", app=OWN_NAMES, stacks={"a": READS})

    done = bench.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    assert queues(bench)[-1].endswith("/one")

    bench.commit("foundation", stacks={"": bus("renamed")})
    done = bench.apply()
    assert "data: legacy-a would replace or remove Queue" in done.stdout, "what waits in the old queue is asked about"
    done = bench.odmd("approve", "reader@main", "data", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", with new values" in done.stdout + done.stderr
    assert queues(bench)[-1].endswith("/renamed")
    session = boto3.Session(target.account, "x", region_name=target.region)
    stacks = session.client("cloudformation", endpoint_url=emulator.endpoint).describe_stacks(StackName="legacy-a")[
        "Stacks"
    ]
    assert stacks[0].get("Parameters") == [{"ParameterKey": "BusName", "ParameterValue": "renamed"}]
