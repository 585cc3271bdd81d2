"""Removing what left the contracts: also what no run ever deployed well."""

from __future__ import annotations

import json

from odmd.agent import assemblies
from odmd.agent.removal import Remover, tried_assembly
from odmd.control.deployment import ENVER_TAG, Assembly, StackTemplate, Target
from odmd.control.effects import RemoveStacks
from odmd.control.messages import FinishRemoval
from odmd.control.ports import WAITS, Logged, Progress, Step, Touched
from odmd.control.state import Run, RunMode, RunStatus
from odmd.plan import Fingerprint
from odmd.providers.aws.fake import FakeAws
from odmd.store.artifacts import MemoryArtifacts
from odmd.store.memory import MemoryStore

HERE = Target("111122223333", "us-west-1")
TEMPLATE = {"Resources": {"Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "bus"}}}}
STACK = StackTemplate("e--main", json.dumps(TEMPLATE), (), (), ((ENVER_TAG, "e/b..main"),))
ASSEMBLY = Assembly((STACK,), ())


def removal(assembly: str | None) -> RemoveStacks:
    return RemoveStacks("e/b..main", HERE.account, HERE.region, assembly, "", 7.0)


def test_what_the_last_run_tried_is_removed_although_it_never_ended_well() -> None:
    aws, artifacts = FakeAws(), MemoryArtifacts()
    tried = assemblies.store(artifacts, ASSEMBLY)
    aws.execute(aws.propose(STACK, {}, "one", "", HERE), HERE, lambda _line: None)
    assert aws.resources
    done = Remover(aws, artifacts, lambda _enver: tried).remove(removal(None))
    assert done == FinishRemoval("e/b..main", began=7.0)
    assert not aws.resources


def test_who_never_came_to_an_assembly_has_nothing_to_remove() -> None:
    assert Remover(FakeAws(), MemoryArtifacts(), lambda _enver: None).remove(removal(None)).error == ""


def test_an_assembly_that_is_gone_is_told_and_not_taken_for_nothing() -> None:
    done = Remover(FakeAws(), MemoryArtifacts(), lambda _enver: None).remove(removal("sha256:gone"))
    assert "nobody knows which stacks it has" in done.error


def test_what_was_tried_stands_in_the_journal_of_the_last_run() -> None:
    store = MemoryStore()
    for number in (1, 2):
        fingerprint = Fingerprint("c", "s", ())
        run = Run(number, "e/b..main", fingerprint, (), RunMode.FULL, (), (), 0.0, status=RunStatus.FAILED)
        store.commit(0, [], list[Logged](), Touched(runs=(run,)), [])
        store.record(number, 1, Step("synth", json.dumps({"assembly": f"sha256:{number}"}), 1.0, 0.0))
    assert tried_assembly(store, "e/b..main") == "sha256:2"
    assert tried_assembly(store, "other/b..main") is None


def test_a_removal_that_aws_refuses_is_told_with_its_words_and_not_tried_for_ever() -> None:
    """After aws/aws-cdk#1682 (a protected stack)."""
    aws, artifacts = FakeAws(), MemoryArtifacts()
    aws.execute(aws.propose(STACK, {}, "one", "", HERE), HERE, lambda _line: None)
    aws.refuse_to_delete(STACK.name, HERE)
    done = Remover(aws, artifacts, lambda _enver: None).remove(removal(assemblies.store(artifacts, ASSEMBLY)))
    assert done.error.startswith("ODMD219 AWS refused DeleteStack")
    assert "while it is used" in done.error


def test_what_a_removal_waits_for_is_told() -> None:
    """After aws-cloudformation/cloudformation-coverage-roadmap#392 and serverless/serverless#5008."""

    class Slow(FakeAws):
        def delete(self, stack: StackTemplate, target: Target, progress: Progress = print) -> None:
            progress("Handler AWS::Lambda::Function DELETE_IN_PROGRESS")
            progress(f"{WAITS}AWS lets go of the network interfaces of Handler in 20 to 40 minutes")

    artifacts, said = MemoryArtifacts(), list[str]()
    remover = Remover(Slow(), artifacts, lambda _enver: None, lambda _effect, line: said.append(line))
    remover.remove(removal(assemblies.store(artifacts, ASSEMBLY)))
    assert said == [f"{WAITS}AWS lets go of the network interfaces of Handler in 20 to 40 minutes"]
