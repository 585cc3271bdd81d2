"""What `odmd apply` asks before it begins and says when it ends, wherever the plan is carried out."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from odmd.cli.confirm import confirm

if TYPE_CHECKING:
    from odmd.cli.live import Live
    from odmd.control.leading.plane import Plane
    from odmd.control.reading.left import Left
    from odmd.plan import Plan
    from odmd.plan.build import Limited


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """What the options say."""

    digest: str | None
    limited: Limited
    refresh: bool
    look: bool
    yes: bool
    allow_dirty: bool
    cause: str
    json: bool
    accept_misfits: str = ""
    """Why it may break who runs beside it."""


def look_and_confirm(plan: Plan, wanted: ApplyOptions, there: Plane) -> None:
    """Shows a plan that nobody saw yet, and asks.

    Raises:
        NotConfirmed, NotCommitted, SchemasBroken
    """
    if not wanted.json and wanted.digest is None:
        from odmd.cli.moved import in_words, moved_config
        from odmd.cli.plan_text import show_plan

        show_plan(plan, values=in_words(moved_config(there, plan)))
    if plan.begins() or plan.policies:
        from odmd.control.scheduler.start import refuse_breaking

        refuse_breaking(plan, wanted.accept_misfits)
        _confirm(plan, wanted)


def _confirm(plan: Plan, wanted: ApplyOptions) -> None:
    """A yes to a plan is none to contracts that nobody else can look up: that takes a word of its own, or an answer."""
    from odmd.control.scheduler.start import refuse_uncommitted

    yes, dirty = wanted.yes or wanted.digest is not None, bool(plan.uncommitted) and not wanted.allow_dirty
    if yes and not dirty:
        return
    if yes and (wanted.json or not sys.stdin.isatty()):
        refuse_uncommitted(plan, allowed=False)
    also = f", with uncommitted changes in {', '.join(plan.uncommitted)}" if dirty else ""
    confirm(
        f"\nCarry out this plan{also}?",
        can_ask=not wanted.json,
        declined="the plan was declined, nothing was changed",
        next_step="`odmd apply` plans and asks again",
    )


def conclude(left: Left, live: Live, *, json: bool) -> None:
    """Says what is left, and ends with 1 if something failed, or could not be read."""
    from odmd.cli.output import print_json

    if json:
        print_json({"runs": live.ended, "settled": live.settled, "left": left})
    else:
        _say_what_is_left(left)
    if left.failed or left.unreadable:
        raise typer.Exit(1)


def _say_what_is_left(left: Left) -> None:
    from rich.text import Text

    from odmd.cli.output import console, next_step, plural
    from odmd.control.reading.explain import how_to_answer
    from odmd.model.naming import enver_label
    from odmd.plan.words import unreadable

    out = console()
    for address, why in left.failed.items():
        out.print(Text("✗ ", "red").append(f"{enver_label(address)}: {why}", "default"), soft_wrap=True)
    for address, reasons in left.held.items():
        out.print(
            Text("… ", "yellow").append(f"{enver_label(address)}: {'; '.join(reasons)}", "default"), soft_wrap=True
        )
    for unread in left.unreadable:
        out.print(Text("✗ ", "red").append(unreadable(unread), "default"), soft_wrap=True)
    if left.unmirrored:
        values = plural(left.unmirrored, "value")
        out.print(f"[yellow]![/] {values} not in the parameter store yet: tried again during the next deployment")
    if not left.retired:
        out.print("[yellow]![/] what nobody uses any more is not removed yet: tried again at the next `odmd apply`")
    for trouble in left.troubles:
        out.print(Text("! ", "yellow").append(trouble, "default"), soft_wrap=True)
    for address, question in left.asks.items():
        out.print(next_step(how_to_answer(enver_label(address), question)))
    if left.failed.keys() - left.asks.keys():
        out.print(next_step("nothing is lost: mend the cause and run `odmd apply` again"))
