"""References to secrets: what people write, read and written back the same; and a text that is none is never shown."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from odmd.errors import ReferenceInvalid
from odmd.model.secret_references import (
    GithubSecret,
    ManagedSecret,
    OnePasswordField,
    SecretReference,
    SecureString,
    VaultSecret,
    bound,
    parse_reference,
    unbound,
)

PLAIN = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)
FIELD = st.from_regex(r"[!-\"$-~]{1,30}", fullmatch=True)
REGION, ACCOUNT = st.sampled_from(["eu-west-1", "us-gov-east-1"]), st.from_regex(r"[0-9]{12}", fullmatch=True)
PLACE = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"partition": st.sampled_from(["aws", "aws-cn"]), "region": REGION, "account": ACCOUNT}),
)
MANAGED = st.builds(
    lambda name, field, place: ManagedSecret(name, field, **place),
    st.from_regex(r"[A-Za-z0-9_-]{1,9}(/[A-Za-z0-9_+=@-]{1,9}){0,3}", fullmatch=True),
    st.one_of(st.just(""), FIELD),
    PLACE,
)
PATH = st.lists(PLAIN, min_size=1, max_size=4).map("/".join)
REFERENCES: st.SearchStrategy[SecretReference] = st.one_of(
    MANAGED,
    st.builds(lambda path, place: SecureString(f"/{path}", **place), PATH, PLACE),
    st.builds(GithubSecret, PLAIN, PLAIN, PLAIN, st.from_regex(r"[A-Z_][A-Z0-9_]{0,20}", fullmatch=True)),
    st.builds(OnePasswordField, PLAIN, PLAIN, PLAIN, st.one_of(st.just(""), PLAIN)),
    st.builds(VaultSecret, PLAIN, PATH, FIELD),
)


@given(REFERENCES, st.one_of(st.just(""), st.from_regex(r"[!-~]{1,64}", fullmatch=True)))
def test_what_is_written_is_read_back(reference: SecretReference, version: str) -> None:
    assert parse_reference(str(reference)) == reference
    assert unbound(bound(reference, version)) == (reference, version)


@given(st.text(min_size=9))
def test_what_is_no_reference_may_be_the_secret_and_is_not_shown(text: str) -> None:
    assume(not text.startswith(("ssm:", "arn:", "op:", "vault:", "github:", "secretsmanager:")))
    with pytest.raises(ReferenceInvalid) as refused:
        parse_reference(text)
    assert text not in f"{refused.value.fact}{refused.value.next_step}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hunter2hunter2",
        "postgres://shop:hunter2hunter2@db/shop",
        "secretsmanager:",
        "secretsmanager:acme/../other",
        "secretsmanager:a b",
        "ssm:no-slash",
        "ssm:/acme//db",
        "ssm:/acme/db\n",
        "arn:aws:secretsmanager:eu-west-1:12345:secret:acme/db-AbCdEf",
        "arn:aws:s3:::acme/db",
        "arn:aws:ssm:eu-west-1:123456789012:parameterdb",
        "github:acme/orders/NPM_TOKEN",
        "github:acme/orders/production/npm-token",
        "op://vault/item",
        "op://My Vault/item/field",
        "op://vault/--help/field",
        "vault://kv/acme/db",
        "vault://kv/../sys/raw#x",
        "vault:kv/acme#x",
        "ssm:/" + "x" * 3000,
        "secretsmanager:acme/db#\x1b[2J",
    ],
)
def test_what_nobody_could_read_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ReferenceInvalid) as refused:
        parse_reference(text)
    assert "hunter2" not in str(refused.value)
    assert ":" in refused.value.next_step


def test_an_arn_says_where_and_a_name_leaves_it_to_the_enver() -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:acme/db-AbCdEf"
    by_arn, by_name = parse_reference(f"{arn}#password"), parse_reference("secretsmanager:acme/db")
    assert by_arn == ManagedSecret("acme/db-AbCdEf", "password", "aws", "eu-west-1", "123456789012")
    assert isinstance(by_arn, ManagedSecret)
    assert by_arn.id == arn
    assert isinstance(by_name, ManagedSecret)
    assert (by_name.id, by_name.account) == ("acme/db", "")
