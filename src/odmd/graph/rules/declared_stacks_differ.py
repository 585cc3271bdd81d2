"""ODMD049: a stack that an app names itself is one enver's."""

from collections.abc import Iterator, Mapping, Sequence

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode
from odmd.model import naming

Place = tuple[str, str]


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds names in `stacks=` that another enver of the same account and region has, or may give to a stack."""
    nodes = [node for node in draft.nodes if node.type.has_stacks]
    declared = dict[tuple[Place, str], EnverNode]()
    derived = _by_heads(nodes if any(_declared(node) for node in nodes) else ())
    for node in nodes:
        for name in dict.fromkeys(_declared(node)):
            other = declared.setdefault((_place(node), name), node)
            if other is node:
                other = next(_who_may_name(name, derived.get(_place(node), {})), node)
            if other is not node:
                yield Diagnostic(
                    "ODMD049",
                    f"{node.label} and {other.label} both have stack {name}: also at {other.place}",
                    node.place,
                    "let the app give the stack another name, or declare it in one enver only",
                )


def _declared(node: EnverNode) -> Sequence[str]:
    return node.built.units if node.built else ()


def _place(node: EnverNode) -> Place:
    return node.account, node.region


def _by_heads(nodes: Sequence[EnverNode]) -> Mapping[Place, Mapping[str, Sequence[EnverNode]]]:
    """Place → what names of stacks begin with → the envers whose stacks are named after them."""
    found: dict[Place, dict[str, list[EnverNode]]] = {}
    for node in nodes:
        if not _declared(node):
            heads = found.setdefault(_place(node), {})
            heads.setdefault(naming.stack_head(node.build, node.stack), []).append(node)
    return found


def _who_may_name(name: str, heads: Mapping[str, Sequence[EnverNode]]) -> Iterator[EnverNode]:
    words = name.split("-")
    for count in range(len(words), 0, -1):
        for node in heads.get("-".join(words[:count]), ()):
            if naming.is_stack_of(name, node.build, node.slot, node.stack):
                yield node
