"""A wire to a network lets its consumer put things into it, and gives nobody the data that its maker has besides."""

from __future__ import annotations

import pytest
from shops import DEV, bootstrap, compiled

from odmd.graph.rights.needs import TAG
from odmd.graph.rights.standing import allowed, trusted
from odmd.graph.rights.statements import Atom, Statement, is_like
from odmd.model import Branch, Build, CdkEnver, Consumes, Produces, Repo, Team, consumed, produced
from odmd.model.kinds import PostgresDatabase, Vpc

TEAM = Team("platform")


class Platform(CdkEnver, build=Build("platform", Repo("acme/platform", TEAM))):
    net: Produces[Vpc] = produced("the network", external=True)
    data: Produces[PostgresDatabase] = produced("what there is", external=True)


class App(CdkEnver, build=Build("app", Repo("acme/app", TEAM))):
    net: Consumes[Vpc] = consumed("where it is")
    data: Consumes[PostgresDatabase] = consumed("what it reads")
    own: Produces[PostgresDatabase] = produced("its own", external=True)


platform = Platform(on=Branch("main"), at=DEV)
app = App(on=Branch("main"), at=DEV, net=platform.net, data=platform.data)
FOUND = bootstrap(compiled(platform, app))


def of_app() -> list[Statement]:
    (build,) = [one for one in FOUND.builds if one.build == "app"]
    holders = [one for one in (*build.roles, *build.boundaries) if "-branch-" in one.name]
    return [one for holder in holders for one in holder.statements]


@pytest.mark.parametrize(("service", "led"), [("ec2", True), ("rds", False), ("secretsmanager", False)])
def test_what_its_wires_lead_it_to(service: str, led: bool) -> None:
    tags = [
        {value for condition in one.conditions if condition.key == TAG for value in condition.values}
        for one in of_app()
        if any(action.startswith(f"{service}:") for action in one.actions)
    ]
    assert tags, "it has such things of its own"
    assert all(is_like("app/b..main", values) for values in tags)
    assert all(("platform/b..main" in values) == led for values in tags)


def test_triggers_and_tags_of_others_functions_are_nobodys() -> None:
    reaching = [one for one in of_app() if one.matches("lambda:DeleteEventSourceMapping") and "*" in one.resources]
    assert reaching
    for one in reaching:
        assert any(c.key == "lambda:FunctionArn" and all("app" in own for own in c.values) for c in one.conditions)
    others = "arn:aws:lambda:eu-west-1:111122223333:function:platform--main-Handler-ABC"
    assert not [one for one in of_app() if one.matches("lambda:TagResource", others)]


class TestPoliciesMadeByHand:
    def test_what_all_but_some_means_is_kept(self) -> None:
        document = {"Statement": {"Effect": "Deny", "NotAction": "s3:*", "NotResource": ["a", "b"]}}
        assert list(allowed([document])) == [Atom("all but s3:*", "all but a, b", (), True)]
        document = {"Statement": {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}}
        assert list(allowed([document])) == [Atom("all but s3:*", "*")]

    def test_who_is_kept_out_is_not_let_in(self) -> None:
        allow = {"Effect": "Allow", "Principal": {"AWS": "ann"}}
        assert list(trusted([allow])) == ["ann"]
        assert list(trusted([{**allow, "Effect": "Deny"}])) == ["nobody of ann"]
