"""The graph holds every build: those of envers, and those that the organisation lists without one."""

from __future__ import annotations

import pytest

from odmd.errors import ContractsNotLoaded
from odmd.graph import Graph, compile_contracts
from odmd.model import Branch, Build, CdkEnver, Enver, ImageEnver, Organisation, Repo, Team
from support.worlds import ACCOUNT, DEV

TEAM = Team("platform")


class Service(CdkEnver, build=Build("service", Repo("acme/service", TEAM), folder="cdk")):
    """Runs."""


class Later(ImageEnver, build=Build("later", Repo("acme/later", TEAM))):
    """Runs nowhere yet."""


IDEA = Build("idea", Repo("acme/idea", TEAM))


def graph(*builds: Build | type[Enver]) -> Graph:
    envers = [Service(on=Branch("main"), at=DEV)]
    return compile_contracts(Organisation("acme", central=ACCOUNT, envers=envers, builds=builds)).graph


def test_a_build_of_an_enver_is_in_the_graph() -> None:
    build = graph().builds["service"]
    assert (build.type, build.repo, build.folder, build.team) == ("cdk", "acme/service", "cdk", "platform")


def test_a_build_without_envers_is_there_too_and_its_class_says_its_type() -> None:
    made = graph(Later, IDEA)
    assert {name: build.type for name, build in made.builds.items()} == {"idea": "", "later": "image", "service": "cdk"}


def test_a_build_that_is_listed_and_has_an_enver_is_there_once() -> None:
    assert graph(Service.build).builds == graph(Service).builds == graph().builds


def test_the_digest_covers_them_in_whatever_order() -> None:
    assert graph(Later, IDEA).digest() == graph(IDEA, Later).digest() != graph().digest()
    assert graph(Service).digest() == graph().digest()


def test_what_is_no_build_is_refused() -> None:
    with pytest.raises(ContractsNotLoaded, match="builds"):
        Organisation("acme", central=ACCOUNT, envers=[], builds=["idea"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
