"""Envers as older releases kept them: what only one build type can say stood among everything else."""

from __future__ import annotations

from typing import Any, Final, cast

from odmd.control.scheduler.older import Fields
from odmd.model import build_types

_PACKAGES: Final = (build_types.CONTRACTS.name, build_types.NPM.name, build_types.PYTHON.name)


def edition_of_today(said: Fields) -> Fields:
    """All its envers."""
    envers = cast("dict[str, Fields]", said["envers"])
    return {**said, "envers": {address: node_of_today(enver) for address, enver in envers.items()}}


def slice_of_today(said: Fields) -> Fields:
    """Its enver."""
    return {**said, "enver": node_of_today(said["enver"])}


def node_of_today(said: Fields) -> Fields:
    """With what its type says in one place; as it is, where it has that already."""
    return said if "built" in said else {**said, "built": _built(said)}


def _built(said: Fields) -> Fields | None:
    match said["build_type"]:
        case build_types.CDK.name if said.get("stack") or said.get("stacks"):
            return {"stack": said.get("stack", ""), "stacks": said.get("stacks", ())}
        case build_types.COMMAND.name:
            return {**_some(said, remove="", minutes=0, network=False), "commands": said.get("commands", ())}
        case build_types.IMAGE.name:
            return {**_some(said, minutes=0, network=False), "images": _images(said)}
        case build_types.KUBERNETES.name:
            return _as_said(said["kubernetes"]) if said.get("kubernetes") else None
        case name if name in _PACKAGES:
            return said.get("package")
        case _:
            return None


def _some(said: Fields, **otherwise: Any) -> Fields:
    """Some of the fields, or what they were before they came."""
    return {name: said.get(name, before) for name, before in otherwise.items()}


def _as_said(kubernetes: Fields) -> Fields:
    """Whole numbers, which were written as 10.0 whatever the contracts said; digests were of what they said."""
    whole = {name: int(one) for name, one in kubernetes.items() if isinstance(one, float) and one.is_integer()}
    return {**kubernetes, **whole}


def _images(said: Fields) -> list[tuple[str, Fields]]:
    products = cast("list[Fields]", said["products"])
    return [(one["name"], one["image"]) for one in products if one.get("image")]
