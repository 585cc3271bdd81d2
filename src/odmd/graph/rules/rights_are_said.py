"""ODMD170: what a build may do in AWS besides what its wires say is a service or one of its actions, and gives nobody
rights."""

import re
from collections.abc import Iterator
from typing import Final

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.rights.services import NEVER
from odmd.model.builds import Permission

_ACTION: Final = re.compile(r"[a-z0-9-]+(:[A-Za-z]*\*?[A-Za-z]*\*?)?")
_ARN: Final = re.compile(r"arn:aws(-[a-z]+)*:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12})?:[^\s\"']+")
_OWNER_AND_REPO: Final = 2


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds actions and resources that cannot be, or that no build may have."""
    for build in draft.all_builds:
        for right in build.may:
            for what, hint in _wrong(right):
                yield Diagnostic("ODMD170", f"build {build.name} may {what}", right.place, hint)
        ids = build.made_of.ids
        if ids and (len(ids) != _OWNER_AND_REPO or not all(one.isdecimal() for one in ids)):
            hint = 'write ids=("OWNER_ID", "REPOSITORY_ID"), as `gh api repos/OWNER/NAME` says them'
            yield Diagnostic("ODMD170", f"{build.made_of.name} has ids {ids!r}", build.place, hint)


def _wrong(right: Permission) -> Iterator[tuple[str, str]]:
    service = right.action.partition(":")[0]
    if not _ACTION.fullmatch(right.action):
        yield (
            f"{right.action!r}, which is neither a service nor an action",
            'write Permission("rds") or Permission("rds:Describe*")',
        )
    elif service in NEVER and right.action != "iam:CreateServiceLinkedRole":
        yield f"{right.action!r}, which gives rights", "let the account's people do that; a build never does"
    if right.on and not _ARN.fullmatch(right.on):
        yield f"{right.action!r} on {right.on!r}, which is no ARN", 'write on="arn:aws:s3:::legacy/*", or nothing'
