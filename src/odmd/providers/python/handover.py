"""What becomes of pre-releases of Python packages that nobody runs with."""

from __future__ import annotations

from odmd.control.scheduler.values import Resource
from odmd.errors import NotYetCarriedOut
from odmd.model.targets import Target


class PythonHandovers:
    """Versions stand side by side, and indexes have no common way to take one back."""

    def bridge(self, old: Resource, new: Resource, name: str, enver: str, at: Target | None = None) -> str:  # noqa: ARG002
        raise NotYetCarriedOut(f"{old.physical_id} is a version of a package, and those stand side by side")

    def retire(self, resource: Resource | None, bridge: str | None, product: str) -> str:  # noqa: ARG002
        """It stays, and that is said."""
        if resource is None:
            return ""
        return f"{resource.physical_id} is kept: who keeps {resource.account} may yank or remove it there"
