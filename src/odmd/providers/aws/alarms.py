"""The states of CloudWatch alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol, cast

from odmd.model.targets import Target
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions

_AT_ONCE: Final = 100


class _CloudWatch(Protocol):
    def describe_alarms(self, **about: Any) -> Mapping[str, Any]: ...


def states_of_alarms(sessions: Sessions, names: Sequence[str], target: Target) -> Mapping[str, str]:
    """By name: OK, ALARM or INSUFFICIENT_DATA; those that are not there are left out.

    Raises:
        CloudUnreachable
    """
    found = dict[str, str]()
    with reaching(target):
        api = cast("_CloudWatch", sessions.reader("cloudwatch", target))
        for begin in range(0, len(names), _AT_ONCE):
            some = list(names[begin : begin + _AT_ONCE])
            said = api.describe_alarms(
                AlarmNames=some, AlarmTypes=["MetricAlarm", "CompositeAlarm"], MaxRecords=_AT_ONCE
            )
            for alarm in (*said.get("MetricAlarms", ()), *said.get("CompositeAlarms", ())):
                found[str(alarm["AlarmName"])] = str(alarm["StateValue"])
    return found
