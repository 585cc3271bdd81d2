"""Who may see and edit config; what is refused; and what plans make of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr, TypeAdapter

from odmd.control.config.document import EMPTY, ConfigDocument
from odmd.control.config.layers import Layer, LayerKind
from odmd.control.config.resolving import DEFAULT
from odmd.control.leading.config_desk import ConfigDesk, KeptConfig
from odmd.control.leading.config_views import HIDDEN, ConfigChange, ConfigValueView
from odmd.control.leading.planner import Planner
from odmd.control.leading.private import PrivateReader, PrivateVault
from odmd.control.ports.settings import Edit, WrittenSettings
from odmd.control.scheduler.actor import Actor, Scope
from odmd.errors import ConfigInUse, ConfigRefused, ConfigUnreadable, EnverUnknown, KeyMissing, LayerMoved, NotAllowed
from odmd.graph import Compiled, Graph
from odmd.graph.nodes import ConfigNode
from odmd.plan import Fingerprint
from odmd.plan.settings import PlannedSettings, SettingMoved
from odmd.providers.git.fake import FakeRepositories
from odmd.store.memory import MemoryStore
from odmd.store.settings import MemoryLayers, MemorySealed
from support.actors import somebody
from support.worlds import graph_of, node


class Prices(BaseModel):
    latte: float
    label: str = "shop"
    token: SecretStr = SecretStr("")


class Tables(BaseModel):
    mode: str = "on-demand"


SCHEMAS: dict[str, Any] = {"Prices": TypeAdapter(Prices).json_schema(), "Tables": TypeAdapter(Tables).json_schema()}
GRAPH = graph_of(
    [
        node(0, configs=(ConfigNode("prices", "Prices", "what things cost", "deploy"),)),
        node(1, configs=(ConfigNode("tables", "Tables", ""),), team="platform"),
        node(2),
    ]
)
SECRET = graph_of([node(2, secrets=("token", "key"))])
PRICES, TABLES, NONE = "e0@main", "e1@main", "e2@main"
OWN = "enver:e0@main"
PRICES_ADDRESS, TABLES_ADDRESS = "e0/b..main", "e1/b..main"


class Office:
    def __init__(self) -> None:
        self.layers, self.sealed = MemoryLayers(), MemorySealed()

    def desk(self, by: Actor | None = None, graph: Graph = GRAPH) -> KeptConfig:
        admin = somebody("root", scope=Scope.ADMIN)
        return KeptConfig(PrivateVault(self.layers, self.sealed), graph, SCHEMAS, by or admin, clock=lambda: 1.0)

    def reader(self) -> PrivateReader:
        return PrivateReader(PrivateVault(self.layers, self.sealed), GRAPH, lambda: SCHEMAS)


@pytest.fixture
def office() -> Office:
    return Office()


def said(*values: str) -> list[ConfigChange]:
    return [ConfigChange(*one.split("=", 1)) if "=" in one else ConfigChange(one, None) for one in values]  # type: ignore[arg-type]


class TestClonesToBe:
    """A clone's layer can say something before it is there, and is right or refused as if it were."""

    CLONE = "enver:e0@main+cheap"

    def test_it_is_said_and_seen(self, office: Office) -> None:
        done = office.desk().change_layer(self.CLONE, said("prices.latte=2"))
        assert (done.layer.label, done.paths) == ("e0@main+cheap", ("config.prices.latte",))
        assert office.desk().layer_history(self.CLONE)[0].version == 1
        assert [one.layer for one in office.desk().layers()] == ["enver:e0/b..main-_b..cheap"]
        assert office.desk().write_layer(self.CLONE, "config: {}", 1, allow_lacking=True).layer.version == 2

    @pytest.mark.parametrize("value", ["prices.latte=much", "prices.espresso=1", "tables.mode=on"])
    def test_what_is_wrong_is_refused(self, office: Office, value: str) -> None:
        with pytest.raises(ConfigRefused):
            office.desk().change_layer(self.CLONE, said(value))

    def test_its_origins_team_may_and_nobody_else(self, office: Office) -> None:
        owner = somebody("ann", GRAPH.envers[PRICES_ADDRESS].team, scope=Scope.WRITE)
        other = somebody("bob", "platform", scope=Scope.WRITE)
        office.desk(owner).change_layer(self.CLONE, said("prices.latte=2"))
        with pytest.raises(NotAllowed):
            office.desk(other).layer_history(self.CLONE)
        with pytest.raises(NotAllowed):
            office.desk(other).change_layer(self.CLONE, said("prices.latte=3"))

    @pytest.mark.parametrize("name", ["enver:e9@main+cheap", "enver:e0@main+a+b", "enver:e0@main+a/b", "enver:e0@x"])
    def test_what_nobody_can_make_has_none(self, office: Office, name: str) -> None:
        with pytest.raises(EnverUnknown):
            office.desk().change_layer(name, said("prices.latte=2"))


