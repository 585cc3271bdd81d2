"""Templates of roles: within AWS's limits, the same as the data that they are made of, and nothing that lint finds."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from odmd.errors import RolesUnfit
from odmd.graph.rights.roles import AccountRoles, Boundary, BuildRoles, IamRole, Trust
from odmd.graph.rights.standing import differences, expected
from odmd.graph.rights.statements import LONGEST_POLICY, Condition, Statement
from odmd.model.targets import Target
from odmd.providers.aws.bounded import bounded
from odmd.providers.aws.role_stacks import RoleStacks, StackOfRoles
from odmd.providers.aws.roles_found import in_template
from odmd.providers.aws.roles_template import stack_templates
from odmd.providers.aws.templates import parsed

TARGET = Target("111122223333", "eu-west-1")
TRUST = Trust("AWS", ("arn:aws:iam::111122223333:root",), ("sts:AssumeRole", "sts:TagSession"), "")


def statement(*actions: str, resources: int = 1, conditions: tuple[Condition, ...] = ()) -> Statement:
    arns = tuple(f"arn:aws:sqs:eu-west-1:111122223333:kitchen-main-{number:050}" for number in range(resources))
    return Statement(actions, arns, "because", None, conditions)


def bootstrap(statements: tuple[Statement, ...], most: tuple[Statement, ...] = (), **given: object) -> AccountRoles:
    role = IamRole("odmd-exec-x", "exec", "kitchen", "branch", TARGET, (TRUST,), statements)
    boundary = Boundary("odmd-boundary-x", most or (statement("sqs:*"),))
    build = BuildRoles("kitchen", TARGET, "odmd-roles-kitchen", (role,), (boundary,))
    guard = Boundary("odmd-guard-x", (Statement(("*",), ("*",), "all"), replace(statement("iam:*"), denies=True)))
    made = AccountRoles(TARGET, guard, makes_provider=False, bucket="", builds=(build,))
    return replace(made, **given)  # type: ignore[arg-type]


def templates(made: AccountRoles) -> dict[str, object]:
    return {name: parsed(one.template) for name, one in stack_templates(made, "acme").items()}


class TestLimits:
    def test_what_is_too_long_for_one_policy_stands_in_several(self) -> None:
        made = bootstrap((statement("sqs:A", resources=120), statement("sqs:B", "sqs:C", resources=3)))
        resources = templates(made)["odmd-roles-kitchen"]["Resources"].values()  # type: ignore[index]
        documents = [
            one["Properties"]["PolicyDocument"] for one in resources if one["Type"] == "AWS::IAM::ManagedPolicy"
        ]
        assert len(documents) > 3
        assert all(len(json.dumps(one, separators=(",", ":"))) <= LONGEST_POLICY for one in documents)
        assert list(differences(in_template(templates(made)["odmd-roles-kitchen"]), expected(made))) == [  # type: ignore[arg-type]
            "odmd-guard-x: new; allows all that it does not deny"
        ]

    def test_more_policies_than_a_role_can_have_are_refused(self) -> None:
        with pytest.raises(RolesUnfit, match="and AWS attaches 10"):
            templates(bootstrap((statement("sqs:A", resources=1000),)))

    def test_a_boundary_that_is_too_long_is_refused_with_its_length(self) -> None:
        with pytest.raises(RolesUnfit, match="and AWS takes 6144"):
            templates(bootstrap((), (statement("sqs:A", resources=100),)))

    def test_more_than_an_account_may_have_is_told_account_by_account(self) -> None:
        (build,) = bootstrap(()).builds
        many = tuple(Boundary(f"odmd-boundary-x@b..{number}", (statement("sqs:*"),)) for number in range(760))
        here = stack_templates(bootstrap((), builds=(replace(build, boundaries=many),)), "acme")
        looked = {
            Target(account, region): [StackOfRoles(TARGET, one.name, {}, one, ()) for one in here.values()]
            for account, region in (("111122223333", "eu-west-1"), ("444455556666", "eu-west-1"))
        }
        assert list(RoleStacks.above_quotas(looked)) == []
        looked[Target("111122223333", "us-west-1")] = looked[TARGET]
        (said,) = RoleStacks.above_quotas(looked)
        assert said.startswith("account 111122223333 would have 1522 managed policies, and AWS lets it have 1500")


def test_slots_that_differ_in_dots_and_dashes_have_a_boundary_each() -> None:
    (build,) = bootstrap(()).builds
    names = {f"odmd-boundary-x@b..{slot}" for slot in ("a-b", "a.b", "a_b")}
    several = tuple(Boundary(one, (statement("sqs:*"),)) for one in sorted(names))
    made = bootstrap((statement("sqs:A"),), builds=(replace(build, boundaries=several),))
    assert names <= in_template(templates(made)["odmd-roles-kitchen"]).keys()  # type: ignore[arg-type]


def test_what_a_template_says_is_what_was_meant() -> None:
    where = Condition("StringEquals", "aws:RequestedRegion", ("eu-west-1",))
    made = bootstrap((statement("sqs:A", "sqs:B", resources=2), statement("sqs:C", conditions=(where,))))
    found = {name: one for template in templates(made).values() for name, one in in_template(template).items()}  # type: ignore[arg-type]
    assert found == expected(made)


class TestBounded:
    TEMPLATE = json.dumps({"Resources": {"R": {"Type": "AWS::IAM::Role"}, "Q": {"Type": "AWS::SQS::Queue"}}})

    def test_a_role_gets_the_boundary_and_nothing_else_changes(self) -> None:
        role = {"Type": "AWS::IAM::Role", "Properties": {"PermissionsBoundary": "b"}}
        assert json.loads(bounded(self.TEMPLATE, "b")) == {"Resources": {"R": role, "Q": {"Type": "AWS::SQS::Queue"}}}

    def test_one_of_its_own_stays(self) -> None:
        own = self.TEMPLATE.replace(
            '"AWS::IAM::Role"', '"AWS::IAM::Role", "Properties": {"PermissionsBoundary": "own"}'
        )
        assert json.loads(bounded(own, "b")) == json.loads(own)

    def test_a_template_without_roles_is_the_same_text(self) -> None:
        text = '{"Resources":  {"Q": {"Type": "AWS::SQS::Queue"}}}'
        assert bounded(text, "b") is text
