"""How much a template may hold: CloudFormation says so when the change set is made, after other stacks have moved."""

from __future__ import annotations

from typing import Final

from odmd.errors import AssemblyUnfit
from odmd.providers.aws.templates import Template, section, to_text

LARGEST: Final = 1024 * 1024
"""Bytes of a template."""
MOST: Final = {"Resources": 500, "Parameters": 200, "Outputs": 200, "Mappings": 200}


def refuse_too_much(stack: str, template: Template) -> None:
    """Refuses what CloudFormation would refuse, before anything moves.

    Raises:
        AssemblyUnfit
    """
    found = [
        f"{len(section(template, part)):,} {part.lower()} of {most:,} at most"
        for part, most in MOST.items()
        if len(section(template, part)) > most
    ]
    if (size := len(to_text(template).encode())) > LARGEST:
        found.append(f"{size:,} bytes of {LARGEST:,} at most")
    if found:
        raise AssemblyUnfit(
            f"stack {stack} has {' and '.join(found)}, which CloudFormation takes",
            next_step="let the app make several stacks of it, or nested ones",
        )
