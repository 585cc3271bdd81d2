"""The procedure of build type `cdk`: a CDK app is synthesised, and its stacks are deployed in the assembly's order."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from odmd.control.running.procedures import Job, Observed, Unit
from odmd.control.running.proposal import Look, Proposal
from odmd.control.running.saying import WARNS
from odmd.errors import AppFailed, AssemblyUnfit
from odmd.model import naming
from odmd.model.run_document import Seen
from odmd.private import private_file
from odmd.providers.aws import recipe
from odmd.providers.aws.cloud_assembly import Assembly, Asset
from odmd.providers.aws.let_in import not_let_in
from odmd.providers.aws.lookups.rounds import synthesised
from odmd.providers.aws.ports import Cloud, Synthesiser
from odmd.providers.aws.secret_parameters import refuse_unneeded, secret_parameters, unused_secrets
from odmd.providers.aws.skew import skew
from odmd.providers.aws.templates import parsed


@dataclass(frozen=True, slots=True)
class CdkProcedure:
    """Needs something that synthesises, and a cloud."""

    synthesiser: Synthesiser
    cloud: Cloud

    def preflight(self, job: Job) -> None:
        self.cloud.preflight(job.target)

    def prepare(self, job: Job) -> bytes:
        job.checkout()
        private_file(job.place.document).write_text(job.document.to_json())
        try:
            lookups = synthesised(self.synthesiser, self.cloud, job.place.source / job.enver.folder, job)
        except AppFailed as failed:
            where = f"{job.enver.repo} at {naming.short_commit(job.commit)}, folder {job.enver.folder}"
            raise type(failed)(f"{where}: {failed.fact}", next_step=failed.next_step) from failed
        _tell_of_skew(job)
        published = {product.output: product.of for product in job.enver.products}
        assembly = self.cloud.read_assembly(job.place.built, job.target, published)
        for warning in assembly.warnings:
            job.tell(f"{WARNS}{warning}")
        for warning in not_let_in(job.document, [parsed(stack.template) for stack in assembly.stacks]):
            job.tell(f"{WARNS}{warning}")
        recipe.check(job.enver, job.others, job.texts, assembly, job.handed_config)
        refuse_unneeded(job.enver, assembly)
        assembly = recipe.marked(replace(assembly, lookups=lookups), job.enver)
        if unused := [*recipe.unused(job.enver, assembly), *unused_secrets(job.enver, assembly)]:
            job.tell(f"{WARNS}declared and not used: {', '.join(unused)}")
        return recipe.to_recipe(recipe.tagged(assembly, job.enver))

    def open(self, kept: bytes, job: Job) -> StackWork:
        assembly = recipe.own(kept, job.enver, job.others, job.texts, job.handed_config)
        refuse_unneeded(job.enver, assembly)
        return StackWork(self, job, assembly)


class StackWork:
    """An assembly's stacks with the parameters of one run."""

    def __init__(self, procedure: CdkProcedure, job: Job, assembly: Assembly) -> None:
        self._procedure, self._cloud, self._job, self._assembly = procedure, procedure.cloud, job, assembly
        self.lookups = assembly.lookups
        self._stacks = {stack.name: stack for stack in assembly.stacks}
        values = recipe.parameters(job.enver, job.texts, assembly, job.handed_config)
        given = {**values, **secret_parameters(job.secrets)}
        self.units: Sequence[Unit] = [
            Unit(one.name, one.template, {name: given[name] for name in given if name in one.parameters})
            for one in assembly.stacks
        ]

    def stale(self) -> str:
        if why := next((f"{one.name}: {one.needs_synth}" for one in self._assembly.stacks if one.needs_synth), ""):
            return why
        gone = self._cloud.missing_assets(self._assembly, self._job.target)
        return f"{_named(gone)} of the stored template is not in its bucket any more" if gone else ""

    def prove(self) -> None:
        self._cloud.prove(self._assembly, self._job.target, self._job.tell)

    def deliver(self) -> Mapping[str, object]:
        """From what this attempt synthesised: no journal says where files are."""
        if self._assembly.assets and not self._job.place.built.is_dir():
            self._procedure.prepare(self._job)
        count = len(self._assembly.assets)
        self._job.tell(f"upload {count} asset{'s' * (count != 1)}" if count else "no assets to upload")
        self._cloud.upload_assets(self._job.place.built, self._assembly, self._job.target, self._job.tell)
        self._tell_of_assets_that_a_rollback_needs()
        return {"assets": [asset.key for asset in self._assembly.assets]}

    def look(self, unit: Unit) -> Look:
        return self._cloud.look(unit.name, self._job.target)

    def propose(self, unit: Unit, *, continued: bool) -> Proposal:
        job, stack = self._job, self._stacks[unit.name]
        tagged = stack if continued else recipe.of_state(stack, job.state)
        name, about = naming.change_set(job.run, job.attempt), f"run {job.run} commit {job.commit}"
        return self._cloud.propose(tagged, unit.values, name, about, job.target, job.alive, reverts=job.drifted)

    def carry_out(self, proposal: Proposal) -> Mapping[str, object]:
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

    def _tell_of_assets_that_a_rollback_needs(self) -> None:
        """CloudFormation reads those of the template that runs again when it goes back to it."""
        with contextlib.suppress(AssemblyUnfit):
            runs = recipe.from_recipe(self._job.previous() or b"")
            if gone := self._cloud.missing_assets(runs, self._job.target):
                self._job.tell(
                    f"{WARNS}{_named(gone)} of what runs now is not in its bucket any more: if this update fails, "
                    "CloudFormation may not be able to go back"
                )


def _named(assets: Sequence[Asset]) -> str:
    """The first of some assets, and how many more there are."""
    more = f" (and {len(assets) - 1} more)" if len(assets) > 1 else ""
    return f"asset {assets[0].key}{more}"


def _tell_of_skew(job: Job) -> None:
    seen = Seen.found(job.place.document)
    if seen and (differs := skew(job.enver, job.document.contracts, seen)):
        job.note("contracts", {"skew": differs})
        job.tell(differs, lasting=True)
