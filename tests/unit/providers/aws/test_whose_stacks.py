"""A stack's name is one enver's: an app that names another's is refused before anything moves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from odmd.errors import AssemblyUnfit
from odmd.graph import EnverNode, Graph
from odmd.graph.built import CdkNode
from odmd.model import naming
from odmd.providers.aws import recipe
from odmd.providers.aws.cloud_assembly import Assembly, StackTemplate
from support.worlds import graph_of, node

WORDS = st.sampled_from(["kitchen", "data", "main", "fix", "s", "x", "ette"])
BUILDS = st.one_of(
    st.builds("-".join, st.lists(WORDS, min_size=1, max_size=3)),
    st.builds("".join, st.lists(WORDS, min_size=1, max_size=3)),
    st.from_regex(r"[a-z][a-z0-9_-]{0,150}", fullmatch=True),
    st.builds("".join, st.lists(WORDS, min_size=20, max_size=22)),
)
PLAIN = st.builds("-".join, st.lists(WORDS, min_size=1, max_size=3))
SLOTS = st.one_of(
    st.builds("{}..{}".format, st.sampled_from("bst"), PLAIN),
    st.builds("b..{}-_b..{}".format, PLAIN, PLAIN),
    st.builds("b..{}".format, st.from_regex(r"[a-z0-9_.]{1,125}", fullmatch=True)),
)
PARTS = st.one_of(st.just(""), PLAIN, st.text(st.sampled_from("ab-_"), max_size=8), st.just("p" * 140))
ENVERS = st.tuples(BUILDS, SLOTS)
Name = tuple[str, str]


def enver(name: Name, stack: str = "") -> EnverNode:
    build, slot = name
    return replace(node(0), address=f"{build}/{slot}", build=build, slot=slot, products=(), built=CdkNode(stack, ()))


def together(*envers: EnverNode) -> Graph:
    return replace(graph_of([]), envers={one.address: one for one in envers})


def passes(graph: Graph, one: EnverNode, *stacks: str) -> bool:
    assembly = Assembly(tuple(StackTemplate(name, "{}", (), (), ()) for name in stacks), ())
    try:
        recipe.check(one, graph.longer_heads(one), {}, assembly)
    except AssemblyUnfit:
        return False
    return True


@given(ENVERS, PARTS)
def test_what_an_enver_calls_its_stacks_is_its_own(name: Name, part: str) -> None:
    one = enver(name)
    assert passes(together(one), one, naming.stack_name(*name, part), naming.stack_name(*name))


@given(ENVERS, ENVERS, PARTS)
@example(("kitchen", "b..main"), ("kitchenette", "b..main"), "")
@example(("kitchen", "b..main"), ("kitchen-data", "b..main"), "")
@example(("kitchen", "b..main"), ("kitchen", "s..prod"), "data")
@example(("kitchen", "b..fix"), ("kitchen", "b..main-_b..fix"), "")
@example(("kitchen", "b..main"), ("kitchen", "b..fix"), "p" * 140)
@example(("k" * 140, "b..main"), ("k" * 141, "b..main"), "data")
def test_no_name_passes_as_two_envers(one: Name, other: Name, part: str) -> None:
    assume(naming.dashed(one[0]) != naming.dashed(other[0]) or one[0] == other[0])  # ODMD020
    assume(naming.stack_name(*one) != naming.stack_name(*other))  # ODMD020
    graph = together(enver(one), enver(other))
    for name in (naming.stack_name(*one, part), naming.stack_name(*other, part)):
        assert sum(passes(graph, each, name) for each in graph.envers.values()) == 1 or part, name
        assert sum(passes(graph, each, name) for each in graph.envers.values()) <= 1, name


@pytest.mark.parametrize(
    "name",
    [
        "kitchenette--main",
        "kitchen--s--prod",
        "kitchen-data--main",
        "kitchen",
        "kitchen-x",
        "kitchen--main--x",
        "kitchen---main",
        "kitchen-x---main",
        "-kitchen--main",
        "Kitchen--main",
        "kitchen--main\n",
        "net--old",
    ],
)
def test_what_is_not_called_as_its_stacks_are_is_refused(name: str) -> None:
    kitchen, data = enver(("kitchen", "b..main")), enver(("kitchen-data", "b..main"))
    graph = together(kitchen, data)
    assert passes(graph, kitchen, "kitchen--main", "kitchen-nat--main")
    assert not passes(graph, kitchen, name)


def test_an_adopted_name_and_its_parts_are_who_adopted_it_s() -> None:
    net, plain, longer = (
        enver((f"shop{n}", "b..main"), stack) for n, stack in enumerate(("net--old", "MyStack", "MyStack-api"))
    )
    graph = together(net, plain, longer)
    assert passes(graph, net, "net--old", "net-nat--old")
    assert passes(graph, plain, "MyStack", "MyStack-web")
    assert not passes(graph, plain, "MyStack-api")
    assert passes(graph, longer, "MyStack-api", "MyStack-api-web")
    assert not passes(graph, net, "shop0--main")
