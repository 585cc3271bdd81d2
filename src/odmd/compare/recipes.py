"""What the two were brought about from: templates, manifests, command lines, images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from odmd.compare.comparison import Because, Differs, Section
from odmd.compare.names import Meanings
from odmd.compare.side import ComparedSide, Part
from odmd.compare.trees import ABSENT, Path, Tree, TreeDiffers, differing, shown

_POLICIES: Final = ("DeletionPolicy", "UpdateReplacePolicy")
_NOT_COMPARED: Final = "AWS::CDK::Metadata"
_VARIABLES: Final = frozenset({"Environment", "env", "envFrom"})
_SCALE: Final = frozenset(
    {
        *("MemorySize", "Timeout", "ReservedConcurrentExecutions", "ProvisionedConcurrentExecutions", "DesiredCount"),
        *("MinCapacity", "MaxCapacity", "MinSize", "MaxSize", "Cpu", "Memory", "InstanceType", "DBInstanceClass"),
        *("ReadCapacityUnits", "WriteCapacityUnits", "ServerlessV2ScalingConfiguration", "InstanceClass"),
        *("replicas", "minReplicas", "maxReplicas", "resources"),
    }
)


def of_recipes(before: ComparedSide, after: ComparedSide, meaning: Meanings) -> Iterator[Differs]:
    """Part by part, by the places in each."""
    if before.parts is None or after.parts is None:
        return
    because, says = explanation(before, after)
    ours, theirs = ({one.name: one for one in side.parts or ()} for side in (before, after))
    other = _other_names(ours, theirs, meaning)
    for name, part in ours.items():
        now = theirs.get(other.get(name, ""))
        for one in differing(_compared(part), _compared(now), meaning.alike) if now else ():
            why = _ephemeral(before, after) if one.path[-1:] and one.path[-1] in _POLICIES else None
            yield _differs(part, one, why or because, says)
        if now is None:
            yield _differs(part, TreeDiffers((), "there", ABSENT), because, says)
    for name in theirs.keys() - set(other.values()):
        yield _differs(theirs[name], TreeDiffers((), ABSENT, "there"), because, says)


def explanation(before: ComparedSide, after: ComparedSide) -> tuple[Because, str]:
    """Why recipes of the two differ, if they do."""
    ours, theirs = before.made_of, after.made_of
    if not ours.has_source_of(theirs):
        return Because.AGE, ""
    if _said_of(before) != _said_of(after):
        return Because.INTENT, "the contracts say it differently"
    if ours.settings.synthesis != theirs.settings.synthesis:
        return Because.INTENT, "config is read while it is made"
    if ours.lookups != theirs.lookups:
        return Because.INTENT, "it was looked up in their accounts"
    if before.view.enver == after.view.enver and ours.values != theirs.values:
        return Because.AGE, "consumed values are read while it is made"
    return Because.UNEXPLAINED, "source, contracts, config and lookups are equal"


def _said_of(side: ComparedSide) -> object:
    """What the contracts say that may be in a recipe, without what names its place."""
    if (node := side.node) is None:
        return None
    products = [(one.name, one.kind, one.source, one.of) for one in node.products]
    wires = [(one.name, one.kind, one.access, one.to) for one in node.wires]
    configs, asked = [one.said() for one in node.configs], [(one.key, one.offer) for one in node.asked]
    built = node.built.in_slice() if node.built else ()
    return (node.build_type, node.folder, node.secrets, node.ephemeral, products, wires, configs, asked, built)


def _ephemeral(before: ComparedSide, after: ComparedSide) -> Because | None:
    """What may go with its enver is kept for one and not for the other, if that is what tells them apart."""
    differ = before.node and after.node and before.node.ephemeral != after.node.ephemeral
    return Because.INTENT if differ else None


def _other_names(ours: Mapping[str, Part], theirs: Mapping[str, Part], meaning: Meanings) -> Mapping[str, str]:
    found = {name: name for name in ours if name in theirs}
    for name in ours:
        rest = (one for one in theirs if one not in found.values() and meaning.alike(name, one))
        if name not in found and (other := next(rest, None)) is not None:
            found[name] = other
    return found


def _compared(part: Part) -> Tree:
    """Without what CDK notes of itself."""
    if not (isinstance(part.tree, Mapping) and isinstance(resources := part.tree.get("Resources"), Mapping)):
        return part.tree
    kept = {
        name: one
        for name, one in resources.items()
        if not (isinstance(one, Mapping) and one.get("Type") == _NOT_COMPARED)
    }
    return {**part.tree, "Resources": kept}


def _differs(part: Part, one: TreeDiffers, because: Because, says: str) -> Differs:
    what = f"{part.name} {_place(part, one.path)}".rstrip()
    return Differs(_section(part, one.path), because, what, shown(one.before), shown(one.after), says)


def _place(part: Part, path: Path) -> str:
    """`Handler (AWS::Lambda::Function) MemorySize` of a template's resource, else the path."""
    match path, part.tree:
        case ("Resources", name, *rest), {"Resources": {**resources}}:
            resource = resources.get(name)
            type_ = resource.get("Type") if isinstance(resource, Mapping) else None
            inner = "/".join(rest[1:] if rest[:1] == ["Properties"] else rest)
            return f"{name} ({type_}) {inner}" if type_ else f"{name} {inner}"
        case _:
            return "/".join(path)


def _section(part: Part, path: Path) -> Section:
    if part.is_artifact:
        return Section.ARTIFACTS
    return Section.RUNNING if {*path} & (_VARIABLES | _SCALE) else Section.TEMPLATES