class TestEdits:
    def test_it_is_the_port(self, office: Office) -> None:
        desk: ConfigDesk = office.desk()
        assert desk.layers() == []

    def test_a_value_is_said_as_its_type_wants_it(self, office: Office) -> None:
        done = office.desk().change_layer(OWN, said("prices.latte=4.5", "prices.label=7"), why="cheap")
        assert done.paths == ("config.prices.label", "config.prices.latte")
        assert done.concerns == (PRICES,)
        (config,) = office.desk().config_of(PRICES)
        assert set(config.values) == {ConfigValueView("label", "7", PRICES), ConfigValueView("latte", 4.5, PRICES)}
        assert office.layers.notes[0].paths == done.paths

    def test_what_is_so_already_is_no_version(self, office: Office) -> None:
        office.desk().change_layer(OWN, said("prices.latte=4"))
        done = office.desk().change_layer(OWN, said("prices.latte=4"))
        assert done.paths == ()
        assert done.layer.version == 1
        assert len(office.desk().layer_history(OWN)) == 1

    @pytest.mark.parametrize(
        ("layer", "values", "fact"),
        [
            (OWN, "prices.latte=no", "prices.latte is no number"),
            (OWN, "prices.lattee=4", "prices.lattee is no field of it"),
            (OWN, "price.latte=4", "price is no config that it has"),
            (OWN, "prices=4", "prices names no field"),
            (OWN, "prices..x=4", "is no path"),
            ("organisation", "prices.size=4", "is a field that none of them has"),
            ("stage:dev", "sizes.latte=4", "is no config of any enver of stage dev"),
            ("build:e1", "tables.mode.x=1", "tables.mode is no string"),
            ("stage:nowhere", "tables.mode=x", "the contracts have no stage nowhere"),
            ("nonsense", "tables.mode=x", "is no layer"),
        ],
    )
    def test_what_does_not_fit_is_refused_and_nothing_is_written(
        self, office: Office, layer: str, values: str, fact: str
    ) -> None:
        with pytest.raises(ConfigRefused, match=fact):
            office.desk().change_layer(layer, said(values))
        assert office.layers.newest() == {}

    def test_what_envers_need_is_not_taken_away_unless_somebody_says_so(self, office: Office) -> None:
        office.desk().change_layer(OWN, said("prices.latte=4"))
        with pytest.raises(ConfigInUse, match=r"e0@main: prices\.latte is not there"):
            office.desk().write_layer(OWN, "", 1)
        done = office.desk().write_layer(OWN, "", 1, allow_lacking=True)
        assert done.lacking == ("e0@main: prices.latte is not there",)

    def test_a_layer_may_be_completed_bit_by_bit(self, office: Office) -> None:
        done = office.desk().change_layer(OWN, said("prices.label=x"))
        assert done.lacking == ("e0@main: prices.latte is not there",)
        assert office.desk().config_problems() == ["e0@main: prices.latte is not there"]
        office.desk().change_layer("organisation", said("prices.latte=3"))
        assert office.desk().config_problems() == []

    def test_the_second_of_two_editors_is_told(self, office: Office) -> None:
        office.desk().write_layer(OWN, "config: {prices: {latte: 4}}", 0)
        with pytest.raises(LayerMoved, match="root wrote version 1"):
            office.desk(somebody("bob", scope=Scope.ADMIN)).write_layer(OWN, "config: {prices: {latte: 5}}", 0)

    def test_unknown_envers_are_named(self, office: Office) -> None:
        with pytest.raises(EnverUnknown, match="e9@main is not in the contracts"):
            office.desk().config_of("e9@main")


