"""Parameters that are a stack's own: nobody hands it a value, so it keeps the one that it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from odmd.providers.aws.templates import Template, as_kept, section


@dataclass(frozen=True, slots=True)
class RunningStack:
    """A stack as it runs: its template, and the values of its parameters."""

    template: Template = field(default_factory=dict[str, object])
    values: Mapping[str, str] = field(default_factory=dict[str, str])


def own_parameters(template: Template, given: Mapping[str, str], running: RunningStack) -> Mapping[str, str | None]:
    """Parameters that run already and are not given, each with its new value; None: it keeps the one that it has.

    Only a value that came from the template's default follows that default when the app changes it.
    """
    declared, before = section(template, "Parameters"), section(running.template, "Parameters")
    own: dict[str, str | None] = {}
    for name in declared.keys() & running.values.keys() - given.keys():
        old, new = _default(before, name), _default(declared, name)
        was = as_kept(old)
        follows = old is not None and new is not None and was == as_kept(running.values[name]) and was != as_kept(new)
        own[name] = new if follows else None
    return own


def _default(parameters: Template, name: str) -> str | None:
    default: object = parameters.get(name, {}).get("Default")
    if default is None:
        return None
    return str(default).lower() if isinstance(default, bool) else str(default)
