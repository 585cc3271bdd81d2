"""Views to write in every format: generated graphs, and one in which every name is hostile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from hypothesis import strategies as st

from odmd.errors import Place
from odmd.graph import EnverNode, Graph, ProductNode, WireEdge
from odmd.graph.views.dependencies import dependencies
from odmd.graph.views.iam import iam
from odmd.graph.views.network import network
from odmd.graph.views.scope import ViewScope
from odmd.graph.views.versions import Consumed, Deployed, RecordedVersions, versions
from odmd.graph.views.view import View
from odmd.model.kinds import HostName, IpamPool, Kind, Role, TextKind, TransitGateway
from support.worlds import graph, node, wire

HOSTILE = (
    "plain",
    'quo"te',
    "quo'te",
    "back\\slash\\",
    "\\u0041\\n\\N",
    "new\nline\r\ttab",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "a & b &amp; c",
    "1. list -->|x| end",
    "]]> %% ;// /* style x:y#z;",
    "`tick` #quot; {{x}} [y](z)",
    "[red]markup[/red]",
    "\x1b[31mescape\x00\x07",
    "snow☃man\u2028😀",
    "$ {name} end subgraph",
)
KINDS: Mapping[str, type[Kind]] = {
    "test:Text": TextKind,
    "test:Host": HostName,
    "test:Pool": IpamPool,
    "test:Gateway": TransitGateway,
    "test:Role": Role,
}


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Up to twelve envers, any wires from lower to higher numbers, products of any kind, in two accounts."""
    count = draw(st.integers(1, 12))
    pairs = [(i, j) for j in range(count) for i in range(j)]
    wires = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    made = graph(count, wires)
    kinds = {address: draw(st.sampled_from(sorted(KINDS))) for address in made.envers}
    envers = {address: _drawn(draw, enver, kinds) for address, enver in made.envers.items()}
    return Graph(made.organisation, made.central_account, envers, {})


def _drawn(draw: st.DrawFn, enver: EnverNode, kinds: Mapping[str, str]) -> EnverNode:
    return replace(
        enver,
        account=draw(st.sampled_from(["111122223333", "444455556666"])),
        team=draw(st.sampled_from(["baristas", "platform"])),
        products=tuple(replace(one, kind=kinds[enver.address]) for one in enver.products),
        wires=tuple(
            one._replace(
                kind=kinds[one.producer],
                access=draw(st.sampled_from(["read", "write", "read and write"])),
                placeholder=draw(st.sampled_from([None, None, "none yet"])),
            )
            for one in enver.wires
        ),
    )


def hostile_graph() -> Graph:
    """Each enver consumes from the one before; every name that a user gives is hostile."""
    envers: dict[str, EnverNode] = {}
    before: ProductNode | None = None
    for number, name in enumerate(HOSTILE):
        address = f"{name}/b..{number}{name}"
        made = ProductNode(f"{address}/{name}", name, f"test:{name}", name)
        wires = () if before is None else (_hostile_wire(address, name, before),)
        one = node(number, wires)
        account = f"{number % 2}11122223333"
        one = replace(one, address=address, build=name, repo=name, team=name, stage=name, account=account)
        envers[address] = replace(one, products=(made,), place=Place(name, 1))
        before = made
    return Graph("or<g>\"a'n\n</script>", "111122223333", envers, {})


def _hostile_wire(address: str, name: str, before: ProductNode) -> WireEdge:
    producer = before.address.removesuffix(f"/{before.name}")
    one = wire(0, 1)
    return one._replace(consumer=address, name=name, product=before.address, producer=producer, placeholder=name)


def running(made: Graph) -> RecordedVersions:
    """Every second enver runs, with placeholders, and every product is at 3."""
    envers = {
        address: Deployed("deployed", "c0ffee1234", {one.name: Consumed(one.product, n % 4) for one in enver.wires})
        for n, (address, enver) in enumerate(made.envers.items())
        if n % 2 == 0
    }
    newest = {product.address: 3 for enver in made.envers.values() for product in enver.products}
    return RecordedVersions(envers, newest)


VIEWS: Mapping[str, Callable[[Graph], View]] = {
    "dependencies": lambda made: dependencies(ViewScope(made, KINDS)),
    "network": lambda made: network(ViewScope(made, KINDS)),
    "iam": lambda made: iam(ViewScope(made, KINDS)),
    "versions": lambda made: versions(ViewScope(made, KINDS), running(made)),
}
