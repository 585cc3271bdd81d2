"""Who is let in, as what: the first rule that fits says how much, the teams of all that fit add up."""

from __future__ import annotations

import pytest

from odmd.control.access.identities import NotProven, ProvenIdentity, Rule, Rules, let_in
from odmd.control.scheduler.actor import ActorKind, Scope


def somebody(name: str = "ada", **facts: str) -> ProvenIdentity:
    known = {name: frozenset(said.split(",")) for name, said in facts.items()}
    return ProvenIdentity("ada-1", name, ActorKind.PERSON, "an issuer says ada-1", known)


@pytest.mark.parametrize(
    ("wanted", "said", "fits"),
    [
        ("baristas", "baristas", True),
        ("baristas", "guests,baristas", True),
        ("baristas", "baristas2", False),
        ("baristas", "Baristas", False),
        ("bar.stas", "baristas", False),
        ("*@acme.example", "ada@acme.example", True),
        ("*@acme.example", "ada@acme.example.evil", False),
        ("arn:aws:iam::111122223333:role/*", "arn:aws:iam::111122223333:role/Deployer", True),
        ("arn:aws:iam::111122223333:role/*", "arn:aws:iam::111122223333:role/a/b", False),
        ("arn:aws:iam::111122223333:role/**", "arn:aws:iam::111122223333:role/a/b", True),
        ("acme/*@refs/heads/main", "acme/x/y@refs/heads/main", False),
        ("arn:aws:iam::*:role/Deployer", "arn:aws:iam::1:2:role/Deployer", False),
        ("**", "anything\nat all", True),
        ("", "", True),
    ],
)
def test_a_fact_is_what_a_rule_wants_as_a_whole(wanted: str, said: str, fits: bool) -> None:
    assert Rule({"groups": (wanted,)}, Scope.READ).fits(somebody(groups=said)) is fits


def test_all_that_a_rule_wants_has_to_be_so_and_of_several_values_one() -> None:
    rule = Rule({"groups": ("baristas", "cooks"), "hd": ("acme.example",)}, Scope.READ)
    assert rule.fits(somebody(groups="cooks", hd="acme.example"))
    assert not rule.fits(somebody(groups="cooks", hd="evil.example"))
    assert not rule.fits(somebody(groups="cooks"))


def test_the_first_that_fits_says_how_much_and_teams_add_up() -> None:
    rules = Rules(
        [
            Rule({"groups": ("guests",)}, Scope.READ, ("guests",)),
            Rule({"groups": ("cooks",)}, Scope.WRITE, ("kitchen", "cooks")),
            Rule({"groups": ("baristas",)}, Scope.ADMIN, ("bar", "kitchen")),
        ],
        60,
    )
    found = let_in(somebody(groups="baristas,cooks"), rules)
    assert (found.scope, found.teams) == (Scope.WRITE, ("kitchen", "cooks", "bar"))


def test_teams_come_from_a_claim_where_the_settings_say_so() -> None:
    rules = Rules([Rule({"groups": ("**",)}, Scope.READ)], 60, teams_from="groups")
    assert let_in(somebody(groups="cooks,bar"), rules).teams == ("bar", "cooks")
    assert let_in(somebody(groups="cooks,\x1b[2J,,-x"), rules).teams == ("cooks",)
    with pytest.raises(NotProven, match="201 teams"):
        let_in(somebody(groups=",".join(f"t{n}" for n in range(201))), rules)


def test_who_is_no_rules_is_not_let_in() -> None:
    with pytest.raises(NotProven, match="by no rule"):
        let_in(somebody(groups="guests"), Rules([Rule({"groups": ("cooks",)}, Scope.READ)], 60))


@pytest.mark.parametrize("name", ["", "a\nb", "\x1b[2J", "ada\u202e", "x" * 601])
def test_a_name_that_cannot_be_shown_is_not_let_in(name: str) -> None:
    with pytest.raises(NotProven, match="cannot be shown"):
        let_in(somebody(name, groups="x"), Rules([Rule({"groups": ("**",)}, Scope.READ)], 60))
