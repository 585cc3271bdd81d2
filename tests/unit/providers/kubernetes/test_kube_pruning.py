"""What of an earlier release goes."""

from __future__ import annotations

from typing import Any

from odmd.providers.kubernetes.changing import LiveObjects, what_goes
from odmd.providers.kubernetes.objects import LABEL, Id
from odmd.providers.kubernetes.record import Record, Sort

OLD = Sort("extensions/v1beta1", "Ingress", "ingresses", "shop")
NEW = Sort("networking.k8s.io/v1", "Ingress", "ingresses", "shop")
CLAIM = Sort("v1", "PersistentVolumeClaim", "persistentvolumeclaims", "orders")
SAID = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "shop"}}


def live(uid: str, **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": "x", "uid": uid, "labels": {LABEL: "ns"}, **more}}


def goes(objects: dict[Id, dict[str, Any]], *recorded: Sort) -> list[tuple[str, bool]]:
    found = what_goes(LiveObjects(objects), [SAID], Record("e", "s", recorded), "ns")  # type: ignore[arg-type]
    return [(str(one.sort.id), one.data) for one in found]


def test_what_no_manifest_says_goes() -> None:
    there = {NEW.id: live("1"), CLAIM.id: live("2"), Id("", "PersistentVolumeClaim", "more"): live("3")}
    assert goes(there, NEW, CLAIM) == [("PersistentVolumeClaim/more", True), ("PersistentVolumeClaim/orders", True)]


def test_one_object_under_the_names_of_two_groups_stays() -> None:
    assert goes({OLD.id: live("1"), NEW.id: live("1")}, OLD) == []
    assert goes({OLD.id: live("1"), NEW.id: live("2")}, OLD) == [("Ingress/shop", False)]


def test_what_others_brought_own_or_take_away_stays() -> None:
    label = {"labels": {}}
    assert goes({CLAIM.id: live("1", **label)}, CLAIM) == []
    assert goes({CLAIM.id: live("1", ownerReferences=[{"uid": "x"}])}, CLAIM) == []
    assert goes({CLAIM.id: live("1", deletionTimestamp="now")}, CLAIM) == []
