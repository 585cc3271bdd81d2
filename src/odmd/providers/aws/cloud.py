"""AWS behind the port `Cloud`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

from odmd.control.running.proposal import Look, Proposal
from odmd.control.running.saying import Progress
from odmd.control.scheduler.values import Resource
from odmd.model.targets import Target
from odmd.providers.aws import assembly as assemblies
from odmd.providers.aws import lookups, preflight
from odmd.providers.aws.assets import Assets
from odmd.providers.aws.bootstrapping import Bootstrapping
from odmd.providers.aws.change_sets import ChangeSets
from odmd.providers.aws.cloud_assembly import ENVER_TAG, Assembly, Asset, DeployedStack, StackTemplate
from odmd.providers.aws.execution import Execution
from odmd.providers.aws.looking import look
from odmd.providers.aws.references import output_value, resources_behind
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.stacks import Stacks
from odmd.providers.aws.taking_over import TakingOver
from odmd.providers.aws.templates import Template
from odmd.providers.aws.waiting import quiet


class AwsCloud:
    """CloudFormation and the asset buckets."""

    def __init__(
        self, sessions: Sessions, qualifiers: Mapping[str, str] | None = None, *, looks_up: bool = False
    ) -> None:
        """
        Args:
            qualifiers: by which accounts were bootstrapped, where it is not CDK's own.
            looks_up: whether lookups that apps ask for are made.
        """
        self._looks_up = looks_up
        self._sessions, self._bootstrapping = sessions, Bootstrapping(sessions, qualifiers or {})
        self._stacks, self._assets = Stacks(sessions), Assets(self._bootstrapping)
        self._change_sets = ChangeSets(sessions, self._stacks, self._assets, self._bootstrapping)
        self._execution = Execution(sessions)

    def preflight(self, target: Target) -> None:
        preflight.preflight(self._sessions, target)

    def prove_bootstrapped(self, target: Target) -> None:
        """Proves that an account and region have a bucket for assets.

        Raises:
            CloudUnreachable, NotBootstrapped
        """
        self._bootstrapping.prove_bucket(target, self._bootstrapping.bucket(target))

    def prove(self, assembly: Assembly, target: Target, progress: Progress) -> None:
        self._bootstrapping.prove(assembly, target, progress)

    def look_up(
        self, folder: Path, target: Target, answered: Mapping[str, str], progress: Progress
    ) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for query in lookups.missing(folder) if self._looks_up else ():
            if query.key not in answered:
                progress(f"look up {query.key}")
                found[query.key] = lookups.look_up(query, self._sessions, target)
        return found

    def read_assembly(self, folder: Path, target: Target, published: Mapping[str, str]) -> Assembly:
        return assemblies.read_assembly(folder, target, published)

    def upload_assets(self, folder: Path, assembly: Assembly, target: Target, progress: Progress) -> None:
        self._assets.upload(folder, assembly, target, progress)

    def missing_assets(self, assembly: Assembly, target: Target) -> Sequence[Asset]:
        return self._assets.missing(assembly, target)

    def look(self, stack: str, target: Target) -> Look:
        return look(self._stacks, stack, target)

    def propose(
        self,
        stack: StackTemplate,
        parameters: Mapping[str, str],
        name: str,
        about: str,
        target: Target,
        progress: Progress = quiet,
        *,
        reverts: bool = False,
    ) -> Proposal:
        if reverts and self._sessions.on_this_machine(target):
            TakingOver(self._sessions, self._stacks, self._execution).take_over(stack.name, name, target, progress)
            reverts = False
        return self._change_sets.propose(stack, parameters, name, about, target, progress, reverts=reverts)

    def execute(self, change_set: Proposal, target: Target, progress: Progress) -> None:
        self._execution.execute(change_set, target, progress)

    def stacks_of(self, enver: str, target: Target) -> Sequence[str]:
        return self._stacks.of(enver, target)

    def delete(self, stack: str, enver: str, target: Target, progress: Progress = quiet) -> None:
        if self._stacks.tags(stack, target).get(ENVER_TAG) == enver:
            self._stacks.protect(stack, target, protected=False)
            self._stacks.delete(stack, target, progress)

    def protect(self, stack: StackTemplate, target: Target) -> None:
        self._stacks.protect(stack.name, target, protected=stack.termination_protection)

    def stacks_there(self, target: Target) -> frozenset[str]:
        """The names of all stacks that are there, whoever made them.

        Raises:
            CloudUnreachable, CloudRefused
        """
        return self._stacks.names(target)

    def deployed(self, stack: StackTemplate, target: Target) -> DeployedStack:
        outputs = self._stacks.outputs(stack.name, target)
        resources = self._stacks.resources(stack.name, target)
        return DeployedStack(stack.name, outputs, behind(stack, outputs, resources))


def behind(stack: StackTemplate, outputs: Iterable[str], resources: Mapping[str, Resource]) -> Mapping[str, Resource]:
    """Output name → the first resource that its value refers to."""
    template = cast("Template", json.loads(stack.template))
    found: dict[str, Resource] = {}
    for output in outputs:
        referred = resources_behind(output_value(template, output), template)
        if resource := next((resources[name] for name in referred if name in resources), None):
            found[output] = resource
    return found
