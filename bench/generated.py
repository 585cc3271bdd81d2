"""A generated organisation: services in three stages, each consuming the API and its document of three others."""

from __future__ import annotations

from odmd.model import Account, Branch, Build, CdkEnver, Consumes, Enver, Organisation, Produces, Repo, Stage, Team
from odmd.model.kinds import API_DOC, HttpApi, OpenApi

UPSTREAMS = 3


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
            apis = [getattr(there[upstream], "api") for upstream in upstreams]  # noqa: B009  # generated
            wires = {f"api{n}": api for n, api in enumerate(apis)}
            documents = {f"document{n}": api.child(API_DOC) for n, api in enumerate(apis)}
            there.append(cls(on=Branch(stage.name), at=stage, **wires, **documents))
    envers = (enver for there in made.values() for enver in there)
    return Organisation("generated", central=stages[0].account, envers=envers)


def _service(number: int, upstreams: int, team: Team) -> type[CdkEnver]:
    annotations = {"api": Produces[HttpApi]}
    annotations |= {f"api{n}": Consumes[HttpApi] for n in range(upstreams)}
    annotations |= {f"document{n}": Consumes[OpenApi] for n in range(upstreams)}
    body = {"__annotations__": annotations, "__module__": __name__}
    return type(f"Service{number}", (CdkEnver,), body, build=Build(f"s{number}", Repo(f"acme/s{number}", team)))
