"""That a package for npm which a run consumes is there, and can be read from where runs are carried out."""

from __future__ import annotations

from odmd.errors import ArtifactMissing
from odmd.graph import WireEdge
from odmd.graph.built import PackageNode


class NpmProof:
    """Asks the registry of its producer."""

    def prove(self, text: str, wire: WireEdge) -> None:
        """Raises:
        ArtifactMissing, IndexUnreachable, SettingsInvalid
        """
        if not wire.registry:
            return
        from odmd.providers.npm.registry import NpmRegistry

        name, _, version = text.rpartition("@")
        if version.partition("+")[0] not in NpmRegistry(PackageNode(name, "", wire.registry, wire.registry)).versions():
            raise ArtifactMissing.of_package(text, wire.name, wire.registry)
