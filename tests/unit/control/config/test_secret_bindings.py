"""Where secrets are bound, layer by layer; and what a look at their stores makes of that."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from odmd.control.config.bindings import bindings, consumers, unneeded
from odmd.control.config.document import ConfigDocument
from odmd.control.config.layers import ORGANISATION, Layer, LayerKind
from odmd.control.leading.secret_look import SecretLook
from odmd.control.ports.secrets import SecretStanding
from odmd.errors import SecretMissing, SecretNotBound, SecretStoreUnreachable
from odmd.graph import EnverNode
from odmd.providers.secrets.fake import FakeSecrets
from support.worlds import address, graph_of, node

DB, SIGNING, OWN = "secretsmanager:acme/db", "ssm:/acme/signing", "vault://kv/acme/own#key"
SHOP = node(0, secrets=("db", "signing"), restarting=("db",))
CLONE = node(1, build="e0", secrets=("db",), origin=address(0))
OTHER = node(2, secrets=("db",))
GRAPH = graph_of([SHOP, CLONE, OTHER])
STAGE = Layer(LayerKind.STAGE, SHOP.stage)
BUILD = Layer(LayerKind.BUILD, "e0")
ITS_OWN = Layer(LayerKind.ENVER, address(0))


def said(**secrets: str) -> ConfigDocument:
    return ConfigDocument(secrets=secrets)


def bound_of(enver: EnverNode, documents: Mapping[Layer, ConfigDocument]) -> dict[str, tuple[str, Layer | None]]:
    return {one.name: (one.reference, one.layer) for one in bindings(enver, GRAPH, documents)}


def test_the_nearest_layer_says_where_a_secret_is_and_a_clone_has_what_its_origin_has() -> None:
    documents = {ORGANISATION: said(db="a", signing="b"), STAGE: said(db="c"), ITS_OWN: said(db="d")}
    assert bound_of(SHOP, documents) == {"db": ("d", ITS_OWN), "signing": ("b", ORGANISATION)}
    assert bound_of(CLONE, documents) == {"db": ("d", ITS_OWN)}
    assert bound_of(OTHER, documents) == {"db": ("c", STAGE)}
    assert bound_of(SHOP, {BUILD: said(db="e")}) == {"db": ("e", BUILD), "signing": ("", None)}


def test_who_is_bound_to_a_reference_and_what_nobody_needs() -> None:
    documents = {STAGE: said(db=DB, typo=DB), ITS_OWN: said(db=OWN)}
    assert [(enver.address, name) for enver, name in consumers(DB, GRAPH, documents)] == [(address(2), "db")]
    assert list(unneeded(STAGE, GRAPH, documents[STAGE])) == ["typo"]
    assert list(unneeded(BUILD, GRAPH, said(signing=SIGNING, bus="x"))) == ["bus"]


class TestLook:
    def test_each_reference_is_asked_for_once_and_all_that_is_wrong_is_told(self) -> None:
        secrets = FakeSecrets({DB: ["one"]}, {SIGNING: SecretStanding.LEAVING})
        look = SecretLook(GRAPH, {ORGANISATION: said(db=DB, signing=SIGNING)}, secrets.stores)
        seen = {(one.enver.address, one.binding.name): one for one in look.at(GRAPH.envers.values())}
        assert [type(one.wrong) for one in seen.values()] == [type(None), SecretMissing, type(None), type(None)]
        assert seen[address(0), "db"].described == seen[address(2), "db"].described
        secrets.texts.clear()
        assert look.at([SHOP])[0].wrong is None, "one look is one moment"

    def test_what_is_bound_nowhere_or_nobody_knows_of_says_so(self) -> None:
        look = SecretLook(GRAPH, {BUILD: said(db=DB)}, FakeSecrets(is_away=True).stores)
        assert [type(one.wrong) for one in look.at([SHOP])] == [SecretStoreUnreachable, SecretNotBound]

    def test_a_fingerprint_has_a_version_of_those_alone_that_restart(self) -> None:
        secrets = FakeSecrets({DB: ["one", "two"], SIGNING: ["one"]})
        look = SecretLook(GRAPH, {BUILD: said(db=DB, signing=SIGNING)}, secrets.stores)
        assert look.settings(SHOP) == (("db", f"{DB} 2"), ("signing", SIGNING))
        assert secrets.read_of == []

    def test_where_nobody_knows_the_version_what_runs_stands_unless_it_is_bound_anew(self) -> None:
        look = SecretLook(GRAPH, {BUILD: said(db=DB, signing=SIGNING)}, FakeSecrets(is_away=True).stores)
        assert look.settings(SHOP, (("db", f"{DB} 7"),)) == (("db", f"{DB} 7"), ("signing", SIGNING))
        for runs in ((), (("db", f"{OWN} 7"),)):
            with pytest.raises(SecretStoreUnreachable):
                look.settings(SHOP, runs)

    def test_what_is_bound_nowhere_is_said_at_once_and_one_that_is_gone_stands_for_nothing(self) -> None:
        with pytest.raises(SecretNotBound, match="db, signing"):
            SecretLook(GRAPH, {}, FakeSecrets().stores).settings(SHOP)
        with pytest.raises(SecretMissing):
            SecretLook(GRAPH, {BUILD: said(db=DB, signing=SIGNING)}, FakeSecrets().stores).settings(
                SHOP, (("db", f"{DB} 7"),)
            )

    def test_a_rotation_moves_the_consumers_that_restart_and_no_others(self) -> None:
        secrets = FakeSecrets({DB: ["one"], SIGNING: ["one"]})
        documents = {ORGANISATION: said(db=DB, signing=SIGNING)}
        before = {one: SecretLook(GRAPH, documents, secrets.stores).settings(GRAPH.envers[one]) for one in GRAPH.envers}
        secrets.put(DB, "two")
        secrets.put(SIGNING, "two")
        now = SecretLook(GRAPH, documents, secrets.stores)
        moved = [one for one in GRAPH.envers if now.settings(GRAPH.envers[one], before[one]) != before[one]]
        assert moved == [address(0)]
