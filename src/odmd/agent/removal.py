"""Removals go to what knows the build type: of an enver that left the contracts as its last run's slice says it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from odmd.agent.document import run_document
from odmd.agent.live_removal import WithLiveConfig
from odmd.agent.needed_secrets import given_secrets
from odmd.agent.several import OfEachKind, who_knows
from odmd.agent.tools import NoParameters
from odmd.control.leading.slices import Slice, find_slice
from odmd.control.ports.secrets import SecretStores
from odmd.control.ports.store import Store
from odmd.control.ports.world import Mirror, Repositories
from odmd.control.running.bound_secrets import bound_secrets
from odmd.control.running.clearing import merged
from odmd.control.running.place import Workplace
from odmd.control.running.procedures import Job, Remover
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.envers import Enver
from odmd.control.scheduler.messages import FinishClearance, FinishRemoval, Loss
from odmd.control.scheduler.numbers import NO_ATTEMPT
from odmd.control.scheduler.runs import Run
from odmd.control.scheduler.units import DeployedUnit, Leftover
from odmd.errors import CloudUnreachable, OdmdError
from odmd.graph import EnverNode, Graph, digest
from odmd.model.build_types import CDK
from odmd.plan.inventory import Inventory
from odmd.private import private_folder

LOGGER: Final = logging.getLogger("odmd.removal")
_PATIENCE_SECONDS: Final = 3600.0
"""How long AWS may not answer before people are asked whether what is there is lost."""
_AT_ONCE: Final = 8
_LOOKED_AT: Final = 200
"""Runs, among which the last one in some place is looked for."""


@dataclass(frozen=True, slots=True)
class Removers:
    """The one of each build type."""

    by_type: Mapping[str, Remover]
    last: Callable[[str], EnverNode | None]
    """An enver as it was last deployed, where that was kept."""
    parameters: Mirror = field(default_factory=NoParameters)
    """Where services read config, live."""

    def remove(self, effect: RemoveEnver) -> FinishRemoval:
        """Removes all of an enver."""
        last = self.last(effect.enver)
        return remove(self._of(last), effect, ephemeral=_is_ephemeral(last))

    def look(self, leaving: Sequence[Enver]) -> Mapping[str, Inventory]:
        """What the removal of each would take and leave, side by side; changes nothing."""
        with ThreadPoolExecutor(min(_AT_ONCE, len(leaving) or 1)) as threads:
            return dict(zip([one.address for one in leaving], threads.map(self._look, leaving), strict=True))

    def _look(self, enver: Enver) -> Inventory:
        made_of = (enver.recipe, "", 0.0, enver.units.there)
        effect = RemoveEnver(enver.address, enver.target, *made_of, config=enver.live_names)
        last = self.last(enver.address)
        try:
            found = self._of(last).look(effect).inventory
            return found.of_ephemeral() if _is_ephemeral(last) else found
        except OdmdError as failed:
            return Inventory(unseen=f"{failed.code} {failed.fact}")

    def clear(self, effect: ClearUnits) -> FinishClearance:
        """Removes what left an enver's recipe."""
        return clear(self._of(self.last(effect.enver)), effect)

    def _of(self, last: EnverNode | None) -> Remover:
        """Of what was deployed before slices were kept, there were stacks only."""
        of_it = last.type if last else CDK
        own = WithLiveConfig(self.by_type[of_it.name], self.parameters, of_it)
        return OfEachKind(of_it.unit, own, who_knows(self.by_type))


def _is_ephemeral(last: EnverNode | None) -> bool:
    """Whether what holds data goes with it unasked, as it was last deployed."""
    return last is not None and last.ephemeral


def remove(
    remover: Remover, effect: RemoveEnver, clock: Callable[[], float] = time.time, *, ephemeral: bool = False
) -> FinishRemoval:
    """Removes what is there of an enver and was shown, and nothing else: people are asked about the rest first, and
    about data, unless it is ephemeral.

    Where nobody can look they are asked whether to let go of it; what AWS says for now counts so after an hour only.

    Raises:
        CloudUnreachable: it is tried again.
    """
    try:
        found = remover.look(effect)
    except OdmdError as failed:
        if _may_pass(effect.began, failed, clock):
            raise
        return _nobody_can_look(remover, effect, failed)
    inventory = found.inventory.of_ephemeral() if ephemeral else found.inventory
    if (loss := _asks(effect, inventory)) is not None and loss.digest != effect.allowed:
        return FinishRemoval(effect.enver, loss.what, loss, effect.began)
    try:
        return FinishRemoval(effect.enver, found.take(), began=effect.began)
    except CloudUnreachable:
        raise
    except OdmdError as failed:
        return FinishRemoval(effect.enver, failed.in_words(), began=effect.began)


