"""Looks at a stack without touching it: whose it is, and what it holds at every depth."""

from __future__ import annotations

from typing import Final

from odmd.control.running.proposal import Look
from odmd.model.targets import Target
from odmd.providers.aws.change_sets import PREFIX
from odmd.providers.aws.cloud_assembly import ENVER_TAG, STATE_TAG
from odmd.providers.aws.holding import data_in
from odmd.providers.aws.stacks import Stacks
from odmd.providers.aws.statuses import TO_CREATE, TO_DELETE

_ANNOUNCED: Final = "REVIEW_IN_PROGRESS"


def look(stacks: Stacks, name: str, target: Target) -> Look:
    """A stack once nothing moves.

    Raises:
        CloudUnreachable
    """
    status = stacks.wait(name, target).name
    if status == _ANNOUNCED:
        announced = [one for one in stacks.change_sets(name, target) if not one.startswith(PREFIX)]
        return Look(is_there=bool(announced), status=status)
    if status in TO_CREATE:
        return Look()
    tags, data = stacks.tags(name, target), list(data_in(stacks, name, target))
    return Look(
        is_there=True,
        owner=tags.get(ENVER_TAG),
        state=tags.get(STATE_TAG),
        status=status,
        id=stacks.id(name, target),
        settled_by_deletion=status in TO_DELETE,
        holding=tuple(str(one) for one in data if not one.kept),
        keeping=tuple(str(one) for one in data if one.kept),
        protected=stacks.is_protected(name, target),
    )
