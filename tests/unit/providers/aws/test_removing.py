"""Removing what left the contracts: also what no run ever deployed well."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from odmd.agent.removal import remove
from odmd.control.ports.journal import DoneStep
from odmd.control.ports.log import Logged, Touched
from odmd.control.reading.tried import tried
from odmd.control.running.saying import WAITS, Progress
from odmd.control.running.steps import PREPARE
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.messages import FinishClearance, FinishRemoval
from odmd.control.scheduler.runs import Run, RunMode, RunStatus
from odmd.control.scheduler.units import DeployedUnit, Leftover
from odmd.model.targets import Target
from odmd.plan import Fingerprint
from odmd.providers.aws import StackRemover, recipe
from odmd.providers.aws.cloud_assembly import ENVER_TAG, Assembly, StackTemplate
from odmd.providers.aws.fake import FakeAws
from odmd.store.artifacts import MemoryArtifacts
from odmd.store.memory import MemoryStore

HERE = Target("111122223333", "us-west-1")
TEMPLATE = {"Resources": {"Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "bus"}}}}
STACK = StackTemplate("e--main", json.dumps(TEMPLATE), (), (), ((ENVER_TAG, "e/b..main"),))
ASSEMBLY = Assembly((STACK,), ())
STATE = "this"
QUEUE = {"Resources": {"Rows": {"Type": "AWS::SQS::Queue", "Properties": {}}}}


def stack(name: str, template: Mapping[str, object] = TEMPLATE, **tags: str) -> StackTemplate:
    named = {"Resources": {f"{name}-{id}": one for id, one in template["Resources"].items()}}  # type: ignore[attr-defined]
    text = json.dumps(named).replace('"bus"', f'"{name}"')
    said = {ENVER_TAG: "e/b..main"} | {f"odmd:{key}": value for key, value in tags.items()}
    return StackTemplate(name, text, (), (), tuple(said.items()))


def make(aws: FakeAws, *stacks: StackTemplate, target: Target = HERE) -> None:
    for one in stacks:
        aws.execute(aws.propose(one, {}, "one", "", target), target, lambda _line: None)


def at(one: StackTemplate, target: Target = HERE) -> DeployedUnit:
    return DeployedUnit(one.name, target)


def names(aws: FakeAws, target: Target = HERE) -> set[str]:
    return {one for one in ("e--main", "e-part--main", "e-old--main", "mine") if aws.look(one, target).is_there}


def removal(assembly: str | None, *stacks: DeployedUnit, allowed: str = "") -> RemoveEnver:
    return RemoveEnver("e/b..main", HERE, assembly, allowed, 7.0, stacks)


def remover(aws: FakeAws, artifacts: MemoryArtifacts | None = None, tried: str | None = None) -> StackRemover:
    return StackRemover(aws, artifacts or MemoryArtifacts(), MemoryStore(), lambda _enver: tried, STATE)


def test_what_the_last_run_tried_is_removed_although_it_never_ended_well() -> None:
    aws, artifacts = FakeAws(), MemoryArtifacts()
    tried = artifacts.put(recipe.to_recipe(ASSEMBLY))
    make(aws, STACK)
    assert aws.resources
    done = remove(remover(aws, artifacts, tried), removal(None))
    assert done == FinishRemoval("e/b..main", began=7.0)
    assert not aws.resources


def test_who_never_came_to_an_assembly_has_nothing_to_remove() -> None:
    assert remove(remover(FakeAws()), removal(None)).error == ""


def test_stacks_of_an_assembly_that_is_gone_are_found_by_their_tag() -> None:
    aws = FakeAws()
    make(aws, STACK)
    assert remove(remover(aws), removal("sha256:gone")).error == ""
    assert not aws.resources


def test_what_was_tried_stands_in_the_journal_of_the_last_run() -> None:
    store = MemoryStore()
    for number in (1, 2):
        fingerprint = Fingerprint("c", "s", ())
        run = Run(number, "e/b..main", fingerprint, (), RunMode.FULL, (), (), 0.0, status=RunStatus.FAILED)
        store.commit(0, [], list[Logged](), Touched(runs=(run,)), [])
        store.record(number, 1, DoneStep(PREPARE, json.dumps({"recipe": f"sha256:{number}"}), 1.0, 0.0))
    assert (last := tried(store, "e/b..main")) is not None
    assert (last.recipe, last.run.id) == ("sha256:2", 2)
    assert tried(store, "other/b..main") is None


def test_a_removal_that_aws_refuses_is_told_with_its_words_and_not_tried_for_ever() -> None:
    """After aws/aws-cdk#1682 (a protected stack)."""
    aws, artifacts = FakeAws(), MemoryArtifacts()
    make(aws, STACK)
    aws.refuse_to_delete(STACK.name, HERE)
    done = remove(remover(aws, artifacts), removal(artifacts.put(recipe.to_recipe(ASSEMBLY))))
    assert done.error.startswith("ODMD219 AWS refused DeleteStack")
    assert "while it is used" in done.error