class TestSecrets:
    """In the sections of secrets of a document, which somebody may write as a whole."""

    def test_what_is_no_reference_or_needed_by_nobody_is_refused_by_its_path_and_not_shown(
        self, office: Office
    ) -> None:
        with pytest.raises(ConfigRefused) as told:
            office.desk(graph=SECRET).write_layer("enver:e2@main", "secrets: {token: hunter-4711, tokens: 'ssm:/a'}", 0)
        assert "secrets.tokens is no secret that anybody there needs" in told.value.fact
        assert "secrets.token: what is given (11 characters, not shown)" in told.value.fact
        assert "4711" not in str(told.value)
        assert office.layers.newest() == {}

    def test_one_that_is_needed_is_not_taken_away_unless_somebody_says_so(self, office: Office) -> None:
        desk, both = office.desk(graph=SECRET), "secrets: {token: 'ssm:/t', key: 'ssm:/k'}"
        desk.write_layer("enver:e2@main", both, 0)
        with pytest.raises(ConfigInUse, match="e2@main: secret key is bound nowhere"):
            desk.write_layer("enver:e2@main", "secrets: {token: 'ssm:/t'}", 1)
        desk.write_layer("build:e2", "secrets: {key: 'ssm:/other'}", 0)
        desk.write_layer("enver:e2@main", "secrets: {token: 'ssm:/t'}", 1)
        with pytest.raises(ConfigInUse):
            desk.write_layer("build:e2", "", 1)
        desk.write_layer("build:e2", "", 1, allow_lacking=True)

    def test_what_somebody_wrote_elsewhere_is_found(self, office: Office) -> None:
        spoilt = ConfigDocument(secrets={"token": "hunter-4711", "key": "ssm:/k"})
        office.layers.write(Edit(Layer(LayerKind.BUILD, "e2"), spoilt, 0, somebody(), "", ()), 1.0)
        (problem,) = [one for one in office.desk(graph=SECRET).config_problems() if "secrets" in one]
        assert problem.startswith("secrets.token: what is given")
        assert "4711" not in problem
        assert office.desk(graph=SECRET).config_problems(NONE) == [problem]


class TestHidden:
    def test_nobody_sees_it_and_who_edits_leaves_it(self, office: Office) -> None:
        office.desk().change_layer(OWN, said("prices.latte=4", "prices.token=s3cret"))
        (config,) = office.desk().config_of(PRICES)
        assert {one.path: one.value for one in config.values}["token"] == HIDDEN
        (version,) = office.desk().layer_history(OWN)
        assert "s3cret" not in version.text
        office.desk().write_layer(OWN, version.text.replace("4", "5"), 1)
        assert office.layers.newest().popitem()[1].document.config["prices"] == {"latte": 5, "token": "s3cret"}

    def test_stars_where_nothing_was_are_refused(self, office: Office) -> None:
        with pytest.raises(ConfigRefused, match=f"prices.token is {HIDDEN}"):
            office.desk().write_layer(OWN, f"config: {{prices: {{latte: 4, token: {HIDDEN}}}}}", 0)


class TestRights:
    @pytest.mark.parametrize("layer", [OWN, "build:e0"])
    def test_a_team_edits_its_own(self, office: Office, layer: str) -> None:
        office.desk(somebody("bo", "baristas", scope=Scope.WRITE)).change_layer(layer, said("prices.latte=4"))
        with pytest.raises(NotAllowed, match="is team baristas's"):
            office.desk(somebody("pat", "platform", scope=Scope.WRITE)).change_layer(layer, said("prices.latte=5"))

    def test_what_concerns_all_is_for_admins_to_edit(self, office: Office) -> None:
        with pytest.raises(NotAllowed, match="config of organisation is for an admin to edit"):
            office.desk(somebody("bo", "baristas", scope=Scope.WRITE)).change_layer(
                "organisation", said("prices.latte=4")
            )

    def test_who_may_read_only_sees_no_values(self, office: Office) -> None:
        reader = office.desk(somebody("eve", scope=Scope.READ))
        for read in (lambda: reader.config_of(PRICES), lambda: reader.layer_history(OWN)):
            with pytest.raises(NotAllowed):
                read()
        assert reader.config_problems() == ["e0@main: prices.latte is not there"]
        assert reader.layers() == []


