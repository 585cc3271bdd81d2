"""Cloud assemblies as recipes: checked against the contract, kept, used again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from types import MappingProxyType
from typing import Final

from odmd.compare.side import Part
from odmd.control.scheduler.codec import Body
from odmd.errors import AssemblyUnfit, ConfigTooLarge, PublishedWrong
from odmd.graph import EnverNode
from odmd.model.naming import (
    CONFIG_PARAMETER_PREFIX,
    OUTPUT_PREFIX,
    PARAMETER_PREFIX,
    config_parameter,
    is_stack_of,
    synth_mark,
)
from odmd.providers.aws.cloud_assembly import ENVER_TAG, STATE_TAG, Assembly, StackTemplate

_KEPT: Final = Body(Assembly)
_LARGEST_PARAMETER: Final = 4096
"""Bytes."""


def check(
    enver: EnverNode,
    others: Collection[str],
    texts: Mapping[str, str],
    assembly: Assembly,
    config: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Refuses, before anything moves, an assembly that is not what the contract says.

    Args:
        others: what stacks of others begin with, although they might be read as the enver's: see `Graph.longer_heads`.

    Raises:
        AssemblyUnfit, PublishedWrong
    """
    _refuse_other_stacks(enver, assembly)
    if not _declared(enver):
        _refuse_names_of_others(enver, others, assembly)
    parameters(enver, texts, assembly, config)
    counted = Counter(name for stack in assembly.stacks for name in stack.outputs if name.startswith(OUTPUT_PREFIX))
    declared = {product.output: product.name for product in enver.products}
    wrong = [f"never publishes `{name}` (output {output})" for output, name in declared.items() if not counted[output]]
    wrong += [f"publishes {output} in {times} stacks" for output, times in counted.items() if times > 1]
    wrong += [
        f"publishes {output}, which its contract does not declare" for output in sorted(counted.keys() - declared)
    ]
    if wrong:
        raise PublishedWrong(
            f"{enver.label} {'; '.join(wrong)}", next_step="make publish(…) calls and the contract's products agree"
        )


def parameters(
    enver: EnverNode, texts: Mapping[str, str], assembly: Assembly, config: Mapping[str, str] = MappingProxyType({})
) -> Mapping[str, str]:
    """CloudFormation parameter → consumed text, or private config; `texts` and `config` have them by name.

    Raises:
        AssemblyUnfit: a stack consumes what no wire brings.
        ConfigTooLarge
    """
    given = {wire.parameter: texts[wire.name] for wire in enver.wires if wire.name in texts}
    given |= {config_parameter(name): fitting(name, text) for name, text in config.items()}
    ours = PARAMETER_PREFIX, CONFIG_PARAMETER_PREFIX
    asked = {name for stack in assembly.stacks for name in stack.parameters if name.startswith(ours)}
    there = {name for stack in assembly.stacks for name in stack.parameters}
    if gone := sorted(w.parameter for w in enver.wires if w.to.startswith("Parameter:") and w.parameter not in there):
        raise AssemblyUnfit(
            f"no stack of {enver.label} has a parameter {', '.join(gone)}, to which its contract leads an input",
            next_step="write the parameter's name as the template has it",
        )
    if unknown := sorted(asked - given.keys()):
        raise AssemblyUnfit(
            f"{enver.label} consumes {', '.join(unknown)}, which no wire and no config brings",
            next_step="declare it in the contract, or pin an older contracts package in the service",
        )
    return given


def fitting(name: str, text: str) -> str:
    """A private config as a parameter takes it.

    Raises:
        ConfigTooLarge
    """
    if (size := len(text.encode())) > _LARGEST_PARAMETER:
        raise ConfigTooLarge(
            f"config {name} has {size:,} bytes, and a CloudFormation parameter takes {_LARGEST_PARAMETER:,}",
            next_step='say configured(…, read="synth") in the contract, and it becomes part of the template',
        )
    return text


def _refuse_names_of_others(enver: EnverNode, others: Collection[str], assembly: Assembly) -> None:
    for stack in assembly.stacks:
        if not is_stack_of(stack.name, enver.build, enver.slot, enver.stack):
            raise AssemblyUnfit(
                f"stack {stack.name} is not called {enver.stack_name}, with a part or without, as those of "
                f"{enver.label} are",
                next_step="name stacks with enver.stack_name(), or declare the names that the app gives: stacks=(…)",
            )
        if whose := max((one for one in others if f"{stack.name}-".startswith(f"{one}-")), key=len, default=""):
            raise AssemblyUnfit(
                f"stack {stack.name} of {enver.label} has a name of {whose}'s, which is something else",
                next_step="give the part of the app another name: enver.stack_name(PART)",
            )


