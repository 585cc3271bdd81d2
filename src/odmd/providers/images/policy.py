"""Who may pull from a repository, and what goes from it by itself: documents as ECR takes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

Statement = Mapping[str, Any]

_PULL: Final = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
_LAMBDA: Final = "lambda.amazonaws.com"
LIFECYCLE: Final = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "description": "what no enver publishes: pushes that were broken off",
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": 14,
                },
                "action": {"type": "expire"},
            }
        ]
    }
)
"""All that an enver published has tags until odmd takes them away, once nobody runs with it or could go back to it."""


@dataclass(frozen=True, slots=True)
class Pullers:
    """Who may pull what one enver publishes."""

    enver: str
    places: frozenset[tuple[str, str]]
    """(account, region) of each consumer."""
    roles: frozenset[str]
    """ARNs of principals that the enver is told."""


def statements(pullers: Pullers, account: str, partition: str) -> Sequence[Statement]:
    """What a repository's policy says for one enver; nothing where nobody consumes.

    Consumers in the repository's own account need no more than their own rights, except that AWS Lambda pulls for
    their functions.
    """
    others = sorted({other for other, _ in pullers.places if other != account})
    principals = sorted({*(f"arn:{partition}:iam::{other}:root" for other in others), *pullers.roles})
    sid, made = _sid(pullers.enver), list[Statement]()
    if principals:
        made.append({"Sid": sid, "Effect": "Allow", "Principal": {"AWS": principals}, "Action": list(_PULL)})
    if pullers.places:
        functions = [f"arn:{partition}:lambda:{region}:{one}:function:*" for one, region in sorted(pullers.places)]
        made.append(
            {
                "Sid": f"{sid}Lambda",
                "Effect": "Allow",
                "Principal": {"Service": _LAMBDA},
                "Action": list(_PULL[1:]),
                "Condition": {"StringLike": {"aws:sourceArn": functions}},
            }
        )
    return made


def with_statements(policy: str | None, enver: str, own: Sequence[Statement]) -> str | None:
    """A policy in which an enver's statements are these, and all others as they are; None where nothing is left."""
    sid = _sid(enver)
    kept = [one for one in _statements(policy) if str(one.get("Sid", "")).removesuffix("Lambda") != sid]
    made = [*kept, *own]
    return json.dumps({"Version": "2012-10-17", "Statement": made}, sort_keys=True) if made else None


def lets_pull(policy: str | None, account: str) -> bool:
    """Whether a repository's policy lets somebody of another account pull; conditions are taken to be met."""
    return any(
        one.get("Effect") == "Allow"
        and any(action in (_PULL[1], "ecr:*", "ecr:BatchGet*", "*") for action in _listed(one.get("Action")))
        and any(_is_of(principal, account) for principal in _principals(one.get("Principal")))
        for one in _statements(policy)
    )


def says_the_same(one: str | None, other: str | None) -> bool:
    """Whether two policies say the same, in whatever order."""
    return _normal(_statements(one)) == _normal(_statements(other))


def is_same_document(one: str | None, other: str) -> bool:
    """Whether both are the same JSON."""
    try:
        return one is not None and json.loads(one) == json.loads(other)
    except ValueError:
        return False


def _principals(said: object) -> Sequence[str]:
    given = cast("Mapping[str, object]", said).get("AWS") if isinstance(said, dict) else said
    return _listed(given)


def _listed(said: object) -> Sequence[str]:
    return [str(one) for one in (cast("list[object]", said) if isinstance(said, list) else [said] if said else [])]


def _is_of(principal: str, account: str) -> bool:
    """Of an account are its id, its root, and each of its roles and users."""
    return principal in ("*", account) or (principal.startswith("arn:") and principal.split(":")[4:5] == [account])


def _sid(enver: str) -> str:
    return f"odmd{hashlib.sha256(enver.encode()).hexdigest()[:16]}"


def _statements(policy: str | None) -> Sequence[Statement]:
    try:
        said: object = json.loads(policy or "{}")
    except ValueError:
        return []
    given: object = cast("Mapping[str, object]", said).get("Statement") if isinstance(said, dict) else None
    listed = cast("list[object]", given) if isinstance(given, list) else [given]
    return [cast("Statement", one) for one in listed if isinstance(one, dict)]


def _normal(said: Iterable[Statement]) -> Sequence[str]:
    return sorted(json.dumps(_in_order(one), sort_keys=True) for one in said)


def _in_order(said: object) -> object:
    """A list of one is that one, and the order in a list says nothing."""
    if isinstance(said, dict):
        return {name: _in_order(given) for name, given in cast("dict[str, object]", said).items()}
    if isinstance(said, list):
        listed = sorted((_in_order(one) for one in cast("list[object]", said)), key=str)
        return listed[0] if len(listed) == 1 else listed
    return said
