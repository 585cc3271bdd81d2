"""Whether an account has room for more, as far as it says so at a small price."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast

from odmd.control.running.needs import Finding, Proven, Quota, QuotaNeeded, Unknown
from odmd.errors import CloudRefused, QuotaReached
from odmd.model.targets import Target
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions

_CODES: Final[Mapping[Quota, tuple[str, str]]] = {
    Quota.STACKS: ("cloudformation", "L-0485CB21"),
    Quota.ROLES: ("iam", "L-FE177D64"),
    Quota.ADDRESSES: ("ec2", "L-0263D0A3"),
    Quota.VPCS: ("vpc", "L-F678F1CE"),
    Quota.CPUS: ("ec2", "L-1216C47A"),
}
"""Quota → its service and code in Service Quotas."""
_AT_ONCE: Final = 100
"""Instance types that EC2 tells in one answer."""
_STANDARD: Final = frozenset("acdhimrtz")
"""First letters of the instance types that share the quota of standard ones."""


def has_room(sessions: Sessions, need: QuotaNeeded) -> Finding:
    """What is there and what comes is within the quota.

    Raises:
        QuotaReached, CloudUnreachable, CredentialsRefused
    """
    where = f"{need.target.account}, {need.target.region}"
    try:
        has, may_have = _MEASURED[need.quota](sessions, need.target)
        more = need.more + _cpus(sessions, need.target, need.instances)
    except CloudRefused as refused:
        return Unknown(f"nobody says how many {need.quota.value} {where} may have: {refused.fact}")
    if has + more > may_have:
        service, code = _CODES[need.quota]
        raise QuotaReached(
            f"{where} has {has} of {may_have} {need.quota.value}, and {more} more are to come",
            next_step="aws service-quotas request-service-quota-increase "
            f"--region {need.target.region} --service-code {service} --quota-code {code} --desired-value {has + more}; "
            "or remove what is not needed",
        )
    return Proven(f"{has} of {may_have}")


def _stacks(sessions: Sessions, target: Target) -> tuple[int, int]:
    """Those inside of others count, too."""
    may_have = _quota(sessions, target, Quota.STACKS)
    with reaching(target):
        pages = sessions.cloudformation(target).get_paginator("list_stacks").paginate()
        has = sum(one["StackStatus"] != "DELETE_COMPLETE" for page in pages for one in page.get("StackSummaries", ()))
    return has, may_have


def _roles(sessions: Sessions, target: Target) -> tuple[int, int]:
    with reaching(target):
        said = _api(sessions, "iam", target).get_account_summary()["SummaryMap"]
        return int(said["Roles"]), int(said["RolesQuota"])


def _addresses(sessions: Sessions, target: Target) -> tuple[int, int]:
    may_have = _quota(sessions, target, Quota.ADDRESSES)
    with reaching(target):
        return len(_api(sessions, "ec2", target).describe_addresses()["Addresses"]), may_have


def _vpcs(sessions: Sessions, target: Target) -> tuple[int, int]:
    may_have = _quota(sessions, target, Quota.VPCS)
    with reaching(target):
        return len(_api(sessions, "ec2", target).describe_vpcs()["Vpcs"]), may_have


def _running_cpus(sessions: Sessions, target: Target) -> tuple[int, int]:
    """By their types, however many of their CPUs are used; spot instances have a quota of their own."""
    may_have = _quota(sessions, target, Quota.CPUS)
    running = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    with reaching(target):
        pages = _api(sessions, "ec2", target).get_paginator("describe_instances").paginate(Filters=running)
        found = [one for page in pages for several in page["Reservations"] for one in several["Instances"]]
    types = Counter(str(one["InstanceType"]) for one in found if one.get("InstanceLifecycle") != "spot")
    return _cpus(sessions, target, types.items()), may_have


_MEASURED: Final[Mapping[Quota, Callable[[Sessions, Target], tuple[int, int]]]] = {
    Quota.STACKS: _stacks,
    Quota.ROLES: _roles,
    Quota.ADDRESSES: _addresses,
    Quota.VPCS: _vpcs,
    Quota.CPUS: _running_cpus,
}
"""How many there are, and how many there may be."""


def _cpus(sessions: Sessions, target: Target, instances: Iterable[tuple[str, int]]) -> int:
    wanted = {type_: count for type_, count in instances if _is_standard(type_)}
    if not wanted:
        return 0
    with reaching(target):
        ec2, types = _api(sessions, "ec2", target), sorted(wanted)
        parts = [types[first : first + _AT_ONCE] for first in range(0, len(types), _AT_ONCE)]
        found = [one for part in parts for one in ec2.describe_instance_types(InstanceTypes=part)["InstanceTypes"]]
    return sum(int(one["VCpuInfo"]["DefaultVCpus"]) * wanted[one["InstanceType"]] for one in found)


def _quota(sessions: Sessions, target: Target, quota: Quota) -> int:
    if sessions.is_emulated:
        raise CloudRefused("an emulator has no quotas")
    service, code = _CODES[quota]
    with reaching(target):
        said = _api(sessions, "service-quotas", target).get_service_quota(ServiceCode=service, QuotaCode=code)
    return int(said["Quota"]["Value"])


def _is_standard(type_: str) -> bool:
    return type_[:1] in _STANDARD


def _api(sessions: Sessions, service: str, target: Target) -> Any:
    return cast("Any", sessions.reader(service, target))
