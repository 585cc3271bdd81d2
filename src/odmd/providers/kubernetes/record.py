"""What is recorded of a release, in the namespace itself: whose it is, what is of it, and what served last.

It is written before anything moves and again when all is done, so that whoever goes on after a kill knows both.
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from odmd.errors import ManifestsUnfit
from odmd.providers.kubernetes.api import ApiResource, ClusterApi, Gone
from odmd.providers.kubernetes.objects import LABEL, RECORD, Id, Object, as_object, group_of, text_at

MAPS: Final = ApiResource("v1", "ConfigMap", "configmaps", namespaced=True)
_ENVER: Final = "odmd/enver"
_STATE: Final = "odmd/state"
_MOST: Final = 900_000
"""Bytes that a ConfigMap takes."""


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of object that was brought there, and an object of it by its name."""

    api_version: str
    kind: str
    plural: str
    name: str

    @property
    def id(self) -> Id:
        return Id(group_of(self.api_version), self.kind, self.name)

    @property
    def resource(self) -> ApiResource:
        return ApiResource(self.api_version, self.kind, self.plural, namespaced=True)


@dataclass(frozen=True, slots=True)
class Record:
    """Of one release."""

    enver: str
    state: str
    all: tuple[Sort, ...] = ()
    """All that may be there of it."""
    served: tuple[Object, ...] = ()
    """The objects, as they were brought there, that served last."""
    under_way: bool = False
    """Whether something began to move and was not brought to its end."""


def read_record(api: ClusterApi, namespace: str) -> Record | None:
    """None where no enver was brought there."""
    try:
        found = api.get(MAPS.path(namespace, RECORD))
    except Gone:
        return None
    about = as_object(found.get("metadata")).get("annotations")
    data, packed = as_object(found.get("data")), text_at(found, "binaryData", "served")
    try:
        listed = cast("list[list[str]]", json.loads(text_at(data, "all") or "[]"))
        unpacked = gzip.decompress(base64.b64decode(packed)) if packed else b"[]"
        served = cast("list[Any]", json.loads(unpacked))
        return Record(
            text_at(about, _ENVER),
            text_at(about, _STATE),
            tuple(Sort(*map(str, one)) for one in listed),
            tuple(as_object(one) for one in served),
            text_at(data, "under-way") == "yes",
        )
    except (ValueError, TypeError, EOFError, OSError, zlib.error) as wrong:
        raise ManifestsUnfit(
            f"ConfigMap {RECORD} in {namespace}, which records what odmd brought there, cannot be read: {wrong}",
            next_step="somebody wrote it over: delete it, and what is there is asked about",
        ) from wrong


def write_record(api: ClusterApi, namespace: str, record: Record) -> None:
    """Raises:
    ClusterRefused, ClusterUnreachable
    """
    api.apply(MAPS, _said(namespace, record), dry_run=False, force=True)


def refuse_too_large(namespace: str, enver: str, objects: Sequence[Object]) -> None:
    """Raises:
    ManifestsUnfit: a release could not be recorded.
    """
    size = len(json.dumps(_said(namespace, Record(enver, "", (), tuple(objects)))))
    if size > _MOST:
        raise ManifestsUnfit(
            f"the manifests of one release take {size} bytes, packed, and a cluster records {_MOST} at most",
            next_step="bring about in several envers what does not belong together",
        )


def _said(namespace: str, record: Record) -> Object:
    packed = gzip.compress(json.dumps(record.served, sort_keys=True).encode(), mtime=0)
    listed = [[one.api_version, one.kind, one.plural, one.name] for one in record.all]
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": RECORD,
            "namespace": namespace,
            "labels": {LABEL: namespace},
            "annotations": {_ENVER: record.enver, _STATE: record.state},
        },
        "data": {"all": json.dumps(listed), "under-way": "yes" if record.under_way else "no"},
        "binaryData": {"served": base64.b64encode(packed).decode()} if record.served else {},
    }
