"""Needed secrets as parameters of templates: where each is, which version and field; never its text."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from odmd.control.running.bound_secrets import BoundSecret
from odmd.errors import AssemblyUnfit
from odmd.graph import EnverNode
from odmd.model.naming import (
    FIELD_PREFIX,
    SECRET_PREFIX,
    VERSION_PREFIX,
    field_of_secret,
    secret_parameter,
    version_of_secret,
)
from odmd.providers.aws.cloud_assembly import Assembly

_PREFIXES = (SECRET_PREFIX, VERSION_PREFIX, FIELD_PREFIX)


def secret_parameters(secrets: Mapping[str, BoundSecret]) -> Mapping[str, str]:
    """CloudFormation parameter → what it carries."""
    ids = {secret_parameter(name): one.id for name, one in secrets.items()}
    versions = {version_of_secret(name): one.version for name, one in secrets.items()}
    fields = {field_of_secret(name): one.field for name, one in secrets.items()}
    return {**ids, **versions, **fields}


def refuse_unneeded(enver: EnverNode, assembly: Assembly) -> None:
    """Refuses templates that ask for a secret that the contract does not need.

    Raises:
        AssemblyUnfit
    """
    asked = {name for stack in assembly.stacks for name in stack.parameters if name.startswith(_PREFIXES)}
    if unknown := sorted(asked - parameters_of(enver.secrets)):
        raise AssemblyUnfit(
            f"{enver.label} asks for {', '.join(unknown)}, and its contract needs no such secret",
            next_step='declare it in the contract: needed("…", name="…")',
        )


def unused_secrets(enver: EnverNode, assembly: Assembly) -> list[str]:
    """Those that no stack takes."""
    taken = {name for stack in assembly.stacks for name in stack.parameters}
    return sorted(f"secret {name}" for name in enver.secrets if secret_parameter(name) not in taken)


def parameters_of(names: Collection[str]) -> set[str]:
    """All that may carry something of these secrets."""
    made = (secret_parameter, version_of_secret, field_of_secret)
    return {make(name) for name in names for make in made}
