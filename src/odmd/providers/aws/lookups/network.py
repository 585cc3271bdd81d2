"""Lookups in EC2: zones, security groups, images."""

from __future__ import annotations

from odmd.providers.aws.lookups.api import LookupApi, filters
from odmd.providers.aws.lookups.query import Found, Query


def zones(_query: Query, api: LookupApi) -> object:
    """The names of the zones that are available."""
    found: list[Found] = api.read("ec2", "describe_availability_zones").get("AvailabilityZones") or []
    return [one["ZoneName"] for one in found if one.get("State") == "available"]


def endpoint_service_zones(query: Query, api: LookupApi) -> object:
    """The names of the zones in which an endpoint service is; none where nobody knows the service."""
    said = [query.needs("serviceName")]
    found = api.read("ec2", "describe_vpc_endpoint_services", absent=("InvalidServiceName",), ServiceNames=said)
    details: list[Found] = found.get("ServiceDetails") or []
    return details[0].get("AvailabilityZones", []) if details else []


def image(query: Query, api: LookupApi) -> object:
    """The id of the newest image that passes the filters."""
    wanted = [{"Name": name, "Values": values} for name, values in query.table("filters").items()]
    owners = query.said.get("owners")
    asked: Found = {"Filters": wanted, **({"Owners": owners} if owners else {})}
    found = [one for one in api.every("ec2", "describe_images", "Images", **asked) if one.get("ImageId")]
    if not found:
        raise query.failed("finds no image")
    return max(found, key=lambda one: str(one.get("CreationDate") or ""))["ImageId"]


def security_group(query: Query, api: LookupApi) -> object:
    """The one group of an id or a name, and whether it lets all out."""
    id, name, vpc = (query.said.get(one) for one in ("securityGroupId", "securityGroupName", "vpcId"))
    if bool(id) is bool(name):
        raise query.failed("must say either a securityGroupId or a securityGroupName")
    wanted = {**({"vpc_id": vpc} if vpc else {}), **({"group_name": name} if name else {})}
    asked: Found = {**({"GroupIds": [id]} if id else {}), **({"Filters": filters(**wanted)} if wanted else {})}
    absent = ("InvalidGroup.NotFound", "InvalidGroupId.Malformed")
    found = api.every("ec2", "describe_security_groups", "SecurityGroups", absent, **asked)
    if len(found) != 1:
        raise query.failed(
            f"finds {len(found)} security groups {id or name}{f' in {vpc}' if vpc else ''}, and needs one"
        )
    return {"securityGroupId": found[0]["GroupId"], "allowAllOutbound": _lets_all_out(found[0])}


def _lets_all_out(group: Found) -> bool:
    """Over both versions of IP."""
    allowed: list[Found] = [one for one in group.get("IpPermissionsEgress") or () if one.get("IpProtocol") == "-1"]
    four = any(way.get("CidrIp") == "0.0.0.0/0" for one in allowed for way in one.get("IpRanges") or ())
    six = any(way.get("CidrIpv6") == "::/0" for one in allowed for way in one.get("Ipv6Ranges") or ())
    return four and six
