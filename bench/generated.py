"""A generated organisation: services in three stages, each consuming the API and its document of three others."""

from __future__ import annotations

import sys

from odmd.model import Account, Branch, Build, CdkEnver, Consumes, Enver, Organisation, Produces, Repo, Stage, Team
from odmd.model.kinds import API_DOC, HttpApi, OpenApi

UPSTREAMS = 3
# Made once, as in a contracts file, where names are constants.
APIS = tuple(sys.intern(f"api{n}") for n in range(UPSTREAMS))
DOCUMENTS = tuple(sys.intern(f"document{n}") for n in range(UPSTREAMS))
ANNOTATIONS = tuple(
    {"api": Produces[HttpApi]}
    | dict.fromkeys(APIS[:count], Consumes[HttpApi])
    | dict.fromkeys(DOCUMENTS[:count], Consumes[OpenApi])
    for count in range(UPSTREAMS + 1)
)


def organisation(services: int) -> Organisation:
    """Services times 3 envers, and about 18 wires a service."""
    team = Team("everybody")
    stages = [
        Stage(name, Account(name, str(digit) * 12), "us-west-1")
        for digit, name in enumerate(("dev", "test", "prod"), start=1)
    ]
    made: dict[str, list[Enver]] = {stage.name: [] for stage in stages}
    for number in range(services):
        upstreams = sorted({(number * 7 + 13 * other + 1) % number for other in range(UPSTREAMS)} if number else ())
        cls = _service(number, len(upstreams), team)
        for stage in stages:
            there = made[stage.name]
            apis = [there[upstream].api for upstream in upstreams]  # type: ignore[attr-defined]  # generated
            documents = [api.child(API_DOC) for api in apis]
            inputs = zip((*APIS[: len(apis)], *DOCUMENTS[: len(apis)]), (*apis, *documents), strict=True)
            there.append(cls(on=Branch(stage.name), at=stage, **dict(inputs)))
    envers = (enver for there in made.values() for enver in there)
    return Organisation("generated", central=stages[0].account, envers=envers)


def _service(number: int, upstreams: int, team: Team) -> type[CdkEnver]:
    body = {"__annotations__": ANNOTATIONS[upstreams], "__module__": __name__}
    return type(f"Service{number}", (CdkEnver,), body, build=Build(f"s{number}", Repo(f"acme/s{number}", team)))
