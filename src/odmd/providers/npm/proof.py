"""That a package for npm which a run consumes is there, and can be read from where runs are carried out."""

from __future__ import annotations

from odmd.control.running.needs import ArtifactNeeded, Finding, Proven, Unknown
from odmd.errors import ArtifactMissing
from odmd.graph.built import PackageNode


class NpmProof:
    """Asks the registry of its producer."""

    def prove(self, need: ArtifactNeeded) -> Finding:
        """Raises:
        ArtifactMissing, IndexUnreachable, SettingsInvalid
        """
        wire = need.wire
        if not wire.registry:
            return Unknown("its producer names no registry")
        from odmd.providers.npm.registry import NpmRegistry

        name, _, version = need.text.rpartition("@")
        package = PackageNode(name, "", wire.registry, wire.registry)
        if version.partition("+")[0] not in NpmRegistry(package).versions():
            raise ArtifactMissing.of_package(need.text, wire.name, wire.registry)
        return Proven("is there, for who carries out runs")
