"""No secret in what runs say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.agent.mask import HIDDEN, Mask

ENVIRONMENT = {
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG",
    "ODMD_DATABASE_URL": "postgresql://ada:b%40nana-split@db.example/odmd",
    "NPM_TOKEN": "npm-123456789",
    "PATH": "/usr/local/bin",
    "MY_PASSWORD": "short",
}


@pytest.mark.parametrize(
    "secret",
    [
        "wJalrXUtnFEMI/K7MDENG",
        "b@nana-split",
        "b%40nana-split",
        "npm-123456789",
        "odmd_0123456789ab_" + "x" * 43,
        "ghp_" + "a" * 36,
        "AKIAIOSFODNN7EXAMPLE",
        "eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0NTY3.c2lnbmF0dXJl",
    ],
)
def test_secrets_are_hidden_wherever_they_stand(secret: str) -> None:
    assert Mask(ENVIRONMENT)(f"said {secret}, and {secret}") == f"said {HIDDEN}, and {HIDDEN}"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("clone https://x-access:t0k3n@github.com/acme/shop", "clone https://x-access:***@github.com/acme/shop"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nand on", "***\nand on"),
        ("-----BEGIN PRIVATE KEY-----\ncut off", "***"),
    ],
)
def test_what_has_the_form_of_a_secret_is_hidden(said: str, shown: str) -> None:
    assert Mask({})(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "foundation--main: Modify AWS::Events::EventBus Bus (replaced)",
        "checkout 7b649c1 of acme/foundation",
        "arn:aws:iam::111122223333:role/deploy",
        "http://localhost:4566/000000000000/read",
        "a short password stays: /usr/local/bin",
    ],
)
def test_all_else_stays(said: str) -> None:
    assert Mask(ENVIRONMENT)(said) == said


@given(st.text(min_size=8).filter(str.strip), st.text(), st.text())
def test_no_secret_of_the_environment_is_left(secret: str, before: str, after: str) -> None:
    said = Mask({"X_TOKEN": secret})(before + secret.strip() + after)
    assert len(secret.strip()) < 8 or secret.strip() not in said.replace(HIDDEN, "")