class TestPlans:
    def test_who_lacks_config_is_named_with_the_command_that_mends_it_and_others_go_on(self, office: Office) -> None:
        found = office.reader().read(GRAPH.envers.values(), {})
        (lacks,) = found.unfit.values()
        assert lacks.fact == "config of e0@main: prices.latte is not there"
        assert lacks.next_step == "`odmd config set e0@main prices.latte=VALUE`, then plan again"
        assert found.private.settings.keys() == {"e1/b..main"}

    def test_an_edit_at_the_top_moves_those_alone_whose_value_changes(self, office: Office) -> None:
        office.desk().change_layer(OWN, said("prices.latte=4", "prices.label=mine"))
        before = office.reader().read(GRAPH.envers.values(), {}).private.settings
        office.desk().change_layer("organisation", said("prices.label=all", "tables.mode=provisioned"))
        after = office.reader().read(GRAPH.envers.values(), {}).private.settings
        assert [enver for enver in after if after[enver] != before[enver]] == ["e1/b..main"]

    def test_it_is_said_which_values_moved_and_by_which_layer_and_never_what_they_are(self, office: Office) -> None:
        office.desk().change_layer(OWN, said("prices.latte=4"))
        first = office.reader().read(GRAPH.envers.values(), {})
        office.sealed.keep(first.of(first.private.settings.values()))
        runs = {"e0/b..main": Fingerprint("c", "k", (), settings=first.private.settings["e0/b..main"])}
        office.desk().change_layer("stage:dev", said("prices.label=4711"))
        found = office.reader().read(GRAPH.envers.values(), runs)
        assert found.private.moved["e0/b..main"] == (SettingMoved("config prices", "label", "stage dev"),)
        assert "4711" not in repr(found.private)

    def test_a_store_that_is_away_concerns_those_alone_who_have_config(self, office: Office) -> None:
        office.layers.newest = _away  # type: ignore[method-assign]
        found = office.reader().read(GRAPH.envers.values(), {})
        assert found.unfit.keys() == {"e0/b..main", "e1/b..main"}
        assert found.private.settings == {}

    def test_a_layer_that_cannot_be_read_concerns_those_alone_that_it_is_of(self, office: Office) -> None:
        spoilt = Layer(LayerKind.BUILD, "e0")
        written = WrittenSettings(spoilt, 0, EMPTY, "eve", "typed", 1.0, "0a1b2c3", "build/e0.yaml line 2: a tab")
        office.layers.newest = lambda: {spoilt: written}  # type: ignore[method-assign]
        found = office.reader().read(GRAPH.envers.values(), {})
        (wrong,) = found.unfit.values()
        assert (wrong.code, wrong.fact) == ("ODMD335", "config of e0@main: build/e0.yaml line 2: a tab")
        assert found.private.settings.keys() == {"e1/b..main"}
        desk = office.desk()
        assert desk.config_problems()[0] == "build/e0.yaml line 2: a tab"
        assert [(one.revision, one.unreadable) for one in desk.layers()] == [("0a1b2c3", written.unreadable)]
        assert desk.config_of(TABLES)
        with pytest.raises(ConfigUnreadable, match="line 2: a tab"):
            desk.config_of(PRICES)

    def test_texts_are_kept_of_what_a_plan_hands_over_alone(self, office: Office) -> None:
        office.desk().change_layer(OWN, said("prices.latte=4"))
        found = office.reader().read(GRAPH.envers.values(), {})
        assert found.of([PlannedSettings()]) == {}
        assert list(found.of([found.private.settings["e0/b..main"]]).values()) == ['{"label":"shop","latte":4}']

    def test_what_a_type_says_by_itself_is_known_alike_before_there_is_a_state_and_after(self, office: Office) -> None:
        """A plan of before and one of after have one digest; who says it again moves nobody."""
        sealed = SaltedSealed()
        vaults = [PrivateVault(MemoryLayers(), MemorySealed()), PrivateVault(office.layers, sealed)]
        readers = [PrivateReader(one, GRAPH, lambda: SCHEMAS) for one in vaults]
        before, after = (one.read(GRAPH.envers.values(), {}).private.settings["e1/b..main"] for one in readers)
        assert before == after != PlannedSettings()
        office.desk().change_layer("enver:e1@main", said("tables.mode=on-demand"))
        again = PrivateReader(vaults[1], GRAPH, lambda: SCHEMAS).read(GRAPH.envers.values(), {})
        assert again.private.settings["e1/b..main"] == before
        office.desk().change_layer("enver:e1@main", said("tables.mode=provisioned"))
        private = PrivateReader(vaults[1], GRAPH, lambda: SCHEMAS).read(GRAPH.envers.values(), {}).private
        assert dict(private.settings["e1/b..main"].synthesis)["tables"].startswith("salted ")


