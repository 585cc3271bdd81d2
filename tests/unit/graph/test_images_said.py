"""What contracts say of images: proven, told to their builds, and part of what a change is measured by."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from odmd.errors import ContractsUnsound
from odmd.graph import Compiled, compile_contracts
from odmd.graph.built import ImageNode, ImagesNode
from odmd.graph.told import hear, tell
from odmd.model import (
    Account,
    Branch,
    Build,
    CdkEnver,
    Config,
    Consumes,
    Dockerfile,
    ImageEnver,
    Organisation,
    Produces,
    Repo,
    Stage,
    Team,
    configured,
    produced,
)
from odmd.model.kinds import Image, ImageRepository, Text
from odmd.plan.carried_out import beyond

TEAM = Team("baristas")
DEV = Stage("dev", Account("dev", "111111111111"), "eu-west-1")
PROD = Stage("prod", Account("prod", "222222222222"), "eu-west-1")
MAIN = Branch("main")


class Shop(CdkEnver, build=Build("shop", Repo("acme/shop", TEAM))):
    app: Consumes[Image]


def images(source: Dockerfile | None, **more: object) -> ImageEnver:
    class Images(ImageEnver, build=Build("tea-image", Repo("acme/tea", TEAM))):
        app: Produces[Image] = produced("the application", source=source, external=True)
        where: Produces[ImageRepository] = produced("where it is", external=True)

    return Images(on=MAIN, at=DEV, **more)


def compiled(*envers) -> Compiled:
    return compile_contracts(Organisation("acme", central=DEV.account, envers=envers), envers)


@pytest.mark.parametrize(
    "source",
    [
        Dockerfile("../Dockerfile"),
        Dockerfile("/etc/Dockerfile"),
        Dockerfile("Dockerfile", context=".."),
        Dockerfile("Dockerfile", target="two words"),
        Dockerfile("Dockerfile", arguments={"A=B": "x"}),
        Dockerfile("Dockerfile", arguments={"A": "\0"}),
        Dockerfile("Dockerfile", platforms=("amd64",)),
        Dockerfile("Dockerfile", secrets={"id,src=/etc/shadow": "acme/key"}),
        Dockerfile("Dockerfile", secrets={"key": "acme key"}),
    ],
    ids=str,
)
def test_what_cannot_be_built_is_refused_at_its_place(source: Dockerfile) -> None:
    with pytest.raises(ContractsUnsound) as unsound:
        compiled(images(source))
    (found,) = unsound.value.diagnostics()
    assert (found.code, found.place and found.place.file) == ("ODMD058", __file__)
    assert found.next_step


def test_a_build_has_some_time() -> None:
    with pytest.raises(ContractsUnsound, match="1 mistake"):
        compiled(images(None, minutes=0))


def test_what_is_said_of_an_image_is_in_the_graph_and_in_what_another_process_is_told() -> None:
    said = Dockerfile("app/Dockerfile", ".", "small", {"B": "2", "A": "1"}, ("linux/arm64",), {"key": "acme/key"})
    made = compiled(images(said, network=True))
    (node,) = made.graph.envers.values()
    app, where = node.products
    assert (app.source, where.source) == ("app/Dockerfile", "")
    how = ImageNode(".", "small", (("A", "1"), ("B", "2")), ("linux/arm64",), (("key", "acme/key"),))
    assert node.built == ImagesNode(30, network=True, images=(("app", how),))
    assert hear(tell(made, [], {})).nodes == (node,)


def test_a_build_is_told_its_consumers_without_asking() -> None:
    made = images(None)
    shops = Shop(on=MAIN, at=DEV, app=made.app), Shop(on=Branch("live"), at=PROD, app=made.app)
    app, where = compiled(made, *shops).graph.envers["tea-image/b..main"].products
    assert [(one.enver, one.account) for one in app.told or ()] == [
        ("shop/b..live", PROD.account.id),
        ("shop/b..main", DEV.account.id),
    ]
    assert where.told == ()


def test_how_it_is_built_and_who_consumes_it_are_changes_of_it() -> None:
    (plain,) = compiled(images(Dockerfile("Dockerfile"))).graph.envers.values()
    (other,) = compiled(images(Dockerfile("Dockerfile", target="small"))).graph.envers.values()
    made = images(Dockerfile("Dockerfile"))
    consumed = compiled(made, Shop(on=MAIN, at=DEV, app=made.app)).graph.envers["tea-image/b..main"]
    assert len({one.slice() for one in (plain, other, consumed)}) == 3
    assert plain.slice() == replace(plain, built=replace(plain.built_as(ImagesNode), minutes=5)).slice()


def test_what_is_neither_image_nor_repository_is_not_carried_out() -> None:
    class Odd(ImageEnver, build=Build("odd", Repo("acme/odd", TEAM))):
        app: Produces[Image] = produced("the application", external=True)
        note: Produces[Text] = produced("a word", external=True)

    (node,) = compiled(Odd(on=MAIN, at=DEV)).graph.envers.values()
    assert list(beyond(node)) == ["it publishes note, and an image build gives Image and ImageRepository only"]
    (plain,) = compiled(images(None)).graph.envers.values()
    assert list(beyond(plain)) == []


@dataclass
class Taste:
    kind: str = "tea"


class TestConfig:
    @pytest.mark.parametrize("path", ["place", "taste.of it", ""])
    def test_an_argument_is_of_a_config_that_the_enver_has(self, path: str) -> None:
        class Images(ImageEnver, build=Build("tea-image", Repo("acme/tea", TEAM))):
            app: Produces[Image] = produced(
                "the application",
                source=Dockerfile(
                    "Dockerfile", arguments={"KIND": "${odmd.config:taste.kind}", "OF": f"${{odmd.config:{path}}}"}
                ),
                external=True,
            )
            taste: Config[Taste] = configured("what it tastes of")

        with pytest.raises(ContractsUnsound) as told:
            compiled(Images(on=MAIN, at=DEV))
        assert [one.fact for one in told.value.diagnostics()] == [
            f"tea-image@main: `app` is given OF of config {path!r}, and the enver has taste"
        ]

    def test_what_is_handed_over_comes_too_late_for_an_image(self) -> None:
        class Images(ImageEnver, build=Build("tea-image", Repo("acme/tea", TEAM))):
            app: Produces[Image] = produced("the application", external=True)
            taste: Config[Taste] = configured("what it tastes of")
            late: Config[Taste] = configured("what it tastes of later", read="deploy")

        (node,) = compiled(Images(on=MAIN, at=DEV)).graph.envers.values()
        assert list(beyond(node)) == ['it reads config `late` at deployment, and an image is made before: read="synth"']
