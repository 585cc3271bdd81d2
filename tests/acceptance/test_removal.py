"""What left the contracts is removed, consumers before producers, and data only when somebody allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from odmd.model.targets import Target
from odmd.providers.aws.sessions import Sessions
from support.workbench import WRITER, Workbench, bus, without

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


def drop(bench: Workbench, *envers: str) -> None:
    bench.write("contracts.py", without((bench.root / "contracts.py").read_text(), *envers))


def account(bench: Workbench) -> tuple[Sessions, Target]:
    """Where it deploys to."""
    said = bench.environment
    target = Target(said["AWS_ACCESS_KEY_ID"], said["AWS_DEFAULT_REGION"])
    return Sessions(endpoint=said["AWS_ENDPOINT_URL"], emulated=True), target


def cloudformation(bench: Workbench) -> CloudFormationClient:
    sessions, target = account(bench)
    return sessions.cloudformation(target)


def stacks(bench: Workbench) -> set[str]:
    return {one["StackName"] for one in cloudformation(bench).describe_stacks()["Stacks"]} - {"CDKToolkit"}


def mirrored(bench: Workbench) -> set[str]:
    sessions, target = account(bench)
    found = sessions.ssm(target).get_parameters_by_path(Path="/odmd-share", Recursive=True)["Parameters"]
    return {one["Name"] for one in found if "Name" in one}


def test_what_left_the_contracts_is_removed_with_what_it_published(bench: Workbench) -> None:
    bench.apply()
    assert stacks(bench) == {"foundation--main", "reader--main", "writer--main"}
    assert mirrored(bench) == {"/odmd-share/foundation/b..main/bus", "/odmd-share/reader/b..main/queue"}
    drop(bench, "reader")
    assert "- reader@main, which is no longer declared" in bench.odmd("plan").stdout
    done = bench.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "reader@main is removed" in done.stdout
    assert stacks(bench) == {"foundation--main", "writer--main"}
    assert mirrored(bench) == {"/odmd-share/foundation/b..main/bus"}
    assert {one["enver"] for one in bench.data("status")} == {"foundation/b..main", "writer/b..main"}
    assert "reader" not in bench.odmd("plan").stdout
    values = bench.data("values", "reader@main/queue")
    assert [value["value"]["status"] for value in values] == ["retired"]


def test_who_becomes_another_kind_of_build_leaves_no_stack_behind(bench: Workbench) -> None:
    bench.apply()
    said = (bench.root / "contracts.py").read_text()
    other = said.replace("class Writer(CdkEnver", "class Writer(CommandEnver")
    bench.write("contracts.py", other.replace("Writer(on=main, at=dev,", 'Writer(on=main, at=dev, commands=("true",),'))
    assert "of writer@main: its enver is a build of type command now" in bench.odmd("plan").stdout
    done = bench.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    assert stacks(bench) == {"foundation--main", "reader--main"}
    drop(bench, "writer")
    asked = bench.apply()
    assert "names no command that takes away what its commands brought about" in asked.stdout + asked.stderr


def test_what_comes_back_is_made_anew(bench: Workbench) -> None:
    bench.apply()
    before = (bench.root / "contracts.py").read_text()
    drop(bench, "reader")
    bench.apply()
    bench.write("contracts.py", before)
    assert "create reader@main" in bench.odmd("plan").stdout
    assert bench.apply().returncode == 0
    assert "reader--main" in stacks(bench)
    assert [value["value"]["version"] for value in bench.data("values", "reader@main/queue")] == [1, 2]


def test_a_producer_goes_after_its_consumers(bench: Workbench) -> None:
    bench.apply()
    contracts = (bench.root / "contracts.py").read_text()
    bench.write(
        "contracts.py",
        contracts.partition("foundation = ")[0] + 'acme = Organisation("acme", central=dev.account, envers=[])\n',
    )
    done = bench.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    gone = [line for line in done.stdout.splitlines() if "is removed" in line]
    assert ["foundation@main is removed" in line for line in gone] == [False, False, True]
    assert stacks(bench) == set()
    assert mirrored(bench) == set()


def test_data_goes_only_when_somebody_allows_it(bench: Workbench) -> None:
    table = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    }
    bench.commit("writer", {"": {**WRITER, "Resources": {**WRITER["Resources"], "Letters": table}}})
    bench.apply()
    drop(bench, "writer")
    done = bench.apply()
    assert "its removal would take Letters (AWS::DynamoDB::Table) of writer--main along" in done.stdout
    assert "writer--main" in stacks(bench)
    assert {one["enver"]: one["state"] for one in bench.data("status")}["writer/b..main"] == "asks"
    done = bench.odmd("approve", "writer@main", "data")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "writer--main" not in stacks(bench)


def test_a_plan_that_only_removes_is_asked_about_and_carried_out_by_its_digest(bench: Workbench) -> None:
    bench.apply()
    drop(bench, "reader")
    done = bench.odmd("apply")
    assert (done.returncode, "nobody is there to say yes" in done.stderr) == (1, True), done.stdout
    assert "reader--main" in stacks(bench)
    digest = bench.data("plan")["digest"].removeprefix("sha256:")[:7]
    assert f"Plan {digest} for acme: 1 enver to remove" in bench.odmd("plan").stdout
    done = bench.odmd("apply", digest)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "reader--main" not in stacks(bench)
    assert "carried out already" in bench.odmd("apply", digest).stderr


def test_a_protected_stack_is_asked_about_before_it_is_removed_and_a_lost_one_is_seen(bench: Workbench) -> None:
    """After aws/aws-cdk#1682 and takomo-io/takomo#293."""
    bench.apply()
    cloudformation(bench).update_termination_protection(StackName="reader--main", EnableTerminationProtection=True)
    drop(bench, "reader")
    done = bench.apply()
    assert "protected against termination" in done.stdout + bench.odmd("why", "reader@main").stdout
    assert "reader--main" in stacks(bench), "not without an answer"
    done = bench.odmd("approve", "reader@main", "data", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "reader--main" not in stacks(bench)
    cloudformation(bench).delete_stack(StackName="writer--main")
    assert "writer--main of writer@main" in bench.odmd("doctor").stdout
    assert "nothing to do" in bench.odmd("plan").stdout, "a plan asks AWS only when it is told to look"
    assert "writer@main" in bench.odmd("plan", "--look").stdout
    done = bench.odmd("apply", "--look", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "writer--main" in stacks(bench)


QUEUE = {"Resources": {"Letters": {"Type": "AWS::SQS::Queue", "Properties": {}}}}
TOPIC = {"Resources": {"Told": {"Type": "AWS::SNS::Topic", "Properties": {}}}}


def test_stacks_that_leave_an_app_are_named_and_removed_and_their_data_is_asked_about(bench: Workbench) -> None:
    """After aws/aws-cdk-cli#787, aws/aws-cdk#13676 and anomalyco/sst#880."""
    bench.commit("writer", {"": WRITER, "cron": TOPIC, "mail": QUEUE})
    bench.apply()
    assert {one["name"] for one in _writer(bench)["units"]} == {
        "writer--main",
        "writer-cron--main",
        "writer-mail--main",
    }

    bench.commit("writer", {"": WRITER})
    done = bench.apply()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "stack writer-cron--main in" in done.stdout
    assert "of writer@main is removed" in done.stdout
    assert stacks(bench) >= {"writer--main", "writer-mail--main"}
    assert "writer-cron--main" not in stacks(bench)
    for said in (done, bench.odmd("plan"), bench.odmd("status"), bench.odmd("why", "writer@main")):
        assert "writer-mail--main" in said.stdout, said.args
        assert "Letters (AWS::SQS::Queue)" in said.stdout, said.args
    assert "nothing to do" in bench.odmd("plan").stdout
    assert [one["unit"]["name"] for one in _writer(bench)["left"]] == ["writer-mail--main"]

    assert bench.odmd("reject", "writer@main", "data").returncode == 0
    bench.commit("writer", {"": WRITER, "late": TOPIC})
    assert bench.apply().returncode == 0
    assert _writer(bench)["state"] == "deployed", "it is not asked again"
    assert "writer-mail--main" in bench.odmd("status").stdout, "it is there still"

    drop(bench, "writer")
    assert "writer-mail--main" in bench.apply().stdout
    done = bench.odmd("approve", "writer@main", "data", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not [one for one in stacks(bench) if one.startswith("writer")]


def _writer(bench: Workbench) -> dict[str, Any]:
    return next(one for one in bench.data("status") if one["enver"] == "writer/b..main")


def test_a_state_that_knows_nothing_asks_before_it_touches_what_another_one_manages(bench: Workbench) -> None:
    first = bench.apply()
    assert "a new state is made in" in first.stdout
    assert "a new state is made in" not in bench.apply().stdout

    done = bench.odmd("apply", "--yes", "--state", "typo")
    assert done.returncode == 1
    assert "a new state is made in" in done.stdout
    assert "ODMD214" in done.stdout + done.stderr
    assert "is managed by another state" in done.stdout
    assert "change set" not in done.stdout

    done = bench.odmd("approve", "foundation@main", "data", "--yes", "--state", "typo")
    assert "published foundation@main/bus" in done.stdout + done.stderr
    assert "ODMD214" in bench.odmd("apply", "--yes", "--state", "typo").stdout, "the others are asked about, each"
    bench.commit("foundation", {"": bus("one")})
    done = bench.apply()
    assert "foundation--main is in" in done.stdout
    assert "another state" in done.stdout, "who had it is asked now"
