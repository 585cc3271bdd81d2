"""Removes the stacks of an enver that left the contracts, and stacks that left an enver's app."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from odmd.control.ports.reads import Lookups
from odmd.control.ports.world import Artifacts
from odmd.control.reading.left import is_left
from odmd.control.running.acting import clearing_target
from odmd.control.running.procedures import Remains
from odmd.control.running.proposal import Look
from odmd.control.running.saying import WAITS
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.messages import FinishClearance, Loss
from odmd.control.scheduler.units import DeployedUnit, Leftover
from odmd.errors import AssemblyUnfit, CloudRefused, StackFailed
from odmd.graph import digest
from odmd.model.build_types import CDK
from odmd.plan.inventory import HOLDS_DATA, Belonging, Inventory, Staying
from odmd.providers.aws.ports import Cloud
from odmd.providers.aws.recipe import from_recipe

Removal = RemoveEnver | ClearUnits
_IN_THE_WAY: Final = "a run of its enver is under way"


def _nothing(_effect: Removal, _line: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class StackRemover:
    """Needs the cloud, and what is recorded of envers and their stacks."""

    cloud: Cloud
    artifacts: Artifacts
    recorded: Lookups
    tried: Callable[[str], str | None]
    """The assembly that the last run of an enver tried to deploy, well or not, where it came so far."""
    state: str
    """The id of the state: what another one manages stays."""
    say: Callable[[Removal, str], None] = _nothing
    """Told what a removal waits for."""
    discreet: Callable[[str], str] = lambda said: said
    """Takes secrets out of what AWS says."""

    def look(self, effect: RemoveEnver) -> Remains:
        """All stacks of an enver: those recorded, and whatever else carries its tag where it was deployed.

        Raises:
            CloudUnreachable, CloudRefused
        """
        stored = effect.recipe or self.tried(effect.enver)
        if not (effect.target or effect.units):
            unknown = "nobody knows where it runs: it was deployed by an older release" if stored else ""
            return Remains(Inventory(), lambda: unknown)
        looks = self._looks(effect.enver, self._all(effect, stored))
        goes = tuple(belonging for one, look in looks.items() for belonging in _belongings(one, look))
        stays = tuple(
            Staying(*_sort_and_name(kept, one.name), "its deletion policy keeps it")
            for one, look in looks.items()
            for kept in look.keeping
        )
        return Remains(Inventory(goes, stays), lambda: "\n".join(self._delete(effect, list(looks)).values()))

    def may_be_there(self, effect: RemoveEnver) -> Sequence[str]:
        named = self._named(effect, effect.recipe or self.tried(effect.enver))
        return [str(one) for one in dict.fromkeys([*effect.units, *named])]

    def clear(self, effect: ClearUnits) -> FinishClearance:
        """Removes those stacks that left the app and take no data along that nobody let go.

        Raises:
            CloudUnreachable
        """
        looks = self._looks(effect.enver, effect.units)
        kept: dict[DeployedUnit, Leftover] = {}
        loss = _loss("the removal of what left its app", looks)
        if loss is not None and loss.digest != effect.allowed:
            kept = {one: Leftover(one, _goes(look), asks=True) for one, look in looks.items() if _goes(look)}
        for one, failed in self._delete(effect, [one for one in looks if one not in kept]).items():
            why = "" if failed == _IN_THE_WAY else failed  # it is tried again when the run has ended
            kept[one] = Leftover(one, why.replace("\n", "; "))
        removed = tuple(one for one in effect.units if one not in kept)
        asked = loss if any(one.asks for one in kept.values()) else None
        return FinishClearance(effect.enver, removed, tuple(kept.values()), effect.began, asked)

    def _all(self, effect: RemoveEnver, stored: str | None) -> Sequence[DeployedUnit]:
        """In the order in which they were deployed, as far as it is known."""
        targets = dict.fromkeys([one.target for one in effect.units] + ([effect.target] if effect.target else []))
        acting = {at: clearing_target(effect.enver, CDK, at) for at in targets}
        tagged = (DeployedUnit(name, at) for at in targets for name in self.cloud.stacks_of(effect.enver, acting[at]))
        return list(dict.fromkeys([*tagged, *effect.units, *self._named(effect, stored)][::-1]))[::-1]

    def _named(self, effect: RemoveEnver, stored: str | None) -> Sequence[DeployedUnit]:
        """Those of an assembly, where it was deployed."""
        return [DeployedUnit(name, effect.target) for name in self._names(stored)] if effect.target else []

    def _names(self, stored: str | None) -> Sequence[str]:
        content = self.artifacts.get(stored) if stored else None
        try:
            return [stack.name for stack in from_recipe(content).stacks] if content else []
        except AssemblyUnfit:
            return []  # what is recorded and what carries the tag is all there is

    def _looks(self, enver: str, stacks: Sequence[DeployedUnit]) -> Mapping[DeployedUnit, Look]:
        """Those that are there, and are the enver's as this state manages it: nothing else is ever removed."""
        looks = {one: self.cloud.look(one.name, clearing_target(enver, CDK, one.target)) for one in stacks}
        return {one: look for one, look in looks.items() if look.is_of(enver, self.state)}

    def _delete(self, effect: Removal, stacks: Sequence[DeployedUnit]) -> Mapping[DeployedUnit, str]:
        """The last one first, and again while one went: another one may have imported what it exports. Returns why
        some stay."""
        failed: dict[DeployedUnit, str] = {}
        left = list(reversed(stacks))
        while left:
            failed = {one: why for one in left if (why := self._why_kept(effect, one))}
            if len(failed) == len(left):
                break
            left = list(failed)
        return failed

    def _why_kept(self, effect: Removal, stack: DeployedUnit) -> str:
        if isinstance(effect, ClearUnits) and not is_left(self.recorded, effect.enver, stack):
            return _IN_THE_WAY
        try:
            say = partial(self._say, effect)
            acting = clearing_target(effect.enver, CDK, stack.target)
            self.cloud.delete(stack.name, effect.enver, acting, say)
        except (StackFailed, CloudRefused) as failed:
            return self.discreet(failed.in_words())
        return ""

    def _say(self, effect: Removal, line: str) -> None:
        if line.startswith(WAITS):
            self.say(effect, line)


