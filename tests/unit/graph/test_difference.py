"""What changed between two editions, and which verdict each change deserves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.leading.editions import decode_edition, encode_edition
from odmd.errors import Place
from odmd.graph import EnverNode, Graph, ProductNode, WireEdge
from odmd.graph.built import Built, CdkNode, CommandNode, ImageNode, ImagesNode, PackageNode
from odmd.graph.difference import ContractChange, Difference, Edition, How, Verdict, What, difference, label
from odmd.graph.nodes import ConfigNode

HERE = Place("contracts.py", 1)
BUS, TABLE, FIFO = "kinds:EventBus", "kinds:Table", "acme:FifoBus"
LINEAGE = {BUS: ("kinds:Text",), TABLE: ("kinds:Text",), FIFO: (BUS, "kinds:Text")}
PRODUCER, READER = "shop/b..main", "kitchen/b..main"
TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
SIZE = {"least": NUMBER, "most": NUMBER}


def product(name: str = "bus", enver: str = PRODUCER, kind: str = BUS, **more: object) -> ProductNode:
    return replace(ProductNode(f"{enver}/{name}", name, kind), **more)  # type: ignore[arg-type]


def wire(to: str = f"{PRODUCER}/bus", consumer: str = READER, name: str = "bus", **more: object) -> WireEdge:
    owner = to.rpartition("/")[0]
    made = WireEdge(consumer, name, to, BUS, "read", "automatic", None, None, HERE, owner)
    return made._replace(**more)  # type: ignore[arg-type]


def node(
    address: str = PRODUCER, products: Iterable[ProductNode] = (), wires: Iterable[WireEdge] = (), **more: object
) -> EnverNode:
    build, _, slot = address.partition("/")
    made = EnverNode(
        address=address,
        build=build,
        build_type="cdk",
        slot=slot,
        repo=f"acme/{build}",
        folder=".",
        team="baristas",
        revision="branch:main",
        stage="dev",
        stage_place=HERE,
        account="111122223333",
        region="us-west-1",
        ephemeral=False,
        products=tuple(products),
        wires=tuple(wires),
        place=HERE,
        built=None,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def edition(*envers: EnverNode, documents: dict[str, object] | None = None, central: str = "111122223333") -> Edition:
    graph = Graph("acme", central, {enver.address: enver for enver in envers}, {})
    return Edition(graph, documents or {}, LINEAGE)  # type: ignore[arg-type]


SHOP, KITCHEN = node(products=[product()]), node(READER, wires=[wire()])
BOTH = edition(SHOP, KITCHEN)


def only(made: Difference) -> ContractChange:
    (change,) = made.changes
    return change


def by_subject(made: Difference) -> dict[tuple[What, str], ContractChange]:
    return {(change.what, change.subject): change for change in made.changes}


class TestEnvers:
    def test_a_new_one_is_additive(self) -> None:
        made = difference(edition(SHOP), BOTH)
        assert {change.verdict for change in made.changes} == {Verdict.ADDITIVE}
        assert [(change.what, change.how) for change in made.changes] == [
            (What.ENVER, How.ADDED),
            (What.WIRE, How.ADDED),
        ]

    def test_one_whose_consumers_stay_breaks_them(self) -> None:
        made = by_subject(difference(BOTH, edition(node(READER))))
        assert made[What.ENVER, PRODUCER].verdict is Verdict.BREAKING
        assert made[What.ENVER, PRODUCER].consumers == (READER,)

    def test_one_that_goes_with_its_consumers_is_removed(self) -> None:
        made = difference(BOTH, edition())
        assert {change.verdict for change in made.changes} == {Verdict.REMOVED}

    @pytest.mark.parametrize("name", ["revision", "stage", "repo", "folder", "team"])
    def test_what_only_it_has_is_value_only(self, name: str) -> None:
        change = only(difference(BOTH, edition(replace(SHOP, **{name: "other"}), KITCHEN)))
        assert (change.verdict, change.aspect, change.after) == (Verdict.VALUE_ONLY, name, "other")

    @pytest.mark.parametrize("name", ["account", "region", "build_type"])
    def test_a_move_is_breaking_and_names_its_consumers(self, name: str) -> None:
        change = only(difference(BOTH, edition(replace(SHOP, **{name: "other"}), KITCHEN)))
        assert (change.verdict, change.consumers) == (Verdict.BREAKING, (READER,))

    def test_configs_and_secrets_come_and_go(self) -> None:
        before = replace(SHOP, secrets=("old",), configs=(ConfigNode("size", "acme:Size", ""),))
        after = replace(SHOP, secrets=("new",), configs=(ConfigNode("size", "acme:Size2", ""),))
        made = difference(edition(before), edition(after))
        assert [(one.verdict, one.aspect, one.before, one.after) for one in made.changes] == [
            (Verdict.REMOVED, "secret", "old", ""),
            (Verdict.VALUE_ONLY, "config size", "Size", "Size2"),
            (Verdict.ADDITIVE, "secret", "", "new"),
        ]

    @pytest.mark.parametrize(
        ("after", "verdict", "said"),
        [
            ({**SIZE, "zone": TEXT}, Verdict.ADDITIVE, "zone is new"),
            ({"least": NUMBER}, Verdict.ADDITIVE, "most goes"),
            (
                {**SIZE, "least": {"type": ["integer", "null"]}},
                Verdict.ADDITIVE,
                "least is integer or null, not integer",
            ),
            ({**SIZE, "least": NUMBER | {"default": 2}}, Verdict.VALUE_ONLY, "least defaults to 2"),
            ({**SIZE, "least": TEXT}, Verdict.BREAKING, "in what is configured so far, least is integer, not string"),
        ],
    )
    def test_a_config_is_compared_field_by_field(self, after: dict[str, object], verdict: Verdict, said: str) -> None:
        change = self.config_changed(schema("least", **SIZE), schema("least", **after))
        assert (change.verdict, change.aspect, change.details) == (verdict, "config size", (said,))

    def test_a_config_that_asks_for_more_is_breaking(self) -> None:
        change = self.config_changed(schema(least=NUMBER), schema("least", least=NUMBER))
        assert change.verdict is Verdict.BREAKING
        assert change.details == ("in what is configured so far, least is optional",)

    def config_changed(self, before: dict[str, object], after: dict[str, object]) -> ContractChange:
        shop = replace(SHOP, configs=(ConfigNode("size", "acme:Size", ""),))
        documents: tuple[dict[str, object], ...] = ({"acme:Size": before}, {"acme:Size": after})
        return only(difference(*(edition(shop, documents=one) for one in documents)))

    def test_another_central_account_is_breaking(self) -> None:
        change = only(difference(BOTH, edition(SHOP, KITCHEN, central="999988887777")))
        assert (change.verdict, change.consumers) == (Verdict.BREAKING, (READER, PRODUCER))


class TestProducts:
    def test_a_new_one_is_additive(self) -> None:
        more = replace(SHOP, products=(product(), product("menu", kind=TABLE)))
        assert only(difference(BOTH, edition(more, KITCHEN))).verdict is Verdict.ADDITIVE

    def test_a_consumed_one_that_goes_is_breaking(self) -> None:
        made = by_subject(difference(BOTH, edition(node(), node(READER))))
        gone = made[What.PRODUCT, f"{PRODUCER}/bus"]
        assert (gone.verdict, gone.consumers) == (Verdict.BREAKING, (READER,))
        assert made[What.WIRE, f"{READER}:bus"].verdict is Verdict.REMOVED

    def test_an_unconsumed_one_that_goes_is_removed(self) -> None:
        assert only(difference(edition(SHOP), edition(node()))).verdict is Verdict.REMOVED

    def test_one_that_is_used_outside_is_breaking_when_it_goes(self) -> None:
        external = node(products=[product(external=True)])
        change = only(difference(edition(external), edition(node())))
        assert (change.verdict, change.details) == (Verdict.BREAKING, ("it is used outside the contracts",))

    def test_one_of_an_ephemeral_enver_is_not_used_outside(self) -> None:
        external = node(products=[product(external=True)], ephemeral=True)
        assert only(difference(edition(external), edition(node(ephemeral=True)))).verdict is Verdict.REMOVED

    def test_one_whose_consumers_lead_elsewhere_now_is_removed(self) -> None:
        before = edition(node(products=[product(), product("bus2")]), KITCHEN)
        after = edition(node(products=[product("bus2")]), node(READER, wires=[wire(f"{PRODUCER}/bus2")]))
        made = by_subject(difference(before, after))
        assert made[What.PRODUCT, f"{PRODUCER}/bus"].verdict is Verdict.REMOVED
        assert made[What.WIRE, f"{READER}:bus"].verdict is Verdict.VALUE_ONLY

    @pytest.mark.parametrize(("kind", "verdict"), [(FIFO, Verdict.ADDITIVE), (TABLE, Verdict.BREAKING)])
    def test_a_kind_may_become_narrower(self, kind: str, verdict: Verdict) -> None:
        after = edition(node(products=[product(kind=kind)]), node(READER, wires=[wire(kind=kind)]))
        change = only(difference(BOTH, after))
        assert (change.verdict, change.aspect, change.consumers) == (verdict, "kind", (READER,))

    def test_another_kind_that_nobody_consumes_is_value_only(self) -> None:
        change = only(difference(edition(SHOP), edition(node(products=[product(kind=TABLE)]))))
        assert change.verdict is Verdict.VALUE_ONLY

    def test_a_region_less_breaks_who_is_there(self) -> None:
        there = node("far/b..main", wires=[wire(consumer="far/b..main")], region="eu-west-1")
        before = edition(node(products=[product(regions=("eu-west-1", "us-east-1"))]), there)
        made = difference(before, edition(node(products=[product()]), there))
        assert [(one.verdict, one.before) for one in made.changes] == [
            (Verdict.BREAKING, "eu-west-1"),
            (Verdict.REMOVED, "us-east-1"),
        ]


def schema(*required: str, **properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(required)}


class TestSchemas:
    BEFORE = schema("id", id=TEXT)
    MORE = schema("id", "cents", id=TEXT, cents={"type": "integer"})

    def changed(self, after: dict[str, object], access: str = "read") -> Difference:
        envers = (
            node(products=[product(schema="m:Order")]),
            node(READER, wires=[wire(schema="m:Order", access=access)]),
        )
        return difference(
            edition(*envers, documents={"m:Order": self.BEFORE}), edition(*envers, documents={"m:Order": after})
        )

    def test_what_promises_more_is_additive_for_readers(self) -> None:
        change = only(self.changed(self.MORE))
        assert (change.verdict, change.what, change.aspect) == (Verdict.ADDITIVE, What.PRODUCT, "schema")

    def test_what_promises_less_breaks_readers_and_says_what(self) -> None:
        change = only(self.changed(schema(cents=TEXT)))
        assert (change.verdict, change.consumers) == (Verdict.BREAKING, (READER,))
        assert change.details == ("id is not there",)

    def test_what_asks_more_breaks_writers(self) -> None:
        change = only(self.changed(self.MORE, access="write"))
        assert (change.verdict, change.details) == (Verdict.BREAKING, ("from its writers: cents is not there",))

    def test_who_uses_it_outside_is_broken_by_what_is_lost(self) -> None:
        shop = node(products=[product(schema="m:Order", external=True)])
        change = only(
            difference(
                edition(shop, documents={"m:Order": self.MORE}), edition(shop, documents={"m:Order": self.BEFORE})
            )
        )
        assert change.verdict is Verdict.BREAKING
        assert change.details == ("cents is not there", "it is used outside the contracts")

    def test_a_promise_that_is_withdrawn_is_breaking(self) -> None:
        docs: dict[str, object] = {"m:Order": self.BEFORE}
        before = edition(
            node(products=[product(schema="m:Order")]), node(READER, wires=[wire(schema="m:Order")]), documents=docs
        )
        after = edition(node(products=[product()]), node(READER, wires=[wire(schema="m:Order")]), documents=docs)
        assert difference(before, after).of(Verdict.BREAKING)[0].details == ("no schema is promised any more",)

    def test_nobody_is_broken_where_nobody_consumes(self) -> None:
        shop = node(products=[product(schema="m:Order")])
        made = difference(
            edition(shop, documents={"m:Order": self.MORE}), edition(shop, documents={"m:Order": self.BEFORE})
        )
        assert (only(made).verdict, only(made).details) == (Verdict.VALUE_ONLY, ("cents is not there",))

    def test_a_reader_that_relies_on_more_than_is_published_is_breaking(self) -> None:
        docs: dict[str, object] = {"m:Order": self.BEFORE, "m:Mine": self.MORE}
        shop = node(products=[product(schema="m:Order")])
        before = edition(shop, node(READER, wires=[wire(schema="m:Order")]), documents=docs)
        after = edition(shop, node(READER, wires=[wire(schema="m:Mine")]), documents=docs)
        change = only(difference(before, after))
        assert (change.verdict, change.what) == (Verdict.BREAKING, What.WIRE)


class TestWires:
    def changed(self, **more: object) -> ContractChange:
        return only(difference(BOTH, edition(SHOP, node(READER, wires=[wire(**more)]))))

    def test_a_new_input_is_additive(self) -> None:
        change = only(difference(edition(SHOP, node(READER)), BOTH))
        assert (change.verdict, change.how, label(change)) == (Verdict.ADDITIVE, How.ADDED, "kitchen@main.bus")

    def test_an_input_that_goes_is_removed(self) -> None:
        assert only(difference(BOTH, edition(SHOP, node(READER)))).verdict is Verdict.REMOVED

    @pytest.mark.parametrize(("name", "said"), [("placeholder", "x"), ("mode", "manual"), ("gate", "baristas")])
    def test_what_comes_when_is_value_only(self, name: str, said: str) -> None:
        change = self.changed(**{name: said})
        assert (change.verdict, change.aspect, change.after) == (Verdict.VALUE_ONLY, name, said)

    def test_more_access_is_additive(self) -> None:
        assert self.changed(access="read and write").verdict is Verdict.ADDITIVE

    def test_other_access_is_breaking(self) -> None:
        assert self.changed(access="write").verdict is Verdict.BREAKING

    @pytest.mark.parametrize(
        ("kind", "verdict"), [(BUS, Verdict.VALUE_ONLY), (FIFO, Verdict.VALUE_ONLY), (TABLE, Verdict.BREAKING)]
    )
    def test_a_rewired_one_needs_the_same_kind(self, kind: str, verdict: Verdict) -> None:
        two = node(products=[product(), product("two", kind=kind)])
        after = node(READER, wires=[wire(f"{PRODUCER}/two", kind=kind)])
        change = only(difference(edition(two, KITCHEN), edition(two, after)))
        assert (change.verdict, change.aspect) == (verdict, "product")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            CommandNode(("./a",), "", 15, network=False),
            CommandNode(("./a", "./b"), "./gone", 15, network=False),
            {"commands": ("./a", "./a, ./b"), "remove": ("", "./gone")},
        ),
        (
            ImagesNode(30, network=False, images=(("app", ImageNode("shop")),)),
            ImagesNode(
                30, network=True, images=(("app", ImageNode("shop", "small", (("A", "1"),), ("linux/arm64",))),)
            ),
            {"network": ("False", "True"), "image app": ("of shop", "of shop as small with A=1 for linux/arm64")},
        ),
        (None, CdkNode("", ("Web", "Data")), {"stacks": ("", "Web, Data")}),
        (
            PackageNode("acme", "", "https://one/", "https://one/"),
            PackageNode("acme", "", "https://one/", "https://one/", releases=False),
            {"releases": ("True", "False")},
        ),
    ],
)
def test_what_only_its_build_type_says_is_told_aspect_by_aspect(
    before: Built | None, after: Built, said: dict[str, tuple[str, str]]
) -> None:
    made = difference(edition(node(built=before)), edition(node(built=after))).changes
    assert {one.aspect: (one.before, one.after) for one in made} == said
    assert {one.verdict for one in made} == {Verdict.VALUE_ONLY}


def test_the_stack_that_it_goes_on_with_is_where_it_is() -> None:
    made = difference(edition(node(built=CdkNode("one", ()))), edition(node(built=CdkNode("other", ()))))
    assert (only(made).aspect, only(made).verdict) == ("stack", Verdict.BREAKING)


def test_the_worst_comes_first_and_can_be_asked_for() -> None:
    made = difference(BOTH, edition(node("new/b..main"), node(READER)))
    order = list(Verdict)
    assert [order.index(one.verdict) for one in made.changes] == sorted(
        order.index(one.verdict) for one in made.changes
    )
    assert made.as_bad_as(Verdict.BREAKING)
    assert not difference(edition(SHOP), BOTH).as_bad_as(Verdict.VALUE_ONLY)


NAMES = st.sampled_from(["a", "b", "c"])
DOCS = st.dictionaries(
    st.sampled_from(["m:A", "m:B"]),
    st.sampled_from([schema(), schema("id", id=TEXT), schema("id", id={"type": "integer"})]),
)


@st.composite
def editions(draw: st.DrawFn) -> Edition:
    """Small worlds out of few names, so that two of them meet."""
    schemas, kinds = st.sampled_from(["", "m:A", "m:B"]), st.sampled_from([BUS, TABLE, FIFO])
    envers: list[EnverNode] = []
    for name in draw(st.lists(NAMES, unique=True)):
        address = f"{name}/b..main"
        products = [
            product(one, address, draw(kinds), schema=draw(schemas), external=draw(st.booleans()))
            for one in draw(st.lists(st.sampled_from(["x", "y"]), unique=True))
        ]
        envers.append(node(address, products, region=draw(st.sampled_from(["us-west-1", "eu-west-1"]))))
    there = [one.address for enver in envers for one in enver.products]
    return edition(*(_wired(draw, enver, there) for enver in envers), documents=draw(DOCS))


def _wired(draw: st.DrawFn, enver: EnverNode, there: list[str]) -> EnverNode:
    ends = st.dictionaries(st.sampled_from(["p", "q"]), st.sampled_from(there)) if there else st.just({})
    access, schemas = st.sampled_from(["read", "write", "read and write"]), st.sampled_from(["", "m:A", "m:B"])
    wires = [
        wire(to, enver.address, name, access=draw(access), schema=draw(schemas)) for name, to in draw(ends).items()
    ]
    return replace(enver, wires=tuple(wires))


def essence(made: Difference, *, mirrored: bool = False) -> set[tuple[str, ...]]:
    """What differs, without what it means."""
    opposite = {How.ADDED: How.REMOVED, How.REMOVED: How.ADDED, How.CHANGED: How.CHANGED}
    return {
        (opposite[one.how], one.what, one.subject, one.aspect, one.after, one.before)
        if mirrored
        else (one.how, one.what, one.subject, one.aspect, one.before, one.after)
        for one in made.changes
    }


@given(editions())
def test_nothing_differs_from_itself(one: Edition) -> None:
    assert difference(one, one).changes == ()


@given(editions(), editions())
def test_what_is_gone_one_way_is_new_the_other_way(one: Edition, other: Edition) -> None:
    assert essence(difference(one, other)) == essence(difference(other, one), mirrored=True)


@given(editions(), editions())
def test_who_is_concerned_was_there_and_is_still_there(one: Edition, other: Edition) -> None:
    for change in difference(one, other).changes:
        if change.what in (What.ENVER, What.PRODUCT):
            assert set(change.consumers) <= set(one.graph.envers) & set(other.graph.envers)


@given(editions())
def test_an_edition_travels_as_json(one: Edition) -> None:
    back = decode_edition(encode_edition(one))
    assert back == one
    assert difference(one, back).changes == ()
