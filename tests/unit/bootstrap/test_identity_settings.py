"""What the settings say of identities is right, or refused with its place."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from odmd.bootstrap import identity_settings
from odmd.bootstrap.identities import known_identities, standing
from odmd.bootstrap.identity_settings import read_identities
from odmd.bootstrap.settings import read_settings
from odmd.control.access.identities import IdentityType, Rule
from odmd.control.reading.checks import Found
from odmd.control.scheduler.actor import Scope
from odmd.errors import SettingsInvalid
from odmd.graph.governed import Governed, PolicyFile
from support.worlds import graph_of, node

OIDC: dict[str, Any] = {
    "type": "oidc",
    "issuer": "https://login.acme.example",
    "audience": "odmd",
    "allow": [{"when": {"groups": "cooks"}, "scope": "read"}],
}
AWS: dict[str, Any] = {
    "type": "aws-iam",
    "audience": "odmd.acme.example",
    "sts": "https://sts.eu-central-1.amazonaws.com/",
    "allow": [{"when": {"arn": "arn:aws:iam::111122223333:role/*"}, "scope": "write", "teams": "cooks"}],
}
ACTIONS: dict[str, Any] = {
    "type": "github-actions",
    "audience": "odmd",
    "allow": [{"when": {"repository_id": "4242"}, "scope": "run"}],
}
CLUSTER: dict[str, Any] = {
    "type": "kubernetes",
    "audience": "odmd",
    "server": "https://10.0.0.1:6443",
    "token-file": "token",
    "allow": [{"when": {"namespace": "shop", "name": ["deployer", "ci"]}, "scope": "run"}],
}


def read(**said: Any) -> Any:
    return read_identities(said, Path("/base"), "pyproject.toml")


def test_each_type_is_read_with_what_is_usual_for_it() -> None:
    found = read(company=OIDC, aws=AWS, actions=ACTIONS, cluster=CLUSTER)
    assert {name: one.type for name, one in found.items()} == {
        "company": IdentityType.OIDC,
        "aws": IdentityType.AWS_IAM,
        "actions": IdentityType.GITHUB_ACTIONS,
        "cluster": IdentityType.KUBERNETES,
    }
    assert found["company"].algorithms == ("RS256",)
    assert found["actions"].issuer == "https://token.actions.githubusercontent.com"
    assert found["aws"].rules.rules == (Rule({"arn": ("arn:aws:iam::111122223333:role/*",)}, Scope.WRITE, ("cooks",)),)
    assert found["cluster"].token_file == Path("/base/token")
    assert [one.rules.seconds for one in found.values()] == [28_800, 3600, 3600, 3600]


def test_what_is_read_can_be_served_without_asking_anybody() -> None:
    found = known_identities(read(company=OIDC, aws=AWS, actions=ACTIONS, cluster=CLUSTER))
    assert {name: one.identities.told.name for name, one in found.items()} == {name: name for name in found}


def test_a_certificate_that_is_not_there_is_named() -> None:
    with pytest.raises(SettingsInvalid, match=r"identities.cluster\] /base/ca.pem: No such file"):
        known_identities(read(cluster={**CLUSTER, "certificate-authority": "ca.pem"}))


def test_the_example_that_the_module_shows_is_right_but_for_its_rules() -> None:
    said = tomllib.loads((identity_settings.__doc__ or "").partition("\n\n")[2])["tool"]["odmd"]["identities"]
    for name in ("aws", "actions", "cluster"):
        said[name]["allow"] = {"aws": AWS, "actions": ACTIONS, "cluster": CLUSTER}[name]["allow"]
    assert read(**said)["company"].rules.teams_from == "groups"


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ("oidc", "must be a table"),
        ({**OIDC, "type": "saml"}, "is of type 'saml'"),
        ({**OIDC, "sts": "https://sts.amazonaws.com/"}, "has no sts"),
        ({**OIDC, "issuer": ""}, "issuer must be a text"),
        ({one: OIDC[one] for one in OIDC if one != "issuer"}, "lacks issuer"),
        ({**OIDC, "issuer": "http://login.acme.example"}, "neither https nor on this machine"),
        ({**OIDC, "issuer": "https://a:b@login.acme.example"}, "neither https nor on this machine"),
        ({**OIDC, "algorithms": ["RS256", "HS256"]}, "algorithms has HS256"),
        ({**OIDC, "algorithms": ["none"]}, "algorithms has none"),
        ({**OIDC, "algorithms": []}, "algorithms must be a text, or a list"),
        ({**OIDC, "session": 59}, "session must be seconds"),
        ({**OIDC, "session": 86_401}, "session must be seconds"),
        ({**OIDC, "session": True}, "session must be seconds"),
        ({**OIDC, "allow": []}, "lets nobody in"),
        ({**OIDC, "allow": [{"scope": "read"}]}, "allow says of nobody"),
        ({**OIDC, "allow": [{"when": {"groups": "x"}}]}, "allow.scope must be one of"),
        ({**OIDC, "allow": [{"when": {"groups": "x"}, "scope": "root"}]}, "allow.scope must be one of"),
        ({**OIDC, "allow": [{"when": {"groups": 7}, "scope": "read"}]}, "allow.when.groups must be a text"),
        ({**OIDC, "allow": [{"when": {"groups": "x"}, "scope": "read", "team": "x"}]}, "allow has no team"),
        ({**OIDC, "devices": "yes"}, "devices must be true or false"),
        ({**AWS, "devices": True}, "has no devices"),
        ({**AWS, "sts": ["https://sts.amazonaws.com/x"]}, "sts has https"),
        ({**AWS, "allow": [{"when": {"arn": "arn:aws:iam::*:role/x"}, "scope": "read"}]}, "fixes no arn or account"),
        ({**AWS, "allow": [{"when": {"arn": "**"}, "scope": "read"}]}, "fixes no arn or account"),
        (
            {**AWS, "allow": [{"when": {"account": ["111122223333", "*"]}, "scope": "read"}]},
            "fixes no arn or account",
        ),
        ({**ACTIONS, "allow": [{"when": {"repository": "acme/orders"}, "scope": "run"}]}, "fixes no repository_id"),
        ({**ACTIONS, "allow": [{"when": {"repository_id": "4*"}, "scope": "run"}]}, "fixes no repository_id"),
        ({**CLUSTER, "issuer": "https://oidc.example"}, "one of two ways"),
        ({one: CLUSTER[one] for one in CLUSTER if one != "token-file"}, "one of two ways"),
        ({one: CLUSTER[one] for one in CLUSTER if one not in ("server", "token-file")}, "one of two ways"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(said: Any, fact: str) -> None:
    with pytest.raises(SettingsInvalid) as wrong:
        read(company=said)
    assert wrong.value.fact.startswith("pyproject.toml: [tool.odmd.identities.company] ")
    assert fact in wrong.value.fact


def test_people_of_two_issuers_never_have_one_name() -> None:
    partner = {**OIDC, "issuer": "https://login.partner.example"}
    with pytest.raises(SettingsInvalid, match=r"identities.partner\] and company could call two people by one name"):
        read(company=OIDC, partner=partner)
    assert read(company=OIDC, partner={**partner, "prefix": "partner:"})["partner"].prefix == "partner:"


def test_the_doctor_says_what_is_wider_than_it_need_be(tmp_path: Path) -> None:
    writers = {**OIDC, "allow": [{"when": {"groups": "cooks"}, "scope": "write"}]}
    base = read_settings("contracts.py:acme", tmp_path)
    wide = replace(base, identities=read(company=writers, aws=AWS))
    graph = graph_of([node(0)])
    found = standing(wide, graph)
    assert found.state == "note"
    for said in ("have no policies", "known by several of company, aws counts twice", "by which names"):
        assert said in found.fact
    governed = replace(graph, governed=Governed(policies=(PolicyFile("main.cedar", ""),)))
    narrow = replace(base, identities=read(company=writers, actions=ACTIONS), names=("odmd.acme.example",))
    assert standing(narrow, governed) == Found("by actions, company")


def test_a_name_that_no_command_line_takes_is_refused() -> None:
    with pytest.raises(SettingsInvalid, match="another name"):
        read(**{"--device": OIDC})
