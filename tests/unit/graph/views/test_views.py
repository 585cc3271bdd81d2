"""What each view says, and what of an organisation it shows."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

import payments_org
import reference_org
from odmd.control.leading.editions import decode_graph, encode_graph
from odmd.graph import EnverNode, Graph, compile_contracts
from odmd.graph.views import scope
from odmd.graph.views.dependencies import dependencies
from odmd.graph.views.facts import Grouping
from odmd.graph.views.iam import iam
from odmd.graph.views.layout import HEIGHT, drawing
from odmd.graph.views.network import network
from odmd.graph.views.text import is_short, lines, text
from odmd.graph.views.versions import Consumed, Deployed, RecordedVersions, WireLag, lag, versions
from odmd.graph.views.view import Style, View
from odmd.model import Account, Branch, Build, CdkEnver, Organisation, Promoted, Repo, Stage, Team
from odmd.model.kinds import SensitiveText
from support.planned import promoted
from support.view_samples import KINDS, VIEWS, graphs
from support.worlds import address, graph, graph_of, node, product

ORDER = ("dev", "test", "prod")


def whole(made: Graph) -> scope.ViewScope:
    return scope.whole(made, KINDS)


def changed(made: Graph, number: int, **fields: object) -> Graph:
    """The graph with one enver changed."""
    envers = dict(made.envers)
    one: EnverNode = envers[address(number)]
    envers[one.address] = replace(one, **fields)  # pyright: ignore[reportArgumentType]
    return Graph(made.organisation, made.central_account, envers, made.moves_after)


def of_kind(made: Graph, number: int, kind: str) -> Graph:
    """The graph with the product of one enver of another kind."""
    envers = {
        name: replace(
            enver,
            products=tuple(replace(one, kind=kind) if name == address(number) else one for one in enver.products),
            wires=tuple(one._replace(kind=kind) if one.producer == address(number) else one for one in enver.wires),
        )
        for name, enver in made.envers.items()
    }
    return Graph(made.organisation, made.central_account, envers, made.moves_after)


def networked(example: ModuleType) -> View:
    """The network view of an example's organisation."""
    compiled = compile_contracts(example.organisation)
    return network(scope.whole(compiled.graph, compiled.kinds))


def shown(view: View) -> set[int]:
    return {int(node.id.partition("/")[0][1:]) for node in view.nodes}


class TestScope:
    CHAIN = graph(6, [(0, 1), (1, 2), (2, 3), (3, 4)])

    @pytest.mark.parametrize(
        ("up", "down", "expected"),
        [(0, 0, {2}), (1, 0, {1, 2}), (0, 1, {2, 3}), (1, 2, {1, 2, 3, 4}), (9, 9, {0, 1, 2, 3, 4})],
    )
    def test_focus_shows_so_many_wires_up_and_down(self, up: int, down: int, expected: set[int]) -> None:
        assert shown(dependencies(scope.focus(self.CHAIN, KINDS, address(2), up, down))) == expected

    def test_focus_shows_no_siblings(self) -> None:
        made = graph(3, [(0, 1), (0, 2)])
        assert shown(dependencies(scope.focus(made, KINDS, address(1), 5, 5))) == {0, 1}

    def test_a_constellation_goes_either_way_at_every_step(self) -> None:
        made = graph(5, [(0, 1), (0, 2), (3, 4)])
        assert shown(dependencies(scope.constellation(made, KINDS, address(1)))) == {0, 1, 2}
        assert shown(dependencies(scope.constellation(made, KINDS, address(4)))) == {3, 4}

    def test_what_is_not_shown_is_counted(self) -> None:
        written = text(dependencies(scope.focus(self.CHAIN, KINDS, address(2), 0, 0)))
        assert "1 producer not shown" in written
        assert "→ out Text: 1 consumer not shown" in written

    @given(graphs(), st.integers(0, 3), st.integers(0, 3))
    def test_every_edge_ends_in_the_picture(self, made: Graph, up: int, down: int) -> None:
        near = scope.focus(made, KINDS, address(0), up, down)
        for view in (dependencies(near), network(near), iam(near)):
            assert {end for edge in view.edges for end in (edge.source, edge.target)} <= view.by_id.keys()


