"""The message that begins a change, and who takes a commit over by itself once somebody else runs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from odmd.control.scheduler.actor import Actor
from odmd.control.scheduler.messages import Head, Shown, StartChange
from odmd.errors import NotCommitted, SchemasBroken
from odmd.graph import Graph
from odmd.model import naming
from odmd.plan import Plan, SchemaMisfit, Step
from odmd.plan.settings import NO_SETTINGS
from odmd.plan.stages import Sourceless
from odmd.plan.wiring import promoted_from
from odmd.plan.words import misfit
from odmd.texts import first_of

_NAMED: Final = 3
_LISTED: Final = 5


def following(graph: Graph, heads: Iterable[Head]) -> tuple[Head, ...]:
    """The promoted envers without an approver that these heads reach, near or far, with what each will take over; the
    settings of each are for who calls to say."""
    by_origin: dict[str, list[str]] = {}
    for enver in graph.envers.values():
        if (origin := promoted_from(enver)) and enver.approver is None:
            by_origin.setdefault(origin, []).append(enver.address)
    found: dict[str, Head] = {}
    todo = list(heads) if by_origin else []
    while todo:
        head = todo.pop()
        new = [enver for enver in by_origin.get(head.enver, ()) if enver not in found]
        again = replace(head, observed=0, settings=NO_SETTINGS)
        found.update((enver, replace(again, enver=enver, slice=graph.slice(enver))) for enver in new)
        todo += [found[enver] for enver in new]
    return tuple(found.values())


def start_change(plan: Plan, by: Actor, cause: str, *, instead: bool = False) -> StartChange:
    """What carries out a plan.

    Args:
        instead: it takes the place of what earlier changes still owe, so nothing begins that it does not list.
    """
    steps = [step for step in plan.steps() if step.certain]
    told = [step for step in steps if not step.source]
    leave = [removal for removal in plan.removals if not plan.targets or removal.enver in plan.targets]
    dirty = f", with uncommitted changes in {first_of(plan.uncommitted, _NAMED)}" if plan.uncommitted else ""
    return StartChange(
        cause=f"{cause}{dirty}",
        by=by,
        plan=plan.digest(),
        heads=(*(_head(step) for step in told if not step.held), *map(_without_source, plan.sourceless)),
        retry=tuple(step.enver for step in told),
        moved=tuple(step.enver for step in told),
        remove=tuple(removal.enver for removal in leave),
        follow=tuple(_head(step) for step in steps if step.source),
        instead=instead,
        clear=tuple(dict.fromkeys(one.enver for one in plan.to_clear())),
        look_up=tuple(step.enver for step in steps if step.looks_up),
        shown=tuple(Shown(one.enver, one.inventory.keys) for one in leave if one.inventory is not None),
        for_clones=tuple(_for_clones(plan)),
        breaks=tuple(dict.fromkeys(one.reader for one in plan.breaking())),
    )


def _for_clones(plan: Plan) -> Iterator[str]:
    """Envers that make something for clones, and get nothing else by the plan."""
    if plan.clones:
        moved = {step.enver for step in plan.steps() if step.settings_moved}
        yield from (one for one in plan.clones.only_asked if plan.base.deployed.get(one) and one not in moved)


def refuse_uncommitted(plan: Plan, *, allowed: bool) -> None:
    """Whoever deploys what is in no commit has to say so.

    Raises:
        NotCommitted
    """
    if plan.uncommitted and not allowed:
        raise NotCommitted(
            f"the contracts have uncommitted changes in {first_of(plan.uncommitted, _NAMED)}",
            next_step="commit them and plan again, or give --allow-dirty",
        )


def refuse_breaking(plan: Plan, accepted: str) -> None:
    """Whoever breaks somebody has to say why.

    Raises:
        SchemasBroken
    """
    if (broken := plan.breaking()) and not accepted:
        listed = [f"\n  {line}" for one in broken[:_LISTED] for line in misfit(one)]
        more = f"\n  and {len(broken) - _LISTED} more" if len(broken) > _LISTED else ""
        raise SchemasBroken(
            f"the plan breaks who runs beside it:{''.join(listed)}{more}",
            next_step="take the order that is proposed, or give --accept-misfits WHY",
        )


def because(plan: Plan, cause: str, accepted: str) -> str:
    """A cause, with what was accepted of the plan, and why."""
    broken = plan.breaking()
    return f"{cause}, accepting that {labels(broken)} break: {accepted}" if broken and accepted else cause


def labels(broken: Sequence[SchemaMisfit]) -> str:
    """Who breaks."""
    return ", ".join(sorted({naming.enver_label(one.reader) for one in broken}))


def _without_source(one: Sourceless) -> Head:
    """What an enver is to have once somebody lets a commit in."""
    return Head(one.enver, "", one.slice, settings=one.settings)


def _head(step: Step) -> Head:
    made_of = step.enver, step.commit, step.slice
    return Head(*made_of, content=step.content, subject=step.subject, settings=step.settings, author=step.author)
