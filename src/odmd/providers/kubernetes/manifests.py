"""From documents to the objects of one enver: all that can be known of them without a cluster is proven here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.errors import ManifestsUnfit
from odmd.providers.kubernetes import placeholders
from odmd.providers.kubernetes.objects import (
    CLUSTER_WIDE,
    LABEL,
    RECORD,
    Id,
    Json,
    Object,
    as_object,
    at,
    id_of,
    list_at,
    map_at,
    place_in_order,
)
from odmd.providers.kubernetes.yaml_documents import YamlUnfit, read_documents

_SHOWN: Final = 12
_MOST: Final = 2_000
_NAME: Final = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9._:-]{0,251}[a-zA-Z0-9])?")
_KIND: Final = re.compile(r"[A-Z][A-Za-z0-9]{0,62}")
_API_VERSION: Final = re.compile(r"([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?v[0-9]+((alpha|beta)[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Document:
    """One document, and where it stands."""

    where: str
    said: object


def documents_of(where: str, text: bytes) -> Iterator[Document]:
    """Each document of a file, those of lists one by one.

    Raises:
        ManifestsUnfit
    """
    try:
        found = read_documents(text)
    except YamlUnfit as wrong:
        raise ManifestsUnfit(f"{where} cannot be read: {wrong}", next_step="mend it, and push") from wrong
    for number, said in enumerate(found, 1):
        here = where if len(found) == 1 else f"{where}, document {number}"
        one = as_object(said)
        if str(one.get("kind", "")).endswith("List") and isinstance(one.get("items"), list):
            yield from (Document(f"{here}, item {n}", item) for n, item in enumerate(list_at(one, "items"), 1))
        else:
            yield Document(here, said)


def objects_of(documents: Sequence[Document], namespace: str, inputs: Mapping[str, bool], label: str) -> list[Object]:
    """The objects in the order in which they are brought about, all in one namespace.

    Args:
        namespace: the enver's own.
        inputs: what the enver consumes → whether its manifests have to use it.
        label: how people call the enver.

    Raises:
        ManifestsUnfit: with all that is wrong.
    """
    wrong = [f"{one.where}: {what}" for one in documents for what in _wrong(one.said, namespace)]
    if not documents:
        wrong = ["there is no manifest"]
    if len(documents) > _MOST:
        wrong.append(f"there are {len(documents)} manifests, and a release has {_MOST} at most")
    if not wrong:
        wrong = [*_twice(documents), *_inputs([as_object(one.said) for one in documents], inputs)]
    refuse(wrong, f"the manifests of {label}")
    made = [_own(as_object(one.said), namespace) for one in documents]
    return sorted(made, key=place_in_order)


def refuse(wrong: Sequence[str], whose: str, next_step: str = "mend the manifests, and push") -> None:
    """Raises:
    ManifestsUnfit: something is wrong.
    """
    if wrong:
        more = [f"and {len(wrong) - _SHOWN} more"] if len(wrong) > _SHOWN else []
        raise ManifestsUnfit("\n".join([f"{whose} do not fit:", *wrong[:_SHOWN], *more]), next_step=next_step)


def _wrong(said: object, namespace: str) -> Iterator[str]:
    """What one document alone shows."""
    one = as_object(said)
    if not one:
        yield "it is no object"
        return
    kind, version, name = one.get("kind"), one.get("apiVersion"), at(one, "metadata", "name")
    if not isinstance(kind, str) or not _KIND.fullmatch(kind):
        yield "its `kind` is missing, or is none"
        return
    if not isinstance(version, str) or not _API_VERSION.fullmatch(version):
        yield f"the `apiVersion` of {kind} is missing, or is none"
        return
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        yield f"the `metadata.name` of a {kind} is missing, or is none; what is brought about again needs a lasting one"
        return
    yield from _not_own(one, f"{kind}/{name}", kind, namespace)
    yield from placeholders.misplaced(one)


def _not_own(one: Object, called: str, kind: str, namespace: str) -> Iterator[str]:
    """What is not for an enver to bring about, or not so."""
    if kind in CLUSTER_WIDE:
        yield (
            f"{called} belongs to the whole cluster, and an enver has its namespace alone: "
            "let whoever runs the cluster bring it there"
        )
    elif (where := at(one, "metadata", "namespace")) not in (None, "", namespace):
        yield f"{called} is for namespace {where}, and the enver's is {namespace}: leave the namespace out"
    if kind == "Secret" and (one.get("data") or one.get("stringData")):
        yield f"{called} holds a secret's text: let something in the cluster fetch it by reference"
    if kind == "ConfigMap" and called.endswith(f"/{RECORD}"):
        yield f"{called} is the record of the release: call it otherwise"
    if LABEL in map_at(one, "metadata", "labels"):
        yield f"{called} has the label {LABEL}, which says whose it is and is not to be said"


def _twice(documents: Sequence[Document]) -> Iterator[str]:
    first: dict[Id, str] = {}
    for one in documents:
        whose = id_of(as_object(one.said))
        if (before := first.setdefault(whose, one.where)) != one.where:
            yield f"{one.where}: {whose} is in {before} already"


def _inputs(objects: Sequence[Object], inputs: Mapping[str, bool]) -> Iterator[str]:
    used = set[str]()
    for one in objects:
        used |= placeholders.named(one)
    for name in sorted(used - inputs.keys()):
        known = ", ".join(sorted(inputs)) or "none"
        yield f"${{odmd.{name}}} names an input that the contract does not have; it has {known}"
    for name in sorted(name for name, needed in inputs.items() if needed and name not in used):
        yield f"input `{name}` is declared, and no manifest uses ${{odmd.{name}}}"


def _own(one: Object, namespace: str) -> Object:
    """As it is brought about: in the enver's namespace, with the label that says so."""
    about = map_at(one, "metadata")
    labels: dict[str, Json] = {**map_at(about, "labels"), LABEL: namespace}
    kept = {key: said for key, said in one.items() if key != "status"}
    return {**kept, "metadata": {**about, "namespace": namespace, "labels": labels}}