class TestDependencies:
    def test_wires_of_one_pair_are_one_arrow(self) -> None:
        made = graph(2, [(0, 1)])
        (one,) = made.envers[address(1)].wires
        made = changed(made, 1, wires=(one, one._replace(name="again", access="write", mode="gated", gate="platform")))
        (edge,) = dependencies(whole(made)).edges
        assert edge.label == "in0, again"
        assert [strand.notes for strand in edge.strands] == [(), ("writes", "gated by platform")]

    def test_many_inputs_make_a_short_label(self) -> None:
        made = graph(2, [(0, 1)])
        (one,) = made.envers[address(1)].wires
        made = changed(made, 1, wires=tuple(one._replace(name=f"i{n}") for n in range(9)))
        (edge,) = dependencies(whole(made)).edges
        assert edge.label == "i0, i1, i2 and 6 more"
        assert len(edge.strands) == 9

    def test_a_placeholder_is_drawn_dashed_and_a_sensitive_one_is_not_told(self) -> None:
        made = graph(2, [(0, 1)])
        (one,) = made.envers[address(1)].wires
        made = changed(made, 1, wires=(one._replace(placeholder="s3cret", kind="test:Secret"),))
        view = dependencies(scope.whole(made, {**KINDS, "test:Secret": SensitiveText}))
        assert view.edges[0].style is Style.LOOSE
        assert "s3cret" not in repr(view)

    def test_groups_are_stages_where_there_are_several(self) -> None:
        made = graph(2, [(0, 1)])
        assert dependencies(whole(made)).group == Grouping.TEAM
        assert dependencies(whole(changed(made, 1, stage="prod"))).group == Grouping.STAGE
        assert dependencies(whole(made), Grouping.ACCOUNT).nodes[0].group == "111122223333 us-west-1"


class TestNetwork:
    def test_it_names_who_shares_a_gateway_and_what_goes_over_it(self) -> None:
        made = of_kind(of_kind(graph(4, [(0, 1), (0, 2), (1, 2), (0, 3)]), 0, "test:Gateway"), 1, "test:Host")
        view = network(whole(made))
        assert [node.notes for node in view.nodes if node.type == "network"] == [("Gateway", "shared by 3 envers")]
        assert "in1: e1@main/out (over e0@main/out)" in text(view)
        assert [f"joined by e{n}@main  " in text(view) for n in (1, 2, 3)] == [True] * 3

    def test_who_is_not_on_the_gateway_reaches_over_nothing(self) -> None:
        made = of_kind(of_kind(graph(3, [(0, 1), (1, 2)]), 0, "test:Gateway"), 1, "test:Host")
        assert "in1: e1@main/out\n" in text(network(whole(made)))

    def test_an_address_pool_is_shared_and_carries_nothing(self) -> None:
        made = of_kind(of_kind(graph(3, [(0, 1), (0, 2), (1, 2)]), 0, "test:Pool"), 1, "test:Host")
        written = text(network(whole(made)))
        assert "→ gives addresses to: e1@main, e2@main" in written
        assert "over" not in written

    def test_any_wire_over_a_border_is_marked(self) -> None:
        made = changed(graph(2, [(0, 1)]), 1, account="444455556666", region="eu-west-1")
        (edge,) = network(whole(made)).edges
        assert edge.style is Style.MARKED
        crosses = edge.strands[0].attributes["crosses"]
        assert crosses == "account 111122223333 to 444455556666, region us-west-1 to eu-west-1"

    def test_who_joins_a_network_twice_is_named_once(self) -> None:
        compiled = compile_contracts(reference_org.organisation)
        written = text(network(scope.whole(compiled.graph, compiled.kinds)))
        assert written.count("joined by (another account) eks-cluster-sbx@main  ") == 1

    def test_who_runs_on_a_cluster_is_where_the_cluster_is(self) -> None:
        """In the cluster's VPC; where that is no product, beside the enver that made both."""
        assert networked(payments_org).by_id["payments-settlement/b..main"].parent == "cluster/b..main/vpc"
        spring = networked(reference_org).by_id["sampleSpringOpenAPI3cdk/b..master"]
        assert spring.parent == "eks-cluster-sbx/b..main"
        assert "on the cluster of eks-cluster-sbx@main" in spring.notes

    def test_a_wire_leads_over_the_whole_chain_of_networks(self) -> None:
        over = {
            (strand.attributes["product"], edge.target): strand.attributes["over"]
            for edge in networked(payments_org).edges
            for strand in edge.strands
        }
        chain = "cluster@main/vpc → networking@main/gateway → database@main/vpc"
        assert over["payments/b..main/api", "payments-settlement/b..main"] == chain
        assert over["database/b..main/writer", "payments/b..main"] == "database@main/vpc"

    def test_who_reaches_an_endpoint_over_no_network_is_named(self) -> None:
        view = networked(payments_org)
        assert "6 wires lead over no network that the contracts know" in view.notes
        (edge,) = view.into["checkout/b..main"]
        assert {strand.notes for strand in edge.strands} == {("over no network that the contracts know",)}

    def test_a_network_says_what_can_be_reached_from_it(self) -> None:
        view = networked(payments_org)
        reaches = "reaches networking@main, database@main/vpc over networking@main/gateway"
        assert reaches in view.by_id["cluster/b..main/vpc"].notes
        assert view.by_id["cluster/b..main/vpc"].parent == "networking/b..main/gateway"

    def test_who_has_no_network_is_left_out_and_counted(self) -> None:
        view = network(whole(graph(2, [(0, 1)])))
        assert not view.nodes
        assert "left out: 2 envers with no network product and no wire over a border" in view.notes


