"""The lookup of a VPC: its subnets by type, name and zone, as CDK's `Vpc.fromLookup` wants them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.providers.aws.lookups.api import LookupApi, filters
from odmd.providers.aws.lookups.query import Found, Query

_TYPES: Final = ("Isolated", "Private", "Public")
_EVERYWHERE: Final = "0.0.0.0/0"


@dataclass(frozen=True, slots=True)
class _Subnet:
    id: str
    zone: str
    cidr: str
    type: str
    group: str
    table: str


def vpc(query: Query, api: LookupApi) -> object:
    """The one VPC that passes the filter."""
    wanted = [{"Name": name, "Values": [value]} for name, value in query.table("filter").items()]
    found = api.every("ec2", "describe_vpcs", "Vpcs", Filters=wanted)
    if len(found) != 1:
        said = ", ".join(f"{one['Name']}={one['Values'][0]}" for one in wanted)
        raise query.failed(f"finds {len(found)} VPCs with {said or 'no filter'}, and needs one")
    id = found[0]["VpcId"]
    answer: Found = {
        "vpcId": id,
        "vpcCidrBlock": found[0].get("CidrBlock"),
        "ownerAccountId": found[0].get("OwnerId"),
        "vpnGatewayId": _vpn_gateway(id, api) if query.said.get("returnVpnGateways", True) else None,
        **_groups(query, _subnets(query, id, api)),
    }
    return {name: what for name, what in answer.items() if what is not None}


def _groups(query: Query, subnets: Sequence[_Subnet]) -> Found:
    """By group; for older apps, as lists of each type, which fit only where all groups have the same zones."""
    groups = _grouped(subnets)
    if query.said.get("returnAsymmetricSubnets"):
        return {"availabilityZones": [], "subnetGroups": [_as_group(group) for group in groups]}
    zones = [[one.zone for one in group] for group in groups]
    if not zones:
        raise query.failed("finds a VPC without subnets")
    if any(one != zones[0] for one in zones):
        raise query.failed(f"finds groups of subnets in different zones: {zones}")
    by_type: Found = {}
    for type in _TYPES:
        own = [group for group in groups if group[0].type == type]
        by_type[f"{type.lower()}SubnetIds"] = [one.id for group in own for one in group] or None
        by_type[f"{type.lower()}SubnetNames"] = [group[0].group for group in own] or None
        by_type[f"{type.lower()}SubnetRouteTableIds"] = [one.table for group in own for one in group] or None
    return {"availabilityZones": zones[0], **by_type}


def _grouped(subnets: Sequence[_Subnet]) -> list[list[_Subnet]]:
    """Of one type and name, by zone; the groups in the order in which they are first met."""
    found: dict[tuple[str, str], list[_Subnet]] = {}
    for one in subnets:
        found.setdefault((one.type, one.group), []).append(one)
    return [sorted(group, key=lambda one: one.zone) for group in found.values()]


def _as_group(group: Sequence[_Subnet]) -> Found:
    return {
        "name": group[0].group,
        "type": group[0].type,
        "subnets": [
            {"subnetId": one.id, "cidr": one.cidr, "availabilityZone": one.zone, "routeTableId": one.table}
            for one in group
        ],
    }


def _subnets(query: Query, vpc: str, api: LookupApi) -> list[_Subnet]:
    tables = api.every("ec2", "describe_route_tables", "RouteTables", Filters=filters(vpc_id=vpc))
    listed = api.every("ec2", "describe_subnets", "Subnets", Filters=filters(vpc_id=vpc))
    return [_subnet(query, one, tables) for one in listed]


def _subnet(query: Query, subnet: Found, tables: Sequence[Found]) -> _Subnet:
    id, tags = subnet["SubnetId"], {one["Key"]: one["Value"] for one in subnet.get("Tags") or ()}
    own = (one for one in tables if id in _associated(one, "SubnetId"))
    main = (one for one in tables if True in _associated(one, "Main"))
    table = next(own, None) or next(main, None)
    if table is None:
        raise query.failed(f"finds subnet {id}, which has no route table")
    type = tags.get("aws-cdk:subnet-type") or _type(subnet, table)
    if type not in _TYPES:
        raise query.failed(f"finds subnet {id} of type {type}, which is none of {', '.join(_TYPES)}")
    by = query.said.get("subnetGroupNameTag")
    if by and not tags.get(by):
        raise query.failed(f"finds subnet {id}, which has no tag {by}")
    group = tags.get(by or "aws-cdk:subnet-name") or type
    return _Subnet(id, subnet["AvailabilityZone"], subnet["CidrBlock"], type, group, table["RouteTableId"])


def _type(subnet: Found, table: Found) -> str:
    """Of a subnet that does not say it: by where its routes lead."""
    routes: list[Found] = table.get("Routes") or []
    if subnet.get("MapPublicIpOnLaunch") or any(str(one.get("GatewayId")).startswith("igw-") for one in routes):
        return "Public"
    out = [one for one in routes if one.get("DestinationCidrBlock") == _EVERYWHERE]
    if any(one.get("NatGatewayId") or one.get("TransitGatewayId") for one in out):
        return "Private"
    return "Isolated"


def _associated(table: Found, name: str) -> Iterator[object]:
    return (one.get(name) for one in table.get("Associations") or ())


def _vpn_gateway(vpc: str, api: LookupApi) -> str | None:
    """The one that is attached, if it is one."""
    attached = {"attachment.vpc-id": vpc, "attachment.state": "attached", "state": "available"}
    asked = [{"Name": name, "Values": [value]} for name, value in attached.items()]
    found: list[Found] = api.read("ec2", "describe_vpn_gateways", Filters=asked).get("VpnGateways") or []
    return found[0].get("VpnGatewayId") if len(found) == 1 else None
