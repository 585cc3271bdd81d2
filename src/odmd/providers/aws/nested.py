"""What an update does to data in stacks inside, where CloudFormation does not say: their templates are compared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from odmd.control.running.proposal import ResourceChange
from odmd.control.scheduler.values import Resource
from odmd.errors import CloudRefused
from odmd.model.targets import Target
from odmd.providers.aws.assets import Assets
from odmd.providers.aws.data_types import holds_data, is_kept
from odmd.providers.aws.holding import HeldData, held
from odmd.providers.aws.references import referred
from odmd.providers.aws.replaced_by import REPLACED_BY
from odmd.providers.aws.stack_events import STACK
from odmd.providers.aws.stacks import Stacks
from odmd.providers.aws.template_address import bucket_and_key
from odmd.providers.aws.templates import Template, parsed, section

_NEVER_REPLACES: Final = frozenset({"Tags"})
_UNREADABLE: Final = "its new template cannot be read"


@dataclass(frozen=True, slots=True)
class Side:
    """A template, before or after an update, and what its parameters are."""

    template: Template
    given: Mapping[str, object]
    """Parameter → text, or what the stack around hands over, as it says it."""

    def resource(self, name: str) -> Template:
        return section(section(self.template, "Resources"), name)

    def texts(self) -> Mapping[str, str]:
        """Parameter → text, as far as it is known."""
        declared = section(self.template, "Parameters")
        defaults = {name: str(one["Default"]) for name, one in declared.items() if "Default" in one}
        return defaults | {name: text for name, text in self.given.items() if isinstance(text, str)}


@dataclass(frozen=True, slots=True)
class Nested:
    """The stacks inside of those in one account and region."""

    stacks: Stacks
    assets: Assets
    target: Target

    def gone(self, path: str, stack: str) -> Iterator[ResourceChange]:
        """What goes with a stack inside, at every depth."""
        for one in held(self.stacks, stack, self.target):
            yield ResourceChange("Remove", f"{path}/{one.path}", one.type, "", "", holds_data=True)

    def changed(
        self, path: str, stack: str, before: Side, after: Side, moved: Collection[str]
    ) -> Iterator[ResourceChange]:
        """What of it is, or may be, replaced or removed by an update.

        Args:
            stack: the id of the one inside; `path` is its name in the outermost one.
            before: the stack around it as it runs; `after`: as it will be.
            moved: parameters and resources of the stack around that are something else afterwards.
        """
        name = path.rpartition("/")[2]
        was, will = (_handed_over(side.resource(name)) for side in (before, after))
        live = Side(self.stacks.template(stack, self.target), was)
        template = self._new(after, name)
        living = self.stacks.resources(stack, self.target, living=True)
        if template is None:
            if _differs(before.resource(name), after.resource(name), moved):
                yield from (_may_be_replaced(path, one) for one in held(self.stacks, stack, self.target))
            return
        new = Side(template, will)
        inner = _moved(live, new, was, will, moved)
        for id, resource in living.items():
            yield from self._compared(f"{path}/{id}", id, resource, live, new, inner)

    def _compared(
        self, path: str, id: str, resource: Resource, live: Side, new: Side, moved: Collection[str]
    ) -> Iterator[ResourceChange]:
        was, will = live.resource(id), new.resource(id)
        if resource.type == STACK:
            if will.get("Type") == STACK:
                yield from self.changed(path, resource.physical_id, live, new, moved)
            elif not is_kept(was):
                yield from self.gone(path, resource.physical_id)
        elif holds_data({**was, "Type": resource.type}):
            if not will:
                yield ResourceChange(
                    "Remove",
                    path,
                    resource.type,
                    "",
                    "",
                    holds_data=True,
                    kept=is_kept(was),
                    heir=_heir(resource, live, new),
                )
            elif why := _why_replaced(was, will, live, new, moved):
                replacement = "True" if resource.type in REPLACED_BY else "Conditional"
                yield ResourceChange("Modify", path, resource.type, replacement, why, holds_data=True)

    def _new(self, around: Side, name: str) -> Template | None:
        """The new template of a stack inside, from where the one around says that it is."""
        url = section(around.resource(name), "Properties").get("TemplateURL")
        if (found := bucket_and_key(url, around.texts(), self.target)) is None:
            return None
        try:
            return parsed(self.assets.read(*found, self.target)) or None
        except CloudRefused:
            return None


def _heir(gone: Resource, live: Side, new: Side) -> str:
    """What comes as one of its type."""
    comes = section(new.template, "Resources").keys() - section(live.template, "Resources").keys()
    return next((name for name in sorted(comes) if new.resource(name).get("Type") == gone.type), "")


def _why_replaced(was: Template, will: Template, live: Side, new: Side, moved: Collection[str]) -> str:
    """What replaces a resource, or may; empty where nothing does."""
    if was.get("Type") != will.get("Type"):
        return "Type"
    conditions = section(live.template, "Conditions"), section(new.template, "Conditions")
    depends = bool(will.get("Condition")) and any(one in moved for one in referred(conditions[1]))
    if (
        was.get("Condition") != will.get("Condition")
        or (will.get("Condition") and conditions[0] != conditions[1])
        or depends
    ):
        return "Condition"
    before, after = section(was, "Properties"), section(will, "Properties")
    names = REPLACED_BY.get(str(was.get("Type")), (before.keys() | after.keys()) - _NEVER_REPLACES)
    return ", ".join(sorted(name for name in names if _differs(before.get(name), after.get(name), moved)))


def _differs(before: object, after: object, moved: Collection[str]) -> bool:
    return before != after or any(name in moved for name in referred(after))


def _moved(
    live: Side, new: Side, was: Mapping[str, Any], will: Mapping[str, Any], around: Collection[str]
) -> Collection[str]:
    """The parameters and resources of a stack inside that are something else afterwards, or may be."""
    declared = section(live.template, "Parameters"), section(new.template, "Parameters")
    changed = {id for id in section(new.template, "Resources") if live.resource(id) != new.resource(id)}
    return changed | {
        name
        for name in declared[1]
        if was.get(name) != will.get(name)
        or any(one in around for one in referred(will.get(name)))
        or (name not in will and declared[0].get(name) != declared[1][name])
    }


def _handed_over(nested: Template) -> Mapping[str, Any]:
    return section(section(nested, "Properties"), "Parameters")


def _may_be_replaced(path: str, one: HeldData) -> ResourceChange:
    return ResourceChange("Modify", f"{path}/{one.path}", one.type, "Conditional", _UNREADABLE, holds_data=True)


def moved_around(running: Mapping[str, str], given: Mapping[str, str], changes: Iterable[ResourceChange]) -> set[str]:
    """The parameters and resources of a stack that an update makes something else."""
    parameters = {name for name, text in given.items() if running.get(name) != text}
    return parameters | {one.logical_id for one in changes if one.action == "Add" or one.replacement != "False"}
