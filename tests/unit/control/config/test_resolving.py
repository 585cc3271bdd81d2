"""Layers become one config: later ones win, defaults complete it, its type judges it, and each value has its origin."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as field_of
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr, TypeAdapter

from odmd.control.config.document import ConfigDocument
from odmd.control.config.layers import ORGANISATION, Layer, LayerKind, applies_to, is_known, layers_of, read_layer
from odmd.control.config.merging import (
    ABSENT,
    at,
    differences,
    is_absent,
    leaves,
    merged,
    read_path,
    said_by,
    with_value,
    written,
)
from odmd.control.config.resolving import DEFAULT, LONGEST_LIVE, Resolved, Resolver, Row
from odmd.control.config.shape import ConfigMisfit, ConfigShape
from odmd.graph import EnverNode
from odmd.graph.nodes import ConfigNode
from odmd.plan.settings import PlannedSettings
from support.worlds import graph_of, node


@dataclass
class Limits:
    cpu: int
    memory: int = 512


@dataclass
class Prices:
    latte: float
    currency: Literal["EUR", "USD"] = "EUR"
    limits: Limits | None = None
    cakes: list[str] = field_of(default_factory=list)


class Sealed(BaseModel):
    token: SecretStr = SecretStr("none")
    pins: dict[str, SecretStr] = {}
    open: str = "yes"


@dataclass
class Pins:
    all: list[SecretStr]
    named: list[Sealed]
    open: list[str]


SCHEMAS: Mapping[str, Any] = {one.__name__: TypeAdapter(one).json_schema() for one in (Prices, Sealed)}
PRICES, SEALED = ConfigNode("prices", "Prices", "", "deploy"), ConfigNode("sealed", "Sealed", "")
MAIN, CLONE, OTHER = "e0/b..main", "e0/b..main-_b..fix", "e1/b..main"
STAGE, BUILD = Layer(LayerKind.STAGE, "dev"), Layer(LayerKind.BUILD, "e0")
OWN, OF_CLONE = Layer(LayerKind.ENVER, MAIN), Layer(LayerKind.ENVER, CLONE)
GRAPH = graph_of(
    [
        node(0, configs=(PRICES,)),
        node(0, address=CLONE, slot="b..main-_b..fix", origin=MAIN, configs=(PRICES,), products=()),
        node(1, configs=(SEALED,)),
    ]
)


def resolver(**said: Mapping[str, Any]) -> Resolver:
    """What layers say of `prices`, by a short name of each."""
    layers = {"organisation": ORGANISATION, "stage": STAGE, "build": BUILD, "own": OWN, "clone": OF_CLONE}
    return Resolver(GRAPH, SCHEMAS, {layers[name]: ConfigDocument({"prices": values}) for name, values in said.items()})


def rows(found: Resolver, enver: str = MAIN, config: ConfigNode = PRICES) -> list[Row]:
    of: EnverNode = GRAPH.envers[enver]
    return list(found.rows(of, found.resolve(of, config)))


class TestLayers:
    def test_of_a_clone_its_origins_come_before_its_own(self) -> None:
        assert [str(one) for one in layers_of(GRAPH.envers[CLONE], GRAPH)] == [
            *("organisation", "stage:dev", "build:e0"),
            *("enver:e0/b..main", "enver:e0/b..main-_b..fix", "asleep:e0/b..main-_b..fix"),
        ]

    @pytest.mark.parametrize("text", ["organisation", "stage:dev", "build:e0", "enver:e0/b..main"])
    def test_its_name_is_read_again(self, text: str) -> None:
        layer = read_layer(text)
        assert str(layer) == text
        assert is_known(layer, GRAPH)
        assert applies_to(layer, GRAPH)

    def test_an_enver_may_be_written_as_people_do(self) -> None:
        assert read_layer("enver:e0@main") == OWN

    @pytest.mark.parametrize("text", ["", "stage", "stage:", "organisation:x", "team:x", "enver:", "nonsense"])
    def test_nothing_else_is_one(self, text: str) -> None:
        with pytest.raises(ValueError, match="is no layer: write organisation, stage:NAME"):
            read_layer(text)

    @pytest.mark.parametrize("text", ["stage:prod", "build:x", "enver:x/b..main"])
    def test_those_that_the_contracts_do_not_have_are_known_as_such(self, text: str) -> None:
        assert not is_known(read_layer(text), GRAPH)
        assert applies_to(read_layer(text), GRAPH) == []


class TestResolving:
    def test_later_layers_win_by_key_and_each_value_has_its_layer(self) -> None:
        found = resolver(
            organisation={"currency": "USD", "limits": {"cpu": 1, "memory": 1}},
            stage={"latte": 4},
            build={"limits": {"cpu": 2}},
            own={"latte": 4.5, "cakes": ["a", "b"]},
        )
        assert sorted(row[:3] for row in rows(found)) == [
            ("cakes", ["a", "b"], "e0@main"),
            ("currency", "USD", "organisation"),
            ("latte", 4.5, "e0@main"),
            ("limits.cpu", 2, "build e0"),
            ("limits.memory", 1, "organisation"),
        ]

    def test_what_nobody_says_is_as_the_type_says_down_to_inner_objects(self) -> None:
        found = resolver(own={"latte": 4, "limits": {"cpu": 1}})
        resolved = found.resolve(GRAPH.envers[MAIN], PRICES)
        assert resolved.values == {"latte": 4, "currency": "EUR", "limits": {"cpu": 1, "memory": 512}}
        assert not resolved.misfits
        assert {row.path: row.layer for row in rows(found)}["limits.memory"] == DEFAULT

    def test_a_clone_has_what_its_origin_has_and_its_own_over_it(self) -> None:
        found = resolver(own={"latte": 4}, clone={"currency": "USD"})
        assert found.resolve(GRAPH.envers[CLONE], PRICES).values["latte"] == 4
        assert found.resolve(GRAPH.envers[CLONE], PRICES).values["currency"] == "USD"
        assert found.resolve(GRAPH.envers[MAIN], PRICES).values["currency"] == "EUR"

    def test_a_broad_layer_says_no_more_to_a_config_than_it_knows(self) -> None:
        assert not resolver(organisation={"latte": 4, "instance": "large"}).resolve(GRAPH.envers[MAIN], PRICES).misfits
        (problem,) = resolver(organisation={"latte": 4, "instance": "large"}).unused(ORGANISATION)
        assert str(problem) == "prices.instance is a field that none of them has (organisation)"

    def test_a_config_that_none_has_is_a_problem_of_the_layer(self) -> None:
        found = Resolver(GRAPH, SCHEMAS, {STAGE: ConfigDocument({"price": {"latte": 4}})})
        (problem,) = found.unused(STAGE)
        assert str(problem) == "price is no config of any enver of stage dev (stage dev)"

    def test_build_and_enver_layers_are_strict(self) -> None:
        found = resolver(build={"latte": 4, "instance": "large"}, own={"limits": {"gpu": 1}})
        said = [str(one) for one in found.problems(GRAPH.envers[MAIN])]
        assert said == [
            "prices.instance is no field of it (build e0)",
            "prices.limits.cpu is not there",
            "prices.limits.gpu is no field of it (e0@main)",
        ]

    def test_an_envers_own_layer_names_its_own_configs_only(self) -> None:
        found = Resolver(GRAPH, SCHEMAS, {OWN: ConfigDocument({"prices": {"latte": 4}, "prcies": {"latte": 4}})})
        assert [str(one) for one in found.problems(GRAPH.envers[MAIN])] == ["prcies is no config that it has (e0@main)"]

    def test_wrong_types_are_told_by_path_and_never_by_value(self) -> None:
        found = resolver(own={"latte": "four-secret", "currency": "GBP", "cakes": [1], "limits": {"cpu": None}})
        said = [str(one) for one in found.problems(GRAPH.envers[MAIN])]
        assert said == [
            "prices.cakes.0 is no string",
            "prices.currency is none of the values that it may have (e0@main)",
            "prices.latte is no number (e0@main)",
            "prices.limits.cpu is no integer (e0@main)",
        ]

    def test_a_type_that_cannot_be_read_is_said(self) -> None:
        found = Resolver(GRAPH, {}, {OWN: ConfigDocument({"prices": {"latte": 4}})})
        (problem,) = found.problems(GRAPH.envers[MAIN])
        assert str(problem) == "prices is of type Prices, whose schema cannot be read"
        assert found.hides(PRICES, "latte"), "then nothing is shown"

    def test_what_is_sensitive_is_not_shown_nor_its_default_taken_from_the_schema(self) -> None:
        own = Layer(LayerKind.ENVER, OTHER)
        found = Resolver(GRAPH, SCHEMAS, {own: ConfigDocument({"sealed": {"token": "s3cret", "pins": {"a": "1"}}})})
        assert {row.path: row.value for row in rows(found, OTHER, SEALED)} == {
            "token": None,
            "pins.a": None,
            "open": "yes",
        }
        nothing = Resolver(GRAPH, SCHEMAS, {})
        assert nothing.resolve(GRAPH.envers[OTHER], SEALED).values == {"pins": {}, "open": "yes"}

    def test_settings_are_by_when_they_are_read_and_equal_ones_are_equal(self) -> None:
        found = resolver(own={"latte": 4})
        settings = found.settings(GRAPH.envers[MAIN], str)
        assert (settings.synthesis, settings.secrets) == ((), ())
        assert settings == resolver(stage={"latte": 4, "currency": "EUR"}).settings(GRAPH.envers[MAIN], str)
        assert settings != resolver(own={"latte": 5}).settings(GRAPH.envers[MAIN], str)


OBJECTS = st.recursive(
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 3) | st.lists(st.integers(0, 1), max_size=2), max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner | st.integers(0, 3), max_size=3),
    max_leaves=6,
)


def same_shapes(*parts: dict[str, Any]) -> bool:
    """Whether what is an object in one is one in all that have it."""
    objects, others = set[tuple[str, ...]](), set[tuple[str, ...]]()
    for part in parts:
        for path, value in leaves(part):
            objects |= {path[:end] for end in range(1, len(path))}
            (objects if isinstance(value, dict) else others).add(path)
    return not objects & others


class TestMerging:
    @given(st.lists(OBJECTS, max_size=4))
    def test_each_leaf_is_what_the_last_that_says_it_says(self, parts: list[dict[str, Any]]) -> None:
        whole = merged(parts)
        named = list(enumerate(parts))
        for path, value in leaves(whole):
            by = said_by(named, path)
            assert by is not None
            assert at(parts[by], path) == value or value == {}

    @given(OBJECTS, OBJECTS, OBJECTS)
    def test_it_does_not_matter_how_layers_are_taken_together(self, a: Any, b: Any, c: Any) -> None:
        assert merged([a, b, c]) == merged([merged([a, b]), c])
        if same_shapes(a, b, c):  # what is no object ends what was said before of one
            assert merged([a, b, c]) == merged([a, merged([b, c])])
        assert merged([a, a]) == merged([a]) == a

    @given(OBJECTS, OBJECTS)
    def test_what_is_merged_is_changed_by_nobody(self, a: Any, b: Any) -> None:
        before = (repr(a), repr(b))
        merged([a, b])["a"] = 9
        assert (repr(a), repr(b)) == before

    @given(OBJECTS, OBJECTS)
    def test_differences_are_none_where_nothing_differs_and_lead_from_one_to_the_other(self, a: Any, b: Any) -> None:
        assert differences(a, a) == []
        assert bool(differences(a, b)) is (dict(leaves(a)) != dict(leaves(b)))

    @given(st.lists(st.text(max_size=5).filter(lambda key: '"' not in key), min_size=1, max_size=4))
    def test_a_path_is_read_as_it_is_written(self, path: list[str]) -> None:
        assert read_path(written(path)) == tuple(path)

    @pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", '"a', '"a"b', '"a".'])
    def test_what_is_no_path_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="is no path"):
            read_path(text)

    def test_a_value_is_put_and_taken_away(self) -> None:
        once = with_value({"a": 1}, ("b", "c"), 2)
        assert once == {"a": 1, "b": {"c": 2}}
        assert with_value(once, ("b", "c"), ABSENT) == {"a": 1}, "an object that nothing is left in goes, too"
        assert with_value(once, ("a", "d"), 3) == {"a": {"d": 3}, "b": {"c": 2}}
        assert with_value(once, ("x", "y"), ABSENT) == once
        assert is_absent(at(once, ("x",)))


class TestShape:
    def test_a_recursive_type_is_read(self) -> None:
        shape = ConfigShape(
            {"$defs": {"T": {"type": "object", "properties": {"t": {"$ref": "#/$defs/T"}}}}, "$ref": "#/$defs/T"}
        )
        assert shape.misfits({"t": {"t": {"x": 1}}}) == [ConfigMisfit("t.t.x", "is no field of it")]
        assert shape.with_defaults({"t": {"t": {}}}) == {"t": {"t": {}}}
        assert not shape.hides("t.t.t")

    def test_a_list_of_hidden_things_is_hidden(self) -> None:
        shape = ConfigShape(TypeAdapter(Pins).json_schema())
        assert shape.hides("all")
        assert shape.hides("named")
        assert not shape.hides("open")

    def test_a_type_that_says_that_it_takes_others_does(self) -> None:
        shape = ConfigShape({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": True})
        assert shape.is_open
        assert shape.misfits({"a": "x", "b": 1}) == []

    def test_a_remote_reference_is_never_fetched(self) -> None:
        with pytest.raises(Exception, match=r"http://127\.0\.0\.1:9/x|resolve|retriev|offline"):
            ConfigShape({"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:9/x"}}})

    def test_texts_are_told_from_what_is_written_otherwise(self) -> None:
        shape = ConfigShape(SCHEMAS["Prices"])
        assert shape.is_text("currency")
        assert not shape.is_text("latte")
        assert not shape.is_text("limits.cpu")
        assert not shape.is_text("nobody.knows")


class TestReadLive:
    """What stands in one SSM parameter."""

    LIVE = ConfigNode("prices", "Prices", "", "live")

    def resolved(self, **values: object) -> Resolved:
        graph = graph_of([node(0, configs=(self.LIVE,))])
        said = Resolver(graph, SCHEMAS, {OWN: ConfigDocument({"prices": {"latte": 4, **values}})})
        return said.resolve(graph.envers[MAIN], self.LIVE)

    def test_has_to_fit_it_in_bytes(self) -> None:
        room = LONGEST_LIVE - len(self.resolved(cakes=[""]).text.encode())
        assert not self.resolved(cakes=["x" * room]).misfits
        assert not self.resolved(cakes=["é" * (room // 2)]).misfits
        (misfit,) = self.resolved(cakes=["x" * (room + 1)]).misfits
        assert (misfit.says, misfit.lacks) == ("is 8,193 bytes as JSON, and a parameter of SSM takes 8,192", False)

    def test_which_is_no_limit_for_what_is_read_otherwise(self) -> None:
        assert not resolver(own={"latte": 4, "cakes": ["x" * 9000]}).resolve(GRAPH.envers[MAIN], PRICES).misfits

    @given(st.text('{}\\"u07b', max_size=12))
    def test_is_the_same_json_and_no_reference_to_another_parameter(self, cake: str) -> None:
        found = self.resolved(cakes=[cake])
        assert "{{" not in found.text
        assert json.loads(found.text) == found.values

    def test_is_no_part_of_what_a_deployment_brings(self) -> None:
        graph = graph_of([node(0, configs=(self.LIVE,))])
        said = Resolver(graph, SCHEMAS, {OWN: ConfigDocument({"prices": {"latte": 4}})})
        settings = said.settings(graph.envers[MAIN], lambda one: one.text)
        assert settings == PlannedSettings(live=(("prices", self.resolved().text),))
