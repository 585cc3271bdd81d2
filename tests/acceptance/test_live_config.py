"""Config that a service reads live, on the emulator: a plan shows it, its run writes it, with its enver it goes."""

from __future__ import annotations

import boto3
import pytest

from odmd.model.targets import Target
from odmd.providers.aws import Emulator
from support.workbench import Workbench, without

CONTRACTS = """
from dataclasses import dataclass
from odmd.model import *
from odmd.model.kinds import Text

team, dev = Team("platform"), Stage("dev", Account("dev", "ACCOUNT"), "us-west-1")

@dataclass
class Flags:
    beta: bool = False
    note: str = ""

class Menu(CommandEnver, build=Build("menu", Repo("acme/menu", team))):
    items: Produces[Text] = produced("what there is", external=True)
    flags: Config[Flags] = configured("what is open to whom", read="live")

class Other(CommandEnver, build=Build("other", Repo("acme/menu", team))):
    items: Produces[Text] = produced("what there is", external=True)

main = Branch("main")
menu = Menu(on=main, at=dev, commands=("sh menu.sh",))
other = Other(on=main, at=dev, commands=("sh menu.sh",))
acme = Organisation("acme", central=dev.account, envers=[menu, other])
"""
PATH = "/odmd-menu/b..main/config/flags"


class Shop:
    def __init__(self, bench: Workbench, emulator: Emulator, target: Target) -> None:
        self.bench, self.target = bench, target
        bench.write("contracts.py", CONTRACTS.replace("ACCOUNT", target.account))
        bench.write("repos/acme/menu/menu.sh", """printf '{"items": "tea"}' > "$ODMD_PRODUCTS" """)
        bench.git("menu", "init", "-q", "-b", "main")
        bench.git("menu", "add", "-A")
        bench.git("menu", "commit", "-q", "-m", "first")
        rights = {"aws_access_key_id": target.account, "aws_secret_access_key": "emulator"}
        self.ssm = boto3.client("ssm", endpoint_url=emulator.endpoint, region_name=target.region, **rights)

    def stands(self) -> str | None:
        found = self.ssm.get_parameters(Names=[PATH])["Parameters"]
        return found[0]["Value"] if found else None

    def applied(self, *words: str) -> str:
        done = self.bench.odmd("apply", "--yes", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def shop(bench: Workbench, emulator: Emulator, target: Target) -> Shop:
    return Shop(bench, emulator, target)


def test_it_is_written_without_a_deployment_by_the_plan_that_shows_it_and_goes_with_its_enver(shop: Shop) -> None:
    bench = shop.bench
    shop.applied()
    assert shop.stands() == '{"beta":false,"note":""}'

    edited = bench.odmd("config", "set", "menu@main", "flags.beta=true", "flags.note={{ssm:x}}", "-m", "a trial")
    assert edited.returncode == 0, edited.stderr
    shown = bench.odmd("plan").stdout
    assert "live config menu@main" in shown
    assert "config flags: beta (from menu@main): false → true" in shown
    assert shop.stands() == '{"beta":false,"note":""}', "nothing happens without a plan that is applied"

    said = shop.applied()
    assert f"config flags: written to {PATH}" in said
    assert shop.stands() == '{"beta":true,"note":"{\\u007bssm:x}}"}'
    (run, *_) = bench.data("runs")
    assert (run["enver"], run["mode"], run["status"]) == ("menu/b..main", "live config", "succeeded")
    assert "config flags changed" in bench.odmd("why", "menu@main").stdout

    bench.write("contracts.py", without((bench.root / "contracts.py").read_text(), "menu").replace("[menu, ", "["))
    assert "goes: 1 config: flags" in bench.odmd("plan").stdout
    bench.odmd("apply", "--yes")
    assert shop.stands() is not None, "people are asked about the rest first"
    approved = bench.odmd("approve", "menu@main", "data")
    assert approved.returncode == 0, approved.stdout + approved.stderr
    assert shop.stands() is None
