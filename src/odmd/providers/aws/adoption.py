"""Products of apps that know nothing of odmd: an output by our convention is added beside the name that the app has.

So what follows (change set, publication, retention, the resource behind) need not know the app's own names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from odmd.errors import AssemblyUnfit
from odmd.providers.aws.templates import Template, section


def with_adopted(templates: Mapping[str, Template], published: Mapping[str, str]) -> Mapping[str, Template]:
    """Stack name → its template, with an output for every product that the app calls something else.

    Raises:
        AssemblyUnfit: no stack has it, or several have.
    """
    made = {name: dict(template) for name, template in templates.items()}
    for output, source in published.items():
        if source:
            stack, entry = _only(source, list(_found(source, templates)), templates)
            made[stack]["Outputs"] = {**section(made[stack], "Outputs"), output: entry}
    return made


def _only(source: str, found: list[tuple[str, Template]], templates: Mapping[str, Template]) -> tuple[str, Template]:
    if len(found) == 1:
        return found[0]
    how, _, name = source.partition(":")
    if found:
        stacks = ", ".join(stack for stack, _ in found)
        raise AssemblyUnfit(
            f"{len(found)} stacks have {_WORDS[how]} {name}: {stacks}",
            next_step=f'say which in the contract, as Output("{found[0][0]}/{name}")',
        )
    raise AssemblyUnfit(
        f"none of the stacks {', '.join(templates)} has {_WORDS[how]} {name}, which the contract names for a product",
        next_step="write the name as the template has it; one that the template computes cannot be found",
    )


_WORDS: Mapping[str, str] = {"Output": "an output", "Export": "an export", "SsmParameter": "an SSM parameter"}


def _found(source: str, templates: Mapping[str, Template]) -> Iterator[tuple[str, Template]]:
    how, _, name = source.partition(":")
    stack, _, output = name.rpartition("/")
    for its_name, template in templates.items():
        match how:
            case "Output":
                entry = section(template, "Outputs").get(output)
                found = [entry] if entry and stack in ("", its_name) else []
            case "Export":
                outputs = section(template, "Outputs").values()
                found = [one for one in outputs if one.get("Export", {}).get("Name") == name]
            case _:
                found = list(_written(name, template))
        for entry in found:
            kept = {key: text for key, text in entry.items() if key in ("Value", "Condition", "Description")}
            yield its_name, kept


def _written(name: str, template: Template) -> Iterator[Template]:
    for resource in section(template, "Resources").values():
        properties = cast("Template", resource.get("Properties", {}))
        if resource.get("Type") == "AWS::SSM::Parameter" and properties.get("Name") == name:
            condition = {"Condition": resource["Condition"]} if "Condition" in resource else {}
            yield {"Value": properties["Value"], **condition}
