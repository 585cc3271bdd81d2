"""Lookups of load balancers and their listeners."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from odmd.providers.aws.lookups.api import LookupApi
from odmd.providers.aws.lookups.query import Found, Query

_AT_ONCE: Final = 20
"""Resources whose tags may be asked for together."""
_NO_BALANCER: Final = ("LoadBalancerNotFound",)
_NO_LISTENER: Final = ("ListenerNotFound", "LoadBalancerNotFound")


def load_balancer(query: Query, api: LookupApi) -> object:
    """The one load balancer of an ARN or of tags."""
    if not (query.said.get("loadBalancerArn") or query.said.get("loadBalancerTags")):
        raise query.failed("must say a loadBalancerArn or loadBalancerTags")
    found = _only(query, "load balancers", _balancers(query, api, query.said.get("loadBalancerArn")))
    return {
        "loadBalancerArn": found["LoadBalancerArn"],
        "loadBalancerCanonicalHostedZoneId": found.get("CanonicalHostedZoneId"),
        "loadBalancerDnsName": found.get("DNSName"),
        "vpcId": found.get("VpcId"),
        "securityGroupIds": found.get("SecurityGroups") or [],
        "ipAddressType": "ipv4" if found.get("IpAddressType") == "ipv4" else "dualstack",
    }


def load_balancer_listener(query: Query, api: LookupApi) -> object:
    """The one listener of an ARN, or of a load balancer's with a port and a protocol."""
    arn = query.said.get("listenerArn")
    if not (arn or query.said.get("loadBalancerArn") or query.said.get("loadBalancerTags")):
        raise query.failed("must say a listenerArn, a loadBalancerArn or loadBalancerTags")
    if arn:
        listeners = api.every("elbv2", "describe_listeners", "Listeners", _NO_LISTENER, ListenerArns=[arn])
        listener = _only(query, "listeners", listeners)
        balancers = _balancers(query, api, listener["LoadBalancerArn"])
        return _as_listener(listener, _only(query, "load balancers of the listener", balancers))
    balancers = {one["LoadBalancerArn"]: one for one in _balancers(query, api, query.said.get("loadBalancerArn"))}
    listeners = [
        one
        for balancer in balancers
        for one in api.every("elbv2", "describe_listeners", "Listeners", _NO_LISTENER, LoadBalancerArn=balancer)
        if query.said.get("listenerPort") in (None, one.get("Port"))
        and query.said.get("listenerProtocol") in (None, one.get("Protocol"))
    ]
    listener = _only(query, "listeners", listeners)
    return _as_listener(listener, balancers[listener["LoadBalancerArn"]])


def _as_listener(listener: Found, balancer: Found) -> Found:
    return {
        "listenerArn": listener["ListenerArn"],
        "listenerPort": listener.get("Port"),
        "securityGroupIds": balancer.get("SecurityGroups") or [],
    }


def _balancers(query: Query, api: LookupApi, arn: str | None) -> list[Found]:
    """Of the type that is asked for; with all of the tags, where tags are asked for."""
    asked: Found = {"LoadBalancerArns": [arn]} if arn else {}
    listed = api.every("elbv2", "describe_load_balancers", "LoadBalancers", _NO_BALANCER, **asked)
    found = {one["LoadBalancerArn"]: one for one in listed if one.get("Type") == query.said.get("loadBalancerType")}
    if not (wanted := query.said.get("loadBalancerTags")):
        return list(found.values())
    tags = {(one["key"], one["value"]) for one in wanted}
    return [found[arn] for arn, own in _tags(list(found), api).items() if tags <= own]


def _tags(arns: Sequence[str], api: LookupApi) -> dict[str, set[tuple[str, str]]]:
    told: dict[str, set[tuple[str, str]]] = {}
    for some in (arns[n : n + _AT_ONCE] for n in range(0, len(arns), _AT_ONCE)):
        for one in api.read("elbv2", "describe_tags", ResourceArns=list(some)).get("TagDescriptions") or ():
            told[one["ResourceArn"]] = {(tag["Key"], tag["Value"]) for tag in one.get("Tags") or ()}
    return told


def _only(query: Query, what: str, found: Sequence[Found]) -> Found:
    if len(found) != 1:
        raise query.failed(f"finds {len(found)} {what}, and needs one")
    return found[0]
