"""Recipes: an enver's objects with placeholders, which are enough to run again with other values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from odmd.compare.side import Part
from odmd.control.running.procedures import Job
from odmd.errors import ManifestsUnfit, PublishedWrong
from odmd.graph import EnverNode
from odmd.graph.built import KubernetesNode
from odmd.model import naming
from odmd.providers.kubernetes.manifests import Document, objects_of
from odmd.providers.kubernetes.objects import LABEL, Object, as_object, id_of, map_at
from odmd.providers.kubernetes.placeholders import of_config, of_secret
from odmd.providers.kubernetes.products import wrong_products

_FORMAT: Final = 1


def namespace_of(enver: EnverNode) -> str:
    """The namespace that it has to itself."""
    return naming.namespace(enver.build, enver.slot)


def cluster_of(job: Job) -> str:
    """The name of the cluster that it is in.

    Raises:
        ManifestsUnfit: an older release wrote the contracts down.
    """
    said = said_of(job.enver)
    return said.cluster or job.texts[said.cluster_input]


def release_of(job: Job) -> str:
    """What its unit is called: a namespace of a cluster."""
    return f"{cluster_of(job)}/{namespace_of(job.enver)}"


def said_of(enver: EnverNode) -> KubernetesNode:
    """How it is brought about.

    Raises:
        ManifestsUnfit: an older release wrote the contracts down.
    """
    if not isinstance(enver.built, KubernetesNode):
        raise ManifestsUnfit(
            f"{enver.label} does not say which cluster it is in", next_step="`odmd apply` with the contracts of today"
        )
    return enver.built


def inputs_of(enver: EnverNode) -> Mapping[str, bool]:
    """Each input, secret and config → whether its manifests have to use it: not the cluster's name, nor each of a set,
    nor config that what prints them may have read."""
    cluster = enver.built.cluster_input if isinstance(enver.built, KubernetesNode) else ""
    wires = {wire.name: wire.name != cluster and "/" not in wire.name for wire in enver.wires}
    secrets = (of_secret(name) for name in enver.secrets)
    configs = {of_config(one.name): one.read == "deploy" for one in enver.configs if one.read != "live"}
    return {**wires, **configs, **{one: one == where for where, *more in secrets for one in (where, *more)}}


def to_recipe(enver: EnverNode, objects: list[Object]) -> bytes:
    """The same objects make the same bytes."""
    return json.dumps({"format": _FORMAT, "enver": enver.address, "objects": objects}, sort_keys=True).encode()


def objects_for(enver: EnverNode, documents: list[Document]) -> list[Object]:
    """What documents say, proven to be the enver's to bring about.

    Raises:
        ManifestsUnfit, PublishedWrong
    """
    objects = objects_of(documents, namespace_of(enver), inputs_of(enver), enver.label)
    if wrong := list(wrong_products(enver, objects)):
        raise PublishedWrong(
            f"{enver.label} {'; '.join(wrong)}", next_step="let `of=` in the contract name an object of the manifests"
        )
    return objects


def from_recipe(kept: bytes, enver: EnverNode) -> list[Object]:
    """Its objects again, proven anew, as whatever named it may have been wrong, and contracts may have moved on.

    Raises:
        ManifestsUnfit, PublishedWrong
    """
    try:
        said = cast("dict[str, Any]", json.loads(kept))
        if said["format"] != _FORMAT or said["enver"] != enver.address:
            raise ValueError("they are another enver's, or of another format")
        objects = [as_object(one) for one in said["objects"]]
    except (ValueError, KeyError, TypeError) as wrong:
        raise ManifestsUnfit(
            f"what is stored is no manifests of {enver.label}: {wrong}",
        ) from wrong
    return objects_for(enver, [Document(f"stored manifest {n}", _bare(one)) for n, one in enumerate(objects, 1)])


def _bare(one: Object) -> Object:
    """Without the label that says whose it is."""
    about = map_at(one, "metadata")
    labels = {key: said for key, said in map_at(about, "labels").items() if key != LABEL}
    return {**one, "metadata": {**about, "labels": labels}}


def ids_in(kept: bytes) -> list[str]:
    """What a recipe that may be anybody's, or none, says that is in it: to be told, and for nothing else."""
    try:
        said = cast("dict[str, Any]", json.loads(kept))
        return [str(id_of(as_object(one))) for one in said["objects"]]
    except (ValueError, KeyError, TypeError):
        return []


def parts_of(kept: bytes) -> Sequence[Part]:
    """What a recipe brings about, object by object, to be compared.

    Raises:
        ValueError, KeyError, TypeError: it is none.
    """
    return [Part(str(id_of(one)), one) for one in map(as_object, json.loads(kept)["objects"])]
