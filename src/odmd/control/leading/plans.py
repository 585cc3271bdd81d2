"""Plans as they were shown, kept until somebody says `odmd apply DIGEST`."""

from __future__ import annotations

import json
from typing import Final

from odmd.control.ports.reads import Documents
from odmd.control.scheduler.codec import Body
from odmd.errors import PlanUnusable
from odmd.plan import Plan
from odmd.plan.stages import FORMAT

_PREFIX: Final = 7
"""How much of a digest people have to quote at least."""
_ANEW: Final = "run `odmd plan` and look again"
_PLANS: Final = Body(Plan)


def keep_plan(store: Documents, plan: Plan) -> None:
    """Keeps a plan under its digest; the same plan again changes nothing but what is only told of it."""
    digest = plan.digest()
    header = json.dumps({"format": FORMAT, "organisation": plan.organisation})
    store.put(_name(digest), f"{header}\n{_PLANS.encode(plan)}", lasts=False)
    index = _index(_hex(digest))
    known = dict.fromkeys((*(store.get(index) or "").split(), digest))
    store.put(index, "\n".join(known), lasts=False)  # as young as the youngest of them


def find_plan(store: Documents, quoted: str, organisation: str) -> Plan | None:
    """The plan whose digest begins with what somebody quoted; None when none was kept here.

    Raises:
        PlanUnusable: several begin so, or it is of a newer format, of another organisation, or was edited.
    """
    begin = _hex(quoted)
    found = [digest for digest in (store.get(_index(begin)) or "").split() if _hex(digest).startswith(begin)]
    if len(found) > 1:
        ways = ", ".join(_hex(digest)[:12] for digest in found)
        raise PlanUnusable(f"{quoted} may be any of the plans {ways}", next_step="quote more of its digest")
    text = store.get(_name(found[0])) if found else None
    return None if text is None else _read(found[0], text, organisation)


def _read(digest: str, text: str, organisation: str) -> Plan:
    header, _, body = text.partition("\n")
    short = _hex(digest)[:_PREFIX]
    try:
        said = json.loads(header)
        written, of = int(said["format"]), str(said["organisation"])
    except (ValueError, KeyError, TypeError) as wrong:
        raise _edited(short) from wrong
    if written > FORMAT:
        raise PlanUnusable(
            f"plan {short} was made by a newer release of odmd (format {written}, this one knows up to {FORMAT})",
            next_step="use the release that made it, or run `odmd plan` again",
        )
    if written < FORMAT:
        raise PlanUnusable(f"plan {short} was made by an older release of odmd", next_step=_ANEW)
    if of != organisation:
        raise PlanUnusable(
            f"plan {short} is of organisation {of}, and the contracts are of {organisation}",
            next_step="give the --contracts that it was made from",
        )
    try:
        plan = _PLANS.read(body)
    except ValueError as wrong:
        raise _edited(short) from wrong
    if plan.digest() != digest or plan.organisation != of:
        raise _edited(short)
    return plan


def _edited(short: str) -> PlanUnusable:
    return PlanUnusable(f"plan {short} was edited: what it says has another digest", next_step=_ANEW)


def _name(digest: str) -> str:
    return f"plan/{digest}"


def _index(hexadecimal: str) -> str:
    return f"plans/{hexadecimal[:_PREFIX]}"


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:")
