"""No secret in what runs say."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.agent.mask import HIDDEN, Mask
from odmd.agent.secret_forms import flat
from odmd.texts import harmless

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


SHAPES = [
    ("aws_secret_access_key = wJal+rX/x", "aws_secret_access_key = ***"),
    ("DB_PASSWORD='a b c' and on", "DB_PASSWORD='***' and on"),
    ('{"password": "p w", "user": "ada"}', '{"password": "***", "user": "ada"}'),
    (r"{\"apiKey\": \"geheim123\"}", r"{\"apiKey\": \"***\"}"),
    ("https://h.example/?access_token=abc123&page=1", "https://h.example/?access_token=***&page=1"),
    ("login --password hunter2 --user ada", "login --password *** --user ada"),
    ("password: hunter2pass", "password: ***"),
    ("Authorization: Token abc", "Authorization: ***"),
    ("used sk_live_abcdefgh1234", "used ***"),
    ("used xoxb-123-456-abc", "used ***"),
    ("used glpat-abcdefghij1234567890", "used ***"),
    ("used ghs_short", "used ***"),
    ("used ghs_12345_eyJabc.eyJdef.sig", "used ***"),
    ("client-key-data: LS0tLS1CRUdJTiBSU0Eg", "client-key-data: ***"),
    ("-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\nand on", "***\nand on"),
]


@pytest.mark.parametrize(("said", "shown"), SHAPES)
def test_common_secrets_are_known_by_their_shape(said: str, shown: str) -> None:
    assert Mask({})(said).replace("Token ***", "***") == shown


@pytest.mark.parametrize(
    "said",
    [
        "Modify AWS::SecretsManager::Secret Password (replaced)",
        "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-pw",
        "SyntaxError: Unexpected token: foo",
        "password=None, token = ${TOKEN}, secret={{resolve:secretsmanager:x}}",
        "the token: expired at noon",
        "if token == other",
        "--secret-id db",
        "Basic authentication is on, bearer of news",
        "tokens=12 used, monkey: 12345678",
    ],
)
def test_ordinary_text_stays(said: str) -> None:
    assert Mask({})(said) == said


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "json": lambda secret: json.dumps(secret)[1:-1],
    "json in json": lambda secret: json.dumps(json.dumps(secret)),
    "url": lambda secret: quote(secret, ""),
    "form": quote_plus,
    "python": repr,
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64 of a pair": lambda secret: base64.b64encode(f"u:{secret}".encode()).decode(),
    "base64 of a user's pair": lambda secret: base64.urlsafe_b64encode(f"ab:{secret}:x".encode()).decode(),
    "hex": lambda secret: secret.encode().hex(),
}
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="*"), min_size=8, max_size=60)
SECRETS = WORDS.filter(lambda text: len(flat(text.strip())) >= 8)
PIECES = st.lists(st.integers(1, 9), min_size=1, max_size=20)


def streamed(mask: Mask, text: str) -> str:
    """What is shown of an app's output, line by line."""
    stream = mask.stream()
    lines = [shown for line in io.StringIO(text, newline="\n") for shown in stream(line)]
    return "\n".join([*lines, *stream.rest()])


def core(form: str, secret: str) -> str:
    """What of a secret in a form depends on nothing else."""
    made = FORMS[form](secret)
    return made[6:-6] if form.startswith("base64 of") else made.rstrip("=")[:-1] if form == "base64" else made


@given(SECRETS, st.text(), st.text(), st.sampled_from(sorted(FORMS)))
def test_no_secret_of_the_environment_is_left_in_any_form(secret: str, before: str, after: str, form: str) -> None:
    secret = secret.strip()
    said = f"{before}{FORMS[form](secret)}{after}"
    mask = Mask({"X_TOKEN": secret})
    for shown in (mask(said), streamed(mask, said)):
        assert core(form, secret) not in shown.replace(HIDDEN, "\0")


@given(SECRETS, PIECES, st.text(max_size=5))
def test_a_secret_that_is_broken_over_lines_is_hidden(secret: str, pieces: list[int], before: str) -> None:
    secret = "".join(secret.split())
    at, broken = 0, [f"{before}{secret[:4]}"]
    for size in pieces:
        at += size
        broken.append(secret[4:][at - size : at])
    said = "\n".join([*broken, secret[4:][at:]])
    shown = streamed(Mask({"X_TOKEN": secret}), said)
    assert len(secret) < 8 or secret not in shown.replace("\n", "").replace(HIDDEN, "\0")


