"""The procedure of build type `cdk`: a CDK app is synthesised, and its stacks are deployed in the assembly's order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from odmd.control.deployment import Assembly, ChangeSet, StackLook
from odmd.control.ports import Cloud, Synthesiser
from odmd.control.private import private_file
from odmd.control.procedures import Job, Need, Observed, Unit
from odmd.errors import AppFailed
from odmd.model import naming
from odmd.model.run_document import Seen
from odmd.providers.aws import recipe
from odmd.providers.aws.skew import skew


@dataclass(frozen=True, slots=True)
class CdkProcedure:
    """Needs something that synthesises, and a cloud."""

    synthesiser: Synthesiser
    cloud: Cloud
    needs: frozenset[Need] = frozenset((Need.SOURCE, Need.ACCOUNT, Need.NODE, Need.CAGE))

    def preflight(self, job: Job) -> None:
        self.cloud.preflight(job.target)

    def prepare(self, job: Job) -> bytes:
        job.checkout()
        private_file(job.place.document).write_text(job.document.to_json())
        job.tell("synth")
        try:
            self.synthesiser.synthesise(job.place.source / job.enver.folder, job.place, job.target, job.tell)
        except AppFailed as failed:
            where = f"{job.enver.repo} at {job.commit[:7]}, folder {job.enver.folder}"
            raise type(failed)(f"{where}: {failed.fact}", next_step=failed.next_step) from failed
        _tell_of_skew(job)
        published = {product.output: product.of for product in job.enver.products}
        assembly = self.cloud.read_assembly(job.place.assembly, job.target, published)
        for warning in assembly.warnings:
            job.tell(f"warning: {warning}", lasting=True)
        recipe.check(job.enver, job.texts, assembly)
        assembly = recipe.marked(assembly, job.enver)
        if unused := recipe.unused(job.enver, assembly):
            job.tell(f"warning: declared and not used: {', '.join(unused)}", lasting=True)
        return recipe.to_recipe(recipe.tagged(assembly, job.enver))

    def open(self, kept: bytes, job: Job) -> Stacks:
        return Stacks(self, job, recipe.own(kept, job.enver, job.texts))


class Stacks:
    """An assembly's stacks with the parameters of one run."""

    def __init__(self, procedure: CdkProcedure, job: Job, assembly: Assembly) -> None:
        self._procedure, self._cloud, self._job, self._assembly = procedure, procedure.cloud, job, assembly
        self._stacks = {stack.name: stack for stack in assembly.stacks}
        given = recipe.parameters(job.enver, job.texts, assembly)
        self.units: Sequence[Unit] = [
            Unit(one.name, one.template, {name: given[name] for name in given if name in one.parameters})
            for one in assembly.stacks
        ]

    @property
    def fixed(self) -> str:
        return next((f"{one.name}: {one.needs_synth}" for one in self._assembly.stacks if one.needs_synth), "")

    def prove(self) -> None:
        self._cloud.prove(self._assembly, self._job.target, self._job.tell)

    def deliver(self) -> Mapping[str, object]:
        """From what this attempt synthesised: no journal says where files are."""
        if self._assembly.assets and not self._job.place.assembly.is_dir():
            self._procedure.prepare(self._job)
        self._job.tell(f"upload {len(self._assembly.assets)} assets")
        self._cloud.upload_assets(self._job.place.assembly, self._assembly, self._job.target, self._job.tell)
        return {"assets": [asset.key for asset in self._assembly.assets]}

    def look(self, unit: Unit) -> StackLook:
        return self._cloud.look(unit.name, self._job.target)

    def propose(self, unit: Unit, *, continued: bool) -> ChangeSet:
        job, stack = self._job, self._stacks[unit.name]
        tagged = stack if continued else recipe.of_state(stack, job.state)
        name, about = naming.change_set(job.run, job.attempt), f"run {job.run} commit {job.commit}"
        return self._cloud.propose(tagged, unit.values, name, about, job.target, job.alive)

    def carry_out(self, proposal: ChangeSet) -> Mapping[str, object]:
        self._cloud.execute(proposal, self._job.target, self._job.alive)
        return {}

    def settle(self, unit: Unit) -> None:
        stack = self._stacks[unit.name]
        if stack.termination_protection or recipe.protected(self._job.previous(), stack.name):
            self._cloud.protect(stack, self._job.target)

    def observe(self, unit: Unit, carried_out: Mapping[str, object]) -> Observed:  # noqa: ARG002
        deployed = self._cloud.deployed(self._stacks[unit.name], self._job.target)
        names = {product.output: product.name for product in self._job.enver.products}
        return Observed(
            {names[output]: text for output, text in deployed.outputs.items() if output in names},
            {names[output]: resource for output, resource in deployed.behind.items() if output in names},
        )


def _tell_of_skew(job: Job) -> None:
    seen = Seen.found(job.place.document)
    if seen and (differs := skew(job.enver, job.document.contracts, seen)):
        job.note("contracts", {"skew": differs})
        job.tell(differs, lasting=True)
