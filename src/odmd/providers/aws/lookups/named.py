"""Lookups of what has a name: SSM parameters, hosted zones, keys."""

from __future__ import annotations

from odmd.providers.aws.lookups.api import LookupApi
from odmd.providers.aws.lookups.query import Found, Query


def parameter(query: Query, api: LookupApi) -> object:
    """The text of an SSM parameter; where there is none, the dummy if the app wants that."""
    name = query.needs("parameterName")
    found: Found = api.read("ssm", "get_parameter", absent=("ParameterNotFound",), Name=name).get("Parameter") or {}
    if found.get("Type") == "SecureString":
        raise query.failed(f"is of {name}, a SecureString: a template is no place for it")
    if "Value" in found:
        return found["Value"]
    if query.said.get("ignoreErrorOnMissingContext") and "dummyValue" in query.said:
        return query.said["dummyValue"]
    raise query.failed(f"finds no SSM parameter {name}")


def key(query: Query, api: LookupApi) -> object:
    """The id of a KMS key by its alias."""
    alias = query.needs("aliasName")
    aliases = api.every("kms", "list_aliases", "Aliases")
    found = next((one.get("TargetKeyId") for one in aliases if one.get("AliasName") == alias), None)
    if not found and query.said.get("ignoreErrorOnMissingContext") and isinstance(query.said.get("dummyValue"), dict):
        found = query.table("dummyValue").get("keyId")
    if not found:
        raise query.failed(f"finds no key with the alias {alias}")
    return {"keyId": found}


def hosted_zone(query: Query, api: LookupApi) -> object:
    """The one hosted zone of a domain name, public or private, and of a VPC where that is said."""
    domain = query.needs("domainName")
    name = domain if domain.endswith(".") else f"{domain}."
    private, vpc = bool(query.said.get("privateZone")), query.said.get("vpcId")
    listed: list[Found] = api.read("route53", "list_hosted_zones_by_name", DNSName=domain).get("HostedZones") or []
    zones = [one for one in listed if one["Name"] == name and bool(one.get("Config", {}).get("PrivateZone")) is private]
    if vpc:
        zones = [one for one in zones if vpc in _vpcs(one["Id"], api)]
    if len(zones) != 1:
        which = f"{'private' if private else 'public'} zones {domain}{f' of {vpc}' if vpc else ''}"
        raise query.failed(f"finds {len(zones)} {which}, and needs one")
    return {"Id": zones[0]["Id"], "Name": zones[0]["Name"]}


def _vpcs(zone: str, api: LookupApi) -> list[str]:
    found: list[Found] = api.read("route53", "get_hosted_zone", Id=zone).get("VPCs") or []
    return [one["VPCId"] for one in found]