class TestIam:
    def test_the_chain_leads_from_the_repository_to_the_product(self) -> None:
        view = iam(whole(graph(2, [(0, 1)])))
        assert [
            (edge.source, edge.label, edge.target) for edge in view.edges if edge.target.startswith(("role:e0", "e0"))
        ] == [
            ("repo:acme/e0", "jobs may take (OIDC)", "role:e0/111122223333/branch"),
            ("role:e0/111122223333/branch", "deploys", "e0/b..main"),
            ("e0/b..main", "makes", "e0/b..main/out"),
            ("e1/b..main", "reads", "e0/b..main/out"),
        ]
        assert view.by_id["role:e0/111122223333/branch"].attributes["trusts"] == "repo:acme/e0:ref:refs/heads/main"
        assert view.by_id["e0/b..main"].attributes["stack"] == "e0--main"

    def test_a_clone_has_a_role_of_its_own(self) -> None:
        made = graph(2, [])
        one = made.envers[address(1)]
        slot = f"{one.slot}-_b..fix"
        clone = replace(one, build="e0", slot=slot, repo="acme/e0", origin=address(0), revision="branch:fix")
        view = iam(whole(Graph("acme", "1", {**made.envers, address(1): clone}, {})))
        assert {node.label for node in view.nodes if node.type == "role"} == {
            "e0 role for branches",
            "e0 role for clones",
        }
        assert [node.label for node in view.nodes if node.type == "repo"] == ["acme/e0"]

    def test_identities_are_marked(self) -> None:
        view = iam(whole(of_kind(graph(2, [(0, 1)]), 0, "test:Role")))
        assert [edge.label for edge in view.edges if edge.style is Style.MARKED] == ["reads (identity)"]
        assert view.notes == ["1 wire hands over an identity"]
        assert "← read by (identity): e1@main" in text(view)


class TestVersions:
    GRAPH = graph(3, [(0, 1), (0, 2)])

    def running(self, **given: int) -> RecordedVersions:
        envers = {address(1): Deployed("deployed", "c0ffee1234", {"in0": Consumed(product(0), given["runs"])})}
        return RecordedVersions(envers, {product(0): given["current"]})

    @pytest.mark.parametrize(
        ("runs", "current", "said"),
        [(2, 2, "#2"), (1, 3, "#1 of #3, 2 behind"), (0, 0, "placeholder"), (0, 1, "placeholder of #1, 1 behind")],
    )
    def test_the_lag_is_current_minus_what_runs(self, runs: int, current: int, said: str) -> None:
        (wire,) = self.GRAPH.envers[address(1)].wires
        found = lag(wire, self.running(runs=runs, current=current))
        assert (found, str(found)) == (WireLag(runs, current), said)

    def test_who_is_not_deployed_lags_behind_nothing(self) -> None:
        view = versions(whole(self.GRAPH), self.running(runs=1, current=3))
        by_target = {edge.target: edge for edge in view.edges}
        assert by_target[address(1)].label == "in0 #1 of #3, 2 behind"
        assert by_target[address(1)].style is Style.WARNING
        assert by_target[address(1)].strands[0].attributes["lag"] == 2
        assert by_target[address(2)].strands[0].attributes["lag"] is None
        assert by_target[address(2)].label == "in0 not deployed, current is #3"
        assert view.title == "2 wires, 1 behind"

    def test_an_input_that_was_wired_anew_says_what_runs_instead(self) -> None:
        running = RecordedVersions({address(1): Deployed("deployed", "c", {"in0": Consumed("old/b..main/out", 7)})}, {})
        (wire,) = self.GRAPH.envers[address(1)].wires
        assert str(lag(wire, running)) == "runs with old/b..main/out #7, current is nothing"

    def test_what_is_recorded_and_no_longer_declared_is_named(self) -> None:
        running = RecordedVersions({"gone/b..main": Deployed("deployed", "c", {})}, {})
        assert list(versions(whole(self.GRAPH), running).notes) == ["recorded and no longer declared: gone@main"]


