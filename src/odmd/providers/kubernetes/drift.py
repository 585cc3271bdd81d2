"""Compares a release as its cluster has it with what the last run brought there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from odmd.control.running.observing import LastDeployed, Observation
from odmd.control.scheduler.drift import Deviation, gone_unit
from odmd.control.scheduler.units import DeployedUnit
from odmd.errors import StillMoving
from odmd.model.build_types import KUBERNETES
from odmd.providers.kubernetes import recipe
from odmd.providers.kubernetes.access import Clusters
from odmd.providers.kubernetes.api import ClusterApi, Immutable
from odmd.providers.kubernetes.changing import at_once, live_objects, without_kind
from odmd.providers.kubernetes.difference import FieldDiffers, field_differences, holds_all
from odmd.providers.kubernetes.discovery import Discovery
from odmd.providers.kubernetes.objects import RECORD, Json, Object, id_of
from odmd.providers.kubernetes.record import Record, read_record

_ADDRESS: Final = re.compile(r"0x[0-9a-f]+")
_PATIENCE: Final = 5.0
"""Seconds for which a cluster that does not answer is asked again."""


@dataclass(frozen=True, slots=True)
class ReleaseObserver:
    """An `Observer` of envers of build type `kubernetes`: what others put beside what the manifests say, be it fields
    or objects, is theirs, and no drift."""

    clusters: Clusters

    def observe(self, deployed: LastDeployed, *, resources: bool) -> Observation:  # noqa: ARG002  # objects are few
        said = recipe.from_recipe(deployed.recipe, deployed.node)
        found = list[Deviation]()
        for unit in deployed.units:
            if unit.what == KUBERNETES.unit:
                cluster, _, namespace = unit.name.partition("/")
                with ClusterApi(self.clusters.access(cluster, unit.target), _PATIENCE) as api:
                    found += _ComparedRelease(api, deployed, unit, namespace).deviations(said)
        return Observation(tuple(found))


@dataclass(frozen=True, slots=True)
class _ComparedRelease:
    api: ClusterApi
    deployed: LastDeployed
    unit: DeployedUnit
    namespace: str

    def deviations(self, said: list[Object]) -> list[Deviation]:
        """Of the objects that the last run brought there, with the values that it had."""
        record = read_record(self.api, self.namespace)
        if record is None or record.enver != self.deployed.node.address:
            return [gone_unit(self.unit.name, self.unit.what)]
        if record.under_way:
            raise StillMoving(f"{self.unit.name} is just being changed", next_step="look again when it has ended")
        if {id_of(one) for one in record.served} != {id_of(one) for one in said}:
            return [Deviation(self.unit.name, "object", f"ConfigMap/{RECORD}", "", "records another release")]
        return self._compared(record)

    def _compared(self, record: Record) -> list[Deviation]:
        discovery = Discovery(self.api)
        live = live_objects(self.api, discovery, self.namespace, record.served, record).objects

        def compared(one: Object) -> list[Deviation]:
            return list(self._differing(discovery, one, live.get(id_of(one))))

        return [found for of_one in at_once(compared, record.served) for found in of_one]

    def _differing(self, discovery: Discovery, said: Object, there: Object | None) -> Iterator[Deviation]:
        """What the cluster itself would change of an object to have it as it was said: it tries, and keeps nothing."""
        name = str(id_of(said))
        if there is None:
            yield Deviation(self.unit.name, "object", name, "is there", "is not there any more")
        elif not holds_all(there, without_kind(said)):
            try:
                after = self.api.apply(discovery.of(said), said, dry_run=True, force=True)
            except Immutable as why:
                yield self._made_anew(name, there, why)
                return
            for one in field_differences(there, after):
                yield self._deviation(name, one)

    def _made_anew(self, name: str, there: Object, why: Immutable) -> Deviation:
        """The cluster's own words may print what stands there, and where in its memory: they are not told."""
        found = [_ADDRESS.sub("", str(why)), *(_standing(there, one) for one in why.fields)]
        mark = self.deployed.mark(json.dumps(found, sort_keys=True))
        where = f": {', '.join(why.fields)}" if why.fields else ""
        return Deviation(self.unit.name, "object", name, "", f"was made anew otherwise{where}", mark)

    def _deviation(self, name: str, one: FieldDiffers) -> Deviation:
        """Which image people may know who see what it consumes; all other texts may be private."""
        found, expected = one.before, one.after
        tells = self.deployed.tells and one.path.endswith(".image")
        mark = "" if tells else self.deployed.mark(json.dumps(found, sort_keys=True))
        texts = (str(expected or ""), str(found or "")) if tells else ("", "differs")
        return Deviation(self.unit.name, "object", f"{name} {one.path}", *texts, mark)


def _standing(there: Object, path: str) -> Json:
    """What stands at a path, or around it where it goes through a list."""
    found: Json = there
    for key in path.split("."):
        if not isinstance(found, dict) or key not in found:
            break
        found = found[key]
    return found