def clear(remover: Remover, effect: ClearUnits, clock: Callable[[], float] = time.time) -> FinishClearance:
    """Removes units that left an enver's recipe. One place where nobody can look keeps none of the others waiting, and
    people are asked whether to let go of what is there, as `remove` does.

    Raises:
        CloudUnreachable: it is tried again.
    """
    places = dict.fromkeys(unit.place for unit in effect.units)
    try:
        return remover.clear(effect)
    except OdmdError as failed:
        if _may_pass(effect.began, failed, clock):
            raise
        if len(places) < 2:
            return _let_go(effect, [], dict.fromkeys(effect.units, failed))
    done, unseen = list[FinishClearance](), dict[DeployedUnit, OdmdError]()
    for place in places:
        here = tuple(unit for unit in effect.units if unit.place == place)
        try:
            done.append(remover.clear(replace(effect, units=here)))
        except OdmdError as failed:
            if _may_pass(effect.began, failed, clock):
                raise
            unseen |= dict.fromkeys(here, failed)
    return _let_go(effect, done, unseen)


def _let_go(
    effect: ClearUnits, done: Sequence[FinishClearance], unseen: Mapping[DeployedUnit, OdmdError]
) -> FinishClearance:
    """What came of each place where one can look, and the question about the others or what was allowed of it."""
    found = merged(effect, done)
    if not unseen:
        return found
    left = tuple(map(str, unseen))
    lost = _lost(("let go of units", effect.enver, left), left)
    if lost.digest == effect.allowed:
        return replace(found, removed=(*found.removed, *unseen), left=left)
    kept = [Leftover(unit, f"{failed.code} {failed.fact}") for unit, failed in unseen.items()]
    return replace(found, kept=(*found.kept, *kept), lost=lost)


def _asks(effect: RemoveEnver, found: Inventory) -> Loss | None:
    """What people have to allow before it goes: exactly this."""
    shown = effect.shown if effect.shown is not None else found.keys
    by_reason = dict[str, list[str]]()
    for one in found.goes:
        if one.asks:
            by_reason.setdefault(f"which {one.asks}", []).append(one.key)
        elif one.key not in shown:
            by_reason.setdefault("which nobody was shown", []).append(one.key)
    if not (by_reason or found.asks):
        return None
    takes = [f"take {', '.join(keys)} along, {why}" for why, keys in by_reason.items()]
    said = [f"its removal would {' and '.join(takes)}"] if takes else []
    return Loss("; ".join([*said, *found.asks]), digest(("remove", effect.enver, list(by_reason.items()), found.asks)))


def _nobody_can_look(remover: Remover, effect: RemoveEnver, failed: OdmdError) -> FinishRemoval:
    """It is tried again when somebody asks, or let go of where that was allowed; bound to what may still be there."""
    may = tuple(remover.may_be_there(effect)) or ("nothing that was recorded",)
    lost = _lost(("let go", effect.enver, str(effect.target), may), may)
    if lost.digest == effect.allowed:
        return FinishRemoval(effect.enver, began=effect.began, left=may)
    return FinishRemoval(effect.enver, failed.in_words(), began=effect.began, lost=lost)


def _may_pass(began: float, failed: OdmdError, clock: Callable[[], float]) -> bool:
    """Whether it is tried again before anybody is asked; what an older release began is for as long as it takes."""
    return isinstance(failed, CloudUnreachable) and (not began or clock() - began < _PATIENCE_SECONDS)


def _lost(bound_to: object, may: Sequence[str]) -> Loss:
    """The question whether to let go of what may still be there."""
    said = f"nobody can look there; whoever lets go of it leaves behind what may still be there: {'; '.join(may)}"
    return Loss(said, digest(bound_to))


def last_run(
    store: Store, graph: Graph, enver: str, is_wanted: Callable[[EnverNode], bool] = lambda _node: True
) -> tuple[Run, Slice] | None:
    """The last run of an enver, with what the contracts said of it then; None where that was not kept.

    Args:
        is_wanted: of what they said; the last run that was like that.
    """
    for run in store.runs(enver, limit=_LOOKED_AT):
        if (said := find_slice(store, graph, enver, run.fingerprint.slice)) and is_wanted(said.enver):
            return run, said
    return None


def job_of_removal(run: Run, said: Slice, repositories: Repositories, folder: Path, state: str) -> Job:
    """What an enver was last run with, to take away with it what it brought about. Kinds may be gone by now: inputs are
    as they were published."""
    texts = {given.name: given.text for given in run.inputs}
    place = Workplace(private_folder(folder / str(run.id)))

    def tell(line: str, *, lasting: bool = False) -> None:
        LOGGER.log(logging.INFO if lasting else logging.DEBUG, "%s: %s", said.enver.label, line)

    return Job(
        run=run.id,
        attempt=NO_ATTEMPT,
        commit=run.fingerprint.commit,
        enver=said.enver,
        texts=texts,
        document=run_document(run, said.enver, texts, said.version),
        place=place,
        state=state,
        others=(),
        lookups=(),
        checkout=lambda: repositories.checkout(said.enver.repo, run.fingerprint.commit, place.source),
        tell=tell,
        alive=tell,
        note=lambda _name, _found: None,
        previous=lambda: None,
        secrets=bound_secrets(run.fingerprint.settings),
    )


def with_texts(job: Job, stores: SecretStores) -> Job:
    """The same with the texts of its secrets, for the programs that take it away.

    Raises:
        OdmdError: one of them cannot be had.
    """
    given = given_secrets(job.secrets, job.enver, job.target, stores, job.tell)
    return replace(job, secrets=given.bound, secret_texts=given.texts)
