"""What an app prints of its worker's secrets, in whatever form and however cut, is nowhere to be read afterwards."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from support.workbench import APP, Workbench

KEY = """-----BEGIN RSA PRIVATE KEY-----
MIIEpAIBAAKCAQEAsecretsecret01
q9sK7secretsecretsecret02xyz==
-----END RSA PRIVATE KEY-----"""
SECRETS = {"NPM_TOKEN": "npm-s3cr3t/of+the=worker", "DEPLOY_PASSWORD": 'pa"ss\\word of the worker', "DEPLOY_KEY": KEY}
PRINTS = """
import base64, json, sys, time
secrets = [one[::-1] for one in json.loads(base64.b64decode(BLOB))]  # so that they do not stand in the source
def chunked(text, size):
    for at in range(0, len(text), size):
        sys.stdout.write(text[at:at + size]); sys.stdout.flush()
    print()
for number, secret in enumerate(secrets):
    print("plain", secret)
    print("json", json.dumps({"value": secret, "twice": json.dumps(secret)}))
    print("base64", base64.b64encode(secret.encode()).decode())
    chunked("in pieces " + secret, 3 + number)
    print("in one long line", "x" * 65_500 + secret + "y" * 100)
    sys.stderr.write("to the other stream " + secret + "\\n"); sys.stderr.flush()
"""
FAILS = "raise SystemExit('the app gives up: ' + secrets[0] + ' and ' + secrets[1])\n"


def forms(secret: str) -> Iterator[bytes]:
    """What must be nowhere: the secret, each of its lines that is long enough, and how others write it."""
    lines = [line for line in secret.splitlines() if len(line) > 12 and not line.startswith("-----")]
    for text in {secret, *lines}:
        yield from (text.encode(), json.dumps(text)[1:-1].encode(), quote(text).encode())
    encoded = base64.b64encode(secret.encode())
    yield from (encoded, encoded[:24])


def found_in(content: bytes) -> list[bytes]:
    return [form for secret in SECRETS.values() for form in forms(secret) if form in content]


def app(end: str) -> str:
    blob = base64.b64encode(json.dumps([one[::-1] for one in SECRETS.values()]).encode()).decode()
    return f"BLOB = {blob!r}\n{PRINTS}{end}"


def test_it_is_in_no_file_and_in_no_answer(bench: Workbench) -> None:
    bench.commit("foundation", app=app(APP))
    bench.commit("reader", app=app(FAILS))

    said = [bench.odmd("apply", "--yes", **SECRETS)]
    said += [bench.odmd(*words, **SECRETS) for words in (("status",), ("why", "reader@main"), ("logs", "1"), ("runs",))]
    said += [bench.odmd("logs", "2", "--json", **SECRETS)]

    assert "plain ***" in said[3].stdout
    for one in said:
        assert not found_in((one.stdout + one.stderr).encode()), one.args
    for file in Path(bench.root / ".odmd").rglob("*"):
        if file.is_file():
            assert not found_in(file.read_bytes()), file