class TestPromotions:
    GRAPH = graph_of([node(0), promoted(1, 0), promoted(2, 1, approver="baristas")])

    @pytest.mark.parametrize("make", [dependencies, lambda shown: versions(shown, RecordedVersions({}, {}))])
    def test_a_chain_is_drawn_as_edges_of_their_own(self, make: Callable[[scope.ViewScope], View]) -> None:
        edges = make(whole(self.GRAPH)).edges
        assert [(edge.source, edge.target, edge.type) for edge in edges] == [
            (address(0), address(1), "promotion"),
            (address(1), address(2), "promotion"),
        ]
        assert {edge.style for edge in edges} == {Style.PROMOTED}
        assert edges[1].passive.startswith("promoted from, approved by baristas")

    def test_versions_say_whether_both_ends_run_the_same(self) -> None:
        envers = {address(n): Deployed("deployed", commit, {}) for n, commit in enumerate(("c2" * 9, "c1" * 9))}
        edges = versions(whole(self.GRAPH), RecordedVersions(envers, {})).edges
        assert [edge.label for edge in edges] == [
            "promoted to: c1c1c1c of c2c2c2c",
            "promoted to, approved by baristas: not deployed of c1c1c1c",
        ]

    def test_text_says_it_at_both_ends(self) -> None:
        said = text(dependencies(whole(self.GRAPH)))
        assert "3 envers, 3 products, 0 wires, 2 promotions" in said
        assert "→ promoted to: e1@main" in said
        assert "← promoted from: e0@main" in said

    def test_what_is_not_shown_is_promoted_to_nothing(self) -> None:
        assert not list(dependencies(scope.ViewScope(self.GRAPH, {}, frozenset((address(1),)))).edges)


class TestStages:
    DEV, TEST, PROD = (Stage(name, Account(name, f"11112222333{n}"), "us-west-1") for n, name in enumerate(ORDER))

    class Greet(CdkEnver, build=Build("greet", Repo("acme/greet", Team("baristas")))):
        pass

    @pytest.mark.parametrize("declared", [True, False])
    def test_they_stand_in_their_declared_order_everywhere(self, declared: bool) -> None:
        main = self.Greet(on=Branch("main"), at=self.DEV)
        test, prod = (self.Greet(on=Promoted(main), at=stage) for stage in (self.TEST, self.PROD))
        stages = [self.DEV, self.TEST, self.PROD] if declared else []
        made = Organisation("acme", central=self.DEV.account, envers=[main, test, prod], stages=stages)
        graph = compile_contracts(made).graph

        assert [enver.stage for enver in graph.envers.values()] == [*ORDER]
        view = dependencies(scope.whole(graph, {}))
        assert [*view.groups] == [*ORDER]
        assert [node.group for layer in view.in_layers() for node in layer] == [*ORDER]
        assert decode_graph(encode_graph(graph)).stages == ORDER


