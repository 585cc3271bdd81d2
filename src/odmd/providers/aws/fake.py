"""An AWS in memory, for tests and simulations: stacks, their resources, bridges and the mirror."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from odmd.control.running.proposal import Look, Proposal
from odmd.control.running.saying import Progress
from odmd.control.scheduler.values import Resource
from odmd.errors import CloudRefused, CloudUnreachable, StackFailed
from odmd.model.naming import enver_of, is_bridge_of
from odmd.model.targets import Target
from odmd.providers.aws.assembly import read_assembly
from odmd.providers.aws.cloud import behind
from odmd.providers.aws.cloud_assembly import ENVER_TAG, STATE_TAG, Assembly, Asset, DeployedStack, StackTemplate
from odmd.providers.aws.fake_stack import FakeStack, ResourceFailed
from odmd.providers.aws.handover import EVENT_BUS, kept_for, not_ours, refuse_bridge, why_kept
from odmd.providers.aws.lookups import missing
from odmd.providers.aws.ownership import owner_of, refuse_anothers
from odmd.providers.aws.statuses import ABSENT, TO_CREATE, TO_DELETE, refuse_stuck, refuse_unknown
from odmd.providers.aws.templates import parsed, policies
from odmd.providers.aws.waiting import quiet


@dataclass(slots=True)
class _Proposal:
    """A change set, and how its execution ended."""

    stack: StackTemplate
    parameters: Mapping[str, str]
    target: Target
    executed: bool = False
    failure: str = ""


class FakeAws:
    """`Cloud`, `Handovers` and `Mirror` at once; every account and region is there and is bootstrapped."""

    def __init__(self) -> None:
        self.resources: dict[Resource, str | None] = {}
        """Everything that exists, also what no stack has any more, with the enver whose tag it carries."""
        self.bridges: dict[str, tuple[Resource, Resource]] = {}
        self.mirrored: dict[tuple[Target, str], str] = {}
        self.protected: set[tuple[Target, str]] = set()
        """Stacks that are protected against termination."""
        self.assets: set[tuple[str, str]] = set()
        self.answers: dict[str, str] = {}
        """Context key → what is answered when an app looks it up, as JSON."""
        self._stacks: dict[tuple[Target, str], FakeStack] = {}
        self._proposals: dict[str, _Proposal] = {}
        self._failing: dict[str, str] = {}
        self._unreachable = False
        self._kept: set[tuple[Target, str]] = set()
        self._lock = threading.RLock()

    def fail(self, logical_id: str, reason: str) -> None:
        """Lets a resource fail from now on whenever it is made or changed; an empty reason mends it."""
        self._failing[logical_id] = reason

    def cut_off(self, *, cut: bool = True) -> None:
        """Lets AWS be out of reach, or back."""
        self._unreachable = cut

    def refuse_to_delete(self, stack: str, target: Target, *, refuse: bool = True) -> None:
        """Lets AWS refuse to delete a stack, or no longer."""
        (self._kept.add if refuse else self._kept.discard)((target, stack))

    def leave_in(self, status: str, stack: str, target: Target) -> None:
        """Lets a stack be in another status than the one in which its last update ended. What moves has ended when
        somebody looks."""
        if (ended := status.removesuffix("_CLEANUP_IN_PROGRESS").replace("IN_PROGRESS", "COMPLETE")) in ABSENT:
            self._delete(stack, target)
        else:
            self._stack(stack, target).status = status if status in TO_CREATE else ended

    def pending(self, stack: str, target: Target) -> list[str]:
        """Names of a stack's change sets that nobody executed."""
        return [id.rpartition("/")[2] for id in self._pending(stack, target)]

    def preflight(self, target: Target) -> None:
        self._reach(target)

    def prove(self, assembly: Assembly, target: Target, progress: Progress) -> None:  # noqa: ARG002
        self._reach(target)

    def look_up(
        self, folder: Path, target: Target, answered: Mapping[str, str], progress: Progress
    ) -> Mapping[str, str]:
        del target, progress
        asked = (one.key for one in missing(folder) if one.key not in answered)
        return {key: self.answers[key] for key in asked if key in self.answers}

    def read_assembly(self, folder: Path, target: Target, published: Mapping[str, str]) -> Assembly:
        return read_assembly(folder, target, published)

    def upload_assets(self, folder: Path, assembly: Assembly, target: Target, progress: Progress) -> None:  # noqa: ARG002
        self._reach(target)
        for asset in self.missing_assets(assembly, target):
            self.assets.add((asset.bucket, asset.key))
            progress(f"asset {asset.key[:12]}")

    def missing_assets(self, assembly: Assembly, target: Target) -> Sequence[Asset]:
        self._reach(target)
        return [one for one in assembly.assets if (one.bucket, one.key) not in self.assets]

    def look(self, stack: str, target: Target) -> Look:
        self._reach(target)
        found = self._stacks.get((target, stack))
        if found is None or found.template is None:
            return Look()
        tags = dict(found.template.tags)
        return Look(
            is_there=True,
            owner=tags.get(ENVER_TAG),
            state=tags.get(STATE_TAG),
            status=found.status,
            id=f"{target.account}/{target.region}/{stack}",
            settled_by_deletion=found.status in TO_DELETE,
            holding=found.holding(),
            keeping=found.holding(kept=True),
            protected=(target, stack) in self.protected,
        )

    def stacks_of(self, enver: str, target: Target) -> Sequence[str]:
        self._reach(target)
        there = {name: one.template for (at, name), one in self._stacks.items() if at == target and one.template}
        return sorted(name for name, template in there.items() if owner_of(template) == enver)

    def propose(
        self,
        stack: StackTemplate,
        parameters: Mapping[str, str],
        name: str,
        about: str,  # noqa: ARG002
        target: Target,
        progress: Progress = quiet,  # noqa: ARG002
        *,
        reverts: bool = False,  # noqa: ARG002  # nobody changes its resources behind its back
    ) -> Proposal:
        self._reach(target)
        id = f"{target.account}/{target.region}/{stack.name}/{name}"
        with self._lock:
            running = self._stack(stack.name, target).template
            refuse_anothers(stack, dict(running.tags) if running else {})
            self._settle(stack.name, target)
            for left in [one for one in self._pending(stack.name, target) if one != id]:
                del self._proposals[left]
            changes = self._stack(stack.name, target).changes(stack, parameters)
            is_there = self._stack(stack.name, target).template is not None
            empty = is_there and not changes and not self._differs_otherwise(stack, parameters, target)
            if not empty:
                self._proposals.setdefault(id, _Proposal(stack, dict(parameters), target))
        return Proposal(stack.name, id, changes, empty)

    def execute(self, change_set: Proposal, target: Target, progress: Progress) -> None:
        self._reach(target)
        if change_set.empty:
            return
        with self._lock:
            proposal = self._proposals[change_set.id]
            if not proposal.executed:
                proposal.executed = True
                proposal.failure = self._apply(proposal, progress)
        if proposal.failure:
            raise StackFailed(proposal.failure, clean=True)

    def deployed(self, stack: StackTemplate, target: Target) -> DeployedStack:
        self._reach(target)
        found = self._stack(stack.name, target)
        if found.template is None:
            raise StackFailed(f"there is no stack {stack.name} in {target.account}, {target.region}")
        resources = {name: made.resource for name, made in found.made.items()}
        return DeployedStack(stack.name, dict(found.outputs), behind(stack, found.outputs, resources))

    def delete(self, stack: str, enver: str, target: Target, progress: Progress = quiet) -> None:  # noqa: ARG002
        self._reach(target)
        found = self._stacks.get((target, stack))
        if found and found.template and owner_of(found.template) == enver:
            if (target, stack) in self._kept:
                raise CloudRefused(f"AWS refused DeleteStack: Stack [{stack}] cannot be deleted while it is used")
            self._delete(stack, target)

    def protect(self, stack: StackTemplate, target: Target) -> None:
        (self.protected.add if stack.termination_protection else self.protected.discard)((target, stack.name))

    def bridge(self, old: Resource, new: Resource, name: str, enver: str, at: Target | None = None) -> str:  # noqa: ARG002
        refuse_bridge(old, new)
        self._reach(Target(old.account, old.region))
        if old not in self.resources:
            return ""
        for one in (old, new):
            if one not in self.resources or self.resources[one] != enver:
                raise not_ours(one, enver, self.resources.get(one))
        id = f"arn:aws:cloudformation:{old.region}:{old.account}:stack/{name}/fake"
        self.bridges[id] = (old, new)
        return id

    def retire(self, resource: Resource | None, bridge: str | None, product: str) -> str:
        if bridge and not is_bridge_of(bridge.split("/")[1], product):
            return f"{bridge} stays: it is no bridge of {product}"
        if bridge:
            self.bridges.pop(bridge, None)
        if resource is None:
            return ""
        self._reach(Target(resource.account, resource.region))
        if resource.type != EVENT_BUS:
            return why_kept(resource)
        for (_, name), stack in self._stacks.items():
            if any(made.resource == resource for made in stack.made.values()):
                return f"{resource.physical_id} is kept: stack {name} has it"
        if resource in self.resources and (owner := self.resources[resource]) != enver_of(product):
            return kept_for(resource, enver_of(product), owner)
        self.resources.pop(resource, None)
        return ""

    def held(self, path: str, target: Target) -> str | None:
        self._reach(target)
        return self.mirrored.get((target, path))

    def put(self, path: str, text: str, target: Target) -> None:
        self._reach(target)
        self.mirrored[target, path] = text

    def clear(self, path: str, target: Target) -> None:
        self._reach(target)
        for held in [one for one in self.mirrored if one[0] == target and f"{one[1]}/".startswith(f"{path}/")]:
            del self.mirrored[held]

    def _settle(self, name: str, target: Target) -> None:
        status = self._stack(name, target).status
        refuse_unknown(name, status)
        refuse_stuck(name, status)
        if status in TO_DELETE:
            self._delete(name, target)

    def _delete(self, name: str, target: Target) -> None:
        self._stacks.pop((target, name)).delete()
        self.protected.discard((target, name))

    def _pending(self, stack: str, target: Target) -> list[str]:
        return [
            id
            for id, one in self._proposals.items()
            if one.stack.name == stack and one.target == target and not one.executed
        ]

    def _apply(self, proposal: _Proposal, progress: Progress) -> str:
        """Brings a stack to its template; returns why not."""
        name = proposal.stack.name
        try:
            self._stack(name, proposal.target).update(proposal.stack, proposal.parameters, self._failing, progress)
        except ResourceFailed as failed:
            return f"{name} was rolled back: {failed}"
        return ""

    def _differs_otherwise(self, stack: StackTemplate, parameters: Mapping[str, str], target: Target) -> bool:
        found = self._stack(stack.name, target)
        if found.template is None or found.outputs_of(stack, parameters) != found.outputs:
            return True
        return policies(parsed(found.template.template)) != policies(parsed(stack.template))

    def _stack(self, name: str, target: Target) -> FakeStack:
        return self._stacks.setdefault((target, name), FakeStack(target, self.resources))

    def _reach(self, target: Target) -> None:
        if self._unreachable:
            raise CloudUnreachable(f"AWS cannot be reached (account {target.account}, region {target.region})")
