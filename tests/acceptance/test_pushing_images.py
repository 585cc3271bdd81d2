"""A push to an image's repository makes a digest, and the digest moves who runs it; nobody wrote a pipeline."""

from __future__ import annotations

import os
import signal

import pytest

from odmd.model.targets import Target
from odmd.providers.aws import AwsImageCloud, Emulator
from support.images import PLAIN, needs_buildah
from support.soak import soak_only
from support.workbench import Workbench, without

pytestmark = needs_buildah

CONTRACTS = """
from odmd.model import *
from odmd.model.kinds import Image, Text

team, dev = Team("platform"), Stage("dev", Account("dev", "ACCOUNT"), "us-west-1")

class Images(ImageEnver, build=Build("tea-image", Repo("acme/tea", team), folder="image")):
    app: Produces[Image] = produced("serves tea")

class Service(CdkEnver, build=Build("tea", Repo("acme/service", team))):
    app: Consumes[Image]
    runs: Produces[Text] = produced("what it runs", external=True)

main = Branch("main")
images = Images(on=main, at=dev)
service = Service(on=main, at=dev, app=images.app)
acme = Organisation("acme", central=dev.account, envers=[images, service])
"""
SERVICE = {
    "": {
        "Parameters": {"OdmdInApp": {"Type": "String"}},
        "Resources": {
            "Runs": {
                "Type": "AWS::SSM::Parameter",
                "Properties": {"Name": "/tea/runs", "Type": "String", "Value": {"Ref": "OdmdInApp"}},
            }
        },
        "Outputs": {"OdmdOutRuns": {"Value": {"Fn::GetAtt": ["Runs", "Value"]}}},
    }
}


class Acme:
    """The organisation on disk."""

    def __init__(self, bench: Workbench, target: Target, emulator: Emulator) -> None:
        self.bench, self.target = bench, target
        self.text = CONTRACTS.replace("ACCOUNT", target.account)
        bench.write("contracts.py", self.text)
        self.cloud = AwsImageCloud(emulator.sessions())
        bench.commit("service", SERVICE)
        self.push({f"image/{name}": text for name, text in PLAIN.items()})

    def push(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            self.bench.write(f"repos/acme/tea/{name}", text)
        if not (self.bench.root / "repos/acme/tea/.git").exists():
            self.bench.git("tea", "init", "-q", "-b", "main")
        self.bench.git("tea", "add", "-A")
        self.bench.git("tea", "commit", "-q", "--allow-empty", "-m", "change")

    def applied(self, *words: str) -> str:
        done = self.bench.odmd("apply", "--yes", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def runs(self, enver: str) -> int:
        return len(self.bench.data("runs", enver))

    def current(self, product: str) -> str:
        values = [one["value"] for one in self.bench.data("values", product)]
        return next(one["text"] for one in values if one["status"] == "current")

    def stored(self) -> list[str]:
        ecr = self.cloud.ecr(self.target)
        return [one["imageDigest"] for one in ecr.describe_images(repositoryName="tea-image")["imageDetails"]]


@pytest.fixture
def acme(bench: Workbench, target: Target, emulator: Emulator) -> Acme:
    return Acme(bench, target, emulator)


def test_a_push_moves_who_runs_the_image_and_a_push_of_the_same_moves_nobody(acme: Acme) -> None:
    acme.applied()
    first = acme.current("tea-image@main/app")
    assert first.startswith(f"{acme.target.account}.dkr.ecr.us-west-1.amazonaws.com/tea-image@sha256:")
    assert acme.current("tea@main/runs") == first

    acme.push({"image/app": "coffee\n"})
    acme.applied()
    second = acme.current("tea-image@main/app")
    assert second != first
    assert acme.current("tea@main/runs") == second
    assert acme.stored() == [second.partition("@")[2]], "nobody runs with the first one"
    log = acme.bench.odmd("logs", "tea-image@main").stdout
    assert "pushes app to" in log
    assert "ministack-auth-token" not in log

    runs = acme.runs("tea-image@main"), acme.runs("tea@main")
    acme.push({"NOTES.md": "nothing of it is in the image\n"})
    acme.applied()
    assert (acme.runs("tea-image@main"), acme.runs("tea@main")) == runs

    acme.push({"image/Dockerfile": "# says nothing new\n" + PLAIN["Dockerfile"]})
    acme.applied()
    assert acme.current("tea-image@main/app") == second, "other source, the same image"
    assert (acme.runs("tea-image@main"), acme.runs("tea@main")) == (runs[0] + 1, runs[1])

    acme.push({"image/Dockerfile": "FROM scratch\nCOPY nothing /\n"})
    failed = acme.bench.apply()
    assert failed.returncode == 1
    assert "ODMD265" in failed.stdout + failed.stderr
    assert acme.current("tea@main/runs") == second


def test_doctor_says_what_builds_and_an_enver_that_leaves_takes_its_images_along(acme: Acme) -> None:
    acme.applied()
    doctor = acme.bench.odmd("doctor").stdout
    assert "image builder" in doctor
    assert "buildah" in doctor
    left = without(acme.text, "images", "service").replace("envers=[images]", "envers=[]")
    acme.bench.write("contracts.py", left)
    acme.applied()
    ecr = acme.cloud.ecr(acme.target)
    assert ecr.describe_repositories()["repositories"] == []


@soak_only
@pytest.mark.parametrize("until", ["builds app", "pushes app to", "has it"])
def test_killed_at_any_step_the_next_apply_finishes(acme: Acme, until: str) -> None:
    process = acme.bench.start("apply", "--yes")
    assert process.stdout
    seen = next((line for line in process.stdout if until in line), "")
    assert seen, "it ended before"
    os.kill(process.pid, signal.SIGKILL)
    process.stdout.close()
    process.wait()
    acme.applied()
    assert acme.current("tea@main/runs") == acme.current("tea-image@main/app")
    assert acme.stored() == [acme.current("tea-image@main/app").partition("@")[2]]
