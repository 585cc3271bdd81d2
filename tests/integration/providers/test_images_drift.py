"""Somebody takes an image, its tag or its repository away: that is named, and a run puts it back."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from odmd.control.running.observing import LastDeployed
from odmd.control.scheduler.units import DeployedUnit
from odmd.model.targets import Target
from odmd.providers.aws import AwsImageCloud, Emulator
from odmd.providers.images.drift import ImageObserver
from support.images import PLAIN, Kitchen, enver, finished, needs_buildah

pytestmark = needs_buildah
REGION = "us-west-1"
REPOSITORY = {"repositoryName": "tea-image"}
_accounts = itertools.count(230000000001)


@pytest.fixture
def kitchen(tmp_path: Path, emulator: Emulator) -> Kitchen:
    """One whose image was built and pushed."""
    made = Kitchen(tmp_path, AwsImageCloud(emulator.sessions()), enver(str(next(_accounts)))).commits(PLAIN)
    made.run()
    return made


def deviations(kitchen: Kitchen) -> list[tuple[str, str, str]]:
    target = Target(kitchen.enver.account, REGION)
    unit = DeployedUnit("repository tea-image", target, "repository")
    deployed = LastDeployed(kitchen.enver, target, kitchen.kept or b"", {}, {}, kitchen.commit, (unit,), b"salt")
    found = ImageObserver(kitchen.cloud).observe(deployed, resources=False)
    return [(one.sort, one.what, one.found) for one in found.deviations]


def test_what_is_not_as_it_was_pushed_is_named_and_put_back(kitchen: Kitchen) -> None:
    ecr = kitchen.cloud.ecr(Target(kitchen.enver.account, REGION))
    assert deviations(kitchen) == []

    ecr.put_image_tag_mutability(**REPOSITORY, imageTagMutability="MUTABLE")
    assert deviations(kitchen) == [("image", "tags", "may be moved")]
    (stored,) = ecr.describe_images(**REPOSITORY)["imageDetails"]
    ecr.batch_delete_image(**REPOSITORY, imageIds=[{"imageDigest": stored["imageDigest"]}])
    assert deviations(kitchen) == [("image", "tags", "may be moved"), ("image", "app", "is not there any more")]

    finished(kitchen.prepared(replace(kitchen.job(), drifted=True)))
    assert deviations(kitchen) == []

    ecr.delete_repository(**REPOSITORY, force=True)
    assert deviations(kitchen) == [("gone", "repository", "is not there any more")]
    finished(kitchen.prepared(replace(kitchen.job(), drifted=True)))
    assert deviations(kitchen) == []