@given(st.lists(SECRETS, min_size=1, max_size=5), st.data())
def test_secrets_that_share_their_beginnings_are_hidden_all(secrets: list[str], data: st.DataObject) -> None:
    secrets = [secret.strip() for secret in secrets]
    secrets += [data.draw(st.sampled_from(secrets)) + "tail" for _ in range(3)]
    mask = Mask({f"T{number}_TOKEN": secret for number, secret in enumerate(secrets)})
    shown = streamed(mask, data.draw(st.permutations(secrets).map("\n".join)))
    assert not [secret for secret in secrets if secret in shown.replace(HIDDEN, "\0")]


KEY = [
    "-----BEGIN RSA PRIVATE KEY-----",
    *(f"MIIEowIBAAKCAQEA{number:048d}" for number in range(25)),
    "-----END RSA PRIVATE KEY-----",
]


@given(st.lists(st.integers(0, len(KEY)), max_size=8))
def test_a_key_is_hidden_from_its_first_line_to_its_last_whatever_stands_between(places: list[int]) -> None:
    said = list(KEY)
    for place in places:
        said.insert(place, "another line")
    shown = streamed(Mask({}), "\n".join(["before", *said, "after"]))
    assert "MII" not in shown
    assert "KEY" not in shown
    assert shown.startswith("before\n")
    assert shown.endswith("\nafter")


def test_a_key_without_an_end_hides_no_more_than_a_key_can_be_long() -> None:
    stream = Mask({}).stream()
    shown = [line for number in range(1500) for line in stream("-----BEGIN X KEY-----" if not number else str(number))]
    assert shown[0] == HIDDEN
    assert shown[-1] == "1499"
    assert len(shown) < 600


def test_a_line_without_an_end_is_cut_and_no_secret_peeps_out_there() -> None:
    stream = Mask({"X_TOKEN": "geheimnis-123"}).stream()
    assert list(stream("said geheimn", cut=True)) == [f"said {HIDDEN}"]


@given(st.integers(0, 60), st.integers(1, 40))
def test_a_key_that_begins_in_the_rest_of_a_line_is_hidden(before: int, size: int) -> None:
    stream, size = Mask({}).stream(), size + 60
    line = "x" * before + "-----BEGIN RSA PRIVATE KEY-----"
    pieces = [line[at : at + size] for at in range(0, len(line), size)]
    shown = [one for n, piece in enumerate(pieces) for one in stream(piece, cut=n + 1 < len(pieces))]
    shown += [one for line in ("MIIEsecret", "-----END RSA PRIVATE KEY-----", "and on") for one in stream(line)]
    assert not any("MIIEsecret" in one for one in [*shown, *stream.rest()])
    assert "and on" in shown


def test_of_a_line_without_an_end_only_the_beginning_is_shown() -> None:
    stream = Mask({}).stream()
    said = [stream("one", cut=True), stream("two", cut=True), stream("three"), stream("four")]
    assert [list(one) for one in said] == [["one", HIDDEN], [], [], ["four"]]