class SaltedSealed(MemorySealed):
    """As a state's own key makes them."""

    def identity(self, text: str) -> str:
        return f"salted {super().identity(text)}"


def _away() -> Any:
    raise KeyMissing("the key is away")


def test_a_plan_that_is_carried_out_much_later_has_its_texts_again(office: Office) -> None:
    office.desk().change_layer(OWN, said("prices.latte=4.5"))
    store, repositories = MemoryStore(), FakeRepositories()
    for enver in GRAPH.envers.values():
        repositories.commit(enver.repo, "main", {"app.py": enver.build})

    def planner() -> Planner:
        vault = PrivateVault(office.layers, office.sealed)
        return Planner(Compiled(GRAPH, {}, SCHEMAS), store.load(), store, repositories, 2, vault=vault)

    plan = planner().make()
    ((_, identity),) = plan.base.settings["e0/b..main"].runtime
    assert office.sealed.find([identity])
    office.sealed = MemorySealed()  # they were forgotten meanwhile
    assert planner().approved(plan.digest()).digest() == plan.digest()
    assert office.sealed.find([identity])


class TestBetween:
    """What differs between what two envers ran with: field by field, to who may read the config of both."""

    TWO = graph_of([node(n, configs=(ConfigNode("prices", "Prices", "what things cost", "deploy"),)) for n in (0, 1)])

    @pytest.fixture
    def sealed(self, office: Office) -> tuple[PlannedSettings, PlannedSettings]:
        """What each was handed: a price and a token that differ, and a label that says the same of both."""
        texts = [
            json.dumps({"latte": 4.0, "label": "e0--main", "token": "first"}),
            json.dumps({"latte": 5.0, "label": "e1--main", "token": "second"}),
        ]
        named = [office.sealed.identity(text) for text in texts]
        office.sealed.keep(dict(zip(named, texts, strict=True)))
        first, second = (PlannedSettings(runtime=(("prices", one),)) for one in named)
        return first, second

    @staticmethod
    def alike(one: str, other: str) -> bool:
        return one.replace("e0", "e1") == other

    def test_values_are_told_with_their_layers_and_what_is_sensitive_is_not(
        self, office: Office, sealed: tuple[PlannedSettings, PlannedSettings]
    ) -> None:
        office.desk(graph=self.TWO).change_layer(OWN, said("prices.latte=4"))
        found = office.desk(graph=self.TWO).config_between((PRICES, sealed[0]), (TABLES, sealed[1]), self.alike)
        assert [(one.path, one.before, one.after, one.layer_before, one.layer_after) for one in found] == [
            ("latte", 4.0, 5.0, PRICES, DEFAULT),
            ("token", HIDDEN, HIDDEN, DEFAULT, DEFAULT),
        ]

    def test_who_may_not_read_one_of_both_is_told_nothing(
        self, office: Office, sealed: tuple[PlannedSettings, PlannedSettings]
    ) -> None:
        barista = somebody("bob", "baristas", scope=Scope.WRITE)
        graph = graph_of([self.TWO.envers[PRICES_ADDRESS], replace(self.TWO.envers[TABLES_ADDRESS], team="platform")])
        with pytest.raises(NotAllowed):
            office.desk(barista, graph).config_between((PRICES, sealed[0]), (TABLES, sealed[1]), self.alike)

    def test_a_text_that_is_kept_no_more_is_said_to_be_so(
        self, office: Office, sealed: tuple[PlannedSettings, PlannedSettings]
    ) -> None:
        gone = PlannedSettings(runtime=(("prices", "of-nothing"),))
        (found,) = office.desk(graph=self.TWO).config_between((PRICES, sealed[0]), (TABLES, gone), self.alike)
        assert (found.path, found.before, found.after) == ("", "there", "kept no more")
