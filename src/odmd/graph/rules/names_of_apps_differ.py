"""ODMD233: one name of an app stands for one input or product."""

from collections.abc import Iterator, Sequence

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import EnverNode
from odmd.model.adopted import IN_CLUSTER
from odmd.model.build_types import COMMAND, BuildType

Named = tuple[str, str]
"""What an app calls a product or an input, and what the contracts do."""


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds products of one enver that come from the same output, export or SSM parameter, inputs that go to the same
    parameter, context key or variable, and names of an app given for an enver that has no CDK app."""
    adopted = any(form.to for form in draft.forms)
    for node in draft.nodes:
        sources = [(one.of, one.name) for one in node.products if one.of]
        goals = [(wire.to, wire.name) for wire in node.wires if wire.to] if adopted else []
        if sources or goals:
            yield from _of_node(node, sources, goals)


def _of_node(node: EnverNode, sources: Sequence[Named], goals: Sequence[Named]) -> Iterator[Diagnostic]:
    for what, given in (("products", sources), ("inputs", goals)):
        for name, one, other in _twice(given):
            yield Diagnostic(
                "ODMD233",
                f"{node.label}: {what} {one!r} and {other!r} both stand for {_in_words(name)} of its app",
                node.place,
                "give each a name of its own",
            )
    of_apps = [one for one in sources if not one[0].startswith(IN_CLUSTER)]
    if not node.type.has_stacks and (of_apps or _beyond_variables(goals, node.type)):
        yield Diagnostic(
            "ODMD233",
            f"{node.label} is of type {node.build_type}, and names what only a CDK app has",
            node.place,
            "leave `of=` and `to=` out, or derive the class from CdkEnver",
        )


def _beyond_variables(goals: Sequence[Named], of: BuildType) -> bool:
    """A command has variables, and nothing else of an app's."""
    return any(of is not COMMAND or not name.startswith("Variable:") for name, _ in goals)


def _twice(given: Sequence[Named]) -> Iterator[tuple[str, str, str]]:
    taken: dict[str, str] = {}
    for name, by in given:
        if taken.setdefault(name, by) != by:
            yield name, taken[name], by


def _in_words(name: str) -> str:
    how, _, called = name.partition(":")
    return f"{how} {called}"
