"""Who changed something, and when, as CloudTrail says: of what AWS was asked within its ninety days."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from odmd.control.running.observing import LastDeployed
from odmd.control.scheduler.drift import Deviation, WhoChanged
from odmd.control.scheduler.inert import inert
from odmd.errors import OdmdError
from odmd.model.targets import Target
from odmd.providers.aws.reach import reaching
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.stacks import Stacks

_APART_SECONDS: Final = 0.5
"""CloudTrail takes two lookups a second, of all that ask in an account and region."""
_MOST: Final = 10
"""Resources of one enver that are asked about."""
_KEPT_SECONDS: Final = 90 * 86_400.0
_PAGE: Final = 50
_LONGEST: Final = 300
_BY_CLOUDFORMATION: Final = "cloudformation.amazonaws.com"


class _OfTrail(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _TrailIdentity(_OfTrail):
    arn: str = ""
    invoked_by: str = Field(default="", alias="invokedBy")


class _TrailDetail(_OfTrail):
    identity: _TrailIdentity = Field(default=_TrailIdentity(), alias="userIdentity")


class _TrailEvent(_OfTrail):
    """As boto3 tells it; who it was is in a text of its own."""

    at: datetime = Field(alias="EventTime")
    name: str = Field(default="", alias="EventName")
    user: str = Field(default="", alias="Username")
    is_only_read: str = Field(default="", alias="ReadOnly")
    whole: str = Field(default="", alias="CloudTrailEvent")

    def identity(self) -> _TrailIdentity:
        try:
            return _TrailDetail.model_validate_json(self.whole).identity
        except ValidationError:
            return _TrailIdentity()


@dataclass(slots=True)
class _TrailTurns:
    """One lookup after the other, in one place."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    next_at: float = 0.0

    def wait(self) -> None:
        with self.lock:
            mine = max(time.monotonic(), self.next_at)
            self.next_at = mine + _APART_SECONDS
        time.sleep(max(0.0, mine - time.monotonic()))


class TrailTeller:
    """A `ChangeTeller` of envers of build type `cdk`."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._turns = defaultdict[Target, _TrailTurns](_TrailTurns)

    def tell(self, deployed: LastDeployed, found: Sequence[Deviation]) -> Sequence[Deviation]:
        try:
            return tuple(self._told(deployed, found))
        except OdmdError as wrong:
            who = WhoChanged(unknown=f"CloudTrail does not say: {wrong.fact}")
            return tuple(replace(one, changed=who) for one in found)

    def _told(self, deployed: LastDeployed, found: Sequence[Deviation]) -> Iterator[Deviation]:
        names, known = self._names(deployed.target, found), dict[str, WhoChanged]()
        since = max(deployed.since, time.time() - _KEPT_SECONDS)
        for one in found:
            name = names[one.place]
            if name not in known and len(known) < _MOST:
                known[name] = self._who(name, deployed.target, since)
            yield replace(one, changed=known.get(name))

    def _names(self, target: Target, found: Sequence[Deviation]) -> Mapping[tuple[str, str, str], str]:
        """What CloudTrail calls that which deviates: the stack, or a resource in it."""
        stacks, within = Stacks(self._sessions), {one.unit for one in found if one.sort == "resource"}
        there = {unit: stacks.resources(unit, target) for unit in within}
        names = dict[tuple[str, str, str], str]()
        for one in found:
            resource = there.get(one.unit, {}).get(one.what.partition(" ")[0]) if one.sort == "resource" else None
            names[one.place] = (resource.physical_id if resource else "") or one.unit
        return names

    def _who(self, name: str, target: Target, since: float) -> WhoChanged:
        client = cast("Any", self._sessions.reader("cloudtrail", target))
        self._turns[target].wait()
        with reaching(target):
            said = client.lookup_events(
                LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": name}],
                StartTime=datetime.fromtimestamp(since, UTC),
                MaxResults=_PAGE,
            )
            found = [_TrailEvent.model_validate(one) for one in said.get("Events", ())]
        return next(_changes(found), WhoChanged(unknown="CloudTrail has no change of it, or not yet"))


def _changes(events: Iterable[_TrailEvent]) -> Iterator[WhoChanged]:
    """Of somebody's own, the newest first; what CloudFormation did, a stack's change asked for."""
    for one in events:
        who = one.identity()
        if one.is_only_read != "true" and who.invoked_by != _BY_CLOUDFORMATION:
            by = who.arn or one.user or "somebody"
            yield WhoChanged(inert(by, _LONGEST), one.at.timestamp(), inert(one.name, _LONGEST))
