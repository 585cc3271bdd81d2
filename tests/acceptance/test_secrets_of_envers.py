"""Secrets from their binding to their rotation, on the emulator: who needs them has them, nobody else reads them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote

import boto3
import pytest

from odmd.model.targets import Target
from odmd.providers.aws import Emulator
from support.workbench import Workbench

CONTRACTS = """
from odmd.model import *
from odmd.model.kinds import Text

team, dev = Team("platform"), Stage("dev", Account("dev", "ACCOUNT"), "us-west-1")

class Till(CdkEnver, build=Build("till", Repo("acme/till", team))):
    db: NeededSecret = needed("password of the database", restarts=True)

class Menu(CommandEnver, build=Build("menu", Repo("acme/menu", team))):
    items: Produces[Text] = produced("what there is", external=True)
    supplier: NeededSecret = needed("token for the supplier", name="supplier-token")

class Plain(CommandEnver, build=Build("plain", Repo("acme/menu", team))):
    items: Produces[Text] = produced("what there is", external=True)

main = Branch("main")
till, menu = Till(on=main, at=dev), Menu(on=main, at=dev, commands=("sh menu.sh",))
plain = Plain(on=main, at=dev, commands=("sh plain.sh",))
acme = Organisation("acme", central=dev.account, envers=[till, menu, plain])
"""
TILL = {
    "Parameters": {name: {"Type": "String"} for name in ("OdmdSecretDb", "OdmdVersionOfDb", "OdmdFieldOfDb")},
    "Resources": {
        "Where": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Ref": "OdmdSecretDb"}}},
        "Which": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Ref": "OdmdVersionOfDb"}}},
    },
}
MENU = r"""
s="$ODMD_SECRET_SUPPLIER_TOKEN"
echo "plain $s"; printf %s "$s" | base64; printf '{"token": "%s"}\n' "$s" >&2
for part in "${s%????????}" "${s#????????????}"; do printf %s "$part"; sleep 0; done; echo
case "$s" in *good*) printf '{"items": "tea"}' > "$ODMD_PRODUCTS";; *) echo "bad $s"; exit 1;; esac
"""
GOOD, DB, NEXT_DB = "supplier/good+token=1", 'the "first" word of the db', 'the "second" word of the db'
TEXTS = (GOOD, DB, NEXT_DB)


def forms(text: str) -> Iterator[bytes]:
    yield from (text.encode(), json.dumps(text)[1:-1].encode(), quote(text).encode(), text.encode().hex().encode())
    yield base64.b64encode(text.encode())[:20]


def shown(content: bytes) -> list[bytes]:
    return [form for text in TEXTS for form in forms(text) if form in content]


class Shop:
    """The envers on disk, their secrets in the emulator."""

    def __init__(self, bench: Workbench, emulator: Emulator, target: Target) -> None:
        self.bench, self.target = bench, target
        bench.write("contracts.py", CONTRACTS.replace("ACCOUNT", target.account))
        bench.commit("till", {"": TILL})
        bench.commit("menu")
        self.write("menu.sh", MENU)
        self.write("plain.sh", """printf '{"items": "water"}' > "$ODMD_PRODUCTS" """)
        place = {"endpoint_url": emulator.endpoint, "region_name": target.region}
        rights = {"aws_access_key_id": target.account, "aws_secret_access_key": "emulator"}
        self.secrets = boto3.client("secretsmanager", **place, **rights)
        self.stacks = boto3.client("cloudformation", **place, **rights)

    def write(self, name: str, text: str) -> None:
        (self.bench.root / "repos" / "acme" / "menu" / name).write_text(text)
        self.bench.git("menu", "add", "-A")
        self.bench.git("menu", "commit", "-q", "--allow-empty", "-m", f"change {name}")

    def runs(self) -> list[tuple[str, str]]:
        return [(run["enver"], run["status"]) for run in self.bench.data("runs")][::-1]

    def parameters(self) -> dict[str, str]:
        (stack,) = self.stacks.describe_stacks(StackName="till--main")["Stacks"]
        return {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]}

    def everything(self) -> Iterator[tuple[str, bytes]]:
        """All that anybody can read afterwards."""
        self.bench.odmd("backup", "copy.db")
        for words in (
            *(
                ("status",),
                ("values",),
                ("runs",),
                ("runs", "1"),
                ("why", "menu@main"),
                ("why", "till@main"),
                ("plan",),
            ),
            *(("secret", "list"), ("secret", "check")),
            *(("logs", str(number)) for number in range(1, len(self.runs()) + 1)),
        ):
            for more in ((), ("--json",)):
                said = self.bench.odmd(*words, *more)
                yield " ".join((*words, *more)), (said.stdout + said.stderr).encode()
        for file in self.bench.root.rglob("*"):
            if file.is_file() and "repos" not in file.parts:
                yield str(file), file.read_bytes()
        events = self.stacks.describe_stack_events(StackName="till--main")["StackEvents"]
        template = self.stacks.get_template(StackName="till--main")["TemplateBody"]
        yield "the stack", json.dumps([events, template, self.parameters()], default=str).encode()


@pytest.fixture
def shop(bench: Workbench, emulator: Emulator, target: Target) -> Shop:
    return Shop(bench, emulator, target)


def test_secrets_are_bound_handed_over_rotated_and_lost_and_their_texts_are_nowhere(shop: Shop) -> None:
    bench = shop.bench

    # bound nowhere: said with the commands that bind them, and others go on
    plan = bench.odmd("plan")
    assert "odmd secret bind till@main db REFERENCE" in plan.stdout
    assert "odmd secret bind menu@main supplier-token REFERENCE" in plan.stdout
    said = [plan, bench.odmd("apply", "--yes")]
    assert shop.runs() == [("plain/b..main", "succeeded")]

    # bound: a command has the text, a stack is told where
    arn = shop.secrets.create_secret(Name="acme/db", SecretString=json.dumps({"password": DB}))["ARN"]
    shop.secrets.create_secret(Name="acme/supplier", SecretString=GOOD)
    said += [
        bench.odmd("secret", "bind", "till@main", "db", "secretsmanager:acme/db#password", "-m", "it is new"),
        bench.odmd("secret", "bind", "--stage", "dev", "supplier-token", "secretsmanager:acme/supplier"),
        bench.odmd("apply", "--yes"),
    ]
    assert all(one.returncode == 0 for one in said[2:]), [one.stdout + one.stderr for one in said[2:]]
    assert set(shop.runs()[1:]) == {("till/b..main", "succeeded"), ("menu/b..main", "succeeded")}
    first = shop.parameters()
    assert (first["OdmdSecretDb"], first["OdmdFieldOfDb"]) == (arn, "password")
    assert bench.odmd("plan").stdout.startswith("✓ nothing to do")

    # rotated: exactly who restarts is planned, without source
    shop.secrets.put_secret_value(SecretId="acme/db", SecretString=json.dumps({"password": NEXT_DB}))
    shop.secrets.put_secret_value(SecretId="acme/supplier", SecretString=GOOD)
    seen = bench.data("secret", "rotate-seen")
    steps = [step for stage in seen["plan"]["stages"] for step in stage["steps"]]
    assert [(step["enver"], step["action"]) for step in steps] == [("till/b..main", "values only")]
    said += [bench.odmd("secret", "rotate-seen"), bench.odmd("apply", seen["digest"], "--yes")]
    assert "secret db changed" in said[-2].stdout
    assert shop.runs()[3:] == [("till/b..main", "succeeded")]
    assert shop.parameters()["OdmdVersionOfDb"] not in ("", first["OdmdVersionOfDb"])

    # gone since the plan: the run fails before it begins, and what runs stays
    shop.write("menu.sh", MENU + "# again\n")
    plan = bench.data("plan")
    shop.secrets.delete_secret(SecretId="acme/supplier")
    said.append(bench.odmd("apply", plan["digest"], "--yes"))
    assert set(shop.runs()[4:]) == {("menu/b..main", "failed"), ("plain/b..main", "succeeded")}
    assert "ODMD286" in said[-1].stdout + said[-1].stderr
    assert bench.odmd("secret", "check", "menu@main").returncode == 1

    for one in said:
        assert not shown((one.stdout + one.stderr).encode()), one.args
    for what, content in shop.everything():
        assert not shown(content), what
    assert "plain ***" in bench.odmd("logs", "3").stdout + bench.odmd("logs", "2").stdout
