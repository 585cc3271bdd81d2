"""Secrets are bound in layers, by reference, for those that need them; and nothing else becomes of a binding."""

from __future__ import annotations

import pytest

from odmd.control.config.document import ConfigDocument
from odmd.control.config.layers import ORGANISATION, Layer, LayerKind
from odmd.control.leading.secret_desk import KeptSecrets
from odmd.control.ports.settings import Edit
from odmd.errors import ConfigRefused, LayerMoved, ReferenceInvalid
from odmd.providers.secrets.fake import FakeSecrets
from odmd.store.settings import MemoryLayers
from support.actors import SOMEBODY
from support.worlds import address, graph_of, node

DB, OTHER = "secretsmanager:acme/db", "vault://kv/acme/db#password"
SHOP, TILL = node(0, secrets=("db", "signing"), restarting=("db",)), node(1, secrets=("db",))
GRAPH = graph_of([SHOP, TILL, node(2)])
ITS_OWN = Layer(LayerKind.ENVER, address(0))


def desk(layers: MemoryLayers | None = None, stores: FakeSecrets | None = None) -> KeptSecrets:
    return KeptSecrets(GRAPH, layers or MemoryLayers(), (stores or FakeSecrets()).stores, SOMEBODY, lambda: 5.0)


def test_a_binding_is_an_edit_with_author_and_reason_and_says_whom_it_is_for() -> None:
    layers = MemoryLayers()
    made = desk(layers).bind(ORGANISATION, "db", DB, "the new database")
    assert (made.layer, made.version, made.envers) == ("organisation", 1, (address(0), address(1)))
    (note,) = layers.notes
    assert (note.layer, note.by, note.why, note.paths) == (
        "organisation",
        SOMEBODY,
        "the new database",
        ("secrets.db",),
    )


def test_it_leaves_what_else_the_layer_says_and_is_taken_back_alone() -> None:
    layers, said = MemoryLayers(), ConfigDocument({"menu": {"tea": 3}}, {"signing": OTHER})
    layers.write(Edit(ITS_OWN, said, 0, SOMEBODY, "", ()), 1.0)
    it = desk(layers)
    it.bind(ITS_OWN, "db", DB, "")
    assert layers.newest()[ITS_OWN].document == ConfigDocument(said.config, {"signing": OTHER, "db": DB})
    it.bind(ITS_OWN, "db", "", "moved to the stage")
    assert layers.newest()[ITS_OWN].document == said
    assert it.bind(ITS_OWN, "db", "", "again").version == 3, "what is so already is no new version"


def test_somebody_elses_edit_meanwhile_is_kept_and_no_reason_to_fail() -> None:
    class Crossed(MemoryLayers):
        crossings = 2

        def find(self, layer: Layer):  # type: ignore[no-untyped-def]  # as its base
            found = super().find(layer)
            if self.crossings:
                self.crossings -= 1
                after = found.version if found else 0
                said = ConfigDocument(secrets={"signing": f"ssm:/acme/{self.crossings}"})
                self.write(Edit(layer, said, after, SOMEBODY, "crossing", ()), 1.0)
            return found

    layers = Crossed()
    desk(layers).bind(ITS_OWN, "db", DB, "")
    assert layers.newest()[ITS_OWN].document.secrets == {"signing": "ssm:/acme/0", "db": DB}
    layers.crossings = 99
    with pytest.raises(LayerMoved):
        desk(layers).bind(ITS_OWN, "db", OTHER, "")


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (Layer(LayerKind.ENVER, "nobody/b..main"), "db"),
        (Layer(LayerKind.STAGE, "moon"), "db"),
        (Layer(LayerKind.ENVER, address(1)), "signing"),
        (Layer(LayerKind.ENVER, address(2)), "db"),
        (ORGANISATION, "typo"),
    ],
)
def test_what_nobody_there_needs_is_refused_and_says_what_is_needed(layer: Layer, name: str) -> None:
    with pytest.raises(ConfigRefused) as refused:
        desk().bind(layer, name, DB, "")
    assert refused.value.next_step


def test_a_text_in_a_references_place_is_refused_and_kept_nowhere() -> None:
    layers = MemoryLayers()
    with pytest.raises(ReferenceInvalid) as refused:
        desk(layers).bind(ORGANISATION, "db", "hunter2-hunter2", "")
    assert "hunter2" not in str(refused.value)
    assert not layers.newest()


def test_how_secrets_stand_is_told_with_the_layer_that_binds_them_and_what_mends_them() -> None:
    layers, stores = MemoryLayers(), FakeSecrets({DB: ["one", "two"]})
    it = desk(layers, stores)
    it.bind(ORGANISATION, "db", DB, "")
    it.bind(ITS_OWN, "db", OTHER, "")
    listed = {(one.enver, one.name): one for one in it.secrets((), look=False)}
    assert {key: (one.reference, one.layer) for key, one in listed.items()} == {
        ("e0@main", "db"): (OTHER, "e0@main"),
        ("e0@main", "signing"): ("", ""),
        ("e1@main", "db"): (DB, "organisation"),
    }
    (absent, unbound), (there,) = it.secrets([address(0)], look=True), it.secrets([address(1)], look=True)
    assert (there.standing, there.version, there.code, there.restarts) == ("there", "2", "", False)
    assert (absent.standing, absent.code, absent.restarts) == ("not there", "ODMD286", True)
    assert (unbound.code, unbound.next_step) == ("ODMD288", "odmd secret bind e0@main signing REFERENCE")
