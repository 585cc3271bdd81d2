"""Which sorts of objects a cluster has: asked once for each version of an API that manifests name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from odmd.errors import ClusterRefused
from odmd.providers.kubernetes.api import ApiResource, ClusterApi, Gone
from odmd.providers.kubernetes.objects import Object, as_object, group_of, list_at, text_at


class Discovery:
    """What was asked so far."""

    def __init__(self, api: ClusterApi) -> None:
        self._api = api
        self._known: dict[str, dict[str, ApiResource] | None] = {}

    def resource(self, api_version: str, kind: str) -> ApiResource | None:
        """None where the cluster does not have it."""
        return (self._version(api_version) or {}).get(kind)

    def of(self, one: Object) -> ApiResource:
        """Raises:
        ClusterRefused: the cluster does not have it (any more).
        """
        api_version, kind = str(one["apiVersion"]), str(one["kind"])
        if (found := self.resource(api_version, kind)) is None:
            raise ClusterRefused(f"the cluster has no {kind} of {api_version}", next_step="`odmd apply` looks again")
        return found

    def wrong(self, objects: Sequence[Object]) -> Iterator[str]:
        """What of some objects the cluster does not have, or has for all namespaces at once."""
        for api_version, kind in sorted({(str(one["apiVersion"]), str(one["kind"])) for one in objects}):
            found = self.resource(api_version, kind)
            if found is None:
                yield f"the cluster has no {kind} of {api_version}{self._instead(api_version, kind)}"
            elif not found.namespaced:
                yield f"{kind} of {api_version} belongs to the whole cluster, and an enver has its namespace alone"

    def _version(self, api_version: str) -> dict[str, ApiResource] | None:
        if api_version not in self._known:
            self._known[api_version] = self._asked(api_version)
        return self._known[api_version]

    def _asked(self, api_version: str) -> dict[str, ApiResource] | None:
        try:
            found = self._api.get(f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}")
        except Gone:
            return None
        listed = [as_object(one) for one in list_at(found, "resources")]
        return {
            str(one["kind"]): ApiResource(
                api_version, str(one["kind"]), str(one["name"]), one.get("namespaced") is True
            )
            for one in listed
            if "/" not in str(one.get("name", "/"))
        }

    def _instead(self, api_version: str, kind: str) -> str:
        """Other versions of its API that have the kind."""
        group = group_of(api_version)
        if not group:
            return ""
        try:
            found = self._api.get(f"/apis/{group}")
        except Gone:
            return (
                f", and no {group} at all: what defines it has to be brought there before, by whoever runs the cluster"
            )
        served = [text_at(one, "groupVersion") for one in list_at(found, "versions")]
        there = [one for one in served if one != api_version and kind in (self._version(one) or {})]
        return f"; it has it in {', '.join(there)}" if there else ""
