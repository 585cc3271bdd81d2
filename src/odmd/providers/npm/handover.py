"""Takes pre-releases away again once nobody runs with them, where their registry permits it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from odmd.control.scheduler.values import Resource, Value
from odmd.errors import IndexUnreachable, NotYetCarriedOut, UploadRefused
from odmd.graph.built import PackageNode
from odmd.model.targets import Target
from odmd.providers.npm.manifest import object_of, versions_in
from odmd.providers.npm.versions import is_of

if TYPE_CHECKING:
    from odmd.providers.npm.registry import NpmRegistry

_DEPRECATED: Final = "a pre-release that nobody runs with any more"


def is_taken_away(value: Value) -> bool:
    """Whether a version goes with its value: pre-releases do."""
    return is_of(value.text.rpartition("@")[2], value.product.split("/")[1])


class NpmHandovers:
    """Versions stand side by side; a pre-release goes when its value does."""

    def bridge(self, old: Resource, new: Resource, name: str, enver: str, at: Target | None = None) -> str:  # noqa: ARG002
        raise NotYetCarriedOut(f"{old.physical_id} is a version of a package, and those stand side by side")

    def retire(self, resource: Resource | None, bridge: str | None, product: str) -> str:  # noqa: ARG002
        """Unpublishes it; where its registry does not permit that, it is deprecated and stays.

        Raises:
            IndexUnreachable, SettingsInvalid
        """
        if resource is None:
            return ""
        name, _, version = resource.physical_id.rpartition("@")
        slot = product.split("/")[1]
        if not is_of(version, slot):
            return f"{resource.physical_id} stays: it is no pre-release of {product}"
        from odmd.providers.npm.registry import NpmRegistry  # with its client of HTTP, which few need

        registry = NpmRegistry(PackageNode(name, "", resource.account, resource.account), slot)
        document = registry.document()
        if version not in versions_in(document):
            return ""
        try:
            _unpublish(registry, document, version)
        except UploadRefused as refused:
            return _deprecated(registry, document, version, refused)
        return ""


def _unpublish(registry: NpmRegistry, document: Mapping[str, object], version: str) -> None:
    """As npm does it: the package without that version, then its file; or the package as a whole."""
    versions, what = dict(versions_in(document)), f"{registry.package.distribution}@{version}"
    dist = object_of(versions.pop(version).get("dist"))
    if not versions:
        registry.delete(_revised(registry.url, document), what)
        return
    left = {**document, "versions": versions, "dist-tags": _tags_without(document, version, versions)}
    left.pop("_attachments", None)
    registry.put(_revised(registry.url, document), json.dumps(left).encode(), what)
    path = urlsplit(str(dist.get("tarball"))).path
    base = urlsplit(registry.package.index)
    registry.delete(_revised(f"{base.scheme}://{base.netloc}{quote(path, safe='/@%')}", registry.document()), what)


def _deprecated(registry: NpmRegistry, document: Mapping[str, object], version: str, refused: UploadRefused) -> str:
    """Says so to whoever installs it; returns why it stays."""
    versions, what = dict(versions_in(document)), f"{registry.package.distribution}@{version}"
    versions[version] = {**versions[version], "deprecated": _DEPRECATED}
    try:
        registry.put(registry.url, json.dumps({**document, "versions": versions}).encode(), what)
    except (UploadRefused, IndexUnreachable):
        return f"{what} is kept: {refused.fact}"
    return f"{what} is kept, and deprecated: {refused.fact}"


def _tags_without(document: Mapping[str, object], version: str, left: Mapping[str, object]) -> Mapping[str, object]:
    """The names of versions; where the last one is gone, another one is."""
    said = object_of(document.get("dist-tags"))
    tags = {name: one for name, one in said.items() if one != version}
    if "latest" in said:
        tags.setdefault("latest", list(left)[-1])
    return tags


def _revised(url: str, document: Mapping[str, object]) -> str:
    return f"{url}/-rev/{quote(str(document.get('_rev', '')), safe='')}"
