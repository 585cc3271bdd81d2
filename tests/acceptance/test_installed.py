"""Builds whose source is a package at a version: planned, deployed, promoted, held and refused as any other."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from support.a_package import install
from support.workbench import Workbench

CONTRACTS = """
from odmd.model import *
from odmd.model.kinds import Text

team = Team("platform")
dev = Stage("dev", Account("dev", "111122223333"), "us-west-1")
prod = Stage("prod", Account("prod", "444455556666"), "us-west-1")

class Greeting(CommandEnver, build=Build("greeting", source=Installed("acme_greeting", team))):
    said: Produces[Text] = produced("what is said")

class Echo(CommandEnver, build=Build("echo", source=Installed("acme_greeting", team), folder="echo")):
    heard: Consumes[Text]

try_out = Greeting(on=AsInstalled(), at=dev, commands=("./greet",))
greeting = Greeting(on=Promoted(try_out, by=team), at=prod, commands=("./greet",))
echo = Echo(on=AsInstalled(slot="loud"), at=dev, heard=try_out.said, commands=("./echo",))
acme = Organisation("acme", central=dev.account, stages=[dev, prod], envers=[try_out, greeting, echo])
"""
GREET = """#!/bin/sh
printf '{"said": "WORDS"}' > "$ODMD_PRODUCTS"
"""


class Site:
    """A folder of packages that `odmd` finds."""

    def __init__(self, bench: Workbench) -> None:
        self.bench, self.folder = bench, bench.root / "site"

    def install(self, version: str, words: str) -> Path:
        folder = install(self.folder, "acme_greeting", version, {"greet": GREET.replace("WORDS", words)})
        (folder / "echo").mkdir(exist_ok=True)
        (folder / "echo" / "echo").write_text("#!/bin/sh\necho heard $ODMD_IN_HEARD\n")
        (folder / "echo" / "echo").chmod(0o755)
        return folder

    def odmd(self, *words: str) -> CompletedProcess[str]:
        return self.bench.troubled(f"import sys; sys.path.insert(0, {str(self.folder)!r})", *words)

    def said(self, enver: str) -> list[str]:
        return [one["value"]["text"] for one in self.bench.data("values", f"{enver}/said")]


@pytest.fixture
def site(bench: Workbench) -> Site:
    bench.write("contracts.py", CONTRACTS)
    return Site(bench)


def test_a_version_goes_the_way_of_a_commit(site: Site) -> None:
    refused = site.odmd("plan")
    assert "ODMD359" in refused.stdout + refused.stderr, refused.stdout + refused.stderr
    assert "there is no package acme_greeting here" in refused.stdout + refused.stderr

    site.install("1.4.2", "hello")
    done = site.odmd("apply", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert site.said("greeting@s..dev") == ["hello"]
    done = site.odmd("approve", "greeting@prod", "commit", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert site.said("greeting@s..prod") == ["hello"]

    folder = site.install("1.5.0", "good day")
    shown = site.odmd("plan").stdout
    assert "version 1.4.2 → 1.5.0" in shown, shown
    done = site.odmd("apply", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert site.said("greeting@s..dev") == ["hello", "good day"]
    assert site.said("greeting@s..prod") == ["hello"], "it waits for its team"

    found = json.loads(site.odmd("where", "1.5.0", "--json").stdout)
    stands = {one["enver"]: (one["whether"], one["count"]) for one in found["envers"]}
    assert stands["greeting/s..dev"] == ("runs it", 0)
    assert stands["greeting/s..prod"] == ("behind", 1)

    (folder / "greet").write_text(GREET.replace("WORDS", "bye"))
    assert "other files of version 1.5.0" in site.odmd("plan").stdout
    refused = site.odmd("approve", "greeting@prod", "commit", "--yes")
    assert "ODMD360" in refused.stdout + refused.stderr, refused.stdout + refused.stderr
    assert "the files of acme_greeting 1.5.0 are others here" in refused.stdout + refused.stderr
    assert site.said("greeting@s..prod") == ["hello"], "nothing moved"

    refused = site.odmd("clone", "create", "greeting@s..dev", "--on", "fix-1", "--yes")
    assert refused.returncode == 1
    assert "acme_greeting is a package, and has no branch fix-1" in refused.stdout + refused.stderr, (
        refused.stdout + refused.stderr
    )