@pytest.mark.parametrize(
    "piece", ["a-b.c", "eyJ-", "password: 1:", "--token-", "://a:", "token", "-----BEGIN X KEY-----", "Bearer a"]
)
def test_no_text_takes_long_to_read(piece: str) -> None:
    text = piece * (60_000 // len(piece))
    assert streamed(Mask(ENVIRONMENT), text)


def test_what_begins_no_secret_is_shown_at_once() -> None:
    stream = Mask({"X_TOKEN": "geheimnis-123"}).stream()
    assert list(stream("one\n")) == ["one"]
    assert list(stream("gehe\n")) == []
    assert list(stream("n lassen\n")) == ["gehe", "n lassen"]


def test_secrets_in_documents_and_of_several_lines_are_hidden_a_line_each() -> None:
    mask = Mask(
        {"APP_SECRET": '{"user": "ada", "deep": [{"x": "geheimnis"}]}', "SOME_PRIVATE_KEY": "first-line\nsecond-line"}
    )
    assert mask("x geheimnis y second-line") == f"x {HIDDEN} y {HIDDEN}"


def test_what_is_said_of_a_run_has_nothing_for_a_terminal() -> None:
    said = "\x1b[31mred\x1b[0m \x1b]0;title\x07a\u202eb\x00\r10 %\r20 %\n"
    assert streamed(Mask({}), said) == "red a�b�\n10 %\n20 %"
    assert Mask({})(said) == "red a�b�\n10 %\n20 %\n"


@given(SECRETS, st.integers(1, 7), st.sampled_from(["\x1b[0m", "\x1b[1;31m", "\x1b[K", "\x1b]8;;\x07", "\x1b\x1b[0m"]))
def test_a_secret_with_a_colour_in_its_midst_is_not_put_together(secret: str, at: int, colour: str) -> None:
    secret = harmless("".join(secret.split()))
    mask = Mask({"X_TOKEN": secret})
    said = f"x {secret[:at]}{colour}{secret[at:]} y"
    for shown in (mask(said), streamed(mask, said)):
        assert secret not in shown or len(secret) < 8


MORE = {
    "github_pat": "github_pat_11ABCDEFG0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
    "session key id": "ASIAIOSFODNN7EXAMPLE",
    "npm": "npm_abcdefghijklmnopqrstuvwxyz0123456789",
    "pypi": "pypi-AgEIcHlwaS5vcmcCJDEyMzQ1Njc4LTEyMzQtMTIzNC0x",
    "jwt": "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjMifQ.",
    "gitlab deploy": "gldt-abcdefghij1234567890",
    "slack app": "xapp-1-A012345-6789012345-abcdef",
    "slack refresh": "xoxe.xoxp-1-Mi0yLTEyMzQ1Njc4OTAxMjM0NTY3ODkw",
    "google oauth": "ya29.a0AfH6SMBx-abcdefghijklmnopqrstuvwxyz",
    "google client": "GOCSPX-abcdefghijklmnopqrstuvwxyz12",
    "sendgrid": "SG.abcdefghijklmnopqrstuv.wxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg",
    "anthropic": "sk-ant-api03-abcdefghijklmnopqrstuvwxyz",
    "stripe restricted": "rk_live_abcdefgh1234",
    "docker": "dckr_pat_abcdefghijklmnopqrstuvwxyz1",
    "digitalocean": "dop_v1_" + "0123456789abcdef" * 4,
    "hugging face": "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH",
    "vault": "hvs.CAESIabcdefghijklmnopqrstuvw",
    "age": "AGE-SECRET-KEY-1QQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQ",
}


@pytest.mark.parametrize("kind", MORE)
def test_tokens_are_known_by_their_beginnings(kind: str) -> None:
    assert Mask({})(f"used {MORE[kind]} there") == f"used {HIDDEN} there"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("aws_session_token=IQoJb3JpZ2luX2VjEJr", "aws_session_token=***"),
        ("AWS_SECRET_ACCESS_KEY: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AWS_SECRET_ACCESS_KEY: ***"),
        ("AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "***"),
        ("AKIAIOSFODNN7EXAMPLE,wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "***"),
        ("'secretAccessKey': 'wJalrXUtnFEMI/K7'", "'secretAccessKey': '***'"),
        ("Proxy-Authorization: Basic dXNlcjpwYXNz", "Proxy-Authorization: Basic ***"),
        ("authorization: bearer abc", "authorization: bearer ***"),
        ('"Authorization": "token abcd1234"', '"Authorization": "token ***"'),
        ("X-Api-Key: 0123abcd0123", "X-Api-Key: ***"),
        ("clone https://t0k3nt0k3n@github.com/acme/shop", "clone https://***@github.com/acme/shop"),
        ("redis://:p4ss@db.example:6379/0", "redis://:***@db.example:6379/0"),
        ("Server=db;User Id=sa;Password=p4ss;", "Server=db;User Id=sa;Password=***;"),
        ("//registry.example/:_authToken=abcdef", "//registry.example/:_authToken=***"),
        ("//registry.example/:_auth=abcdef0123=", "//registry.example/:_auth=***"),
        ("machine host login ada password hunter2pass", "machine host login ada password ***"),
        ("X-Amz-Signature=0123456789abcdef&X-Amz-Expires=60", "X-Amz-Signature=***&X-Amz-Expires=60"),
        ("X-Amz-Security-Token=IQoJb3JpZ2&x=1", "X-Amz-Security-Token=***&x=1"),
        ("&sig=abc%2Bdef0123456789&se=2026", "&sig=***&se=2026"),
    ],
)
def test_secrets_are_known_by_where_they_stand(said: str, shown: str) -> None:
    assert Mask({})(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "https://github.com/acme/shop?ref=main",
        "git@github.com:acme/shop.git and ssh://git@github.com/acme/shop",
        "https://ada@example.com/, mailto:ada@example.com",
        "the cookie jar: full, the design=new, signature of a function, SG.1",
        "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "commit 0123456789abcdef0123456789abcdef01234567 of AKIA",
        "login with a password that you know",
        "npm_config_registry=http://localhost, hf_hub, ya29 is a word",
        "2026-11-26T19:00:00.123Z INFO [main] done in 0.35 s",
    ],
)
def test_more_ordinary_text_stays(said: str) -> None:
    assert Mask({})(said) == said