class TestText:
    def test_producers_stand_before_consumers(self) -> None:
        written = text(dependencies(whole(graph(3, [(0, 1), (1, 2), (0, 2)]))), 80)
        assert written == (
            "acme 3 envers, 3 products, 3 wires\n"
            "\n"
            "── 1 ── 1 enver, waits for nobody ──────────────────────────────────────────────\n"
            "  e0@main  baristas · dev\n"
            "    → out Text: e1@main, e2@main\n"
            "\n"
            "── 2 ── 1 enver, waits for 1 ───────────────────────────────────────────────────\n"
            "  e1@main  baristas · dev\n"
            "    ← in0: e0@main/out\n"
            "    → out Text: e2@main\n"
            "\n"
            "── 3 ── 1 enver, waits for 1-2 ─────────────────────────────────────────────────\n"
            "  e2@main  baristas · dev\n"
            "    ← in1: e1@main/out\n"
            "    ← in0: e0@main/out\n"
            "    → out Text: nobody consumes it\n"
        )

    @given(graphs(), st.sampled_from(sorted(VIEWS)), st.integers(60, 140))
    def test_no_line_is_too_wide(self, made: Graph, name: str, width: int) -> None:
        for line in text(VIEWS[name](made), width).splitlines():
            assert len(line) <= width

    def test_many_consumers_are_counted(self) -> None:
        written = text(dependencies(whole(graph(40, [(0, n) for n in range(1, 40)]))))
        assert "31 more" in written
        assert max(len(line) for line in written.splitlines()) <= 100

    def test_many_inputs_are_counted(self) -> None:
        written = text(dependencies(whole(graph(40, [(n, 39) for n in range(39)]))))
        assert "← and 27 more, 39 from 39 sources in all" in written

    def test_a_large_organisation_has_one_line_an_enver(self) -> None:
        view = dependencies(whole(graph(300, [(n, n + 10) for n in range(290)])))
        assert is_short(view)
        body = [line for line in lines(view, 100) if line and line[0][0].startswith("  e")]
        assert len(body) == 300
        assert "  e15@main  ← 1 from 1 producer · → 1 to 1 consumer · baristas · dev" in text(view)

    def test_nobody_waits_for_what_has_a_placeholder(self) -> None:
        made = graph(2, [(0, 1)])
        (one,) = made.envers[address(1)].wires
        written = text(dependencies(whole(changed(made, 1, wires=(one._replace(placeholder="x"),)))))
        assert "── 2 ── 1 enver, waits for nobody ──" in written

    def test_a_cycle_ends_too(self) -> None:
        made = graph(2, [(0, 1)])
        (one,) = made.envers[address(1)].wires
        back = one._replace(consumer=address(0), producer=address(1), product=product(1), placeholder="x")
        written = text(dependencies(whole(changed(made, 0, wires=(back,)))))
        assert "← in0: e1@main/out (until it exists: x)" in written
        assert "waits for nobody" in written


class TestLayout:
    @given(graphs(), st.sampled_from(sorted(VIEWS)))
    def test_no_box_covers_another(self, made: Graph, name: str) -> None:
        boxes = drawing(VIEWS[name](made)).boxes.values()
        for one, other in itertools.combinations(boxes, 2):
            beside = one.right < other.x or other.right < one.x
            assert beside or abs(one.y - other.y) > HEIGHT

    @given(graphs(), st.sampled_from(sorted(VIEWS)))
    def test_no_edge_runs_behind_a_box(self, made: Graph, name: str) -> None:
        view = VIEWS[name](made)
        drawn = drawing(view)
        for edge, route in zip(view.edges, drawn.routes, strict=True):
            others = [box for node, box in drawn.boxes.items() if node not in (edge.source, edge.target)]
            for (x, y), (right, _) in itertools.pairwise(route[1:-1]):
                lanes = [box for box in others if min(x, right) < box.right and box.x < max(x, right)]
                assert not any(box.y <= y <= box.y + HEIGHT for box in lanes)

    @given(graphs())
    def test_an_edge_crosses_every_column_in_between_on_a_lane_of_its_own(self, made: Graph) -> None:
        view = dependencies(whole(made))
        drawn = drawing(view)
        lefts = sorted({box.x for node, box in drawn.boxes.items() if view.into.get(node) or view.out_of.get(node)})
        for edge, route in zip(view.edges, drawn.routes, strict=True):
            source, target = drawn.boxes[edge.source], drawn.boxes[edge.target]
            assert [x for x, _ in route[1:-1:2]] == [left for left in lefts if source.x < left < target.x]

    @given(graphs())
    def test_sources_stand_left_of_targets(self, made: Graph) -> None:
        view = dependencies(whole(made))
        boxes = drawing(view).boxes
        assert all(boxes[edge.source].x < boxes[edge.target].x for edge in view.edges)

    def test_what_closes_a_cycle_leads_back_to_the_right_side(self) -> None:
        view = networked(payments_org)
        drawn = drawing(view)
        ends = ("database/b..main", "networking/b..main")
        (route,) = (
            route for edge, route in zip(view.edges, drawn.routes, strict=True) if (edge.source, edge.target) == ends
        )
        assert route[0][0] == drawn.boxes[ends[0]].x
        assert route[-1][0] == drawn.boxes[ends[1]].right

    def test_many_nodes_take_several_columns(self) -> None:
        for wires in ([], [(0, n) for n in range(1, 500)]):
            boxes = drawing(dependencies(whole(graph(500, wires)))).boxes.values()
            assert 5 < len({box.x for box in boxes}) < 50