def test_what_a_removal_waits_for_is_told() -> None:
    """After aws-cloudformation/cloudformation-coverage-roadmap#392 and serverless/serverless#5008."""

    class Slow(FakeAws):
        def delete(self, stack: str, enver: str, target: Target, progress: Progress = print) -> None:
            progress("Handler AWS::Lambda::Function DELETE_IN_PROGRESS")
            progress(f"{WAITS}AWS lets go of the network interfaces of Handler in 20 to 40 minutes")

    said, slow = list[str](), Slow()
    make(slow, STACK)
    remove(replace(remover(slow), say=lambda _effect, line: said.append(line)), removal(None, at(STACK)))
    assert said == [f"{WAITS}AWS lets go of the network interfaces of Handler in 20 to 40 minutes"]


def test_all_stacks_with_its_tag_go_wherever_it_was_deployed_and_no_others() -> None:
    """After aws/aws-cdk-cli#787, aws/aws-cdk#13676 and anomalyco/sst#880."""
    aws, elsewhere = FakeAws(), Target(HERE.account, "eu-west-1")
    make(aws, STACK, stack("e-part--main"), stack("mine", enver="other/b..main"))
    make(aws, stack("e-old--main"), target=elsewhere)
    done = remove(remover(aws), removal(None, at(stack("e-part--main"), elsewhere), at(STACK)))
    assert done.error == ""
    assert names(aws) == {"mine"}
    assert names(aws, elsewhere) == set()


def test_a_stack_that_another_state_manages_or_that_lost_its_tag_stays() -> None:
    aws, untagged = FakeAws(), replace(stack("mine"), tags=())
    make(aws, stack("e--main", state=STATE), stack("e-part--main", state="another"), untagged)
    recorded = [at(stack(name)) for name in ("e--main", "e-part--main", "mine")]
    assert remove(remover(aws), removal(None, *recorded)).error == ""
    assert names(aws) == {"e-part--main", "mine"}


def test_one_that_others_import_from_goes_once_they_went() -> None:
    class Exports(FakeAws):
        def delete(self, stack: str, enver: str, target: Target, progress: Progress = print) -> None:
            self.refuse_to_delete("e--main", HERE, refuse=self.look("e-part--main", HERE).is_there)
            super().delete(stack, enver, target, progress)

    aws = Exports()
    make(aws, STACK, stack("e-part--main"))
    assert remove(remover(aws), removal(None, at(stack("e-part--main")), at(STACK))).error == ""
    assert names(aws) == set()


class TestClearing:
    """Of stacks that left an app, while the others stay."""

    def test_what_holds_nothing_goes_and_what_holds_data_is_asked_about(self) -> None:
        aws, part, old = FakeAws(), stack("e-part--main"), stack("e-old--main", QUEUE)
        make(aws, STACK, part, old)
        done = self.clear(aws, at(part), at(old))
        assert done.removed == (at(part),)
        assert done.kept == (
            Leftover(at(old), "e-old--main-Rows (AWS::SQS::Queue) would go with it, which holds data", asks=True),
        )
        assert done.loss is not None
        assert names(aws) == {"e--main", "e-old--main"}
        allowed = self.clear(aws, at(old), allowed=done.loss.digest)
        assert (allowed.removed, allowed.kept, allowed.loss) == ((at(old),), (), None)
        assert names(aws) == {"e--main"}

    def test_what_cannot_be_removed_is_kept_with_its_reason(self) -> None:
        aws, part = FakeAws(), stack("e-part--main")
        make(aws, STACK, part)
        aws.refuse_to_delete(part.name, HERE)
        (kept,) = self.clear(aws, at(part)).kept
        assert "while it is used" in kept.why
        assert not kept.asks

    def test_a_protected_stack_is_asked_about(self) -> None:
        aws, part = FakeAws(), stack("e-part--main")
        make(aws, STACK, part)
        aws.protected.add((HERE, part.name))
        (kept,) = self.clear(aws, at(part)).kept
        assert kept == Leftover(at(part), "it is protected against termination", asks=True)

    def test_what_is_gone_or_is_somebody_elses_is_left_alone_and_is_listed_no_more(self) -> None:
        aws, part = FakeAws(), stack("mine", enver="other/b..main")
        make(aws, STACK, part)
        done = self.clear(aws, at(part), at(stack("e-old--main")))
        assert done.removed == (at(part), at(stack("e-old--main")))
        assert names(aws) == {"e--main", "mine"}

    def test_it_stops_when_a_run_began_that_may_bring_it_back(self) -> None:
        aws, part = FakeAws(), stack("e-part--main")
        make(aws, STACK, part)
        done = self.clear(aws, at(part), run=3)
        assert done.kept == (Leftover(at(part)),)
        assert names(aws) == {"e--main", "e-part--main"}

    def clear(self, aws: FakeAws, *left: DeployedUnit, allowed: str = "", run: int | None = None) -> FinishClearance:
        store, enver = MemoryStore(), Enver("e/b..main", run=run)
        enver.units = enver.units.deployed([*left, at(STACK)]).deployed([at(STACK)])
        store.commit(0, [], list[Logged](), Touched(envers=(enver,)), [])
        made = replace(remover(aws), recorded=store)
        return made.clear(ClearUnits("e/b..main", left, allowed, 7.0))
