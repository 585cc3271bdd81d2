"""Makes lookups: for each kind that the CDK command line knows, the same answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from odmd.errors import LookupNotMade
from odmd.model.targets import Target
from odmd.providers.aws.lookups.api import LookupApi
from odmd.providers.aws.lookups.balancers import load_balancer, load_balancer_listener
from odmd.providers.aws.lookups.cloud_control import cloud_control
from odmd.providers.aws.lookups.named import hosted_zone, key, parameter
from odmd.providers.aws.lookups.network import endpoint_service_zones, image, security_group, zones
from odmd.providers.aws.lookups.query import Query
from odmd.providers.aws.lookups.vpc import vpc
from odmd.providers.aws.roles import refuse_own_role
from odmd.providers.aws.sessions import Sessions

_MAKE: Final[Mapping[str, Callable[[Query, LookupApi], object]]] = {
    "ami": image,
    "availability-zones": zones,
    "cc-api-provider": cloud_control,
    "endpoint-service-availability-zones": endpoint_service_zones,
    "hosted-zone": hosted_zone,
    "key-provider": key,
    "load-balancer": load_balancer,
    "load-balancer-listener": load_balancer_listener,
    "security-group": security_group,
    "ssm": parameter,
    "vpc-provider": vpc,
}


_LONGEST: Final = 65_536
"""Bytes of an answer: it stands in the log with each run that keeps it."""


def look_up(query: Query, sessions: Sessions, target: Target) -> str:
    """The answer, as JSON.

    Raises:
        LookupNotMade: nobody here can make it, or it is about another place.
        AssemblyUnfit: it is to be made with a role that the app chose.
        LookupFailed: it found nothing, or too much.
        CloudUnreachable, CloudRefused
    """
    if (make := _MAKE.get(query.provider)) is None:
        raise LookupNotMade(
            f"lookup {query.key} is of the provider {query.provider}, which odmd does not know",
            next_step="commit cdk.context.json with the answer",
        )
    where = (query.said.get("account"), query.said.get("region"))
    if where != (target.account, target.region):
        raise LookupNotMade(
            f"lookup {query.key} is about account {where[0]}, region {where[1]}, and its app is deployed to "
            f"account {target.account}, region {target.region}",
            next_step="look up in the enver's own place, or consume it as a product of an enver there",
        )
    refuse_own_role(f"lookup {query.key}", str(query.said.get("lookupRoleArn") or ""))
    answer = json.dumps(make(query, LookupApi(sessions, target)), sort_keys=True)
    if len(answer) > _LONGEST:
        raise query.failed(f"is answered with {len(answer)} bytes, and {_LONGEST} are the most that a run keeps")
    return answer
