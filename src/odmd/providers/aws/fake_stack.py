"""One stack of the fake."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from odmd.control.running.proposal import ResourceChange
from odmd.control.running.saying import Progress
from odmd.control.scheduler.values import Resource
from odmd.model.targets import Target
from odmd.providers.aws.changes import with_heirs
from odmd.providers.aws.cloud_assembly import StackTemplate
from odmd.providers.aws.data_types import holds_data, is_kept
from odmd.providers.aws.fake_template import Made, TemplateScope, parameters, physical_name
from odmd.providers.aws.own_parameters import RunningStack, own_parameters
from odmd.providers.aws.ownership import owner_of
from odmd.providers.aws.references import resources_behind
from odmd.providers.aws.templates import Template, section


class ResourceFailed(Exception):
    """A resource of the fake could not be made or changed."""


class FakeStack:
    """What a stack has; `resources` is everything that exists anywhere."""

    def __init__(self, target: Target, resources: dict[Resource, str | None]) -> None:
        self._target, self._resources = target, resources
        self.template: StackTemplate | None = None
        self.made: dict[str, Made] = {}
        self.outputs: Mapping[str, str] = {}
        self._values: Mapping[str, str] = {}
        self.status = ""
        self._serial = 0

    def changes(self, stack: StackTemplate, given: Mapping[str, str]) -> tuple[ResourceChange, ...]:
        """What an update would do."""
        template = _parsed(stack)
        scope = TemplateScope(stack, self._parameters(template, given), self._target, dict(self.made))
        found = [self._change(name, scope, template) for name in _in_order(template)]
        resources = section(_parsed(self.template), "Resources") if self.template else {}
        holding = {name for name, one in resources.items() if holds_data(one)}
        gone = [
            ResourceChange("Remove", name, made.resource.type, "", "", name in holding, made.retained)
            for name, made in self.made.items()
            if name not in section(template, "Resources")
        ]
        return with_heirs(tuple(change for change in found if change) + tuple(gone))

    def update(
        self, stack: StackTemplate, given: Mapping[str, str], failing: Mapping[str, str], progress: Progress
    ) -> None:
        """Brings the stack to a template, or leaves everything as it was.

        Raises:
            ResourceFailed
        """
        made, existing = dict(self.made), dict(self._resources)
        try:
            self._update(stack, given, failing, progress)
        except ResourceFailed:
            self.made = made
            self._resources.clear()
            self._resources.update(existing)
            raise
        values = self._parameters(_parsed(stack), given)
        self.template, self.outputs, self._values = stack, self.outputs_of(stack, given), values
        self.status = "UPDATE_COMPLETE" if self.template else "CREATE_COMPLETE"
        self.template, self.outputs = stack, self.outputs_of(stack, given)

    def delete(self) -> None:
        """Lets go of everything, but for what its template keeps."""
        resources = section(_parsed(self.template), "Resources") if self.template else {}
        for name, made in self.made.items():
            if not is_kept(resources[name]):
                self._resources.pop(made.resource, None)
        self.template, self.made, self._values = None, {}, {}

    def holding(self, *, kept: bool = False) -> tuple[str, ...]:
        """What holds data and would go with the stack, or what is kept then."""
        resources = section(_parsed(self.template), "Resources") if self.template else {}
        return tuple(
            f"{name} ({made.resource.type})"
            for name, made in self.made.items()
            if holds_data(resources[name]) and bool(is_kept(resources[name])) is kept
        )

    def outputs_of(self, stack: StackTemplate, given: Mapping[str, str]) -> Mapping[str, str]:
        """The outputs that a template has with the resources as they are."""
        template = _parsed(stack)
        scope = TemplateScope(stack, self._parameters(template, given), self._target, self.made)
        return {name: str(scope.value(one["Value"])) for name, one in section(template, "Outputs").items()}

    def _parameters(self, template: Template, given: Mapping[str, str]) -> Mapping[str, str]:
        running = RunningStack(_parsed(self.template) if self.template else {}, self._values)
        own = own_parameters(template, given, running)
        kept = {name: self._values[name] for name, new in own.items() if new is None}
        return parameters(template, {**kept, **given})

    def _update(
        self, stack: StackTemplate, given: Mapping[str, str], failing: Mapping[str, str], progress: Progress
    ) -> None:
        template = _parsed(stack)
        scope = TemplateScope(stack, self._parameters(template, given), self._target, self.made)
        for name in _in_order(template):
            if not (change := self._change(name, scope, template)):
                continue
            if failing.get(name):
                raise ResourceFailed(f"{name} ({change.type}): {failing[name]}")
            self._make(name, change, scope, template)
            progress(f"{name} {change.type} {'CREATE' if change.action == 'Add' else 'UPDATE'}_COMPLETE")
        for name, definition in section(template, "Resources").items():
            self.made[name] = replace(self.made[name], retained=is_kept(definition))
        for name in [name for name in self.made if name not in section(template, "Resources")]:
            if not (gone := self.made.pop(name)).retained:
                self._resources.pop(gone.resource, None)

    def _change(self, name: str, scope: TemplateScope, template: Template) -> ResourceChange | None:
        resource = section(template, "Resources")[name]
        type, properties = str(resource["Type"]), scope.value(resource.get("Properties", {}))
        holds = holds_data(resource)
        if (old := self.made.get(name)) is None:
            return ResourceChange("Add", name, type, "", "", holds)
        if old.properties == properties and old.resource.type == type:
            return None
        replaced = old.resource.type != type or physical_name(properties) != physical_name(old.properties)
        cause = ", ".join(sorted(_differing(old.properties, properties)))
        return ResourceChange("Modify", name, type, str(replaced), cause, holds)

    def _make(self, name: str, change: ResourceChange, scope: TemplateScope, template: Template) -> None:
        definition: dict[str, Any] = section(template, "Resources")[name]
        properties = scope.value(definition.get("Properties", {}))
        old = self.made.get(name)
        if old and change.replacement == "False":
            resource = old.resource
        else:
            resource = self._new(name, change.type, properties, scope.stack)
        self.made[name] = Made(resource, properties, is_kept(definition))
        if old and old.resource != resource and definition.get("UpdateReplacePolicy") != "Retain":
            self._resources.pop(old.resource, None)

    def _new(self, name: str, type: str, properties: object, stack: StackTemplate) -> Resource:
        self._serial += 1
        id = physical_name(properties) or f"{stack.name}-{name}-{self._serial}"
        resource = Resource(type, id, self._target.account, self._target.region)
        if resource in self._resources:
            raise ResourceFailed(f"{name} ({type}): {id} already exists")
        self._resources[resource] = owner_of(stack)
        return resource


def _parsed(stack: StackTemplate) -> Template:
    return cast("Template", json.loads(stack.template))


def _in_order(template: Template) -> list[str]:
    """Resources, each after those that it refers to."""
    ordered: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in ordered:
            for needed in resources_behind(section(template, "Resources")[name].get("Properties"), template):
                visit(needed)
            ordered[name] = None

    for name in section(template, "Resources"):
        visit(name)
    return list(ordered)


def _differing(old: object, new: object) -> set[str]:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return {"Properties"}
    before, after = cast("dict[str, object]", old), cast("dict[str, object]", new)
    return {key for key in before | after if before.get(key) != after.get(key)}
