"""Who plans what somebody wishes for of clones: with the contracts that have those that are to be there then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from odmd.control.leading.planner import Planner
from odmd.control.leading.plans import find_plan
from odmd.control.scheduler.actor import ODMD
from odmd.control.scheduler.clones import KeptClones, in_force, why_not
from odmd.errors import CloneRefused, RevisionNotFound
from odmd.graph.clones import with_clones, wrong_with_clones
from odmd.graph.nodes import CloneSetNode
from odmd.plan.build import Limited
from odmd.plan.clones import (
    ClonesChange,
    CloneWish,
    changed_by,
    ended_by,
    ended_set,
    made_by,
    refuse_shared_data,
    shared_inputs,
    wished_set,
)


def meant(planner: Planner, limited: Limited) -> Planner:
    """The one that plans what is wished for; this one where that is nothing of clones.

    Raises:
        EnverUnknown, CloneRefused, RevisionNotFound, RepositoryUnreachable, ToolMissing
    """
    if limited.clones is None:
        return planner
    if not (made_by(limited.clones) or ended_by(limited.clones)):
        raise CloneRefused("no clone is named", next_step="name some to be made, or to go")
    kept = {address: one.set for address, one in planner.state.clones.items()}
    ended = [ended_set(planner.graph, kept, one.clone) for one in ended_by(limited.clones)]
    return _making(planner, made_by(limited.clones), ended) if made_by(limited.clones) else ending(planner, *ended)


def meant_by(planner: Planner, digest: str) -> Planner:
    """The one that made a plan which was kept."""
    plan = find_plan(planner.store, digest, planner.graph.organisation) if planner.store else None
    return _with(planner, plan.clones) if plan and plan.clones else planner


def ending(planner: Planner, *sets: CloneSetNode) -> Planner:
    """The one that plans without some sets of clones, be it that the contracts in force have them no more."""
    ended = tuple([one.address for one in sets])
    before, after = _with(planner, ClonesChange(sets)), _with(planner, ClonesChange(ended=ended))
    asked = _changed(before, after, sets)
    change = ClonesChange(ended=ended, asked=asked, only_asked=_only_asked(before, asked))
    return replace(after, clones=change)


def seen_as(planner: Planner, enver: str) -> str:
    """Whose right to be seen an enver has: a clone that is only planned has that of its origin."""
    planned = planner.clones is not None and any(enver in one.addresses for one in planner.clones.made)
    return planner.graph.envers[enver].origin or enver if planned else enver


def _making(planner: Planner, wishes: Sequence[CloneWish], ended: Sequence[CloneSetNode]) -> Planner:
    made, stays = _wished(planner, wishes)
    leaves = tuple([one.address for one in ended])
    before = _with(planner, ClonesChange(tuple(ended)))
    after = _with(planner, ClonesChange(made, leaves))
    if wrong := wrong_with_clones(after.compiled):
        raise CloneRefused(f"{wrong[0].code} {wrong[0].fact}", next_step=wrong[0].next_step)
    shared = tuple([use for one in made for use in shared_inputs(after.graph, one, planner.compiled.kinds)])
    asked, ttl = _changed(before, after, (*made, *ended)), wishes[0].ttl
    only = _only_asked(before, asked)
    said = tuple(sorted(stays.items()))
    change = ClonesChange(made, leaves, ttl=ttl, shared=shared, asked=asked, only_asked=only, stays=said)
    if not all(one.shares_data for one in wishes):
        refuse_shared_data(change)
    return replace(after, clones=change)


def _wished(planner: Planner, wishes: Sequence[CloneWish]) -> tuple[tuple[CloneSetNode, ...], Mapping[str, str]]:
    """All sets, each as if those before it were there; and who stays, and why."""
    sets, stays, kept = list[CloneSetNode](), dict[str, str](), dict(planner.state.clones)
    for wish in wishes:
        made, not_cloned = wished_set(planner.graph, wish, lambda repo, branch: _has_branch(planner, repo, branch))
        planner.sources.head(planner.graph.envers[made.clones[0].origin].repo, f"branch:{made.clones[0].branch}")
        if why := why_not(planner.graph, kept, made):
            raise CloneRefused(why, next_step="`odmd clone list` shows those that there are")
        kept.setdefault(made.address, KeptClones(made, ODMD, 0.0, wish.ttl, None))
        sets.append(made)
        stays |= not_cloned
    return tuple(dict.fromkeys(sets)), stays


def _with(planner: Planner, change: ClonesChange) -> Planner:
    """With the contracts as they are once it is so."""
    there = [one for one in in_force(planner.state.clones.values()) if one.address not in change.ended]
    sets = [*there, *(one for one in change.made if one not in there)]
    return replace(planner, compiled=with_clones(planner.compiled, sets), clones=change)


def _changed(before: Planner, after: Planner, clones: Iterable[CloneSetNode]) -> tuple[str, ...]:
    return tuple(changed_by(before.graph, after.graph, {one for each in clones for one in each.addresses}))


def _only_asked(before: Planner, asked: Sequence[str]) -> tuple[str, ...]:
    """Those of which the clones are all that the contracts say otherwise than what runs."""
    runs = {one: known.deployed for one in asked if (known := before.recorded.envers.get(one)) is not None}
    return tuple([one for one, it in runs.items() if it is not None and it.slice == before.graph.slice(one)])


def _has_branch(planner: Planner, repo: str, branch: str) -> bool:
    try:
        planner.sources.head(repo, f"branch:{branch}")
    except RevisionNotFound:
        return False
    return True
