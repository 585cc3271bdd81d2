"""What AWS's own engine says of policies that nobody has yet: `SimulateCustomPolicy`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from odmd.graph.rights.statements import Statement, document, merged, split
from odmd.model.targets import Target
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions

_ALLOWED: Final = "allowed"


@dataclass(frozen=True, slots=True)
class EngineVerdict:
    """As IAM names it: `allowed`, `explicitDeny`, `implicitDeny`."""

    decision: str
    unsaid: tuple[str, ...]
    """Keys of conditions that it would have to know, and that nobody told it."""

    @property
    def allowed(self) -> bool:
        return self.decision == _ALLOWED


def engine_verdict(
    sessions: Sessions,
    target: Target,
    said: Sequence[Statement],
    guard: Sequence[Statement],
    action: str,
    resource: str,
) -> EngineVerdict:
    """Of an action on a resource, or on any, for who has some statements and a boundary, in the region of a place.

    Raises:
        CloudUnreachable, CloudRefused, CredentialsRefused
    """
    policies = [json.dumps(document(part)) for part in split(merged(said))]
    bounded = {"PermissionsBoundaryPolicyInputList": [json.dumps(document(guard))]} if guard else {}
    region = {"ContextKeyName": "aws:RequestedRegion", "ContextKeyValues": [target.region], "ContextKeyType": "string"}
    with reaching(target):
        iam = cast("Any", sessions.reader("iam", target))
        (found,) = iam.simulate_custom_policy(
            PolicyInputList=policies,
            ActionNames=[action],
            ResourceArns=[resource or "*"],
            ContextEntries=[region],
            **bounded,
        )["EvaluationResults"]
    return EngineVerdict(found["EvalDecision"], tuple(found.get("MissingContextValues", ())))