def _refuse_other_stacks(enver: EnverNode, assembly: Assembly) -> None:
    made, declared = {stack.name for stack in assembly.stacks}, _declared(enver)
    if declared and made != set(declared):
        raise AssemblyUnfit(
            f"the app of {enver.label} makes the stacks {', '.join(sorted(made))}, "
            f"and its contract declares {', '.join(sorted(declared))}",
            next_step="let stacks=(…) in the contracts name all stacks of the app",
        )


def _declared(enver: EnverNode) -> Sequence[str]:
    return enver.built.units if enver.built else ()


def unused(enver: EnverNode, assembly: Assembly) -> list[str]:
    """Inputs that no stack takes as a parameter, and that synthesis did not say that it read.

    What a shared enver makes for this one comes as a set, of which an app may use a part.
    """
    taken = {name for stack in assembly.stacks for name in stack.parameters}
    return sorted(
        wire.name
        for wire in enver.wires
        if not (wire.at_synth or "/" in wire.name or wire.parameter in taken)
        and not any(f'"{synth_mark(wire.name)}"' in stack.template for stack in assembly.stacks)
    )


def marked(assembly: Assembly, enver: EnverNode) -> Assembly:
    """Every stack says if its template is good for one value only of an input that synthesis reads."""
    if not (read := ", ".join(wire.name for wire in enver.wires if wire.at_synth)):
        return assembly
    why = f"synthesis reads {read}"
    return replace(assembly, stacks=tuple(replace(one, needs_synth=one.needs_synth or why) for one in assembly.stacks))


def tagged(assembly: Assembly, enver: EnverNode) -> Assembly:
    """Every stack says whose it is. These never change: a tag that changes touches every resource."""
    ours = {ENVER_TAG: enver.address, "odmd:build": enver.build, "odmd:team": enver.team}
    stacks = (replace(stack, tags=tuple(sorted({**dict(stack.tags), **ours}.items()))) for stack in assembly.stacks)
    return replace(assembly, stacks=tuple(stacks))


def of_state(stack: StackTemplate, state: str) -> StackTemplate:
    """A stack that says which state manages it, too."""
    return replace(stack, tags=tuple(sorted({**dict(stack.tags), STATE_TAG: state}.items()))) if state else stack


def to_recipe(assembly: Assembly) -> bytes:
    """An assembly's templates, order and assets."""
    return json.dumps(asdict(assembly), sort_keys=True).encode()


def from_recipe(content: bytes) -> Assembly:
    """A kept assembly.

    Raises:
        AssemblyUnfit: it cannot be read.
    """
    try:
        return _KEPT.read(content)
    except ValueError as wrong:
        raise AssemblyUnfit(
            f"what is stored is no assembly: {wrong}", next_step="the next run makes another one: `odmd apply`"
        ) from wrong


def own(
    content: bytes,
    enver: EnverNode,
    others: Collection[str],
    texts: Mapping[str, str],
    config: Mapping[str, str] = MappingProxyType({}),
) -> Assembly:
    """A kept assembly, proven to be the enver's: whatever named it may have been wrong.

    Raises:
        AssemblyUnfit, PublishedWrong
    """
    assembly = from_recipe(content)
    check(enver, others, texts, assembly, config)
    if not_its := [stack.name for stack in assembly.stacks if dict(stack.tags).get(ENVER_TAG) != enver.address]:
        raise AssemblyUnfit(f"{', '.join(not_its)} of the stored assembly are not {enver.label}'s")
    return assembly


def protected(before: bytes | None, stack: str) -> bool:
    """Whether a kept assembly protects a stack against termination; what people protected by hand stays so."""
    try:
        stacks = from_recipe(before).stacks if before else ()
    except AssemblyUnfit:
        return False
    return any(one.name == stack and one.termination_protection for one in stacks)


def parts_of(kept: bytes) -> Sequence[Part]:
    """What a recipe brings about, stack by stack, to be compared.

    Raises:
        AssemblyUnfit: it is none.
    """
    return [Part(one.name, {**json.loads(one.template), "Tags": dict(one.tags)}) for one in from_recipe(kept).stacks]