def _loss(what: str, looks: Mapping[DeployedUnit, Look]) -> Loss | None:
    """What people have to allow: data that goes with what is deployed, and stacks protected against termination."""
    lost = [(one.name, held) for one, look in looks.items() for held in look.holding]
    protected = [one.name for one, look in looks.items() if look.protected]
    if not (lost or protected):
        return None
    goes = ", ".join(f"{held} of {name}" for name, held in lost)
    said = [f"would take {goes} along, which holds data"] if lost else []
    said += [f"would delete {', '.join(protected)}, protected against termination"] if protected else []
    return Loss(f"{what} {' and '.join(said)}", digest((what, lost, protected)))


def _belongings(stack: DeployedUnit, look: Look) -> Iterator[Belonging]:
    """A stack, and what it holds that people have to allow."""
    protected = "is protected against termination" if look.protected else ""
    yield Belonging(stack.what, stack.name, protected)
    yield from (Belonging(held, f"of {stack.name}", HOLDS_DATA) for held in look.holding)


def _sort_and_name(held: str, stack: str) -> tuple[str, str]:
    """Of `Page (AWS::S3::Bucket)`."""
    name, _, sort = held.removesuffix(")").rpartition(" (")
    return (sort, f"{name} of {stack}") if name else ("resource", f"{held} of {stack}")


def _goes(look: Look) -> str:
    """What people have to allow before this one stack goes; empty where nothing."""
    said = [f"{', '.join(look.holding)} would go with it, which holds data"] if look.holding else []
    return " and ".join([*said, *(["it is protected against termination"] if look.protected else [])])
