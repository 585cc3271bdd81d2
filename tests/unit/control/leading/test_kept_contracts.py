"""What older releases kept of the contracts is read as it was, with the digests that it had: else all runs again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.control.leading.editions import decode_edition, decode_graph, encode_graph
from odmd.control.leading.slices import find_slice
from odmd.errors import StateUnreadable
from odmd.graph import Graph, compile_contracts, digest, load_organisation
from odmd.graph.built import Built, HowBuilt
from odmd.model import build_types

KEPT = Path(__file__).parents[3] / "data" / "contracts_of_8e956a8"
Fields = dict[str, Any]


@cache
def kept() -> Fields:
    return json.loads((KEPT / "kept.json").read_text())


@cache
def today() -> Graph:
    loaded = load_organisation("contracts.py:acme", KEPT)
    return compile_contracts(loaded.organisation, loaded.declared).graph


def slices(graph: Graph) -> Mapping[str, str]:
    return {address: graph.slice(address) for address in graph.envers}


def test_the_kept_contracts_have_an_enver_of_each_build_type_and_a_node_of_each_kind() -> None:
    nodes = today().envers.values()
    assert {node.type for node in nodes} == set(build_types._KNOWN.values())  # pyright: ignore[reportPrivateUsage]
    assert {type(node.built) for node in nodes} == {*get_args(Built), type(None)}


def test_an_edition_of_an_older_release_is_read_with_all_its_digests() -> None:
    edition = decode_edition(json.dumps(kept()["edition"]))
    assert slices(edition.graph) == kept()["slices"]
    assert edition.graph.digest() == kept()["digest"]


def test_the_same_contracts_have_the_digests_that_they_had() -> None:
    assert slices(today()) == kept()["slices"]
    assert today().digest() == kept()["digest"]


def test_what_is_read_says_all_that_the_contracts_do() -> None:
    before, now = decode_edition(json.dumps(kept()["edition"])).graph.envers, today().envers
    assert {one.address: one.built for one in before.values()} == {one.address: one.built for one in now.values()}


def test_what_this_release_keeps_it_reads_as_it_was() -> None:
    assert decode_graph(encode_graph(today())).envers == today().envers


def test_a_slice_of_an_older_release_is_found_by_its_digest() -> None:
    nodes = kept()["edition"]["envers"]
    texts = {f"slice/{kept()['slices'][one]}": json.dumps({"enver": nodes[one], "version": "acme 1"}) for one in nodes}
    nothing = Graph("acme", "111122223333", {}, {})
    for address, digest_of_slice in kept()["slices"].items():
        found = find_slice(texts, nothing, address, digest_of_slice)
        assert found is not None
        assert (found.enver.slice(), found.version) == (digest_of_slice, "acme 1")


@pytest.mark.parametrize("edition", ["{}", '{"envers": {"a": {}}}', '{"envers": []}', "[]", "x"])
def test_what_no_release_wrote_is_not_read(edition: str) -> None:
    with pytest.raises(StateUnreadable):
        decode_edition(edition)


def test_no_two_nodes_are_kept_alike() -> None:
    """Each is read back by the fields that it has and the others have not."""
    required = {node: {name for name, one in _fields(node) if _is_required(one)} for node in get_args(Built)}
    for node, own in required.items():
        assert all(own - {name for name, _ in _fields(other)} for other in required if other is not node), node


def _fields(node: type[HowBuilt]) -> Iterator[tuple[str, Any]]:
    yield from node.__dataclass_fields__.items()


def _is_required(one: Any) -> bool:
    return one._field_type.name == "_FIELD" and "MISSING" in repr(one.default)


WORDS = st.text(st.sampled_from("ab-/"), max_size=4)
SOME = st.lists(WORDS, max_size=2)
IMAGES = st.fixed_dictionaries(
    {"context": WORDS, "target": WORDS, "arguments": st.lists(st.tuples(WORDS, WORDS), max_size=2)},
    optional={"platforms": SOME, "secrets": st.lists(st.tuples(WORDS, WORDS), max_size=1)},
)
PACKAGES = st.fixed_dictionaries(
    dict.fromkeys(("distribution", "entry_point", "index", "upload"), WORDS),
    optional={"releases": st.booleans(), "install_scripts": st.booleans()},
)
KUBERNETES = st.fixed_dictionaries(
    dict.fromkeys(("made_by", "of", "cluster", "cluster_input"), WORDS),
    optional={"values": SOME, "release": WORDS, "takes_over": SOME, "minutes": st.sampled_from([3.0, 2.5])},
)
OF_TYPE: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    "cdk": {"stack": WORDS, "stacks": SOME},
    "command": {"commands": SOME, "remove": WORDS, "minutes": st.just(2.0), "network": st.booleans()},
    "image": {"minutes": st.just(2.0), "network": st.booleans()},
    "kubernetes": {"kubernetes": KUBERNETES},
    **{name: {"package": st.none() | PACKAGES} for name in ("contracts", "npm", "python")},
    "": {},
}


@st.composite
def nodes_of_8e956a8(draw: st.DrawFn) -> Fields:
    """An enver as that release kept it; fields that came late may be missing, as still older ones left them out."""
    name = draw(st.sampled_from(sorted(OF_TYPE)))
    plain = kept()["edition"]["envers"]["platform/b..main"]
    bare = {field: one for field, one in plain.items() if field not in _LATER}
    images = st.none() | IMAGES if name == "image" else st.none()
    products = [
        {**product, "image": draw(images), "of": draw(WORDS), "source": draw(WORDS)} for product in plain["products"]
    ]
    late = {field: "" if field in ("stack", "remove") else () for field in draw(st.sets(st.sampled_from(_LATER[:4])))}
    said = {**bare, "products": products, "build_type": name}
    return {**said, **late, **draw(st.fixed_dictionaries(dict(OF_TYPE[name])))}


_LATER = ("stack", "stacks", "commands", "remove", "minutes", "network", "package", "kubernetes")


def slice_of_8e956a8(said: Fields) -> str:
    """As that release made it, of what it kept."""
    stack, stacks, remove, network = (said.get(name) or () for name in ("stack", "stacks", "remove", "network"))
    itself = [
        *(said[name] for name in ("address", "build_type", "repo", "folder", "team", "revision")),
        *(said[name] for name in ("stage", "account", "region", "ephemeral")),
        *(said.get("commands", ()), said["secrets"], [], [], *((stack,) if stack else ())),
    ]
    products = [(one["name"], one["kind"], one["source"], one["regions"], one["told"]) for one in said["products"]]
    own = [(one["name"], one["of"]) for one in said["products"] if one["of"]], []
    adopted = (*own, stacks) if any((*own, stacks)) else ()
    images = [(one["name"], _image(one["image"])) for one in said["products"] if one["image"] is not None]
    by_type = [
        *([(remove or "", bool(network))] if remove or network else ()),
        *([_package(said["package"])] if said.get("package") else ()),
        *([_kubernetes(said["kubernetes"])] if said.get("kubernetes") else ()),
        *([images] if images else ()),
    ]
    return digest((itself, products, [], *adopted, *by_type))


def _image(said: Fields) -> list[Any]:
    return [said["context"], said["target"], said["arguments"], said.get("platforms", ()), said.get("secrets", ())]


def _package(said: Fields) -> list[Any]:
    more = [said.get("releases", True), said.get("install_scripts", False)]
    plain = [said[name] for name in ("distribution", "entry_point", "index", "upload")]
    return [*plain, *(more if more != [True, False] else [])]


def _kubernetes(said: Fields) -> list[Any]:
    plain = [said[name] for name in ("made_by", "of", "cluster", "cluster_input")]
    late = {"values": (), "release": "", "takes_over": (), "minutes": 10, "stuck_seconds": 30, "undo": True}
    numbers = [said.get(name, otherwise) for name, otherwise in late.items()]
    return [*plain, *(3 if one == 3 else one for one in numbers)]


@given(nodes_of_8e956a8())
def test_every_enver_that_was_kept_keeps_its_digest(said: Fields) -> None:
    address = said["address"]
    edition = {**kept()["edition"], "envers": {address: said}}
    assert decode_edition(json.dumps(edition)).graph.slice(address) == slice_of_8e956a8(said)
