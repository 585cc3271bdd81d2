"""Needed secrets as parameters: where each is, its version and its field, for the templates that ask."""

from __future__ import annotations

import pytest

from odmd.control.running.bound_secrets import BoundSecret, bound_secrets
from odmd.errors import AssemblyUnfit
from odmd.model.secret_references import parse_reference
from odmd.plan.settings import PlannedSettings
from odmd.providers.aws.cloud_assembly import Assembly, StackTemplate
from odmd.providers.aws.secret_parameters import refuse_unneeded, secret_parameters, unused_secrets
from support.worlds import node

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:acme/db-AbCdEf"


def assembly(*parameters: str) -> Assembly:
    return Assembly((StackTemplate("shop--main", "{}", parameters, (), ()),), ())


def test_a_stack_is_told_where_which_version_and_which_field() -> None:
    bound = bound_secrets(
        PlannedSettings(secrets=(("db", "secretsmanager:acme/db#password v1"), ("own", "op://acme/own/key")))
    )
    named = {name: BoundSecret(one.reference, one.version, ARN if name == "db" else "") for name, one in bound.items()}
    assert secret_parameters(named) == {
        "OdmdSecretDb": ARN,
        "OdmdVersionOfDb": "v1",
        "OdmdFieldOfDb": "password",
        "OdmdSecretOwn": "op://acme/own/key",
        "OdmdVersionOfOwn": "",
        "OdmdFieldOfOwn": "",
    }


@pytest.mark.parametrize("asked", ["OdmdSecretOther", "OdmdVersionOfOther", "OdmdFieldOfDbPassword"])
def test_a_template_that_asks_for_what_nobody_needs_is_refused(asked: str) -> None:
    with pytest.raises(AssemblyUnfit, match=asked):
        refuse_unneeded(node(0, secrets=("db",)), assembly("OdmdSecretDb", asked))
    refuse_unneeded(node(0, secrets=("db",)), assembly("OdmdSecretDb", "OdmdVersionOfDb", "OdmdInBus", "Own"))


def test_what_no_stack_takes_is_said() -> None:
    enver = node(0, secrets=("db", "signing-key"))
    assert unused_secrets(enver, assembly("OdmdSecretDb")) == ["secret signing-key"]


@pytest.mark.parametrize(
    ("reference", "id", "field"),
    [
        (f"{ARN}#password", ARN, "password"),
        ("secretsmanager:acme/db", "acme/db", ""),
        ("ssm:/acme/db", "/acme/db", ""),
        ("vault://kv/acme/db#password", "kv/acme/db", "password"),
        ("op://acme/database/password", "op://acme/database/password", ""),
        ("github:acme/orders/production/TOKEN", "github:acme/orders/production/TOKEN", ""),
    ],
)
def test_what_reads_it_by_itself_is_told_its_stores_own_words(reference: str, id: str, field: str) -> None:
    bound = BoundSecret(parse_reference(reference))
    assert (bound.id, bound.field) == (id, field)
