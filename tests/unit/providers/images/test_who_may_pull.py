"""A repository's policy holds what each enver of its build says, and what others wrote there."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from odmd.providers.images.policy import Pullers, says_the_same, statements, with_statements

HERE = "111122223333"
accounts = st.sampled_from([HERE, "222233334444", "333344445555"])
pullers = st.builds(
    Pullers,
    st.sampled_from(["tea/b..main", "tea/b..dev", "tea/b..main-_b..fix"]),
    st.frozensets(st.tuples(accounts, st.sampled_from(["eu-west-1", "us-west-1"])), max_size=3),
    st.frozensets(st.sampled_from([f"arn:aws:iam::{HERE}:role/{name}" for name in ("a", "b")]), max_size=2),
)
THEIRS = {"Sid": "theirs", "Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}


def said(policy: str | None, one: Pullers) -> str | None:
    return with_statements(policy, one.enver, statements(one, HERE, "aws"))


@given(st.lists(pullers, max_size=8))
def test_each_enver_says_its_own_last_word_and_no_other_ones(many: list[Pullers]) -> None:
    policy: str | None = json.dumps({"Version": "2012-10-17", "Statement": [THEIRS]})
    for one in many:
        policy = said(policy, one)
    last = {one.enver: one for one in many}
    wanted = [THEIRS, *(made for one in last.values() for made in statements(one, HERE, "aws"))]
    assert says_the_same(policy, json.dumps({"Statement": wanted}))


@given(pullers)
def test_said_twice_is_said_once(one: Pullers) -> None:
    assert says_the_same(said(said(None, one), one), said(None, one))


@given(pullers)
def test_nobody_gets_more_than_to_pull(one: Pullers) -> None:
    for made in statements(one, HERE, "aws"):
        assert set(made["Action"]) <= {
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
        }
        assert made["Principal"] not in ("*", {"AWS": "*"})


@given(pullers)
def test_only_accounts_of_consumers_and_named_roles_are_let_in(one: Pullers) -> None:
    let_in = {who for made in statements(one, HERE, "aws") for who in made["Principal"].get("AWS", [])}
    others = {account for account, _ in one.places} - {HERE}
    assert let_in == {f"arn:aws:iam::{account}:root" for account in others} | one.roles


def test_a_policy_says_the_same_in_another_order_and_form() -> None:
    one = {"Statement": [{"Sid": "a", "Action": ["x", "y"], "Principal": {"AWS": ["p"]}}]}
    other = {"Statement": {"Principal": {"AWS": "p"}, "Sid": "a", "Action": ["y", "x"]}}
    assert says_the_same(json.dumps(one), json.dumps(other))
    assert not says_the_same(json.dumps(one), None)
    assert says_the_same("no json", None)


def test_a_policy_without_statements_is_none() -> None:
    assert with_statements(None, "tea/b..main", []) is None
